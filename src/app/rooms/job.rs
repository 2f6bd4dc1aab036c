//! What every room with a job in the lab shares: start, cancel, progress, failure, the answer.

use leptos::prelude::*;

use crate::app::figure::FigureView;
use crate::app::lab::{Lab, Stage};
use crate::lab::Job;

/// Start and cancel, and how far the job is.
#[component]
pub fn JobBar(
    lab: Lab,
    #[prop(into)] name: Signal<String>,
    job: impl Fn() -> Job + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let working = move || matches!(lab.stage.get(), Stage::Working(_));
    let share = move || match lab.stage.get() {
        Stage::Working(share) => share,
        _ => 0.0,
    };
    view! {
        <div class="job">
            <Show
                when=working
                fallback=move || {
                    view! { <button class="primary" on:click=move |_| lab.start(&job())>{move || name.get()}</button> }
                }
            >
                <button class="quiet" on:click=move |_| lab.cancel()>"Cancel"</button>
                <progress max="1" value=move || share().to_string() aria-label="Progress"></progress>
                <span class="percent">{move || format!("{:.0} %", 100.0 * share())}</span>
            </Show>
            {move || match lab.stage.get() {
                Stage::Failed(problem) => Some(view! { <p class="problem" role="alert">{problem}</p> }),
                _ => None,
            }}
        </div>
    }
}

/// The answer: figures, sentences, and the whole as a file.
#[component]
pub fn AnswerView(lab: Lab, #[prop(into)] file: Signal<String>) -> impl IntoView {
    move || {
        lab.answer.get().map(|answer| {
            let figures = answer.figures.into_iter().map(|figure| view! { <FigureView figure/> }).collect_view();
            let lines = answer.summary.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            let json = answer.json;
            let save = move |_| crate::app::files::save(&file.get_untracked(), "application/json", json.as_bytes());
            view! {
                <div class="answer">
                    <div class="figures">{figures}</div>
                    <ul class="summary">{lines}</ul>
                    <button class="quiet" on:click=save>"Save numbers (JSON)"</button>
                </div>
            }
        })
    }
}
