//! What scripts hand in, read or refused.

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use crate::config::ArmId;

/// An error as scripts know them.
pub fn error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}

/// An arm by its name.
pub fn arm_of(value: &JsValue) -> Result<ArmId, JsValue> {
    value
        .as_string()
        .and_then(|text| ArmId::parse(&text))
        .ok_or_else(|| error(&format!("arm {}: must be \"a\" or \"b\".", describe(value))))
}

/// A value as JSON.
pub fn json(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_else(|| "undefined".to_owned())
}

/// A value from outside, for messages.
pub fn describe(value: &JsValue) -> String {
    const MOST: usize = 60;
    let text = json(value);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
