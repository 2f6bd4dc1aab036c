//! What this worker is for: the loader's query says it.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{engine, failure, second_worker, study};

#[wasm_bindgen]
extern "C" {
    /// The loader's query (worker.js).
    #[wasm_bindgen(thread_local_v2, js_name = normscopeMode)]
    static MODE: JsValue;
}

/// Starts what the worker is for, and returns; it goes on as long as the worker lives.
pub fn start() {
    failure::watch("The engine");
    match MODE.with(JsValue::as_string).as_deref() {
        Some("?study") => spawn_local(study::serve()),
        Some("?arm") => spawn_local(second_worker::serve()),
        _ => spawn_local(engine::run()),
    }
}
