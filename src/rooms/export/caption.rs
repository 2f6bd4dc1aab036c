//! What a picture of the spheres says of them.

use leptos::prelude::*;

use super::link::permalink;
use crate::config::ArmId;
use crate::config::choices::Choice;
use crate::metrics::Metric;
use crate::rooms::desk::Desk;
use crate::words::panels::export as words;

/// The lines under a sphere: the step of the picture and what was measured then; how much of the embeddings is drawn.
pub fn captions(desk: Desk, arm: ArmId, step: u32) -> Vec<String> {
    let at = |metric: Metric| value_at(&desk.series(arm.key(), metric.name()), step);
    let dim = desk.experiment.with_untracked(|experiment| experiment.arm(arm).dim);
    let first = words::caption(step, at(Metric::Knn).map(|knn| 100.0 * knn), at(Metric::NormQ50));
    let drawn = at(Metric::DrawnShare).filter(|_| dim > 3).map(|share| words::drawn(dim, 100.0 * share));
    std::iter::once(first).chain(drawn).collect()
}

/// The value of the last evaluation that is not after `step`.
fn value_at(series: &[(f64, f64)], step: u32) -> Option<f64> {
    series.iter().take_while(|(at, _)| *at <= f64::from(step)).last().map(|(_, value)| *value)
}

/// What was trained, over all.
pub fn title(desk: Desk) -> String {
    desk.experiment.with_untracked(|experiment| {
        let run = &experiment.run;
        words::title(run.method.label(), run.data.label(), run.seed)
    })
}

/// What a picture says of its run, below all: what was trained, its seed and its link.
pub fn source(desk: Desk) -> String {
    desk.experiment.with_untracked(|experiment| {
        words::source(
            experiment.run.method.label(),
            experiment.run.data.label(),
            experiment.run.seed,
            permalink(experiment),
        )
    })
}
