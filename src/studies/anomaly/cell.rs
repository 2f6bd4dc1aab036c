//! The record of one model.

use serde::{Deserialize, Serialize};

use super::score::{Features, Score};
use crate::data::Ood;
use crate::lab::GalleryItem;

/// How well one score tells one kind of outlier from known samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Which output of the model.
    pub features: Features,
    /// Which score.
    pub score: Score,
    /// Which outliers.
    pub kind: Ood,
    /// Area under the ROC curve, 0..1. f32: exact enough, and text gives the same bits back.
    pub auroc: f32,
    /// Lower end of its 95 % bootstrap interval over samples.
    pub low: f32,
    /// Upper end.
    pub high: f32,
}

/// What is drawn of a model: kept for the first seed only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Norms of known test samples (`None`) and of each kind of outliers.
    pub norms: Vec<(Features, Option<Ood>, Vec<f32>)>,
    /// ROC curves, `[false positive rate, true positive rate]`, thinned.
    pub curves: Vec<(Features, Score, Ood, Vec<[f32; 2]>)>,
    /// Samples ordered by the norm of their embedding, smallest first.
    pub gallery: Vec<GalleryItem>,
}

/// One finished model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Index of its variant.
    pub variant: u32,
    /// Its seed.
    pub seed: u64,
    /// The classes that it has not seen.
    pub unseen: Vec<String>,
    /// Held-out kNN accuracy on the known classes, before and after training.
    pub knn: [f64; 2],
    /// The last finite training loss.
    pub loss: Option<f32>,
    /// The first step that was not finite; then nothing is measured.
    pub diverged: Option<u32>,
    /// Milliseconds of a training step (median).
    pub millis: f32,
    /// Known test samples that outliers are told from.
    pub inside: u32,
    /// Median |z| of known test samples.
    pub norm: f64,
    /// Weight of the norm in the tuned combination, per features as in [`Features::ALL`].
    pub alphas: [f64; 2],
    /// Every score, kind and feature.
    pub measured: Vec<Measured>,
    /// What is drawn.
    pub detail: Option<Detail>,
}

impl Cell {
    /// The area of one score for one kind; `None` when it was not measured.
    pub fn auroc(&self, features: Features, score: Score, kind: Ood) -> Option<&Measured> {
        self.measured.iter().find(|one| (one.features, one.score, one.kind) == (features, score, kind))
    }

    /// The mean area over all kinds that were measured; `None` without any.
    pub fn mean_auroc(&self, features: Features, score: Score) -> Option<f64> {
        let all: Vec<f64> = self
            .measured
            .iter()
            .filter(|one| (one.features, one.score) == (features, score))
            .map(|one| f64::from(one.auroc))
            .collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }
}

/// How far a study is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Finished models.
    pub cells_done: u32,
    /// All models.
    pub cells: u32,
    /// Share of the current model that is done, 0..1.
    pub share: f64,
    /// The current model's variant; empty when there is none.
    pub variant: String,
    /// Its seed.
    pub seed: u64,
}

impl Progress {
    /// Share of everything that is done, 0..1.
    pub fn share(&self) -> f64 {
        (f64::from(self.cells_done) + self.share).min(f64::from(self.cells)) / f64::from(self.cells.max(1))
    }
}
