//! Stores of each schema that there ever was, opened by the version of now: nothing of what they hold is lost.
//!
//! `fixtures` has a store of each, written by a version that had that schema and never touched since. That of the newest
//! schema is what the life below leaves behind. When the schema changes, the version before it leaves one more:
//!
//! ```text
//! PATRON_FIXTURE=core/tests/fixtures/schema_N cargo test -p patron-core --test versions leaves
//! ```

#![allow(clippy::unwrap_used, reason = "tests, and what they share")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::ManualClock;
use patron_core::consent::{ConsentStatus, Purpose};
use patron_core::event::{Engagement, Tracked};
use patron_core::offer::ShopperAct;
use patron_core::place::FixInput;
use patron_core::store::{MAIN_FILE, OFFERS_FILE};
use patron_core::{Fate, Patron};
use support::{Fault, MONDAY_10, Model, open, wait, wait_moving};

const DAY: Duration = Duration::from_secs(86_400);

/// A café of the town.
const MARKET_AT: (f64, f64) = (60.1675, 24.9525);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(MONDAY_10))
}

fn saved(offer: &str) -> Engagement {
    Engagement::Saved { offer: offer.to_owned() }
}

fn track_all(patron: &Patron, n: usize) {
    for i in 0..n {
        assert_eq!(patron.track(&saved(&format!("offer-{i}"))), Ok(Tracked::Recorded));
    }
}

/// Lays a store of that schema into `folder`.
fn lay(fixture: &str, folder: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
    for file in [MAIN_FILE, OFFERS_FILE] {
        std::fs::copy(fixture.join(file), folder.join(file)).unwrap();
    }
}

/// Where SQLite's file format has `user_version`: to open the file would write beside it.
fn version_of(folder: &Path, file: &str) -> u32 {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    u32::from_be_bytes(bytes[60..64].try_into().unwrap())
}

/// `fixtures/schema_1` was written by the version that had schema 1: five decisions, of the first
/// ten events eight delivered and two dead, thirty queued of which the oldest was sent without an
/// answer, one offer put away, a visit under way, and a shopper who has just signed in.
#[test]
fn a_store_of_schema_1_opens_with_everything_in_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lay("schema_1", folder.path());
    let installation = "b0e16f4d-76de-43c7-8646-1af303bb583d".parse().unwrap();
    model.0.lock().unwrap().epochs.insert(installation, 5);
    clock.advance(Duration::from_secs(200));
    // What was under way goes again at once; not before it is looked at.
    model.fail("/v1/events", Fault::Unreachable);
    let patron = open(folder.path(), &model, &clock);
    let before = wait(patron.diagnostics()).unwrap();
    assert_eq!(before.set_aside, []);
    assert_eq!(before.installation, installation);
    let account = before.account;
    assert_eq!((account.accepted, account.delivered, account.queued, account.dead), (40, 8, 30, 2));
    assert!(account.balances());
    assert_eq!(
        before.losses.iter().map(|l| (l.fate, l.reason.as_str(), l.events)).collect::<Vec<_>>(),
        [(Fate::Dead, "earlier", 2)]
    );
    assert_eq!(before.consent_epoch, 5);
    let state = |purpose| patron.consents().into_iter().find(|c| c.purpose == purpose).unwrap().status;
    assert_eq!(state(Purpose::Engagement), ConsentStatus::Granted);
    assert_eq!(state(Purpose::Notifications), ConsentStatus::Denied);
    assert_eq!(patron.visits().len(), 1);
    assert!(before.account_alias.is_some() && before.catalogue_version.is_some());
    // The batch that was under way goes again as it was, under its id, and the rest after it.
    track_all(&patron, 1);
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    assert_eq!(held.batches.iter().map(|batch| batch.events.len()).collect::<Vec<_>>(), [1, 30]);
    assert_eq!(held.events.len(), 31);
    let with_alias = held.batches[1].events.iter().filter(|event| event.subject.is_some()).count();
    assert_eq!(with_alias, 4, "the alias of the last three, and of the one tracked now");
    drop(held);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered, account.queued), (41, 39, 0));
}

