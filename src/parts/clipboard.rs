//! The reader's clipboard.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Fails where the browser has no clipboard for this page (static/load.js).
    #[wasm_bindgen(js_name = normscopeCopy)]
    fn to_clipboard(text: &str) -> js_sys::Promise;
}

/// Puts a text into the clipboard and says so for a moment; where that is refused, `refused` gets the text to show it.
pub fn copy(text: String, copied: RwSignal<bool>, refused: impl FnOnce(&str) + 'static) {
    leptos::task::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(to_clipboard(&text)).await {
            Ok(_) => {
                copied.set(true);
                gloo::timers::future::TimeoutFuture::new(1600).await;
                // The view may be gone by now.
                let _ = copied.try_set(false);
            }
            Err(_) => refused(&text),
        }
    });
}
