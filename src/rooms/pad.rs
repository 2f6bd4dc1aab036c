//! A pad to draw an input on, and where it lands among known samples.
//!
//! ```text
//! ink       what is drawn, cell by cell
//! judge     the model that is asked: the reader's own, or the example's
//! drawing   the pad: gestures put ink on it, and the judge is asked
//! ```

mod drawing;
mod ink;
mod judge;

use leptos::prelude::*;

use super::example::Shown;
use super::figure::FigureView;
use super::job::Problem;
use super::lab::{Lab, Stage};
use crate::data::Ood;
use crate::figure::{Figure, Role, Series};
use crate::lab::{Answer, Placed};
use crate::parts::thumb::Thumb;
use crate::text::number;
use crate::words::rooms::pad as words;
use drawing::{Drawing, DrawingPad};
use judge::Judge;

/// The pad; its inputs go to the model of the reader's own study in `lab` once that is done, until then to the recorded example's.
#[component]
pub fn Pad(lab: Lab, shown: Shown, kind: RwSignal<Option<Ood>>) -> impl IntoView {
    let judge = Judge::new(lab, shown);
    let drawing = Drawing::new(judge);
    let unseen = move || {
        let unseen =
            judge.answer.with(|answer| answer.as_ref().map(|answer| answer.unseen.clone())).unwrap_or_default();
        (!unseen.is_empty()).then(|| words::unseen(&unseen))
    };
    view! {
        <section class="sheet" hidden=move || judge.side().is_none()>
            <h3>{words::DRAW_ONE_YOURSELF}</h3>
            <p class="hint">{words::PAD_HELP}{unseen}</p>
            <div class="pad">
                <DrawingPad drawing/>
                <div class="pad-side">
                    {move || state(judge, drawing).map(|text| view! { <p class="hint" role="status">{text}</p> })}
                    {move || answered(judge, kind.get())}
                    <Problem lab=judge.shipped/>
                </div>
            </div>
        </section>
    }
}

/// What the reader of a drawing waits for, or who answers it, where that is not plain.
fn state(judge: Judge, drawing: Drawing) -> Option<&'static str> {
    let placed = judge.placed().is_some();
    match (drawing.is_drawn(), placed) {
        (false, _) => None,
        (true, false) if matches!(judge.stage(), Stage::Failed(_)) => None,
        (true, false) => Some(words::COMING),
        (true, true) if judge.stands_in() => Some(words::SHIPPED_ANSWERS),
        (true, true) => None,
    }
}

/// Known samples and, once it is there, the answer.
fn answered(judge: Judge, kind: Option<Ood>) -> AnyView {
    let placed = judge.placed();
    let norm = placed.as_ref().map(|placed| placed.norm);
    let figure = judge.answer.with(|answer| marked(answer.as_ref()?, kind?, norm));
    let figure = figure.map(|figure| view! { <FigureView figure/> });
    match placed {
        Some(placed) => {
            let noun = if judge.is_own() { words::SAMPLES } else { words::DIGITS };
            view! { <Landing placed noun>{figure}</Landing> }.into_any()
        }
        None => view! { {figure} }.into_any(),
    }
}

/// The norms of known samples and outliers, with a mark where an input landed.
fn marked(answer: &Answer, kind: Ood, norm: Option<f64>) -> Option<Figure> {
    let wanted = format!("anomaly-norms-{}-projector", kind.key());
    let figure = answer.figures.iter().find(|figure| figure.name == wanted)?;
    let top = figure.series.iter().flat_map(|series| &series.points).map(|point| point[1]).fold(0.0, f64::max);
    let mark = norm.map(|norm| Series::line(words::YOUR_DRAWING, Role::Other(2), [[norm, 0.0], [norm, top]]));
    let title = if mark.is_some() { words::WHERE_IT_LANDED } else { words::WHERE_THEY_LIE }.to_owned();
    let series = figure.series.iter().cloned().chain(mark).collect();
    Some(Figure { name: "anomaly-pad".to_owned(), title, series, ..figure.clone() })
}

/// Where the last input landed: in words, then in numbers.
#[component]
fn Landing(placed: Placed, noun: &'static str, children: Children) -> impl IntoView {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let neighbours = placed
        .neighbours
        .into_iter()
        .map(|(class, cosine, picture)| {
            let thumb = picture.map(|picture| view! { <Thumb picture/> });
            view! { <li>{thumb}<span>{class}</span><small>{format!("{cosine:.2}")}</small></li> }
        })
        .collect_view();
    let (is_unusual, judged) = words::judged(placed.norm_rank, noun);
    view! {
        <p class="landing" class:unusual=is_unusual role="status">{judged}</p>
        {children()}
        <p class="hint">
            {words::NORM} {number(placed.norm, 2)}": " {percent(placed.norm_rank)}
            {words::SHORTER} {format!("{:.3}", placed.max_cosine)}": "
            {percent(placed.cosine_rank)} {words::FARTHER}
            {percent(placed.combined_rank)} ". " {words::THRESHOLDS}
        </p>
        <p class="near">{words::NEAREST}</p>
        <ul class="neighbours">{neighbours}</ul>
    }
}
