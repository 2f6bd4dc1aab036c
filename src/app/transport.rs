//! The player: one bar and one Play for a recorded run and for the live one, and where the run stands.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::replay;
use crate::parts::live::{If, live};
use crate::parts::segmented::Segmented;
use crate::protocol::Command;
use crate::words::playground::controls as words;
use crate::words::playground::timeline as time_words;

/// The player.
#[component]
pub fn Transport(model: Model) -> impl IntoView {
    let offline = model.offline.get_value();
    let recorded = Memo::new(move |_| offline || model.replay.opened.with(Option::is_some) || replay::awaits(model));
    let moves = Memo::new(move |_| replay::moves(model));
    // A locked page trains only when its link or the page around it says so; its recorded run may be looked at.
    let locked = move || model.experiment.with(|experiment| experiment.view.lock);
    let disabled = move || model.is_busy() || (locked() && !replay::plays_a_record(model));
    let disabled_training = move || model.is_busy() || locked();
    let name = move || match moves.get() {
        true => words::PAUSE,
        false if replay::has_ended(model) => words::REPLAY,
        false => words::PLAY,
    };
    view! {
        <div class="transport" role="toolbar" aria-label=words::PLAYER>
            <button
                id="play"
                class="primary"
                disabled=live(disabled)
                title=words::PLAY_HELP
                aria-label=live(name)
                on:click=move |_| model.toggle()
            >
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path d=live(move || if moves.get() { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M4 1.5v13l10-6.5z" })/>
                </svg>
                <span prop:textContent=live(name)></span>
            </button>
            <If when=live(move || !offline && !locked() && replay::can_reopen(model))>
                <Mode model/>
            </If>
            <If when=live(move || !recorded.get())>
                <button id="step" class="quiet" disabled=live(disabled_training) title=words::STEP_HELP on:click=move |_| { model.send(&Command::Run(1)); }>
                    {words::STEP}
                </button>
                <button id="run100" class="quiet" disabled=live(disabled_training) title=words::HUNDRED_HELP on:click=move |_| { model.send(&Command::Run(100)); }>
                    "+100"
                </button>
                <button id="reset" class="quiet" disabled=live(disabled_training) title=words::RESET_HELP on:click=move |_| { model.send(&Command::Reset); }>
                    {words::RESET}
                </button>
            </If>
            <Pace model/>
            <Speed model recorded/>
            <If when=live(move || !recorded.get() && model.replay.at.with(Option::is_some))>
                <button id="live" class="quiet" title=time_words::LATEST_HELP on:click=move |_| replay::latest(model)>{time_words::LATEST}</button>
            </If>
            <If when=live(locked)>
                <p class="hint" id="locked">{words::LOCKED}</p>
            </If>
        </div>
    }
}

/// The recorded run, or the live one.
#[component]
fn Mode(model: Model) -> impl IntoView {
    const RECORDED: &str = "recorded";
    let value = Signal::derive(move || if model.replay.opened.with(Option::is_some) { RECORDED } else { "live" });
    let pick = move |key: &str| if key == RECORDED { replay::reopen(model) } else { model.go_live() };
    view! { <Segmented label=words::MODE options={vec![(RECORDED, words::RECORDED), ("live", words::LIVE)]} value pick/> }
}

/// Where the run stands, and any other step of it.
#[component]
fn Pace(model: Model) -> impl IntoView {
    let steps = Memo::new(move |_| replay::whole(model));
    let extent = Memo::new(move |_| replay::extent(model));
    let at = Memo::new(move |_| model.replay.at.get().unwrap_or_else(|| extent.get()));
    let scrub = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some((input, step)) = input.and_then(|input| input.value().parse::<u32>().ok().map(|step| (input, step)))
        else {
            return;
        };
        // What is not trained yet can't be shown.
        let end = extent.get_untracked();
        if step < end || model.replay.is_recorded() {
            replay::seek(model, step);
        } else {
            replay::latest(model);
            input.set_value(&end.to_string());
        }
    };
    let rate = move || {
        let rate = model.progress.with(|progress| if progress.running { progress.rate } else { 0.0 });
        if rate > 0.0 { words::rate(rate) } else { String::new() }
    };
    view! {
        <div class="pace">
            <If when=live(move || !model.hidden("timeline"))>
                <input
                    id="scrub"
                    type="range"
                    min="0"
                    max=live(move || steps.get().to_string())
                    step="1"
                    disabled=live(move || extent.get() == 0)
                    aria-label=time_words::STEP_SHOWN
                    aria-valuetext=live(move || time_words::step_of(at.get(), steps.get()))
                    prop:value=live(move || { steps.track(); at.get().to_string() })
                    on:input=scrub
                />
            </If>
            <span class="count" translate="no">
                {words::STEP_COUNT}<b id="step-count" prop:textContent=live(move || at.get().to_string())></b>" / "
                <span prop:textContent=live(move || steps.get().to_string())></span>
            </span>
            <span class="rate" translate="no" prop:textContent=live(rate)></span>
        </div>
    }
}

/// How fast what Play starts goes.
#[component]
fn Speed(model: Model, recorded: Memo<bool>) -> impl IntoView {
    let replays = Memo::new(move |_| recorded.get() || replay::plays_a_record(model));
    let pick_training = move |event| {
        if let Ok(speed) = event_target_value(&event).parse::<u32>() {
            model.change(|experiment| experiment.view.speed = speed);
        }
    };
    let pick_replay = move |event| {
        if let Ok(speed) = event_target_value(&event).parse::<f64>() {
            model.replay.speed.set(speed);
        }
    };
    view! {
        <select
            class="speed"
            hidden=live(move || replays.get())
            aria-label=words::SPEED_OF_TRAINING
            inner_html=words::SPEEDS
            prop:value=live(move || model.experiment.with(|experiment| experiment.view.speed.to_string()))
            on:change=pick_training
        ></select>
        <select
            class="speed"
            hidden=live(move || !replays.get())
            aria-label=time_words::SPEED_OF_THE_REPLAY
            inner_html=time_words::SPEEDS
            prop:value=live(move || model.replay.speed.get().to_string())
            on:change=pick_replay
        ></select>
    }
}

/// Hash of the batches and of the initial weights: equal in both arms, or said.
#[component]
pub fn SameBatches(model: Model) -> impl IntoView {
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
