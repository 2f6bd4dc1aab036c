//! From finished models to results: mean areas over seeds with intervals, and gains over named baselines.
//!
//! Intervals are 95 % percentile bootstraps over seeds (each seed has its own model, and its own held-out classes); fewer than
//! three seeds have none. Gains are differences within a seed, so what a seed's classes make easy or hard cancels out.
//!
//! An area clearly below 0.5 tells outliers apart as well, with the sign turned: remarks say so, and a *control* counts
//! with the better of both signs, else a score would be praised for what its control does the other way round.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::options::{Options, Plan};
use super::score::{Features, Score};
use crate::data::Ood;
use crate::metrics::bootstrap::{Interval, Resampling, bootstrap_mean};
use crate::studies::intervals::FEWEST;

/// The area of a score that knows nothing.
const CHANCE: f64 = 0.5;
/// Areas below it that remarks name one by one.
const NAMED: usize = 4;

/// What is compared with what, within one model.
pub const COMPARISONS: [(Score, Score); 9] = [
    (Score::Norm, Score::UntrainedNorm),
    (Score::Norm, Score::MaxCosine),
    (Score::Norm, Score::Knn),
    (Score::Norm, Score::Mahalanobis),
    (Score::Csi, Score::MaxCosine),
    (Score::Sum, Score::MaxCosine),
    (Score::Sum, Score::Knn),
    (Score::Tuned, Score::MaxCosine),
    (Score::Joint, Score::MaxCosine),
];
/// The scores by which variants are compared with the standard.
pub const ACROSS: [Score; 4] = [Score::Norm, Score::MaxCosine, Score::Knn, Score::Sum];

/// The mean area of one score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The variant's name.
    pub variant: String,
    /// Which output of the model.
    pub features: Features,
    /// Which score.
    pub score: Score,
    /// Which outliers; `None` for the mean over all kinds.
    pub kind: Option<Ood>,
    /// Mean over seeds, 0..1, with its interval.
    pub auroc: Interval,
    /// Clearly below 0.5: its interval is, or (with too few seeds for one) that of every model over its samples.
    #[serde(default)]
    pub below: bool,
}

/// How much better one score is than another of the same models, or a variant than the standard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// The variant's name.
    pub variant: String,
    /// Which output of the model.
    pub features: Features,
    /// Which outliers; `None` for the mean over all kinds.
    pub kind: Option<Ood>,
    /// The score.
    pub score: Score,
    /// What it is compared with: another score of the same model; `None` for the same score of the standard variant.
    pub baseline: Option<Score>,
    /// Mean difference of the areas over seeds, in points (100 times the area).
    pub points: Interval,
    /// The same as a share of the baseline's mean area, in percent.
    pub percent: f64,
    /// The baseline is a control that tells more with its sign turned: it counts as one minus its area.
    #[serde(default)]
    pub turned: bool,
}

/// A variant's models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Models {
    /// The variant's name.
    pub variant: String,
    /// Finished models.
    pub models: u32,
    /// Those that diverged.
    pub diverged: u32,
    /// Mean held-out kNN accuracy on known classes, before and after training.
    pub knn: [f64; 2],
    /// Mean median |z|.
    pub norm: f64,
}

/// Everything that a study found so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was studied.
    pub options: Options,
    /// `cpu`, `webgpu` or `wgpu`.
    pub device: String,
    /// The adapter's name.
    pub adapter: String,
    /// Finished models.
    pub cells_done: u32,
    /// All models.
    pub cells_planned: u32,
    /// Whether there are enough seeds for intervals over them; else there are none.
    pub over_seeds: bool,
    /// Variant by variant.
    pub models: Vec<Models>,
    /// The kinds of outliers that the data has.
    pub kinds: Vec<Ood>,
    /// Variant by variant, features, score, kind.
    pub rows: Vec<Row>,
    /// Comparisons.
    pub gains: Vec<Gain>,
    /// What a reader must know to read the numbers.
    pub remarks: Vec<String>,
    /// The models.
    pub cells: Vec<Cell>,
}

/// What a report is made from.
pub struct Findings<'a> {
    /// The options.
    pub options: &'a Options,
    /// What they amount to.
    pub plan: &'a Plan,
    /// The finished models, in the order of the plan.
    pub cells: &'a [Cell],
    /// Kind and name of the device.
    pub device: (&'a str, &'a str),
}

