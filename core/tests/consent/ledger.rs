//! What the ledger proves.

use patron_core::Error;
use patron_core::consent::Purpose;
use patron_core::store::MAIN_FILE;

use super::hand::*;
use super::support::{Model, open, wait};

#[test]
fn a_ledger_that_was_changed_on_the_disk_is_found() {
    for (what, sql) in [
        ("a row says yes where no was signed", "UPDATE decision SET status = 'granted' WHERE epoch = 2"),
        ("a row is gone from the middle", "DELETE FROM decision WHERE epoch = 2"),
        (
            "the text of an entry is another",
            "UPDATE decision SET entry = replace(entry, 'settings', 'checkout') WHERE epoch = 3",
        ),
        ("the last row is gone", "DELETE FROM decision WHERE epoch = 3"),
    ] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        wait(patron.deny(vec![Purpose::Notifications])).unwrap();
        wait(patron.decide(vec![Purpose::Dialogue], true, Some("settings".into()))).unwrap();
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        let verified = wait(patron.verify_ledger()).unwrap();
        assert_eq!((verified.entries, verified.anchored_epoch), (3, Some(3)));
        patron.close();
        let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
        db.execute_batch(sql).unwrap();
        // The trigger's copy goes along, as someone who knows the schema would see to.
        db.execute_batch(
            "DELETE FROM granted; INSERT INTO granted SELECT purpose FROM decision WHERE status = 'granted'",
        )
        .unwrap();
        drop(db);
        let patron = open(folder.path(), &model, &clock);
        let verified = wait(patron.verify_ledger());
        assert!(matches!(verified, Err(Error::Tampered { .. })), "{what}: {verified:?}");
    }
}

#[test]
fn the_record_can_be_checked_by_whoever_has_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    let record: serde_json::Value = serde_json::from_str(&wait(patron.consent_record()).unwrap()).unwrap();
    assert_eq!(record["header"]["schema_version"], "ISO/IEC TS 27560:2023");
    let events = record["consent_events"].as_array().unwrap();
    let states: Vec<_> = events.iter().map(|event| event["event_state"].as_str().unwrap()).collect();
    assert_eq!(states, ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]);
    for event in events {
        let entry = event["signed"]["entry"].as_str().unwrap();
        let key = serde_json::from_str::<serde_json::Value>(entry).unwrap()["key"].as_str().unwrap().to_owned();
        let signature = event["signed"]["signature"].as_str().unwrap();
        assert!(patron_core::consent::verify_hex(&key, entry.as_bytes(), signature));
    }
}
