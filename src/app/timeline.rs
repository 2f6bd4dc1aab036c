//! Below the spheres: where a recorded run comes from, how to check it, and what came of that.

use leptos::prelude::*;

use super::model::Model;
use super::replay;
use super::transport::SameBatches;
use crate::parts::live::{If, live};
use crate::protocol::Command;
use crate::trace::compare::Comparison;
use crate::words::playground::timeline as words;

/// What is known of the run that is shown.
#[component]
pub fn Origin(model: Model) -> impl IntoView {
    let recorded = move || model.replay.opened.with(Option::is_some);
    view! {
        <div class="origin">
            <If when=live(recorded)>
                <Recorded model/>
            </If>
            <If when=live(move || !model.hidden("hash"))>
                <SameBatches model/>
            </If>
        </div>
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
                <button
                    id="train"
                    class="plain link"
                    title=words::TRAIN_HELP
                    disabled=live(move || model.is_busy())
                    on:click=move |_| { model.send(&Command::Play); }
                >
                    {words::TRAIN_IT_HERE}
                </button>
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