impl Findings<'_> {
    /// The report.
    pub fn report(&self) -> Report {
        let kinds = self.kinds();
        let mut report = Report {
            options: self.options.clone(),
            device: self.device.0.to_owned(),
            adapter: self.device.1.to_owned(),
            cells_done: self.cells.len() as u32,
            cells_planned: self.plan.cells() as u32,
            over_seeds: self.seeds() >= FEWEST,
            models: self.variants().map(|variant| self.models(variant)).collect(),
            rows: self.rows(&kinds),
            gains: self.gains(&kinds),
            kinds,
            remarks: Vec::new(),
            cells: self.cells.to_vec(),
        };
        report.remarks = remarks(&report);
        report
    }

    fn seeds(&self) -> usize {
        self.cells.iter().map(|cell| cell.seed).collect::<BTreeSet<_>>().len()
    }

    fn kinds(&self) -> Vec<Ood> {
        let there = |kind: &Ood| self.cells.iter().any(|cell| cell.measured.iter().any(|one| one.kind == *kind));
        self.options.kinds.iter().copied().filter(there).collect()
    }

    fn variants(&self) -> impl Iterator<Item = usize> + use<> {
        0..self.plan.arms.len()
    }

    fn name(&self, variant: usize) -> String {
        self.options.variants[variant].name.clone()
    }

    /// The finished models of a variant that can be measured.
    fn of(&self, variant: usize) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(move |cell| cell.variant as usize == variant && !cell.measured.is_empty())
    }

    fn models(&self, variant: usize) -> Models {
        let all: Vec<&Cell> = self.cells.iter().filter(|cell| cell.variant as usize == variant).collect();
        let mean = |value: &dyn Fn(&Cell) -> f64| {
            let values: Vec<f64> = self.of(variant).map(value).collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        Models {
            variant: self.name(variant),
            models: all.len() as u32,
            diverged: all.iter().filter(|cell| cell.diverged.is_some()).count() as u32,
            knn: [mean(&|cell| cell.knn[0]), mean(&|cell| cell.knn[1])],
            norm: mean(&|cell| cell.norm),
        }
    }

    fn rows(&self, kinds: &[Ood]) -> Vec<Row> {
        let mut rows = Vec::new();
        for variant in self.variants().filter(|variant| self.of(*variant).next().is_some()) {
            for features in Features::ALL {
                for score in Score::ALL {
                    for kind in with_mean(kinds) {
                        let auroc = self.area(variant, features, score, kind);
                        // The joint score belongs to one output only.
                        if auroc.estimate.is_finite() {
                            let below = self.is_below(variant, features, score, kind, auroc);
                            rows.push(Row { variant: self.name(variant), features, score, kind, auroc, below });
                        }
                    }
                }
            }
        }
        rows
    }

    /// Mean over seeds, with its interval where there are enough of them.
    fn area(&self, variant: usize, features: Features, score: Score, kind: Option<Ood>) -> Interval {
        let values: Vec<f64> = self.of(variant).filter_map(|cell| value(cell, features, score, kind)).collect();
        mean(&values)
    }

    fn is_below(&self, variant: usize, features: Features, score: Score, kind: Option<Ood>, area: Interval) -> bool {
        if area.high.is_finite() {
            return area.high < CHANCE;
        }
        // Without a kind there is no interval over samples either: then every kind must be below.
        let kinds = kind.map_or_else(|| self.kinds(), |kind| vec![kind]);
        let mut all = self.of(variant).flat_map(|cell| kinds.iter().map(|kind| cell.auroc(features, score, *kind)));
        all.all(|one| one.is_some_and(|one| f64::from(one.high) < CHANCE))
    }

    fn gains(&self, kinds: &[Ood]) -> Vec<Gain> {
        let mut gains = Vec::new();
        for variant in self.variants() {
            for features in Features::ALL {
                for kind in with_mean(kinds) {
                    for (score, baseline) in COMPARISONS {
                        let pair =
                            |cell: &Cell| value(cell, features, score, kind).zip(value(cell, features, baseline, kind));
                        let pairs: Vec<(f64, f64)> = self.of(variant).filter_map(pair).collect();
                        gains.extend(self.gain(variant, (features, kind, score), Some(baseline), &pairs));
                    }
                    for score in ACROSS.into_iter().filter(|_| variant > 0) {
                        let pairs = self.against_standard(variant, features, score, kind);
                        gains.extend(self.gain(variant, (features, kind, score), None, &pairs));
                    }
                }
            }
        }
        gains
    }

    /// (this variant, the standard) for each seed that has both.
    fn against_standard(&self, variant: usize, features: Features, score: Score, kind: Option<Ood>) -> Vec<(f64, f64)> {
        let standard = |seed: u64| self.of(0).find(|cell| cell.seed == seed);
        self.of(variant)
            .filter_map(|cell| {
                let other = standard(cell.seed)?;
                value(cell, features, score, kind).zip(value(other, features, score, kind))
            })
            .collect()
    }

    fn gain(
        &self,
        variant: usize,
        (features, kind, score): (Features, Option<Ood>, Score),
        baseline: Option<Score>,
        pairs: &[(f64, f64)],
    ) -> Option<Gain> {
        if pairs.is_empty() {
            return None;
        }
        let base = pairs.iter().map(|(_, other)| other).sum::<f64>() / pairs.len() as f64;
        let turned = baseline.is_some_and(Score::is_control) && base < CHANCE;
        let counted = |area: f64| if turned { 1.0 - area } else { area };
        let differences: Vec<f64> = pairs.iter().map(|(own, other)| 100.0 * (own - counted(*other))).collect();
        let points = mean(&differences);
        let percent = points.estimate / counted(base);
        Some(Gain { variant: self.name(variant), features, kind, score, baseline, points, percent, turned })
    }
}

