//! The paper's simulations.

use leptos::prelude::*;

use crate::lab::Job;
use crate::rooms::answer::AnswerView;
use crate::rooms::job::JobBar;
use crate::rooms::lab::Lab;
use crate::simulations::Simulation;
use crate::words::rooms::gradient as words;

/// A choice of them, each with one button.
#[component]
pub fn Simulations() -> impl IntoView {
    let lab = Lab::new();
    let chosen = RwSignal::new(Simulation::NormSweep);
    let seed = RwSignal::new(1_u64);
    let full = RwSignal::new(false);
    let job = move || Job::Simulate { simulation: chosen.get(), seed: seed.get(), quick: !full.get() };
    let pick = move |simulation: Simulation| {
        lab.cancel();
        chosen.set(simulation);
        lab.start(job());
    };
    let tabs = Simulation::ALL
        .into_iter()
        .map(|one| {
            view! {
                <button data-key=one.key() aria-pressed=move || (chosen.get() == one).to_string() class:on=move || chosen.get() == one on:click=move |_| pick(one)>
                    {one.title()}
                </button>
            }
        })
        .collect_view();
    let name = Signal::derive(move || words::run(chosen.get().title().to_lowercase()));
    let file = Signal::derive(move || format!("normscope-{}", chosen.get().key()));
    view! {
        <div class="simulations">
            <h3>{words::SIMULATIONS}</h3>
            <div class="choices" role="group" aria-label=words::SIMULATION>{tabs}</div>
            <div class="job-row">
                <JobBar lab name job/>
                <label class="short"><span>{words::SEED}</span>
                    <input inputmode="numeric" id="lab-seed" prop:value=move || seed.get().to_string()
                        on:change=move |event| { if let Ok(value) = event_target_value(&event).trim().parse() { seed.set(value); } else { seed.update(|_| {}); } }/>
                </label>
                <label class="check"><input type="checkbox" prop:checked=move || full.get() on:change=move |event| full.set(event_target_checked(&event))/>{words::FULL_SIZE}</label>
            </div>
            <AnswerView answer=lab.answer file/>
        </div>
    }
}
