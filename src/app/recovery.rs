//! Faults of the engine: a lost GPU, a worker that died, fell silent or could not be fetched. A new worker takes over from the
//! last checkpoint, later each time, after some failures on the GPU on the CPU; at last the reader is asked.
//!
//! Faults are told by the loader (`lost`, `failed`), by the lock that a living worker holds (`ended`), by the browser (an
//! error of the worker) and by the watch here, which asks every few seconds whether anybody is there.

use std::cell::RefCell;

use gloo::timers::callback::{Interval, Timeout};
use js_sys::Uint8Array;
use leptos::prelude::*;

use super::controls;
use super::model::Model;
use crate::config::{DeviceChoice, Experiment};
use crate::data::files::listed;
use crate::parts::live::live;
use crate::protocol::{Command, DeviceKind, Level, Revival};
use crate::words::playground::recovery as words;

/// Milliseconds before each try in a row; one more fault and the reader is asked.
const DELAYS: [u32; 6] = [0, 400, 1000, 2000, 4000, 8000];
/// So many failures on the GPU in a row, and the CPU takes over.
const GPU_FAILURES: u32 = 3;
/// Faults that are kept for the report.
const LISTED: usize = 20;
/// Milliseconds between two questions to the worker.
const ASK_EVERY: u32 = 5_000;
/// Tries that running out of memory costs: there will hardly be more of it the next time.
const MEMORY_COSTS: u32 = 3;
/// So many questions without an answer, and the worker is taken for dead.
const SILENCE: u32 = 6;
/// So many questions that only the loader has answered while the engine had something to do, and it is taken for stuck: a GPU
/// may take work and never say that it is done.
const STUCK: u32 = 12;
/// A command that ended so many workers is left out.
const POISON: u32 = 2;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The GPU is gone.
    Gpu,
    /// The worker is.
    Engine,
    /// The browser gives no more of it.
    Memory,
}

/// What recovering needs to know.
#[derive(Default)]
pub struct Recovery {
    /// All faults: what, at which step, when.
    faults: Vec<(Fault, String, u32, String)>,
    /// Faults in all.
    count: u32,
    /// Faults since training last went on.
    streak: u32,
    /// Of those, failures on the GPU: a browser may tell that it is lost only seconds after the engine has failed for it.
    failures: u32,
    /// The furthest step so far; whoever passes it has recovered.
    furthest: u32,
    /// Times that the command that waits longest has seen a worker end.
    blamed: (u32, u32),
    /// The step and bytes of the last checkpoint of this run.
    checkpoint: Option<(u32, Vec<u8>)>,
    /// Files that are open, whatever their size, and before them those that were: the engine may refuse the last ones. Their
    /// bytes lie in the browser's memory, not in this module's.
    files: Vec<Vec<(String, Uint8Array)>>,
    /// The CPU stands in for a GPU that failed too often.
    fallen_back: bool,
    /// A new worker is to go on: (what happened, at which step, the step up to which to train).
    reviving: Option<(Fault, u32, u32)>,
    /// It has been told to train up to there, and has not answered yet.
    catching_up: Option<u32>,
    /// The device that a new worker found.
    adapter: String,
    limits: String,
    /// Questions that the worker has not answered.
    missed: u32,
    /// Questions since the engine itself last said something.
    idle: u32,
}

thread_local! {
    // The page has one engine. (A stored value of the page's would cost some kilobytes of code.)
    static RECOVERY: RefCell<Recovery> = RefCell::default();
}

/// Reads or changes what is known of faults.
pub fn with<T>(act: impl FnOnce(&mut Recovery) -> T) -> T {
    RECOVERY.with_borrow_mut(act)
}

impl Recovery {
    /// Faults so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The worker has said something: the engine in it, or only its loader.
    pub fn heard(&mut self, engine: bool) {
        self.missed = 0;
        if engine {
            self.idle = 0;
        }
    }

    /// What the loader says of the adapter.
    pub fn describe(&mut self, adapter: String, limits: String) {
        (self.adapter, self.limits) = (adapter, limits);
    }

