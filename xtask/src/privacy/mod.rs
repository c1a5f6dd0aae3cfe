//! What the stores ask about data, written from the schema of the events: Apple's privacy manifest,
//! the text for Google Play's Data safety form, and a map of all data for people.
//!
//! The schema says which fields leave the device; `kinds` says what kind of data each is. A field
//! that has no kind yet stops the gate, so that none leaves the device undeclared. `cargo xtask
//! schema` writes all three, and the gate of that name compares them.

mod apple;
mod kinds;
mod map;
mod play;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::check::snapshot;
use crate::paths;
use kinds::{ENVELOPE, EVENTS, Kind};

/// A type of event, and the fields of its data.
struct Event {
    name: &'static str,
    kind: Kind,
    /// One, or those of whoever may have seen the shopper come.
    purposes: Vec<String>,
    fields: Vec<String>,
}

/// Compares the three texts with what is committed, or writes them.
pub fn hold(schema: &str, update: bool) -> Result<String> {
    let events = events(&serde_json::from_str(schema).context("the schema is no JSON")?)?;
    let texts = [("data-safety.md", play::text(&events)), ("data-map.md", map::text(&events))];
    let docs = BTreeMap::from(texts.map(|(name, text)| (name.to_owned(), text)));
    snapshot::hold(&paths::root().join("docs/privacy"), &docs, update)?;
    snapshot::hold_file(&manifest(), &apple::manifest(&events), update)
}

/// Where Swift's package takes it from.
fn manifest() -> PathBuf {
    paths::root().join("bindings/swift/Sources/Patron/PrivacyInfo.xcprivacy")
}

/// Every type of event, once all that the schema has is told of in `kinds`, and nothing else.
fn events(schema: &Value) -> Result<Vec<Event>> {
    told("the envelope", &names(&schema["properties"]), &ENVELOPE.map(|(field, _)| field))?;
    let rules = schema["allOf"].as_array().context("the schema has no rules")?;
    let found: BTreeMap<&str, &Value> = rules
        .iter()
        .filter_map(|rule| Some((rule["if"]["properties"]["type"]["const"].as_str()?, &rule["then"]["properties"])))
        .collect();
    told("the schema", &found.keys().map(|name| (*name).to_owned()).collect(), &EVENTS.map(|(name, ..)| name))?;
    EVENTS
        .iter()
        .map(|(name, kind, fields)| {
            let rule = found[name];
            let data = match rule["data"]["$ref"].as_str() {
                Some(reference) => {
                    schema.pointer(reference.trim_start_matches('#')).context("a reference to nothing")?
                }
                None => &rule["data"],
            };
            told(name, &names(&data["properties"]), fields)?;
            let purpose = &rule["purpose"];
            let several = purpose["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let purposes: Vec<String> =
                purpose["const"].as_str().into_iter().chain(several).map(str::to_owned).collect();
            ensure!(!purposes.is_empty(), "an event without a purpose");
            Ok(Event { name, kind: *kind, purposes, fields: fields.iter().map(|field| (*field).to_owned()).collect() })
        })
        .collect()
}

fn names(properties: &Value) -> BTreeSet<String> {
    properties.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

fn told(whose: &str, found: &BTreeSet<String>, told: &[&str]) -> Result<()> {
    let told: BTreeSet<String> = told.iter().map(|name| (*name).to_owned()).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (found.difference(&told).collect(), told.difference(found).collect());
    if new.is_empty() && gone.is_empty() {
        return Ok(());
    }
    bail!("{whose}: xtask/src/privacy/kinds.rs does not tell of {new:?}, and tells of {gone:?} that are not there")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn published() -> Value {
        let file = paths::root().join("docs/schema/events-1.json");
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn a_field_or_an_event_that_nobody_told_of_stops_the_gate() {
        assert_eq!(events(&published()).unwrap().len(), EVENTS.len());
        let mut schema = published();
        schema["properties"]["shoesize"] = Value::Bool(true);
        let error = events(&schema).err().unwrap().to_string();
        assert!(error.starts_with("the envelope:") && error.contains("shoesize"), "{error}");
        let mut schema = published();
        schema["allOf"][0]["if"]["properties"]["type"]["const"] = "dev.patron.heartbeat".into();
        let error = events(&schema).err().unwrap().to_string();
        assert!(error.contains("dev.patron.heartbeat") && error.contains("impression"), "{error}");
    }
}
