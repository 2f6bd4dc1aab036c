//! Play, step, reset, and where the run stands.

use leptos::prelude::*;

use super::model::Model;
use crate::parts::live::{If, live};
use crate::protocol::Command;
use crate::words::playground::controls as words;

/// Speeds on offer, in steps per second.
const SPEEDS: [u32; 5] = [0, 1, 5, 10, 25];

/// Play, step, reset; where the run stands; the proof that both arms saw the same.
#[component]
pub fn Transport(model: Model) -> impl IntoView {
    let offline = model.offline.get_value();
    let running = Memo::new(move |_| match offline {
        true => model.replay.playing.get(),
        false => model.progress.with(|progress| progress.running),
    });
    let step =
        Memo::new(move |_| model.replay.at.get().unwrap_or_else(|| model.progress.with(|progress| progress.step)));
    let steps = Memo::new(move |_| model.experiment.with(|experiment| experiment.run.steps));
    let disabled = move || model.is_busy() || model.experiment.with(|experiment| experiment.view.lock);
    let rate = move || {
        let rate = model.progress.with(|progress| if progress.running { progress.rate } else { 0.0 });
        if rate > 0.0 { words::rate(rate) } else { String::new() }
    };
    let speed = move |event| {
        if let Ok(speed) = event_target_value(&event).parse::<u32>() {
            model.change(|experiment| experiment.view.speed = speed);
        }
    };
    // A pointer over the buttons: the engine will be needed in a moment.
    let warm = move || model.wake();
    view! {
        <div class="transport" role="toolbar" aria-label=words::TRAINING on:pointerover=move |_| warm() on:focusin=move |_| warm()>
            <button
                id="play"
                class="primary"
                disabled=live(disabled)
                title=words::PLAY_HELP
                aria-label=live(move || if running.get() { words::PAUSE } else { words::PLAY })
                on:click=move |_| model.toggle()
            >
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path d=live(move || if running.get() { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M4 1.5v13l10-6.5z" })/>
                </svg>
                <span prop:textContent=live(move || if running.get() { words::PAUSE } else { words::PLAY })></span>
            </button>
            <If when=live(move || !offline)>
            <button id="step" class="quiet" disabled=live(disabled) title=words::STEP_HELP on:click=move |_| { model.send(&Command::Run(1)); }>
                {words::STEP}
            </button>
            <button id="run100" class="quiet" disabled=live(disabled) title=words::HUNDRED_HELP on:click=move |_| { model.send(&Command::Run(100)); }>
                "+100"
            </button>
            <button id="reset" class="quiet" disabled=live(disabled) title=words::RESET_HELP on:click=move |_| { model.send(&Command::Reset); }>
                {words::RESET}
            </button>
            <select
                class="speed"
                aria-label=words::SPEED_OF_TRAINING
                prop:value=live(move || model.experiment.with(|experiment| experiment.view.speed.to_string()))
                on:change=speed
            >
                {SPEEDS
                    .into_iter()
                    .map(|value| {
                        let on = move || model.experiment.with(|experiment| experiment.view.speed == value);
                        view! { <option value=value.to_string() selected=live(on)>{words::speed(value)}</option> }
                    })
                    .collect_view()}
            </select>
            </If>
            <If when=live(move || model.experiment.with(|experiment| experiment.view.lock))>
                <p class="hint" id="locked">{words::LOCKED}</p>
            </If>
            <div class="pace">
                <progress max=live(move || steps.get().to_string()) value=live(move || step.get().to_string())></progress>
                <span class="count" translate="no">
                    {words::STEP_COUNT}<b id="step-count" prop:textContent=live(move || step.get().to_string())></b>" / "
                    <span prop:textContent=live(move || steps.get().to_string())></span>
                </span>
                <span class="rate" translate="no" prop:textContent=live(rate)></span>
            </div>
            <If when=live(move || !model.hidden("hash"))>
                <SameBatches model/>
            </If>
        </div>
    }
}

/// Hash of the batches and of the initial weights: equal in both arms, or said.
#[component]
fn SameBatches(model: Model) -> impl IntoView {
    let hashes = move || model.progress.with(|progress| progress.batch_hash.clone());
    let weights = move || [0, 1].map(|i| model.arms[i].weights.get().1);
    let started = move || hashes().iter().any(|hash| !hash.is_empty());
    let same = move || {
        let ([a, b], [wa, wb]) = (hashes(), weights());
        a == b && wa == wb
    };
    let text = move || {
        let ([a, b], [wa, wb]) = (hashes(), weights());
        let short = |hash: &str| hash.chars().take(8).collect::<String>();
        match (a == b, wa == wb) {
            (true, true) => words::same_batches_and_weights(short(&a), short(&wa)),
            (true, false) => words::same_batches(short(&a)),
            (false, _) => words::different_batches(short(&a), short(&b)),
        }
    };
    view! {
        <If when=live(started)>
            <p
                class="hash"
                class:differs=live(move || !same())
                title=words::HASHES_HELP
            >
                <i aria-hidden="true"></i>
                <span translate="no" prop:textContent=live(text)></span>
            </p>
        </If>
    }
}
