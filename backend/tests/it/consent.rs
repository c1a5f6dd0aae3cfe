//! The backend holds what the shopper decided, and holds events to it.

use patron_core::consent::ConsentStatus::{Denied, Granted, Withdrawn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, batch, count, event, verdicts};
use crate::shopper::Shopper;

#[test]
fn a_decision_is_stored_once_and_the_highest_epoch_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let decisions = [shopper.decides("engagement", Granted), shopper.decides("beacons", Denied)];
    for _ in 0..3 {
        assert_eq!(shopper.tells(&backend, &decisions)["epoch"], 2);
    }
    assert_eq!(shopper.tells(&backend, &decisions[..1])["epoch"], 2, "an old report does not lower what is held");
    assert_eq!(Shopper::new().tells(&backend, &[]), json!({ "epoch": 0 }));
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 2);
}

#[test]
fn an_event_is_taken_only_under_the_consent_of_its_epoch() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let me = shopper.installation;
    let send = |purpose: &str, epoch: u64| {
        verdicts(&backend.post("/v1/events", &batch(me, &[event(me, purpose, epoch)]))).remove(0)
    };
    assert_eq!(send("engagement", 0), "drop:not_permitted");
    assert_eq!(send("engagement", 1), "retry:consent_not_held", "its decision may be on the way");
    let story = [
        shopper.decides("engagement", Granted),
        shopper.decides("beacons", Denied),
        shopper.decides("engagement", Withdrawn),
        shopper.decides("engagement", Granted),
    ];
    shopper.tells(&backend, &story[..3]);
    assert_eq!(send("engagement", 0), "drop:not_permitted", "before the yes");
    assert_eq!(send("engagement", 1), "ok");
    assert_eq!(send("engagement", 2), "ok", "the yes of epoch 1 stood");
    assert_eq!(send("engagement", 3), "drop:not_permitted", "after the no");
    assert_eq!(send("engagement", 4), "retry:consent_not_held");
    assert_eq!(send("precise_location", 1), "drop:not_permitted", "another purpose");
    shopper.tells(&backend, &story);
    assert_eq!(send("engagement", 4), "ok", "a yes that knows of the no");
    assert_eq!(send("engagement", 3), "drop:not_permitted", "what fell between them stays out");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 3);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'dropped'"), 5);
}

#[test]
fn a_no_from_another_device_stands_from_the_epoch_at_which_it_was_heard() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    let me = phone.installation;
    let send =
        |epoch: u64| verdicts(&backend.post("/v1/events", &batch(me, &[event(me, "engagement", epoch)]))).remove(0);
    let no = tablet.decides("engagement", Denied);
    tablet.tells(&backend, std::slice::from_ref(&no));
    let yes = phone.decides("engagement", Granted);
    let heard = phone.hears(&no);
    phone.tells(&backend, &[yes, heard]);
    assert_eq!(send(1), "ok", "nobody here knew of it");
    assert_eq!(send(2), "drop:not_permitted", "of two that did not know of each other the no stands");
    let again = phone.decides("engagement", Granted);
    phone.tells(&backend, &[again]);
    assert_eq!(send(3), "ok", "the yes knows of the no");
    assert_eq!(send(2), "drop:not_permitted");
}

#[test]
fn a_yes_from_another_device_that_knows_of_the_no_stands_here_too() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (Shopper::new(), Shopper::new());
    let me = phone.installation;
    let no = phone.decides("engagement", Denied);
    phone.tells(&backend, std::slice::from_ref(&no));
    let heard = tablet.hears(&no);
    let yes = tablet.decides("engagement", Granted);
    tablet.tells(&backend, &[heard, yes.clone()]);
    let heard = phone.hears(&yes);
    phone.tells(&backend, &[heard]);
    let sent = [event(me, "engagement", 1), event(me, "engagement", 2)];
    assert_eq!(verdicts(&backend.post("/v1/events", &batch(me, &sent))), ["drop:not_permitted", "ok"]);
}

#[test]
fn one_shoppers_yes_is_not_anothers() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (me, mut other) = (Uuid::now_v7(), Shopper::new());
    let you = other.installation;
    backend.grant(me, "engagement", 1);
    let no = other.decides("engagement", Denied);
    other.tells(&backend, &[no]);
    let mine = backend.post("/v1/events", &batch(me, &[event(me, "engagement", 1), event(you, "engagement", 1)]));
    assert_eq!(verdicts(&mine), ["ok", "drop:bad_source"]);
    let yours = backend.post("/v1/events", &batch(you, &[event(you, "engagement", 1)]));
    assert_eq!(verdicts(&yours), ["drop:not_permitted"]);
}

