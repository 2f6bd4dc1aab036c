//! What fields and values of a document are.

use serde_json::{Map, Value};

use crate::data::tables::error::shortened;
use crate::data::tables::names::known;

/// The field of a known name, in the names' order.
pub fn key_of(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let at = known(names, fields.keys().map(|key| key.to_lowercase()))?;
    fields.keys().nth(at).cloned()
}

/// The first fields, for messages.
pub fn keys(fields: &Map<String, Value>) -> String {
    fields.keys().take(8).map(|key| format!("'{}'", shortened(key))).collect::<Vec<_>>().join(", ")
}

/// Whether a value is a number or a missing one.
pub fn is_number(value: &Value) -> bool {
    value.is_number() || value.is_null()
}

/// Whether a value is a list of numbers.
pub fn is_vector(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(is_number) && list.iter().any(Value::is_number))
}

/// Whether a value is a list of vectors.
pub fn is_matrix(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_vector))
}

/// Where a field stands among the others.
pub fn rank(fields: &Map<String, Value>, wanted: &str) -> usize {
    fields.keys().position(|key| key == wanted).unwrap_or(usize::MAX)
}
