//! The page's other modules, fetched when they are first needed.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::model::Model;
use crate::config::Room;
use crate::words::playground::page as words;

#[wasm_bindgen]
extern "C" {
    /// Fetches and starts a module with its styles (static/load.js).
    #[wasm_bindgen(js_name = normscopeLoad)]
    pub fn load(name: &str) -> js_sys::Promise;
}

/// Fetches the other rooms' module when the first of them is opened.
pub fn load_rooms(model: Model, fetching: RwSignal<bool>) {
    let loaded = StoredValue::new(false);
    Effect::new(move |_| {
        let lesson = model.experiment.with(|experiment| !experiment.view.lesson.is_empty() || experiment.view.present);
        let panel = model.panel.with(Option::is_some);
        let needed = model.room() != Room::Playground || lesson || panel;
        if !needed || loaded.get_value() || model.offline.get_value() {
            return;
        }
        loaded.set_value(true);
        fetching.set(true);
        leptos::task::spawn_local(async move {
            let result = wasm_bindgen_futures::JsFuture::from(load("rooms")).await;
            fetching.set(false);
            if result.is_err() {
                loaded.set_value(false);
                model.panel.set(None);
                let problem = words::ROOM_FAILED;
                model.notify(crate::protocol::Level::Error, "rooms", problem);
            }
        });
    });
}
