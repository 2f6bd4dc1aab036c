//! The charts under the spheres: one x-axis, both arms in each.

use leptos::prelude::*;

use super::chart::{Chart, Plot, Series};
use super::model::Model;
use super::replay;
use super::turns::in_turn;
use crate::config::{ArmId, Seen};
use crate::metrics::Metric;
use crate::parts::live::{If, live};
use crate::words::playground::charts as words;

/// A chart of one metric.
struct Simple {
    metric: Metric,
    log: bool,
    factor: f64,
    title: &'static str,
}

const SIMPLE: [Simple; 4] = [
    Simple { metric: Metric::Loss, log: false, factor: 1.0, title: words::LOSS },
    Simple { metric: Metric::Spread, log: false, factor: 1.0, title: words::SPREAD_0_COLLAPSED },
    Simple { metric: Metric::AngularStep, log: true, factor: 1.0, title: words::ANGULAR_STEP_RAD },
    Simple { metric: Metric::OppositeShare, log: false, factor: 100.0, title: words::PAIRS_IN_OPPOSITE_HALVES },
];

/// All charts.
#[component]
pub fn Charts(model: Model) -> impl IntoView {
    let crosshair = RwSignal::new(None::<f64>);
    let at = model.replay.at;
    // The charts point at the step that the spheres show.
    Effect::new(move |_| crosshair.set(model.replay.at.get().map(f64::from)));
    let steps = Signal::derive(move || {
        let done = replay::extent(model);
        // The axis grows in halves of the run, so that short runs are not squeezed into a corner.
        let whole = model.experiment.with(|experiment| experiment.run.steps);
        let mut shown = whole;
        while shown >= 40 && shown / 2 >= done.max(10) {
            shown /= 2;
        }
        f64::from(shown)
    });
    let table = RwSignal::new(false);
    let series = move |metric: Metric| [0, 1].map(|i| model.arms[i].series(metric));
    let ghosts = move |metric: Metric| {
        model.runs.with(|runs| {
            runs.iter().filter(|run| run.shown).map(|run| [0, 1].map(|arm| run.series(arm, metric))).collect::<Vec<_>>()
        })
    };
    let knn = Signal::derive(move || {
        let lines = series(Metric::Knn);
        let level = common_level([&lines[0], &lines[1]]);
        Plot { lines, ghosts: ghosts(Metric::Knn), level, factor: 100.0, ..Plot::default() }
    });
    let race = Signal::derive(move || {
        let steps = model.experiment.with(|experiment| experiment.run.steps);
        let share = f64::from(replay::extent(model)) / f64::from(steps.max(1));
        describe_race(&ArmId::ALL.map(|arm| seen(model, arm, f64::INFINITY)), share)
    });
    let norms = Signal::derive(move || {
        let [low, high] = [Metric::NormQ05, Metric::NormQ95].map(series);
        let bands = low.into_iter().zip(high).collect::<Vec<(Series, Series)>>().try_into().ok();
        let ghosts = ghosts(Metric::NormQ50);
        Plot { lines: series(Metric::NormQ50), ghosts, bands, log: true, factor: 1.0, ..Plot::default() }
    });
    let simple = SIMPLE
        .iter()
        .map(|one| {
            let plot = Signal::derive(move || Plot {
                lines: series(one.metric),
                ghosts: ghosts(one.metric),
                log: one.log,
                factor: one.factor,
                ..Plot::default()
            });
            view! {
                <If when=in_turn(|| true)>
                    <Chart title=one.title help=one.metric.help() plot steps crosshair at table/>
                </If>
            }
        })
        .collect_view();
    view! {
        <section class="charts" aria-label=words::CHARTS>
            <button
                class="quiet tables"
                id="tables"
                aria-pressed=live(move || table.get().to_string())
                on:click=move |_| table.update(|on| *on = !*on)
                prop:textContent=live(move || if table.get() { words::CURVES } else { words::NUMBERS })
            ></button>
            <If when=in_turn(|| true)>
                <Chart title=words::KNN_ACCURACY help=Metric::Knn.help() plot=knn steps crosshair at table note=race/>
            </If>
            <If when=in_turn(|| true)>
                <Chart title=words::NORM help=words::NORM_HELP plot=norms steps crosshair at table/>
            </If>
            {simple}
        </section>
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

/// Share of the run before which nobody is ahead.
const BEGINNING: f64 = 0.2;
/// How far above its start an arm must be to be raced.
const RISE: f64 = 0.05;

/// The highest whole percent that both arms have reached.
fn common_level(lines: [&Series; 2]) -> Option<f64> {
    let best = |line: &Series| line.iter().map(|(_, y)| *y).fold(f64::MIN, f64::max);
    let start = lines.iter().filter_map(|line| line.first()).map(|(_, y)| *y).fold(f64::MIN, f64::max);
    let level = (best(lines[0]).min(best(lines[1])) * 100.0 + 1e-9).floor() / 100.0;
    (level > start && start > f64::MIN).then_some(level)
}

/// Who reached the common level when, in this run of one seed, of which `share` is over; or why that says nothing.
fn describe_race(arms: &[Seen; 2], share: f64) -> String {
    if share < BEGINNING {
        return String::new();
    }
    let failure = |(arm, seen): (ArmId, &Seen)| Some(words::failed(arm.letter(), seen.standing().failure()?));
    let failures: Vec<String> = ArmId::ALL.into_iter().zip(arms).filter_map(failure).collect();
    if !failures.is_empty() {
        return words::no_race(failures.join(", "));
    }
    let lines = [&arms[0].knn, &arms[1].knn];
    if arms.iter().any(|seen| seen.rise() < RISE) {
        return String::new();
    }
    let Some(level) = common_level(lines) else { return String::new() };
    let first = |line: &Series| line.iter().find(|(_, y)| *y >= level).map(|(step, _)| *step);
    let (Some(a), Some(b)) = (first(lines[0]), first(lines[1])) else { return String::new() };
    let ratio = match () {
        () if a == b => words::THE_SAME.to_owned(),
        () if b < a => words::sooner("B", a / b.max(1.0)),
        () => words::sooner("A", b / a.max(1.0)),
    };
    words::reached(level * 100.0, a, b, &ratio, share < 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(knn: &[f64]) -> Seen {
        let knn: Vec<(f64, f64)> = knn.iter().enumerate().map(|(at, value)| (10.0 * at as f64, *value)).collect();
        let same = |value: f64| knn.iter().map(|(step, _)| (*step, value)).collect();
        Seen { spread: same(0.2), norm: same(2.0), knn, dim: 16, ..Seen::default() }
    }

    #[test]
    fn the_race_is_told_as_it_was() {
        let (a, b) = (arm(&[0.7, 0.8, 0.91]), arm(&[0.7, 0.92, 0.93]));
        assert_eq!(common_level([&a.knn, &b.knn]), Some(0.91));
        let told = describe_race(&[a.clone(), b.clone()], 1.0);
        assert!(told.contains("reached: A at step 20, B at step 10 (B 2.0× sooner"), "{told}");
        assert!(describe_race(&[a, b], 0.5).contains("reached so far:"));
    }

    #[test]
    fn nobody_is_ahead_in_the_beginning_or_without_a_rise() {
        let (a, b) = (arm(&[0.7, 0.8, 0.91]), arm(&[0.7, 0.92, 0.93]));
        assert_eq!(describe_race(&[a.clone(), b], 0.19), "");
        for other in [arm(&[0.7]), arm(&[]), arm(&[0.7, 0.9, 0.74])] {
            assert_eq!(describe_race(&[a.clone(), other], 1.0), "");
        }
    }

    #[test]
    fn an_arm_that_failed_is_named_and_not_raced() {
        let a = arm(&[0.7, 0.8, 0.91]);
        let race = |b: Seen| describe_race(&[a.clone(), b], 1.0);
        let away = Seen { norm: vec![(0.0, 2.8), (20.0, 13_325_643_776.0)], ..a.clone() };
        assert_eq!(race(away), "No race: arm B ran away (median norm 1.3e10).");
        let flat = Seen { spread: vec![(0.0, 0.2), (20.0, 0.001)], ..a.clone() };
        assert_eq!(race(flat), "No race: arm B collapsed.");
        assert_eq!(race(arm(&[0.7, 0.9, 0.6])), "No race: arm B is below its start.");
        assert_eq!(race(Seen { stopped: Some(15), ..a.clone() }), "No race: arm B diverged at step 15.");
    }
}
