//! A worker that can't go on says so: the page ends it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Tells the page that this worker can't go on (worker.js).
    #[wasm_bindgen(js_name = normscopeFail)]
    pub fn fail(why: &str);
}

/// From now on a panic is said to the page and on the console, and warnings on the console. `who` begins a sentence.
pub fn watch(who: &'static str) {
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        fail(&format!("{who} stopped: {info}"));
    }));
    // It fails where there is a logger already, and a worker starts once.
    console_log::init_with_level(log::Level::Warn).expect("there is no logger yet");
}
