//! Hours, approaches, and what outranks a position.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::TransitionKind::{Dwelt, Entered, Left};
use super::tests::{T0, Walk, shop, told};
use super::*;
use crate::consent::{Gate, PurposeKind};

/// T0 is Monday 21 September 2026, 14:13:20 UTC.
fn open(from: &str, to: &str) -> Option<std::sync::Arc<crate::schedule::Schedule>> {
    use crate::schedule::{Schedule, Window};
    let window = Window::new(["mo"], from, to).unwrap();
    Some(Schedule::new("UTC", vec![window]).unwrap().into())
}

#[test]
fn a_place_is_there_while_it_is_open_only() {
    let market = Place { hours: open("14:20", "14:30"), ..shop("a", 0.0, 60.0) };
    let mut walk = Walk::among(vec![market]);
    assert_eq!(walk.fix(0.0, 8.0), [], "before it opens");
    walk.wait(600);
    let seen: Vec<_> = (0..3).flat_map(|_| walk.wait(10).fix(0.0, 8.0)).collect();
    assert_eq!(seen, [told(Entered, "a")]);
    let closes = 1_790_001_000_000; // 14:30
    walk.wait(170);
    assert_eq!(walk.tracker.expire(walk.now).len(), 1, "a dwell");
    assert_eq!(walk.tracker.deadline(&walk.now), Some(closes));
    walk.wait(600);
    let left = walk.tracker.expire(walk.now);
    assert_eq!(left.iter().map(|t| (t.kind, t.at_ms)).collect::<Vec<_>>(), [(Left, closes)]);
    assert_eq!(walk.wait(10).fix(0.0, 8.0), [], "closed");
}

#[test]
fn a_visit_ends_with_the_hours_that_its_place_has_by_then() {
    let with = |hours| vec![Place { hours, ..shop("a", 0.0, 60.0) }];
    let at = |minutes: i64| 1_790_000_400_000 + minutes * 60_000; // 14:20
    for (before, after, closes) in [
        (None, open("14:00", "15:00"), Some(at(40))),
        (open("14:00", "16:00"), open("14:00", "15:00"), Some(at(40))),
        (open("14:00", "15:00"), open("14:00", "16:00"), Some(at(100))),
        (open("14:00", "15:00"), None, None),
        (open("14:00", "15:00"), open("09:00", "10:00"), Some(at(1))),
    ] {
        let mut walk = Walk::among(with(before));
        walk.now.wall_ms = at(0);
        walk.fix(0.0, 8.0);
        assert_eq!(walk.tracker.visits().len(), 1);
        walk.wait(60);
        assert_eq!(walk.tracker.swap_catalogue(with(after), &walk.now), []);
        walk.wait(3 * 3_600);
        let told = walk.tracker.expire(walk.now);
        let left: Vec<_> = told.iter().filter(|t| t.kind == Left).map(|t| t.at_ms).collect();
        assert_eq!(left, closes.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn an_event_that_ends_before_a_stay_is_long_has_no_dwell() {
    let event = Place { ends_at_ms: Some(T0 + 60_000), ..shop("a", 0.0, 60.0) };
    let mut walk = Walk::among(vec![event]);
    walk.fix(0.0, 8.0);
    walk.wait(300);
    let over: Vec<_> = walk.tracker.expire(walk.now).iter().map(|t| (t.kind, t.at_ms)).collect();
    assert_eq!(over, [(Left, T0 + 60_000)]);
}

#[test]
fn whoever_comes_near_is_approaching_until_there_or_gone() {
    let mut walk = Walk::among(vec![Place { approach_m: Some(500), ..shop("a", 0.0, 60.0) }]);
    let near = |walk: &Walk| walk.tracker.approaching().map(str::to_owned).collect::<Vec<_>>();
    walk.fix(-700.0, 8.0);
    assert!(near(&walk).is_empty());
    walk.walk(-700.0, -500.0, 1.4, 10, 8.0);
    assert_eq!(near(&walk), ["a"]);
    walk.restart();
    assert_eq!(near(&walk), ["a"]);
    walk.walk(-500.0, 0.0, 1.4, 10, 8.0);
    assert!(near(&walk).is_empty(), "there");
    walk.walk(0.0, 900.0, 1.4, 10, 8.0);
    assert!(near(&walk).is_empty(), "gone");
}

fn silence() -> BTreeSet<&'static str> {
    BTreeSet::new()
}

#[test]
fn a_beacon_in_the_store_outranks_a_position_outside() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(-300.0, 8.0);
    walk.wait(10);
    let heard = walk.tracker.heard(&gate.permit().unwrap(), "a", walk.now, &mut |_| Uuid::from_u128(9));
    assert!(heard[0].kind == Entered && !heard[0].initial);
    for _ in 0..30 {
        assert!(walk.wait(10).fix(-300.0, 8.0).iter().all(|(kind, _)| *kind == Dwelt));
        walk.tracker.heard(&gate.permit().unwrap(), "a", walk.now, &mut |_| unreachable!());
    }
    walk.restart();
    let left = walk.tracker.heard_only(&silence(), walk.now);
    assert_eq!(left.iter().map(|t| t.kind).collect::<Vec<_>>(), [Left], "and the scan ends it");
    assert!(walk.tracker.heard(&gate.permit().unwrap(), "nowhere", walk.now, &mut |_| unreachable!()).is_empty());
}

#[test]
fn a_beacon_that_falls_silent_ends_no_visit_that_positions_speak_for() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.tracker.heard(&gate.permit().unwrap(), "a", walk.now, &mut |_| unreachable!());
    walk.wait(10).fix(0.0, 8.0);
    assert!(walk.tracker.heard_only(&silence(), walk.now).is_empty());
    assert_eq!(walk.tracker.visits().len(), 1);
}

