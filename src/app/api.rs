//! `window.normscope`: what other pages, scripts and tests may rely on.
//!
//! `ready` (promise), `state()`, `series(arm, metric)`, `embeddings(arm)` (promise), `send({type, ...})` (promise),
//! `on(event, callback)` (gives a function that unsubscribes). Events: ready, metrics, state, config, notice, error, resize.
//!
//! The engine is large and starts when it is first needed: when a script plays, asks for embeddings or reads `ready`.
//!
//! ```text
//! asked    what scripts hand in
//! values   what they read
//! events   what they wait for
//! send     what they have the page do
//! ```

mod asked;
mod events;
mod send;
mod values;

use std::rc::Rc;

use js_sys::{Array, Object, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::js::put;
use super::model::Model;
use super::replay;
use crate::protocol::Command;
use asked::{arm_of, error};
use events::Waiting;

/// The object behind `window.normscope`.
#[derive(Clone)]
pub struct Api {
    model: Model,
    waiting: Rc<Waiting>,
}

/// Puts the object on the window.
pub fn install(model: Model) -> Api {
    let api = Api { model, waiting: Rc::default() };
    let object = Object::new();
    let ready = api.waiting.ready();
    // Who waits for the engine wants it.
    getter(&object, "ready", move || {
        model.go_live();
        ready.clone().into()
    });
    put(&object, "version", &env!("CARGO_PKG_VERSION").into());
    put_fn0(&object, "state", move || values::state(model));
    put_fn0(&object, "config", move || values::config(model));
    put_fn2(&object, "series", move |arm, metric| values::series(model, &arm, &metric));
    let own = api.clone();
    put_fn2(&object, "embeddings", move |arm, _| Ok(own.embeddings(&arm).into()));
    let own = api.clone();
    put_fn2(&object, "send", move |message, _| Ok(own.send(&message).into()));
    let own = api.clone();
    put_fn2(&object, "on", move |event, callback| own.on(&event, callback));
    let own = api.clone();
    put_fn2(&object, "model", move |_, _| Ok(own.ask(|request| Command::Model { request }).into()));
    let own = api.clone();
    put_fn2(&object, "story", move |arm, _| {
        let arm = arm_of(&arm)?;
        Ok(own.ask(|request| Command::Story { arm, request }).into())
    });
    put_fn2(&object, "trace", move |_, _| Ok(trace(model).into()));
    put_fn2(&object, "scene", move |arm, _| scene(model, &arm));
    put_fn0(&object, "seen", move || values::seen(model));
    put_fn2(&object, "locate", move |arm, index| locate(model, &arm, &index));
    put(&window(), "normscope", &object);
    Rc::clone(&api.waiting).follow(model);
    api
}

impl Api {
    /// Everything that scripts may know; see docs/api.md.
    pub(super) fn state(&self) -> JsValue {
        values::state(self.model)
    }

    /// What the rooms need of the settings: the link, and the data set, which may be files.
    pub(super) fn config(&self) -> JsValue {
        values::config(self.model)
    }

    /// The values, with the steps they belong to as a property `steps` of the array.
    pub(super) fn series(&self, arm: &JsValue, metric: &JsValue) -> Result<JsValue, JsValue> {
        values::series(self.model, arm, metric)
    }

    fn ask(&self, command: impl FnOnce(u32) -> Command) -> Promise {
        self.waiting.ask(self.model, command)
    }

    pub(super) fn embeddings(&self, arm: &JsValue) -> Promise {
        match arm_of(arm) {
            Ok(arm) => self.ask(|request| Command::Embeddings { arm, request }),
            Err(problem) => Promise::reject(&problem),
        }
    }

    pub(super) fn on(&self, event: &JsValue, callback: JsValue) -> Result<JsValue, JsValue> {
        self.waiting.on(event, callback)
    }

    /// Resolves when the engine has carried the command out; `step` and `seek` when the run has come there.
    pub(super) fn send(&self, message: &JsValue) -> Promise {
        send::send(self.model, &self.waiting, message)
    }
}

/// The run so far as a trace file: a promise of bytes.
fn trace(model: Model) -> Promise {
    let trace = model.replay.trace();
    future_to_promise(async move {
        let trace = trace.ok_or_else(|| error("There is no run yet. Press Play first."))?;
        let bytes = replay::write(&trace).await.map_err(|problem| error(&problem.to_string()))?;
        Ok(Uint8Array::from(bytes.as_slice()).into())
    })
}

/// What an arm's sphere shows now: `{frame, points}`, both as postcard bytes, for pictures of any size.
fn scene(model: Model, arm: &JsValue) -> Result<JsValue, JsValue> {
    let arm = arm_of(arm)?;
    let bytes = model.viewport.scene(arm).ok_or_else(|| error("There is nothing to draw yet."))?;
    Ok(Uint8Array::from(bytes.as_slice()).into())
}

/// Where a point is: `[x, y]`, CSS pixels; null where it is not to be seen.
fn locate(model: Model, arm: &JsValue, index: &JsValue) -> Result<JsValue, JsValue> {
    let arm = arm_of(arm)?;
    let index =
        index.as_f64().filter(|at| *at >= 0.0).ok_or_else(|| error("locate(arm, index): index must be a number."))?;
    Ok(model
        .viewport
        .locate(arm, index as u32)
        .map_or(JsValue::NULL, |(x, y)| Array::of2(&JsValue::from_f64(x.into()), &JsValue::from_f64(y.into())).into()))
}

/// A property that is computed when it is read.
fn getter(target: &Object, name: &str, act: impl Fn() -> JsValue + 'static) {
    let descriptor = Object::new();
    put_fn0(&descriptor, "get", act);
    Object::define_property(target, &name.into(), &descriptor);
}

fn put_fn0(target: &JsValue, name: &str, act: impl Fn() -> JsValue + 'static) {
    put(target, name, &Closure::<dyn Fn() -> JsValue>::new(act).into_js_value());
}

fn put_fn2(target: &JsValue, name: &str, act: impl Fn(JsValue, JsValue) -> Result<JsValue, JsValue> + 'static) {
    put(target, name, &Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(act).into_js_value());
}