/// The mean with its bootstrap interval, which takes enough values.
fn mean(values: &[f64]) -> Interval {
    if values.len() >= FEWEST {
        return bootstrap_mean(values, Resampling::default());
    }
    let estimate = values.iter().sum::<f64>() / values.len() as f64;
    Interval { estimate, low: f64::NAN, high: f64::NAN }
}

fn with_mean(kinds: &[Ood]) -> impl Iterator<Item = Option<Ood>> {
    kinds.iter().copied().map(Some).chain([None])
}

fn value(cell: &Cell, features: Features, score: Score, kind: Option<Ood>) -> Option<f64> {
    match kind {
        Some(kind) => cell.auroc(features, score, kind).map(|one| one.auroc.into()),
        None => cell.mean_auroc(features, score),
    }
}

impl Report {
    /// One row.
    pub fn row(&self, variant: &str, features: Features, score: Score, kind: Option<Ood>) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| (row.variant.as_str(), row.features, row.score, row.kind) == (variant, features, score, kind))
    }

    /// One gain.
    pub fn gain(
        &self,
        variant: &str,
        features: Features,
        kind: Option<Ood>,
        score: Score,
        baseline: Option<Score>,
    ) -> Option<&Gain> {
        self.gains.iter().find(|gain| {
            (gain.variant.as_str(), gain.features, gain.kind, gain.score, gain.baseline)
                == (variant, features, kind, score, baseline)
        })
    }

    /// The result in words: how good the norm is for the first kind, what is better, and what the norm adds. There is none
    /// before the last model.
    pub fn verdict(&self) -> String {
        let standard = &self.options.variants[0].name;
        if self.cells_done < self.cells_planned && !self.cells.is_empty() {
            return format!(
                "{} of {} models done; the answer comes with the last.",
                self.cells_done, self.cells_planned
            );
        }
        let (Some(kind), features) = (self.kinds.first().copied(), Features::Projector) else {
            return "Nothing is measured yet.".to_owned();
        };
        let row = |score: Score| self.row(standard, features, score, Some(kind));
        let area = |score: Score| row(score).map_or(f64::NAN, |row| row.auroc.estimate);
        let told = |score: Score| match row(score).filter(|row| row.below) {
            Some(row) => format!("{:.3} (turned round {:.3})", row.auroc.estimate, 1.0 - row.auroc.estimate),
            None => format!("{:.3}", area(score)),
        };
        let candidates = [Score::Norm, Score::MaxCosine, Score::Knn, Score::Csi, Score::Mahalanobis];
        let best = candidates.into_iter().max_by(|a, b| area(*a).total_cmp(&area(*b))).unwrap_or(Score::Norm);
        let lead = if best == Score::Norm {
            "No other single score does better.".to_owned()
        } else {
            format!("The norm is not the best single score: {} has {:.3}.", best.label(), area(best))
        };
        let gain = self.gain(standard, features, Some(kind), Score::Sum, Some(Score::MaxCosine));
        let adds = gain.map_or_else(String::new, |gain| {
            format!(
                " Max cosine with the norm added has {:.3}, {:+.1} points against max cosine alone.",
                area(Score::Sum),
                gain.points.estimate
            )
        });
        format!(
            "{}, {standard} model: the norm has an AUROC of {}, the untrained network's norm {}. {lead}{adds}",
            kind.label(),
            told(Score::Norm),
            told(Score::UntrainedNorm)
        )
    }
}

