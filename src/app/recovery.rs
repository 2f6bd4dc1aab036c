//! Faults of the engine: a lost GPU, a worker that died, fell silent or could not be fetched. A new worker takes over from the
//! last checkpoint, later each time, after some failures on the GPU on the CPU; at last the reader is asked.
//!
//! Faults are told by the loader (`lost`, `failed`), by the lock that a living worker holds (`ended`), by the browser (an
//! error of the worker) and by the watch here, which asks every few seconds whether anybody is there.

use gloo::timers::callback::{Interval, Timeout};
use leptos::prelude::*;

use super::clipboard;
use super::link::Connection;
use super::model::Model;
use crate::connection::{Fault, Happened, Loss, Silence, Watched};
use crate::parts::live::live;
use crate::protocol::{DeviceKind, Level};
use crate::words::playground::recovery as words;

/// Milliseconds between two questions to the worker.
const ASK_EVERY: u32 = 5_000;

/// Something ended the worker, or has to.
pub fn fault(model: Model, fault: Fault, why: &str) {
    log::warn!("the engine: {why}");
    let (step, goal) = model
        .progress
        .with_untracked(|progress| (progress.step, if progress.running { progress.until } else { progress.step }));
    let on_gpu = fault != Fault::Memory && model.may_be_on_gpu();
    model.drop_link();
    let when = js_sys::Date::new_0().to_iso_string().into();
    let happened = Happened { fault, why: why.to_owned(), step, when };
    let (delay, epoch) =
        model.connection(|connection| (connection.lose(Loss { happened, goal, on_gpu }), connection.epoch()));
    let Some(delay) = delay else {
        model.fail(why.to_owned());
        return;
    };
    model.loading.set(Some(match fault {
        Fault::Gpu => words::GPU_LOST.to_owned(),
        Fault::Engine | Fault::Memory => words::ENGINE_LOST.to_owned(),
    }));
    let again = move || {
        if model.connection(|connection| connection.wake_after_fault(epoch)) {
            model.start_worker();
        }
    };
    Timeout::new(delay, again).forget();
}

/// Another try, after the last one failed.
pub fn retry(model: Model) {
    if model.connection(Connection::try_again) {
        model.start_worker();
    }
}

/// The engine goes on; says so. Where it lacks its data it does not, and has said so itself.
pub fn tell(model: Model, fault: Fault) {
    if model.data.with_untracked(|data| data.as_ref().is_some_and(|data| data.train == 0)) {
        return;
    }
    let step = model.progress.with_untracked(|progress| progress.step);
    let device = model.device.with_untracked(|device| device.as_ref().map(|info| info.adapter.clone()));
    let what = match fault {
        Fault::Gpu => words::GPU,
        Fault::Engine | Fault::Memory => words::ENGINE,
    };
    let fallen_back = model.connection(|connection| connection.faults().has_fallen_back());
    model
        .notices
        .update(|notices| notices.retain(|notice| notice.input != words::GPU && notice.input != words::ENGINE));
    let message = words::recovered(step, device.unwrap_or_default(), fallen_back);
    model.notify(Level::Info, what, &message);
}

/// Asks the worker every few seconds whether it is there.
pub fn watch(model: Model) {
    Interval::new(ASK_EVERY, move || {
        let running = model.progress.with_untracked(|progress| progress.running);
        match model.connection(|connection| connection.ask(running)) {
            Watched::Rest => {}
            Watched::Ask => model.ask_worker("ping"),
            Watched::Over(Silence::Dead) => fault(model, Fault::Engine, words::SILENT),
            Watched::Over(Silence::Stuck) => fault(model, Fault::Engine, words::STUCK),
        }
    })
    .forget();
}

/// A report that the reader can send to somebody who can help. Nothing of it leaves the browser by itself.
pub fn report(model: Model) -> String {
    let device = model.device.get_untracked().map_or_else(
        || "  ()".to_owned(),
        |device| format!("{} {} ({})", device.kind.key(), device.adapter, device.reason),
    );
    let ([adapter, limits], faults) = model.connection(|connection| {
        let line = |one: &Happened| format!("  {} step {} {:?}: {}", one.when, one.step, one.fault, one.why);
        (connection.adapter().clone(), connection.faults().listed().iter().map(line).collect::<Vec<_>>())
    });
    let notices = model.notices.with_untracked(|all| {
        all.iter().map(|notice| format!("  {:?} {} {}", notice.level, notice.input, notice.message)).collect::<Vec<_>>()
    });
    let browser = window().navigator().user_agent().unwrap_or_default();
    let step = model.progress.with_untracked(|progress| progress.step);
    [
        format!("Normscope {}", env!("CARGO_PKG_VERSION")),
        format!("Browser: {browser}"),
        format!("Device: {device}"),
        format!("Adapter: {adapter}; {limits}"),
        format!("Run: {} at step {step}", model.permalink()),
        format!("Faults:\n{}", faults.join("\n")),
        format!("Messages:\n{}", notices.join("\n")),
    ]
    .join("\n")
}

/// The button that copies the report.
#[component]
pub fn CopyReport(model: Model) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| clipboard::copy(model, report(model), copied);
    view! {
        <button class="quiet" id="copy-report" title=words::REPORT_HELP on:click=copy>
            <span role="status" prop:textContent=live(move || if copied.get() { words::COPIED } else { words::COPY_REPORT })></span>
        </button>
    }
}

/// Faults on purpose, to see what the page does.
#[component]
pub fn TryFaults(model: Model) -> impl IntoView {
    let no_gpu = move || model.device.with(|device| device.as_ref().is_none_or(|info| info.kind == DeviceKind::Cpu));
    let asleep = move || model.device.with(Option::is_none);
    view! {
        <details class="faults">
            <summary>{words::TRY_A_FAULT}</summary>
            <p class="hint">{words::FAULTS_HELP}</p>
            <div class="acts">
                <button class="quiet" id="lose-gpu" disabled=live(no_gpu) on:click=move |_| model.ask_worker("lose")>{words::LOSE_MY_GPU}</button>
                <button class="quiet" id="kill-engine" disabled=live(asleep) on:click=move |_| model.ask_worker("end")>{words::KILL_THE_ENGINE}</button>
                <CopyReport model/>
            </div>
        </details>
    }
}
