//! The worker at the other end: postcard bytes both ways.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, MessageEvent};

use super::model::Model;
use crate::config::ArmId;
use crate::parts::worker;
use crate::protocol::{Command, Event};
use crate::words::playground::link as words;

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
            model.fail(words::engine_failed(event.message()));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Link { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Ends the worker at once.
    pub fn close(self) {
        self.worker.set_onmessage(None);
        self.worker.terminate();
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

    /// Hands a canvas over; the page can't draw on it any more.
    pub fn give_canvas(&self, arm: ArmId, canvas: &HtmlCanvasElement) {
        let Ok(offscreen) = canvas.transfer_control_to_offscreen() else { return };
        let message = Array::of2(&arm.key().into(), &offscreen);
        let _ = self.worker.post_message_with_transfer(&message, &Array::of1(&offscreen));
    }
}

/// A message from the loader (`[what, ...]`) or from the engine (bytes).
fn read(model: Model, data: &JsValue) {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        match postcard::from_bytes::<Event>(&bytes.to_vec()) {
            Ok(event) => model.receive(event),
            Err(error) => log::error!("an event could not be read: {error}"),
        }
        return;
    }
    let Some(message) = data.dyn_ref::<Array>() else { return };
    let number = |index: u32| message.get(index).as_f64().unwrap_or(0.0);
    match message.get(0).as_string().as_deref() {
        Some("download") => model.download(number(1), number(2)),
        Some("loaded") => model.begin(),
        Some("failed") => model.fail(message.get(1).as_string().unwrap_or_default()),
        _ => {}
    }
}
