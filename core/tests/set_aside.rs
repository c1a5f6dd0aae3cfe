//! What is told of a database file that could not be used, and for how long.

#![allow(clippy::unwrap_used, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::Purpose;
use patron_core::event::{Engagement, Tracked};
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use patron_core::{AsideCause, CarriedOver, Database, Patron, SetAside};
use support::{MONDAY_10, Model, open, wait};

const DAY: Duration = Duration::from_secs(86_400);
const DAY_MS: i64 = 86_400_000;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

/// A store with a decision, a dead letter and so many events in its queue, closed.
fn lived(folder: &Path, model: &Model, clock: &Arc<ManualClock>, events: usize) {
    let patron = open(folder, model, clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    model.0.lock().unwrap().drops = Some(("bad".to_owned(), "conflict".to_owned()));
    track(&patron, "bad");
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    patron.set_online(false).unwrap();
    (0..events).for_each(|n| track(&patron, &format!("offer-{n}")));
    wait(patron.flush()).unwrap();
    patron.close();
    // A device is online until it is told otherwise: what waits is to be there when it is counted.
    model.0.lock().unwrap().holds_no_consent = true;
}

fn track(patron: &Patron, offer: &str) {
    assert_eq!(patron.track(&Engagement::Saved { offer: offer.to_owned() }), Ok(Tracked::Recorded));
}

fn told(patron: &Patron) -> Vec<SetAside> {
    wait(patron.diagnostics()).unwrap().set_aside
}

/// Opens it offline, so that what was carried over stays where it can be counted.
fn offline(folder: &Path, model: &Model, clock: &Arc<ManualClock>) -> Patron {
    let patron = open(folder, model, clock);
    patron.set_online(false).unwrap();
    wait(patron.ready()).unwrap();
    patron
}

fn overwrite(file: &Path, sql: &str) {
    rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn spoil(file: &Path) {
    std::fs::write(file, vec![0xA5; 100_000]).unwrap();
}

#[test]
fn a_damaged_database_is_told_of_with_its_time_and_what_was_carried_over() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 2_000);
    let path = folder.path().join(MAIN_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 8_192 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    clock.advance(DAY);
    let patron = offline(folder.path(), &model, &clock);
    let account = wait(patron.diagnostics()).unwrap().account;
    let carried = CarriedOver {
        decisions: Some(1),
        events: account.queued,
        dead_letters: 1,
        lost_events: Some(2_000 - account.queued),
    };
    assert!(account.balances() && (1_900..2_000).contains(&account.queued), "{account:?}");
    let expected = SetAside {
        file: "patron.db.damaged-1".to_owned(),
        database: Database::Main,
        cause: AsideCause::Damaged,
        at_ms: MONDAY_10 + DAY_MS,
        carried: Some(carried),
    };
    assert_eq!(told(&patron), [expected]);
    assert_eq!(wait(patron.dead_letters(10)).unwrap().len(), 1);
}

#[test]
fn what_could_not_be_read_is_told_apart_from_what_was_not_there() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 5);
    // A decision that does not read: none counts, and nothing is covered by it.
    overwrite(&folder.path().join(MAIN_FILE), "UPDATE decision SET id = 3");
    let patron = offline(folder.path(), &model, &clock);
    let nothing = CarriedOver { decisions: None, events: 0, dead_letters: 0, lost_events: Some(5) };
    assert_eq!(told(&patron)[0].carried, Some(nothing));
    patron.close();
    // No counter reads either.
    spoil(&folder.path().join(MAIN_FILE));
    let patron = offline(folder.path(), &model, &clock);
    let unknown = CarriedOver { decisions: None, events: 0, dead_letters: 0, lost_events: None };
    assert_eq!(told(&patron).last().unwrap().carried, Some(unknown));
}

#[test]
fn what_was_set_aside_is_remembered_by_later_starts_and_by_a_store_that_is_salvaged_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 5);
    for _ in 0..2 {
        overwrite(&folder.path().join(MAIN_FILE), "DELETE FROM granted");
        clock.advance(DAY);
        offline(folder.path(), &model, &clock).close();
        // One more start, at which all is well.
        clock.advance(DAY);
        offline(folder.path(), &model, &clock).close();
    }
    let patron = offline(folder.path(), &model, &clock);
    let all = told(&patron);
    let when: Vec<_> = all.iter().map(|one| (one.file.as_str(), (one.at_ms - MONDAY_10) / DAY_MS)).collect();
    assert_eq!(when, [("patron.db.damaged-1", 1), ("patron.db.damaged-2", 3)]);
    let carried = CarriedOver { decisions: Some(1), events: 5, dead_letters: 1, lost_events: Some(0) };
    assert!(all.iter().all(|one| one.carried == Some(carried)), "{all:?}");
}

