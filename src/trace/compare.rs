//! *Verify on my machine*: the recorded run against the same run here.

use super::{Trace, Track};
use crate::metrics::Metric;

/// Largest relative difference of the early losses between two devices that is rounding: sums in another order.
const ROUNDING: f64 = 2e-3;
/// Steps over which losses must agree; later, rounding is amplified by training itself.
const EARLY: usize = 20;

/// How a re-run differs from its record.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Steps that both have.
    pub steps: u32,
    /// The same batches in the same order.
    pub same_batches: bool,
    /// The same initial weights.
    pub same_weights: bool,
    /// Largest relative difference of a loss over the first 20 steps.
    pub early_loss: f64,
    /// The same over all steps.
    pub loss: f64,
    /// Largest difference of the last kNN accuracy, share of samples.
    pub knn: f64,
    /// Largest relative difference of the last median norm.
    pub norm: f64,
}

impl Comparison {
    /// Compares what both have; `here` may have got less far.
    pub fn new(recorded: &Trace, here: &Trace) -> Comparison {
        let pairs = || recorded.arms.iter().zip(&here.arms);
        let most = |differences: Vec<f64>| differences.into_iter().fold(0.0, f64::max);
        Comparison {
            steps: recorded.steps.min(here.steps),
            same_batches: recorded.batch_hash == here.batch_hash,
            same_weights: recorded.weights == here.weights,
            early_loss: most(pairs().map(|(a, b)| losses(a, b, EARLY)).collect()),
            loss: most(pairs().map(|(a, b)| losses(a, b, usize::MAX)).collect()),
            knn: most(pairs().map(|(a, b)| last(a, b, Metric::Knn, |a, b| (a - b).abs())).collect()),
            norm: most(pairs().map(|(a, b)| last(a, b, Metric::NormQ50, relative)).collect()),
        }
    }

    /// Bit for bit the same curves.
    pub fn identical(&self) -> bool {
        self.same_batches && self.same_weights && self.loss == 0.0 && self.knn == 0.0 && self.norm == 0.0
    }

    /// The same run, but for rounding.
    pub fn agrees(&self) -> bool {
        self.same_batches && self.same_weights && self.early_loss <= ROUNDING
    }

    /// The outcome in one sentence.
    pub fn verdict(&self) -> String {
        if self.identical() {
            return format!("Verified: all {} steps came out bit for bit as recorded.", self.steps);
        }
        let numbers = format!(
            "losses differ by at most {:.1e} in the first {EARLY} steps and {:.1e} over all {}, the last kNN accuracy by {:.1} \
             points, the median norm by {:.1} %",
            self.early_loss,
            self.loss,
            self.steps,
            100.0 * self.knn,
            100.0 * self.norm,
        );
        match () {
            () if self.agrees() => format!("Verified but for rounding: same batches, same initial weights; {numbers}."),
            () if !self.same_batches => format!("Not the same run: the batches differ; {numbers}."),
            () if !self.same_weights => format!("Not the same run: the initial weights differ; {numbers}."),
            () => format!("Not verified: {numbers}. More than rounding explains."),
        }
    }
}

fn losses(a: &Track, b: &Track, first: usize) -> f64 {
    a.losses.iter().zip(&b.losses).take(first).map(|(a, b)| relative(f64::from(*a), f64::from(*b))).fold(0.0, f64::max)
}

/// The difference at the last evaluation that both have.
fn last(a: &Track, b: &Track, metric: Metric, difference: fn(f64, f64) -> f64) -> f64 {
    let (a, b) = (a.series(metric), b.series(metric));
    let common = a.iter().rev().find_map(|(step, x)| b.iter().find(|(other, _)| other == step).map(|(_, y)| (*x, *y)));
    common.map_or(0.0, |(x, y)| difference(x, y))
}

fn relative(a: f64, b: f64) -> f64 {
    if a == b { 0.0 } else { (a - b).abs() / a.abs().max(b.abs()) }
}
