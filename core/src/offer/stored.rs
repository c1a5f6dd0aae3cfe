//! Reading the shopper's own state back from where it was kept.
//!
//! State is written by this code and read by a later version of it: what does not read is left out,
//! and the rest stands. Nothing here is an error, since nobody is there who could mend it.

use std::collections::BTreeSet;

use serde_json::Value;

/// The texts of the list at `key`, at most `most`.
pub(super) fn texts<'a>(value: &'a Value, key: &str, most: usize) -> impl Iterator<Item = &'a str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).take(most)
}

/// The texts of the list at `key`, each once.
pub(super) fn set(value: &Value, key: &str, most: usize) -> BTreeSet<String> {
    texts(value, key, most).map(str::to_owned).collect()
}

/// The list at `key`; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The whole number at `key`.
pub(super) fn number(value: &Value, key: &str) -> Option<i64> {
    value.get(key).and_then(Value::as_i64)
}

/// The text at `key`.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// Whether `key` is true.
pub(super) fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// Makes a type that has `to_value` and `from_value` one that serde reads and writes: the same
/// code for all formats, and little of it.
macro_rules! by_value {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.to_value(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <serde_json::Value as serde::Deserialize>::deserialize(deserializer).map(|v| Self::from_value(&v))
            }
        }
    };
}
pub(super) use by_value;
