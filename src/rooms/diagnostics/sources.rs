//! What can be diagnosed: the model of the playground, or files.

use leptos::html;
use leptos::prelude::*;

use super::diagnosis::Diagnosis;
use super::settings::SettingsInputs;
use crate::config::ArmId;
use crate::parts::files::{ask as ask_files, given};
use crate::rooms::gate::Gate;
use crate::words::rooms::diagnostics as words;

/// Both sources, side by side.
#[component]
pub fn Sources(diagnosis: Diagnosis, gate: Gate) -> impl IntoView {
    let working = move || diagnosis.lab.is_working() || gate.is_training() || diagnosis.is_busy();
    let ask = move |arm: ArmId| gate.pass(move || diagnosis.ask(arm));
    view! {
        <div class="sources">
            <div class="source">
                <h3>{words::PLAYGROUND_MODEL}</h3>
                <p class="hint">{words::PLAYGROUND_HELP}</p>
                <div class="job-row">
                    <button class="primary" id="diagnose-a" disabled=working on:click=move |_| ask(ArmId::A)>{words::DIAGNOSE_A}</button>
                    <button class="primary" id="diagnose-b" disabled=working on:click=move |_| ask(ArmId::B)>{words::DIAGNOSE_B}</button>
                </div>
            </div>
            <div class="source">
                <h3>{words::YOUR_EMBEDDINGS}</h3>
                <p class="hint">{words::DROP_HELP}</p>
                <div class="job-row">
                    <SettingsInputs settings=diagnosis.settings/>
                    {picker(diagnosis, working)}
                </div>
            </div>
        </div>
    }
}

/// The button that opens files.
fn picker(diagnosis: Diagnosis, working: impl Fn() -> bool + Copy + Send + Sync + 'static) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let picked = move |_| {
        let Some(element) = input.get() else { return };
        let asked = ask_files(element.files());
        element.set_value("");
        let Some(asked) = asked else { return };
        leptos::task::spawn_local(async move {
            // A dialog gives files only, so that no folder can fail.
            diagnosis.open(given(asked).await.unwrap_or_default());
        });
    };
    view! {
        <button class="quiet" disabled=working on:click=move |_| { if let Some(element) = input.get() { element.click(); } }>{words::OPEN_FILES}</button>
        <input type="file" multiple hidden class="embeddings-input" aria-label=words::EMBEDDINGS_FILE node_ref=input on:change=picked/>
    }
}
