//! What scripts read: the state, settings, series and answers as JavaScript values (docs/api.md).

use js_sys::{Array, Float32Array, Uint16Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::asked::{arm_of, describe, error};
use crate::app::js::{array, maybe, number, object, put, text};
use crate::app::location::link_query;
use crate::app::model::Model;
use crate::app::replay;
use crate::app::state::{EmbeddingsAnswer, Notice};
use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmId, Experiment, Value};
use crate::metrics::Metric;
use crate::parts::panel::Panel;
use crate::protocol::{Check, DeviceInfo, Level};

/// Everything that scripts may know; see docs/api.md.
pub fn state(model: Model) -> JsValue {
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
        ("faults", number(model.connection(|connection| connection.faults().count()))),
        ("failed", maybe(model.failed.get_untracked().as_deref().map(text))),
        ("batch_hash", text(&progress.batch_hash[0])),
        ("data", data),
        ("arms", object([("a", arm(model, ArmId::A)), ("b", arm(model, ArmId::B))])),
        ("notices", model.notices.with_untracked(|all| array(all.iter().map(notice)))),
    ])
}

fn arm(model: Model, id: ArmId) -> JsValue {
    let state = model.arms[id.index()];
    let stopped = |(step, reason): (u32, String)| object([("step", number(step)), ("reason", text(&reason))]);
    let (parameters, weights) = state.weights.get_untracked();
    let hash = model.progress.with_untracked(|progress| text(&progress.batch_hash[id.index()]));
    object([
        ("metrics", metrics(model, id)),
        ("stopped", maybe(state.stopped.get_untracked().map(stopped))),
        ("parameters", number(parameters)),
        ("weights_hash", text(&weights)),
        ("batch_hash", hash),
    ])
}

/// The metrics of the evaluation that is shown, with its step.
pub fn metrics(model: Model, id: ArmId) -> JsValue {
    let state = model.arms[id.index()];
    let at = state.at.get_untracked().unwrap_or(u32::MAX);
    state.history.with_untracked(|history| {
        let shown = history.get(history.partition_point(|(step, _)| *step <= at).max(1) - 1);
        let values = shown.iter().flat_map(|(_, values)| values.iter());
        let metrics = object(values.map(|(metric, value)| (metric.name(), number(*value))));
        put(&metrics, "step", &maybe(shown.map(|(step, _)| number(*step))));
        metrics
    })
}

/// What the rooms need of the settings: the link, and the data set, which may be files.
pub fn config(model: Model) -> JsValue {
    let experiment = model.experiment.get_untracked();
    let panel = model.panel.get_untracked();
    object([
        ("query", text(&link_query(&experiment))),
        ("data", text(experiment.run.data.key())),
        ("panel", text(panel.map_or("", Panel::key))),
    ])
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

/// The values, with the steps they belong to as a property `steps` of the array.
pub fn series(model: Model, arm: &JsValue, metric: &JsValue) -> Result<JsValue, JsValue> {
    let arm = arm_of(arm)?;
    let metric = metric
        .as_string()
        .and_then(|name| Metric::parse(&name))
        .ok_or_else(|| error(&format!("metric {}: must be one of {}.", describe(metric), Metric::names())))?;
    let series = series_of(model, arm, metric);
    let values: Array = series.iter().map(|(_, y)| JsValue::from_f64(*y)).collect();
    let steps: Array = series.iter().map(|(x, _)| JsValue::from_f64(*x)).collect();
    put(&values, "steps", &steps);
    Ok(values.into())
}

fn series_of(model: Model, arm: ArmId, metric: Metric) -> Vec<(f64, f64)> {
    untrack(|| model.arms[arm.index()].series(metric))
}

/// Which model the spheres are a picture of, for whatever needs it.
pub fn seen(model: Model) -> JsValue {
    let seen = untrack(|| replay::seen(model));
    object([
        ("step", number(seen.step)),
        ("model", number(seen.model)),
        ("recorded", seen.recorded.into()),
        ("files", seen.files.into()),
        ("seconds", number(seen.seconds)),
    ])
}

/// State, link and every series.
pub fn export(model: Model) -> JsValue {
    let pair = |(x, y): &(f64, f64)| array([number(*x), number(*y)]);
    let series = |arm: ArmId| {
        let all = Metric::ALL.into_iter().map(|metric| (metric.name(), series_of(model, arm, metric)));
        let some = all.filter(|(_, series)| !series.is_empty());
        object(some.map(|(name, series)| (name, array(series.iter().map(pair)))))
    };
    object([("state", state(model)), ("series", object([("a", series(ArmId::A)), ("b", series(ArmId::B))]))])
}

/// A notice.
pub fn notice(notice: &Notice) -> JsValue {
    let level = match notice.level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    object([("level", text(level)), ("input", text(&notice.input)), ("message", text(&notice.message))])
}

/// Embeddings with labels and norms.
pub fn embeddings(answer: &EmbeddingsAnswer) -> JsValue {
    object([
        ("n", number(answer.n)),
        ("dim", number(answer.dim)),
        ("z", Float32Array::from(answer.z.as_slice()).into()),
        ("label", Uint16Array::from(answer.labels.as_slice()).into()),
        ("step", number(answer.step)),
        ("norm", Float32Array::from(answer.norms.as_slice()).into()),
    ])
}

/// The engine's test of itself.
pub fn checks(checks: &[Check]) -> JsValue {
    let check = |check: &Check| {
        object([
            ("name", text(&check.name)),
            ("error", number(check.error)),
            ("tolerance", number(check.tolerance)),
            ("ok", (check.error <= check.tolerance).into()),
        ])
    };
    array(checks.iter().map(check))
}
