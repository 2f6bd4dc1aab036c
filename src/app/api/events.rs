//! What scripts wait for: events that they listen to, and the engine's answers to their requests.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::asked::{describe, error};
use super::values;
use crate::app::js::{maybe, number, object, text};
use crate::app::model::Model;
use crate::app::state::Signal;
use crate::protocol::{Command, Level};

/// Names of events, for messages.
const EVENTS: [&str; 7] = ["ready", "metrics", "state", "config", "notice", "error", "resize"];

/// Who waits for what.
#[derive(Default)]
pub struct Waiting {
    listeners: RefCell<Vec<(u32, String, Function)>>,
    /// Promises of requests that the engine has not answered yet.
    requests: RefCell<HashMap<u32, [Function; 2]>>,
    ready: RefCell<Option<Function>>,
    next: Cell<u32>,
}

impl Waiting {
    fn fresh(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// A promise that the engine's first report settles.
    pub fn ready(&self) -> Promise {
        Promise::new(&mut |resolve, _| *self.ready.borrow_mut() = Some(resolve))
    }

    /// A promise that the engine's answer to `request` settles.
    pub fn ask(&self, model: Model, command: impl FnOnce(u32) -> Command) -> Promise {
        let request = self.fresh();
        let promise = Promise::new(&mut |resolve, reject| {
            self.requests.borrow_mut().insert(request, [resolve, reject]);
        });
        model.send(&command(request));
        promise
    }

    /// Calls back at every event of that name: a function that ends this.
    pub fn on(self: &Rc<Waiting>, event: &JsValue, callback: JsValue) -> Result<JsValue, JsValue> {
        let name = event
            .as_string()
            .filter(|name| EVENTS.contains(&name.as_str()))
            .ok_or_else(|| error(&format!("event {}: must be one of {}.", describe(event), EVENTS.join(", "))))?;
        let callback: Function =
            callback.dyn_into().map_err(|_| error("on(event, callback): callback must be a function."))?;
        let id = self.fresh();
        self.listeners.borrow_mut().push((id, name, callback));
        let waiting = Rc::clone(self);
        let off = Closure::<dyn Fn()>::new(move || waiting.listeners.borrow_mut().retain(|(own, ..)| *own != id));
        Ok(off.into_js_value())
    }

    /// Passes on what the model says.
    pub fn follow(self: Rc<Waiting>, model: Model) {
        let resized = Rc::clone(&self);
        let listener = window_event_listener(leptos::ev::resize, move |_| {
            let size = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64());
            let (width, height) = (size(window().inner_width()), size(window().inner_height()));
            resized
                .emit("resize", &object([("width", maybe(width.map(number))), ("height", maybe(height.map(number)))]));
        });
        on_cleanup(move || listener.remove());
        let own = Rc::clone(&self);
        Effect::new(move |_| {
            model.experiment.track();
            model.panel.track();
            own.emit("config", &values::config(model));
        });
        model.listen(Box::new(move |signal| self.pass_on(model, signal)));
    }

    fn pass_on(&self, model: Model, signal: &Signal) {
        match signal {
            Signal::Ready => {
                let state = values::state(model);
                if let Some(resolve) = self.ready.borrow_mut().take() {
                    let _ = resolve.call1(&JsValue::NULL, &state);
                }
                self.emit("ready", &state);
            }
            Signal::Metrics(arm) if self.heard("metrics") => {
                self.emit("metrics", &object([("arm", text(arm.key())), ("metrics", values::metrics(model, *arm))]));
            }
            Signal::State if self.heard("state") => self.emit("state", &values::state(model)),
            Signal::Metrics(_) | Signal::State => {}
            Signal::Notice(notice) => {
                let payload = values::notice(notice);
                self.emit("notice", &payload);
                if notice.level == Level::Error {
                    self.emit("error", &payload);
                }
                // What an engine that is gone was asked, nobody will answer.
                if model.failed.with_untracked(Option::is_some) {
                    for (_, [_, reject]) in self.requests.borrow_mut().drain() {
                        let _ = reject.call1(&JsValue::NULL, &error(&notice.message));
                    }
                }
            }
            Signal::Embeddings(request, answer) => self.answer(*request, &values::embeddings(answer)),
            Signal::Bytes(request, bytes) => self.answer(*request, &Uint8Array::from(bytes.as_slice())),
            Signal::SelfTest(request, checks) => self.answer(*request, &values::checks(checks)),
        }
    }

    fn emit(&self, event: &str, payload: &JsValue) {
        let listeners: Vec<Function> = self
            .listeners
            .borrow()
            .iter()
            .filter(|(_, name, _)| name == event)
            .map(|(.., callback)| callback.clone())
            .collect();
        for callback in listeners {
            if let Err(problem) = callback.call1(&JsValue::NULL, payload) {
                log::warn!("a listener of {event} failed: {problem:?}");
            }
        }
    }

    fn heard(&self, event: &str) -> bool {
        self.listeners.borrow().iter().any(|(_, name, _)| name == event)
    }

    fn answer(&self, request: u32, value: &JsValue) {
        let settle = self.requests.borrow_mut().remove(&request);
        if let Some([resolve, _]) = settle {
            let _ = resolve.call1(&JsValue::NULL, value);
        }
    }
}
