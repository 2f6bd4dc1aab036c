//! Starting a worker with the loader (static/worker.js), also from a sandboxed frame.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `query` names the module: none the engine, `?study` the engine for a study, `?lab` the lab. See static/load.js.
    #[wasm_bindgen(js_name = normscopeWorker, catch)]
    pub fn start(query: &str) -> Result<web_sys::Worker, JsValue>;
}
