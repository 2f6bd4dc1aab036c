//! The worker at the other end: postcard bytes both ways.

use js_sys::{Array, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlCanvasElement, MessageEvent};

use super::model::Model;
use super::recovery::{self, Fault};
use crate::config::ArmId;
use crate::parts::worker;
use crate::protocol::{Command, Event};
use crate::words::playground::link as words;

#[wasm_bindgen]
extern "C" {
    /// Resolves when nobody holds the lock any more (static/load.js).
    #[wasm_bindgen(js_name = normscopeAfter)]
    fn after_lock(lock: &str) -> Promise;
}

/// A running worker.
pub struct Link {
    worker: web_sys::Worker,
    // Kept so that the callbacks stay alive.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::ErrorEvent)>,
}

impl Link {
    /// Starts the worker; the first command goes out as soon as its module runs.
    ///
    /// # Errors
    /// In words, when the browser has no workers or refuses this one.
    pub fn open(model: Model) -> Result<Link, String> {
        let worker = worker::start("").map_err(|_| words::NO_WORKER.to_owned())?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| read(model, &event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            recovery::fault(model, Fault::Engine, &words::worker_failed(event.message()));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Link { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Ends the worker at once; nothing that it still says is heard.
    pub fn close(self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        // Whoever closes it may be one of its callbacks, which must not go while it runs.
        gloo::timers::callback::Timeout::new(0, move || drop(self)).forget();
    }

    /// Asks the loader for something: `ping`, `lose` (the GPU), `end`.
    pub fn ask(&self, what: &str) {
        let _ = self.worker.post_message(&Array::of1(&what.into()));
    }

    /// Sends a command.
    pub fn send(&self, command: &Command) {
        match postcard::to_stdvec(command) {
            Ok(bytes) => {
                let _ = self.worker.post_message(&Uint8Array::from(bytes.as_slice()));
            }
            Err(error) => log::error!("a command could not be sent: {error}"),
        }
    }

    /// Hands a canvas over, so that the page can't draw on it any more; whether that worked.
    pub fn give_canvas(&self, arm: ArmId, canvas: &HtmlCanvasElement) -> bool {
        let Ok(offscreen) = canvas.transfer_control_to_offscreen() else { return false };
        let message = Array::of2(&arm.key().into(), &offscreen);
        self.worker.post_message_with_transfer(&message, &Array::of1(&offscreen)).is_ok()
    }
}

/// A message from the loader (`[what, ...]`) or from the engine (bytes).
fn read(model: Model, data: &JsValue) {
    let bytes = data.dyn_ref::<Uint8Array>();
    model.connection(|connection| connection.heard(bytes.is_some()));
    if let Some(bytes) = bytes {
        match postcard::from_bytes::<Event>(&bytes.to_vec()) {
            Ok(event) => model.receive(event),
            Err(error) => log::error!("an event could not be read: {error}"),
        }
        return;
    }
    let Some(message) = data.dyn_ref::<Array>() else { return };
    let number = |index: u32| message.get(index).as_f64().unwrap_or(0.0);
    let text = |index: u32| message.get(index).as_string().unwrap_or_default();
    match text(0).as_str() {
        "download" => model.download(number(1), number(2)),
        "loaded" => model.begin(),
        "alive" => await_end(model, &text(1)),
        "adapter" => model.connection(|connection| connection.describe(text(1), text(2))),
        "lost" => recovery::fault(model, Fault::Gpu, &text(1)),
        "failed" if text(2) == "memory" => recovery::fault(model, Fault::Memory, &text(1)),
        "failed" => recovery::fault(model, Fault::Engine, &text(1)),
        _ => {}
    }
}

/// A worker holds a lock as long as it lives: whoever gets it knows that it is gone, also when the browser has killed it.
fn await_end(model: Model, lock: &str) {
    let (ended, epoch) = (after_lock(lock), model.epoch.get_untracked());
    leptos::task::spawn_local(async move {
        let gone = JsFuture::from(ended).await.is_ok();
        if gone && model.epoch.get_untracked() == epoch && model.is_awake() {
            recovery::fault(model, Fault::Engine, words::WORKER_ENDED);
        }
    });
}
