//! Reading trace files with the browser's own gzip.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::PageError;
use super::gzip::gunzip;
use crate::trace::Trace;
use crate::trace::file::{self, MOST_BYTES, TraceError};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopeFetch)]
    fn get(path: &str) -> Promise;
}

/// A file of the page, by its path beside the page.
///
/// # Errors
/// [`PageError::Unfetched`] when it can't be had.
pub async fn fetch(path: &str) -> Result<Vec<u8>, PageError> {
    let failed = |error: JsValue| {
        let said = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        PageError::Unfetched(said.unwrap_or_else(|| format!("{path}: {error:?}")))
    };
    let buffer = JsFuture::from(get(path)).await.map_err(failed)?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}

/// The trace in a file.
///
/// # Errors
/// When it is none, newer, damaged or too large.
pub async fn read(bytes: &[u8]) -> Result<Trace, TraceError> {
    let payload = gunzip(file::open(bytes)?, MOST_BYTES).await;
    let payload = payload.ok_or_else(|| TraceError::Damaged("it can't be decompressed".to_owned()))?;
    file::unpack(bytes, &payload)
}

/// The recorded run of a preset.
///
/// # Errors
/// A [`PageError`] when it can't be had or read.
pub async fn preset(name: &str) -> Result<Trace, PageError> {
    Ok(read(&fetch(&format!("traces/{name}.trace")).await?).await?)
}
