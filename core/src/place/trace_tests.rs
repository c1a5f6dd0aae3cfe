//! Whole traces, and what the tracker makes of them.

use std::fmt::Write;

use uuid::Uuid;

use super::*;
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};
use crate::offer::OfferCatalogue;
use crate::sandbox::{TOWN_JSON, WALK_GPX};

/// A hike of ten hours, recorded by a Garmin GPSMAP 64s on 1 May 2019: its first 90 minutes, from
/// `tests/fixtures/garmin_with_extensions.gpx` of the crate gpx 0.10.0 (MIT). See
/// tests/data/README.md.
const HIKE_GPX: &str = include_str!("../../tests/data/hike.gpx");

/// Every timed point of a trace: milliseconds, latitude, longitude.
fn points(gpx: &str) -> Vec<(i64, f64, f64)> {
    let trace = gpx::read(gpx.as_bytes()).unwrap();
    (trace.tracks.iter().flat_map(|track| &track.segments).flat_map(|segment| &segment.points))
        .map(|point| {
            let time = point.time.unwrap().format().unwrap().parse::<jiff::Timestamp>().unwrap();
            (time.as_millisecond(), point.point().y(), point.point().x())
        })
        .collect()
}

/// Replays a trace of which nobody told the accuracy; a line for each transition.
fn replay(places: Vec<Place>, trace: &[(i64, f64, f64)]) -> String {
    let mut tracker = VisitTracker::new(places);
    let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
    let (mut lines, mut ids) = (String::new(), 0);
    let begin = trace[0].0;
    for (index, (at, latitude, longitude)) in trace.iter().enumerate() {
        let now = Now { wall_ms: *at, mono_ms: (at - begin) as u64, boot: Uuid::nil() };
        let input = FixInput { latitude: *latitude, longitude: *longitude, accuracy_m: None, age_ms: 0, mock: false };
        let fix = Fix::new(input, now).unwrap();
        let told = tracker.update(&gate.permit().unwrap(), &fix, &mut |_| {
            ids += 1;
            Uuid::from_u128(ids)
        });
        for t in told {
            let at_s = (t.at_ms - begin) / 1_000;
            writeln!(lines, "{at_s:>5} s  fix {index:>4}  {:8} {}", format!("{:?}", t.kind), t.place).unwrap();
        }
    }
    lines
}

#[test]
fn the_walk_through_the_town_visits_four_places_and_stays_at_two() {
    let (town, _) = OfferCatalogue::parse(TOWN_JSON.as_bytes()).unwrap();
    insta::assert_snapshot!(replay(town.places, &points(WALK_GPX)));
}

#[test]
fn a_hike_that_was_really_walked_enters_what_lies_on_its_way() {
    let trace = points(HIKE_GPX);
    // Every hundredth point gets a place of its own; large and small take turns.
    let places = trace.iter().step_by(100).enumerate().map(|(at, (_, latitude, longitude))| {
        let radius_m = if at % 2 == 0 { 60.0 } else { 25.0 };
        let circle = Circle { latitude: *latitude, longitude: *longitude, radius_m };
        Place { dwell_s: 120, ..Place::new(format!("p{at:02}"), format!("Place {at}"), circle) }
    });
    insta::assert_snapshot!(replay(places.collect(), &trace));
}
