//! Anomalies: what tells unseen classes, noise and corruptions from known samples, and whether the norm does. The gallery and the
//! drawing pad come first; a recorded example stands there until the reader's own study has something to show.

use leptos::prelude::*;

use super::answer::Documents;
use super::desk::Desk;
use super::example::{Mark, Shown};
use super::figure::FigureView;
use super::job::{facts, question};
use super::lab::Lab;
use super::pad::Pad;
use super::sheet::SheetView;
use super::study::{Size, SizeInputs, StudyBar, arm_b, base};
use crate::config::url;
use crate::data::Ood;
use crate::lab::{Answer, GalleryItem};
use crate::parts::segmented::Segmented;
use crate::parts::thumb::Thumb;
use crate::studies::Job;
use crate::studies::anomaly::Options;
use crate::studies::variant::Variant;
use crate::text::number;
use crate::words::rooms::anomalies as words;

/// What is looked at: one kind of outliers and one output of the model at a time.
#[derive(Clone, Copy)]
struct Look {
    kind: RwSignal<Option<Ood>>,
    features: RwSignal<&'static str>,
}

/// The room.
#[component]
pub fn Anomalies(desk: Desk) -> impl IntoView {
    let lab = Lab::new();
    let shown = Shown::new("anomalies", lab);
    let size = Size::new(2, 200);
    let look = Look { kind: RwSignal::new(Some(Ood::Unseen)), features: RwSignal::new("projector") };
    let variants = move || {
        let base = base(desk, size);
        let mut variants = vec![Variant::new(words::ARM_A, &[])];
        variants.extend(arm_b(&base, words::ARM_B));
        (base, variants)
    };
    let job = move |checkpoint: Vec<u8>| {
        let (base, variants) = variants();
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
    let models = Signal::derive(move || {
        desk.experiment.track();
        variants().1.len() as f64
    });
    // The kinds that the data has; what is looked at stays, where it can.
    let kinds = Memo::new(move |_| shown.answer().map(|answer| kinds_of(&answer)).unwrap_or_default());
    Effect::new(move |_| {
        let kinds = kinds.get();
        if !look.kind.get_untracked().is_some_and(|kind| kinds.contains(&kind)) {
            look.kind.set(kinds.first().copied());
        }
    });
    view! {
        <section class="room anomalies" aria-label=words::ANOMALIES>
            {question(words::QUESTION, words::INTRO)}
            <Mark shown/>
            <div class="first">
                <Pad lab shown kind=look.kind/>
                {move || shown.answer().map(|answer| view! { <Gallery answer kinds=kinds.get() look/> })}
            </div>
            <div class="source">
                <h3>{words::RUN_IT_YOURSELF}</h3>
                <SizeInputs desk size id="anomaly"/>
                <StudyBar desk lab name=words::TRAIN_AND_MEASURE size models job/>
            </div>
            {move || shown.answer().map(|answer| view! { <Found answer look/> })}
        </section>
    }
}

/// The kinds of outliers that an answer draws.
fn kinds_of(answer: &Answer) -> Vec<Ood> {
    let is_drawn = |kind: &Ood| answer.figures.iter().any(|figure| figure.name.contains(&format!("-{}-", kind.key())));
    Ood::ALL.into_iter().filter(is_drawn).collect()
}

/// The answer without its gallery.
#[component]
fn Found(answer: Answer, look: Look) -> impl IntoView {
    let Answer { figures, sheets, json, .. } = answer;
    let (sheets, gains): (Vec<_>, Vec<_>) = sheets.into_iter().partition(|sheet| sheet.name.contains("auroc"));
    let Look { kind, features } = look;
    let drawn = move || {
        let ending = kind.get().map_or_else(String::new, |kind| format!("-{}-{}", kind.key(), features.get()));
        let chosen = figures.iter().filter(|figure| !ending.is_empty() && figure.name.ends_with(&ending)).cloned();
        chosen.map(|figure| view! { <FigureView figure/> }).collect_view()
    };
    let tables = move || {
        let chosen = sheets.iter().filter(|sheet| sheet.name.ends_with(features.get())).cloned();
        chosen.map(|sheet| view! { <SheetView sheet/> }).collect_view()
    };
    let lines = answer.summary.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let gains = gains.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
    view! {
        <div class="answer">
            <p class="verdict">{answer.verdict}</p>
            <p class="hint">{words::AUROC_HELP}</p>
            <div class="job-row">
                <Segmented
                    label=words::OUTPUT_OF_THE_MODEL
                    options=vec![("projector", words::EMBEDDING_Z), ("backbone", words::ENCODER_FEATURES_H)]
                    value=features
                    pick=move |key| features.set(if key == "backbone" { "backbone" } else { "projector" })
                />
            </div>
            <div class="figures">{drawn}</div>
            {facts(answer.numbers)}
            {tables}
            {gains}
            <ul class="summary">{lines}</ul>
            <Documents file=Signal::derive(|| "normscope-anomalies".to_owned()) json html=String::new()/>
        </div>
    }
}

/// Known samples and outliers of one kind, from the smallest norm up.
#[component]
fn Gallery(answer: Answer, kinds: Vec<Ood>, look: Look) -> impl IntoView {
    let Answer { gallery: shots, unseen, .. } = answer;
    let is_empty = shots.is_empty();
    let kind = look.kind;
    let listed = move || {
        let chosen = shots.iter().filter(|shot| shot.kind.is_none() || shot.kind == kind.get()).cloned();
        chosen.map(|shot| view! { <Shot shot/> }).collect_view()
    };
    let options = kinds
        .into_iter()
        .map(|one| view! { <option value=one.key() selected=move || kind.get() == Some(one)>{one.label()}</option> })
        .collect_view();
    let help = move || {
        let never = (kind.get() == Some(Ood::Unseen) && !unseen.is_empty()).then(|| words::never_seen(&unseen));
        format!("{}{}", words::FRAMED_HELP, never.unwrap_or_default())
    };
    view! {
        <section class="sheet">
            <div class="job-row gallery-head">
                <h3>{words::SMALLEST_FIRST}</h3>
                <label class="short"><span>{words::OUTLIERS}</span>
                    <select id="anomaly-kind" on:change=move |event| kind.set(Ood::parse(&event_target_value(&event)))>{options}</select>
                </label>
            </div>
            <p class="hint" hidden=is_empty>{help}</p>
            <ol class="gallery" hidden=is_empty>{listed}</ol>
        </section>
    }
}

/// A picture of the gallery with its norm.
#[component]
fn Shot(shot: GalleryItem) -> impl IntoView {
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
}
