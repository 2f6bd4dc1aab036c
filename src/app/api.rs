//! `window.normscope`: what other pages, scripts and tests may rely on.
//!
//! `ready` (promise), `state()`, `series(arm, metric)`, `embeddings(arm)` (promise), `send({type, ...})` (promise),
//! `on(event, callback)` (gives a function that unsubscribes). Events: ready, metrics, state, config, notice, error, resize.
//!
//! The engine is large and starts when it is first needed: when a script plays, asks for embeddings or reads `ready`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Float32Array, Function, JSON, Object, Promise, Reflect, Uint8Array, Uint16Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::js::{array, maybe, number, object, put, text};
use super::location::link_query;
use super::model::Model;
use super::replay;
use super::state::{EmbeddingsAnswer, Signal};
use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmId, Experiment, Preset, Value};
use crate::metrics::Metric;
use crate::parts::panel::Panel;
use crate::protocol::{Check, Command, DeviceInfo, Level};

/// Names of events, for messages.
const EVENTS: [&str; 7] = ["ready", "metrics", "state", "config", "notice", "error", "resize"];

/// The object behind `window.normscope`.
#[derive(Clone)]
pub struct Api {
    model: Model,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    listeners: RefCell<Vec<(u32, String, Function)>>,
    /// Promises of requests that the engine has not answered yet.
    requests: RefCell<HashMap<u32, [Function; 2]>>,
    ready: RefCell<Option<Function>>,
    next: Cell<u32>,
}

