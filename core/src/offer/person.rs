//! What is known of the shopper, for rules and affinities.
//!
//! Visits and events the engine counts by itself; segments, affinities and facts the app tells
//! ([`super::Trait`]). A decision looks at it only under a permit for [`crate::consent::Personalisation`].

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stored::{by_value, flag};

/// So many of each are taken back from where they were kept.
const MAX_KEPT: usize = 1_000;

/// So many times of one kind are kept.
const MAX_TIMES: usize = 200;

const DAY_MS: i64 = 86_400_000;

/// Facts of one person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Person {
    /// Segments, and whether the shopper is in them. One that is not here is unknown.
    pub segments: BTreeMap<String, bool>,
    /// How much the shopper is drawn to a topic, percent. A topic is folded as offers' topics are.
    pub affinities: BTreeMap<String, u8>,
    /// When visits began, sorted, by place: at each place that the visited one is a part of, too.
    pub visits: BTreeMap<String, Vec<i64>>,
    /// When events happened, sorted, by their type, such as `dev.patron.offer.saved`.
    pub events: BTreeMap<String, Vec<i64>>,
    /// Visits and events are kept, so that none is 0 and not unknown.
    pub counted: bool,
    /// Variables of rules (`tier`, `basket.total`): a JSON object. What is called `context` in it is not
    /// seen: that is the moment's.
    pub facts: Value,
}

impl Person {
    /// Nothing is known.
    pub const NEW: Self = Self {
        segments: BTreeMap::new(),
        affinities: BTreeMap::new(),
        visits: BTreeMap::new(),
        events: BTreeMap::new(),
        counted: false,
        facts: Value::Null,
    };

    /// The shopper is drawn to `topic`, however it is written, by so many percent.
    pub fn drawn_to(&mut self, topic: &str, percent: u8) {
        self.affinities.insert(super::fold::topic(topic), percent.min(100));
    }

    /// An event of that type happened.
    pub(crate) fn did(&mut self, kind: &str, at_ms: i64) {
        note(&mut self.events, kind, at_ms);
    }

    /// A visit to `place` began.
    pub(crate) fn visited(&mut self, place: &str, at_ms: i64) {
        note(&mut self.visits, place, at_ms);
    }

    /// No visit to `place` that began at `since_ms` or later is to be known of.
    pub(crate) fn forget_visits_since(&mut self, place: &str, since_ms: i64) {
        forget_since(&mut self.visits, since_ms, |known| known == place);
    }

    /// No event of such a type that happened at `since_ms` or later is to be known of.
    pub(crate) fn forget_events_since(&mut self, since_ms: i64, is_of: impl Fn(&str) -> bool) {
        forget_since(&mut self.events, since_ms, is_of);
    }

    /// No visit is to be known of.
    pub(crate) fn forget_visits(&mut self) {
        self.visits.clear();
    }

    /// Nothing that happened is to be known of.
    pub(crate) fn forget_events(&mut self) {
        self.events.clear();
    }

    /// How many visits to `place` began within `days` days; `None` when they are not kept.
    pub fn visits(&self, place: &str, days: u32, now_ms: i64) -> Option<u32> {
        self.counted.then(|| within(self.visits.get(place), days, now_ms))
    }

    /// How many events of that type happened within `days` days; `None` when they are not kept.
    pub fn events(&self, kind: &str, days: u32, now_ms: i64) -> Option<u32> {
        self.counted.then(|| within(self.events.get(kind), days, now_ms))
    }

    /// The strongest of the shopper's affinities to `topics`, and to which; percent.
    pub(super) fn affinity<'t>(&self, topics: &'t [String]) -> Option<(&'t str, u8)> {
        if self.affinities.is_empty() {
            return None;
        }
        let known = topics.iter().filter_map(|topic| Some((topic.as_str(), *self.affinities.get(topic)?)));
        known.max_by_key(|(_, percent)| *percent)
    }

    /// For keeping; see [`Person::from_value`].
    pub fn to_value(&self) -> Value {
        json!({
            "segments": self.segments,
            "affinities": self.affinities,
            "visits": self.visits,
            "events": self.events,
            "counted": self.counted,
            "facts": self.facts,
        })
    }

    /// What was kept; what does not read is left out.
    pub fn from_value(value: &Value) -> Self {
        let entries = |key| value.get(key).and_then(Value::as_object).into_iter().flatten().take(MAX_KEPT);
        let times = |key| {
            entries(key)
                .map(|(id, times)| {
                    let mut times: Vec<i64> =
                        times.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
                    times.sort_unstable();
                    (id.clone(), times)
                })
                .collect()
        };
        let percent = |value: &Value| value.as_u64().map(|percent| percent.min(100) as u8);
        Self {
            segments: entries("segments").filter_map(|(id, is)| Some((id.clone(), is.as_bool()?))).collect(),
            affinities: entries("affinities").filter_map(|(id, v)| Some((id.clone(), percent(v)?))).collect(),
            visits: times("visits"),
            events: times("events"),
            counted: flag(value, "counted"),
            facts: value.get("facts").cloned().unwrap_or_default(),
        }
    }
}

by_value!(Person);

/// Keeps the newest of a year, sorted; of what happens all the time the last two hundred say enough.
fn note(kept: &mut BTreeMap<String, Vec<i64>>, of: &str, at_ms: i64) {
    if kept.len() >= MAX_KEPT && !kept.contains_key(of) {
        return;
    }
    let times = kept.entry(of.to_owned()).or_default();
    times.insert(times.partition_point(|known| *known <= at_ms), at_ms);
    let old = times.partition_point(|known| *known < at_ms.saturating_sub(366 * DAY_MS));
    let over = times.len().saturating_sub(MAX_TIMES);
    times.drain(..old.max(over));
}

fn forget_since(times: &mut BTreeMap<String, Vec<i64>>, since_ms: i64, is_of: impl Fn(&str) -> bool) {
    times.iter_mut().filter(|(of, _)| is_of(of)).for_each(|(_, times)| times.retain(|at_ms| *at_ms < since_ms));
    times.retain(|_, times| !times.is_empty());
}

fn within(times: Option<&Vec<i64>>, days: u32, now_ms: i64) -> u32 {
    let Some(times) = times else { return 0 };
    let since = now_ms.saturating_sub(i64::from(days).saturating_mul(DAY_MS));
    u32::try_from(times.len() - times.partition_point(|at| *at <= since)).unwrap_or(u32::MAX)
}