#[test]
fn a_check_in_is_a_visit_without_any_position_and_ends_by_itself() {
    let chain = Place { fence: None, ..shop("a", 0.0, 60.0) };
    let mut walk = Walk::among(vec![chain]);
    let entered = walk.tracker.checked_in("a", walk.now, &mut |_| Uuid::from_u128(9));
    assert_eq!(entered.iter().map(|t| t.kind).collect::<Vec<_>>(), [Entered]);
    assert!(walk.tracker.checked_in("a", walk.now, &mut |_| unreachable!()).is_empty(), "once");
    walk.wait(3_700);
    let kinds: Vec<_> = walk.tracker.expire(walk.now).iter().map(|t| t.kind).collect();
    assert_eq!(kinds, [Dwelt, Left]);
}

/// A shelf without a fence in a store of 60 m in a chain that is nowhere, and another store next door.
fn chain() -> Vec<Place> {
    let nowhere = |id: &str, parent: Option<&str>| Place {
        fence: None,
        parent: parent.map(str::to_owned),
        ..shop(id, 0.0, 60.0)
    };
    let beacon = |minor: u16| format!("ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/{minor}").parse().unwrap();
    vec![
        nowhere("chain", None),
        shop("next-door", 500.0, 60.0),
        Place { beacons: vec![beacon(1)], ..nowhere("shelf-1", Some("store")) },
        Place { beacons: vec![beacon(2)], ..nowhere("shelf-2", Some("store")) },
        Place { parent: Some("chain".to_owned()), ..shop("store", 0.0, 60.0) },
    ]
}

#[test]
fn who_hears_the_beacon_of_a_shelf_is_in_the_store_whatever_positions_say() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut walk = Walk::among(chain());
    let mut ids = 100;
    let mut hear = |walk: &mut Walk, shelf: &'static str| {
        let mut told = walk.tracker.heard(&gate.permit().unwrap(), shelf, walk.now, &mut |_| {
            ids += 1;
            Uuid::from_u128(ids)
        });
        told.extend(walk.tracker.heard_only(&BTreeSet::from([shelf]), walk.now));
        told.into_iter().map(|t| (t.kind, t.place)).collect::<Vec<_>>()
    };
    walk.fix(-300.0, 8.0);
    assert_eq!(hear(walk.wait(10), "shelf-1"), [told(Entered, "store"), told(Entered, "shelf-1")]);
    for _ in 0..20 {
        assert!(walk.wait(10).fix(-300.0, 8.0).iter().all(|(kind, _)| *kind == Dwelt), "outside, says the receiver");
        assert!(hear(&mut walk, "shelf-1").iter().all(|(kind, _)| *kind == Dwelt));
    }
    walk.restart();
    assert_eq!(
        hear(walk.wait(10), "shelf-2"),
        [told(Entered, "shelf-2"), told(Left, "shelf-1")],
        "and still in the store"
    );
    let left: Vec<_> = walk.tracker.heard_only(&silence(), walk.now).into_iter().map(|t| (t.kind, t.place)).collect();
    assert_eq!(left, [told(Left, "shelf-2"), told(Left, "store")]);
}

