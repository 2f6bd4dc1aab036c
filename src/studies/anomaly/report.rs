//! What a study says: mean areas over seeds with intervals, and gains over named baselines. `finished` makes it, `words` says
//! it in sentences.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::options::Options;
use super::score::{Features, Score};
use crate::data::Ood;
use crate::metrics::bootstrap::Interval;

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
}
