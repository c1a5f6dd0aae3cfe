//! The shopper's rules, wishes and saved offers as one document, the same on all of the shopper's devices.
//!
//! Decides what of two devices' documents stands, by the one that both began from: what one of them
//! changed stands; where both changed the same, what lets less come does, and what was taken back stays so. The
//! order in which devices tell changes nothing, and no clock decides between two of them
//! (docs/adr/0019-the-quieter-change-stands.md). What belongs to a device alone is not in the document: which visit
//! goes unseen, and of what it has reminded. Pure; when it is sent and kept is [`crate::engine`]'s to say.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::moments::FARTHEST_MS;
use super::quieter::quieter;
use super::wishes::MAX_TOPICS;
use super::{Moments, Saved, Wishes};
use crate::ids::id_flaw;

/// Longer than any shopper's: some thousand refusals. A document beyond it is not sent, and one that comes is not read.
pub const MAX_PREFERENCES_BYTES: usize = 64 * 1024;

/// More entries than such a document has, whatever they are: what several devices set before they knew of each other
/// comes together, and none of it is cut. The shopper adds to a list only when it is short enough.
pub(super) const MAX_ENTRIES: usize = MAX_PREFERENCES_BYTES / 8;

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
            let value = json!({ "topics": wish.topics, "until_ms": wish.until_ms });
            all.set("wishes", &key_of(&wish.text, || wish.topics.join(",")), value);
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

    /// With what `agreed` says in a way that this version does not read, or not all of, as long as the shopper
    /// changes nothing of it here: a newer version of the app said it, and goes by it.
    pub(crate) fn with_unread_of(mut self, agreed: &Self, now_ms: i64) -> Self {
        let (moments, wishes, saved) = agreed.apply((&Moments::NEW, &Wishes::NEW, &Saved::NEW), now_ms);
        let read = Self::of(&moments, &wishes, &saved, now_ms);
        for (kind, entries) in &agreed.0 {
            for (id, value) in entries {
                let as_read = read.get(kind, id);
                if as_read != Some(value) && as_read == self.get(kind, id) {
                    self.set(kind, id, value.clone());
                }
            }
        }
        self
    }

    /// What of `mine` and `theirs` stands, where both were `base` once.
    ///
    /// `told` is what this device told since and has no answer to. Where theirs is what it told, it began from that:
    /// whoever changes their mind behind a lost answer has the last word.
    pub(crate) fn merge(base: &Self, told: &[Self], mine: &Self, theirs: &Self, now_ms: i64) -> Self {
        let mut all = Self::default();
        let places: BTreeSet<(&String, &String)> = mine.places().chain(theirs.places()).collect();
        for (kind, id) in places {
            let of = |all: &'_ Self| all.get(kind, id).cloned();
            let (mine, theirs) = (of(mine), of(theirs));
            let told: Vec<_> = told.iter().map(of).collect();
            let was = if told.contains(&theirs) { theirs.clone() } else { of(base) };
            let reads = |value: Option<&Value>| value.is_some_and(|value| Self::reads(kind, id, value, now_ms));
            let here = mine != was || told.iter().any(|told| *told != was);
            let stands = match (here, theirs != was) {
                (false, _) => theirs,
                (true, false) => mine,
                // What is not read here holds nothing back, and is no rival of what does.
                (true, true) => match (reads(mine.as_ref()), reads(theirs.as_ref())) {
                    (true, false) if theirs.is_some() => mine,
                    (false, true) if mine.is_some() => theirs,
                    _ => quieter(kind, id, mine, theirs),
                },
            };
            stands.into_iter().for_each(|value| all.set(kind, id, value));
        }
        all
    }

    /// What both have, and have alike.
    pub(crate) fn shared_with(mut self, other: &Self) -> Self {
        for (kind, entries) in &mut self.0 {
            entries.retain(|id, value| other.get(kind, id) == Some(value));
        }
        self
    }

    /// Whether this version goes by the entry.
    fn reads(kind: &str, id: &str, value: &Value, now_ms: i64) -> bool {
        let mut alone = Self::default();
        alone.set(kind, id, value.clone());
        let (moments, wishes, saved) = alone.apply((&Moments::NEW, &Wishes::NEW, &Saved::NEW), now_ms);
        Self::of(&moments, &wishes, &saved, now_ms).get(kind, id).is_some()
    }

    /// The shopper's side of this device, where this document stands.
    pub(crate) fn apply(
        &self,
        (moments, wishes, saved): (&Moments, &Wishes, &Saved),
        now_ms: i64,
    ) -> (Moments, Wishes, Saved) {
        (self.moments(moments, now_ms), self.wishes(wishes), self.saved(saved))
    }

    /// Its length as JSON.
    pub(crate) fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }

    /// Whether it has this entry.
    #[cfg(any(test, feature = "simulation"))]
    pub(crate) fn has(&self, kind: &str, id: &str) -> bool {
        self.get(kind, id).is_some()
    }

    fn set(&mut self, kind: &str, id: &str, value: Value) {
        self.0.entry(kind.to_owned()).or_default().insert(id.to_owned(), value);
    }

    fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.0.get(kind)?.get(id)
    }

    fn places(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().flat_map(|(kind, entries)| entries.keys().map(move |id| (kind, id)))
    }

    fn entries(&self, kind: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.0.get(kind).into_iter().flatten()
    }

    fn moments(&self, here: &Moments, now_ms: i64) -> Moments {
        // Of a device whose clock is years ahead, which must not silence the others for as long.
        let is_near = |until: &Value| until.as_i64().is_none_or(|until| until <= now_ms.saturating_add(FARTHEST_MS));
        let mut rules = Map::new();
        let near = self.entries("rules").filter(|(rule, value)| *rule != "snoozed_until_ms" || is_near(value));
        rules.extend(near.map(|(rule, value)| (rule.clone(), value.clone())));
        for kind in REFUSED {
            let ids = self.entries(kind).map(|(id, _)| id).filter(|id| id_flaw(id).is_none());
            rules.insert(kind.to_owned(), ids.map(|id| Value::from(id.as_str())).collect());
        }
        let resting = self.entries("resting").filter(|(id, until)| id_flaw(id).is_none() && is_near(until));
        rules.insert("resting".to_owned(), resting.map(|(id, until)| (id.clone(), until.clone())).collect());
        rules.insert("unseen".to_owned(), here.to_value().get("unseen").cloned().unwrap_or_default());
        Moments::from_value(&Value::Object(rules))
    }

    /// Those that are known here keep their ids and their order; others come behind them.
    fn wishes(&self, here: &Wishes) -> Wishes {
        let value = here.to_value();
        let mut last_id = value.get("last_id").and_then(Value::as_u64).unwrap_or_default();
        let known: BTreeMap<Cow<'_, str>, u32> =
            here.iter().map(|wish| (key_of(&wish.text, || wish.topics.join(",")), wish.id)).collect();
        let mut rows: Vec<(u64, Value)> = Vec::new();
        for (key, wish) in self.entries("wishes") {
            let text = words_of(key);
            let topics: Vec<&str> = wish.get("topics").into_iter().flat_map(texts_of).take(MAX_TOPICS).collect();
            if !Wishes::is_line(text) || key_of(text, || topics.join(",")) != key.as_str() {
                continue;
            }
            let id = known.get(key.as_str()).map_or_else(
                || {
                    last_id += 1;
                    last_id
                },
                |id| u64::from(*id),
            );
            let until = wish.get("until_ms");
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

/// Before the topics of a wish that has no words: no line begins so.
const WORDLESS: char = '\u{1f}';

/// Under what a wish stands: two devices that wish for the same wish once.
fn key_of(text: &str, topics: impl FnOnce() -> String) -> Cow<'_, str> {
    if text.is_empty() { format!("{WORDLESS}{}", topics()).into() } else { text.into() }
}

fn texts_of(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn words_of(key: &str) -> &str {
    if key.starts_with(WORDLESS) { "" } else { key }
}
