//! Which of two rules that were changed at once lets less come.
//!
//! [`super::preferences`] asks, entry by entry, where two devices did not know of each other. No clock has a say.

use serde_json::{Value, json};

use crate::schedule::minutes;

/// Of two changes that did not know of each other: what lets less come. It does not matter who asks.
pub(super) fn quieter(kind: &str, id: &str, mine: Option<Value>, theirs: Option<Value>) -> Option<Value> {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => {
            if (kind, id) == ("rules", "quiet")
                && let Some(both) = quiet_in_both(&mine, &theirs)
            {
                return Some(both);
            }
            let strictness = |value: &Value| (strictness(kind, id, value), value.to_string());
            Some(if strictness(&mine) >= strictness(&theirs) { mine } else { theirs })
        }
        // What was wished for or saved and is taken back stays so, whatever else became of it elsewhere.
        _ if matches!(kind, "wishes" | "saved") => None,
        // A rule holds something back, and is there for that.
        (mine, theirs) => mine.or(theirs),
    }
}

/// The more, the less comes. What this version does not read holds back less than anything that it does.
fn strictness(kind: &str, id: &str, value: &Value) -> [i64; 2] {
    let number = |key: &str| value.get(key).and_then(Value::as_i64);
    let itself = |sign: fn(i64) -> i64| value.as_i64().map_or(i64::MIN, sign);
    match (kind, id) {
        ("rules", "quiet") => [quiet(value).map_or(-1, |(_, length)| length), 0],
        ("rules", "daily") => [itself(i64::saturating_neg), 0],
        ("rules", "snoozed_until_ms") | ("resting", _) => [itself(|until| until), 0],
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

pub(super) const DAY_MINUTES: i64 = 24 * 60;

/// When quiet hours begin and how long they are, in minutes; `None` for what is none.
pub(super) fn quiet(hours: &Value) -> Option<(i64, i64)> {
    let at = |n: usize| hours.get(n).and_then(Value::as_str).and_then(minutes).map(i64::from);
    let (begin, end) = (at(0)?, at(1)?);
    match (end - begin).rem_euclid(DAY_MINUTES) {
        // All day is from midnight to midnight, and nothing else.
        0 if end - begin == DAY_MINUTES => Some((begin, DAY_MINUTES)),
        0 => None,
        length => Some((begin, length)),
    }
}

/// The shortest quiet hours in which all of both lie; all day where nothing shorter is. `None` where one does not read.
pub(super) fn quiet_in_both(one: &Value, two: &Value) -> Option<Value> {
    let hours = [(one, quiet(one)?), (two, quiet(two)?)];
    let all_day = json!(["00:00", "24:00"]);
    let ends = hours.iter().flat_map(|(from, _)| hours.iter().map(move |(to, _)| json!([from[0], to[1]])));
    ends.chain([all_day])
        .filter(|both| {
            quiet(both).is_some_and(|(begin, length)| {
                let lies_in = |(from, long): (i64, i64)| (from - begin).rem_euclid(DAY_MINUTES) + long <= length;
                length == DAY_MINUTES || hours.iter().all(|(_, times)| lies_in(*times))
            })
        })
        .min_by_key(|both| (quiet(both).map(|(_, length)| length), both.to_string()))
}
