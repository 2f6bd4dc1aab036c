//! A worker, for whoever starts it with the loader (static/worker.js), also from a sandboxed frame: what it says, sending it
//! something, ending it.

use std::rc::Rc;

use js_sys::{Array, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, MessageEvent};

pub use super::loader::Loader;
use super::message::{Heard, SendError, loader, pack};

#[wasm_bindgen]
extern "C" {
    /// `query` names the module: none the engine, `?study` the engine for a study, `?lab` the lab. See static/load.js.
    #[wasm_bindgen(js_name = normscopeWorker, catch)]
    fn start(query: &str) -> Result<web_sys::Worker, JsValue>;
    /// Resolves when nobody holds the lock any more (static/load.js).
    #[wasm_bindgen(js_name = normscopeAfter)]
    fn after_lock(lock: &str) -> Promise;
}

/// What a worker says, or is said of it; `M` is what its module says.
#[derive(Debug)]
pub enum Said<M> {
    /// Its module.
    Module(M),
    /// The loader.
    Loader(Loader),
    /// Something that can't be read, and why; it shows that the worker is there.
    Unreadable(String),
    /// The browser: the worker is broken.
    Broken(String),
    /// The lock that a living worker holds is free: it has ended, also when the browser has killed it.
    Ended,
}

/// A running worker.
pub struct Worker {
    handle: web_sys::Worker,
    // Kept so that the callbacks stay alive.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Worker {
    /// Starts a worker by the loader's query; `hear` is told what it says.
    ///
    /// # Errors
    /// What the browser throws when it has no workers or refuses this one.
    pub fn start<M: DeserializeOwned + 'static>(
        query: &str,
        hear: impl Fn(Said<M>) + 'static,
    ) -> Result<Worker, JsValue> {
        let worker = start(query)?;
        let hear: Rc<dyn Fn(Said<M>)> = Rc::new(hear);
        let heard = Rc::clone(&hear);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let said = read(event.data());
            if let Said::Loader(Loader::Alive(lock)) = &said {
                await_end(Rc::clone(&heard), lock);
            }
            heard(said);
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error =
            Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| hear(Said::Broken(event.message())));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Worker { handle: worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends its module a message.
    ///
    /// # Errors
    /// When it can't be written, or the browser refuses it.
    pub fn send(&self, message: &impl Serialize) -> Result<(), SendError> {
        let bytes = pack(message)?;
        self.post(&bytes)
    }

    /// Posts something as it is.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn post(&self, message: &JsValue) -> Result<(), SendError> {
        Ok(self.handle.post_message(message)?)
    }

    /// Posts something, and gives away what is in `given`.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn give(&self, message: &JsValue, given: &Array) -> Result<(), SendError> {
        Ok(self.handle.post_message_with_transfer(message, given)?)
    }

    /// Ends the worker at once; nothing that it still says is heard.
    pub fn close(self) {
        self.handle.set_onmessage(None);
        self.handle.set_onerror(None);
        self.handle.terminate();
        // One of its callbacks may have closed it, and a callback must not be dropped while it runs.
        gloo::timers::callback::Timeout::new(0, move || drop(self)).forget();
    }
}

fn read<M: DeserializeOwned>(data: JsValue) -> Said<M> {
    match Heard::read(data) {
        Heard::Message(message) => Said::Module(message),
        Heard::Unreadable(problem) => Said::Unreadable(problem.to_string()),
        Heard::Other(data) => match loader(&data) {
            Some(message) => Said::Loader(message),
            None => Said::Unreadable(format!("{data:?}")),
        },
    }
}

/// Tells when the lock is free that the worker holds as long as it lives.
fn await_end<M: 'static>(hear: Rc<dyn Fn(Said<M>)>, lock: &str) {
    let ended = after_lock(lock);
    wasm_bindgen_futures::spawn_local(async move {
        match JsFuture::from(ended).await {
            Ok(_) => hear(Said::Ended),
            Err(problem) => log::warn!("nobody tells when the worker ends: {problem:?}"),
        }
    });
}
