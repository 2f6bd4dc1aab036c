//! Anomalies: what tells unseen classes, noise and corruptions from known samples, and whether the norm does.

use leptos::prelude::*;

use super::desk::Desk;
use super::figure::FigureView;
use super::job::{facts, question};
use super::lab::Lab;
use super::pad::Pad;
use super::sheet::SheetView;
use super::study::{Size, SizeInputs, StudyBar, arm_b, base};
use crate::config::url;
use crate::data::Ood;
use crate::lab::{Answer, GalleryItem};
use crate::parts::files::save;
use crate::parts::segmented::Segmented;
use crate::parts::thumb::Thumb;
use crate::studies::Job;
use crate::studies::anomaly::Options;
use crate::studies::variant::Variant;
use crate::text::number;
use crate::words::rooms::anomalies as words;

/// The room.
#[component]
pub fn Anomalies(desk: Desk) -> impl IntoView {
    let lab = Lab::new();
    let size = Size::new(2, 200);
    let job = move |checkpoint: Vec<u8>| {
        let base = base(desk, size);
        let mut variants = vec![Variant::new(words::ARM_A, &[])];
        variants.extend(arm_b(&base, words::ARM_B));
        let options = Options {
            base: url::encode(&base),
            variants,
            seeds: size.seeds(desk),
            steps: size.steps.get_untracked() as u32,
            ..Options::quick()
        };
        Job::Anomaly {
            options,
            checkpoint,
            device: desk.experiment.with_untracked(|experiment| experiment.view.device),
        }
    };
    view! {
        <section class="room anomalies" aria-label=words::ANOMALIES>
            {question(words::QUESTION, words::INTRO)}
            <div class="source">
                <SizeInputs desk size id="anomaly"/>
                <StudyBar desk lab name=words::TRAIN_AND_MEASURE job/>
            </div>
            {move || lab.answer.get().map(|answer| view! { <Found answer/> })}
            <Show when=move || lab.answer.with(|answer| answer.as_ref().is_some_and(|answer| !answer.gallery.is_empty()))>
                <Pad lab/>
            </Show>
        </section>
    }
}

/// The answer: one kind of outliers and one output of the model at a time.
#[component]
fn Found(answer: Answer) -> impl IntoView {
    let kinds: Vec<Ood> = Ood::ALL
        .into_iter()
        .filter(|kind| answer.figures.iter().any(|figure| figure.name.contains(&format!("-{}-", kind.key()))))
        .collect();
    let kind = RwSignal::new(kinds.first().copied());
    let features = RwSignal::new("projector");
    let Answer { figures, sheets, gallery, json, .. } = answer;
    let (sheets, gains): (Vec<_>, Vec<_>) = sheets.into_iter().partition(|sheet| sheet.name.contains("auroc"));
    let drawn = move || {
        let ending = kind.get().map_or_else(String::new, |kind| format!("-{}-{}", kind.key(), features.get()));
        let chosen = figures.iter().filter(|figure| !ending.is_empty() && figure.name.ends_with(&ending)).cloned();
        chosen.map(|figure| view! { <FigureView figure/> }).collect_view()
    };
    let tables = move || {
        let chosen = sheets.iter().filter(|sheet| sheet.name.ends_with(features.get())).cloned();
        chosen.map(|sheet| view! { <SheetView sheet/> }).collect_view()
    };
    let options =
        kinds.into_iter().map(|kind| view! { <option value=kind.key()>{kind.label()}</option> }).collect_view();
    let lines = answer.summary.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let gains = gains.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
    let keep = move |_| save("normscope-anomalies.json", "application/json", json.as_bytes());
    view! {
        <div class="answer">
            <p class="verdict">{answer.verdict}</p>
            {facts(answer.numbers)}
            <div class="job-row">
                <label class="short"><span>{words::OUTLIERS}</span>
                    <select id="anomaly-kind" on:change=move |event| kind.set(Ood::parse(&event_target_value(&event)))>{options}</select>
                </label>
                <Segmented
                    label=words::OUTPUT_OF_THE_MODEL
                    options=vec![("projector", words::EMBEDDING_Z), ("backbone", words::ENCODER_FEATURES_H)]
                    value=features
                    pick=move |key| features.set(if key == "backbone" { "backbone" } else { "projector" })
                />
            </div>
            <div class="figures">{drawn}</div>
            {tables}
            {gains}
            <Gallery shots=gallery kind/>
            <ul class="summary">{lines}</ul>
            <button class="quiet" on:click=keep>{words::SAVE_NUMBERS_JSON}</button>
        </div>
    }
}

/// Known samples and outliers of one kind, from the smallest norm up.
#[component]
fn Gallery(shots: Vec<GalleryItem>, kind: RwSignal<Option<Ood>>) -> impl IntoView {
    let is_empty = shots.is_empty();
    let shown = move || {
        let chosen = shots.iter().filter(|shot| shot.kind.is_none() || shot.kind == kind.get()).cloned();
        chosen
            .map(|shot| {
                let (class, what) = match shot.kind {
                    Some(kind) => ("outside", kind.label()),
                    None => ("", words::KNOWN),
                };
                let norm = number(shot.norm.into(), 1);
                view! {
                    <li class=class title=what>
                        <Thumb picture=shot.picture/>
                        <small>{norm}</small>
                        <span class="sr">{what}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section class="sheet" hidden=is_empty>
            <h4>{words::SMALLEST_FIRST}</h4>
            <p class="hint">{words::FRAMED_HELP}</p>
            <ol class="gallery">{shown}</ol>
        </section>
    }
}
