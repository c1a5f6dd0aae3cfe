//! The right to see and to leave: asked by the shopper's device alone, done for good, and known ever after.

use std::path::Path;

use patron_core::consent::ConsentStatus::{Granted, Withdrawn};
use patron_core::consent::Signer;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, ask as asked, batch, count, event, verdicts};
use crate::shopper::{Shopper, ask};

/// A word that nobody else would write.
const CANARY: &str = "canary-9f86d081";

fn event_of(shopper: &Shopper, purpose: &str, epoch: u64) -> Value {
    let mut event = event(shopper.installation, purpose, epoch);
    event["data"]["offer"] = CANARY.into();
    event
}

fn sends(backend: &Backend, shopper: &Shopper, events: &[Value]) -> Vec<String> {
    verdicts(&backend.post("/v1/events", &batch(shopper.installation, events)))
}

/// Whether any file of the backend holds `text`.
fn is_on_disk(data: &Path, text: &str) -> bool {
    std::fs::read_dir(data).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

fn done(request: &Value) -> Value {
    json!({ "done": [request["id"]] })
}

#[test]
fn what_is_withdrawn_is_erased_with_its_purpose_and_the_rest_stays() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    shopper.grants(&backend, "dialogue");
    let withdrawn = [event_of(&shopper, "engagement", 2), event_of(&shopper, "engagement", 2)];
    let mut kept = event(shopper.installation, "dialogue", 2);
    kept["data"] = json!({ "text": "kept" });
    assert_eq!(sends(&backend, &shopper, &withdrawn), ["ok", "ok"]);
    assert_eq!(sends(&backend, &shopper, std::slice::from_ref(&kept)), ["ok"]);
    let no = shopper.decides("engagement", Withdrawn);
    shopper.tells(&backend, &[no]);
    let request = shopper.asks("erase_purpose", json!({ "purpose": "engagement" }));
    for _ in 0..2 {
        assert_eq!(ask(&backend, &[&request]), done(&request), "a lost answer is given again");
    }
    assert!(!is_on_disk(data.path(), CANARY), "a word of it is left in a file");
    assert!(is_on_disk(data.path(), "kept"));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 3, "what was stored was stored");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NOT NULL"), 2);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'erased'"), 2);
    let tombstones = "SELECT count(*) FROM event WHERE erased_at IS NOT NULL AND subject IS NULL AND partner IS NULL
                      AND occurred_at IS NULL AND (time || body || type || batch || installation) = ''";
    assert_eq!(count(data.path(), tombstones), 2);
    // A try of before that comes late, and one that never came.
    let late = [withdrawn[0].clone(), event_of(&shopper, "engagement", 2), kept];
    assert_eq!(sends(&backend, &shopper, &late), ["duplicate", "drop:erased", "duplicate"]);
}

#[test]
fn a_yes_that_is_given_again_keeps_its_events_however_late_the_erasure_is_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    let before = event_of(&shopper, "engagement", 1);
    assert_eq!(sends(&backend, &shopper, std::slice::from_ref(&before)), ["ok"]);
    let no = shopper.decides("engagement", Withdrawn);
    let request = shopper.asks("erase_purpose", json!({ "purpose": "engagement" }));
    let again = shopper.decides("engagement", Granted);
    shopper.tells(&backend, &[no, again]);
    let after = event(shopper.installation, "engagement", 3);
    assert_eq!(sends(&backend, &shopper, std::slice::from_ref(&after)), ["ok"]);
    assert_eq!(ask(&backend, &[&request]), done(&request));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL"), 1);
    let sent = [before, after, event(shopper.installation, "engagement", 3), event_of(&shopper, "engagement", 1)];
    assert_eq!(sends(&backend, &shopper, &sent), ["duplicate", "duplicate", "ok", "drop:erased"]);
}

#[test]
fn what_one_partner_heard_is_erased_for_that_one_alone() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "partner_sharing/lumi");
    shopper.grants(&backend, "partner_sharing/nord");
    let shared = |partner: &str| {
        let mut event = event(shopper.installation, "partner_sharing", 2);
        event["partner"] = partner.into();
        event
    };
    assert_eq!(sends(&backend, &shopper, &[shared("lumi"), shared("nord")]), ["ok", "ok"]);
    let request = shopper.asks("erase_purpose", json!({ "purpose": "partner_sharing", "partner": "lumi" }));
    assert_eq!(ask(&backend, &[&request]), done(&request));
    let left: String = asked(data.path(), "SELECT group_concat(partner) FROM event WHERE erased_at IS NULL");
    assert_eq!(left, "nord");
    assert_eq!(sends(&backend, &shopper, &[shared("lumi"), shared("nord")]), ["drop:erased", "ok"]);
}