/// `fixtures/schema_2` was written by the version that had schema 2, before decisions stood in a ledger: four
/// decisions, of the first nine events eight delivered and one dead, then five that were sent without an
/// answer, thirteen more and an arrival of a shopper who has just signed in; one offer put away.
#[test]
fn a_store_of_schema_2_opens_with_everything_in_it_and_its_decisions_enter_the_ledger() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    lay("schema_2", folder.path());
    clock.advance(Duration::from_secs(60));
    // What was under way goes again at once; not before it is looked at.
    model.fail("/v1/events", Fault::Unreachable);
    let patron = open(folder.path(), &model, &clock);
    let before = wait(patron.diagnostics()).unwrap();
    assert_eq!((before.set_aside.len(), before.consent_epoch), (0, 4));
    let account = before.account;
    assert_eq!((account.accepted, account.delivered, account.queued, account.dead), (28, 8, 19, 1));
    assert!(account.balances());
    let lost: Vec<_> = before.losses.iter().map(|l| (l.fate, l.reason.as_str(), l.events)).collect();
    assert_eq!(lost, [(Fate::Dead, "refused", 1)]);
    let state = |purpose| patron.consents().into_iter().find(|c| c.purpose == purpose).unwrap().status;
    assert_eq!(state(Purpose::Engagement), ConsentStatus::Granted);
    assert_eq!(state(Purpose::Notifications), ConsentStatus::Denied);
    assert_eq!(wait(patron.verify_ledger()).unwrap().entries, 4);
    assert_eq!(patron.visits().len(), 1);
    assert!(before.account_alias.is_some() && before.catalogue_version.is_some());
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    assert_eq!(held.batches.iter().map(|batch| batch.events.len()).collect::<Vec<_>>(), [5, 14]);
    let with_alias = held.batches.iter().flat_map(|batch| &batch.events).filter(|event| event.subject.is_some());
    assert_eq!(with_alias.count(), 14);
    assert_eq!(held.reports[&before.installation].decisions.len(), 4);
    drop(held);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered, account.queued), (28, 27, 0));
}

