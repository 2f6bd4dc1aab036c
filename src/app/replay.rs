//! The record of a run: of the live one as it goes on, or of a trace that was opened. Scrubbing shows any step of it.
//!
//! While a trace is shown, the engine may already be starting; what it says waits in the model until the reader plays.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::model::Model;
use super::state::Progress;
use super::turns::pause;
use super::viewport::Share;
use crate::config::{ArmId, Preset};
use crate::parts::error::PageError;
use crate::parts::seen::Seen;
use crate::parts::trace as trace_file;
use crate::protocol::{Command, Level};
use crate::trace::Trace;
use crate::trace::compare::Comparison;
use crate::trace::file::{self, TraceError};
use crate::words::playground::replay as words;

/// Seconds that a whole record takes at speed 1.
const WHOLE: f64 = 12.0;
/// Seconds that the first page's record rests at its end before it begins again.
const REST: f64 = 3.0;

/// Seconds that the engine takes to be fetched and to begin, about.
const STARTING: f64 = 2.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopeGzip)]
    fn gzip(bytes: &Uint8Array) -> Promise;
}

/// The last step on record.
pub fn extent(model: Model) -> u32 {
    let opened = model.replay.opened.with(|opened| opened.as_ref().map(|trace| trace.steps));
    opened.unwrap_or_else(|| model.progress.with(|progress| progress.step))
}

/// Shows a step of the record; the reader has taken over.
pub fn seek(model: Model, step: u32) {
    model.replay.with(|inner| inner.looping = false);
    model.replay.playing.set(false);
    show(model, step);
}

fn show(model: Model, step: u32) {
    show_at(model, f64::from(step), Share::All);
}

/// Shows a place between two steps: points are on their way from one shot to the next.
fn show_at(model: Model, position: f64, share: Share) {
    let replay = model.replay;
    let position = position.min(f64::from(untrack(|| extent(model))));
    let step = position as u32;
    let other = replay.at.get_untracked() != Some(step);
    if share.tells() && other {
        replay.at.set(Some(step));
    }
    replay.with(|inner| inner.position = position);
    for arm in ArmId::ALL {
        let moved = replay.with(|inner| inner.drawn[arm.index()] != Some(position));
        let (paints, tells) = (share.paints(arm) && moved, share.tells() && (moved || other));
        if let Some((directions, norms)) = (paints || tells).then(|| replay.points(arm, position)).flatten() {
            if paints {
                replay.with(|inner| inner.drawn[arm.index()] = Some(position));
                model.place_points(arm, &directions, &norms);
            }
            if tells {
                model.arms[arm.index()].take(&directions, norms);
            }
        }
    }
}

/// Which model the spheres are a picture of now.
pub fn seen(model: Model) -> Seen {
    let replay = model.replay;
    let now = model.progress.with(|progress| progress.step);
    let step = replay.at.get().unwrap_or(now);
    let recorded = replay.opened.with(Option::is_some);
    let files = replay.opened.with(|opened| opened.as_ref().is_some_and(|trace| trace.is_of_files()));
    let begin = if recorded || step < now { 0 } else { now };
    let seconds = f64::from(step - begin) / model.usual_rate() + if model.is_ready() { 0.0 } else { STARTING };
    Seen { step, model: if recorded { 0 } else { now }, recorded, files, seconds: seconds.ceil() as u32 }
}

/// Trains the live model up to the step that is shown, from the start if it lies behind: training is deterministic. The number
/// of the last command.
pub fn train_here(model: Model) -> u32 {
    let step = untrack(|| seen(model)).step;
    latest(model);
    train_to(model, step)
}

/// As [`train_here`], up to any step.
pub fn train_to(model: Model, step: u32) -> u32 {
    let now = model.progress.with_untracked(|progress| progress.step);
    let mut number = model.send(&Command::Pause);
    if step < now {
        number = model.send(&Command::Reset);
    }
    if step > 0 {
        number = model.send(&Command::RunTo(step));
    }
    number
}

/// Back to the latest of the live run.
pub fn latest(model: Model) {
    let replay = model.replay;
    if replay.is_recorded() {
        model.go_live();
        return;
    }
    replay.playing.set(false);
    replay.at.set(None);
    let latest = replay.with(|inner| {
        inner.drawn = [None; 2];
        inner.latest.clone()
    });
    for (arm, points) in ArmId::ALL.into_iter().zip(latest) {
        if let Some((directions, norms)) = points {
            model.show_points(arm, &directions, norms);
        }
    }
}

/// Plays the record from where it stands, from its beginning when it is at its end; or holds it.
pub fn toggle(model: Model) {
    let replay = model.replay;
    let play = !replay.playing.get_untracked();
    replay.with(|inner| inner.looping = false);
    if play {
        let end = untrack(|| extent(model));
        let at = replay.at.get_untracked().unwrap_or(end);
        show(model, if at >= end { 0 } else { at });
    }
    replay.playing.set(play);
}

/// Moves a playing record on by `seconds`; of what it shows, what the frame is for.
pub fn advance(model: Model, seconds: f64, share: Share) {
    let replay = model.replay;
    if !replay.playing.get_untracked() {
        return;
    }
    let end = f64::from(untrack(|| extent(model)));
    let speed = replay.speed.get_untracked();
    let (position, ended) = replay.with(|inner| {
        if inner.position < end {
            inner.position = (inner.position + seconds * speed * end / WHOLE).min(end);
            inner.rested = 0.0;
            return (inner.position, inner.position >= end && !inner.looping);
        }
        inner.rested += seconds;
        if inner.looping && inner.rested > REST {
            inner.position = 0.0;
        }
        (inner.position, !inner.looping)
    });
    show_at(model, position, if ended { Share::All } else { share });
    if ended {
        replay.playing.set(false);
    }
}

