//! What the ledger proves.

use patron_core::Error;
use patron_core::consent::{ConsentStatus, Decision, Purpose, Sha, Signer};
use patron_core::store::MAIN_FILE;
use uuid::Uuid;

use super::hand::*;
use super::support::{MONDAY_10, Model, open, wait};

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
        (
            "the last row and the head that was countersigned are gone",
            "DELETE FROM decision WHERE epoch = 3; DELETE FROM meta WHERE key = 'anchor'",
        ),
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
fn an_entry_that_another_key_has_signed_is_none_of_this_devices() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.close();
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    let last: String = db.query_row("SELECT entry FROM decision", [], |row| row.get(0)).unwrap();
    // Behind the last one, as the chain wants it.
    let mut forged = Decision::new(Uuid::from_u128(9), Purpose::Notifications, ConsentStatus::Granted, MONDAY_10, 2);
    let seal = Signer::from_seed(&[66; 32]).seal(&mut forged, Sha::of(last.as_bytes()));
    db.execute(
        "INSERT INTO decision (epoch, id, purpose, partner, status, decided_at_ms, entry, signature, own)
         VALUES (2, ?1, ?2, NULL, 'granted', ?3, ?4, ?5, 1)",
        (forged.id.as_bytes(), forged.purpose.kind() as u8, MONDAY_10, &seal.entry, seal.signature),
    )
    .unwrap();
    db.execute("INSERT INTO granted VALUES (?1)", [forged.purpose.kind() as u8]).unwrap();
    drop(db);
    let patron = open(folder.path(), &model, &clock);
    let verified = wait(patron.verify_ledger());
    assert!(matches!(verified, Err(Error::Tampered { .. })), "{verified:?}");
}

#[test]
fn the_first_key_that_countersigns_is_the_backends() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    model.0.lock().unwrap().countersigns_with = Some([43; 32]);
    wait(patron.grant(vec![Purpose::Dialogue])).unwrap();
    synced(&patron);
    assert_eq!(wait(patron.verify_ledger()).unwrap().anchored_epoch, Some(1), "another one proves nothing");
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
