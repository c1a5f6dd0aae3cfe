//! Hours, approaches, and what outranks a position.

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
    let left = walk.tracker.unheard("a", walk.now);
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
    assert!(walk.tracker.unheard("a", walk.now).is_empty());
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
