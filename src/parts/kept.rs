//! What is kept in this browser under a name (static/load.js). Where nothing may be kept, nothing is.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopeKeep)]
    fn keep_bytes(name: &str, bytes: &Uint8Array) -> Promise;
    #[wasm_bindgen(js_name = normscopeKept)]
    fn kept_bytes(name: &str) -> Promise;
    #[wasm_bindgen(js_name = normscopeForget)]
    fn forget_bytes(name: &str) -> Promise;
}

/// Keeps bytes, in place of what was kept under that name.
pub fn keep(name: &str, bytes: &[u8]) {
    let _ = keep_bytes(name, &Uint8Array::from(bytes));
}

/// What was kept; `None` where there is nothing, or more than `most` bytes.
pub async fn kept(name: &str, most: usize) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(kept_bytes(name)).await.ok()?.dyn_into::<ArrayBuffer>().ok()?;
    (buffer.byte_length() as usize <= most).then(|| Uint8Array::new(&buffer).to_vec())
}

/// Nothing is kept any more.
pub fn forget(name: &str) {
    let _ = forget_bytes(name);
}
