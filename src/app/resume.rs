//! A run that a reload, a crash or a closed lid interrupted: kept in this browser as it trains, offered when the page of the
//! same experiment is opened again.

use leptos::prelude::*;

use super::model::Model;
use super::replay;
use super::state::Kept;
use super::turns::made;
use crate::config::{DataName, Experiment, url};
use crate::parts::kept;
use crate::parts::live::{If, live};
use crate::sealed::{self, Seal};
use crate::trace::{Trace, file, subject};
use crate::words::playground::resume as words;

/// What the run is kept as.
const NAME: &str = "run";
/// Version 2: with a checksum.
const SEAL: Seal = Seal { magic: *b"NSKP", version: 2, oldest: 2 };
/// Most bytes that are kept in this browser: more than any model and record that fit the page.
const MOST: usize = 64 << 20;

/// Whether this page may keep anything: figures, locked pages and files are nobody's to keep.
fn keeps(model: Model) -> bool {
    !model.offline.get_value()
        && model.experiment.with_untracked(|now| !now.view.embed && !now.view.lock && now.run.data != DataName::Files)
}

/// Keeps the run as it is now.
pub fn keep(model: Model, step: u32, checkpoint: Vec<u8>) {
    if !keeps(model) || step == 0 {
        return;
    }
    let Some(trace) = model.replay.trace() else { return };
    let trace = Trace { steps: step, ..(*trace).clone() };
    let kept = Kept { query: trace.query.clone(), step, checkpoint, trace };
    if let Ok(payload) = postcard::to_stdvec(&kept)
        && payload.len() <= MOST
    {
        kept::keep(NAME, &SEAL.close(&payload, &payload));
    }
}

/// Nothing is left to resume.
pub fn forget() {
    kept::forget(NAME);
}

/// Looks for an interrupted run of the page's experiment.
pub fn look(model: Model) {
    if !keeps(model) {
        return;
    }
    let wanted = model.experiment.with_untracked(query);
    let steps = model.experiment.with_untracked(|experiment| experiment.run.steps);
    leptos::task::spawn_local(async move {
        // The offer moves the page down: not while that is being made.
        made().await;
        let Some(bytes) = kept::kept(NAME, MOST + sealed::HEAD).await else { return };
        // What is damaged, or was kept by another version, is simply not offered.
        let kept = SEAL.open(&bytes).ok().and_then(|payload| postcard::from_bytes::<Kept>(payload).ok());
        let fits = |kept: &Kept| file::is_sound(&kept.trace) && kept.query == wanted && kept.step < steps;
        if let Some(kept) = kept.filter(fits) {
            model.kept.set(Some(kept));
        }
    });
}

fn query(experiment: &Experiment) -> String {
    url::encode(&subject(experiment))
}

/// The offer.
#[component]
pub fn Offer(model: Model) -> impl IntoView {
    let text = move || {
        let steps = model.experiment.with(|experiment| experiment.run.steps);
        model.kept.with(|kept| kept.as_ref().map(|kept| words::interrupted(kept.step, steps)))
    };
    let resume = move |_| {
        let Some(kept) = model.kept.get_untracked() else { return };
        model.kept.set(None);
        replay::open(model, kept.trace, false);
        model.resume(kept.checkpoint);
    };
    let discard = move |_| {
        model.kept.set(None);
        forget();
    };
    view! {
        <If when=live(move || model.kept.with(Option::is_some))>
            <div class="notice resume" role="status" id="resume-offer">
                <p prop:textContent=live(move || text().unwrap_or_default())></p>
                <button class="primary" id="resume" on:click=resume>{words::RESUME_IT}</button>
                <button class="quiet" on:click=discard>{words::DISCARD_IT}</button>
            </div>
        </If>
    }
}
