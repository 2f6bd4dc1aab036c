//! How long the reader waits: from the first time something is trained to its first step, as a User Timing measure that the
//! *Benchmark* panel, browsers' tools and tests read.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = mark, catch)]
    fn mark(name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = performance, js_name = measure, catch)]
    fn measure(name: &str, from: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = performance, js_name = getEntriesByName)]
    fn entries(name: &str) -> Array;
}

/// Milliseconds from the first time that something was to be trained to the first step; `None` before it.
pub fn first_step() -> Option<f64> {
    Reflect::get(&entries(FIRST_STEP).get(0), &"duration".into()).ok()?.as_f64()
}

/// The name of the measure.
const FIRST_STEP: &str = "normscope: first step";
const ASKED: &str = "normscope: train";

/// What was timed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// Nobody has asked for training yet.
    #[default]
    Idle,
    /// Since the reader asked.
    Running,
    /// The first step is done.
    Done,
}

impl Timing {
    /// The reader wants something to be trained.
    pub fn asked(&mut self) {
        if *self == Timing::Idle && mark(ASKED).is_ok() {
            *self = Timing::Running;
        }
    }

    /// A training step is done.
    pub fn stepped(&mut self) {
        if *self == Timing::Running {
            *self = Timing::Done;
            let _ = measure(FIRST_STEP, ASKED);
        }
    }
}
