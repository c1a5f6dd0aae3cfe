//! What the world outside takes away.

use std::time::Duration;

use patron_core::Error;
use patron_core::consent::signal::{Age, Declared, LocationPermission, Signals};
use patron_core::consent::{ConsentStatus, Purpose, PurposeKind};
use patron_core::event::Tracked;
use patron_core::store::MAIN_FILE;

use super::hand::*;
use super::support::{Model, open, wait, wait_moving};

#[test]
fn a_child_is_not_located_and_what_was_recorded_goes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation, Purpose::Engagement])).unwrap();
    visit(&patron, &clock);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
    let child = Signals { age: Declared::Is(Age::Child), ..Signals::default() };
    wait(patron.declare_signals(child.clone())).unwrap();
    assert_eq!((wait(patron.diagnostics()).unwrap().account.queued, patron.visits().len()), (0, 0));
    let stands = state(&patron, &Purpose::PreciseLocation);
    assert_eq!((stands.status, stands.effective), (ConsentStatus::Granted, false));
    assert_eq!(stands.lowered_by, ["age"]);
    assert!(state(&patron, &Purpose::Engagement).effective);
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    patron.close();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.signals(), child);
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    wait(patron.declare_signals(Signals::default())).unwrap();
    assert!(state(&patron, &Purpose::PreciseLocation).effective, "the grant had stood all the time");
}

#[test]
fn a_permission_of_the_platform_that_is_taken_away_stops_reading_and_purges_nothing() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    visit(&patron, &clock);
    let signals = Signals { location: Declared::Is(LocationPermission::None), ..Signals::default() };
    wait(patron.declare_signals(signals)).unwrap();
    assert!(matches!(wait(patron.update_location(in_the_store())), Err(Error::NotPermitted { .. })));
    assert_eq!(wait(patron.diagnostics()).unwrap().account.queued, 1);
}

#[test]
fn what_is_lowered_is_told_to_the_backend_and_hides_the_shopper_from_partners() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.refresh()).unwrap();
    let sharing: Vec<_> = patron.consents().into_iter().map(|state| state.purpose).collect();
    let sharing: Vec<_> = sharing.into_iter().filter(|purpose| purpose.partner().is_some()).take(2).collect();
    wait(patron.grant(sharing.clone())).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    let report = |model: &Model| model.0.lock().unwrap().reports[&installation].clone();
    let names = report(&model).pseudonyms;
    assert_eq!(names.keys().map(String::as_str).collect::<Vec<_>>(), {
        let mut partners: Vec<_> = sharing.iter().filter_map(|purpose| purpose.partner()).collect();
        partners.sort_unstable();
        partners
    });
    assert_eq!(names.values().collect::<std::collections::BTreeSet<_>>().len(), 2, "each has its own");
    assert!(names.values().all(|name| *name != installation));
    wait(patron.declare_signals(Signals { gpc: true, ..Signals::default() })).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let report = report(&model);
    assert!(report.pseudonyms.is_empty() && report.lowered.contains(&PurposeKind::PartnerSharing), "{report:?}");
}

#[test]
fn signals_that_no_longer_read_are_a_no_to_all_that_they_could_touch() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation])).unwrap();
    wait(patron.declare_signals(Signals { age: Declared::Is(Age::Adult), ..Signals::default() })).unwrap();
    patron.close();
    let db = rusqlite::Connection::open(folder.path().join(MAIN_FILE)).unwrap();
    db.execute("UPDATE meta SET value = 'no JSON' WHERE key = 'signals'", []).unwrap();
    drop(db);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert!(!state(&patron, &Purpose::PreciseLocation).effective && !state(&patron, &Purpose::Engagement).effective);
    wait(patron.declare_signals(Signals::default())).unwrap();
    assert!(state(&patron, &Purpose::Engagement).effective, "once the host has told them again");
}

#[test]
fn a_string_that_is_too_long_takes_the_place_of_the_one_before() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    for long in ["C".repeat(64 * 1024 + 1), "DBAA".repeat(64 * 1024)] {
        wait(patron.declare_signals(Signals::default())).unwrap();
        assert!(state(&patron, &Purpose::Engagement).effective);
        wait(patron.declare_signals(Signals { tcf: Declared::Is(long), ..Signals::default() })).unwrap();
        assert!(!state(&patron, &Purpose::Engagement).effective, "nobody can say what it allows");
    }
}

