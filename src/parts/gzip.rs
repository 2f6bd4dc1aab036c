//! The browser's own gzip (static/load.js).

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopeGzip)]
    fn zip(bytes: &Uint8Array) -> Promise;
    #[wasm_bindgen(js_name = normscopeGunzip)]
    fn unzip(bytes: &Uint8Array, most: f64) -> Promise;
}

/// Bytes, compressed; `None` where the browser can't.
pub async fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    finish(zip(&Uint8Array::from(bytes))).await
}

/// What compressed bytes hold; `None` where they are damaged, or hold more than `most` bytes.
pub async fn gunzip(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    finish(unzip(&Uint8Array::from(bytes), most as f64)).await
}

async fn finish(promise: Promise) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(promise).await.ok()?;
    Some(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}