    /// A checkpoint of the run.
    pub fn keep(&mut self, step: u32, bytes: &[u8]) {
        self.checkpoint = Some((step, bytes.to_vec()));
    }

    /// Whether a new worker has yet to come to where the last one was.
    pub fn is_reviving(&self) -> bool {
        self.reviving.is_some()
    }

    /// Another run has begun: nothing of the last one is of use.
    pub fn forget(&mut self) {
        self.checkpoint = None;
        self.furthest = 0;
    }

    /// The reader has chosen a device.
    pub fn start_afresh(&mut self) {
        self.forget();
        (self.streak, self.failures, self.fallen_back) = (0, 0, false);
        (self.reviving, self.catching_up) = (None, None);
    }

    /// Whether the CPU stands in for a GPU.
    pub fn has_fallen_back(&self) -> bool {
        self.fallen_back
    }

    /// Keeps opened files for another worker.
    pub fn open_files(&mut self, files: &[(String, Vec<u8>)]) {
        let kept = files.iter().map(|(name, bytes)| (name.clone(), Uint8Array::from(bytes.as_slice()))).collect();
        self.files.push(kept);
        if self.files.len() > 2 {
            self.files.remove(0);
        }
    }

    /// The engine has said that something is wrong with this input: if it is the files, those before them are still open.
    pub fn refused(&mut self, input: &str) {
        let is_meant = |files: &Vec<(String, Uint8Array)>| {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            !names.is_empty() && listed(&names) == input
        };
        if let Some(at) = self.files.iter().rposition(is_meant) {
            self.files.remove(at);
        }
    }

    /// Training has come to this step.
    pub fn reached(&mut self, step: u32) {
        if step > self.furthest {
            self.furthest = step;
            (self.streak, self.failures) = (0, 0);
        }
    }

    /// The first message to a new worker.
    pub fn first_command(&self, experiment: Experiment) -> Command {
        let experiment =
            if self.fallen_back { Experiment { device: DeviceChoice::Cpu, ..experiment } } else { experiment };
        if self.reviving.is_none() {
            return Command::Start(experiment);
        }
        // How far it goes is known (catch_up), whatever the link says.
        let experiment = Experiment { autoplay: false, ..experiment };
        let checkpoint = self.checkpoint.as_ref().map(|(_, bytes)| bytes.clone());
        let open = self.files.last().map(Vec::as_slice).unwrap_or_default();
        let files = open.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec())).collect();
        Command::Revive(Box::new(Revival { experiment, files, checkpoint }))
    }

    /// The step up to which a revived engine has to train to be where the last one was; `None` when its checkpoint is there.
    fn goal(&self) -> Option<u32> {
        let (_, _, goal) = self.reviving?;
        let from = self.checkpoint.as_ref().map_or(0, |(step, _)| *step);
        (goal > from).then_some(goal)
    }

    /// Commands that bring a revived engine to where the last one was: at most one.
    pub fn catch_up(&self) -> Option<Command> {
        self.goal().map(Command::RunTo)
    }

    /// Whether the command that has waited longest, number `command`, has to be left out.
    pub fn blames(&mut self, command: u32) -> bool {
        let (blamed, times) = self.blamed;
        self.blamed = if blamed == command { (command, times + 1) } else { (command, 1) };
        self.blamed.1 > POISON
    }

    /// The engine is up again: what had happened, and at which step.
    pub fn revived(&mut self) -> Option<(Fault, u32)> {
        self.catching_up = self.goal();
        self.reviving.take().map(|(fault, step, _)| (fault, step))
    }

    /// Until a revived engine has answered, having carried out so many commands, its run counts as going on to this step.
    pub fn goes_on_to(&mut self, commands: u32) -> Option<u32> {
        if commands > 0 {
            self.catching_up = None;
        }
        self.goal().or(self.catching_up)
    }

    /// Counts a fault, on the GPU or not; how long to wait, or `None`: enough.
    fn count_fault(&mut self, fault: Fault, on_gpu: bool, why: &str, step: u32, goal: u32) -> Option<u32> {
        let now = js_sys::Date::new_0().to_iso_string().as_string().unwrap_or_default();
        if self.faults.len() == LISTED {
            self.faults.remove(0);
        }
        self.faults.push((fault, why.to_owned(), step, now));
        self.count += 1;
        let delay = DELAYS.get(self.streak as usize).copied();
        self.streak += if fault == Fault::Memory { MEMORY_COSTS } else { 1 };
        (self.missed, self.idle) = (0, 0);
        if on_gpu {
            self.failures += 1;
            self.fallen_back |= self.failures >= GPU_FAILURES;
        }
        // Of two faults in a row the first knows where the run was.
        let (step, goal) = self.reviving.map_or((step, goal), |(_, step, goal)| (step, goal));
        self.reviving = Some((fault, step, goal));
        delay
    }

    /// The reader asks for another try.
    fn try_again(&mut self) {
        self.streak = 0;
    }
}

