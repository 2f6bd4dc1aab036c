//! Two vectors in a plane, and what one step does to them.

use leptos::prelude::*;

use super::plane::{Pair, Plane};
use super::step::Step;
use crate::words::rooms::gradient as words;

/// The plane, beside it what is set and what comes of it.
#[component]
pub fn Vectors() -> impl IntoView {
    let pair = Pair::new();
    let power = RwSignal::new(0.0_f64);
    let rate = RwSignal::new(1.0_f64);
    let step = Memo::new(move |_| {
        let [first, second] = pair.places();
        Step::new(first, second, power.get(), rate.get())
    });
    view! {
        <div class="vectors">
            <Plane pair step/>
            <div class="vector-side">
                <label class="slider">
                    <span>{words::GRADSCALE_POWER_P}</span>
                    <input type="range" min="0" max="2" step="0.1" id="lab-power" prop:value=move || power.get().to_string()
                        on:input=move |event| { if let Ok(p) = event_target_value(&event).parse() { power.set(p); } }/>
                    <output>{move || format!("{:.1}", power.get())}</output>
                </label>
                <label class="slider">
                    <span>{words::LEARNING_RATE}</span>
                    <input type="range" min="-2" max="0.6" step="0.02" id="lab-rate" prop:value=move || rate.get().log10().to_string()
                        on:input=move |event| { if let Ok(x) = event_target_value(&event).parse::<f64>() { rate.set(10_f64.powf(x)); } }/>
                    <output>{move || format!("{:.2}", rate.get())}</output>
                </label>
                <Measured step/>
            </div>
        </div>
    }
}

/// The table beside the vectors: what the formulas say, and what happens.
#[component]
fn Measured(#[prop(into)] step: Signal<Step>) -> impl IntoView {
    let row = move |name: &'static str, help: &'static str, value: Box<dyn Fn(&Step) -> String + Send + Sync>| {
        view! { <div title=help><dt>{name}</dt><dd>{move || value(&step.get())}</dd></div> }
    };
    let both = |values: [f64; 2], digits: usize| format!("{:.digits$} and {:.digits$}", values[0], values[1]);
    view! {
        <dl class="facts">
            {row(words::ANGLE_COSINE, words::ANGLE_HELP, Box::new(|s| format!("{:.2} rad, {:.3}", s.angle, s.angle.cos())))}
            {row(words::NORMS, words::NORMS_HELP, Box::new(move |s| both(s.norms, 2)))}
            {row(words::GRADIENT_LENGTH, words::LENGTH_HELP, Box::new(move |s| both(s.lengths, 3)))}
            {row(words::GRADIENT_Z, words::ORTHOGONAL_HELP, Box::new(|s| format!("{:.0e}", s.radial)))}
            {row(words::NORMS_AFTER_A_STEP, words::STEP_HELP, Box::new(move |s| both(s.grown, 3)))}
            {row(words::CHANGE_OF_THE_COSINE, words::CHANGE_HELP, Box::new(|s| format!("{:+.4}", s.after_cosine - s.angle.cos())))}
            {row(words::STEPS_TO_COSINE, words::STEPS_HELP, Box::new(Step::race))}
        </dl>
        <p class="hint">{words::TRY}</p>
    }
}
