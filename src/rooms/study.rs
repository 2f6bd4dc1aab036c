//! What the rooms with a study share: the playground's experiment as its base, its size, start, cancel, going on.

use leptos::prelude::*;

use super::desk::Desk;
use super::job::{Problem, Working};
use super::lab::{Lab, Stage};
use crate::config::{ArmId, DataName, Experiment, url};
use crate::studies::Job;
use crate::studies::variant::{Variant, subject};
use crate::words::rooms::study as words;

/// Batch and width of the small networks.
const SMALL: u32 = 64;

/// What the reader chooses about a study's size.
#[derive(Clone, Copy)]
pub struct Size {
    /// Number of seeds.
    pub seeds: RwSignal<f64>,
    /// Training steps of a model.
    pub steps: RwSignal<f64>,
    /// Small networks and batches instead of the playground's.
    pub small: RwSignal<bool>,
}

impl Size {
    /// The size that a browser finishes on one core well within a minute.
    pub fn new(seeds: u32, steps: u32) -> Size {
        Size {
            seeds: RwSignal::new(f64::from(seeds)),
            steps: RwSignal::new(f64::from(steps)),
            small: RwSignal::new(true),
        }
    }

    /// The seeds, from the playground's on.
    pub fn seeds(self, desk: Desk) -> Vec<u64> {
        let first = desk.experiment.with_untracked(|experiment| experiment.run.seed);
        (first..first + self.seeds.get_untracked() as u64).collect()
    }
}

/// The playground's experiment as a study's base, without what belongs to the page.
pub fn base(desk: Desk, size: Size) -> Experiment {
    desk.experiment.with_untracked(|experiment| {
        let mut base = Experiment::base(experiment.run.method, experiment.run.data);
        base.run.seed = experiment.run.seed;
        base.run.arms.clone_from(&experiment.run.arms);
        if size.small.get_untracked() {
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

/// Start, cancel, and going on where a cancelled study ended. `job` gets the checkpoint to go on from.
#[component]
pub fn StudyBar(
    desk: Desk,
    lab: Lab,
    name: &'static str,
    job: impl Fn(Vec<u8>) -> Job + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let start = move |checkpoint: Vec<u8>| {
        if desk.experiment.with_untracked(|experiment| experiment.run.data == DataName::Files) {
            let problem = words::NEEDS_BUILT_IN;
            lab.stage.set(Stage::Failed(problem.to_owned()));
            return;
        }
        lab.start(job(checkpoint));
    };
    let checkpoint = move || lab.answer.with(|answer| answer.as_ref().map(|answer| answer.checkpoint.clone()));
    let can_go_on = move || checkpoint().is_some_and(|checkpoint| !checkpoint.is_empty());
    view! {
        <div class="job">
            <Show
                when=move || lab.is_working()
                fallback=move || {
                    view! {
                        <button class="primary" on:click=move |_| start(Vec::new())>{name}</button>
                        <Show when=can_go_on>
                            <button class="quiet" on:click=move |_| start(checkpoint().unwrap_or_default())>{words::CONTINUE_THE_CANCELLED_ONE}</button>
                        </Show>
                    }
                }
            >
                <Working lab/>
            </Show>
            <Problem lab/>
        </div>
    }
}
