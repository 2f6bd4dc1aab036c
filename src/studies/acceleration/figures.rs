//! A report as figures: how much faster each variant is, what the learning rate does to it, how its accuracy rises.
//!
//! The page and the SVG writer draw the same ones, in the order in which they are read.

use super::cell::Cell;
use super::estimate::Estimate;
use super::report::{Final, GridCell, Level, Report};
use crate::figure::{Axis, Figure, Kind, Role, Series};
use crate::metrics::stats::median;
use crate::studies::intervals::FEWEST;

/// Share of the gap between two levels that the variants are spread over.
const SPREAD: f64 = 0.6;
/// How far beyond the largest (or smallest) number an open interval is drawn, as a factor.
const BEYOND: f64 = 1.25;

/// The figures that the report has numbers for; none before its first seed is done.
///
/// - `acceleration-ratios`: the standard's steps over each variant's at their own best rates, with intervals, by level
/// - `acceleration-steps-N` for each level of N percent: steps against learning rate
/// - `acceleration-accuracy`: final kNN accuracy against learning rate
/// - `acceleration-curves`: kNN accuracy against steps, each variant at its strongest rate
///
/// The two kinds over learning rates are there when a variant was trained with more than one.
pub fn figures(report: &Report) -> Vec<Figure> {
    let several = report.options.rates.values().len() > 1;
    let mut figures: Vec<Figure> = ratios(report).into_iter().collect();
    if several {
        figures.extend(report.levels.iter().enumerate().filter_map(|(at, level)| steps(report, at, level)));
        figures.extend(accuracy(report));
    }
    figures.extend(curves(report));
    figures
}

/// What a variant is drawn as; `compare` names its variants after the arms.
fn role(report: &Report, variant: &str) -> Role {
    match variant {
        "A" => Role::A,
        "B" => Role::B,
        _ => {
            let at = report.options.variants.iter().position(|one| one.name == variant).unwrap_or_default();
            Role::Other(u8::try_from(at).unwrap_or(u8::MAX))
        }
    }
}

/// A line, or a mark where a line would have no length.
fn curve(report: &Report, variant: &str, points: Vec<[f64; 2]>) -> Option<Series> {
    let role = role(report, variant);
    match points.len() {
        0 => None,
        1 => Some(Series::marks(variant, role, points)),
        _ => Some(Series::line(variant, role, points)),
    }
}

/// "5 seeds", "1 seed".
fn seeds(report: &Report) -> String {
    let n = report.seeds.len();
    format!("{n} seed{}", if n == 1 { "" } else { "s" })
}

fn figure(name: &str, title: &str, caption: String, axes: [Axis; 2], series: Vec<Series>) -> Option<Figure> {
    let [x, y] = axes;
    let (name, title) = (name.to_owned(), title.to_owned());
    (!series.is_empty()).then_some(Figure { name, title, caption, x, y, series })
}

/// The headline: ratios with intervals, level by level.
fn ratios(report: &Report) -> Option<Figure> {
    let standard = report.options.variants.first()?.name.as_str();
    let others: Vec<&str> = report.options.variants.iter().skip(1).map(|variant| variant.name.as_str()).collect();
    let ends = Ends::of(report, standard);
    let mut open = false;
    let mut series: Vec<Series> = Vec::new();
    for (at, variant) in others.iter().enumerate() {
        let shift = place(report, at, others.len());
        let (mut points, mut bounds) = (Vec::new(), Vec::new());
        for outcome in report.outcomes.iter().filter(|outcome| outcome.variant == *variant) {
            let Some(value) = outcome.best_rate.value else { continue };
            let (interval, is_open) = ends.interval(outcome.best_rate, value);
            open |= is_open;
            points.push([outcome.fraction + shift, value]);
            bounds.push(interval);
        }
        if !points.is_empty() {
            let role = role(report, variant);
            series.push(Series { label: (*variant).to_owned(), kind: Kind::Band(bounds), role, points });
        }
    }
    if series.is_empty() {
        return None;
    }
    series.insert(0, Series::line(format!("as fast as {standard}"), Role::Predicted, ends.across.map(|x| [x, 1.0])));
    let rates = if report.options.rates.values().len() > 1 { "each at its own best rate" } else { "at its one rate" };
    let mut caption = format!(
        "Median steps of {standard} over median steps of each variant, {rates}, {}; above 1 the variant is faster. {}; \
         variants stand side by side around their level.",
        seeds(report),
        if report.seeds.len() < FEWEST {
            "So few seeds have no intervals"
        } else {
            "Whiskers: 95 % bootstrap intervals over seeds"
        }
    );
    if open {
        caption
            .push_str(" Whiskers that reach the upper or lower end of the figure are open: some runs did not arrive.");
    }
    let axes = [
        Axis::linear("level, as a share of the standard's way from untrained to its best accuracy"),
        Axis::log("times fewer steps than the standard"),
    ];
    figure("acceleration-ratios", "Steps to the same accuracy", caption, axes, series)
}