#[test]
fn who_leaves_leaves_nothing_but_the_proof_of_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut shopper, mut other) = (Shopper::new(), Shopper::new());
    shopper.links(&backend, "me");
    other.links(&backend, "someone else");
    shopper.grants(&backend, "engagement");
    other.grants(&backend, "engagement");
    let mut report = shopper.report(&[]);
    report["pseudonyms"] = json!({ "lumi": Uuid::now_v7() });
    assert_eq!(backend.post("/v1/consent", &report).status, 200);
    let sent = event_of(&shopper, "engagement", 1);
    let mut with_account = batch(shopper.installation, std::slice::from_ref(&sent));
    with_account["account"] = json!({ "accepted": 1, "delivered": 0, "queued": 1 });
    assert_eq!(verdicts(&backend.post("/v1/events", &with_account)), ["ok"]);
    assert_eq!(sends(&backend, &other, &[event(other.installation, "engagement", 1)]), ["ok"]);
    let earlier = shopper.asks("erase_purpose", json!({ "purpose": "beacons" }));
    ask(&backend, &[&earlier]);

    let request = shopper.asks("erase", json!({}));
    for _ in 0..2 {
        assert_eq!(ask(&backend, &[&request]), done(&request));
    }
    let mine = format!("'{}'", shopper.installation);
    for table in ["decision", "standing", "pseudonym", "identity", "account", "event"] {
        let left = count(data.path(), &format!("SELECT count(*) FROM {table} WHERE installation = {mine}"));
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM shopper"), 1, "the other one");
    assert_eq!(count(data.path(), "SELECT count(*) FROM shopper_token"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM rights_request"), 1);
    assert!(!is_on_disk(data.path(), CANARY));
    let proof = format!("SELECT lower(hex(head)) || request FROM erasure WHERE installation = {mine}");
    let proof: String = asked(data.path(), &proof);
    assert_eq!(proof, format!("{}{}", shopper.head(), request["id"].as_str().unwrap()));

    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 2, "what was stored was stored");
    let late = [sent, event_of(&shopper, "engagement", 1)];
    assert_eq!(sends(&backend, &shopper, &late), ["duplicate", "drop:erased"]);
    let again = shopper.decides("engagement", Granted);
    backend.post("/v1/consent", &shopper.report(&[again])).problem(409, "conflict");
    assert_eq!(shopper.links(&backend, "me").status, 409);
    let export = shopper.asks("export", json!({}));
    let held = ask(&backend, &[&export]);
    assert_eq!((&held["export"]["events"], &held["export"]["decisions"]), (&json!([]), &json!([])));
    assert_eq!(held["export"]["erased"]["request"], request["id"]);
    assert_eq!(sends(&backend, &other, &[event(other.installation, "engagement", 1)]), ["ok"]);
}

#[test]
fn everything_is_shown_with_its_use_and_the_yes_it_rests_on() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.links(&backend, "a-token-nobody-may-read");
    let yes = shopper.decides("engagement", Granted);
    let mut report = shopper.report(std::slice::from_ref(&yes));
    let name = Uuid::now_v7();
    report["pseudonyms"] = json!({ "lumi": name });
    report["lowered"] = json!(["beacons"]);
    assert_eq!(backend.post("/v1/consent", &report).status, 200);
    let sent = event_of(&shopper, "engagement", 1);
    let mut batch = batch(shopper.installation, std::slice::from_ref(&sent));
    batch["account"] = json!({ "accepted": 1, "delivered": 0, "queued": 1 });
    assert_eq!(verdicts(&backend.post("/v1/events", &batch)), ["ok"]);
    let request = shopper.asks("export", json!({}));
    let reply = ask(&backend, &[&request]);
    assert_eq!(reply["done"], json!([request["id"]]));
    let held = &reply["export"];
    assert_eq!(held["events"][0]["content"], sent);
    assert_eq!(held["events"][0]["use"], "engagement");
    assert_eq!(held["events"][0]["grant"], shopper.head().to_string());
    assert_eq!(
        (&held["decisions"][0]["entry"], &held["decisions"][0]["origin"]),
        (&yes["entry"], &json!("this device"))
    );
    assert_eq!(held["names_for_partners"], json!([{ "partner": "lumi", "name": name }]));
    assert_eq!(held["lowered_by_signals"], json!(["beacons"]));
    assert_eq!(held["account"]["accepted"], 1);
    assert_eq!((held["identities"].as_array().unwrap().len(), &held["events_left_out"]), (1, &json!(0)));
    assert!(!reply.to_string().contains("nobody-may-read"));
    assert_eq!(ask(&backend, &[&request])["export"]["events"], held["events"], "a lost answer is given again");
}

