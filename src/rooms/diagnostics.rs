//! The norm diagnostic: of the model in the playground, or of an embeddings file that the reader opens or drops.
//!
//! ```text
//! settings    what an embeddings file does not say about its model
//! diagnosis   asks the engine, reads files, starts the lab
//! sources     what can be diagnosed
//! ```

mod diagnosis;
mod settings;
mod sources;

use leptos::prelude::*;

use super::answer::AnswerView;
use super::choice::ArrayChoice;
use super::desk::Desk;
use super::example::{Mark, Shown};
use super::gate::{Gate, GateView};
use super::job::{Problem, Working, question};
use crate::words::rooms::diagnostics as words;
use diagnosis::Diagnosis;
use sources::Sources;

/// The room.
#[component]
pub fn Diagnostics(desk: Desk) -> impl IntoView {
    let diagnosis = Diagnosis::new(desk);
    let Diagnosis { lab, busy, .. } = diagnosis;
    let shown = Shown::new("diagnostics", lab);
    let gate = Gate::new(desk);
    // Dropped anywhere on the page.
    Effect::new(move |_| {
        if desk.given.with(|files| !files.is_empty()) {
            diagnosis.open(desk.given.try_update_untracked(std::mem::take).unwrap_or_default());
        }
    });
    let refused = diagnosis.settings.refused;
    view! {
        <section class="room" aria-label=words::NORM_DIAGNOSTICS>
            {question(words::QUESTION, words::INTRO)}
            <Sources diagnosis gate/>
            <Show when=move || !refused.with(String::is_empty)>
                <p class="problem" role="alert">{refused}</p>
            </Show>
            <GateView gate/>
            <div class="job">
                <Show when=move || diagnosis.is_busy()>
                    <progress aria-label=busy></progress>
                    <span class="hint" role="status">{busy}</span>
                </Show>
                <Show when=move || lab.is_working()>
                    <Working lab/>
                </Show>
                <Problem lab/>
            </div>
            <Mark shown/>
            {about(diagnosis, shown)}
        </section>
    }
}

/// The answer, under what it is about.
fn about(diagnosis: Diagnosis, shown: Shown) -> impl IntoView {
    let stale = move || shown.is_own() && diagnosis.is_earlier();
    let title = move || {
        let words = if stale() { words::EARLIER_DIAGNOSIS_OF } else { words::DIAGNOSIS_OF };
        shown.answer().map(|answer| view! { <h3>{words}{answer.name}</h3> })
    };
    let answer = Signal::derive(move || shown.answer());
    let file = Signal::derive(|| "normscope-diagnosis".to_owned());
    view! {
        <div class="about" class:stale=stale>
            {title}
            <ArrayChoice lab=diagnosis.lab choose=move |array| diagnosis.choose(array)/>
            <AnswerView answer file/>
        </div>
    }
}
