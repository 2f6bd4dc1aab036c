//! The page as the rooms see it: `window.normscope`, the interface that scripts and embedding pages use as well.

use js_sys::{Array, Float32Array, Function, Object, Promise, Reflect, Uint8Array, Uint16Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::RoomError;
use super::pace::Pace;
use crate::config::choices::Choice;
use crate::config::{ArmId, DataName, Experiment, Room, url};
use crate::parts;
use crate::parts::files::Given;
use crate::parts::panel::Panel;
use crate::parts::seen::Seen;
use crate::protocol::{Scene, Story};
use crate::trace::Trace;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = normscope, js_name = config)]
    fn page_config() -> JsValue;
    #[wasm_bindgen(js_namespace = normscope, js_name = on, catch)]
    fn page_on(event: &str, callback: &Function) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = normscope, js_name = embeddings)]
    fn page_embeddings(arm: &str) -> Promise;
    #[wasm_bindgen(js_namespace = normscope, js_name = send)]
    fn page_send(message: &JsValue) -> Promise;
    #[wasm_bindgen(js_namespace = normscope, js_name = series, catch)]
    fn page_series(arm: &str, metric: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = normscope, js_name = trace)]
    fn page_trace() -> Promise;
    #[wasm_bindgen(js_namespace = normscope, js_name = model)]
    fn page_model() -> Promise;
    #[wasm_bindgen(js_namespace = normscope, js_name = story, catch)]
    fn page_story(arm: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_namespace = normscope, js_name = state)]
    fn page_state() -> JsValue;
    #[wasm_bindgen(js_namespace = normscope, js_name = seen)]
    fn page_seen() -> JsValue;
    #[wasm_bindgen(js_namespace = normscope, js_name = scene, catch)]
    fn page_scene(arm: &str) -> Result<Uint8Array, JsValue>;
}

/// What the rooms know of the page.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The playground's experiment.
    pub experiment: RwSignal<Experiment>,
    /// The panel that is open.
    pub panel: RwSignal<Option<Panel>>,
    /// Embeddings that wait for the diagnostics.
    pub given: RwSignal<Vec<Given>, LocalStorage>,
    /// How fast the last study trained.
    pub pace: RwSignal<Option<Pace>>,
}

/// The held-out embeddings of an arm of the playground.
pub struct Embeddings {
    /// Dimension.
    pub dim: u32,
    /// `[n, dim]`, un-normalised.
    pub z: Vec<f32>,
    /// `[n]`.
    pub labels: Vec<u16>,
    /// Training steps that the arm had done.
    pub step: u32,
}

impl Desk {
    /// Follows the page from now on.
    pub fn new() -> Desk {
        let config = page_config();
        let desk = Desk {
            experiment: RwSignal::new(read(&config)),
            panel: RwSignal::new(Panel::parse(&text(&config, "panel"))),
            given: RwSignal::new_local(Vec::new()),
            pace: RwSignal::default(),
        };
        let follow = Closure::<dyn Fn(JsValue)>::new(move |config: JsValue| {
            let now = read(&config);
            if desk.experiment.with_untracked(|before| *before != now) {
                desk.experiment.set(now);
            }
            let panel = Panel::parse(&text(&config, "panel"));
            if desk.panel.get_untracked() != panel {
                desk.panel.set(panel);
            }
        });
        if page_on("config", follow.as_ref().unchecked_ref()).is_err() {
            log::error!("the page does not say when its settings change");
        }
        // The rooms stay as long as the page does.
        follow.forget();
        desk
    }

    /// The room that is open.
    pub fn room(self) -> Room {
        self.experiment.with(|experiment| experiment.view.room)
    }

    /// Steps a second of the playground's live run, both arms together; `None` when it has not trained yet.
    pub fn rate(self) -> Option<f64> {
        let rate = Reflect::get(&page_state(), &"rate".into()).ok()?.as_f64()?;
        (rate > 0.0).then_some(rate)
    }

    /// Opens a panel, or none.
    pub fn open(self, panel: Option<Panel>) {
        let _ = page_send(&message("panel", &[("name", panel.map_or("", Panel::key).into())]));
    }

    /// Tells the page to `play`, `pause`, `step`, `reset`, ...; done when it is done.
    ///
    /// # Errors
    /// A [`RoomError`] when the engine can't.
    pub async fn say(self, kind: &str, parts: &[(&str, JsValue)]) -> Result<(), RoomError> {
        JsFuture::from(page_send(&message(kind, parts))).await.map(|_| ()).map_err(thrown)
    }

    /// (step, value) of a metric, so far.
    pub fn series(self, arm: &str, metric: &str) -> Vec<(f64, f64)> {
        let Ok(values) = page_series(arm, metric) else { return Vec::new() };
        let numbers = |value: &JsValue| -> Vec<f64> {
            value.dyn_ref::<Array>().map(|all| all.iter().filter_map(|one| one.as_f64()).collect()).unwrap_or_default()
        };
        let steps = Reflect::get(&values, &"steps".into()).unwrap_or(JsValue::UNDEFINED);
        numbers(&steps).into_iter().zip(numbers(&values)).collect()
    }

    /// Changes with every evaluation of an arm, as long as the component that asked lives.
    pub fn evaluations(self) -> RwSignal<u32> {
        let count = RwSignal::new(0_u32);
        self.hear("metrics", move || {
            let _ = count.try_update(|count| *count += 1);
        });
        count
    }

