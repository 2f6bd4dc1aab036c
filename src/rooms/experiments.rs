//! The acceleration study: does norm control train faster once every variant has its own best learning rate?

use leptos::prelude::*;

use super::answer::Documents;
use super::desk::Desk;
use super::example::{Mark, Shown};
use super::figure::FigureView;
use super::job::{facts, question};
use super::lab::Lab;
use super::sheet::SheetView;
use super::study::{Size, SizeInputs, StudyBar, arm_b, base};
use crate::config::url;
use crate::lab::Answer;
use crate::studies::Job;
use crate::studies::acceleration::options::{Options, QUICK_RATES, Rates, standard_variants};
use crate::words::rooms::experiments as words;

/// The variants that are chosen at first, besides the standard.
const CHOSEN: [usize; 2] = [3, 5];
/// What each variant does, in the order of [`standard_variants`].
const EQUATIONS: [&str; 6] =
    [words::STANDARD, words::CUT_3, words::CUT_9, words::GRADSCALE_1, words::GRADSCALE_2, words::MEAN_CONTROL];

/// The room.
#[component]
pub fn Experiments(desk: Desk) -> impl IntoView {
    let lab = Lab::new();
    let shown = Shown::new("experiments", lab);
    let size = Size::new(3, 100);
    let plan = Plan::new();
    let models = Signal::derive(move || plan.models());
    let job = move |checkpoint: Vec<u8>| plan.job(desk, size, checkpoint);
    view! {
        <section class="room experiments" aria-label=words::EXPERIMENTS>
            {question(words::QUESTION, words::INTRO)}
            <Mark shown/>
            {move || shown.answer().map(|answer| view! { <Headline answer/> })}
            <h3>{words::RUN_IT_YOURSELF}</h3>
            <div class="sources">
                <VariantInputs plan/>
                <div class="source">
                    <h3>{words::SIZE}</h3>
                    <SizeInputs desk size id="accelerate"/>
                    <label class="short"><span>{words::RATES}</span>
                        <input id="accelerate-rates" prop:value=move || plan.rates.get() on:change=move |event| plan.rates.set(event_target_value(&event))/>
                    </label>
                    <p class="hint">{move || words::runs(models.get() * size.seeds.get())}</p>
                    <StudyBar desk lab name=words::RUN_THE_STUDY size models job/>
                </div>
            </div>
            {move || shown.answer().map(|answer| view! { <Rest answer/> })}
        </section>
    }
}

/// What is compared: variants, each at several learning rates.
#[derive(Clone, Copy)]
struct Plan {
    /// Factors of the playground's rate, as the reader wrote them.
    rates: RwSignal<String>,
    /// Places in [`standard_variants`], besides the first.
    chosen: RwSignal<Vec<usize>>,
    /// The playground's arm B as well.
    with_b: RwSignal<bool>,
}

impl Plan {
    fn new() -> Plan {
        Plan {
            rates: RwSignal::new(QUICK_RATES.map(|rate| rate.to_string()).join(", ")),
            chosen: RwSignal::new(CHOSEN.to_vec()),
            with_b: RwSignal::new(false),
        }
    }

    /// The first variant is what the others are compared with.
    fn has(self, at: usize) -> bool {
        at == 0 || self.chosen.with(|chosen| chosen.contains(&at))
    }

    fn toggle(self, at: usize) {
        self.chosen.update(|chosen| match chosen.iter().position(|other| *other == at) {
            Some(place) => {
                chosen.remove(place);
            }
            None => chosen.push(at),
        });
    }

    /// Models for each seed.
    fn models(self) -> f64 {
        let variants = 1 + self.chosen.with(Vec::len) + usize::from(self.with_b.get());
        (variants * self.rates.with(|rates| read_rates(rates).len())) as f64
    }

    /// The study, from `checkpoint` on.
    fn job(self, desk: Desk, size: Size, checkpoint: Vec<u8>) -> Job {
        let base = base(desk, size);
        let all = standard_variants().into_iter().enumerate();
        let mut variants: Vec<_> =
            all.filter(|(at, _)| untrack(|| self.has(*at))).map(|(_, variant)| variant).collect();
        if self.with_b.get_untracked() {
            variants.extend(arm_b(&base, words::ARM_B));
        }
        let steps = size.steps.get_untracked() as u32;
        let options = Options {
            base: url::encode(&base),
            variants,
            rates: Rates::Factors(read_rates(&self.rates.get_untracked())),
            seeds: size.seeds(desk),
            steps,
            eval: Options::default().eval.min(steps),
            ..Options::default()
        };
        let device = desk.experiment.with_untracked(|experiment| experiment.view.device);
        Job::Accelerate { options, checkpoint, device }
    }
}

/// The choice of variants, each with what it does.
#[component]
fn VariantInputs(plan: Plan) -> impl IntoView {
    let variants = standard_variants()
        .into_iter()
        .zip(EQUATIONS)
        .enumerate()
        .map(|(at, (variant, equation))| {
            view! {
                <label class="check variant">
                    <input
                        type="checkbox"
                        disabled=at == 0
                        prop:checked=move || plan.has(at)
                        on:change=move |_| plan.toggle(at)
                    />
                    <span><b>{variant.name}</b><small>{equation}</small></span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="source">
            <legend>{words::VARIANTS}</legend>
            {variants}
            <label class="check variant">
                <input type="checkbox" id="accelerate-b" prop:checked=move || plan.with_b.get() on:change=move |event| plan.with_b.set(event_target_checked(&event))/>
                <span><b>{words::ARM_B}</b><small>{words::ARM_B_HELP}</small></span>
            </label>
        </fieldset>
    }
}

/// The answer in words, over the one chart that shows it: how much faster each variant is.
#[component]
fn Headline(answer: Answer) -> impl IntoView {
    // Before its first seed is done a study has no chart.
    let chart = answer.figures.into_iter().next().map(|figure| view! { <FigureView figure/> });
    view! {
        <div class="answer headline">
            <p class="verdict">{answer.verdict}</p>
            <div class="beside">
                {chart}
                <div class="how">
                    <p>{words::HOW_TO_READ}</p>
                    <p>{words::CONTROL}</p>
                    {facts(answer.numbers)}
                </div>
            </div>
        </div>
    }
}

/// Everything else of an answer.
#[component]
fn Rest(answer: Answer) -> impl IntoView {
    let figures = answer.figures.into_iter().skip(1).map(|figure| view! { <FigureView figure/> }).collect_view();
    let lines = answer.summary.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let sheets = answer.sheets.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
    view! {
        <div class="answer rest">
            {sheets}
            <details class="sheet folded more-charts">
                <summary>{words::MORE_CHARTS}</summary>
                <div class="figures">{figures}</div>
            </details>
            <ul class="summary">{lines}</ul>
            <Documents file=Signal::derive(|| "normscope-acceleration".to_owned()) json=answer.json html=String::new()/>
        </div>
    }
}

/// Numbers with commas or spaces between them; what is none is NaN, which the study refuses by name.
fn read_rates(text: &str) -> Vec<f64> {
    let parts = text.split([',', ' ', ';']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().unwrap_or(f64::NAN)).collect()
}