#[test]
fn what_was_declared_reaches_the_backend_also_when_the_process_died_before_it_could_say_so() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    patron.set_online(false).unwrap();
    wait(patron.declare_signals(Signals { gpc: true, ..Signals::default() })).unwrap();
    patron.close();
    assert!(model.0.lock().unwrap().reports[&installation].lowered.is_empty());
    let patron = open(folder.path(), &model, &clock);
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert!(model.0.lock().unwrap().reports[&installation].lowered.contains(&PurposeKind::PartnerSharing));
}

/// Makes the main file one that is salvaged at the next opening.
fn damage(folder: &std::path::Path, also: &str) {
    let db = rusqlite::Connection::open(folder.join(MAIN_FILE)).unwrap();
    db.execute_batch(&format!("UPDATE counter SET value = -1 WHERE name = 'counted'; {also}")).unwrap();
}

#[test]
fn a_salvaged_store_has_what_limits_its_grants_and_what_is_still_to_be_done() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    patron.set_online(false).unwrap();
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PreciseLocation, Purpose::Dialogue])).unwrap();
    wait(patron.withdraw(Purpose::Dialogue)).unwrap();
    wait(patron.prompted(vec![Purpose::Beacons])).unwrap();
    let child = Signals { age: Declared::Is(Age::Child), ..Signals::default() };
    wait(patron.declare_signals(child.clone())).unwrap();
    let asked = |patron: &patron_core::Patron| {
        let export: serde_json::Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
        export["asked"].clone()
    };
    let before = asked(&patron);
    patron.close();
    damage(folder.path(), "");
    // Or it may have done its part by the time that is looked at.
    model.0.lock().unwrap().is_slow_with_rights = true;
    let patron = open(folder.path(), &model, &clock);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.set_aside.len(), diagnostics.pending_rights), (1, 1));
    assert_eq!((patron.signals(), asked(&patron)), (child, before));
    let stands = state(&patron, &Purpose::PreciseLocation);
    assert_eq!((stands.status, stands.effective), (ConsentStatus::Granted, false));
}

#[test]
fn signals_that_cannot_be_salvaged_may_have_said_anything() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), with_canary(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement, Purpose::PartnerOffers])).unwrap();
    wait(patron.refresh()).unwrap();
    wait(patron.declare_signals(Signals { gpc: true, ..Signals::default() })).unwrap();
    wait(patron.declare_signals(Signals { age: Declared::Is(Age::Adult), ..Signals::default() })).unwrap();
    wait(patron.refresh()).unwrap();
    patron.close();
    assert!(is_on_disk(folder.path()));
    damage(
        folder.path(),
        "UPDATE meta SET value = x'FF00' WHERE key = 'signals'; INSERT INTO meta VALUES ('purge', x'FF00')",
    );
    model.fail("catalogue", super::support::Fault::Hang);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(patron.signals(), Signals::unreadable());
    assert!(!state(&patron, &Purpose::Engagement).effective);
    assert!(!is_on_disk(folder.path()), "an intent to purge that does not read is one to purge everything");
}

#[test]
fn no_event_is_sent_before_the_backend_has_heard_what_is_lowered() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    synced(&patron);
    patron.set_online(false).unwrap();
    assert_eq!(patron.track(&saved("cup")), Ok(Tracked::Recorded));
    wait(patron.declare_signals(Signals { gpc: true, ..Signals::default() })).unwrap();
    model.fail("consent", super::support::Fault::Answer(503, vec![("retry-after", "3600")], ""));
    patron.set_online(true).unwrap();
    assert!(!wait_moving(&clock, &patron, patron.drain(Duration::from_secs(20), None)).unwrap().done);
    assert_eq!(model.stored(), 0);
    clock.advance(Duration::from_secs(3_600));
    assert!(wait_moving(&clock, &patron, patron.drain(DAY, None)).unwrap().done);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    let held = model.0.lock().unwrap();
    assert!(!held.reports[&installation].lowered.is_empty() && held.reports[&installation].standing.is_some());
    assert_eq!(held.events.len(), 1);
}
