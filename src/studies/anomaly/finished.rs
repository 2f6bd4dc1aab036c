//! From finished models to a report.
//!
//! Intervals are 95 % percentile bootstraps over seeds (each seed has its own model, and its own held-out classes); fewer than
//! three seeds have none. Gains are differences within a seed, so what a seed's classes make easy or hard cancels out.
//!
//! An area clearly below 0.5 tells outliers apart as well, with the sign turned: remarks say so, and a *control* counts
//! with the better of both signs, else a score would be praised for what its control does the other way round.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::options::{Options, Plan};
use super::report::{Gain, Models, Report, Row};
use super::score::{Features, Score};
use super::words::remarks;
use crate::data::Ood;
use crate::metrics::bootstrap::{Interval, Resampling, bootstrap_mean};
use crate::studies::intervals::FEWEST;

/// The area of a score that knows nothing.
const CHANCE: f64 = 0.5;
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

/// What a report is made from.
pub struct Finished<'a> {
    /// The options.
    pub options: &'a Options,
    /// What they amount to.
    pub plan: &'a Plan,
    /// The finished models, in the order of the plan.
    pub cells: &'a [Cell],
    /// Kind and name of the device.
    pub device: (&'a str, &'a str),
}

impl Finished<'_> {
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
        // The mean over kinds has no interval over samples: it is below where every kind is.
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

/// Hand-made models for tests.
#[cfg(test)]
pub mod tests;
