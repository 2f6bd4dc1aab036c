//! What every room with a job in the lab shares: its question, start, cancel, progress, failure.

use leptos::prelude::*;

use super::lab::{Lab, Stage};
use crate::lab::Job;
use crate::words::rooms::job as words;

/// Start and cancel, and how far the job is.
#[component]
pub fn JobBar(
    lab: Lab,
    #[prop(into)] name: Signal<String>,
    job: impl Fn() -> Job + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <div class="job">
            <Show
                when=move || lab.is_working()
                fallback=move || {
                    view! { <button class="primary" on:click=move |_| lab.start(job())>{move || name.get()}</button> }
                }
            >
                <Working lab/>
            </Show>
            <Problem lab/>
        </div>
    }
}

/// How far the running job is, and the button that ends it.
#[component]
pub fn Working(lab: Lab) -> impl IntoView {
    let share = move || if let Stage::Working(share) = lab.stage.get() { share } else { 0.0 };
    view! {
        <button class="quiet" on:click=move |_| lab.cancel()>{words::CANCEL}</button>
        <progress max="1" value=move || share().to_string() aria-label=words::PROGRESS></progress>
        <span class="percent">{move || format!("{:.0} %", 100.0 * share())}</span>
        {move || lab.seconds_left().map(|seconds| view! { <span class="hint left">{words::left(seconds)}</span> })}
    }
}

/// Why there is no answer, if a job failed; what has happened to one that goes on.
#[component]
pub fn Problem(lab: Lab) -> impl IntoView {
    move || match lab.stage.get() {
        Stage::Failed(problem) => Some(view! { <p class="problem" role="alert">{problem}</p> }.into_any()),
        Stage::Working(_) => {
            lab.replaced.get().map(|what| view! { <p class="hint" role="status">{what}</p> }.into_any())
        }
        Stage::Idle | Stage::Done => None,
    }
}

/// What a room asks, and what one does in it to find out.
pub fn question(question: &'static str, intro: &'static str) -> impl IntoView {
    view! { <div class="room-head"><h2>{question}</h2><p>{intro}</p></div> }
}

/// Single numbers: name and value.
pub fn facts(numbers: Vec<(String, String)>) -> impl IntoView {
    let rows =
        numbers.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view();
    view! { <dl class="facts">{rows}</dl> }
}
