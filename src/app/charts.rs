//! The charts under the spheres: one x-axis, both arms in each.

use leptos::prelude::*;

use super::chart::{Chart, Plot, Series};
use super::model::Model;
use super::race::common_level;
use super::replay;
use super::turns::in_turn;
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
                <Chart title=words::KNN_ACCURACY help=Metric::Knn.help() plot=knn steps crosshair at table/>
            </If>
            <If when=in_turn(|| true)>
                <Chart title=words::NORM help=words::NORM_HELP plot=norms steps crosshair at table/>
            </If>
            {simple}
        </section>
    }
}
