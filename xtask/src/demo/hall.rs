//! The market hall: open at hours of its own, known by its beacons and its codes alone, with a zone inside.
//!
//! It has no fence, so it stands on no trace and on every one.

use patron_core::clock::rfc3339;
use patron_core::consent::Signer;
use patron_core::place::checkin::{Code, ROTATION_MS};
use serde_json::{Value, json};

use super::catalogue::{PLACEMENT, TOWN_SEED};

pub(crate) const HALL: &str = "hall";
/// The zone inside.
pub(crate) const WALL: &str = "hall-wall";
/// What speaks up when the hall opens, when its code is scanned, at its boot wall, and on leaving it.
pub(crate) const OPENS: &str = "hall-opens";
pub(crate) const SOUP: &str = "hall-soup";
pub(crate) const BOOTS: &str = "hall-boots";
pub(crate) const GOODBYE: &str = "hall-goodbye";
/// Longer than anybody of the demo's stays.
const OPEN_FOR_MS: i64 = 8 * 3_600_000;

/// The beacon at the boot wall.
pub(crate) const BEACON: &str = "ibeacon:00000000-0000-4000-8000-00000000d3e1/1/1";

/// What the screen at the hall's till shows at that time of the backend's: another code each minute.
pub(crate) fn code_at(backend_ms: i64) -> String {
    Code::write(HALL, Some(backend_ms.div_euclid(ROTATION_MS)), |bytes| Signer::from_seed(&TOWN_SEED).sign(bytes))
}

/// A time of day, as hours are written.
pub(crate) fn time_of_day(at_ms: i64) -> String {
    rfc3339(at_ms)[11..16].to_owned()
}

/// The same catalogue with the hall in it, which opens at `opens_ms`.
pub(crate) fn opening(catalogue: &Value, opens_ms: i64) -> Value {
    let hours = json!({ "time_zone": "UTC", "windows": [{
        "days": ["mo", "tu", "we", "th", "fr", "sa", "su"],
        "from": time_of_day(opens_ms), "to": time_of_day(opens_ms + OPEN_FOR_MS),
    }] });
    let offer = |id: &str, title: &str, body: &str, places: &[&str], trigger: Value| {
        json!({
            "id": id, "title": title, "body": body, "places": places, "triggers": [trigger],
            "placements": [PLACEMENT], "benefit": { "kind": "service" },
            "starts_at": catalogue["offers"][0]["starts_at"], "expires_at": catalogue["offers"][0]["expires_at"],
        })
    };
    let mut next = catalogue.clone();
    next["version"] = "demo-3".into();
    if let Some(places) = next["places"].as_array_mut() {
        places.push(json!({ "id": HALL, "name": "the market hall", "dwell_s": 86_400, "hours": hours }));
        places.push(json!({
            "id": WALL, "name": "the boot wall in the market hall", "dwell_s": 86_400, "parent": HALL, "beacons": [BEACON],
        }));
    }
    if let Some(offers) = next["offers"].as_array_mut() {
        offers.extend([
            offer(OPENS, "The hall is open", "Come in.", &[], json!({ "on": "time", "hours": hours })),
            offer(SOUP, "A bowl of soup", "Show this card.", &[HALL], json!({ "on": "check_in" })),
            offer(BOOTS, "Have your boots fitted", "Two minutes.", &[WALL], json!({ "on": "beacon", "zone": "near" })),
            offer(GOODBYE, "See you", "A bag for the way.", &[], json!({ "on": "exit", "place": HALL })),
        ]);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_by_the_minute() {
        assert_eq!(time_of_day(36_600_000), "10:10");
    }
}
