//! What is older than the operator keeps goes; everything younger stays, and is still known by its id.

use std::path::Path;

use serde_json::Value;
use uuid::Uuid;

use crate::backend::{Backend, batch, command, count, event, verdicts};

/// As if the events of `batch` had been received `days` ago.
fn age(data: &Path, batch: &Value, days: i64) {
    let received = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
    let database = rusqlite::Connection::open(data.join("backend.db")).unwrap();
    let changed = database
        .execute(
            "UPDATE event SET received_at = ?1 WHERE batch = ?2",
            [format!("{received:.3}"), batch["batch"].as_str().unwrap().to_owned()],
        )
        .unwrap();
    assert_eq!(changed, batch["events"].as_array().unwrap().len());
}

#[test]
fn the_old_go_in_steps_while_others_are_served_and_the_young_are_still_known() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let stored = |days: i64| {
        let sent = batch(me, &(0..400).map(|_| event(me, "engagement", 1)).collect::<Vec<_>>());
        assert_eq!(verdicts(&backend.post("/v1/events", &sent)).len(), 400);
        (sent, days)
    };
    let batches = [stored(46), stored(44), stored(400), stored(0)];
    backend.kill();
    for (sent, days) in &batches {
        age(data.path(), sent, *days);
    }
    let backend = Backend::start_with(data.path(), &["--keep-days", "45"]);
    while count(data.path(), "SELECT value FROM counter WHERE name = 'forgotten'") < 800 {
        assert_eq!(verdicts(&backend.post("/v1/events", &batch(me, &[event(me, "engagement", 1)]))), ["ok"]);
    }
    let known = |sent: &Value| verdicts(&backend.post("/v1/events", sent));
    assert!(known(&batches[1].0).iter().all(|verdict| verdict == "duplicate"), "44 days are not 45");
    assert!(known(&batches[3].0).iter().all(|verdict| verdict == "duplicate"));
    assert_eq!(count(data.path(), "SELECT count(*) FROM event WHERE received_at < datetime('now', '-45 days')"), 0);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'forgotten'"), 800);
}

#[test]
fn an_event_that_happened_before_all_that_is_kept_is_dropped_and_never_stored_twice() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start_with(data.path(), &["--key", "pk_demo", "--keep-days", "45"]);
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let days_ago = |days: i64| {
        let mut event = event(me, "engagement", 1);
        let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        event["time"] = format!("{then:.3}").into();
        event
    };
    let told = |event: &Value| {
        let mut batch = batch(me, std::slice::from_ref(event));
        batch["sent_at"] = format!("{:.3}", jiff::Timestamp::now()).into();
        verdicts(&backend.post("/v1/events", &batch))
    };
    let young = days_ago(29);
    assert_eq!((told(&days_ago(50)), told(&young)), (vec!["drop:too_old".to_owned()], vec!["ok".to_owned()]));
    assert_eq!(told(&young), ["duplicate"]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1);
}

#[test]
fn without_being_asked_nothing_is_ever_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let sent = batch(me, &[event(me, "engagement", 1)]);
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok"]);
    backend.kill();
    age(data.path(), &sent, 10_000);
    let backend = Backend::start(data.path());
    assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["duplicate"]);
    backend.terminate();
    assert!(backend.wait().success());
    assert_eq!(count(data.path(), "SELECT count(*) FROM event"), 1);
}

#[test]
fn fewer_days_than_devices_need_are_refused_with_the_reason() {
    let data = tempfile::tempdir().unwrap();
    for (days, says) in
        [("44", "45 days at least"), ("0", "a second time"), ("-1", "whole number"), ("x", "whole number")]
    {
        let refused = command(data.path(), &["--seed", "demo", &format!("--keep-days={days}")]).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.replace('\n', " ").contains(says), "{error}");
    }
}
