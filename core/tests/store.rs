//! The store's files, whatever state they are found in: of another version, damaged, or not ours.

#![allow(clippy::unwrap_used, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::store::{MAIN_FILE, OFFERS_FILE, RING_FILE};
use patron_core::{AsideCause, Database, Error, Fate, Patron};
use support::{MONDAY_10, Model, open, wait};

const DAY: Duration = Duration::from_secs(86_400);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

fn track_all(patron: &Patron, n: usize) {
    for i in 0..n {
        let event = Engagement::Saved { offer: format!("offer-{i}") };
        assert_eq!(patron.track(&event), Ok(Tracked::Recorded));
    }
}

fn set_version(path: &Path, version: i64, readable_from: i64) {
    let db = rusqlite::Connection::open(path).unwrap();
    db.pragma_update(None, "user_version", version).unwrap();
    db.execute("UPDATE meta SET value = ?1 WHERE key = 'readable_from'", [readable_from.to_string()]).unwrap();
}

#[test]
fn a_newer_store_that_says_so_is_used() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.close();
    let path = folder.path().join(MAIN_FILE);
    set_version(&path, 99, 2);
    let patron = open(folder.path(), &model, &clock);
    track_all(&patron, 3);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 3);
    patron.close();
    let version: i64 =
        rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99, "the newer version must find its own mark");
}

#[test]
fn a_newer_store_that_cannot_be_used_is_set_aside_untouched() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.close();
    let path = folder.path().join(MAIN_FILE);
    set_version(&path, 99, 98);
    let before = std::fs::read(&path).unwrap();
    let patron = open(folder.path(), &model, &clock);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    let aside = &diagnostics.set_aside[0];
    assert_eq!((aside.file.as_str(), aside.cause), ("patron.db.newer-1", AsideCause::Newer));
    assert_eq!((aside.database, aside.at_ms, aside.carried), (Database::Main, MONDAY_10, None));
    assert_eq!(diagnostics.consent_epoch, 0, "what cannot be read grants nothing");
    assert_eq!(patron.track(&Engagement::Saved { offer: "x".into() }), Ok(Tracked::NotPermitted));
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track_all(&patron, 1);
    patron.close();
    assert_eq!(std::fs::read(folder.path().join("patron.db.newer-1")).unwrap(), before);
}

#[test]
fn a_damaged_database_is_set_aside_and_the_rest_is_carried_over() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    track_all(&patron, 2_000);
    patron.close();
    // A page in the middle, where the queue is; the decisions stand at the front.
    let path = folder.path().join(MAIN_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 8192 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let patron = open(folder.path(), &model, &clock);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!(diagnostics.set_aside.len(), 1);
    assert!(diagnostics.account.balances(), "{:?}", diagnostics.account);
    assert_eq!(diagnostics.account.accepted, 2_000);
    // One page is gone, and what lay behind it is not.
    assert!(diagnostics.account.queued > 1_900, "{:?}", diagnostics.account);
    let damage = diagnostics.losses.iter().find(|loss| loss.reason == "damage").unwrap();
    assert_eq!((damage.fate, damage.events), (Fate::Evicted, diagnostics.account.evicted));
}

/// What runs SQL on a closed store's main file.
fn overwrite(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join(MAIN_FILE)).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_row_that_does_not_read_costs_itself_alone() {
    for hurt in [
        "UPDATE event SET run = 999 WHERE seq IN (1, 3)",
        "UPDATE event SET id = 'x' WHERE seq IN (1, 3)",
        "UPDATE event SET wall_ms = 'yesterday' WHERE seq IN (1, 3)",
        "UPDATE event SET purpose = 200, kind = x'FF' WHERE seq IN (1, 3)",
    ] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        patron.set_online(false).unwrap();
        track_all(&patron, 5);
        patron.close();
        overwrite(folder.path(), hurt);
        let patron = open(folder.path(), &model, &clock);
        assert!(wait(patron.drain(DAY, None)).unwrap().done, "{hurt}");
        let diagnostics = wait(patron.diagnostics()).unwrap();
        assert_eq!((diagnostics.account.accepted, diagnostics.account.delivered), (5, 3), "{hurt}");
        let lost: Vec<_> = diagnostics.losses.iter().map(|l| (l.fate, l.reason.as_str(), l.events)).collect();
        assert_eq!(lost, [(Fate::Evicted, "damage", 2)], "{hurt}");
    }
}

#[test]
fn a_store_of_which_something_cannot_be_is_salvaged_and_goes_on() {
    for (hurt, decisions) in [
        ("UPDATE decision SET id = 3", 0),
        ("UPDATE decision SET purpose = 'engagement'", 0),
        ("DELETE FROM granted", 1),
        ("UPDATE counter SET value = -1 WHERE name = 'counted'", 1),
        ("UPDATE counter SET value = 0.5 WHERE name = 'counted'", 1),
        ("UPDATE event SET seq = 9223372036854775807 WHERE seq = 5", 1),
    ] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        patron.set_online(false).unwrap();
        track_all(&patron, 5);
        patron.close();
        overwrite(folder.path(), hurt);
        let patron = open(folder.path(), &model, &clock);
        let diagnostics = wait(patron.diagnostics()).unwrap();
        assert_eq!((diagnostics.set_aside.len(), diagnostics.consent_epoch), (1, decisions), "{hurt}");
        assert!(diagnostics.account.balances(), "{hurt}: {:?}", diagnostics.account);
        assert_eq!(diagnostics.account.queued, 5 * decisions, "{hurt}: what the decisions cover is carried over");
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        track_all(&patron, 1);
        assert!(wait(patron.drain(DAY, None)).unwrap().done, "{hurt}");
    }
}

