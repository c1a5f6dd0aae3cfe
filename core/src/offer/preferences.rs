//! The shopper's rules, wishes and saved offers as one document, the same on all of the shopper's devices.
//!
//! Decides what of two devices' documents stands, by the one that both began from: what one of them
//! changed stands; where both changed the same, what lets less come does, and what was taken back stays so. The
//! order in which devices tell changes nothing, and no clock decides between two of them
//! (docs/adr/0019-the-quieter-change-stands.md). What belongs to a device alone is not in the document: which visit
//! goes unseen, and of what it has reminded. Pure; when it is sent and kept is [`crate::engine`]'s to say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Moments, Saved, Wishes};
use crate::ids::id_flaw;
use crate::schedule::minutes;

/// Longer than any shopper's: some thousand refusals. A document beyond it is not sent, and one that comes is not read.
pub const MAX_PREFERENCES_BYTES: usize = 64 * 1024;

/// Entries by kind and id. Kinds and ids that this version does not know are kept as they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(BTreeMap<String, BTreeMap<String, Value>>);

/// Of the rules, those of which there is one each.
const RULES: [&str; 4] = ["quiet", "snoozed_until_ms", "daily", "only_when_asked"];

/// Of the rules, those of which there are many: what is refused.
const REFUSED: [&str; 3] = ["partners", "offers", "topics"];

impl Preferences {
    /// What holds at `now_ms`.
    pub(crate) fn of(moments: &Moments, wishes: &Wishes, saved: &Saved, now_ms: i64) -> Self {
        let mut all = Self::default();
        let rules = moments.to_value();
        for rule in RULES {
            let value = rules.get(rule).filter(|value| !value.is_null() && **value != Value::Bool(false));
            value.into_iter().for_each(|value| all.set("rules", rule, value.clone()));
        }
        for kind in REFUSED {
            let ids = rules.get(kind).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            ids.for_each(|id| all.set(kind, id, Value::Bool(true)));
        }
        for (offer, until) in rules.get("resting").and_then(Value::as_object).into_iter().flatten() {
            all.set("resting", offer, until.clone());
        }
        for wish in wishes.iter() {
            all.set("wishes", &wish.text, json!({ "topics": wish.topics, "until_ms": wish.until_ms }));
        }
        for kept in saved.iter() {
            let value = json!({ "at_ms": kept.saved_at_ms, "here": kept.when_here, "before_h": kept.before_end_h });
            all.set("saved", &kept.offer, value);
        }
        all.at(now_ms)
    }

    /// Without what has ended by `now_ms`.
    pub(crate) fn at(mut self, now_ms: i64) -> Self {
        let ended = |until: Option<&Value>| until.and_then(Value::as_i64).is_some_and(|until| until <= now_ms);
        for (kind, entries) in &mut self.0 {
            entries.retain(|id, value| match (kind.as_str(), id.as_str()) {
                ("rules", "snoozed_until_ms") | ("resting", _) => !ended(Some(value)),
                ("wishes", _) => !ended(value.get("until_ms")),
                _ => true,
            });
        }
        self.0.retain(|_, entries| !entries.is_empty());
        self
    }

    /// With what `other` has of kinds and rules that are not known here.
    pub(crate) fn with_unknown_of(mut self, other: &Self) -> Self {
        for (kind, entries) in &other.0 {
            let known = |id: &str| match kind.as_str() {
                "rules" => RULES.contains(&id),
                "resting" | "wishes" | "saved" => true,
                kind => REFUSED.contains(&kind),
            };
            let unknown = entries.iter().filter(|(id, _)| !known(id));
            unknown.for_each(|(id, value)| self.set(kind, id, value.clone()));
        }
        self
    }

    /// What of `mine` and `theirs` stands, where both were `base` once: commutative, associative and idempotent.
    pub(crate) fn merge(base: &Self, mine: &Self, theirs: &Self) -> Self {
        let mut all = Self::default();
        let kinds: BTreeSet<&String> = mine.0.keys().chain(theirs.0.keys()).collect();
        for kind in kinds {
            let of = |all: &Self| all.0.get(kind).cloned().unwrap_or_default();
            let (base, mine, theirs) = (of(base), of(mine), of(theirs));
            let ids: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
            for id in ids {
                let (was, mine, theirs) = (base.get(id), mine.get(id), theirs.get(id));
                let stands = match (mine == was, theirs == was) {
                    (true, _) => theirs,
                    (false, true) => mine,
                    (false, false) => stricter(kind, id, mine, theirs),
                };
                stands.into_iter().for_each(|value| all.set(kind, id, value.clone()));
            }
        }
        all
    }

    /// The shopper's side of this device, where this document stands.
    pub(crate) fn apply(&self, moments: &Moments, wishes: &Wishes, saved: &Saved) -> (Moments, Wishes, Saved) {
        (self.moments(moments), self.wishes(wishes), self.saved(saved))
    }

