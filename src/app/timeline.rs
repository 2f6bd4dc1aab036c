//! The timeline under the spheres: scrub the record back and forth, play it at any speed, go back to the live run.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::replay;
use crate::parts::live::{If, live};
use crate::trace::compare::Comparison;
use crate::words::playground::timeline as words;

/// Speeds on offer.
const SPEEDS: [(&str, &str); 5] = [("0.25", "¼×"), ("0.5", "½×"), ("1", "1×"), ("2", "2×"), ("4", "4×")];

/// The timeline; it is there as soon as there is something on record.
#[component]
pub fn Timeline(model: Model) -> impl IntoView {
    let record = model.replay;
    let extent = Memo::new(move |_| replay::extent(model));
    let at = Memo::new(move |_| record.at.get().unwrap_or_else(|| extent.get()));
    let recorded = move || record.opened.with(Option::is_some);
    let scrub = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(step) = input.and_then(|input| input.value().parse::<u32>().ok()) {
            replay::seek(model, step);
        }
    };
    let speed = move |event| {
        if let Ok(speed) = event_target_value(&event).parse::<f64>() {
            record.speed.set(speed);
        }
    };
    let name = move || if record.playing.get() { words::HOLD_THE_REPLAY } else { words::REPLAY };
    let back = move || !recorded() && record.at.with(Option::is_some);
    view! {
        <If when=live(move || { extent.get() > 0 })>
            <div class="timeline" role="group" aria-label=words::TIMELINE_OF_THE_RUN>
                <button id="replay" class="plain" aria-label=live(name) title=live(name) on:click=move |_| replay::toggle(model)>
                    <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
                        <path d=live(move || if record.playing.get() { "M4 3h3v10H4zM9 3h3v10H9z" } else { "M3.5 8A4.8 4.8 0 1 1 5 11.5M3.2 4.6 3.5 8l3.3-.6" })/>
                    </svg>
                </button>
                <input
                    id="scrub"
                    type="range"
                    min="0"
                    max=live(move || extent.get().to_string())
                    step="1"
                    aria-label=words::STEP_SHOWN
                    aria-valuetext=live(move || words::step_of(at.get(), extent.get()))
                    prop:value=live(move || { extent.track(); at.get().to_string() })
                    on:input=scrub
                />
                <output for="scrub" translate="no" prop:textContent=live(move || at.get().to_string())></output>
                <select aria-label=words::SPEED_OF_THE_REPLAY on:change=speed>
                    {SPEEDS
                        .map(|(value, name)| view! { <option value=value selected=live(move || record.speed.get().to_string() == value)>{name}</option> })
                        .into_iter()
                        .collect_view()}
                </select>
                <If when=live(back)>
                    <button id="live" class="quiet" title=words::LATEST_HELP on:click=move |_| replay::latest(model)>{words::LATEST}</button>
                </If>
            </div>
        </If>
        <If when=live(recorded)>
            <Recorded model/>
        </If>
        <Verdict model/>
    }
}

/// Where the recorded run comes from, and the way to check it.
#[component]
fn Recorded(model: Model) -> impl IntoView {
    let origin = move || {
        model
            .replay
            .opened
            .with(|opened| opened.as_ref().map(|trace| words::recorded(&trace.made_by, &trace.adapter, trace.steps)))
    };
    let offline = model.offline.get_value();
    let permalink = move || model.permalink();
    view! {
        <p class="recorded">
            <span prop:textContent=live(move || origin().unwrap_or_default())></span>
            <If when=live(move || offline)>
                <a href=live(permalink) target="_blank" rel="noopener">{words::TRAIN_IT_LIVE}</a>
            </If>
            // A locked page trains only when its link or the page around it says so.
            <If when=live(move || !offline && !model.experiment.with(|experiment| experiment.view.lock))>
                <span class="go">{words::PLAY_TRAINS}</span>
                <button
                    id="verify"
                    class="plain link"
                    title=words::VERIFY_HELP
                    disabled=live(move || model.is_busy())
                    on:click=move |_| replay::verify(model)
                >
                    {words::VERIFY_ON_MY_MACHINE}
                </button>
            </If>
        </p>
    }
}

/// What a verification found.
#[component]
fn Verdict(model: Model) -> impl IntoView {
    let verdict = model.replay.verdict;
    let text = move || verdict.with(|found| found.as_ref().map(Comparison::verdict));
    let good = move || verdict.with(|found| found.as_ref().is_some_and(Comparison::agrees));
    view! {
        <If when=live(move || verdict.with(Option::is_some))>
            <p class="recorded verdict-line" class:bad=live(move || !good()) id="verified" role="status">
                <span prop:textContent=live(move || text().unwrap_or_default())></span>
                <button class="plain" aria-label=words::CLOSE on:click=move |_| verdict.set(None)>"×"</button>
            </p>
        </If>
    }
}
