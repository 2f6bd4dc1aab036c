//! The pages on which the reader does something: predicts, trains, compares.

use std::collections::HashMap;

use leptos::prelude::*;

use super::book::{Measure, Page};
use super::text::{Marked, Paragraphs};
use crate::figure::scale::number;
use crate::rooms::desk::Desk;
use crate::words::panels::lessons as words;

/// A question with its options; the explanation follows the choice.
#[component]
pub fn Predict(at: usize, page: Page, choices: RwSignal<HashMap<usize, usize>>) -> impl IntoView {
    let chosen = move || choices.with(|all| all.get(&at).copied());
    let answer = page.answer;
    let options = page
        .options
        .iter()
        .enumerate()
        .map(|(index, option)| {
            let text = option.clone();
            let class = move || match chosen() {
                Some(choice) if index == answer => {
                    if choice == index {
                        "option right chosen"
                    } else {
                        "option right"
                    }
                }
                Some(choice) if choice == index => "option wrong chosen",
                _ => "option",
            };
            let mark = move || match chosen() {
                Some(_) if index == answer => " ✓",
                Some(choice) if choice == index => " ✗",
                _ => "",
            };
            view! {
                <li>
                    <button
                        class=class
                        aria-pressed=move || (chosen() == Some(index)).to_string()
                        disabled=move || chosen().is_some_and(|choice| choice != index)
                        on:click=move |_| choices.update(|all| { all.entry(at).or_insert(index); })
                    >
                        <Marked text=text/><b>{mark}</b>
                    </button>
                </li>
            }
        })
        .collect_view();
    let why = page.why.clone();
    let verdict = move || {
        chosen().map(|choice| {
            let word = if choice == answer { words::AS_PREDICTED } else { words::NOT_SO };
            view! { <p class="why"><b>{word}</b><Marked text=why.clone()/></p> }
        })
    };
    view! {
        <p class="question"><Marked text=page.question.clone()/></p>
        <ul class="options">{options}</ul>
        <div role="status">{verdict}</div>
    }
}

/// Trains from step 0.
#[component]
pub fn Run(desk: Desk, page: Page) -> impl IntoView {
    let state = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let steps = page.steps;
    let locked = move || desk.experiment.with(|experiment| experiment.view.lock);
    let go = move |_| {
        busy.set(true);
        state.set(String::new());
        leptos::task::spawn_local(async move {
            let mut result = desk.say("reset", &[]).await;
            if result.is_ok() {
                result = desk.say("step", &[("steps", f64::from(steps).into())]).await;
            }
            let _ = busy.try_set(false);
            let _ = state.try_set(match result {
                Ok(()) => words::done(steps),
                Err(problem) => problem.to_string(),
            });
        });
    };
    view! {
        <Paragraphs text=page.text.clone()/>
        <div class="job-row">
            <button class="primary" id="lesson-run" disabled=move || busy.get() || locked() on:click=go>
                {move || if busy.get() { words::TRAINING.to_owned() } else { words::train(steps) }}
            </button>
            <span role="status">{move || if locked() { words::LOCKED.to_owned() } else { state.get() }}</span>
        </div>
    }
}

/// The reader's own numbers beside the ranges that were measured before.
#[component]
pub fn Reveal(desk: Desk, page: Page) -> impl IntoView {
    let changed = desk.evaluations();
    let rows = page
        .measure
        .iter()
        .map(|one| {
            let one = StoredValue::new(one.clone());
            let value = Memo::new(move |_| {
                changed.track();
                one.with_value(|one| measured(desk, one))
            });
            let digits = one.with_value(|one| one.digits);
            let (low, high) = one.with_value(|one| (one.low, one.high));
            // Shares are percentages here as on the rest of the page.
            let share = one.with_value(Measure::is_share);
            let (factor, digits, unit) =
                if share { (100.0, digits.saturating_sub(2), words::PERCENT) } else { (1.0, digits, "") };
            let shown = move |value: f64| number(factor * value, digits);
            let text = move || value.get().map_or_else(|| "–".to_owned(), |value| shown(value) + unit);
            let inside = move || value.get().map(|value| (low..=high).contains(&value));
            let mark = move || match inside() {
                Some(true) => words::AS_MEASURED_BEFORE,
                Some(false) => words::OUTSIDE_THE_RANGE,
                None => words::RUN_IT_FIRST,
            };
            let class = move || if inside() == Some(false) { "outside" } else { "" };
            view! {
                <tr class=class>
                    <th scope="row"><Marked text=one.with_value(|one| one.label.clone())/></th>
                    <td><b>{text}</b></td>
                    <td>{words::band(shown(low), shown(high), unit)}</td>
                    <td class="mark">{mark}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="measures">
            <thead><tr><th scope="col">{words::WHAT}</th><th scope="col">{words::YOUR_RUN}</th><th scope="col">{words::EXPECTED}</th><th scope="col"><span class="sr">{words::VERDICT}</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Paragraphs text=page.text.clone()/>
        <p class="hint"><Marked text=page.expect.clone()/></p>
    }
}

/// A measure's value in the run so far.
fn measured(desk: Desk, one: &Measure) -> Option<f64> {
    let value = |arm: &str| {
        let series = desk.series(arm, &one.metric);
        let pair = if one.at == "first" { series.first() } else { series.last() };
        pair.map(|(_, value)| *value)
    };
    // Before any step there is nothing to reveal.
    if one.at != "first" && desk.series("a", "loss").is_empty() {
        return None;
    }
    match one.ratio.as_str() {
        "b/a" => Some(value("b")? / value("a")?),
        "a/b" => Some(value("a")? / value("b")?),
        _ => value(&one.arm),
    }
}
