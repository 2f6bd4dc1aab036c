//! The norm diagnostic: of the model in the playground, or of an embeddings file that the reader opens or drops.

use leptos::html;
use leptos::prelude::*;

use super::answer::AnswerView;
use super::choice::ArrayChoice;
use super::desk::Desk;
use super::example::{Mark, Shown};
use super::gate::{Gate, GateView};
use super::job::{Problem, Working, question};
use super::lab::{Lab, Stage};
use crate::config::ArmId;
use crate::config::params::read_number;
use crate::diagnostics::Options;
use crate::diagnostics::gradient::Loss;
use crate::lab::Job;
use crate::parts::files::{Given, ask as ask_files, given, read_all};
use crate::words::rooms::diagnostics as words;

/// Largest file that the page opens; the command line reads larger ones in chunks.
const MAX_BYTES: u64 = 256 << 20;

/// The room.
#[component]
pub fn Diagnostics(desk: Desk) -> impl IntoView {
    let lab = Lab::new();
    let shown = Shown::new("diagnostics", lab);
    // The engine is asked for embeddings, or files are read: the lab has nothing to do yet.
    let busy = RwSignal::new("");
    let gate = Gate::new(desk);
    let lr = RwSignal::new(0.1_f64);
    let gradscale = RwSignal::new(0.0_f64);
    let tau = RwSignal::new(0.5_f64);
    let loss = RwSignal::new("ntxent");
    let options = move || {
        let tau = tau.get();
        let loss = match loss.get() {
            "dcl" => Loss::Dcl { tau },
            "cosine" => Loss::Prediction,
            _ => Loss::NtXent { tau },
        };
        Options { loss, lr: lr.get(), gradscale: gradscale.get(), ..Options::default() }
    };
    // What the last job assumed: an arm's settings, or those for files.
    let assumed = RwSignal::new(None::<(Option<ArmId>, Options)>);
    let assume = move |arm: Option<ArmId>| {
        let options = untrack(|| arm.map_or_else(options, |arm| of_arm(desk, arm)));
        assumed.set(Some((arm, options)));
        options
    };
    let ask = move |arm: ArmId| {
        busy.set(words::EMBEDDING);
        leptos::task::spawn_local(async move {
            let found = desk.embeddings(arm).await;
            let _ = busy.try_set("");
            match found {
                Ok(found) => {
                    let name = words::arm_at_step(arm.letter(), found.step);
                    let options = assume(Some(arm));
                    let (z, d, labels) = (found.z, found.dim, found.labels);
                    lab.start(Job::DiagnoseRows { name, z, d, labels, options });
                }
                Err(problem) => lab.stage.set(Stage::Failed(problem.to_string())),
            }
        });
    };
    let read = move |files: Vec<Given>, array: Option<String>| {
        let options = assume(None);
        busy.set(words::READING);
        leptos::task::spawn_local(async move {
            diagnose_files(lab, files, array, options).await;
            let _ = busy.try_set("");
        });
    };
    let opened = StoredValue::new_local(Vec::<Given>::new());
    let open = move |files: Vec<Given>| {
        if files.is_empty() {
            return;
        }
        opened.set_value(files.clone());
        read(files, None);
    };
    let choose = move |array: String| read(opened.get_value(), Some(array));
    // Dropped anywhere on the page.
    Effect::new(move |_| {
        if desk.given.with(|files| !files.is_empty()) {
            open(desk.given.try_update_untracked(std::mem::take).unwrap_or_default());
        }
    });
    let input = NodeRef::<html::Input>::new();
    let picked = move |_| {
        let Some(element) = input.get() else { return };
        let asked = ask_files(element.files());
        element.set_value("");
        let Some(asked) = asked else { return };
        leptos::task::spawn_local(async move {
            // A dialog gives files only, so that no folder can fail.
            open(given(asked).await.unwrap_or_default());
        });
    };
    let is_busy = move || busy.with(|busy| !busy.is_empty());
    let working = move || lab.is_working() || gate.is_training() || is_busy();
    // The answer says what it is about: a job that was refused or cancelled since then has changed nothing but this. What was
    // worked out with other settings than those that stand here is an earlier one as well.
    let is_outdated =
        move || assumed.get().is_some_and(|(arm, then)| then != arm.map_or_else(options, |arm| of_arm(desk, arm)));
    let stale = move || shown.is_own() && (lab.stage.get() != Stage::Done || is_outdated());
    let title = move || {
        let words = if stale() { words::EARLIER_DIAGNOSIS_OF } else { words::DIAGNOSIS_OF };
        shown.answer().map(|answer| view! { <h3>{words}{answer.name}</h3> })
    };
    let answer = Signal::derive(move || shown.answer());
    let file = Signal::derive(|| "normscope-diagnosis".to_owned());
    let choose_loss = move |event| {
        loss.set(match event_target_value(&event).as_str() {
            "dcl" => "dcl",
            "cosine" => "cosine",
            _ => "ntxent",
        });
    };
    let refused = RwSignal::new(String::new());
    let number = move |name: &'static str, signal: RwSignal<f64>, min: f64, max: f64| {
        move |event| {
            let text = event_target_value(&event);
            refused.set(words::must_be_a_number(name, &text, min, max));
            if let Some(value) = read_number(&text).filter(|value| (min..=max).contains(value)) {
                refused.set(String::new());
                signal.set(value);
            }
            // A refused input goes back to the value that holds.
            signal.update(|_| {});
        }
    };
    view! {
        <section class="room" aria-label=words::NORM_DIAGNOSTICS>
            {question(words::QUESTION, words::INTRO)}
            <div class="sources">
                <div class="source">
                    <h3>{words::PLAYGROUND_MODEL}</h3>
                    <p class="hint">{words::PLAYGROUND_HELP}</p>
                    <div class="job-row">
                        <button class="primary" id="diagnose-a" disabled=working on:click=move |_| gate.pass(move || ask(ArmId::A))>{words::DIAGNOSE_A}</button>
                        <button class="primary" id="diagnose-b" disabled=working on:click=move |_| gate.pass(move || ask(ArmId::B))>{words::DIAGNOSE_B}</button>
                    </div>
                </div>
                <div class="source">
                    <h3>{words::YOUR_EMBEDDINGS}</h3>
                    <p class="hint">{words::DROP_HELP}</p>
                    <div class="job-row">
                        <label class="short"><span>{words::LOSS}</span>
                            <select id="diagnose-loss" on:change=choose_loss>
                                <option value="ntxent">{words::NT_XENT}</option>
                                <option value="dcl">{words::DCL}</option>
                                <option value="cosine">{words::COSINE_BYOL}</option>
                            </select>
                        </label>
                        <label class="short"><span>{words::TEMPERATURE}</span>
                            <input inputmode="decimal" prop:value=move || tau.get().to_string() on:change=number(words::TEMPERATURE, tau, 0.01, 10.0)/>
                        </label>
                        <label class="short"><span>{words::LEARNING_RATE}</span>
                            <input inputmode="decimal" prop:value=move || lr.get().to_string() on:change=number(words::LEARNING_RATE, lr, 1e-8, 1e4)/>
                        </label>
                        <label class="short"><span>{words::GRADSCALE_P}</span>
                            <input inputmode="decimal" prop:value=move || gradscale.get().to_string() on:change=number(words::GRADSCALE_P, gradscale, 0.0, 3.0)/>
                        </label>
                        <button class="quiet" disabled=working on:click=move |_| { if let Some(element) = input.get() { element.click(); } }>{words::OPEN_FILES}</button>
                        <input type="file" multiple hidden class="embeddings-input" aria-label=words::EMBEDDINGS_FILE node_ref=input on:change=picked/>
                    </div>
                </div>
            </div>
            <Show when=move || !refused.with(String::is_empty)>
                <p class="problem" role="alert">{refused}</p>
            </Show>
            <GateView gate/>
            <div class="job">
                <Show when=is_busy>
                    <progress aria-label=busy></progress>
                    <span class="hint" role="status">{busy}</span>
                </Show>
                <Show when=move || lab.is_working()>
                    <Working lab/>
                </Show>
                <Problem lab/>
            </div>
            <Mark shown/>
            <div class="about" class:stale=stale>
                {title}
                <ArrayChoice lab choose/>
                <AnswerView answer file/>
            </div>
        </section>
    }
}

/// What an arm of the playground is trained with.
fn of_arm(desk: Desk, arm: ArmId) -> Options {
    desk.experiment.with(|experiment| Options::of_arm(experiment.run.method, experiment.arm(arm)))
}

async fn diagnose_files(lab: Lab, files: Vec<Given>, array: Option<String>, options: Options) {
    let size: u64 = files.iter().map(|one| one.file.size()).sum();
    if size > MAX_BYTES {
        let message = words::too_large(&files[0].path, size >> 20, MAX_BYTES >> 20);
        lab.stage.set(Stage::Failed(message));
        return;
    }
    match read_all(&files).await {
        Ok(files) => lab.start(Job::DiagnoseFiles { files, array, options }),
        Err(unread) => lab.stage.set(Stage::Failed(format!("{} {unread}", unread.path))),
    }
}