#[test]
fn a_small_value_that_does_not_read_is_none() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.refresh()).unwrap();
    track_all(&patron, 1);
    wait(patron.flush()).unwrap();
    let _ = patron.track(&Engagement::Dismissed { offer: "wool".into() }).unwrap();
    patron.close();
    overwrite(folder.path(), "UPDATE meta SET value = x'FF00'; INSERT INTO dismissed VALUES (x'FF')");
    let offers = rusqlite::Connection::open(folder.path().join(OFFERS_FILE)).unwrap();
    offers.execute("UPDATE catalogue SET fetched_at_ms = 'yesterday'", []).unwrap();
    drop(offers);
    let patron = open(folder.path(), &model, &clock);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.set_aside.len(), diagnostics.consent_epoch), (0, 1));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    wait(patron.refresh()).unwrap();
    assert!(!patron.offers("home").unwrap().is_empty());
}

#[test]
fn absurd_numbers_in_the_store_are_no_crash() {
    const MOST: i64 = i64::MAX;
    const LEAST: i64 = i64::MIN;
    for hurt in [
        format!("UPDATE counter SET value = {LEAST}"),
        format!(
            "UPDATE counter SET value = {MOST}; INSERT INTO counter VALUES ('dead:x', {MOST}), ('evicted:x', {MOST})"
        ),
        format!("UPDATE event SET seq = {MOST} WHERE seq = 5; UPDATE counter SET value = {LEAST}"),
        format!("UPDATE event SET wall_ms = {LEAST}, mono_ms = {LEAST}, epoch = {LEAST}, tries = {MOST}"),
        format!("UPDATE decision SET epoch = {MOST}, decided_at_ms = {LEAST}"),
    ] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = open(folder.path(), &model, &clock);
        wait(patron.refresh()).unwrap();
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        patron.set_online(false).unwrap();
        track_all(&patron, 5);
        patron.close();
        overwrite(folder.path(), &hurt);
        let offers = rusqlite::Connection::open(folder.path().join(OFFERS_FILE)).unwrap();
        offers
            .execute("UPDATE catalogue SET fetched_at_ms = ?1", [if hurt.len() % 2 == 0 { MOST } else { LEAST }])
            .unwrap();
        drop(offers);
        let patron = open(folder.path(), &model, &clock);
        wait(patron.ready()).unwrap();
        let _ = wait(patron.diagnostics()).unwrap().account.balances();
        let _ = patron.track(&Engagement::Saved { offer: "one more".into() }).unwrap();
        wait(patron.drain(Duration::ZERO, None))
            .map(drop)
            .or_else(|e| match e {
                Error::Storage { .. } => Ok(()),
                other => Err(other),
            })
            .unwrap();
        let _ = wait(patron.diagnostics());
        patron.offers("home").unwrap();
    }
}

#[test]
fn a_counter_that_cannot_be_is_not_carried_over() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    track_all(&patron, 500);
    patron.close();
    overwrite(
        folder.path(),
        &format!("INSERT INTO counter VALUES ('dead:x', -7), ('evicted:x', {}), ('no such thing', 9)", i64::MAX),
    );
    let path = folder.path().join(MAIN_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 8192 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let patron = open(folder.path(), &model, &clock);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.set_aside.len(), diagnostics.account.accepted), (1, 500));
    assert!(diagnostics.account.balances(), "{:?}", diagnostics.account);
}

#[test]
fn whatever_stands_in_place_of_the_database_the_store_opens_or_says_why() {
    let (model, clock) = (Model::town(), clock());
    for garbage in [b"".to_vec(), b"SQLite format 3\0".to_vec(), vec![0xFF; 100_000], b"hello".to_vec()] {
        for file in [MAIN_FILE, OFFERS_FILE, RING_FILE] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), &garbage).unwrap();
            let patron = open(folder.path(), &model, &clock);
            wait(patron.ready()).unwrap();
            wait(patron.grant(vec![Purpose::Engagement])).unwrap();
            track_all(&patron, 1);
        }
    }
}

#[test]
fn the_files_are_small_again_once_everything_is_delivered() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    patron.set_online(false).unwrap();
    for _ in 0..10 {
        track_all(&patron, 1_000);
        wait(patron.flush()).unwrap();
    }
    assert!(wait(patron.diagnostics()).unwrap().disk_bytes > 1 << 20);
    patron.set_online(true).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    wait(async {
        while patron.diagnostics().await.unwrap().disk_bytes > 256 << 10 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}
