//! A shopper with several devices: what one of them hears of the others.

use patron_core::consent::ConsentStatus::{Denied, Granted, Withdrawn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, count};
use crate::shopper::Shopper;

/// What is told of other devices.
fn others(ack: &Value) -> Vec<Value> {
    ack.get("others").and_then(Value::as_array).cloned().unwrap_or_default()
}

#[test]
fn an_identity_is_kept_without_its_token_and_every_device_of_an_account_has_its_secret() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet, mut stranger) = (Shopper::new(), Shopper::new(), Shopper::new());
    let link =
        json!({ "installation": phone.installation, "alias": Uuid::now_v7(), "token": "a-token-nobody-may-read" });
    let first = backend.post("/v1/identity", &link).json();
    assert_eq!(first["secret"].as_str().unwrap().len(), 64);
    assert_eq!(backend.post("/v1/identity", &link).json(), first);
    assert_eq!(count(data.path(), "SELECT count(*) FROM identity"), 1);
    assert_eq!(tablet.links(&backend, "a-token-nobody-may-read").json(), first);
    assert_ne!(stranger.links(&backend, "another").json(), first);
    let renewed = |token: &str| {
        let mut link = link.clone();
        link["token"] = token.into();
        backend.post("/v1/identity", &link).json()
    };
    assert_eq!(renewed("a-renewed-token"), first, "the same alias is the same shopper");
    assert_eq!(phone.links(&backend, "a-renewed-token").json(), first);
    assert_eq!(Shopper::new().links(&backend, "a-token-nobody-may-read").json(), first, "an earlier token serves");
    backend.terminate();
    assert!(backend.wait().success());
    let bytes = std::fs::read(data.path().join("backend.db")).unwrap();
    assert!(!bytes.windows(23).any(|w| w == b"a-token-nobody-may-read"));
    assert!(!bytes.windows(7).any(|w| w == b"pk_demo"), "keys are kept as hashes");
}

#[test]
fn devices_of_one_account_hear_of_each_other_and_of_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet, mut stranger) = (Shopper::new(), Shopper::new(), Shopper::new());
    phone.links(&backend, "me");
    tablet.links(&backend, "me");
    stranger.links(&backend, "someone else");
    let story = [phone.decides("engagement", Granted), phone.decides("engagement", Withdrawn)];
    phone.tells(&backend, &story);
    assert_eq!(others(&stranger.tells(&backend, &[])), [json!(null); 0]);
    let told = others(&tablet.tells(&backend, &[]));
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["entry"], &told[0]["signature"]), (&story[0]["entry"], &story[0]["signature"]));
    assert_eq!(others(&phone.tells(&backend, &story)), [json!(null); 0], "its own are no news");
    let heard: Vec<Value> = told.iter().map(|entry| tablet.hears(entry)).collect();
    assert_eq!(others(&tablet.tells(&backend, &heard)), [json!(null); 0], "what it has reported it knows");
    assert_eq!(others(&phone.tells(&backend, &[])), [json!(null); 0], "nor do its own come back to it");
}

#[test]
fn what_was_allowed_before_signing_in_is_carried_nowhere_and_a_refusal_everywhere() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    let anonymous = [phone.decides("engagement", Granted), phone.decides("beacons", Denied)];
    phone.tells(&backend, &anonymous);
    phone.links(&backend, "me");
    let signed_in = phone.decides("dialogue", Granted);
    phone.tells(&backend, std::slice::from_ref(&signed_in));
    tablet.links(&backend, "me");
    let told = others(&tablet.tells(&backend, &[]));
    let entries: Vec<&Value> = told.iter().map(|other| &other["entry"]).collect();
    assert_eq!(entries, [&anonymous[1]["entry"], &signed_in["entry"]]);
}

#[test]
fn more_than_fits_into_one_answer_comes_in_the_next_oldest_first() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    phone.links(&backend, "me");
    tablet.links(&backend, "me");
    let many: Vec<Value> = (0..510)
        .map(|n| phone.decides(&format!("partner_sharing/p{n}"), if n % 2 == 0 { Granted } else { Denied }))
        .collect();
    for some in many.chunks(200) {
        phone.tells(&backend, some);
    }
    let first = others(&tablet.tells(&backend, &[]));
    assert_eq!((first.len(), &first[0]["entry"]), (500, &many[0]["entry"]));
    let heard: Vec<Value> = first.iter().map(|entry| tablet.hears(entry)).collect();
    for some in heard[..400].chunks(200) {
        tablet.tells(&backend, some);
    }
    let rest = others(&tablet.tells(&backend, &heard[400..]));
    assert_eq!((rest.len(), &rest[9]["entry"]), (10, &many[509]["entry"]));
}

#[test]
fn a_device_that_lost_its_file_hears_everything_anew_and_is_believed_under_its_new_epochs() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    let told = [phone.decides("engagement", Denied), phone.decides("beacons", Denied)];
    phone.tells(&backend, &told);
    let heard: Vec<Value> = told.iter().map(|entry| tablet.hears(entry)).collect();
    tablet.tells(&backend, &heard);
    let mut again = heard.clone();
    (again[0]["epoch"], again[1]["epoch"]) = (json!(5), json!(4));
    assert_eq!(tablet.tells(&backend, &again)["epoch"], 5);
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 4);
}
