//! What a device says of its account is kept, the latest of each installation, and costs no event.

use patron_core::consent::ConsentStatus;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, ask, batch, count, event, verdicts};
use crate::shopper::Shopper;

fn report(accepted: u64, delivered: u64, queued: u64) -> Value {
    json!({ "accepted": accepted, "delivered": delivered, "queued": queued,
            "dead": {"oversize": 1}, "evicted": {"age": 2, "count": 3}, "purged": {} })
}

#[test]
fn the_latest_account_stands_whatever_overtakes_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (me, you) = (Uuid::now_v7(), Uuid::now_v7());
    let tell = |who: Uuid, account: Value| {
        let mut sent = batch(who, &[]);
        sent["account"] = account;
        assert_eq!(backend.post("/v1/events", &sent).status, 200);
    };
    let held = |column: &str| count(data.path(), &format!("SELECT {column} FROM account WHERE installation = '{me}'"));
    tell(me, report(20, 10, 4));
    tell(you, report(7, 1, 0));
    assert_eq!([held("accepted"), held("delivered"), held("queued")], [20, 10, 4]);
    assert_eq!([held("dead"), held("evicted"), held("purged")], [1, 5, 0]);
    let reasons: String = ask(data.path(), &format!("SELECT reasons FROM account WHERE installation = '{me}'"));
    assert_eq!(
        serde_json::from_str::<Value>(&reasons).unwrap(),
        json!({"dead": {"oversize": 1}, "evicted": {"age": 2, "count": 3}, "purged": {}})
    );
    tell(me, report(19, 12, 1));
    assert_eq!([held("accepted"), held("delivered")], [20, 10], "fewer accepted: it is older");
    tell(me, report(20, 9, 5));
    assert_eq!([held("delivered"), held("queued")], [10, 4], "as many accepted, fewer gone: it is older");
    tell(me, report(20, 14, 0));
    assert_eq!([held("delivered"), held("queued")], [14, 0], "as many accepted, more gone: it is newer");
    tell(me, report(21, 14, 1));
    assert_eq!(held("accepted"), 21);
    assert_eq!(count(data.path(), "SELECT count(*) FROM account"), 2);
    assert_eq!(count(data.path(), "SELECT sum(value) FROM counter"), 0);
}

#[test]
fn an_account_that_cannot_be_read_is_counted_and_costs_no_event() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let me = Uuid::now_v7();
    backend.grant(me, "engagement", 1);
    let many: serde_json::Map<_, _> = (0..33).map(|n| (format!("reason-{n}"), json!(1))).collect();
    let bad = [
        json!("all is well"),
        json!({ "accepted": -1, "delivered": 0, "queued": 0 }),
        json!({ "accepted": u64::MAX, "delivered": 0, "queued": 0 }),
        json!({ "accepted": 1, "delivered": 0, "queued": 0, "dead": many }),
        json!({ "accepted": 1, "delivered": 0, "queued": 0, "dead": { "x".repeat(65): 1 } }),
    ];
    for account in &bad {
        let mut sent = batch(me, &[event(me, "engagement", 1)]);
        sent["account"] = account.clone();
        assert_eq!(verdicts(&backend.post("/v1/events", &sent)), ["ok"], "{account}");
    }
    assert_eq!(count(data.path(), "SELECT count(*) FROM account"), 0);
    assert_eq!(count(data.path(), "SELECT value FROM counter WHERE name = 'accounts_unreadable'"), bad.len() as i64);
}

#[test]
fn a_report_of_consent_carries_the_account_and_no_nonsense_in_it_costs_a_decision() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut shopper = Shopper::new();
    let me = shopper.installation;
    let yes = shopper.decides("engagement", ConsentStatus::Granted);
    let mut told = shopper.report(&[yes]);
    told["account"] = report(20, 10, 4);
    assert_eq!(backend.post("/v1/consent", &told).status, 200);
    let held = |column: &str| count(data.path(), &format!("SELECT {column} FROM account WHERE installation = '{me}'"));
    assert_eq!([held("accepted"), held("delivered"), held("queued")], [20, 10, 4]);
    for nonsense in [json!(7), json!({ "accepted": -1 }), json!([]), Value::Null] {
        let no = shopper.decides("engagement", ConsentStatus::Withdrawn);
        let mut told = shopper.report(&[no]);
        told["account"] = nonsense;
        assert_eq!(backend.post("/v1/consent", &told).status, 200, "{told}");
        assert_eq!(count(data.path(), "SELECT max(epoch) FROM decision"), shopper.epoch as i64, "{told}");
    }
    assert_eq!(held("accepted"), 20);
}
