//! What the rooms with a study share: the playground's experiment as its base, its size, start, cancel, going on.

use leptos::prelude::*;

use super::desk::Desk;
use super::job::{Problem, Working};
use super::lab::{Lab, Stage};
use super::pace::{Pace, cost};
use crate::config::{ArmId, DataName, Experiment, Method, url};
use crate::studies::Job;
use crate::studies::variant::{Variant, subject};
use crate::words::rooms::study as words;

/// Batch and width of the small networks.
const SMALL: u32 = 64;
/// Seconds from which on a smaller study is offered.
const LONG: f64 = 120.0;
/// Steps that a study keeps at least when it is made smaller.
const FEWEST_STEPS: f64 = 50.0;

/// What the reader chooses about a study's size.
#[derive(Clone, Copy)]
pub struct Size {
    /// Number of seeds.
    pub seeds: RwSignal<f64>,
    /// Training steps of a model.
    pub steps: RwSignal<f64>,
    /// Small networks and batches instead of the playground's.
    pub small: RwSignal<bool>,
    /// Seeds and steps that the room began with.
    usual: (f64, f64),
}

/// The values of a [`Size`].
#[derive(Clone, Copy, PartialEq)]
struct Chosen {
    seeds: f64,
    steps: f64,
    small: bool,
}

impl Size {
    /// The size that a browser finishes on one core well within a minute.
    pub fn new(seeds: u32, steps: u32) -> Size {
        Size {
            seeds: RwSignal::new(f64::from(seeds)),
            steps: RwSignal::new(f64::from(steps)),
            small: RwSignal::new(true),
            usual: (f64::from(seeds), f64::from(steps)),
        }
    }

    fn chosen(self) -> Chosen {
        Chosen { seeds: self.seeds.get(), steps: self.steps.get(), small: self.small.get() }
    }

    fn choose(self, chosen: Chosen) {
        self.seeds.set(chosen.seeds);
        self.steps.set(chosen.steps);
        self.small.set(chosen.small);
    }

    /// A smaller study than the chosen one: of the usual size, else of half the steps; `None` when there is none.
    fn smaller(self) -> Option<Chosen> {
        let chosen = self.chosen();
        let (seeds, steps) = self.usual;
        let usual = Chosen { seeds: chosen.seeds.min(seeds), steps: chosen.steps.min(steps), small: true };
        if usual != chosen {
            return Some(usual);
        }
        let steps = (chosen.steps / 2.0).floor().max(FEWEST_STEPS.min(chosen.steps));
        (steps < chosen.steps).then_some(Chosen { steps, ..usual })
    }

    /// The seeds, from the playground's on.
    pub fn seeds(self, desk: Desk) -> Vec<u64> {
        let first = desk.experiment.with_untracked(|experiment| experiment.run.seed);
        (first..first + self.seeds.get_untracked() as u64).collect()
    }
}

/// The playground's experiment as a study's base, without what belongs to the page.
pub fn base(desk: Desk, size: Size) -> Experiment {
    untrack(|| base_of(desk, size.small.get()))
}

fn base_of(desk: Desk, small: bool) -> Experiment {
    desk.experiment.with(|experiment| {
        let mut base = Experiment::base(experiment.run.method, experiment.run.data);
        base.run.seed = experiment.run.seed;
        base.run.arms.clone_from(&experiment.run.arms);
        if small {
            for arm in &mut base.run.arms {
                arm.batch = arm.batch.min(SMALL);
                arm.width = arm.width.min(SMALL);
            }
        }
        base
    })
}

/// How arm B differs from arm A, apart from the batch size, which a study's variants share.
pub fn arm_b(base: &Experiment, name: &str) -> Option<Variant> {
    let mut variant = Variant::difference(name, base.arm(ArmId::A), base.arm(ArmId::B));
    variant.settings.retain(|setting| !setting.starts_with("batch="));
    (!variant.settings.is_empty()).then_some(variant)
}

/// The number inputs of a size, and the method and data that the study takes from the playground.
#[component]
pub fn SizeInputs(desk: Desk, size: Size, #[prop(into)] id: &'static str) -> impl IntoView {
    let what = move || desk.experiment.with(|experiment| subject(&url::encode(experiment), &[]));
    let number = |signal: RwSignal<f64>, max: f64| {
        move |event| {
            if let Ok(value) = event_target_value(&event).trim().parse::<f64>()
                && (1.0..=max).contains(&value)
            {
                signal.set(value.floor());
            }
            // A refused input goes back to the value that holds.
            signal.update(|_| {});
        }
    };
    view! {
        <p class="hint">{move || words::with_settings(what())}</p>
        <div class="job-row">
            <label class="short"><span>{words::SEEDS}</span>
                <input id=format!("{id}-seeds") inputmode="numeric" prop:value=move || size.seeds.get().to_string() on:change=number(size.seeds, 50.0)/>
            </label>
            <label class="short"><span>{words::STEPS}</span>
                <input id=format!("{id}-steps") inputmode="numeric" prop:value=move || size.steps.get().to_string() on:change=number(size.steps, 100_000.0)/>
            </label>
            <label class="check">
                <input type="checkbox" prop:checked=move || size.small.get() on:change=move |event| size.small.set(event_target_checked(&event))/>
                <span>{words::small(SMALL)}</span>
            </label>
        </div>
    }
}