/// How far a variant stands beside its level, so that intervals don't cover each other.
fn place(report: &Report, at: usize, variants: usize) -> f64 {
    let mut fractions: Vec<f64> = report.levels.iter().map(|level| level.fraction).collect();
    fractions.sort_by(f64::total_cmp);
    let gap = fractions.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0).fold(0.1, f64::min);
    ((at as f64 + 0.5) / variants as f64 - 0.5) * gap * SPREAD
}

/// Where the ratios' figure ends.
struct Ends {
    low: f64,
    high: f64,
    /// From before the first to beyond the last level.
    across: [f64; 2],
}

impl Ends {
    fn of(report: &Report, standard: &str) -> Ends {
        let others = report.outcomes.iter().filter(|outcome| outcome.variant != standard);
        let numbers = others.flat_map(|outcome| {
            let Estimate { value, low, high, .. } = outcome.best_rate;
            [value, low, high].into_iter().flatten().filter(|number| *number > 0.0)
        });
        let (low, high) = numbers.fold((1.0_f64, 1.0_f64), |(low, high), number| (low.min(number), high.max(number)));
        let fractions = report.levels.iter().map(|level| level.fraction);
        let (first, last) = fractions.fold((f64::MAX, f64::MIN), |(low, high), f| (low.min(f), high.max(f)));
        let outermost = place(report, 0, 1_000).abs();
        Ends { low: low / BEYOND, high: high * BEYOND, across: [first - outermost, last + outermost] }
    }

    /// The interval as it is drawn, and whether one of its ends is open. A ratio without any interval (few seeds) is a
    /// point.
    fn interval(&self, estimate: Estimate, value: f64) -> ([f64; 2], bool) {
        if !estimate.has_interval {
            return ([value, value], false);
        }
        // A low end of 0 stands for runs that never arrive: on a logarithmic axis it is as open as no end at all.
        match (estimate.low.filter(|low| *low > 0.0), estimate.high) {
            (Some(low), Some(high)) => ([low, high], false),
            (low, high) => ([low.unwrap_or(self.low), high.unwrap_or(self.high).max(value)], true),
        }
    }
}

/// The learning-rate grid at one level.
fn steps(report: &Report, at: usize, level: &Level) -> Option<Figure> {
    let series = by_rate(report, |place| place.steps.get(at).copied().flatten());
    let percent = (1000.0 * level.fraction).round() / 10.0;
    let caption = format!(
        "Median steps until the held-out kNN accuracy is {:.1} % (level {percent} %), {}. Places at which half of the \
         runs or more did not arrive have no point.",
        100.0 * level.test,
        seeds(report)
    );
    let axes = [Axis::log("learning rate"), Axis::log("steps")];
    let name = format!("acceleration-steps-{}", percent.to_string().replace('.', "-"));
    figure(&name, &format!("Steps to level {percent} % by learning rate"), caption, axes, series)
}

/// Where the runs of the grid end.
fn accuracy(report: &Report) -> Option<Figure> {
    let series = by_rate(report, |place| place.test.map(|knn| 100.0 * knn));
    let caption = format!(
        "Median kNN accuracy on the test half after {} steps, {}. Places at which more than half diverged have no point.",
        report.options.steps,
        seeds(report)
    );
    let axes = [Axis::log("learning rate"), Axis::linear("kNN accuracy, %")];
    figure("acceleration-accuracy", "Final accuracy by learning rate", caption, axes, series)
}

/// One series a variant over the rates.
fn by_rate(report: &Report, value: impl Fn(&GridCell) -> Option<f64>) -> Vec<Series> {
    let points = |variant: &str| {
        let places = report.grid.iter().filter(|place| place.variant == variant);
        places.filter_map(|place| value(place).map(|y| [place.rate, y])).collect()
    };
    let variants = report.options.variants.iter();
    variants.filter_map(|variant| curve(report, &variant.name, points(&variant.name))).collect()
}

/// How the accuracy rises.
fn curves(report: &Report) -> Option<Figure> {
    let series = report.finals.iter().filter_map(|end| curve(report, &end.variant, rise(report, end))).collect();
    let rates = if report.options.rates.values().len() > 1 { "each at its strongest rate" } else { "at its one rate" };
    let caption = format!(
        "Median kNN accuracy on the test half, {rates}, {}. A line ends where half of the runs have diverged.",
        seeds(report)
    );
    let axes = [Axis::linear("step"), Axis::linear("kNN accuracy, %")];
    figure("acceleration-curves", "Held-out accuracy while training", caption, axes, series)
}

/// Median accuracy in percent at each evaluation that most runs of a variant's strongest rate have.
fn rise(report: &Report, end: &Final) -> Vec<[f64; 2]> {
    let variant = report.options.variants.iter().position(|one| one.name == end.variant);
    let runs: Vec<&Cell> = report.cells.iter().filter(|cell| belongs(cell, report, variant, end.rate)).collect();
    let steps = runs.iter().map(|run| &run.curve.steps).max_by_key(|steps| steps.len());
    let at = |(index, step): (usize, &u32)| {
        let values: Vec<f64> = runs.iter().filter_map(|run| run.curve.test.get(index)).map(|v| f64::from(*v)).collect();
        (2 * values.len() > runs.len()).then(|| [f64::from(*step), 100.0 * median(&values)])
    };
    steps.into_iter().flatten().enumerate().filter_map(at).collect()
}

