//! A person for the tests: some facts are known, others are not.

use serde_json::{Value, json};

use super::{Fact, Facts, LocalTime};

pub(super) struct Person {
    pub(super) data: Value,
    pub(super) now: Option<LocalTime>,
}

impl Person {
    /// Fri 23:30, thirty-four, of the segment `runners` and not of `new`, at 120 m from `kamppi`.
    pub(super) fn anna() -> Self {
        Self {
            data: json!({ "age": 34, "tier": "gold", "interests": ["running", "sauna"], "city": "Helsinki" }),
            now: Some(LocalTime { minute: 23 * 60 + 30, weekday: 4 }),
        }
    }
}

impl Facts for Person {
    fn var(&self, path: &str) -> Fact<'_> {
        Fact::at(&self.data, path)
    }

    fn segment(&self, id: &str) -> Option<bool> {
        match id {
            "runners" => Some(true),
            "new" => Some(false),
            _ => None,
        }
    }

    fn visits(&self, place: &str, days: u32) -> Option<u32> {
        (place == "kamppi").then_some(if days < 30 { 1 } else { 4 })
    }

    fn count(&self, event: &str, days: u32) -> Option<u32> {
        (event == "dev.patron.offer.saved").then_some(days / 7)
    }

    fn local_time(&self) -> Option<LocalTime> {
        self.now
    }

    fn distance_m(&self, place: &str) -> Option<f64> {
        match place {
            "kamppi" => Some(120.0),
            "nowhere" => Some(f64::NAN),
            _ => None,
        }
    }
}