#[test]
fn sharing_with_one_partner_is_not_sharing_with_the_next() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "partner_sharing/lumi", 1);
    let shared_with = |partner: Option<&str>| {
        let mut event = event(me, "partner_sharing", 1);
        if let Some(partner) = partner {
            event["partner"] = partner.into();
        }
        verdicts(&backend.post("/v1/events", &batch(me, &[event]))).remove(0)
    };
    assert_eq!(shared_with(Some("lumi")), "ok");
    assert_eq!(shared_with(Some("nord")), "drop:not_permitted");
    assert_eq!(shared_with(None), "drop:not_permitted");
}

/// An entry with `field` changed, signed anew by the same key.
fn forged(shopper: &Shopper, sent: &Value, field: &str, value: Value) -> Value {
    let mut entry: Value = serde_json::from_str(sent["entry"].as_str().unwrap()).unwrap();
    entry[field] = value;
    let text = entry.to_string();
    json!({ "epoch": sent["epoch"], "entry": text, "signature": shopper.signer.sign(text.as_bytes()) })
}

#[test]
fn an_id_that_stands_for_another_decision_is_a_conflict_and_stores_nothing() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let first = shopper.decides("engagement", Denied);
    shopper.tells(&backend, std::slice::from_ref(&first));
    let both = [shopper.decides("beacons", Granted), forged(&shopper, &first, "status", "granted".into())];
    let detail = backend.post("/v1/consent", &shopper.report(&both)).problem(409, "conflict");
    assert!(detail.starts_with("decisions[1].entry.id: "), "{detail}");
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision WHERE status = 'granted'"), 0);
}

#[test]
fn a_decision_that_makes_no_sense_is_refused_with_its_place() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let good = shopper.decides("engagement", Granted);
    let plain = shopper.decides("engagement", Granted);
    let refuses = |bad: Value, says: &str| {
        let report = shopper.report(&[good.clone(), bad]);
        let detail = backend.post("/v1/consent", &report).problem(400, "malformed");
        assert!(detail.starts_with(says), "{says}: {detail}");
    };
    for (field, value, says) in [
        ("status", json!("maybe"), "decisions[1].entry: unknown variant `maybe`"),
        ("status", json!("not_asked"), "decisions[1].entry.status: is not granted"),
        ("status", json!("expired"), "decisions[1].entry.status: is not granted"),
        ("partner", json!("lumi"), "decisions[1].entry.partner: goes with partner_sharing"),
        ("decided_at", json!("yesterday"), "decisions[1].entry.decided_at: is not a time"),
        ("expires_at", json!("never"), "decisions[1].entry.expires_at: is not a time"),
        ("version", json!(2), "decisions[1].entry.version: is not 1"),
        ("purpose", json!("everything"), "decisions[1].entry: unknown variant `everything`"),
        ("prev", json!("00"), "decisions[1].entry: not 64 hexadecimal digits"),
        ("id", json!(7), "decisions[1].entry: invalid type"),
        ("surface", json!("x".repeat(20_000)), "decisions[1].entry: is longer than"),
    ] {
        refuses(forged(&shopper, &plain, field, value), says);
    }
    for (field, value, says) in [
        ("epoch", json!(0), "decisions[1].epoch: is not within"),
        ("epoch", json!(u64::MAX), "decisions[1].epoch: is not within"),
        ("epoch", json!(-1), "body: invalid value"),
        ("entry", json!("{"), "decisions[1].entry: EOF"),
        ("signature", json!("ab"), "decisions[1].signature: is not 128"),
        ("signature", good["signature"].clone(), "decisions[1].signature: is not of this entry"),
    ] {
        let mut bad = plain.clone();
        bad[field] = value;
        refuses(bad, says);
    }
    let mut report = shopper.report(&[]);
    report["pseudonyms"] = json!({ "": Uuid::now_v7() });
    assert!(backend.post("/v1/consent", &report).problem(400, "malformed").starts_with("pseudonyms: "));
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 0);
}
