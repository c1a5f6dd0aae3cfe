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