    /// Its length as JSON.
    pub(crate) fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }

    fn set(&mut self, kind: &str, id: &str, value: Value) {
        self.0.entry(kind.to_owned()).or_default().insert(id.to_owned(), value);
    }

    fn entries(&self, kind: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.0.get(kind).into_iter().flatten()
    }

    fn moments(&self, here: &Moments) -> Moments {
        let mut rules = Map::new();
        rules.extend(self.entries("rules").map(|(rule, value)| (rule.clone(), value.clone())));
        for kind in REFUSED {
            let ids = self.entries(kind).map(|(id, _)| id).filter(|id| id_flaw(id).is_none());
            rules.insert(kind.to_owned(), ids.map(|id| Value::from(id.as_str())).collect());
        }
        let resting = self.entries("resting").filter(|(id, _)| id_flaw(id).is_none());
        rules.insert("resting".to_owned(), resting.map(|(id, until)| (id.clone(), until.clone())).collect());
        rules.insert("unseen".to_owned(), here.to_value().get("unseen").cloned().unwrap_or_default());
        Moments::from_value(&Value::Object(rules))
    }

    /// Those that are known here keep their ids and their order; others come behind them.
    fn wishes(&self, here: &Wishes) -> Wishes {
        let value = here.to_value();
        let mut last_id = value.get("last_id").and_then(Value::as_u64).unwrap_or_default();
        let known: BTreeMap<&str, u32> = here.iter().map(|wish| (wish.text.as_str(), wish.id)).collect();
        let mut rows: Vec<(u64, Value)> = Vec::new();
        for (text, wish) in self.entries("wishes").filter(|(text, _)| Wishes::is_line(text)) {
            let id = known.get(text.as_str()).map_or_else(
                || {
                    last_id += 1;
                    last_id
                },
                |id| u64::from(*id),
            );
            let (topics, until) = (wish.get("topics"), wish.get("until_ms"));
            rows.push((id, json!({ "id": id, "text": text, "topics": topics, "until_ms": until })));
        }
        rows.sort_by_key(|(id, _)| *id);
        let list: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
        Wishes::from_value(&json!({ "last_id": last_id, "list": list }))
    }

    /// Those that are known here remember of what they have reminded.
    fn saved(&self, here: &Saved) -> Saved {
        let known = here.to_value();
        let known = |offer: &str| known.as_array().into_iter().flatten().find(|row| row["offer"] == offer);
        let mut rows: Vec<Value> = Vec::new();
        for (offer, kept) in self.entries("saved").filter(|(offer, _)| id_flaw(offer).is_none()) {
            let mut row = known(offer).cloned().unwrap_or_else(|| json!({ "offer": offer }));
            let hours = kept.get("before_h").cloned().unwrap_or_default();
            if row["before_h"] != hours {
                row["reminded_of_end"] = Value::Bool(false);
            }
            row["before_h"] = hours;
            row["here"] = kept.get("here").cloned().unwrap_or_default();
            row["at_ms"] = kept.get("at_ms").cloned().unwrap_or_default();
            rows.push(row);
        }
        rows.sort_by_key(|row| row["at_ms"].as_i64());
        Saved::from_value(&Value::Array(rows))
    }
}

/// Of two changes that did not know of each other: what lets less come. A total order, so that it does not matter
/// who asks, and of how many devices who told first.
fn stricter<'v>(kind: &str, id: &str, mine: Option<&'v Value>, theirs: Option<&'v Value>) -> Option<&'v Value> {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => {
            let strictness = |value: &Value| (strictness(kind, id, value), value.to_string());
            Some(if strictness(mine) >= strictness(theirs) { mine } else { theirs })
        }
        // What was wished for or saved and is taken back stays so, whatever else became of it elsewhere.
        _ if matches!(kind, "wishes" | "saved") => None,
        // A rule holds something back, and is there for that.
        (mine, theirs) => mine.or(theirs),
    }
}

/// The more, the less comes. What this version knows nothing of is all the same to it.
fn strictness(kind: &str, id: &str, value: &Value) -> [i64; 2] {
    let number = |key: &str| value.get(key).and_then(Value::as_i64);
    let itself = || value.as_i64().unwrap_or(i64::MIN);
    match (kind, id) {
        ("rules", "quiet") => [quiet_minutes(value).unwrap_or(-1), 0],
        ("rules", "daily") => [itself().saturating_neg(), 0],
        ("rules", "snoozed_until_ms") | ("resting", _) => [itself(), 0],
        // The earlier end, and then the fewer topics.
        ("wishes", _) => {
            let topics = value.get("topics").and_then(Value::as_array).map_or(0, Vec::len);
            [number("until_ms").map_or(i64::MIN, i64::saturating_neg), -(topics as i64)]
        }
        // The fewer reminders, and then the later one.
        ("saved", _) => {
            let here = value.get("here").and_then(Value::as_bool).unwrap_or_default();
            [i64::from(!here), number("before_h").map_or(i64::MAX, i64::saturating_neg)]
        }
        _ => [0, 0],
    }
}

/// How long quiet hours are: from midnight to midnight all day.
fn quiet_minutes(hours: &Value) -> Option<i64> {
    const DAY: i64 = 24 * 60;
    let at = |n: usize| hours.get(n).and_then(Value::as_str).and_then(minutes).map(i64::from);
    let length = (at(1)? - at(0)?).rem_euclid(DAY);
    Some(if length == 0 { DAY } else { length })
}