    /// Does something at each of the page's events of a kind, as long as the component that asked lives.
    fn hear(self, event: &str, act: impl Fn() + 'static) {
        let heard = Closure::<dyn Fn()>::new(act);
        let off = page_on(event, heard.as_ref().unchecked_ref()).ok();
        let kept = StoredValue::new_local(Some((off, heard)));
        on_cleanup(move || {
            if let Some((Some(off), _)) = kept.try_update_value(Option::take).flatten()
                && let Some(off) = off.dyn_ref::<Function>()
            {
                let _ = off.call0(&JsValue::NULL);
            }
        });
    }

    /// The run so far, as a trace file.
    ///
    /// # Errors
    /// A [`RoomError`] when there is none.
    pub async fn trace_file(self) -> Result<Vec<u8>, RoomError> {
        bytes(page_trace()).await
    }

    /// The run so far.
    ///
    /// # Errors
    /// A [`RoomError`] when there is none.
    pub async fn trace(self) -> Result<Trace, RoomError> {
        Ok(parts::trace::read(&self.trace_file().await?).await?)
    }

    /// Both arms' parameters, `model.safetensors`; the engine is started if need be.
    ///
    /// # Errors
    /// A [`RoomError`] when the engine can't give them.
    pub async fn model(self) -> Result<Vec<u8>, RoomError> {
        bytes(page_model()).await
    }

    /// Takes the next training step and tells what happened in it; `None` when there was none to take.
    ///
    /// # Errors
    /// A [`RoomError`] when the engine can't.
    pub async fn story(self, arm: ArmId) -> Result<Option<Story>, RoomError> {
        let promise = page_story(arm.key()).map_err(thrown)?;
        let bytes = bytes(promise).await?;
        Ok(postcard::from_bytes(&bytes).ok())
    }

    /// Which model the spheres are a picture of now.
    pub fn seen(self) -> Seen {
        let seen = page_seen();
        let number = |name: &str| Reflect::get(&seen, &name.into()).ok().and_then(|value| value.as_f64());
        let flag = |name: &str| Reflect::get(&seen, &name.into()).is_ok_and(|value| value.is_truthy());
        let whole = |name: &str| number(name).unwrap_or_default() as u32;
        Seen {
            step: whole("step"),
            model: whole("model"),
            recorded: flag("recorded"),
            files: flag("files"),
            seconds: whole("seconds"),
        }
    }

    /// The step that the spheres show, as long as the component that asked lives.
    pub fn seen_steps(self) -> RwSignal<u32> {
        let steps = RwSignal::new(self.seen().step);
        // The page tells of training; a record that plays is asked.
        let timer = gloo::timers::callback::Interval::new(300, move || {
            let now = self.seen().step;
            if steps.try_get_untracked().is_some_and(|before| before != now) {
                let _ = steps.try_set(now);
            }
        });
        let kept = StoredValue::new_local(Some(timer));
        on_cleanup(move || drop(kept.try_update_value(Option::take)));
        steps
    }

    /// Steps that the live run has done, as long as the component that asked lives.
    pub fn steps(self) -> RwSignal<u32> {
        let steps = RwSignal::new(0_u32);
        self.hear("state", move || {
            let _ = steps.try_set(self.seen().model);
        });
        steps
    }

    /// Names of the classes of what is shown.
    pub fn classes(self) -> Vec<String> {
        let field = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let classes = field(&field(&page_state(), "data"), "classes");
        let names = classes.dyn_ref::<Array>().map(|all| all.iter().filter_map(|name| name.as_string()).collect());
        names.unwrap_or_default()
    }

    /// What an arm's sphere shows.
    pub fn scene(self, arm: ArmId) -> Option<Scene> {
        postcard::from_bytes(&page_scene(arm.key()).ok()?.to_vec()).ok()
    }

    /// Asks the engine, which is started if need be, for the embeddings of an arm.
    ///
    /// # Errors
    /// A [`RoomError`] when the engine can't give them.
    pub async fn embeddings(self, arm: ArmId) -> Result<Embeddings, RoomError> {
        let answer = JsFuture::from(page_embeddings(arm.key())).await.map_err(thrown)?;
        let field = |name: &str| Reflect::get(&answer, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let number = |name: &str| field(name).as_f64().unwrap_or_default() as u32;
        let z = field("z").dyn_into::<Float32Array>().map_err(|_| RoomError::NoEmbeddings)?;
        let labels = field("label").dyn_into::<Uint16Array>().map(|labels| labels.to_vec()).unwrap_or_default();
        Ok(Embeddings { dim: number("dim"), z: z.to_vec(), labels, step: number("step") })
    }
}

async fn bytes(promise: Promise) -> Result<Vec<u8>, RoomError> {
    let value = JsFuture::from(promise).await.map_err(thrown)?;
    value.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).map_err(|_| RoomError::NoBytes)
}

/// A message as `normscope.send` takes it.
fn message(kind: &str, parts: &[(&str, JsValue)]) -> Object {
    let message = Object::new();
    let _ = Reflect::set(&message, &"type".into(), &kind.into());
    for (name, value) in parts {
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    message
}

/// `{query, data}` as the page gives it: files can't be in a link, so the data set is said beside it.
fn read(config: &JsValue) -> Experiment {
    let (mut experiment, _) = url::decode(&text(config, "query"));
    if let Some(data) = DataName::parse(&text(config, "data")) {
        experiment.run.data = data;
    }
    experiment
}

fn text(object: &JsValue, name: &str) -> String {
    Reflect::get(object, &name.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
}

fn thrown(error: JsValue) -> RoomError {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    RoomError::Thrown(message.unwrap_or_else(|| format!("{error:?}")))
}
