//! What a study says: levels, each variant's best rate, steps and ratios with intervals, the whole grid. `finished` makes it,
//! `words` says it in sentences.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::estimate::Estimate;
use super::options::Options;

/// A level of accuracy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Share of the way from untrained to the standard's goal.
    pub fraction: f64,
    /// The kNN accuracy on the validation half.
    pub validation: f64,
    /// The kNN accuracy on the test half.
    pub test: f64,
}

/// One variant at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The variant's name.
    pub variant: String,
    /// The level's fraction.
    pub fraction: f64,
    /// Its best learning rate for this level, chosen on validation; `None` when half of the runs arrive at no rate.
    pub rate: Option<f64>,
    /// Whether that is the grid's first or last rate, so that a better one may lie outside.
    pub at_edge: bool,
    /// Median steps to the level at that rate, on test.
    pub steps: Estimate,
    /// Runs at that rate.
    pub runs: u32,
    /// Those that stayed finite but did not reach the level on test.
    pub censored: u32,
    /// Those that diverged.
    pub diverged: u32,
    /// Those that ended collapsed, with norms that run away, or below their start.
    #[serde(default)]
    pub failed: u32,
    /// The standard's steps over this variant's, each at its own best rate.
    pub best_rate: Estimate,
    /// The standard's steps over this variant's, both at the standard's best rate (the same place in the grid).
    pub same_rate: Estimate,
    /// Runs of this variant at the standard's best rate that did not reach the level or diverged.
    pub same_rate_missing: u32,
    /// Median milliseconds of a training step at its best rate.
    pub millis: Option<f64>,
    /// As `best_rate`, in training time instead of steps.
    pub time_ratio: Option<f64>,
}

/// Where a variant ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Final {
    /// The variant's name.
    pub variant: String,
    /// The rate with the highest median last validation accuracy; `None` when more than half diverge at every rate.
    pub rate: Option<f64>,
    /// Its median last kNN accuracy on test.
    pub knn: Estimate,
    /// That minus the standard's at its own strongest rate.
    pub gain: Estimate,
}

/// One place of the grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridCell {
    /// The variant's name.
    pub variant: String,
    /// The learning rate.
    pub rate: f64,
    /// Runs so far.
    pub runs: u32,
    /// Those that diverged.
    pub diverged: u32,
    /// Median last kNN accuracy on validation.
    pub validation: Option<f64>,
    /// Median last kNN accuracy on test.
    pub test: Option<f64>,
    /// Median of the last median norms.
    pub norm: Option<f64>,
    /// Per level: median steps on test.
    pub steps: Vec<Option<f64>>,
    /// Per level: runs that stayed finite but did not reach it on test.
    pub censored: Vec<u32>,
    /// Per level: the standard's steps at this place of the grid over this variant's.
    pub same_rate: Vec<Option<f64>>,
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
    /// Finished runs.
    pub cells_done: u32,
    /// All runs.
    pub cells_planned: u32,
    /// The seeds whose whole grid is done; results are about these.
    pub seeds: Vec<u64>,
    /// Steps between two evaluations: no step count is finer.
    pub resolution: u32,
    /// Held-out samples that rates are chosen on.
    pub validation_samples: u32,
    /// Held-out samples that results are read off.
    pub test_samples: u32,
    /// The standard's strongest rate, which sets the goal.
    pub goal_rate: Option<f64>,
    /// The levels; empty until the first seed is done.
    pub levels: Vec<Level>,
    /// Variant by variant, level by level.
    pub outcomes: Vec<Outcome>,
    /// Variant by variant.
    pub finals: Vec<Final>,
    /// Variant by variant, rate by rate.
    pub grid: Vec<GridCell>,
    /// What a reader must know to read the numbers.
    pub remarks: Vec<String>,
    /// The runs with their curves.
    pub cells: Vec<Cell>,
}
