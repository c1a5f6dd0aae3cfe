//! What is part of what, and when a place is there.

use std::sync::Arc;

use super::*;
use crate::schedule::{Schedule, Window};

fn place(id: &str, parent: Option<&str>) -> Place {
    let circle = Circle { latitude: 60.0, longitude: 25.0, radius_m: 50.0 };
    Place { parent: parent.map(str::to_owned), ..Place::new(id, id, circle) }
}

#[test]
fn a_zone_is_part_of_its_store_and_of_the_chain() {
    let all = [place("chain", None), place("shelf", Some("store")), place("store", Some("chain"))];
    let up: Vec<_> = ancestors(&all, "shelf").map(|place| place.id.as_str()).collect();
    assert_eq!(up, ["store", "chain"]);
    assert_eq!(ancestors(&all, "nowhere").count(), 0);
    assert!(parent_flaws(&all).is_empty());
}

#[test]
fn circles_and_missing_parents_are_told_and_end() {
    let all = [
        place("a", Some("b")),
        place("b", Some("a")),
        place("c", Some("c")),
        place("d", Some("gone")),
        place("e", Some("d")),
        place("f", None),
    ];
    let flaws = parent_flaws(&all);
    assert_eq!(flaws.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
    assert!(flaws["a"].contains("circle") && flaws["e"].contains("\"gone\""));
}

#[test]
fn hours_and_the_first_and_the_last_day_hold_together() {
    // Monday 21 September 2026; open on Mondays from 22:00 to 02:00.
    let ms = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let hours = Schedule::new("UTC", vec![Window::new(["mo"], "22:00", "02:00").unwrap()]).unwrap();
    let night = Place {
        hours: Some(Arc::new(hours)),
        starts_at_ms: Some(ms("2026-09-21T23:00:00Z")),
        ends_at_ms: Some(ms("2026-09-29T01:00:00Z")),
        ..place("night", None)
    };
    assert_eq!(night.open_until(ms("2026-09-21T22:30:00Z")), None, "before the first day");
    assert_eq!(night.open_until(ms("2026-09-22T00:30:00Z")), Some(ms("2026-09-22T02:00:00Z")), "past midnight");
    assert_eq!(night.open_until(ms("2026-09-28T23:00:00Z")), Some(ms("2026-09-29T01:00:00Z")), "the end comes first");
    assert_eq!(night.opens_after(ms("2026-09-21T12:00:00Z")), Some(ms("2026-09-21T23:00:00Z")));
    assert_eq!(night.opens_after(ms("2026-09-22T12:00:00Z")), Some(ms("2026-09-28T22:00:00Z")));
    assert_eq!(night.opens_after(ms("2026-09-29T12:00:00Z")), None);
}

fn beacon(minor: u16) -> beacon::BeaconId {
    format!("ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/{minor}").parse().unwrap()
}

#[test]
fn a_beacon_of_several_places_is_heard_in_what_surely_holds_the_shopper() {
    let with = |id: &str, parent: Option<&str>, minors: &[u16]| Place {
        beacons: minors.iter().copied().map(beacon).collect(),
        ..place(id, parent)
    };
    // 1: a shelf's, and its store's. 2: two shelves'. 3: of two stores of a chain. 4: of two places
    // that have nothing to do with each other. 5: twice of one.
    let all = vec![
        Place { fence: None, ..place("chain", None) },
        with("kiosk", None, &[4]),
        with("shelf-a", Some("store"), &[1, 2]),
        with("shelf-b", Some("store"), &[2, 4]),
        with("store", Some("chain"), &[1, 3, 5, 5]),
        with("store-2", Some("chain"), &[3]),
    ];
    let shared: Vec<_> = shared_beacons(&all).into_iter().map(|s| (s.beacon, s.places, s.heard_at)).collect();
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let expected = [
        (beacon(2), ids(&["shelf-a", "shelf-b"]), Some("store".to_owned())),
        (beacon(3), ids(&["store", "store-2"]), None),
        (beacon(4), ids(&["kiosk", "shelf-b"]), None),
    ];
    assert_eq!(shared, expected);
    for order in 0..all.len() {
        let mut turned = all.clone();
        turned.rotate_left(order);
        let places = Places::new(turned);
        let heard: Vec<_> = (1..=5).map(|minor| places.of_beacon(&beacon(minor)).map(|at| at.id.clone())).collect();
        let store = || Some("store".to_owned());
        assert_eq!(heard, [Some("shelf-a".to_owned()), store(), None, None, store()], "in whatever order");
    }
}
