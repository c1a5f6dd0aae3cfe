//! The JSON Schema of the events as they stand on the wire, made from the types that write them.
//!
//! For people and programs behind the backend; the device never reads it. `cargo xtask schema`
//! publishes it in docs/schema. It is open: what a later version adds, be it a field or a kind, is
//! not held against an event.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::check::{MAX_COUNT, MAX_LINES, MAX_NAME_BYTES, MAX_QUERY_BYTES, MAX_TEXT_BYTES, RATING};
use super::engagement::Engagement;
use super::kind::Kind;
use super::visit::VisitData;
use crate::consent::PurposeKind;
use crate::ids::MAX_ID_BYTES;
use crate::money::MAX_MINOR;
use crate::place::Witness;
use crate::sync::wire::CloudEvent;

/// The schema of one event.
pub fn events() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    for referred in [
        generator.subschema_for::<CloudEvent>(),
        generator.subschema_for::<Engagement>(),
        generator.subschema_for::<VisitData<'static>>(),
    ] {
        // What counts is that the definition is made; it is taken out below.
        drop(referred);
    }
    let mut definitions = Value::Object(generator.take_definitions(true));
    finish(&mut definitions);
    let mut take = |name: &str| definitions.as_object_mut().and_then(|all| all.remove(name)).unwrap_or_default();
    let (envelope, reported, visit) = (take("CloudEvent"), take("Engagement"), take("VisitData"));

    let mut schema = Map::from_iter([
        ("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id".to_owned(), json!("urn:patron:events:1")),
        ("title".to_owned(), json!("Patron events, version 1")),
        ("allOf".to_owned(), Kind::ALL.iter().map(|kind| rule(*kind, &reported, &visit)).collect()),
        ("$defs".to_owned(), definitions),
    ]);
    for part in ["description", "type", "properties", "required"] {
        schema.insert(part.to_owned(), envelope[part].clone());
    }
    Value::Object(schema)
}

/// What an event of this kind must be. What no app reports is a visit's.
fn rule(kind: Kind, reported: &Value, visit: &Value) -> Value {
    let variant = format!("{kind:?}");
    let mut variants = reported["oneOf"].as_array().into_iter().flatten();
    let found = variants.find(|schema| schema["properties"]["kind"]["const"] == variant.as_str());
    let (words, data, purpose) = match found {
        Some(schema) => (&schema["description"], &schema["properties"]["data"], json!({ "const": kind.purpose() })),
        None if kind == Kind::VisitCheckedIn => (&visit["description"], visit, json!({ "const": kind.purpose() })),
        // Recorded under the purpose of whoever saw the shopper come.
        None => (&visit["description"], visit, json!({ "enum": Witness::ALL.map(Witness::purpose) })),
    };
    json!({
        "if": { "properties": { "type": { "const": kind.name() } } },
        "then": { "description": words, "properties": { "purpose": purpose, "data": data } },
    })
}

/// Says of every property what its type alone does not.
fn finish(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(finish),
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                for (name, property) in properties {
                    never_null(property);
                    if let (Value::Object(property), Value::Object(bounds)) = (property, bounds(name)) {
                        property.extend(bounds);
                    }
                }
            }
            if let Some(Value::String(words)) = object.get_mut("description") {
                // Links of Rust's docs, and lines broken where the source's were.
                *words = words
                    .replace("[`", "`")
                    .replace("`]", "`")
                    .replace("\n\n", "\r")
                    .replace('\n', " ")
                    .replace('\r', "\n\n");
            }
            object.values_mut().for_each(finish);
        }
        _ => {}
    }
}

/// What is not there is absent, never `null`.
fn never_null(property: &mut Value) {
    let Value::Object(property) = property else { return };
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = property.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            property.remove("anyOf");
            property.extend(only);
        }
    }
}

/// What the door holds a property of this name to, as far as a schema can say it: it counts
/// characters where the door counts bytes, so it is the laxer of the two.
fn bounds(property: &str) -> Value {
    match property {
        "offer" | "order" | "place" | "partner" | "subject" | "beacon" | "badge" | "sku" | "id" => {
            json!({ "minLength": 1, "maxLength": MAX_ID_BYTES })
        }
        "name" | "channel" => json!({ "pattern": format!("^[A-Za-z0-9_.-]{{1,{MAX_NAME_BYTES}}}$") }),
        "query" => json!({ "minLength": 1, "maxLength": MAX_QUERY_BYTES }),
        "text" => json!({ "minLength": 1, "maxLength": MAX_TEXT_BYTES }),
        "lines" => json!({ "maxItems": MAX_LINES }),
        "quantity" | "level" => json!({ "minimum": 1, "maximum": MAX_COUNT }),
        "results" => json!({ "minimum": 0, "maximum": MAX_COUNT }),
        "rating" => json!({ "minimum": RATING.start(), "maximum": RATING.end() }),
        "minor" => json!({ "minimum": 0, "maximum": MAX_MINOR }),
        "unit_price_minor" => json!({ "minimum": -MAX_MINOR, "maximum": MAX_MINOR }),
        "currency" => json!({ "pattern": "^[A-Z]{3}$" }),
        "type" => json!({ "minLength": 1, "maxLength": 128 }),
        "source" => json!({ "pattern": "^/installations/[0-9a-f-]{36}$" }),
        "purpose" => json!({ "enum": PurposeKind::ALL }),
        "time" => json!({ "format": "date-time" }),
        "specversion" => json!({ "const": "1.0" }),
        "datacontenttype" => json!({ "const": "application/json" }),
        "schemaversion" => json!({ "minimum": 1 }),
        _ => Value::Null,
    }
}