/// Shows a trace: as the page's first picture it plays by itself, over and over.
pub fn open(model: Model, trace: Trace, first: bool) {
    for arm in ArmId::ALL {
        fill(model, arm, &trace);
    }
    show_first(model, trace, first);
}

/// What an arm's curves and numbers show of a trace.
fn fill(model: Model, arm: ArmId, trace: &Trace) {
    let (state, track) = (model.arms[arm.index()], &trace.arms[arm.index()]);
    state.clear();
    let value = |(metric, value): &(_, f32)| (*metric, f64::from(*value));
    let evaluations = track.evaluations.iter().map(|(step, values)| (*step, values.iter().map(value).collect()));
    state.history.set(evaluations.collect());
    state.losses.set(track.series(crate::metrics::Metric::Loss));
    state.stopped.set(track.stopped.clone());
    state.weights.set((trace.parameters[arm.index()], trace.weights[arm.index()].clone()));
}

/// The rest of [`open`].
fn show_first(model: Model, trace: Trace, first: bool) {
    let replay = model.replay;
    let trace = Rc::new(trace);
    model.inspection.set(None);
    replay.verdict.set(None);
    model.progress.set(Progress { batch_hash: trace.batch_hash.clone(), ..Progress::default() });
    model.show_data(trace.data.clone());
    replay.with(|inner| (inner.drawn, inner.looping, inner.rested) = ([None; 2], first, 0.0));
    let steps = trace.steps;
    replay.opened.set(Some(trace));
    let moves = first && !model.is_still();
    show(model, if moves { 0 } else { steps });
    replay.playing.set(moves);
}

/// What the page shows first: the preset's recorded run, else the engine's own first pictures.
pub fn open_preset(model: Model) {
    let preset = model.experiment.with_untracked(Preset::matching);
    let embed = model.experiment.with_untracked(|experiment| experiment.view.embed);
    let Some(preset) = preset else {
        // A figure waits for its reader; the page shows the untrained models.
        if !embed {
            model.go_live();
        }
        return;
    };
    let wanted = model.experiment.get_untracked();
    leptos::task::spawn_local(async move {
        let trace = trace_file::preset(preset.name).await;
        // The reader was quicker, or chose something else meanwhile.
        let late = || model.is_awake() || model.experiment.with_untracked(|now| now.needs_reset(&wanted));
        if late() {
            return;
        }
        match trace {
            // In pieces: six charts at once would hold up a phone.
            Ok(trace) => {
                for arm in ArmId::ALL {
                    pause().await;
                    if late() {
                        return;
                    }
                    fill(model, arm, &trace);
                }
                pause().await;
                if !late() {
                    show_first(model, trace, !embed);
                }
            }
            Err(problem) => {
                log::warn!("the recorded run of {} can't be shown: {problem}", preset.name);
                if !embed {
                    model.go_live();
                }
            }
        }
    });
}

/// A trace as a file.
///
/// # Errors
/// [`PageError::NoGzip`] when the browser can't compress.
pub async fn write(trace: &Trace) -> Result<Vec<u8>, PageError> {
    let payload = file::pack(trace);
    let packed = JsFuture::from(gzip(&Uint8Array::from(payload.as_slice()))).await.map_err(|_| PageError::NoGzip)?;
    Ok(file::seal(&payload, &Uint8Array::new(packed.unchecked_ref::<ArrayBuffer>()).to_vec()))
}

/// Opens a trace that the reader picked, dropped or was sent, and the experiment that it records.
pub async fn open_file(model: Model, name: String, bytes: Vec<u8>) {
    match trace_file::read(&bytes).await {
        Ok(trace) => {
            let (experiment, complaints) = trace.experiment();
            model.complain(&complaints);
            model.adopt(&experiment);
            open(model, trace, false);
        }
        Err(problem) => model.notify(Level::Error, &name, &problem.to_string()),
    }
}

/// Runs the recorded experiment here, as far as the record goes, and says how it compares.
pub fn verify(model: Model) {
    let replay = model.replay;
    let Some(trace) = replay.opened.get_untracked() else { return };
    replay.verdict.set(None);
    let steps = trace.steps;
    replay.with(|inner| inner.reference = Some(trace));
    model.send(&Command::Run(steps));
}

/// Compares once the live run has come as far as the record that it verifies.
pub fn settle(model: Model) {
    let replay = model.replay;
    let (step, running) = model.progress.with_untracked(|progress| (progress.step, progress.running));
    let due =
        replay.with(|inner| !running && step > 0 && inner.reference.as_ref().is_some_and(|trace| step >= trace.steps));
    if !due || replay.is_recorded() {
        return;
    }
    let pair = replay.with(|inner| inner.reference.take().zip(inner.recording.trace()));
    replay.verdict.set(pair.map(|(recorded, here)| Comparison::new(&recorded, &here)));
}

/// Opens the trace of a saved figure. There is no engine beside it, so Play replays.
pub async fn open_enclosed(model: Model, base64: String) {
    let bytes = window().atob(base64.trim()).map(|text| text.chars().map(|byte| byte as u8).collect::<Vec<u8>>());
    let trace = match bytes {
        Ok(bytes) => trace_file::read(&bytes).await,
        Err(_) => Err(TraceError::Damaged(words::NOT_BASE64.to_owned())),
    };
    match trace {
        Ok(trace) => {
            model.adopt(&trace.experiment().0);
            open(model, trace, true);
        }
        Err(problem) => model.notify(Level::Error, "figure", &problem.to_string()),
    }
}