fn belongs(cell: &Cell, report: &Report, variant: Option<usize>, rate: Option<f64>) -> bool {
    variant == Some(cell.variant as usize)
        && rate.is_some_and(|rate| (cell.lr / rate - 1.0).abs() < 1e-9)
        && report.seeds.contains(&cell.seed)
}

#[cfg(test)]
mod tests {
    use super::super::Variant;
    use super::super::finished::Finished;
    use super::super::levels::tests::cell;
    use super::super::options::{Options, Rates};
    use super::*;

    /// The report on runs that rise to 0.8 within `evaluations(variant, rate)` evaluations of nine.
    fn report(names: [&str; 2], rates: &[f64], evaluations: impl Fn(usize, usize) -> usize) -> Report {
        let options = Options {
            variants: names.map(|name| Variant::new(name, &[])).to_vec(),
            rates: Rates::Absolute(rates.to_vec()),
            seeds: vec![1, 2, 3],
            fractions: vec![0.5, 1.0],
            ..Options::default()
        };
        let plan = options.plan().unwrap();
        let make = |index: usize| {
            let (variant, rate, seed) = plan.at(index);
            let reach = evaluations(variant, rate) as f32;
            let values: Vec<f32> = (0..9).map(|i| 0.8 * (i as f32 / reach).min(1.0)).collect();
            let (seed, lr) = (plan.seeds[seed], plan.rate(variant, rate));
            Cell { variant: variant as u32, rate: rate as u32, seed, lr, ..cell(&values) }
        };
        let cells: Vec<Cell> = (0..plan.cells()).map(make).collect();
        Finished { options: &options, plan: &plan, cells: &cells, halves: (100, 100), device: ("cpu", "CPU") }.report()
    }

    fn named<'a>(figures: &'a [Figure], name: &str) -> &'a Figure {
        figures.iter().find(|figure| figure.name == name).unwrap()
    }

    #[test]
    fn a_study_gives_ratios_grids_and_curves() {
        let report = report(["standard", "other"], &[0.1, 0.2], |variant, _| [8, 4][variant]);
        let figures = figures(&report);
        let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
        let expected = ["ratios", "steps-50", "steps-100", "accuracy", "curves"];
        assert_eq!(names, expected.map(|name| format!("acceleration-{name}")));
        let ratio = &named(&figures, "acceleration-ratios").series[1];
        assert_eq!(ratio.points.iter().map(|point| point[1]).collect::<Vec<_>>(), [2.0, 2.0]);
        assert_eq!(ratio.kind, Kind::Band(vec![[2.0, 2.0]; 2]));
        let grid = named(&figures, "acceleration-steps-50");
        assert_eq!(grid.series[1].points, [[0.1, 20.0], [0.2, 20.0]]);
        assert_eq!(named(&figures, "acceleration-curves").series[0].points.len(), 9);
    }

    #[test]
    fn arms_keep_their_colours_and_one_rate_needs_no_grid() {
        let report = report(["A", "B"], &[0.1], |_, _| 4);
        let figures = figures(&report);
        assert_eq!(
            figures.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(),
            ["acceleration-ratios", "acceleration-curves"]
        );
        let roles: Vec<Role> = figures[1].series.iter().map(|series| series.role).collect();
        assert_eq!(roles, [Role::A, Role::B]);
    }

    #[test]
    fn an_open_interval_reaches_beyond_every_number_and_the_caption_says_so() {
        let mut report = report(["standard", "other"], &[0.1, 0.2], |variant, _| [8, 4][variant]);
        report.outcomes[2].best_rate = Estimate { value: Some(2.0), low: Some(0.5), high: None, has_interval: true };
        let figures = figures(&report);
        let Kind::Band(bounds) = &figures[0].series[1].kind else { panic!("no intervals") };
        assert_eq!(bounds[0], [0.5, 2.0 * BEYOND]);
        assert!(figures[0].caption.contains("open"));
        report.outcomes[2].best_rate =
            Estimate { value: Some(2.0), low: Some(0.0), high: Some(4.0), has_interval: true };
        let Kind::Band(bounds) = &super::figures(&report)[0].series[1].kind else { panic!("no intervals") };
        assert_eq!(bounds[0], [1.0 / BEYOND, 4.0]);
    }

    #[test]
    fn nothing_is_drawn_before_a_seed_is_done() {
        let mut report = report(["standard", "other"], &[0.1, 0.2], |_, _| 4);
        (report.seeds, report.levels, report.outcomes, report.finals) = Default::default();
        report.grid.iter_mut().for_each(|place| place.test = None);
        assert!(figures(&report).is_empty());
    }
}