#[test]
fn a_purpose_is_erased_up_to_the_epoch_that_the_statement_names() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    shopper.grants(&backend, "dialogue");
    let events = [event_of(&shopper, "engagement", 1), event_of(&shopper, "engagement", 2)];
    assert_eq!(sends(&backend, &shopper, &events), ["ok", "ok"]);
    let request = shopper.asks("erase_purpose", json!({ "purpose": "engagement", "until": 1 }));
    assert_eq!(ask(&backend, &[&request])["done"], json!([request["id"]]));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL AND consent_epoch = 2"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NOT NULL"), 1);
}

#[test]
fn nobody_asks_for_a_shopper_but_that_shoppers_device() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    assert_eq!(sends(&backend, &shopper, &[event_of(&shopper, "engagement", 1)]), ["ok"]);
    let refused = |request: &Value| {
        let reply = ask(&backend, &[request]);
        assert_eq!((&reply["done"], &reply["refused"][0]["id"]), (&json!([]), &request["id"]));
        assert!(reply.get("export").is_none());
        reply["refused"][0]["reason"].as_str().unwrap().split(':').next().unwrap().to_owned()
    };
    let mut thief = Shopper::of(shopper.installation);
    thief.signer = Signer::from_seed(&[9; 32]);
    assert_eq!(refused(&thief.asks("export", json!({}))), "wrong_key");
    assert_eq!(refused(&thief.asks("erase", json!({}))), "wrong_key");
    let mut other = Shopper::new();
    other.grants(&backend, "engagement");
    assert_eq!(refused(&other.asks("erase", json!({ "installation": shopper.installation }))), "wrong_key");
    let mut forged = thief.asks("erase", json!({ "key": shopper.signer.public() }));
    assert_eq!(refused(&forged), "bad_signature");
    forged["statement"] = "{".into();
    assert_eq!(refused(&forged), "malformed");
    let good = shopper.asks("export", json!({}));
    let mut relabelled = good.clone();
    relabelled["kind"] = "erase".into();
    assert_eq!(refused(&relabelled), "malformed");
    for (kind, more) in [
        ("erase_purpose", json!({})),
        ("erase_purpose", json!({ "purpose": "partner_sharing" })),
        ("erase_purpose", json!({ "purpose": "engagement", "partner": "lumi" })),
        ("erase_purpose", json!({ "purpose": "engagement", "until": u64::MAX })),
        ("erase", json!({ "version": 2 })),
        ("erase", json!({ "asked_at": "yesterday" })),
    ] {
        assert_eq!(refused(&shopper.asks(kind, more)), "malformed");
    }
    assert_eq!(ask(&backend, &[&good])["done"], json!([good["id"]]));
    let reused = shopper.asks("erase", json!({ "id": good["id"] }));
    assert_eq!(refused(&reused), "conflict");
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE erased_at IS NULL"), 1);
}

#[test]
fn who_never_decided_is_known_by_the_first_key_that_asks() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let shopper = Shopper::new();
    let request = shopper.asks("export", json!({}));
    assert_eq!(ask(&backend, &[&request])["export"]["events"], json!([]));
    let mut other = Shopper::of(shopper.installation);
    other.signer = Signer::from_seed(&[9; 32]);
    let theirs = other.asks("erase", json!({}));
    assert!(ask(&backend, &[&theirs])["refused"][0]["reason"].as_str().unwrap().starts_with("wrong_key"));
}

#[test]
fn one_that_will_never_be_done_stands_in_nobodys_way() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let shopper = Shopper::new();
    let (bad, good) = (shopper.asks("erase", json!({ "version": 9 })), shopper.asks("erase", json!({})));
    let reply = ask(&backend, &[&bad, &good]);
    assert_eq!((&reply["done"], &reply["refused"][0]["id"]), (&json!([good["id"]]), &bad["id"]));
}

#[test]
fn an_erasure_outlives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    shopper.grants(&backend, "engagement");
    let sent = event_of(&shopper, "engagement", 1);
    assert_eq!(sends(&backend, &shopper, std::slice::from_ref(&sent)), ["ok"]);
    let request = shopper.asks("erase", json!({}));
    ask(&backend, &[&request]);
    backend.kill();
    assert!(!is_on_disk(data.path(), CANARY));
    let backend = Backend::start(data.path());
    assert_eq!(sends(&backend, &shopper, &[sent]), ["duplicate"]);
    assert_eq!(ask(&backend, &[&request]), done(&request));
}
