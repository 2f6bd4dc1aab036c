//! Typed messages over a worker's own scope or a `MessagePort`: postcard bytes of `Out` go, of `In` come. Anything
//! else that comes is handed on as it is, never dropped: the listener decides what to say.

use std::marker::PhantomData;

use js_sys::Function;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::parts::message::{Heard, SendError, pack};

#[wasm_bindgen]
extern "C" {
    /// The scope or the port: what both have.
    #[derive(Clone)]
    pub type End;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &End, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &End, callback: Option<&Function>);
}

/// One end of a way for messages; it hears as long as it is held.
pub struct Port<Out, In> {
    end: End,
    // Kept so that it stays alive.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    types: PhantomData<fn(Out) -> In>,
}

impl<Out: Serialize, In: DeserializeOwned> Port<Out, In> {
    /// Over this end; `hear` is told what comes.
    pub fn over(end: End, mut hear: impl FnMut(Heard<In>) + 'static) -> Port<Out, In> {
        let on_message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| hear(Heard::read(event.data())));
        end.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Port { end, _on_message: on_message, types: PhantomData }
    }

    /// Over the worker's own scope: to the page or worker that has started it.
    pub fn to_starter(hear: impl FnMut(Heard<In>) + 'static) -> Port<Out, In> {
        Port::over(js_sys::global().unchecked_into(), hear)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When it can't be written, or the browser refuses it.
    pub fn send(&self, message: &Out) -> Result<(), SendError> {
        let bytes = pack(message)?;
        Ok(self.end.post_message(&bytes)?)
    }

    /// Sends a message; where that fails, the (small) message that `instead` makes of the problem. If that fails as well, the
    /// console says so.
    pub fn send_or(&self, message: &Out, instead: impl FnOnce(String) -> Out) {
        let Err(problem) = self.send(message) else { return };
        if let Err(again) = self.send(&instead(problem.to_string())) {
            log::warn!("a message could not be sent: {problem}; nor that it could not: {again}");
        }
    }
}

impl<Out, In> Drop for Port<Out, In> {
    /// What still comes must not find its callback gone.
    fn drop(&mut self) {
        self.end.set_onmessage(None);
    }
}