/// The areas that are clearly below chance, the first ones by name.
fn turned_round(report: &Report) -> Option<String> {
    let below: Vec<&Row> = report.rows.iter().filter(|row| row.below && row.kind.is_some()).collect();
    let name = |row: &&Row| {
        let kind = row.kind.map_or("", Ood::label);
        let area = row.auroc.estimate;
        format!("{}, {}, {kind}: {area:.2}, turned round {:.2}", row.score.label(), row.features.key(), 1.0 - area)
    };
    let named: Vec<String> = below.iter().take(NAMED).map(name).collect();
    let more = match below.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more, marked with ↓"),
    };
    (!named.is_empty()).then(|| {
        format!(
            "Clearly below 0.5, so that the score tells outliers with its sign turned: {}{more}. Gains over controls count the \
             control with the better of both signs.",
            named.join("; ")
        )
    })
}

/// What a reader must know to read the numbers.
fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.cells_done < report.cells_planned {
        remarks.push(format!("Not finished: {} of {} models.", report.cells_done, report.cells_planned));
    }
    if report.cells.is_empty() {
        return remarks;
    }
    for models in report.models.iter().filter(|models| models.diverged > 0) {
        remarks.push(format!(
            "{}: {} of {} models diverged and are left out.",
            models.variant, models.diverged, models.models
        ));
    }
    for models in report.models.iter().filter(|models| models.knn[1] < models.knn[0] + 0.02) {
        remarks.push(format!(
            "{}: training hardly improves held-out accuracy ({:.1} % to {:.1} %), so its scores say little.",
            models.variant,
            100.0 * models.knn[0],
            100.0 * models.knn[1]
        ));
    }
    remarks.push(if report.over_seeds {
        "Intervals are 95 % bootstraps over seeds; each seed holds out other classes.".to_owned()
    } else {
        format!("Fewer than {FEWEST} seeds: there are no intervals, and other seeds may say something else.")
    });
    remarks.extend(turned_round(report));
    remarks.push(if report.options.equalise {
        "Outliers have the input norms of known samples, and batch norm its training statistics.".to_owned()
    } else {
        "Input norms are not equalised: a score may only see how bright a picture is.".to_owned()
    });
    remarks.push(
        "No score uses labels. The tuned combination chooses the norm's weight on validation samples with shuffled \
         quarters, the others choose nothing."
            .to_owned(),
    );
    remarks
}

/// Hand-made models for tests.
#[cfg(test)]
pub mod tests {
    use super::super::cell::Measured;
    use super::*;
    use crate::studies::variant::Variant;

    /// A model whose norm has `norm` and whose other scores have `others` for every kind.
    pub fn cell(variant: u32, seed: u64, norm: f64, others: f64) -> Cell {
        let mut measured = Vec::new();
        for features in Features::ALL {
            for score in Score::ALL {
                for kind in [Ood::Unseen, Ood::Noise] {
                    let auroc = match score {
                        Score::Norm => norm as f32,
                        Score::UntrainedNorm => 0.5,
                        _ => others as f32,
                    };
                    measured.push(Measured { features, score, kind, auroc, low: auroc - 0.01, high: auroc + 0.01 });
                }
            }
        }
        Cell {
            variant,
            seed,
            unseen: vec!["8".to_owned()],
            knn: [0.5, 0.9],
            loss: Some(1.0),
            diverged: None,
            millis: 1.0,
            inside: 100,
            norm: 3.0,
            alphas: [0.5; 2],
            measured,
            detail: None,
        }
    }

    /// Two variants, three seeds: the norm's area falls by 0.1 from the first variant to the second.
    pub(crate) fn report(done: usize) -> Report {
        let options = Options {
            variants: vec![Variant::new("standard", &[]), Variant::new("other", &["gradscale=1"])],
            seeds: vec![1, 2, 3],
            kinds: vec![Ood::Unseen, Ood::Blur, Ood::Noise],
            ..Options::default()
        };
        let plan = options.plan().unwrap();
        let of_seed =
            |(seed, norm): (u64, f64)| [(0, norm), (1, norm - 0.1)].map(|(v, n)| cell(v, seed, n, norm + 0.1));
        let all: Vec<Cell> = [(1, 0.7), (2, 0.8), (3, 0.75)].into_iter().flat_map(of_seed).collect();
        Findings { options: &options, plan: &plan, cells: &all[..done], device: ("cpu", "CPU") }.report()
    }