/// A command that waited while the engine was away, as it was meant: so many steps from where the run was.
pub fn as_meant(command: Command, step: u32) -> Command {
    match command {
        Command::Run(steps) => Command::RunTo(step.saturating_add(steps)),
        other => other,
    }
}

/// Something ended the worker, or has to.
pub fn fault(model: Model, fault: Fault, why: &str) {
    log::warn!("the engine: {why}");
    let (step, goal) = model
        .progress
        .with_untracked(|progress| (progress.step, if progress.running { progress.until } else { progress.step }));
    let on_gpu = fault != Fault::Memory && model.may_be_on_gpu();
    model.drop_link();
    let delay = with(|recovery| recovery.count_fault(fault, on_gpu, why, step, goal));
    let Some(delay) = delay else {
        model.fail(why.to_owned());
        return;
    };
    model.loading.set(Some(match fault {
        Fault::Gpu => words::GPU_LOST.to_owned(),
        Fault::Engine | Fault::Memory => words::ENGINE_LOST.to_owned(),
    }));
    Timeout::new(delay, move || model.restart()).forget();
}

/// Another try, after the last one failed.
pub fn retry(model: Model) {
    with(Recovery::try_again);
    model.failed.set(None);
    model.restart();
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
    let fallen_back = with(|recovery| recovery.fallen_back);
    model
        .notices
        .update(|notices| notices.retain(|notice| notice.input != words::GPU && notice.input != words::ENGINE));
    let message = words::recovered(step, device.unwrap_or_default(), fallen_back);
    model.notify(Level::Info, what, &message);
}

/// Asks the worker every few seconds whether it is there.
pub fn watch(model: Model) {
    Interval::new(ASK_EVERY, move || {
        if !model.is_awake() || model.failed.with_untracked(Option::is_some) {
            return;
        }
        let busy =
            model.has_begun() && (!model.is_ready() || model.progress.with_untracked(|progress| progress.running));
        let (missed, idle) = with(|recovery| {
            recovery.missed += 1;
            recovery.idle = if busy { recovery.idle + 1 } else { 0 };
            (recovery.missed, recovery.idle)
        });
        if missed > SILENCE {
            fault(model, Fault::Engine, words::SILENT);
        } else if idle > STUCK {
            fault(model, Fault::Engine, words::STUCK);
        } else {
            model.ask_worker("ping");
        }
    })
    .forget();
}

/// What to send to whoever can help: nothing of it leaves the browser by itself.
pub fn report(model: Model) -> String {
    let device = model.device.get_untracked().map_or_else(
        || "  ()".to_owned(),
        |device| format!("{} {} ({})", device.kind.key(), device.adapter, device.reason),
    );
    let (adapter, limits, faults) = with(|recovery| {
        let line =
            |(fault, why, step, at): &(Fault, String, u32, String)| format!("  {at} step {step} {fault:?}: {why}");
        (recovery.adapter.clone(), recovery.limits.clone(), recovery.faults.iter().map(line).collect::<Vec<_>>())
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
    let copy = move |_| controls::copy(model, report(model), copied);
    view! {
        <button class="quiet" id="copy-report" title=words::REPORT_HELP on:click=copy>
            <span role="status" prop:textContent=live(move || if copied.get() { words::COPIED } else { words::COPY_REPORT })></span>
        </button>
    }
}

/// For whoever wants to see it: faults on purpose.
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