#[test]
fn a_shelf_that_falls_silent_leaves_the_store_to_the_positions_in_it() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut walk = Walk::among(chain());
    walk.fix(0.0, 8.0);
    let heard = walk.tracker.heard(&gate.permit().unwrap(), "shelf-1", walk.now, &mut |_| Uuid::from_u128(9));
    assert_eq!(heard.iter().map(|t| t.place.as_str()).collect::<Vec<_>>(), ["shelf-1"], "in the store already");
    walk.wait(10).fix(0.0, 8.0);
    let left = walk.tracker.heard_only(&silence(), walk.now);
    assert_eq!(left.iter().map(|t| (t.kind, t.place.as_str())).collect::<Vec<_>>(), [(Left, "shelf-1")]);
}

#[test]
fn the_code_of_a_shelf_is_presence_in_its_store_that_no_position_ends() {
    let mut walk = Walk::among(chain());
    let mut ids = 100;
    let entered = walk.tracker.checked_in("shelf-1", walk.now, &mut |_| {
        ids += 1;
        Uuid::from_u128(ids)
    });
    let seen: Vec<_> = entered.iter().map(|t| (t.place.as_str(), t.by)).collect();
    assert_eq!(seen, [("store", Witness::CheckIn), ("shelf-1", Witness::CheckIn)]);
    assert_ne!(entered[0].visit, entered[1].visit);
    for _ in 0..60 {
        assert!(walk.wait(20).fix(-300.0, 8.0).iter().all(|(kind, _)| *kind == Dwelt));
    }
    assert_eq!(walk.tracker.visits().len(), 2);
}

#[test]
fn a_closed_store_is_not_entered_by_its_shelf() {
    let mut places = chain();
    places[4].hours = open("20:00", "21:00");
    let mut walk = Walk::among(places);
    let entered = walk.tracker.checked_in("shelf-1", walk.now, &mut |_| Uuid::from_u128(9));
    assert_eq!(entered.iter().map(|t| t.place.as_str()).collect::<Vec<_>>(), ["shelf-1"]);
}

#[test]
fn withdrawing_beacons_leaves_no_store_that_a_shelf_upheld() {
    let gate = Gate::new(1, [PurposeKind::Beacons]);
    let mut walk = Walk::among(chain());
    let mut ids = 100;
    walk.tracker.heard(&gate.permit().unwrap(), "shelf-1", walk.now, &mut |_| {
        ids += 1;
        Uuid::from_u128(ids)
    });
    assert_eq!(walk.tracker.forget(Witness::Beacon), 2);
    assert!(walk.tracker.visits().is_empty());
}

fn beacons() -> Gate {
    Gate::new(1, [PurposeKind::Beacons])
}

#[test]
fn a_beacon_that_falls_silent_leaves_the_visit_to_the_code_that_was_scanned() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(-300.0, 8.0);
    walk.wait(10);
    walk.tracker.checked_in("a", walk.now, &mut |_| Uuid::from_u128(9));
    walk.wait(10);
    walk.tracker.heard(&beacons().permit().unwrap(), "a", walk.now, &mut |_| unreachable!());
    walk.restart();
    walk.wait(120);
    assert!(walk.tracker.heard_only(&silence(), walk.now).iter().all(|t| t.kind == Dwelt));
    for _ in 0..80 {
        assert!(walk.wait(20).fix(-300.0, 8.0).iter().all(|(kind, _)| *kind == Dwelt), "for half an hour");
    }
    let left: Vec<_> = (0..20).flat_map(|_| walk.wait(20).fix(-300.0, 8.0)).collect();
    assert_eq!(left, [told(Left, "a")], "and then a position ends it");
}

#[test]
fn withdrawing_beacons_leaves_what_the_code_says_and_a_code_that_is_taken_back_what_the_beacon_says() {
    for (first, then) in [(Witness::CheckIn, Witness::Beacon), (Witness::Beacon, Witness::CheckIn)] {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        walk.fix(-300.0, 8.0);
        for by in [first, then] {
            walk.wait(10);
            match by {
                Witness::CheckIn => walk.tracker.checked_in("a", walk.now, &mut |_| Uuid::from_u128(9)),
                _ => walk.tracker.heard(&beacons().permit().unwrap(), "a", walk.now, &mut |_| Uuid::from_u128(9)),
            };
        }
        let entered = walk.tracker.visits()[0].clone();
        assert_eq!(walk.tracker.forget(Witness::Beacon), 0);
        let visit = walk.tracker.visits()[0].clone();
        assert_eq!(visit.by, Witness::CheckIn);
        assert_eq!(visit.id == entered.id, first == Witness::CheckIn, "what the beacon began is not named after it");
        assert_eq!(visit.entered_at_ms, if first == Witness::CheckIn { T0 + 10_000 } else { T0 + 20_000 });
        walk.restart();
        for _ in 0..60 {
            assert!(walk.wait(20).fix(-300.0, 8.0).iter().all(|(kind, _)| *kind == Dwelt));
        }
        assert_eq!(walk.tracker.forget(Witness::CheckIn), 1);
    }
}