impl Shared {
    fn fresh(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

/// Puts the object on the window.
pub fn install(model: Model) -> Api {
    let api = Api { model, shared: Rc::default() };
    let object = Object::new();
    let shared = Rc::clone(&api.shared);
    let ready = Promise::new(&mut |resolve, _| *shared.ready.borrow_mut() = Some(resolve));
    // Who waits for the engine wants it.
    getter(&object, "ready", move || {
        model.go_live();
        ready.clone().into()
    });
    put(&object, "version", &env!("CARGO_PKG_VERSION").into());
    let own = api.clone();
    put_fn0(&object, "state", move || own.state());
    let own = api.clone();
    put_fn0(&object, "config", move || own.config());
    let own = api.clone();
    put_fn2(&object, "series", move |arm, metric| own.series(&arm, &metric));
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
    let own = api.clone();
    put_fn2(&object, "trace", move |_, _| Ok(own.trace().into()));
    let own = api.clone();
    put_fn2(&object, "scene", move |arm, _| own.scene(&arm));
    let own = api.clone();
    put_fn0(&object, "seen", move || own.seen());
    let own = api.clone();
    put_fn2(&object, "locate", move |arm, index| own.locate(&arm, &index));
    put(&window(), "normscope", &object);
    api.clone().follow();
    api
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

fn error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}

fn arm_of(value: &JsValue) -> Result<ArmId, JsValue> {
    value
        .as_string()
        .and_then(|text| ArmId::parse(&text))
        .ok_or_else(|| error(&format!("arm {}: must be \"a\" or \"b\".", describe(value))))
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_else(|| "undefined".to_owned())
}

/// A value from outside, for messages.
fn describe(value: &JsValue) -> String {
    const MOST: usize = 60;
    let text = json(value);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The experiment with the names of the URL.
fn config_object(experiment: &Experiment) -> JsValue {
    let arm = |id: ArmId| {
        object(ARM_PARAMS.iter().map(|param| {
            let value = match (param.get)(experiment.arm(id)) {
                Value::Number(x) => number(x),
                Value::Whole(x) => number(x),
                Value::Name(name) => text(name),
                Value::Flag(flag) => flag.into(),
            };
            (param.key, value)
        }))
    };
    object([
        ("preset", maybe(experiment.run.preset.as_deref().map(text))),
        ("room", text(experiment.view.room.key())),
        ("method", text(experiment.run.method.key())),
        ("data", text(experiment.run.data.key())),
        ("seed", number(experiment.run.seed as f64)),
        ("device", text(experiment.view.device.key())),
        ("steps", number(experiment.run.steps)),
        ("eval", number(experiment.run.eval)),
        ("speed", number(experiment.view.speed)),
        ("autoplay", experiment.view.autoplay.into()),
        ("embed", experiment.view.embed.into()),
        ("present", experiment.view.present.into()),
        ("at", maybe(experiment.view.at.map(number))),
        ("theme", text(experiment.view.theme.key())),
        ("shape", text(experiment.view.shape.key())),
        ("colour", text(experiment.view.colour.key())),
        ("hide", array(experiment.view.hide.iter().map(|id| text(id)))),
        ("lock", experiment.view.lock.into()),
        ("lesson", text(&experiment.view.lesson)),
        ("a", arm(ArmId::A)),
        ("b", arm(ArmId::B)),
    ])
}

impl Api {
    /// The metrics of the evaluation that is shown, with its step.
    fn metrics(&self, id: ArmId) -> JsValue {
        let state = self.model.arms[id.index()];
        let at = state.at.get_untracked().unwrap_or(u32::MAX);
        state.history.with_untracked(|history| {
            let shown = history.get(history.partition_point(|(step, _)| *step <= at).max(1) - 1);
            let values = shown.iter().flat_map(|(_, values)| values.iter());
            let metrics = object(values.map(|(metric, value)| (metric.name(), number(*value))));
            put(&metrics, "step", &maybe(shown.map(|(step, _)| number(*step))));
            metrics
        })
    }

    fn arm(&self, id: ArmId) -> JsValue {
        let state = self.model.arms[id.index()];
        let stopped = |(step, reason): (u32, String)| object([("step", number(step)), ("reason", text(&reason))]);
        let (parameters, weights) = state.weights.get_untracked();
        let hash = self.model.progress.with_untracked(|progress| text(&progress.batch_hash[id.index()]));
        object([
            ("metrics", self.metrics(id)),
            ("stopped", maybe(state.stopped.get_untracked().map(stopped))),
            ("parameters", number(parameters)),
            ("weights_hash", text(&weights)),
            ("batch_hash", hash),
        ])
    }

    /// Everything that scripts may know; see docs/api.md.
    pub(super) fn state(&self) -> JsValue {
        let model = self.model;
        let experiment = model.experiment.get_untracked();
        let progress = model.progress.get_untracked();
        let device = model.device.get_untracked();
        let of_device = |part: fn(&DeviceInfo) -> JsValue| maybe(device.as_ref().map(part));
        let recorded = model.replay.opened.with_untracked(|opened| {
            maybe(opened.as_ref().map(|trace| {
                object([
                    ("made_by", text(&trace.made_by)),
                    ("device", text(&trace.device)),
                    ("adapter", text(&trace.adapter)),
                    ("steps", number(trace.steps)),
                ])
            }))
        });
        let data = model.data.with_untracked(|data| {
            maybe(data.as_ref().map(|data| {
                object([
                    ("name", text(&data.name)),
                    ("classes", array(data.classes.iter().map(|name| text(name)))),
                    ("train", number(data.train)),
                    ("test", number(data.test)),
                    ("image", maybe(data.image.map(|(width, height)| array([number(width), number(height)])))),
                ])
            }))
        });
        object([
            ("config", config_object(&experiment)),
            ("query", text(&link_query(&experiment))),
            ("ready", model.is_ready().into()),
            ("step", number(model.replay.at.get_untracked().unwrap_or(progress.step))),
            ("recorded", recorded),
            ("running", progress.running.into()),
            ("rate", number(progress.rate)),
            ("millis", array(progress.millis.map(number))),
            ("device", of_device(|info| text(info.kind.key()))),
            ("adapter", of_device(|info| text(&info.adapter))),
            ("software", of_device(|info| info.software.into())),
            ("reason", of_device(|info| text(&info.reason))),
            ("faults", number(self.model.connection(|connection| connection.faults().count()))),
            ("failed", maybe(model.failed.get_untracked().as_deref().map(text))),
            ("batch_hash", text(&progress.batch_hash[0])),
            ("data", data),
            ("arms", object([("a", self.arm(ArmId::A)), ("b", self.arm(ArmId::B))])),
            ("notices", model.notices.with_untracked(|all| array(all.iter().map(notice_object)))),
        ])
    }

    /// What the rooms need of the settings: the link, and the data set, which may be files.
    pub(super) fn config(&self) -> JsValue {
        let experiment = self.model.experiment.get_untracked();
        let panel = self.model.panel.get_untracked();
        object([
            ("query", text(&link_query(&experiment))),
            ("data", text(experiment.run.data.key())),
            ("panel", text(panel.map_or("", Panel::key))),
        ])
    }

    fn series_of(&self, arm: ArmId, metric: Metric) -> Vec<(f64, f64)> {
        untrack(|| self.model.arms[arm.index()].series(metric))
    }

    /// The values, with the steps they belong to as a property `steps` of the array.
    pub(super) fn series(&self, arm: &JsValue, metric: &JsValue) -> Result<JsValue, JsValue> {
        let arm = arm_of(arm)?;
        let metric = metric
            .as_string()
            .and_then(|name| Metric::parse(&name))
            .ok_or_else(|| error(&format!("metric {}: must be one of {}.", describe(metric), Metric::names())))?;
        let series = self.series_of(arm, metric);
        let values: Array = series.iter().map(|(_, y)| JsValue::from_f64(*y)).collect();
        let steps: Array = series.iter().map(|(x, _)| JsValue::from_f64(*x)).collect();
        put(&values, "steps", &steps);
        Ok(values.into())
    }

    /// A promise that the engine's answer to `request` settles.
    fn ask(&self, command: impl FnOnce(u32) -> Command) -> Promise {
        let request = self.shared.fresh();
        let promise = Promise::new(&mut |resolve, reject| {
            self.shared.requests.borrow_mut().insert(request, [resolve, reject]);
        });
        self.model.send(&command(request));
        promise
    }

    pub(super) fn embeddings(&self, arm: &JsValue) -> Promise {
        match arm_of(arm) {
            Ok(arm) => self.ask(|request| Command::Embeddings { arm, request }),
            Err(problem) => Promise::reject(&problem),
        }
    }

    pub(super) fn on(&self, event: &JsValue, callback: JsValue) -> Result<JsValue, JsValue> {
        let name = event
            .as_string()
            .filter(|name| EVENTS.contains(&name.as_str()))
            .ok_or_else(|| error(&format!("event {}: must be one of {}.", describe(event), EVENTS.join(", "))))?;
        let callback: Function =
            callback.dyn_into().map_err(|_| error("on(event, callback): callback must be a function."))?;
        let id = self.shared.fresh();
        self.shared.listeners.borrow_mut().push((id, name, callback));
        let shared = Rc::clone(&self.shared);
        let off = Closure::<dyn Fn()>::new(move || shared.listeners.borrow_mut().retain(|(own, ..)| *own != id));
        Ok(off.into_js_value())
    }

    /// The run so far as a trace file: a promise of bytes.
    fn trace(&self) -> Promise {
        let trace = self.model.replay.trace();
        future_to_promise(async move {
            let trace = trace.ok_or_else(|| error("There is no run yet. Press Play first."))?;
            let bytes = replay::write(&trace).await.map_err(|problem| error(&problem.to_string()))?;
            Ok(Uint8Array::from(bytes.as_slice()).into())
        })
    }

    /// What an arm's sphere shows now: `{frame, points}`, both as postcard bytes, for pictures of any size.
    fn scene(&self, arm: &JsValue) -> Result<JsValue, JsValue> {
        let arm = arm_of(arm)?;
        let bytes = self.model.viewport.scene(arm).ok_or_else(|| error("There is nothing to draw yet."))?;
        Ok(Uint8Array::from(bytes.as_slice()).into())
    }

    fn locate(&self, arm: &JsValue, index: &JsValue) -> Result<JsValue, JsValue> {
        let arm = arm_of(arm)?;
        let index = index
            .as_f64()
            .filter(|at| *at >= 0.0)
            .ok_or_else(|| error("locate(arm, index): index must be a number."))?;
        Ok(self.model.viewport.locate(arm, index as u32).map_or(JsValue::NULL, |(x, y)| {
            Array::of2(&JsValue::from_f64(x.into()), &JsValue::from_f64(y.into())).into()
        }))
    }

    /// Resolves when the engine has carried the command out; `step` and `seek` when the run has come there.
    pub(super) fn send(&self, message: &JsValue) -> Promise {
        let text = |name: &str| Reflect::get(message, &name.into()).ok().and_then(|value| value.as_string());
        let number = |name: &str| Reflect::get(message, &name.into()).ok().and_then(|value| value.as_f64());
        let kind = text("type").unwrap_or_default();
        match kind.as_str() {
            "play" => self.settled(&Command::Play, false),
            "pause" => self.settled(&Command::Pause, false),
            "reset" => self.settled(&Command::Reset, false),
            "step" => self.settled(&Command::Run(number("steps").unwrap_or(1.0).clamp(1.0, 1e6) as u32), true),
            "seek" => match number("step").filter(|step| *step >= 0.0) {
                Some(step) => self.seek(step as u32),
                None => Promise::reject(&error("seek: step must be a number of at least 0.")),
            },
            "live" => self.wait(replay::train_here(self.model), true),
            "latest" => {
                replay::latest(self.model);
                Promise::resolve(&self.state())
            }
            "set" => self.set(message),
            "preset" => match text("name").as_deref().and_then(Preset::find) {
                Some(preset) => {
                    self.model.load_preset(preset);
                    Promise::resolve(&self.state())
                }
                None => Promise::reject(&error(&format!("preset: name must be one of {}.", Preset::names()))),
            },
            "open" => {
                self.model.open_query(&text("query").unwrap_or_default());
                Promise::resolve(&self.state())
            }
            "panel" => {
                let name = text("name").unwrap_or_default();
                let panel = Panel::parse(&name);
                if panel.is_none() && !name.is_empty() {
                    let problem = format!("panel: name must be one of {}, or empty.", Panel::keys());
                    return Promise::reject(&error(&problem));
                }
                self.model.panel.set(panel);
                Promise::resolve(&JsValue::TRUE)
            }
            "selftest" => self.ask(|request| Command::SelfTest { request }),
            "export" => Promise::resolve(&self.export()),
            _ => Promise::reject(&error(&format!(
                "type {}: must be one of play, pause, step, reset, set, open, preset, seek, live, latest, export, panel, selftest.",
                describe(&Reflect::get(message, &"type".into()).unwrap_or(JsValue::UNDEFINED))
            ))),
        }
    }

    fn settled(&self, command: &Command, until_still: bool) -> Promise {
        let number = self.model.send(command);
        self.wait(number, until_still)
    }

    /// Waits for command `number`, and for the end of the run if asked to; gives the state.
    fn wait(&self, number: u32, until_still: bool) -> Promise {
        let own = self.clone();
        future_to_promise(async move {
            loop {
                let done = own.model.connection(|connection| connection.done()) >= number;
                let running = own.model.progress.with_untracked(|progress| progress.running);
                if let Some(reason) = own.model.failed.get_untracked() {
                    return Err(error(&reason));
                }
                if done && !(until_still && running) {
                    return Ok(own.state());
                }
                gloo::timers::future::TimeoutFuture::new(8).await;
            }
        })
    }

    /// A recorded run is shown at that step. A live run goes there: training is deterministic, so any step is reached by
    /// training up to it, from the start if it lies behind.
    fn seek(&self, step: u32) -> Promise {
        if self.model.replay.is_recorded() {
            replay::seek(self.model, step);
            return Promise::resolve(&self.state());
        }
        self.wait(replay::train_to(self.model, step), true)
    }

    /// Which model the spheres are a picture of, for whatever needs it.
    fn seen(&self) -> JsValue {
        let seen = untrack(|| replay::seen(self.model));
        object([
            ("step", number(seen.step)),
            ("model", number(seen.model)),
            ("recorded", seen.recorded.into()),
            ("files", seen.files.into()),
            ("seconds", number(seen.seconds)),
        ])
    }

    /// `{type: "set", query: "method=byol"}`, or the settings by name: `{type: "set", method: "byol", "b.gradscale": 2}`.
    fn set(&self, message: &JsValue) -> Promise {
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
        let before = self.model.epoch.get_untracked();
        self.model.apply_query(&format!("{}{join}{query}", crate::config::url::query_of(&whole)));
        if !self.model.is_awake() {
            return Promise::resolve(&self.state());
        }
        if self.model.epoch.get_untracked() != before || !self.model.is_ready() {
            return self.wait_until_ready();
        }
        self.wait(self.model.connection(|connection| connection.sent()), false)
    }

    fn wait_until_ready(&self) -> Promise {
        let own = self.clone();
        future_to_promise(async move {
            loop {
                if let Some(reason) = own.model.failed.get_untracked() {
                    return Err(error(&reason));
                }
                if own.model.is_ready() {
                    return Ok(own.state());
                }
                gloo::timers::future::TimeoutFuture::new(20).await;
            }
        })
    }

    /// State, link and every series.
    fn export(&self) -> JsValue {
        let pair = |(x, y): &(f64, f64)| array([number(*x), number(*y)]);
        let series = |arm: ArmId| {
            let all = Metric::ALL.into_iter().map(|metric| (metric.name(), self.series_of(arm, metric)));
            let some = all.filter(|(_, series)| !series.is_empty());
            object(some.map(|(name, series)| (name, array(series.iter().map(pair)))))
        };
        object([("state", self.state()), ("series", object([("a", series(ArmId::A)), ("b", series(ArmId::B))]))])
    }

    fn emit(&self, event: &str, payload: &JsValue) {
        let listeners: Vec<Function> = self
            .shared
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
        self.shared.listeners.borrow().iter().any(|(_, name, _)| name == event)
    }

    fn answer(&self, request: u32, value: &JsValue) {
        let settle = self.shared.requests.borrow_mut().remove(&request);
        if let Some([resolve, _]) = settle {
            let _ = resolve.call1(&JsValue::NULL, value);
        }
    }

    /// Passes on what the model says.
    fn follow(self) {
        let resized = self.clone();
        let listener = window_event_listener(leptos::ev::resize, move |_| {
            let size = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64());
            let (width, height) = (size(window().inner_width()), size(window().inner_height()));
            resized
                .emit("resize", &object([("width", maybe(width.map(number))), ("height", maybe(height.map(number)))]));
        });
        on_cleanup(move || listener.remove());
        let own = self.clone();
        Effect::new(move |_| {
            own.model.experiment.track();
            own.model.panel.track();
            own.emit("config", &own.config());
        });
        let own = self.clone();
        self.model.listen(Box::new(move |signal| own.pass_on(signal)));
    }

    fn pass_on(&self, signal: &Signal) {
        match signal {
            Signal::Ready => {
                let state = self.state();
                if let Some(resolve) = self.shared.ready.borrow_mut().take() {
                    let _ = resolve.call1(&JsValue::NULL, &state);
                }
                self.emit("ready", &state);
            }
            Signal::Metrics(arm) if self.heard("metrics") => {
                self.emit("metrics", &object([("arm", text(arm.key())), ("metrics", self.metrics(*arm))]));
            }
            Signal::State if self.heard("state") => self.emit("state", &self.state()),
            Signal::Metrics(_) | Signal::State => {}
            Signal::Notice(notice) => {
                let payload = notice_object(notice);
                self.emit("notice", &payload);
                if notice.level == Level::Error {
                    self.emit("error", &payload);
                }
                // What an engine that is gone was asked, nobody will answer.
                if self.model.failed.with_untracked(Option::is_some) {
                    for (_, [_, reject]) in self.shared.requests.borrow_mut().drain() {
                        let _ = reject.call1(&JsValue::NULL, &error(&notice.message));
                    }
                }
            }
            Signal::Embeddings(request, answer) => self.answer(*request, &embeddings_object(answer)),
            Signal::Bytes(request, bytes) => self.answer(*request, &Uint8Array::from(bytes.as_slice())),
            Signal::SelfTest(request, checks) => {
                let check = |check: &Check| {
                    object([
                        ("name", text(&check.name)),
                        ("error", number(check.error)),
                        ("tolerance", number(check.tolerance)),
                        ("ok", (check.error <= check.tolerance).into()),
                    ])
                };
                self.answer(*request, &array(checks.iter().map(check)));
            }
        }
    }
}

fn notice_object(notice: &super::state::Notice) -> JsValue {
    let level = match notice.level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    object([("level", text(level)), ("input", text(&notice.input)), ("message", text(&notice.message))])
}

fn embeddings_object(answer: &EmbeddingsAnswer) -> JsValue {
    object([
        ("n", number(answer.n)),
        ("dim", number(answer.dim)),
        ("z", Float32Array::from(answer.z.as_slice()).into()),
        ("label", Uint16Array::from(answer.labels.as_slice()).into()),
        ("step", number(answer.step)),
        ("norm", Float32Array::from(answer.norms.as_slice()).into()),
    ])
}
