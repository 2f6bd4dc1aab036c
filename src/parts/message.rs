//! Messages between a worker and whoever has started it: postcard bytes of something typed, or `[what, ...]` of the loader.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::loader::{Loader, Parts};

/// What has come.
#[derive(Debug)]
pub enum Heard<M> {
    /// A message.
    Message(M),
    /// Bytes that are no message, and why not.
    Unreadable(postcard::Error),
    /// No bytes.
    Other(JsValue),
}

impl<M: DeserializeOwned> Heard<M> {
    /// Reads the data of a `MessageEvent`.
    pub fn read(data: JsValue) -> Heard<M> {
        match data.dyn_into::<Uint8Array>() {
            Ok(bytes) => match postcard::from_bytes(&bytes.to_vec()) {
                Ok(message) => Heard::Message(message),
                Err(problem) => Heard::Unreadable(problem),
            },
            Err(data) => Heard::Other(data),
        }
    }
}

/// Why a message could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It can't be written as bytes.
    #[error("{0}")]
    Unwritten(#[from] postcard::Error),
    /// The browser does not take it.
    #[error("the browser refuses it ({0})")]
    Refused(String),
}

impl From<JsValue> for SendError {
    fn from(thrown: JsValue) -> SendError {
        SendError::Refused(format!("{thrown:?}"))
    }
}

/// A message as bytes in the browser's memory.
///
/// # Errors
/// When it can't be written.
pub fn pack(message: &impl Serialize) -> Result<Uint8Array, SendError> {
    Ok(Uint8Array::from(postcard::to_stdvec(message)?.as_slice()))
}

/// A message of the loader, if it is one.
pub fn loader(data: &JsValue) -> Option<Loader> {
    Loader::read(data.dyn_ref::<Array>()?)
}

impl Parts for Array {
    fn text(&self, at: u32) -> Option<String> {
        self.get(at).as_string()
    }

    fn number(&self, at: u32) -> Option<f64> {
        self.get(at).as_f64()
    }
}
