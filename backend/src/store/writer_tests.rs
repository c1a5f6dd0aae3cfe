//! What one commit holds is judged as if each piece had come alone, in order.

use patron_core::consent::{ConsentStatus, Decision, Purpose, Sha, Signer};
use patron_core::sync::wire::VerdictKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::store::{add_key, open};

const ME: Uuid = Uuid::from_u128(1);

fn tenant() -> Tenant {
    Tenant::stored("demo")
}

fn event(id: u128, offer: &str) -> Value {
    json!({ "specversion": "1.0", "id": Uuid::from_u128(id), "source": format!("/installations/{ME}"),
            "type": "dev.patron.offer.saved", "time": "2026-11-22T10:00:00Z", "datacontenttype": "application/json",
            "purpose": "engagement", "consentepoch": 1, "monotonicms": 5, "bootid": ME, "sessionid": ME,
            "schemaversion": 1, "data": { "offer": offer } })
}

type Answered<T> = oneshot::Receiver<Result<T, Failure>>;

fn events(events: &[Value]) -> (Work, Answered<Vec<Verdict>>) {
    let body = json!({ "batch": Uuid::from_u128(9), "installation": ME, "events": events }).to_string();
    let (reply, answer) = oneshot::channel();
    let batch = crate::batch::read(body.as_bytes()).unwrap();
    (Work::Events { tenant: tenant(), batch, received_ms: 1_795_000_000_000, reply }, answer)
}

fn consent(id: u128, status: ConsentStatus) -> (Work, Answered<ConsentAck>) {
    let mut decision = Decision::new(Uuid::from_u128(id), Purpose::Engagement, status, 0, 1);
    let seal = Signer::from_seed(&[7; 32]).seal(&mut decision, Sha::NONE);
    let report = serde_json::from_value(json!({ "installation": ME, "decisions": [{
        "epoch": 1, "entry": seal.entry, "signature": seal.signature_hex() }] }));
    let report = crate::report::read(report.unwrap()).unwrap();
    let (reply, answer) = oneshot::channel();
    (Work::Consent { tenant: tenant(), report, reply }, answer)
}

fn kinds(mut answer: Answered<Vec<Verdict>>) -> Vec<VerdictKind> {
    answer.try_recv().unwrap().unwrap().into_iter().map(|verdict| verdict.verdict).collect()
}

fn stored(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap()
}

#[test]
fn duplicates_within_a_batch_a_group_and_across_groups_are_each_stored_once() {
    use VerdictKind::{Drop, Duplicate, Ok};
    let data = tempfile::tempdir().unwrap();
    let mut connection = open(data.path()).unwrap().connection;
    add_key(&connection, &tenant(), &[0; 32]).unwrap();
    let (granted, _) = consent(100, ConsentStatus::Granted);
    let (one, first) = events(&[event(1, "cup"), event(1, "cup"), event(2, "cup"), event(1, "mug")]);
    let (two, second) = events(&[event(2, "cup"), event(3, "cup"), event(2, "mug")]);
    let (three, third) = events(&[event(3, "mug"), event(3, "cup")]);
    commit(&mut connection, None, vec![granted, one, two, three]);
    assert_eq!(kinds(first), [Ok, Duplicate, Ok, Drop]);
    assert_eq!(kinds(second), [Duplicate, Ok, Drop]);
    assert_eq!(kinds(third), [Drop, Duplicate]);
    let (four, fourth) = events(&[event(3, "cup"), event(1, "mug"), event(4, "cup")]);
    commit(&mut connection, None, vec![four]);
    assert_eq!(kinds(fourth), [Duplicate, Drop, Ok]);
    assert_eq!(stored(&connection), 4);
}

#[test]
fn what_one_of_a_group_trips_over_the_others_keep() {
    let data = tempfile::tempdir().unwrap();
    let mut connection = open(data.path()).unwrap().connection;
    add_key(&connection, &tenant(), &[0; 32]).unwrap();
    let (granted, _) = consent(100, ConsentStatus::Granted);
    let (conflict, mut refused) = consent(100, ConsentStatus::Denied);
    let (batch, kept) = events(&[event(1, "cup")]);
    commit(&mut connection, None, vec![granted, conflict, batch]);
    assert!(matches!(refused.try_recv().unwrap(), Err(Failure::Conflict(_))));
    assert_eq!(kinds(kept), [VerdictKind::Ok]);
}

#[test]
fn a_commit_that_fails_acknowledges_nothing_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut connection = open(data.path()).unwrap().connection;
    add_key(&connection, &tenant(), &[0; 32]).unwrap();
    let (granted, _) = consent(100, ConsentStatus::Granted);
    commit(&mut connection, None, vec![granted]);
    // A constraint that is only looked at when the transaction ends.
    connection
        .execute_batch(
            "CREATE TABLE doom (of TEXT REFERENCES tenant (name) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER doomed AFTER INSERT ON event BEGIN INSERT INTO doom VALUES ('nobody'); END;",
        )
        .unwrap();
    let (one, mut first) = events(&[event(1, "cup")]);
    let (two, mut second) = events(&[event(1, "cup")]);
    commit(&mut connection, None, vec![one, two]);
    for answer in [&mut first, &mut second] {
        assert_eq!(answer.try_recv().unwrap(), Err(Failure::Storage));
    }
    connection.execute_batch("DROP TRIGGER doomed").unwrap();
    assert_eq!(stored(&connection), 0);
    let (again, answer) = events(&[event(1, "cup")]);
    commit(&mut connection, None, vec![again]);
    assert_eq!(kinds(answer), [VerdictKind::Ok], "and the next one is not in its way");
}

#[test]
fn a_full_disk_refuses_what_does_not_fit_and_takes_it_when_there_is_room() {
    let data = tempfile::tempdir().unwrap();
    let mut connection = open(data.path()).unwrap().connection;
    add_key(&connection, &tenant(), &[0; 32]).unwrap();
    let (granted, _) = consent(100, ConsentStatus::Granted);
    commit(&mut connection, None, vec![granted]);
    let pages = |connection: &Connection, most: i64| {
        connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    pages(&connection, 1); // SQLite takes what the file has
    let large = [event(1, &"x".repeat(20_000))];
    let (one, mut first) = events(&large);
    let (two, mut second) = events(&large);
    commit(&mut connection, None, vec![one, two]);
    for answer in [&mut first, &mut second] {
        assert_eq!(answer.try_recv().unwrap_or(Err(Failure::Storage)), Err(Failure::Storage));
    }
    assert_eq!(stored(&connection), 0);
    pages(&connection, 1_000_000);
    let (again, answer) = events(&large);
    commit(&mut connection, None, vec![again]);
    assert_eq!(kinds(answer), [VerdictKind::Ok]);
}
