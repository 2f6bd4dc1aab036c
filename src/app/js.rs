//! Values for scripts: plain objects, numbers, texts; what is not there is `null`.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

/// Sets a property.
pub fn put(target: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(target, &name.into(), value);
}

/// An object of these properties.
pub fn object<'a>(parts: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let object = Object::new();
    for (name, value) in parts {
        put(&object, name, &value);
    }
    object.into()
}

/// An array.
pub fn array(parts: impl IntoIterator<Item = JsValue>) -> JsValue {
    parts.into_iter().collect::<Array>().into()
}

/// A text.
pub fn text(text: &str) -> JsValue {
    text.into()
}

/// A number. JSON has none that is not finite, so neither have scripts.
pub fn number(number: impl Into<f64>) -> JsValue {
    let number = number.into();
    if number.is_finite() { number.into() } else { JsValue::NULL }
}

/// The value, or null.
pub fn maybe(value: Option<JsValue>) -> JsValue {
    value.unwrap_or(JsValue::NULL)
}
