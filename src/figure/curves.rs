//! A training run's metrics as figures, both arms in each: what the page's charts show, to keep.

use super::{Axis, Figure, Kind, Role, Series};
use crate::config::{ArmId, Experiment, arm_label};
use crate::metrics::Metric;

/// Most intervals that are drawn for one arm, so that whiskers stay apart.
const MOST_INTERVALS: usize = 16;

/// A figure of one metric.
struct Simple {
    metric: Metric,
    name: &'static str,
    title: &'static str,
    y: &'static str,
    log: bool,
    factor: f64,
}

/// Reads `file name, title, y-axis, logarithmic, factor`.
const fn simple(
    metric: Metric,
    name: &'static str,
    title: &'static str,
    y: &'static str,
    log: bool,
    factor: f64,
) -> Simple {
    Simple { metric, name, title, y, log, factor }
}

const SIMPLE: [Simple; 8] = [
    simple(Metric::Knn, "knn", "kNN accuracy", "kNN accuracy, %", false, 100.0),
    simple(Metric::Loss, "loss", "Training loss", "loss", false, 1.0),
    simple(Metric::Spread, "spread", "Spread", "spread", false, 1.0),
    simple(Metric::EffectiveRank, "effective-rank", "Effective rank", "effective rank", false, 1.0),
    simple(Metric::Alignment, "alignment", "Alignment of two views", "alignment", false, 1.0),
    simple(Metric::OppositeShare, "opposite-share", "Pairs in opposite halves", "pairs, %", false, 100.0),
    simple(Metric::GradNorm, "gradient", "Gradient of one embedding", "gradient length", true, 1.0),
    simple(Metric::AngularStep, "angular-step", "Angular step", "angle, rad", true, 1.0),
];

/// The figures of a run of `experiment`. `series` gives an arm's metric as `[step, value]`, step by step, in the metric's own
/// unit; it may be empty, and a figure without any points is left out. Names: `curve-knn`, `curve-norm`, `curve-loss`, ...
pub fn figures(experiment: &Experiment, series: impl Fn(ArmId, Metric) -> Vec<[f64; 2]>) -> Vec<Figure> {
    let mut figures: Vec<Figure> = SIMPLE.iter().filter_map(|one| one.figure(experiment, &series)).collect();
    figures.extend(norms(experiment, &series));
    figures
}

/// (name, title) of every figure that there can be, in the order of [`figures`].
pub fn names() -> Vec<(String, &'static str)> {
    let simple = SIMPLE.iter().map(|one| (format!("curve-{}", one.name), one.title));
    simple.chain([("curve-norm".to_owned(), "Norm")]).collect()
}

fn role(id: ArmId) -> Role {
    match id {
        ArmId::A => Role::A,
        ArmId::B => Role::B,
    }
}

impl Simple {
    fn figure(&self, experiment: &Experiment, series: &impl Fn(ArmId, Metric) -> Vec<[f64; 2]>) -> Option<Figure> {
        let line = |id: ArmId| {
            let points = series(id, self.metric).into_iter().map(|[step, value]| [step, self.factor * value]);
            Series::line(arm_label(experiment, id), role(id), points)
        };
        let y = Axis { label: self.y.to_owned(), log: self.log };
        finish(self.name, self.title, self.metric.help(), y, ArmId::ALL.map(line).into())
    }
}

/// Median norms with the interval that holds 90 % of them.
fn norms(experiment: &Experiment, series: &impl Fn(ArmId, Metric) -> Vec<[f64; 2]>) -> Option<Figure> {
    let both = |id: ArmId| {
        let label = arm_label(experiment, id);
        let middle = series(id, Metric::NormQ50);
        let interval = whiskers(id, &label, &middle, &series(id, Metric::NormQ05), &series(id, Metric::NormQ95));
        [interval, Some(Series::line(label, role(id), middle))]
    };
    let all = ArmId::ALL.into_iter().flat_map(both).flatten().collect();
    let caption = "Median length |z| of the held-out embeddings, on a logarithmic axis; whiskers hold 90 % \
                   of them. Gradients go as 1/|z|.";
    finish("norm", "Norms of the embeddings", caption, Axis::log("|z|"), all)
}

/// Some of the intervals; the arms take turns, so that theirs don't cover each other.
fn whiskers(id: ArmId, label: &str, middle: &[[f64; 2]], low: &[[f64; 2]], high: &[[f64; 2]]) -> Option<Series> {
    let every = middle.len().div_ceil(MOST_INTERVALS).max(1);
    let rows = middle.iter().zip(low).zip(high).skip(id.index() * every / 2).step_by(every);
    let finite = rows.filter(|((middle, low), high)| [middle[1], low[1], high[1]].iter().all(|v| v.is_finite()));
    let (points, bounds): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
        finite.map(|((middle, low), high)| (*middle, [low[1], high[1]])).unzip();
    let label = format!("{label}, 5 % to 95 %");
    (!points.is_empty()).then_some(Series { label, kind: Kind::Band(bounds), role: role(id), points })
}

fn finish(name: &str, title: &str, caption: &str, y: Axis, series: Vec<Series>) -> Option<Figure> {
    let (name, title, caption) = (format!("curve-{name}"), title.to_owned(), caption.to_owned());
    let drawn = series.iter().any(|one| !one.points.is_empty());
    drawn.then_some(Figure { name, title, caption, x: Axis::linear("step"), y, series })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(id: ArmId, metric: Metric) -> Vec<[f64; 2]> {
        let scale = if id == ArmId::A { 1.0 } else { 2.0 };
        let value = match metric {
            Metric::Knn => 0.5,
            Metric::NormQ05 => scale,
            Metric::NormQ50 => 2.0 * scale,
            Metric::NormQ95 => 4.0 * scale,
            _ => return Vec::new(),
        };
        (0..40).map(|step| [f64::from(step), value]).collect()
    }

    #[test]
    fn what_was_measured_is_drawn_and_nothing_else() {
        let figures = figures(&Experiment::default(), series);
        assert_eq!(figures.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["curve-knn", "curve-norm"]);
        assert_eq!(figures[0].series[1].points[3], [3.0, 50.0]);
        assert_eq!(figures[0].series[1].label, "B: Norm-decoupled");
        assert_eq!(figures[0].series.iter().map(|one| one.role).collect::<Vec<_>>(), [Role::A, Role::B]);
    }

    #[test]
    fn the_arms_intervals_take_turns() {
        let figures = figures(&Experiment::default(), series);
        let whiskers: Vec<&Series> = figures[1].series.iter().filter(|one| matches!(one.kind, Kind::Band(_))).collect();
        assert!(whiskers.iter().all(|one| one.points.len() <= MOST_INTERVALS));
        let steps = |at: usize| whiskers[at].points.iter().map(|point| point[0] as u32).collect::<Vec<_>>();
        assert!(steps(0).iter().all(|step| !steps(1).contains(step)));
        assert_eq!(whiskers[1].kind, Kind::Band(vec![[2.0, 8.0]; whiskers[1].points.len()]));
    }
}