#[test]
fn offers_that_cannot_be_used_are_told_of_in_the_main_file() {
    for (cause, name) in [(AsideCause::Damaged, "offers.db.damaged-1"), (AsideCause::Newer, "offers.db.newer-1")] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        lived(folder.path(), &model, &clock, 1);
        let path = folder.path().join(OFFERS_FILE);
        match cause {
            AsideCause::Damaged => spoil(&path),
            AsideCause::Newer => overwrite(&path, "PRAGMA user_version = 99"),
        }
        offline(folder.path(), &model, &clock).close();
        assert!(folder.path().join(name).exists());
        clock.advance(DAY);
        let expected =
            SetAside { file: name.to_owned(), database: Database::Offers, cause, at_ms: MONDAY_10, carried: None };
        assert_eq!(told(&offline(folder.path(), &model, &clock)), [expected]);
    }
}

#[test]
fn a_file_that_was_removed_is_remembered_beside_a_later_one_and_the_name_is_not_given_again() {
    type Spoil = fn(&Path);
    let of: [(&str, &str, Spoil); 2] = [
        ("patron.db", MAIN_FILE, |file| overwrite(file, "DELETE FROM granted")),
        ("offers.db", OFFERS_FILE, |file| overwrite(file, "PRAGMA user_version = 99")),
    ];
    for (database, file, spoil) in of {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        for _ in 0..3 {
            lived(folder.path(), &model, &clock, 1);
            spoil(&folder.path().join(file));
            clock.advance(DAY);
            let patron = offline(folder.path(), &model, &clock);
            wait(patron.withdraw(Purpose::Engagement)).unwrap();
            patron.close();
            model.0.lock().unwrap().holds_no_consent = false;
        }
        let all = told(&offline(folder.path(), &model, &clock));
        let numbers = all.iter().map(|one| one.file.strip_prefix(database).unwrap().rsplit('-').next().unwrap());
        assert_eq!(numbers.collect::<Vec<_>>(), ["1", "2", "3"], "{all:?}");
        let days: Vec<_> = all.iter().map(|one| (one.at_ms - MONDAY_10) / DAY_MS).collect();
        assert_eq!(days, [1, 2, 3]);
    }
}

#[test]
fn a_step_back_to_an_earlier_version_forgets_nothing_that_was_set_aside_before() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 1);
    let path = folder.path().join(MAIN_FILE);
    overwrite(&path, "DELETE FROM granted");
    offline(folder.path(), &model, &clock).close();
    overwrite(&path, "UPDATE meta SET value = '98' WHERE key = 'readable_from'; PRAGMA user_version = 99");
    let all = told(&offline(folder.path(), &model, &clock));
    let files: Vec<_> = all.iter().map(|one| (one.file.as_str(), one.cause)).collect();
    let expected = [("patron.db.damaged-1", AsideCause::Damaged), ("patron.db.newer-1", AsideCause::Newer)];
    assert_eq!(files, expected);
}

#[test]
fn the_last_twenty_are_remembered() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    for _ in 0..23 {
        offline(folder.path(), &model, &clock).close();
        spoil(&folder.path().join(OFFERS_FILE));
    }
    let all = told(&offline(folder.path(), &model, &clock));
    assert_eq!((all.len(), all[0].file.as_str()), (20, "offers.db.damaged-4"));
    assert_eq!(all[19].file, "offers.db.damaged-23");
}

/// Files of the folder in which `text` can be read, in whatever place.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let has = |path: &Path| std::fs::read(path).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes());
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.filter(|path| has(path)).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_withdrawal_leaves_no_byte_in_what_was_set_aside_either() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 5);
    overwrite(&folder.path().join(MAIN_FILE), "DELETE FROM granted");
    let patron = offline(folder.path(), &model, &clock);
    assert_eq!(holding(folder.path(), "offer-3").len(), 2, "the new file and the old one");
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert_eq!(told(&patron).len(), 1, "that there was one is still told");
    patron.close();
    assert_eq!(holding(folder.path(), "offer-3"), Vec::<String>::new());
    assert!(!folder.path().join("patron.db.damaged-1").exists());
}

#[test]
fn signing_out_and_erasing_leave_nothing_that_was_set_aside() {
    let words: [fn(&Patron) -> u64; 2] =
        [|patron| wait(patron.sign_out()).unwrap().purged_visits, |patron| wait(patron.erase()).unwrap().purged_visits];
    for word in words {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        lived(folder.path(), &model, &clock, 1);
        overwrite(
            &folder.path().join(MAIN_FILE),
            "UPDATE meta SET value = '98' WHERE key = 'readable_from'; PRAGMA user_version = 99",
        );
        spoil(&folder.path().join(OFFERS_FILE));
        let patron = offline(folder.path(), &model, &clock);
        let named = || {
            let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            files.filter(|name| name.to_string_lossy().contains(".db.")).count()
        };
        assert_eq!(named(), 2);
        assert_eq!(word(&patron), 0);
        assert_eq!(named(), 0);
    }
}

#[test]
fn a_file_of_which_nothing_reads_stays_to_be_looked_at() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lived(folder.path(), &model, &clock, 1);
    spoil(&folder.path().join(MAIN_FILE));
    offline(folder.path(), &model, &clock).close();
    offline(folder.path(), &model, &clock).close();
    let file = folder.path().join("patron.db.damaged-1");
    assert!(file.exists());
    // Until the shopper has something to say.
    let patron = offline(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    assert!(!file.exists());
}
