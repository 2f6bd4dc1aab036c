//! The record of a run: of the live one as it goes on, or of a trace that was opened. Scrubbing shows any step of it.
//!
//! While a trace is shown, the engine may already be starting; what it says waits in the model until the reader plays.

use std::rc::Rc;

use leptos::prelude::*;

use super::model::Model;
use super::state::{ArmState, Aside, Progress};
use super::turns::pause;
use super::viewport::Share;
use crate::config::{ArmId, Experiment, Preset};
use crate::parts::error::PageError;
use crate::parts::gzip::gzip;
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

/// The last step on record.
pub fn extent(model: Model) -> u32 {
    let opened = model.replay.opened.with(|opened| opened.as_ref().map(|trace| trace.steps));
    opened.unwrap_or_else(|| model.progress.with(|progress| progress.step))
}

/// The steps that the bar is as long as: of a record its own, else what the run is to have.
pub fn whole(model: Model) -> u32 {
    let opened = model.replay.opened.with(|opened| opened.as_ref().map(|trace| trace.steps));
    opened.unwrap_or_else(|| model.experiment.with(|experiment| experiment.run.steps))
}

/// Whether something goes on: training, or a record that plays.
pub fn moves(model: Model) -> bool {
    let trains = model.progress.with(|progress| progress.running);
    model.replay.playing.get() || (trains && model.replay.opened.with(Option::is_none))
}

/// Whether the live run is at its end: Play then shows it again.
pub fn has_ended(model: Model) -> bool {
    let steps = model.experiment.with(|experiment| experiment.run.steps);
    let at_its_end = model.progress.with(|progress| !progress.running && progress.step >= steps && progress.step > 0);
    at_its_end && model.replay.opened.with(Option::is_none)
}

/// Whether Play plays a record: of a trace, or of the live run once that has ended.
pub fn plays_a_record(model: Model) -> bool {
    model.offline.get_value()
        || model.replay.opened.with(Option::is_some)
        || model.replay.playing.get()
        || has_ended(model)
}

/// Shows a step of the record; the reader has taken over.
pub fn seek(model: Model, step: u32) {
    leave(model);
    model.replay.with(|inner| inner.looping = false);
    model.replay.playing.set(false);
    show(model, step);
}

/// The address says nothing of a step that is not shown any more.
pub fn leave(model: Model) {
    if model.experiment.with_untracked(|experiment| experiment.view.at.is_some()) {
        model.experiment.update(|experiment| experiment.view.at = None);
    }
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
    show_latest(model);
}

fn show_latest(model: Model) {
    let latest = model.replay.with(|inner| {
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
    leave(model);
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
    put_aside(model);
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
    replay.with(|inner| inner.choices += 1);
    model.inspection.set(None);
    replay.verdict.set(None);
    model.progress.set(Progress { batch_hash: trace.batch_hash.clone(), ..Progress::default() });
    model.show_data(trace.data.clone());
    replay.with(|inner| (inner.drawn, inner.looping, inner.rested) = ([None; 2], first, 0.0));
    let steps = trace.steps;
    replay.opened.set(Some(trace));
    let at = model.experiment.with_untracked(|experiment| experiment.view.at);
    let moves = first && !model.is_still() && at.is_none();
    show(model, at.unwrap_or(if moves { 0 } else { steps }));
    replay.playing.set(moves);
}

/// Whether nothing is there yet but a preset, whose recorded run is on its way.
pub fn awaits(model: Model) -> bool {
    model.device.with(Option::is_none)
        && model.progress.with(|progress| progress.step == 0)
        && model.experiment.with(|now| Preset::matching(now).is_some())
}

/// Whether there is a recorded run of these settings.
pub fn can_reopen(model: Model) -> bool {
    let shelf = model.replay.with(|inner| inner.shelf.clone());
    model.replay.opened.with(Option::is_some)
        || model.experiment.with(|now| Preset::matching(now).is_some() || shelf.is_some_and(|shelf| is_of(&shelf, now)))
}

fn is_of(trace: &Trace, experiment: &Experiment) -> bool {
    let recorded = trace.experiment().0;
    !recorded.needs_reset(experiment) && recorded.run.steps == experiment.run.steps
}

/// Back to the recorded run; the live one waits.
pub fn reopen(model: Model) {
    if model.replay.is_recorded() {
        return;
    }
    if model.progress.with_untracked(|progress| progress.running) {
        model.send(&Command::Pause);
    }
    let shelf = model.replay.with(|inner| inner.shelf.clone());
    match shelf.filter(|shelf| model.experiment.with_untracked(|now| is_of(shelf, now))) {
        Some(trace) => open(model, (*trace).clone(), false),
        None => open_preset(model),
    }
}

/// Puts aside what the live run has shown, if there is one: a record takes its place.
fn put_aside(model: Model) {
    if model.replay.is_recorded() || !model.replay.with(|inner| inner.recording.trace().is_some()) {
        return;
    }
    let aside = Aside {
        progress: model.progress.get_untracked(),
        data: model.data.get_untracked(),
        arms: model.arms.map(ArmState::aside),
    };
    model.replay.with(|inner| inner.aside = Some(aside));
}

/// Puts back what the live run had shown before a record was opened.
pub fn put_back(model: Model) {
    let Some(Aside { progress, data, arms }) = model.replay.with(|inner| inner.aside.take()) else { return };
    for (arm, aside) in model.arms.into_iter().zip(arms) {
        arm.put_back(aside);
    }
    if let Some(data) = data {
        model.show_data(data);
    }
    model.progress.set(progress);
    show_latest(model);
}

/// What the page shows first: the preset's recorded run, else the engine's own first pictures.
pub fn open_preset(model: Model) {
    let preset = model.experiment.with_untracked(Preset::matching);
    let embed = model.experiment.with_untracked(|experiment| experiment.view.embed);
    let Some(preset) = preset else {
        // A figure waits for its reader; the page shows the untrained models, or trains up to what its link shows.
        if !embed {
            begin_live(model);
        }
        return;
    };
    let wanted = model.experiment.get_untracked();
    let choices = move || model.replay.with(|inner| inner.choices);
    let before = choices();
    leptos::task::spawn_local(async move {
        let trace = trace_file::preset(preset.name).await;
        // The reader was quicker, or chose something else meanwhile.
        let late = || choices() != before || model.experiment.with_untracked(|now| now.needs_reset(&wanted));
        if late() {
            return;
        }
        match trace {
            // In pieces: six charts at once would hold up a phone.
            Ok(trace) => {
                put_aside(model);
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
                    begin_live(model);
                }
            }
        }
    });
}

/// A live run where there is no record: untrained, or up to the step that the link shows.
fn begin_live(model: Model) {
    match model.experiment.with_untracked(|experiment| experiment.view.at) {
        Some(at) => {
            train_to(model, at);
        }
        None => model.go_live(),
    }
}

/// A trace as a file.
///
/// # Errors
/// [`PageError::NoGzip`] when the browser can't compress.
pub async fn write(trace: &Trace) -> Result<Vec<u8>, PageError> {
    let payload = file::pack(trace);
    let packed = gzip(&payload).await.ok_or(PageError::NoGzip)?;
    Ok(file::seal(&payload, &packed))
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
