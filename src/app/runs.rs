//! Earlier runs: ghost curves in the charts, and a table of how they differed.

use leptos::prelude::*;

use super::model::Model;
use super::state::{ArmState, Curves, PastRun};
use crate::config::{Experiment, differences};
use crate::metrics::Metric;
use crate::parts::live::{If, live};
use crate::text::number;
use crate::trace::subject;
use crate::words::playground::runs as words;

/// Earlier runs that are kept.
const MOST: usize = 8;
/// Steps below which a run is not worth keeping.
const SHORTEST: u32 = 10;

/// Keeps the run that now ends, if it got anywhere; its curves stay as ghosts until the next one.
pub fn keep(model: Model, experiment: &Experiment, steps: u32) {
    if steps < SHORTEST {
        return;
    }
    let curves = |arm: ArmState| Curves { history: arm.history.get_untracked(), losses: arm.losses.get_untracked() };
    let arms = model.arms.map(curves);
    model.runs.update(|runs| {
        for run in runs.iter_mut() {
            run.shown = false;
        }
        let id = runs.last().map_or(1, |run| run.id + 1);
        runs.push(PastRun { id, experiment: subject(experiment), steps, arms, shown: true });
        let surplus = runs.len().saturating_sub(MOST);
        runs.drain(..surplus);
    });
}

/// The table of earlier runs; nothing while there are none.
#[component]
pub fn Runs(model: Model) -> impl IntoView {
    let any = move || model.runs.with(|runs| !runs.is_empty());
    let rows = move || {
        let now = model.experiment.with(subject);
        model.runs.with(|runs| {
            runs.iter().rev().map(|run| view! { <Row model run=run.clone() now=now.clone()/> }).collect_view()
        })
    };
    view! {
        <If when=live(any)>
            <section class="runs" aria-label=words::EARLIER_RUNS>
                <h3>{words::EARLIER_RUNS}</h3>
                <div class="table">
                    <table>
                        <thead>
                            <tr><th>{words::GHOST}</th><th>{words::RUN}</th><th>{words::DIFFERS_FROM_NOW_BY}</th><th>{words::STEPS}</th><th>{words::KNN_A_B}</th><th>{words::MEDIAN_NORMS}</th><th></th></tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        </If>
    }
}

#[component]
fn Row(model: Model, run: PastRun, now: Experiment) -> impl IntoView {
    let id = run.id;
    let different = differences(&now, &run.experiment);
    let what = if different.is_empty() {
        words::NOTHING.to_owned()
    } else {
        different.iter().map(|(name, _, value)| words::setting(name, value)).collect::<Vec<_>>().join(", ")
    };
    let pair = |metric: Metric, factor: f64, digits: usize| {
        let one = |arm| run.last(arm, metric).map_or_else(|| "–".to_owned(), |value| number(value * factor, digits));
        format!("{}, {}", one(0), one(1))
    };
    let toggle = move |event| {
        let on = event_target_checked(&event);
        model.runs.update(|runs| runs.iter_mut().filter(|run| run.id == id).for_each(|run| run.shown = on));
    };
    let remove = move |_| model.runs.update(|runs| runs.retain(|run| run.id != id));
    let experiment = run.experiment.clone();
    let restore = move |_| model.change(|now| *now = with_looks(now, &experiment));
    view! {
        <tr>
            <td><input type="checkbox" aria-label=words::draw_ghost(id) prop:checked=run.shown on:change=toggle/></td>
            <td>{id}</td>
            <td class="what">{what}</td>
            <td>{run.steps}</td>
            <td>{pair(Metric::Knn, 100.0, 1)}</td>
            <td>{pair(Metric::NormQ50, 1.0, 2)}</td>
            <td class="acts">
                <button class="plain link" on:click=restore>{words::SET_AGAIN}</button>
                <button class="plain" aria-label=words::forget_run(id) on:click=remove>"×"</button>
            </td>
        </tr>
    }
}

/// What `run` trained, looking as the page does now.
pub fn with_looks(looks: &Experiment, run: &Experiment) -> Experiment {
    Experiment { run: run.run.clone(), view: looks.view.clone() }
}

/// Changes that were made while the run went on: the link alone does not repeat it.
#[component]
pub fn Changes(model: Model) -> impl IntoView {
    let text = move || {
        model.changes.with(|changes| {
            changes.iter().map(|(step, what)| words::change_at(step, what)).collect::<Vec<_>>().join("; ")
        })
    };
    view! {
        <If when=live(move || model.changes.with(|changes| !changes.is_empty()))>
            <p class="hint changes" role="status">{words::CHANGED}{text}{words::CHANGED_CLOSE}</p>
        </If>
    }
}

/// What changed between two experiments, in words, for one arm or both.
pub fn describe(before: &Experiment, after: &Experiment) -> String {
    differences(before, after)
        .iter()
        .map(|(name, old, new)| words::change(name, old, new))
        .collect::<Vec<_>>()
        .join(", ")
}
