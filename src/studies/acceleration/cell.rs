//! The record of one training run.

use serde::{Deserialize, Serialize};

use crate::config::{Seen, Standing};

/// What was measured along a run, one entry an evaluation. f32: exact enough, and text gives the same bits back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Training steps done; the first entry is 0.
    pub steps: Vec<u32>,
    /// kNN accuracy on the validation half, 0..1: learning rates are chosen on it.
    pub validation: Vec<f32>,
    /// kNN accuracy on the test half, 0..1: step counts are read off it.
    pub test: Vec<f32>,
    /// Median |z| of the held-out samples.
    pub norm: Vec<f32>,
    /// Mean per-coordinate standard deviation of z/|z|; near 0 when collapsed.
    pub spread: Vec<f32>,
}

/// One finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Index of its variant.
    pub variant: u32,
    /// Index of its rate in the grid.
    pub rate: u32,
    /// Its seed.
    pub seed: u64,
    /// Its learning rate.
    pub lr: f64,
    /// What was measured, up to the last evaluation at which everything was finite.
    pub curve: Curve,
    /// The last finite training loss.
    pub loss: Option<f32>,
    /// The step whose loss was the first that was not finite (or by which embeddings no longer were): the run was
    /// stopped there.
    pub diverged: Option<u32>,
    /// Milliseconds of a training step (median), without drawing the batch and without evaluation.
    pub millis: f32,
    /// Hash of the initial weights before any cut: equal for all runs of a seed.
    pub weights_hash: String,
    /// Hash of all batches: equal for all runs of a seed that were not stopped early.
    pub batch_hash: String,
}

impl Cell {
    /// How the run stands at its end, on test; its embeddings have dimension `dim`.
    pub fn standing(&self, dim: u32) -> Standing {
        let series = |values: &[f32]| {
            self.curve.steps.iter().zip(values).map(|(step, value)| (f64::from(*step), f64::from(*value))).collect()
        };
        let Curve { test, norm, spread, .. } = &self.curve;
        let (knn, spread, norm) = (series(test), series(spread), series(norm));
        // A study keeps no ranks.
        Seen { knn, spread, norm, stopped: self.diverged, dim, ..Seen::default() }.standing()
    }
}

/// How far a study is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Finished runs.
    pub cells_done: u32,
    /// All runs.
    pub cells: u32,
    /// Training steps done in the current run.
    pub step: u32,
    /// Training steps of a run.
    pub steps: u32,
    /// The current run's variant; empty when there is none.
    pub variant: String,
    /// The current run's learning rate.
    pub lr: f64,
    /// The current run's seed.
    pub seed: u64,
}

impl Progress {
    /// Share of all training steps that is done, 0..1; runs that diverge jump ahead.
    pub fn share(&self) -> f64 {
        let within = f64::from(self.step) / f64::from(self.steps.max(1));
        (f64::from(self.cells_done) + within).min(f64::from(self.cells)) / f64::from(self.cells.max(1))
    }
}
