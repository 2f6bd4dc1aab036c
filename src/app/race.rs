//! Who is ahead, from when on that can be said, and what the end of a run means: the answer that the page is made for.

use leptos::prelude::*;

use super::chart::Series;
use super::model::Model;
use super::panels::PanelButton;
use super::{clipboard, replay};
use crate::config::{ArmId, Preset, Seen};
use crate::metrics::Metric;
use crate::parts::live::{If, live};
use crate::parts::panel::Panel;
use crate::words::playground::controls;
use crate::words::playground::race as words;

/// Share of the run before which nobody is ahead.
const BEGINNING: f64 = 0.2;
/// How far above its start an arm must be to be raced.
const RISE: f64 = 0.05;

/// The answer so far, and how far it can be trusted.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    /// In words.
    answer: String,
    /// What it means, or what is missing.
    detail: String,
}

/// The answer at the step that is shown; at the end of a run also what to do with it.
#[component]
pub fn Race(model: Model) -> impl IntoView {
    let steps = move || model.experiment.with(|experiment| experiment.run.steps);
    let standing = Memo::new(move |_| {
        let step = shown(model);
        describe(&ArmId::ALL.map(|arm| seen(model, arm, f64::from(step))), step, steps())
    });
    view! {
        <div class="race" role="status">
            <p class="standing" id="race" prop:textContent=live(move || standing.with(|standing| standing.answer.clone()))></p>
            <p class="detail" prop:textContent=live(move || standing.with(|standing| standing.detail.clone()))></p>
        </div>
    }
}

/// The step that is shown.
fn shown(model: Model) -> u32 {
    let end = replay::extent(model);
    model.replay.at.get().unwrap_or(end).min(end)
}

/// At the end of a run: what it means, and where to go from here. A figure ends with its answer.
#[component]
pub fn End(model: Model) -> impl IntoView {
    let steps = move || model.experiment.with(|experiment| experiment.run.steps);
    let ended = Memo::new(move |_| shown(model) > 0 && shown(model) >= steps());
    let plain = move || model.experiment.with(|experiment| experiment.view.embed) || model.offline.get_value();
    view! {
        <If when=live(move || ended.get() && !plain())>
            <Meaning model/>
        </If>
    }
}

/// What studies say about such a pair, and where to go from here.
#[component]
fn Meaning(model: Model) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| clipboard::copy_link(model, copied);
    let preset = Memo::new(move |_| model.experiment.with(Preset::matching));
    let study = move || preset.get().and_then(|preset| words::study(preset.name)).unwrap_or(words::ONE_RUN);
    let next = move || {
        let now = preset.get().map(|preset| preset.name);
        let others = words::NEXT.iter().filter(|name| Some(**name) != now).filter_map(|name| Preset::find(name));
        let link = |preset: &'static Preset| {
            let go = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                model.load_preset(preset);
            };
            view! { <a href=format!("?preset={}", preset.name) title=preset.reason on:click=go>{preset.title}</a> }
        };
        others.take(2).map(link).collect_view()
    };
    view! {
        <div class="at-the-end" id="result">
            <p prop:textContent=live(study)></p>
            <div class="acts">
                <span>{words::TRY_NEXT}</span>
                {next}
                <button class="quiet" on:click=copy>
                    <span role="status" prop:textContent=live(move || if copied.get() { controls::COPIED } else { controls::COPY_LINK })></span>
                </button>
                <PanelButton model panel=Panel::Export id="result-picture" name=words::PICTURE title=words::PICTURE_HELP/>
            </div>
        </div>
    }
}

/// What an arm has shown up to a step.
pub fn seen(model: Model, arm: ArmId, until: f64) -> Seen {
    let state = model.arms[arm.index()];
    let series = |metric: Metric| {
        let mut series = state.series(metric);
        series.retain(|(step, _)| *step <= until);
        series
    };
    Seen {
        knn: series(Metric::Knn),
        spread: series(Metric::Spread),
        rank: series(Metric::EffectiveRank),
        classes: model.data.with(|data| data.as_ref().map_or(0, |data| data.classes.len())),
        norm: series(Metric::NormQ50),
        stopped: state.stopped.with(|why| why.as_ref().map(|why| why.0)).filter(|step| f64::from(*step) <= until),
        dim: model.experiment.with(|experiment| experiment.arm(arm).dim),
    }
}

/// The highest whole percent that both arms have reached.
pub fn common_level(lines: [&Series; 2]) -> Option<f64> {
    let best = |line: &Series| line.iter().map(|(_, y)| *y).fold(f64::MIN, f64::max);
    let start = lines.iter().filter_map(|line| line.first()).map(|(_, y)| *y).fold(f64::MIN, f64::max);
    let level = (best(lines[0]).min(best(lines[1])) * 100.0 + 1e-9).floor() / 100.0;
    (level > start && start > f64::MIN).then_some(level)
}

