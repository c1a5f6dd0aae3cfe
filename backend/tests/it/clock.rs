//! When an event truly happened stands beside what the phone's clock said.

use jiff::{Timestamp, ToSpan};
use serde_json::json;
use uuid::Uuid;

use crate::backend::{Backend, ask, batch, event, verdicts};

/// Sends one event as `change` has made it and its batch; returns how long before its receipt it is held
/// to have happened, and its raw time, in milliseconds and as text.
fn sent(change: impl FnOnce(&mut serde_json::Value, &mut serde_json::Value)) -> (i64, String) {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let (mut event, mut envelope) = (event(me, "engagement", 1), batch(me, &[]));
    change(&mut event, &mut envelope);
    envelope["events"] = json!([event]);
    assert_eq!(verdicts(&backend.post("/v1/events", &envelope)), ["ok"]);
    let time = |column: &str| ask::<String>(data.path(), &format!("SELECT {column} FROM event"));
    let at = |column: &str| time(column).parse::<Timestamp>().unwrap().as_millisecond();
    (at("received_at") - at("occurred_at"), time("time"))
}

#[test]
fn uptime_says_when_though_the_clock_says_1970() {
    let (ago_ms, time) = sent(|event, batch| {
        event["time"] = "1970-01-01T00:00:09Z".into();
        event["monotonicms"] = 10_000.into();
        batch["sent_at"] = "1970-01-01T01:00:00Z".into();
        batch["sent_clock"] = json!({ "monotonicms": 75_500, "bootid": event["bootid"] });
    });
    assert_eq!((ago_ms, time.as_str()), (65_500, "1970-01-01T00:00:09Z"), "and the raw time is kept");
}

#[test]
fn after_a_reboot_and_from_older_devices_the_clocks_error_is_taken_off() {
    for clock in [json!({ "monotonicms": 5, "bootid": Uuid::now_v7() }), json!(null), json!("broken")] {
        let (ago_ms, _) = sent(|event, batch| {
            event["time"] = "2031-05-05T11:58:00Z".into();
            batch["sent_at"] = "2031-05-05T12:00:00Z".into();
            batch["sent_clock"] = clock;
        });
        assert_eq!(ago_ms, 120_000);
    }
}

#[test]
fn nothing_is_of_tomorrow() {
    let (ago_ms, _) = sent(|event, batch| {
        event["time"] = (Timestamp::now() + 48.hours()).to_string().into();
        batch["sent_at"] = "whenever".into();
    });
    assert_eq!(ago_ms, 0);
}
