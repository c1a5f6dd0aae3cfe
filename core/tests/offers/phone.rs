//! What the phone keeps from the app, told as what keeps offers from the shopper.

use patron_core::consent::signal::{Age, Declared, LocationPermission, Permission, Signals};
use patron_core::place::plan::Limits;

use super::*;

const YES: [Purpose; 2] = [Purpose::PreciseLocation, Purpose::CoarseLocation];

fn kinds(patron: &Patron) -> Vec<BlockerKind> {
    patron.blockers(Some("home"), true).unwrap().into_iter().map(|blocker| blocker.kind).collect()
}

fn stand(patron: &Patron, latitude: f64) {
    let fix = FixInput { latitude, longitude: 24.9525, accuracy_m: Some(5.0), age_ms: 0, mock: false };
    wait(patron.update_location(fix)).unwrap();
}

#[test]
fn a_missing_permission_of_the_system_is_named_where_it_is_all_that_is_missing() {
    let offers = json!([with(offer("a"), "places", json!(["cafe"]))]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&offers), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let declare = |location, age| {
        let signals = Signals { location: Declared::Is(location), age, ..Signals::default() };
        wait(patron.declare_signals(signals)).unwrap();
    };
    declare(LocationPermission::Coarse, Declared::Never);
    assert_eq!(kinds(&patron), [BlockerKind::ConsentMissing], "the shopper is asked before the system is");
    wait(patron.grant(YES.to_vec())).unwrap();
    for (location, age, told) in [
        (LocationPermission::Coarse, Declared::Never, BlockerKind::PermissionMissing),
        (LocationPermission::None, Declared::Never, BlockerKind::PermissionMissing),
        // Whatever the system allows, a child's exact position is not read.
        (LocationPermission::None, Declared::Is(Age::Child), BlockerKind::Overlay),
        (LocationPermission::Precise, Declared::Is(Age::Child), BlockerKind::Overlay),
        (LocationPermission::Precise, Declared::Never, BlockerKind::NoPosition),
    ] {
        declare(location, age);
        assert_eq!(kinds(&patron), [told], "{location:?}");
    }
}

#[test]
fn a_system_that_watches_and_is_silent_for_a_day_is_named() {
    let offers = json!([with(offer("a"), "places", json!(["cafe"]))]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&offers), clock());
    let patron = device(folder.path(), &model, &clock, &YES);
    let told_after = |hours: u32| {
        clock.advance(hours * HOUR);
        wait(patron.refresh()).unwrap();
        kinds(&patron)
    };
    stand(&patron, 60.2);
    assert_eq!(told_after(0), [BlockerKind::NotThere]);
    assert_eq!(told_after(25), [BlockerKind::NoPosition], "of long ago says nothing; nobody was asked to watch");
    stand(&patron, 60.2);
    wait(patron.plan(Limits::IOS)).unwrap();
    assert_eq!(told_after(23), [BlockerKind::NoPosition]);
    assert_eq!(told_after(2), [BlockerKind::NoPosition, BlockerKind::NoWake]);
    clock.reboot();
    assert_eq!(told_after(0), [BlockerKind::NoPosition], "how long the phone was off is not known");
    stand(&patron, 60.2);
    assert_eq!(told_after(0), [BlockerKind::NotThere]);
}

#[test]
fn a_phone_that_may_not_notify_is_named_for_what_comes_by_itself() {
    let offers = json!([with(offer("a"), "triggers", json!([{ "on": "event", "type": "dev.patron.purchase" }]))]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&offers), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let declare = |notifications| {
        let signals = Signals { notifications: Declared::Is(notifications), ..Signals::default() };
        wait(patron.declare_signals(signals)).unwrap();
    };
    let told = || -> Vec<(BlockerKind, Option<Purpose>)> {
        let told = patron.blockers(Some("home"), false).unwrap().into_iter();
        told.map(|blocker| (blocker.kind, blocker.purpose)).collect()
    };
    let notices = Some(Purpose::Notifications);
    declare(Permission::Denied);
    assert_eq!(told(), [(BlockerKind::ConsentMissing, notices.clone())], "the shopper is asked before the system is");
    wait(patron.grant(vec![Purpose::Notifications])).unwrap();
    assert_eq!(told(), [(BlockerKind::PermissionMissing, notices)]);
    assert_eq!(kinds(&patron), [], "who asked misses nothing");
    declare(Permission::Granted);
    assert_eq!(told(), []);
}

#[test]
fn a_phone_that_may_hear_no_beacon_is_named_where_a_beacon_is_all_there_is() {
    let offers = json!([with(offer("a"), "places", json!(["wall"]))]);
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([])), clock());
    let wall = json!({ "id": "wall", "name": "wall", "beacons": ["ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"] });
    let catalogue = json!({ "version": "wall-1", "partners": [], "places": [wall], "offers": offers });
    model.0.lock().unwrap().catalogue = catalogue.to_string().into_bytes();
    let patron = device(folder.path(), &model, &clock, &YES);
    let declare = |bluetooth| {
        wait(patron.declare_signals(Signals { bluetooth: Declared::Is(bluetooth), ..Signals::default() })).unwrap();
    };
    declare(Permission::Denied);
    assert_eq!(kinds(&patron), [BlockerKind::ConsentMissing], "the shopper is asked before the system is");
    wait(patron.grant(vec![Purpose::Beacons])).unwrap();
    assert_eq!(kinds(&patron), [BlockerKind::PermissionMissing]);
    declare(Permission::Granted);
    assert_eq!(kinds(&patron), [BlockerKind::NotThere]);
}
