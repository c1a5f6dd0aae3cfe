//! How many an offer reached, from what is stored, and never how few.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, batch, event, verdicts};
use crate::client::Response;
use crate::publishing::{send, start};

fn ask(backend: &Backend, query: &str) -> Response {
    send(backend, "GET", &format!("/v1/admin/reach?{query}"), &[], b"")
}

fn reach(backend: &Backend, offer: &str) -> Value {
    let reply = ask(backend, &format!("offer={offer}&since=2020-01-01T00:00:00Z"));
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

/// A shopper who did each of `what` with `offer`, twice.
fn shopper(backend: &Backend, offer: &str, what: &[&str]) {
    let installation = Uuid::now_v7();
    backend.grant(installation, "engagement", 1);
    let events: Vec<Value> = what
        .iter()
        .chain(what)
        .map(|what| {
            let mut event = event(installation, "engagement", 1);
            event["type"] = format!("dev.patron.offer.{what}").into();
            event["data"] = json!({ "offer": offer });
            event
        })
        .collect();
    assert!(verdicts(&backend.post("/v1/events", &batch(installation, &events))).iter().all(|verdict| verdict == "ok"));
}

#[test]
fn each_installation_counts_once_and_few_are_fewer_than_twenty() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    assert_eq!(reach(&backend, "cup")["impressions"], "fewer than 20", "nobody is told as few are");
    for n in 0..23 {
        shopper(&backend, "cup", if n < 19 { &["impression", "clicked", "shared"] } else { &["impression"] });
    }
    shopper(&backend, "cups", &["redeemed"]);
    let said = reach(&backend, "cup");
    assert_eq!((&said["impressions"], &said["clicks"]), (&json!(20), &json!("fewer than 20")), "{said}");
    let few = json!("fewer than 20");
    assert_eq!((&said["saves"], &said["redemptions"], &said["whole"]), (&few, &few, &json!(true)));
    assert_eq!(reach(&backend, "cups")["redemptions"], "fewer than 20");
}

#[test]
fn it_is_counted_by_whole_days_and_within_the_tenant() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    (0..20).for_each(|_| shopper(&backend, "cup", &["saved"]));
    let said = ask(&backend, "offer=cup&since=2026-11-22T14:31:59%2B02:00").json();
    assert_eq!(said["since"], "2026-11-22T00:00:00.000Z");
    assert_eq!(ask(&backend, "offer=cup&since=2999-01-01T00:00:00Z").json()["saves"], "fewer than 20");
    backend.kill();
    let other = ["--key", "pk_acme", "--publisher-key", "ak_acme_0123456789abcdef"];
    let backend = Backend::start_with(data.path(), &other);
    let bearer = [("authorization", "Bearer ak_acme_0123456789abcdef")];
    let acme = backend.get("/v1/admin/reach?offer=cup&since=2020-01-01T00:00:00Z", &bearer);
    assert_eq!((acme.status, &acme.json()["saves"]), (200, &json!("fewer than 20")));
    assert_eq!(reach(&backend, "cup")["saves"], 20);
}

#[test]
fn what_was_erased_is_not_counted() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    let mut leaving = crate::shopper::Shopper::new();
    leaving.grants(&backend, "engagement");
    (0..19).for_each(|_| shopper(&backend, "lumi-cup", &["saved"]));
    let saved = event(leaving.installation, "engagement", 1);
    assert_eq!(verdicts(&backend.post("/v1/events", &batch(leaving.installation, &[saved]))), ["ok"]);
    assert_eq!(reach(&backend, "lumi-cup")["saves"], 20);
    let erase = leaving.asks("erase", json!({}));
    crate::shopper::ask(&backend, &[&erase]);
    assert_eq!(reach(&backend, "lumi-cup")["saves"], "fewer than 20");
}

#[test]
fn what_is_missing_is_said() {
    let data = tempfile::tempdir().unwrap();
    let backend = start(data.path());
    for query in ["", "offer=cup", "since=2026-01-01T00:00:00Z", "offer=cup&since=monday"] {
        ask(&backend, query).problem(400, "malformed");
    }
}