/// What is trained, for a pace.
fn trained(desk: Desk) -> (Method, DataName) {
    desk.experiment.with(|experiment| (experiment.run.method, experiment.run.data))
}

/// The cost of a whole study of this size with so many models for each seed; see [`cost`].
fn load(desk: Desk, models: f64, chosen: Chosen) -> f64 {
    models * chosen.seeds * chosen.steps * cost(base_of(desk, chosen.small).arm(ArmId::A))
}

/// How fast this device trains what a study would: as the last study, else as the playground's live run; `None` when neither
/// trained this method on this data.
fn pace(desk: Desk) -> Option<Pace> {
    let of = trained(desk);
    let last = desk.pace.get().filter(|pace| pace.of == of);
    last.or_else(|| {
        let rate = desk.rate()?;
        let both: f64 =
            desk.experiment.with(|experiment| ArmId::ALL.into_iter().map(|arm| cost(experiment.arm(arm))).sum());
        Some(Pace { of, seconds: 1.0 / (rate * both) })
    })
}

/// A study that can be started: what it would train, and what the one under way does.
#[derive(Clone, Copy)]
struct Study<J> {
    desk: Desk,
    lab: Lab,
    size: Size,
    /// Trained for each seed.
    models: Signal<f64>,
    /// The job, given the checkpoint to go on from.
    job: J,
    /// What the job under way trains, and what that costs.
    begun: StoredValue<Option<((Method, DataName), f64)>>,
}

impl<J: Fn(Vec<u8>) -> Job + Copy + Send + Sync + 'static> Study<J> {
    fn start(self, checkpoint: Vec<u8>) {
        let Study { desk, lab, .. } = self;
        if desk.experiment.with_untracked(|experiment| experiment.run.data == DataName::Files) {
            let problem = words::NEEDS_BUILT_IN;
            lab.stage.set(Stage::Failed(problem.to_owned()));
            return;
        }
        let begun = untrack(|| (trained(desk), load(desk, self.models.get(), self.size.chosen())));
        self.begun.set_value(Some(begun));
        lab.start((self.job)(checkpoint));
    }

    /// Keeps the pace of the study under way, by which the time of the next one is told.
    fn keep_pace(self) {
        let Study { desk, lab, begun, .. } = self;
        Effect::new(move |_| {
            if let (Some(seconds), Some((of, load))) = (lab.seconds_in_all(), begun.get_value()) {
                desk.pace.set(Some(Pace { of, seconds: seconds / load.max(1.0) }));
            }
        });
    }

    /// Where a cancelled study ended; empty where there is nothing to go on from.
    fn checkpoint(self) -> Vec<u8> {
        self.lab.answer.with(|answer| answer.as_ref().map(|answer| answer.checkpoint.clone())).unwrap_or_default()
    }

    /// How long a study of this size takes; `None` when the device's pace is not known.
    fn seconds(self, chosen: Chosen) -> Option<f64> {
        pace(self.desk).map(|pace| pace.seconds * load(self.desk, self.models.get(), chosen))
    }

    /// How long the chosen one takes. A job under way says itself how long it will.
    fn takes(self) -> Option<f64> {
        if self.lab.is_working() { self.lab.seconds_left() } else { self.seconds(self.size.chosen()) }
    }

    /// Takes a smaller size, also for a study under way.
    fn shrink(self, chosen: Chosen) {
        self.size.choose(chosen);
        if untrack(|| self.lab.is_working()) {
            self.start(Vec::new());
        }
    }
}

/// Start, cancel, and going on where a cancelled study ended; how long it takes, and a smaller one where that is long. `job` gets
/// the checkpoint to go on from; `models` are trained for each seed.
#[component]
pub fn StudyBar(
    desk: Desk,
    lab: Lab,
    name: &'static str,
    size: Size,
    #[prop(into)] models: Signal<f64>,
    job: impl Fn(Vec<u8>) -> Job + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let study = Study { desk, lab, size, models, job, begun: StoredValue::new(None) };
    study.keep_pace();
    let takes = Memo::new(move |_| study.takes());
    let is_long = Memo::new(move |_| takes.get().is_some_and(|seconds| seconds > LONG));
    let smaller = move || {
        let chosen = size.smaller().filter(|_| is_long.get())?;
        let text = words::smaller(chosen.seeds, chosen.steps, study.seconds(chosen));
        Some(view! { <button class="quiet smaller" on:click=move |_| study.shrink(chosen)>{text}</button> })
    };
    view! {
        <div class="job">
            <Show
                when=move || lab.is_working()
                fallback=move || {
                    view! {
                        <button class="primary" on:click=move |_| study.start(Vec::new())>{name}</button>
                        <Show when=move || !study.checkpoint().is_empty()>
                            <button class="quiet" on:click=move |_| study.start(study.checkpoint())>{words::CONTINUE_THE_CANCELLED_ONE}</button>
                        </Show>
                        <span class="hint takes">{move || takes.get().map_or_else(|| words::TIME_COMES.to_owned(), words::takes)}</span>
                    }
                }
            >
                <Working lab/>
            </Show>
            {smaller}
            <Problem lab/>
        </div>
    }
}
