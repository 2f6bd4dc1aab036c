//! The acceleration study: does norm control train faster once every variant has its own best learning rate?

use leptos::prelude::*;

use super::answer::AnswerView;
use super::desk::Desk;
use super::job::question;
use super::lab::Lab;
use super::study::{Size, SizeInputs, StudyBar, arm_b, base};
use crate::config::url;
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
    let size = Size::new(3, 100);
    let rates = RwSignal::new(QUICK_RATES.map(|rate| rate.to_string()).join(", "));
    let chosen = RwSignal::new(CHOSEN.to_vec());
    let with_b = RwSignal::new(false);
    let job = move |checkpoint: Vec<u8>| {
        let base = base(desk, size);
        let mut variants: Vec<_> = standard_variants()
            .into_iter()
            .enumerate()
            .filter(|(at, _)| *at == 0 || chosen.with_untracked(|chosen| chosen.contains(at)))
            .map(|(_, variant)| variant)
            .collect();
        if with_b.get_untracked() {
            variants.extend(arm_b(&base, words::ARM_B));
        }
        let factors = read_rates(&rates.get_untracked());
        let steps = size.steps.get_untracked() as u32;
        let options = Options {
            base: url::encode(&base),
            variants,
            rates: Rates::Factors(factors),
            seeds: size.seeds(desk),
            steps,
            eval: Options::default().eval.min(steps),
            ..Options::default()
        };
        Job::Accelerate {
            options,
            checkpoint,
            device: desk.experiment.with_untracked(|experiment| experiment.view.device),
        }
    };
    let toggle = move |at: usize| {
        chosen.update(|chosen| match chosen.iter().position(|other| *other == at) {
            Some(place) => {
                chosen.remove(place);
            }
            None => chosen.push(at),
        });
    };
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
                        prop:checked=move || at == 0 || chosen.with(|chosen| chosen.contains(&at))
                        on:change=move |_| toggle(at)
                    />
                    <span><b>{variant.name}</b><small>{equation}</small></span>
                </label>
            }
        })
        .collect_view();
    let runs = move || {
        let variants = 1 + chosen.with(Vec::len) + usize::from(with_b.get());
        variants * rates.with(|rates| read_rates(rates).len()) * size.seeds.get() as usize
    };
    let file = Signal::derive(|| "normscope-acceleration".to_owned());
    view! {
        <section class="room experiments" aria-label=words::EXPERIMENTS>
            {question(words::QUESTION, words::INTRO)}
            <div class="sources">
                <fieldset class="source">
                    <legend>{words::VARIANTS}</legend>
                    {variants}
                    <label class="check variant">
                        <input type="checkbox" id="accelerate-b" prop:checked=move || with_b.get() on:change=move |event| with_b.set(event_target_checked(&event))/>
                        <span><b>{words::ARM_B}</b><small>{words::ARM_B_HELP}</small></span>
                    </label>
                </fieldset>
                <div class="source">
                    <h3>{words::SIZE}</h3>
                    <SizeInputs desk size id="accelerate"/>
                    <label class="short"><span>{words::RATES}</span>
                        <input id="accelerate-rates" prop:value=move || rates.get() on:change=move |event| rates.set(event_target_value(&event))/>
                    </label>
                    <p class="hint">{move || words::runs(runs())}</p>
                    <StudyBar desk lab name=words::RUN_THE_STUDY job/>
                </div>
            </div>
            <AnswerView lab file/>
        </section>
    }
}

/// Numbers with commas or spaces between them; what is none is NaN, which the study refuses by name.
fn read_rates(text: &str) -> Vec<f64> {
    let parts = text.split([',', ' ', ';']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().unwrap_or(f64::NAN)).collect()
}