#[test]
fn a_visit_during_which_a_code_was_scanned_goes_on_without_positions_and_ends_by_itself() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    let before = walk.tracker.visits()[0].clone();
    walk.wait(300).fix(0.0, 8.0);
    assert!(walk.tracker.checked_in("a", walk.now, &mut |_| unreachable!()).is_empty());
    let scans = walk.tracker.code_scans(&walk.now);
    assert!(scans.len() == 1 && scans[0].place == "a" && scans[0].visit != before.id);
    walk.wait(60);
    assert_eq!(walk.tracker.forget(Witness::Position), 0);
    let visit = walk.tracker.visits()[0].clone();
    assert_eq!((visit.id, visit.by, visit.entered_at_ms), (scans[0].visit, Witness::CheckIn, T0 + 300_000));
    assert!(!visit.initial);
    walk.restart();
    walk.wait(3_700);
    let over: Vec<_> = walk.tracker.expire(walk.now).iter().map(|t| (t.kind, t.visit, t.at_ms)).collect();
    assert_eq!(over, [(Dwelt, visit.id, T0 + 480_000), (Left, visit.id, T0 + 480_000)]);
}

#[test]
fn a_scan_that_begins_a_visit_is_told_by_its_arrival_and_each_later_one_by_itself() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.tracker.checked_in("a", walk.now, &mut |_| Uuid::from_u128(9));
    assert_eq!(walk.tracker.code_scans(&walk.now), []);
    let mut events = BTreeSet::new();
    for _ in 0..3 {
        walk.wait(60);
        walk.tracker.checked_in("a", walk.now, &mut |_| unreachable!());
        walk.restart();
        let scans = walk.tracker.code_scans(&walk.now);
        assert_eq!(scans[0].visit, Uuid::from_u128(9));
        assert!(events.insert(scans[0].event));
    }
    walk.wait(60);
    assert_eq!(walk.tracker.code_scans(&walk.now), []);
}

#[test]
fn what_was_stored_while_beacons_and_codes_had_one_time_between_them_is_read() {
    for (by, name) in [(Witness::Beacon, "beacon"), (Witness::CheckIn, "check_in")] {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        walk.fix(-300.0, 8.0);
        match by {
            Witness::CheckIn => walk.tracker.checked_in("a", walk.now, &mut |_| Uuid::from_u128(9)),
            _ => walk.tracker.heard(&beacons().permit().unwrap(), "a", walk.now, &mut |_| Uuid::from_u128(9)),
        };
        let mut state = serde_json::to_value(walk.tracker.state()).unwrap();
        let stay = &mut state["near"]["a"]["phase"]["inside"];
        for field in ["heard", "checked_in"] {
            stay.as_object_mut().unwrap().remove(field);
        }
        stay["witness"] = serde_json::json!([name, walk.now]);
        let state = serde_json::from_value(state).unwrap();
        let (mut tracker, _) = VisitTracker::restore(walk.tracker.places().to_vec(), state, &walk.now);
        assert_eq!(*tracker.state(), *walk.tracker.state(), "{name}");
        let left = tracker.heard_only(&silence(), walk.now);
        assert_eq!(left.len(), usize::from(by == Witness::Beacon), "{name}");
    }
}

#[test]
fn a_visit_that_falls_silent_ends_as_of_what_was_heard_last() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.tracker.heard(&beacons().permit().unwrap(), "a", walk.now, &mut |_| Uuid::from_u128(9));
    walk.wait(60);
    walk.tracker.heard(&beacons().permit().unwrap(), "a", walk.now, &mut |_| unreachable!());
    walk.wait(100);
    let left = walk.tracker.heard_only(&silence(), walk.now);
    assert_eq!(left.iter().map(|t| (t.kind, t.at_ms)).collect::<Vec<_>>(), [(Left, T0 + 60_000)]);
}
