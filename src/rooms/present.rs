//! The page on a projector (`present=1`): a line with the way onwards, and the keys of a clicker. What is seen of the page then
//! is up to static/present.css.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::desk::Desk;
use crate::config::choices::Choice;
use crate::words::panels::present as words;

#[wasm_bindgen]
extern "C" {
    /// The style sheet of a name, once (static/load.js).
    #[wasm_bindgen(js_name = normscopeStyled)]
    fn styled(name: &str) -> js_sys::Promise;
    /// Full screen, or back (static/load.js).
    #[wasm_bindgen(js_name = normscopeFullScreen)]
    fn full_screen();
}

/// The line at the foot of the screen, while the page is on a projector.
#[component]
pub fn Present(desk: Desk) -> impl IntoView {
    let on = Memo::new(move |_| desk.experiment.with(|experiment| experiment.view.present));
    Effect::new(move |_| {
        if on.get() {
            drop(styled("present"));
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if on.get_untracked() {
            on_key(&event);
        }
    });
    on_cleanup(move || keys.remove());
    let what = move || {
        desk.experiment.with(|experiment| {
            words::what(experiment.run.method.label(), experiment.run.data.label(), experiment.run.seed)
        })
    };
    let leave = move |_| {
        leptos::task::spawn_local(async move {
            let _ = desk.say("set", &[("present", JsValue::FALSE)]).await;
        });
    };
    view! {
        <Show when=move || on.get()>
            <div class="presenting" role="toolbar" aria-label=words::PRESENTING>
                <p>{what}</p>
                <button class="quiet" id="present-on" title=words::ONWARDS_HELP on:click=|_| onwards()>{words::ONWARDS}</button>
                <button class="quiet" id="present-full" title=words::FULL_HELP on:click=|_| full_screen()>{words::FULL_SCREEN}</button>
                <button class="quiet" id="present-end" on:click=leave>{words::LEAVE}</button>
            </div>
        </Show>
    }
}

/// Clickers send the keys that turn pages.
fn on_key(event: &KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let typing = target.is_some_and(|target| target.matches("input, select, textarea, canvas").unwrap_or(false));
    if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "PageDown" | "ArrowRight" => onwards(),
        "PageUp" | "ArrowLeft" => {
            press(&["#lesson-back:enabled"]);
        }
        "f" => full_screen(),
        _ => return,
    }
    event.prevent_default();
}

/// The next page of the lesson, or the next lesson; without one, Play.
fn onwards() {
    press(&["#lesson-next:not([hidden])", "div:not([hidden]) > #lesson-onwards", ":not(:has(.chapter)) #play:enabled"]);
}

/// Presses the first of the buttons that is there.
fn press(selectors: &[&str]) {
    let found = selectors.iter().find_map(|selector| document().query_selector(selector).ok().flatten());
    if let Some(button) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        button.click();
    }
}
