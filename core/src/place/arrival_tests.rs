//! Who arrived, and who was there already when it was first looked.

use std::sync::Arc;

use proptest::prelude::*;

use super::TransitionKind::Entered;
use super::tests::{T0, Walk, shop};
use super::*;
use crate::schedule::{Schedule, Window};

/// Whether the next visit that begins is one that nobody saw begin; a fix each ten seconds at `north_m`.
fn is_initial(walk: &mut Walk, north_m: f64) -> bool {
    let entered = (0..30).flat_map(|_| walk.wait(10).see(north_m, 8.0, 0)).find(|told| told.kind == Entered);
    entered.expect("a visit").initial
}

fn publish(walk: &mut Walk, places: Vec<Place>) {
    assert_eq!(walk.tracker.swap_catalogue(places, &walk.now), []);
}

/// T0 is Monday 21 September 2026, 14:13:20 UTC.
fn open(from: &str, to: &str) -> Option<Arc<Schedule>> {
    Some(Schedule::new("UTC", vec![Window::new(["mo"], from, to).unwrap()]).unwrap().into())
}

#[test]
fn a_place_that_is_published_around_a_shopper_is_no_arrival() {
    let mut walk = Walk::among(vec![shop("a", 900.0, 60.0)]);
    walk.fix(0.0, 8.0);
    publish(&mut walk, vec![shop("a", 900.0, 60.0), shop("new", 0.0, 60.0)]);
    assert!(is_initial(&mut walk, 0.0));
}

#[test]
fn a_place_that_is_published_elsewhere_is_arrived_at() {
    let mut walk = Walk::among(vec![shop("a", 900.0, 60.0)]);
    walk.fix(-200.0, 8.0);
    publish(&mut walk, vec![shop("a", 900.0, 60.0), shop("new", 0.0, 60.0)]);
    walk.restart();
    assert!(!is_initial(&mut walk, 0.0));
}

#[test]
fn a_place_that_moves_around_a_shopper_is_no_arrival() {
    for before_m in [100.0, 5_000.0] {
        let mut walk = Walk::among(vec![shop("a", before_m, 60.0)]);
        walk.fix(0.0, 30.0);
        walk.wait(10).fix(0.0, 30.0);
        publish(&mut walk, vec![shop("a", 0.0, 60.0)]);
        assert!(is_initial(&mut walk, 0.0), "from {before_m} m away");
    }
}

#[test]
fn a_place_that_stays_where_it_is_in_another_catalogue_is_arrived_at() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.walk(-300.0, -60.0, 1.4, 10, 8.0);
    publish(&mut walk, vec![shop("a", 0.0, 60.0), shop("b", 900.0, 60.0)]);
    assert!(!is_initial(&mut walk, 0.0));
}

#[test]
fn a_shop_that_opens_around_whoever_waits_in_it_is_no_arrival() {
    for place in [
        Place { hours: open("14:20", "18:00"), ..shop("a", 0.0, 60.0) },
        Place { starts_at_ms: Some(T0 + 400_000), ..shop("a", 0.0, 60.0) },
    ] {
        let mut walk = Walk::among(vec![place]);
        walk.fix(-300.0, 8.0);
        assert_eq!(walk.walk(-300.0, 0.0, 1.4, 10, 8.0), [], "closed");
        walk.wait(400);
        assert!(is_initial(&mut walk, 0.0));
    }
}

#[test]
fn a_shop_that_opened_while_the_shopper_was_on_the_way_is_arrived_at() {
    let mut walk = Walk::among(vec![Place { hours: open("14:20", "18:00"), ..shop("a", 0.0, 60.0) }]);
    walk.fix(-300.0, 8.0);
    walk.wait(500);
    assert!(!is_initial(&mut walk, 0.0));
}

#[test]
fn a_walk_out_of_a_new_place_is_no_walk_through_it() {
    let mut walk = Walk::among(Vec::new());
    walk.fix(0.0, 8.0);
    publish(&mut walk, vec![shop("new", 0.0, 60.0)]);
    assert_eq!(walk.wait(90).fix(250.0, 8.0), []);
}

#[test]
fn the_first_position_of_a_new_day_is_no_arrival() {
    for (gap_s, restarts, initial) in [
        (20 * 3_600, true, true),
        (20 * 3_600, false, true),
        (3_700, false, true),
        (1_800, false, false),
        (1_800, true, false),
    ] {
        // Far, so that nothing is kept of the place; and near, so that something is.
        for before_m in [-5_000.0, -75.0] {
            let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
            walk.fix(before_m, 8.0);
            walk.wait(gap_s);
            if restarts {
                walk.restart();
            }
            assert_eq!(is_initial(&mut walk, 0.0), initial, "{gap_s} s, from {before_m} m");
        }
    }
}

#[test]
fn a_position_outside_on_the_new_day_makes_the_next_visit_an_arrival() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(-5_000.0, 8.0);
    walk.wait(20 * 3_600).fix(-200.0, 8.0);
    assert!(!is_initial(&mut walk, 0.0));
}

#[test]
fn whom_the_platform_wakes_for_has_just_arrived_however_long_nobody_looked() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(-5_000.0, 8.0);
    walk.wait(20 * 3_600);
    walk.restart();
    walk.tracker.woken(walk.now);
    assert!(!is_initial(&mut walk, 0.0));
    let mut never_seen = Walk::among(vec![shop("a", 0.0, 60.0)]);
    never_seen.tracker.woken(never_seen.now);
    assert!(is_initial(&mut never_seen, 0.0), "before a position a wake says nothing");
    let mut long_ago = Walk::among(vec![shop("a", 0.0, 60.0)]);
    long_ago.fix(-5_000.0, 8.0);
    long_ago.wait(20 * 3_600);
    long_ago.tracker.woken(long_ago.now);
    assert!(is_initial(long_ago.wait(1_200), 0.0), "nor does one of long ago");
}

proptest! {
    /// Held against the rule as docs/place.md has it, for a place that is always there.
    #[test]
    fn an_arrival_is_of_someone_who_was_surely_outside_within_the_hour(
        fixes in prop::collection::vec((0.0..250.0f64, 3.0..60.0f64, prop_oneof![4 => 5u64..60, 1 => 3_000u64..8_000], prop::bool::weighted(0.1)), 1..120),
    ) {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        let mut was_outside = false;
        for (north_m, accuracy_m, wait_s, restarts) in fixes {
            if restarts {
                walk.restart();
            }
            was_outside &= wait_s <= 3_600;
            let sigmas = (60.0 - north_m) * 1.51 / accuracy_m;
            // Within a hair of the bound the test's own ruler decides.
            prop_assume!((sigmas + 2.0).abs() > 0.01);
            for told in walk.wait(wait_s).see(north_m, accuracy_m, 0) {
                if told.kind == Entered {
                    prop_assert_eq!(told.initial, !was_outside);
                }
            }
            was_outside |= sigmas <= -2.0;
        }
    }
}