    #[test]
    fn means_are_over_seeds_and_kinds_that_the_data_lacks_are_left_out() {
        let report = report(6);
        assert_eq!(report.kinds, [Ood::Unseen, Ood::Noise]);
        let row = report.row("standard", Features::Projector, Score::Norm, Some(Ood::Noise)).unwrap();
        assert!((row.auroc.estimate - 0.75).abs() < 1e-6);
        assert!(row.auroc.low >= 0.7 - 1e-6 && row.auroc.high <= 0.8 + 1e-6 && row.auroc.low < row.auroc.high);
        assert!(report.row("other", Features::Backbone, Score::Csi, None).is_some());
    }

    #[test]
    fn gains_are_within_a_seed_in_points_and_in_percent_of_the_baseline() {
        let report = report(6);
        let gain = report
            .gain("standard", Features::Projector, Some(Ood::Unseen), Score::Norm, Some(Score::MaxCosine))
            .unwrap();
        // Each seed loses 10 points, so the interval has no width; 10 of 85 points are 11.8 percent.
        assert!((gain.points.estimate + 10.0).abs() < 1e-4 && (gain.points.high - gain.points.low).abs() < 1e-4);
        assert!((gain.percent + 10.0 / 0.85).abs() < 1e-4);
        let across = report.gain("other", Features::Projector, None, Score::Norm, None).unwrap();
        assert!((across.points.estimate + 10.0).abs() < 1e-4);
        assert!(report.gain("standard", Features::Projector, None, Score::Norm, None).is_none());
    }

    #[test]
    fn one_seed_or_two_have_no_intervals_and_the_remarks_say_so() {
        for done in [2, 4] {
            let report = report(done);
            assert!(!report.over_seeds);
            assert!(report.rows.iter().all(|row| row.auroc.low.is_nan() && row.auroc.estimate.is_finite()));
            assert!(report.gains.iter().all(|gain| gain.points.low.is_nan() && gain.points.estimate.is_finite()));
            assert!(report.remarks.iter().any(|remark| remark.starts_with("Fewer than 3 seeds")));
            assert!(report.remarks.iter().any(|remark| remark.contains(&format!("{done} of 6 models"))));
            assert_eq!(report.verdict(), format!("{done} of 6 models done; the answer comes with the last."));
        }
    }

    #[test]
    fn an_area_below_one_half_is_told_turned_round_and_a_control_counts_with_its_better_sign() {
        let mut report = report(6);
        let options = report.options.clone();
        for cell in &mut report.cells {
            for one in &mut cell.measured {
                if one.score == Score::Norm {
                    (one.auroc, one.low, one.high) = (0.03, 0.02, 0.04);
                }
                if one.score == Score::UntrainedNorm {
                    (one.auroc, one.low, one.high) = (0.08, 0.06, 0.1);
                }
            }
        }
        let plan = options.plan().unwrap();
        for done in [2, 6] {
            let found =
                Findings { options: &options, plan: &plan, cells: &report.cells[..done], device: ("cpu", "CPU") }
                    .report();
            let row = found.row("standard", Features::Projector, Score::Norm, Some(Ood::Noise)).unwrap();
            assert!(row.below && !found.row("standard", Features::Projector, Score::Knn, None).unwrap().below);
            assert!(
                found.remarks.iter().any(|remark| remark.contains("0.03, turned round 0.97")),
                "{:?}",
                found.remarks
            );
            let gain = found
                .gain("standard", Features::Projector, Some(Ood::Noise), Score::Norm, Some(Score::UntrainedNorm))
                .unwrap();
            // 3 points against 92, not against 8.
            assert!(gain.turned && (gain.points.estimate + 89.0).abs() < 1e-3, "{gain:?}");
            let other = found.gain("standard", Features::Projector, None, Score::Norm, Some(Score::MaxCosine)).unwrap();
            assert!(!other.turned);
        }
    }

    #[test]
    fn the_verdict_says_when_the_norm_is_not_the_best_score() {
        assert!(report(6).verdict().contains("not the best single score"), "{}", report(6).verdict());
        assert_eq!(report(0).verdict(), "Nothing is measured yet.");
    }
}
