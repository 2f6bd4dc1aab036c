//! `send({type, ...})`: what scripts have the page do, and the promise that it is done.

use js_sys::{Array, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::asked::{describe, error, json};
use super::events::Waiting;
use super::values;
use crate::app::model::Model;
use crate::app::replay;
use crate::config::Preset;
use crate::config::url::query_of;
use crate::parts::panel::Panel;
use crate::protocol::Command;

/// Resolves when the engine has carried the command out; `step` and `seek` when the run has come there.
pub fn send(model: Model, waiting: &Waiting, message: &JsValue) -> Promise {
    let text = |name: &str| Reflect::get(message, &name.into()).ok().and_then(|value| value.as_string());
    let number = |name: &str| Reflect::get(message, &name.into()).ok().and_then(|value| value.as_f64());
    let kind = text("type").unwrap_or_default();
    match kind.as_str() {
        "play" => settled(model, &Command::Play, false),
        "pause" => settled(model, &Command::Pause, false),
        "reset" => settled(model, &Command::Reset, false),
        "step" => settled(model, &Command::Run(number("steps").unwrap_or(1.0).clamp(1.0, 1e6) as u32), true),
        "seek" => match number("step").filter(|step| *step >= 0.0) {
            Some(step) => seek(model, step as u32),
            None => Promise::reject(&error("seek: step must be a number of at least 0.")),
        },
        "live" => wait(model, replay::train_here(model), true),
        "latest" => {
            replay::latest(model);
            Promise::resolve(&values::state(model))
        }
        "set" => set(model, message),
        "preset" => match text("name").as_deref().and_then(Preset::find) {
            Some(preset) => {
                model.load_preset(preset);
                Promise::resolve(&values::state(model))
            }
            None => Promise::reject(&error(&format!("preset: name must be one of {}.", Preset::names()))),
        },
        "open" => {
            model.open_query(&text("query").unwrap_or_default());
            Promise::resolve(&values::state(model))
        }
        "panel" => {
            let name = text("name").unwrap_or_default();
            let panel = Panel::parse(&name);
            if panel.is_none() && !name.is_empty() {
                let problem = format!("panel: name must be one of {}, or empty.", Panel::keys());
                return Promise::reject(&error(&problem));
            }
            model.panel.set(panel);
            Promise::resolve(&JsValue::TRUE)
        }
        "selftest" => waiting.ask(model, |request| Command::SelfTest { request }),
        "export" => Promise::resolve(&values::export(model)),
        _ => Promise::reject(&error(&format!(
            "type {}: must be one of play, pause, step, reset, set, open, preset, seek, live, latest, export, panel, selftest.",
            describe(&Reflect::get(message, &"type".into()).unwrap_or(JsValue::UNDEFINED))
        ))),
    }
}

fn settled(model: Model, command: &Command, until_still: bool) -> Promise {
    let number = model.send(command);
    wait(model, number, until_still)
}

/// Waits for command `number`, and for the end of the run if asked to; gives the state.
fn wait(model: Model, number: u32, until_still: bool) -> Promise {
    future_to_promise(async move {
        loop {
            let done = model.connection(|connection| connection.done()) >= number;
            let running = model.progress.with_untracked(|progress| progress.running);
            if let Some(reason) = model.failed.get_untracked() {
                return Err(error(&reason));
            }
            if done && !(until_still && running) {
                return Ok(values::state(model));
            }
            gloo::timers::future::TimeoutFuture::new(8).await;
        }
    })
}

/// A recorded run is shown at that step. A live run goes there: training is deterministic, so any step is reached by
/// training up to it, from the start if it lies behind.
fn seek(model: Model, step: u32) -> Promise {
    if model.replay.is_recorded() {
        replay::seek(model, step);
        return Promise::resolve(&values::state(model));
    }
    wait(model, replay::train_to(model, step), true)
}

/// `{type: "set", query: "method=byol"}`, or the settings by name: `{type: "set", method: "byol", "b.gradscale": 2}`.
fn set(model: Model, message: &JsValue) -> Promise {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs = message.dyn_ref::<Object>().map(Object::entries).unwrap_or_default();
    let mut whole = String::new();
    for pair in pairs.iter() {
        let pair: Array = pair.unchecked_into();
        let key = pair.get(0).as_string().unwrap_or_default();
        let value = pair.get(1);
        let value = value.as_string().unwrap_or_else(|| json(&value));
        match key.as_str() {
            "type" => {}
            "query" => whole = value,
            _ => {
                query.append_pair(&key, &value);
            }
        }
    }
    let query = query.finish();
    let join = if whole.is_empty() || query.is_empty() { "" } else { "&" };
    let before = model.epoch.get_untracked();
    model.apply_query(&format!("{}{join}{query}", query_of(&whole)));
    if !model.is_awake() {
        return Promise::resolve(&values::state(model));
    }
    if model.epoch.get_untracked() != before || !model.is_ready() {
        return wait_until_ready(model);
    }
    wait(model, model.connection(|connection| connection.sent()), false)
}

fn wait_until_ready(model: Model) -> Promise {
    future_to_promise(async move {
        loop {
            if let Some(reason) = model.failed.get_untracked() {
                return Err(error(&reason));
            }
            if model.is_ready() {
                return Ok(values::state(model));
            }
            gloo::timers::future::TimeoutFuture::new(20).await;
        }
    })
}
