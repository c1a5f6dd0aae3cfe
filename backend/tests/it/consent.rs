//! The backend holds what the shopper decided, and holds events to it.

use serde_json::json;
use uuid::Uuid;

use crate::backend::{Backend, batch, count, decision, event, report, verdicts};

#[test]
fn a_decision_is_stored_once_and_the_highest_epoch_is_answered() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let installation = Uuid::now_v7();
    let decisions = [decision("engagement", "granted", 1), decision("beacons", "denied", 2)];
    for _ in 0..3 {
        let ack = backend.post("/v1/consent", &report(installation, &decisions));
        assert_eq!((ack.status, ack.json()), (200, json!({ "epoch": 2 })));
    }
    let late = backend.post("/v1/consent", &report(installation, &decisions[..1]));
    assert_eq!(late.json(), json!({ "epoch": 2 }), "an old report does not lower what is held");
    assert_eq!(backend.post("/v1/consent", &report(Uuid::now_v7(), &[])).json(), json!({ "epoch": 0 }));
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 2);
}

#[test]
fn an_event_is_taken_only_under_the_consent_of_its_epoch() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    let send = |purpose: &str, epoch: u64| {
        verdicts(&backend.post("/v1/events", &batch(me, &[event(me, purpose, epoch)]))).remove(0)
    };
    assert_eq!(send("engagement", 0), "drop:not_permitted");
    assert_eq!(send("engagement", 1), "retry:consent_not_held", "its decision may be on the way");
    backend.grant(me, "engagement", 1);
    backend.post("/v1/consent", &report(me, &[decision("engagement", "withdrawn", 3)]));
    assert_eq!(send("engagement", 0), "drop:not_permitted", "before the yes");
    assert_eq!(send("engagement", 1), "ok");
    assert_eq!(send("engagement", 2), "ok", "the yes of epoch 1 stood");
    assert_eq!(send("engagement", 3), "drop:not_permitted", "after the no");
    assert_eq!(send("engagement", 4), "retry:consent_not_held");
    assert_eq!(send("precise_location", 1), "drop:not_permitted", "another purpose");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 2);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'dropped'"), 4);
}

#[test]
fn one_shoppers_yes_is_not_anothers() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (me, you) = (Uuid::now_v7(), Uuid::now_v7());
    backend.grant(me, "engagement", 1);
    backend.post("/v1/consent", &report(you, &[decision("engagement", "denied", 1)]));
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
    let mut yes = decision("partner_sharing", "granted", 1);
    yes["partner"] = "lumi".into();
    assert_eq!(backend.post("/v1/consent", &report(me, &[yes])).status, 200);
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

#[test]
fn an_id_that_stands_for_another_decision_is_a_conflict_and_stores_nothing() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    let first = decision("engagement", "denied", 1);
    backend.post("/v1/consent", &report(me, std::slice::from_ref(&first)));
    let mut other = first.clone();
    other["status"] = "granted".into();
    let both = [decision("beacons", "granted", 2), other];
    let detail = backend.post("/v1/consent", &report(me, &both)).problem(409, "conflict");
    assert!(detail.starts_with("decisions[1].id: "), "{detail}");
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision WHERE status = 'granted'"), 0);
}

#[test]
fn a_decision_that_makes_no_sense_is_refused_with_its_place() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    for (field, value, says) in [
        ("status", json!("maybe"), "decisions[1].status: is not granted"),
        ("status", json!("not_asked"), "decisions[1].status: is not granted"),
        ("partner", json!("lumi"), "decisions[1].partner: goes with partner_sharing"),
        ("decided_at", json!("yesterday"), "decisions[1].decided_at: is not a time"),
        ("epoch", json!(0), "decisions[1].epoch: is not within"),
        ("epoch", json!(u64::MAX), "decisions[1].epoch: is not within"),
        ("epoch", json!(-1), "body: invalid value"),
        ("purpose", json!("everything"), "body: unknown variant `everything`"),
        ("id", json!(7), "body: invalid type"),
    ] {
        let mut bad = decision("engagement", "granted", 2);
        bad[field] = value;
        let report = report(Uuid::now_v7(), &[decision("engagement", "granted", 1), bad]);
        let detail = backend.post("/v1/consent", &report).problem(400, "malformed");
        assert!(detail.starts_with(says), "{field}: {detail}");
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM decision"), 0);
}

#[test]
fn an_identity_is_kept_without_its_token() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let link = json!({ "installation": Uuid::now_v7(), "alias": Uuid::now_v7(), "token": "a-token-nobody-may-read" });
    for _ in 0..2 {
        let response = backend.post("/v1/identity", &link);
        assert_eq!((response.status, response.body.len()), (204, 0));
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM identity"), 1);
    backend.terminate();
    assert!(backend.wait().success());
    let bytes = std::fs::read(data.path().join("backend.db")).unwrap();
    assert!(!bytes.windows(23).any(|w| w == b"a-token-nobody-may-read"));
    assert!(!bytes.windows(7).any(|w| w == b"pk_demo"), "keys are kept as hashes");
}