/// Who is ahead at `step` of `steps` of this run of one seed; or why that can't be said.
fn describe(arms: &[Seen; 2], step: u32, steps: u32) -> Standing {
    let say = |answer: String, detail: &str| Standing { answer, detail: detail.to_owned() };
    let first_word = (BEGINNING * f64::from(steps)).ceil();
    if f64::from(step) < first_word {
        return say(words::too_early(first_word), words::WATCH);
    }
    let over = step >= steps;
    let failure = |(arm, seen): (ArmId, &Seen)| Some(words::failed(arm.letter(), seen.standing().failure()?));
    let failures: Vec<String> = ArmId::ALL.into_iter().zip(arms).filter_map(failure).collect();
    if !failures.is_empty() {
        return say(words::no_race(failures.join(", ")), "");
    }
    if arms.iter().all(|seen| seen.classes == 0) {
        return say(words::NO_CLASSES.to_owned(), words::NO_CLASSES_HELP);
    }
    let lines = [&arms[0].knn, &arms[1].knn];
    let nobody = || say(words::nobody(over).to_owned(), words::RISE_IS_MISSING);
    if arms.iter().any(|seen| seen.rise() < RISE) {
        return nobody();
    }
    let Some(level) = common_level(lines) else { return nobody() };
    let first = |line: &Series| line.iter().find(|(_, y)| *y >= level).map(|(step, _)| *step);
    let (Some(a), Some(b)) = (first(lines[0]), first(lines[1])) else { return nobody() };
    let percent = level * 100.0;
    if a == b {
        return say(words::level(percent, a), words::ONE_SEED);
    }
    let (arm, [soon, late]) = if b < a { ("B", [b, a]) } else { ("A", [a, b]) };
    let other = if b < a { "A" } else { "B" };
    let detail = words::sooner(late / soon.max(1.0));
    Standing { answer: words::ahead(arm, other, percent, soon, late, over), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(knn: &[f64]) -> Seen {
        let knn: Vec<(f64, f64)> = knn.iter().enumerate().map(|(at, value)| (10.0 * at as f64, *value)).collect();
        let same = |value: f64| knn.iter().map(|(step, _)| (*step, value)).collect();
        Seen { spread: same(0.2), norm: same(2.0), knn, dim: 16, classes: 10, ..Seen::default() }
    }

    fn answer(arms: &[Seen; 2], step: u32) -> String {
        describe(arms, step, 20).answer
    }

    #[test]
    fn the_race_is_told_as_it_was() {
        let (a, b) = (arm(&[0.7, 0.8, 0.91]), arm(&[0.7, 0.92, 0.93]));
        assert_eq!(common_level([&a.knn, &b.knn]), Some(0.91));
        let told = describe(&[a.clone(), b.clone()], 20, 20);
        assert_eq!(told.answer, "B was sooner: kNN 91 % at step 10, A at step 20");
        assert!(told.detail.starts_with("2.0 times sooner"), "{told:?}");
        assert_eq!(describe(&[b.clone(), a.clone()], 20, 40).answer, "A is ahead: kNN 91 % at step 10, B at step 20");
        assert_eq!(answer(&[b.clone(), b], 20), "A and B are level: both kNN 93 % at step 20");
    }

    #[test]
    fn nobody_is_ahead_in_the_beginning_or_without_a_rise() {
        let (a, b) = (arm(&[0.7, 0.8, 0.91]), arm(&[0.7, 0.92, 0.93]));
        assert_eq!(answer(&[a.clone(), b], 3), "Who gets ahead? That can be said from step 4 on.");
        for other in [arm(&[0.7]), arm(&[]), arm(&[0.7, 0.9, 0.74])] {
            assert_eq!(answer(&[a.clone(), other], 20), "Nobody got ahead.");
        }
    }

    #[test]
    fn without_classes_there_is_no_race() {
        let bare = Seen { classes: 0, knn: Vec::new(), ..arm(&[0.7, 0.8]) };
        assert_eq!(answer(&[bare.clone(), bare], 20), "No race: these samples have no classes.");
    }

    #[test]
    fn an_arm_that_failed_is_named_and_not_raced() {
        let a = arm(&[0.7, 0.8, 0.91]);
        let race = |b: Seen| answer(&[a.clone(), b], 20);
        let away = Seen { norm: vec![(0.0, 2.8), (20.0, 13_325_643_776.0)], ..a.clone() };
        assert_eq!(race(away), "No race: arm B ran away (median norm 1.3e10).");
        let flat = Seen { spread: vec![(0.0, 0.2), (20.0, 0.001)], ..a.clone() };
        assert_eq!(race(flat), "No race: arm B collapsed.");
        assert_eq!(race(arm(&[0.7, 0.9, 0.6])), "No race: arm B is below its start.");
        assert_eq!(race(Seen { stopped: Some(15), ..a.clone() }), "No race: arm B diverged at step 15.");
    }

    #[test]
    fn what_the_end_of_a_run_offers_are_presets() {
        for name in words::NEXT {
            assert!(Preset::find(name).is_some(), "{name}");
        }
    }
}