/// A life that leaves something of everything: four decisions, of the first nine events eight delivered and one dead, an
/// offer put away, a wish and a snooze, five events that were sent without an answer, thirteen more, a visit under way with its
/// arrival, and a shopper who has just signed in.
fn live(folder: &Path) {
    let (model, clock) = (Model::town(), clock());
    model.0.lock().unwrap().drops = Some(("\"bad\"".to_owned(), "conflict".to_owned()));
    let patron = open(folder, &model, &clock);
    wait(patron.refresh()).unwrap();
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation, Purpose::PartnerOffers])).unwrap();
    wait(patron.deny(vec![Purpose::Notifications])).unwrap();
    wait(patron.act(ShopperAct::Snooze { until_ms: MONDAY_10 + 3_600_000 })).unwrap();
    track_all(&patron, 7);
    assert_eq!(patron.track(&Engagement::Dismissed { offer: "aarre-welcome".to_owned() }), Ok(Tracked::Recorded));
    assert_eq!(patron.track(&saved("bad")), Ok(Tracked::Recorded));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    patron.set_online(false).unwrap();
    track_all(&patron, 5);
    wait(patron.flush()).unwrap();
    model.fail("/v1/events", Fault::LostReply);
    patron.set_online(true).unwrap();
    wait(async {
        while model.0.lock().unwrap().batches.len() < 2 || patron.diagnostics().await.unwrap().last_error.is_none() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    patron.set_online(false).unwrap();
    wait(patron.identify("token".to_owned())).unwrap();
    track_all(&patron, 13);
    let (latitude, longitude) = MARKET_AT;
    for _ in 0..6 {
        clock.advance(Duration::from_secs(10));
        let fix = FixInput { latitude, longitude, accuracy_m: Some(5.0), age_ms: 0, mock: false };
        wait(patron.update_location(fix)).unwrap();
    }
    wait(patron.flush()).unwrap();
    patron.close();
}

/// Opens what [`live`] left and finds all of it, whichever version it was that lived.
fn holds_everything(folder: &Path) {
    let (model, clock) = (Model::town(), clock());
    clock.advance(Duration::from_secs(70));
    // What was under way goes again at once; not before it is looked at.
    model.fail("/v1/events", Fault::Unreachable);
    let patron = open(folder, &model, &clock);
    let before = wait(patron.diagnostics()).unwrap();
    assert_eq!((&before.set_aside[..], before.consent_epoch), (&[][..], 4));
    model.0.lock().unwrap().epochs.insert(before.installation, 4);
    let account = before.account;
    assert_eq!((account.accepted, account.delivered, account.queued, account.dead), (28, 8, 19, 1));
    assert!(account.balances());
    let lost: Vec<_> = before.losses.iter().map(|l| (l.fate, l.reason.as_str(), l.events)).collect();
    assert_eq!(lost, [(Fate::Dead, "conflict", 1)]);
    let letters = wait(patron.dead_letters(10)).unwrap();
    assert_eq!(letters.iter().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(), ["conflict"]);
    assert!((letters[0].at_ms - MONDAY_10).abs() < 1_000 && letters[0].data.contains("bad"), "{letters:?}");
    let state = |purpose| patron.consents().into_iter().find(|c| c.purpose == purpose).unwrap().status;
    assert_eq!(state(Purpose::Engagement), ConsentStatus::Granted);
    assert_eq!(state(Purpose::PartnerOffers), ConsentStatus::Granted);
    assert_eq!(state(Purpose::Notifications), ConsentStatus::Denied);
    assert_eq!(wait(patron.verify_ledger()).unwrap().entries, 4);
    assert_eq!(patron.visits().len(), 1);
    assert!(before.account_alias.is_some() && before.catalogue_version.is_some());
    assert!(patron.suggest("home").unwrap().is_empty(), "the snooze holds");
    wait(patron.act(ShopperAct::EndSnooze)).unwrap();
    let cards = patron.offers("home").unwrap();
    assert!(cards.iter().any(|card| card.partner.is_some()), "partners' offers were kept with the yes to that");
    assert!(cards.iter().all(|card| card.id != "aarre-welcome"), "and what was put away stays away");
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    // The batch that was under way goes again as it was, and the rest after it.
    assert_eq!(held.batches.iter().map(|batch| batch.events.len()).collect::<Vec<_>>(), [5, 14]);
    let with_alias = held.batches.iter().flat_map(|batch| &batch.events).filter(|event| event.subject.is_some());
    assert_eq!(with_alias.count(), 14);
    drop(held);
    let account = wait(patron.diagnostics()).unwrap().account;
    assert_eq!((account.accepted, account.delivered, account.queued), (28, 27, 0));
}

#[test]
fn this_version_leaves_what_the_next_will_be_held_to() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path());
    if let Some(fixture) = std::env::var_os("PATRON_FIXTURE") {
        std::fs::create_dir_all(&fixture).unwrap();
        for file in [MAIN_FILE, OFFERS_FILE] {
            let log = folder.path().join(format!("{file}-wal"));
            assert!(std::fs::metadata(log).map_or(0, |log| log.len()) == 0, "a store that is closed has no log");
            std::fs::copy(folder.path().join(file), Path::new(&fixture).join(file)).unwrap();
        }
    }
    holds_everything(folder.path());
}

#[test]
fn a_store_of_schema_3_opens_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    lay("schema_3", folder.path());
    assert_eq!((version_of(folder.path(), MAIN_FILE), version_of(folder.path(), OFFERS_FILE)), (3, 2));
    holds_everything(folder.path());
}

#[test]
fn a_store_of_schema_4_opens_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    lay("schema_4", folder.path());
    assert_eq!((version_of(folder.path(), MAIN_FILE), version_of(folder.path(), OFFERS_FILE)), (4, 2));
    holds_everything(folder.path());
}

#[test]
fn there_is_a_store_of_every_schema_that_this_version_writes() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path());
    for (file, mut newest) in [MAIN_FILE, OFFERS_FILE].map(|file| (file, version_of(folder.path(), file))) {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let known: Vec<u32> =
            std::fs::read_dir(fixtures).unwrap().map(|kept| version_of(&kept.unwrap().path(), file)).collect();
        while newest > 0 {
            assert!(known.contains(&newest), "no fixture of schema {newest} of {file}");
            newest -= 1;
        }
    }
}
