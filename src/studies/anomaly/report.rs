//! From finished models to results: mean areas over seeds with intervals, and gains over named baselines.
//!
//! Intervals are 95 % percentile bootstraps over seeds (each seed has its own model, and its own held-out classes); with
//! a single seed they are over its samples, and the report says so. Gains are differences within a seed, so what a seed's
//! classes make easy or hard cancels out.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Measured};
use super::options::{Options, Plan};
use super::score::{Features, Score};
use crate::data::Ood;
use crate::metrics::bootstrap::{Interval, Resampling, bootstrap_mean};

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
    /// Whether intervals are over seeds; else over the samples of the only seed.
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
            over_seeds: self.cells.iter().any(|cell| cell.seed != self.cells[0].seed),
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
                            rows.push(Row { variant: self.name(variant), features, score, kind, auroc });
                        }
                    }
                }
            }
        }
        rows
    }

    /// Mean over seeds with its interval; with one model the interval over its samples (none for the mean over kinds).
    fn area(&self, variant: usize, features: Features, score: Score, kind: Option<Ood>) -> Interval {
        let values: Vec<f64> = self.of(variant).filter_map(|cell| value(cell, features, score, kind)).collect();
        match (values.as_slice(), kind) {
            ([one], Some(kind)) => {
                let measured = self.of(variant).find_map(|cell| cell.auroc(features, score, kind));
                let interval = |one: &Measured| Interval {
                    estimate: one.auroc.into(),
                    low: one.low.into(),
                    high: one.high.into(),
                };
                measured.map_or(Interval { estimate: *one, low: f64::NAN, high: f64::NAN }, interval)
            }
            ([one], None) => Interval { estimate: *one, low: f64::NAN, high: f64::NAN },
            (all, _) => bootstrap_mean(all, Resampling::default()),
        }
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
        let differences: Vec<f64> = pairs.iter().map(|(own, other)| 100.0 * (own - other)).collect();
        let points = match differences.as_slice() {
            [] => return None,
            [one] => Interval { estimate: *one, low: f64::NAN, high: f64::NAN },
            all => bootstrap_mean(all, Resampling::default()),
        };
        let base = pairs.iter().map(|(_, other)| other).sum::<f64>() / pairs.len() as f64;
        let percent = points.estimate / base;
        Some(Gain { variant: self.name(variant), features, kind, score, baseline, points, percent })
    }
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

    /// The result in words: how good the norm is for the first kind, what is better, and what the norm adds.
    pub fn verdict(&self) -> String {
        let standard = &self.options.variants[0].name;
        let (Some(kind), features) = (self.kinds.first().copied(), Features::Projector) else {
            return "Nothing is measured yet.".to_owned();
        };
        let area =
            |score: Score| self.row(standard, features, score, Some(kind)).map_or(f64::NAN, |row| row.auroc.estimate);
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
            "{}, {standard} model: the norm has an AUROC of {:.3}, the untrained network's norm {:.3}. {lead}{adds}",
            kind.label(),
            area(Score::Norm),
            area(Score::UntrainedNorm)
        )
    }
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
        "One seed: intervals are 95 % bootstraps over its samples and say nothing about other seeds.".to_owned()
    });
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

    /// Two variants, two seeds: the norm's area falls by 0.1 from the first variant to the second.
    pub fn report(done: usize) -> Report {
        let options = Options {
            variants: vec![Variant::new("standard", &[]), Variant::new("other", &["gradscale=1"])],
            seeds: vec![1, 2],
            kinds: vec![Ood::Unseen, Ood::Blur, Ood::Noise],
            ..Options::default()
        };
        let plan = options.plan().unwrap();
        let all = [cell(0, 1, 0.7, 0.8), cell(1, 1, 0.6, 0.8), cell(0, 2, 0.8, 0.9), cell(1, 2, 0.7, 0.9)];
        Findings { options: &options, plan: &plan, cells: &all[..done], device: ("cpu", "CPU") }.report()
    }

    #[test]
    fn means_are_over_seeds_and_kinds_that_the_data_lacks_are_left_out() {
        let report = report(4);
        assert_eq!(report.kinds, [Ood::Unseen, Ood::Noise]);
        let row = report.row("standard", Features::Projector, Score::Norm, Some(Ood::Noise)).unwrap();
        assert!((row.auroc.estimate - 0.75).abs() < 1e-6);
        assert!(row.auroc.low >= 0.7 - 1e-6 && row.auroc.high <= 0.8 + 1e-6 && row.auroc.low < row.auroc.high);
        assert!(report.row("other", Features::Backbone, Score::Csi, None).is_some());
    }

    #[test]
    fn gains_are_within_a_seed_in_points_and_in_percent_of_the_baseline() {
        let report = report(4);
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
    fn one_seed_has_intervals_over_its_samples_and_says_so() {
        let report = report(2);
        assert!(!report.over_seeds);
        let row = report.row("standard", Features::Projector, Score::Knn, Some(Ood::Unseen)).unwrap();
        assert!((row.auroc.low - 0.79).abs() < 1e-6 && (row.auroc.high - 0.81).abs() < 1e-6);
        assert!(report.remarks.iter().any(|remark| remark.starts_with("One seed")));
        assert!(report.remarks.iter().any(|remark| remark.contains("2 of 4 models")));
    }

    #[test]
    fn the_verdict_says_when_the_norm_is_not_the_best_score() {
        assert!(report(4).verdict().contains("not the best single score"), "{}", report(4).verdict());
        assert_eq!(report(0).verdict(), "Nothing is measured yet.");
    }
}
