//! The worker at the other end: postcard bytes both ways.

use std::rc::Rc;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlCanvasElement, MessageEvent};

use crate::config::ArmId;
use crate::connection::{self, Held};
use crate::parts::worker;
use crate::protocol::{Command, Event};
use crate::words::playground::link as words;

/// A file's bytes in the browser's memory, not in this module's.
#[derive(Clone, Debug)]
pub struct InBrowser(Uint8Array);

impl Held for InBrowser {
    fn hold(bytes: &[u8]) -> InBrowser {
        InBrowser(Uint8Array::from(bytes))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// The page's connection to its engine.
pub type Connection = connection::Connection<InBrowser>;

/// The engine's worker, and what is known of it.
#[derive(Default)]
pub struct Wire {
    /// What is known.
    pub connection: Connection,
    /// The worker, while there is one.
    pub link: Option<Link>,
}

/// What a worker says, or is said of it.
#[derive(Debug)]
pub enum Said {
    /// The engine.
    Event(Box<Event>),
    /// The loader: so many bytes of so many have come; of 0: nobody knows.
    Download(f64, f64),
    /// The loader: the engine's module runs.
    Loaded,
    /// The loader: the adapter that it found, and its limits.
    Adapter(String, String),
    /// The loader: the GPU is gone, and why.
    GpuLost(String),
    /// The loader: the browser gives no more memory.
    OutOfMemory(String),
    /// The loader or the browser: the engine failed.
    Failed(String),
    /// The lock that a living worker holds is free: it has ended, also when the browser has killed it.
    Ended,
    /// Something that only shows that it is there.
    Alive,
}

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
    /// Starts a worker; `hear` is told what it says.
    ///
    /// # Errors
    /// In words, when the browser has no workers or refuses this one.
    pub fn open(hear: impl Fn(Said) + 'static) -> Result<Link, String> {
        let hear: Rc<dyn Fn(Said)> = Rc::new(hear);
        let worker = worker::start("").map_err(|_| words::NO_WORKER.to_owned())?;
        let heard = Rc::clone(&hear);
        let on_message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| read(&heard, &event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            hear(Said::Failed(words::worker_failed(event.message())));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Link { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Ends the worker at once; nothing that it still says is heard.
    pub fn close(self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        // One of its callbacks may have closed it, and a callback must not be dropped while it runs.
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

/// A message from the engine (bytes) or from the loader (`[what, ...]`, static/worker.js).
fn read(hear: &Rc<dyn Fn(Said)>, data: &JsValue) {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        hear(match postcard::from_bytes::<Event>(&bytes.to_vec()) {
            Ok(event) => Said::Event(Box::new(event)),
            Err(error) => {
                log::error!("an event could not be read: {error}");
                Said::Alive
            }
        });
        return;
    }
    let Some(message) = data.dyn_ref::<Array>() else { return };
    let number = |index: u32| message.get(index).as_f64().unwrap_or(0.0);
    let text = |index: u32| message.get(index).as_string().unwrap_or_default();
    hear(match text(0).as_str() {
        "download" => Said::Download(number(1), number(2)),
        "loaded" => Said::Loaded,
        "adapter" => Said::Adapter(text(1), text(2)),
        "lost" => Said::GpuLost(text(1)),
        "failed" if text(2) == "memory" => Said::OutOfMemory(text(1)),
        "failed" => Said::Failed(text(1)),
        "alive" => {
            await_end(Rc::clone(hear), &text(1));
            Said::Alive
        }
        _ => Said::Alive,
    });
}

/// Tells when the lock is free that the worker holds as long as it lives.
fn await_end(hear: Rc<dyn Fn(Said)>, lock: &str) {
    let ended = after_lock(lock);
    wasm_bindgen_futures::spawn_local(async move {
        if JsFuture::from(ended).await.is_ok() {
            hear(Said::Ended);
        }
    });
}
