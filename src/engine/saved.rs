//! An arm's whole state on the host: a run goes on from it as if it had never stopped.
//!
//! On the CPU bit for bit; on a GPU likewise, as long as its kernels add in the same order every time.

use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::layers::RunningStats;
use super::model::{Model, Parameters};
use super::params;
use super::tensors::upload;
use crate::config::Method;

/// Everything that training has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedArm {
    pub(super) step: u32,
    pub(super) values: Vec<Vec<f32>>,
    /// Mean and variance of each batch-norm layer.
    pub(super) stats: Vec<[Vec<f32>; 2]>,
    /// BYOL's target; empty for the other methods.
    pub(super) target: Vec<Vec<f32>>,
    /// The optimizer's first and second moments; absent before the first step.
    pub(super) first: Vec<Option<Vec<f32>>>,
    pub(super) second: Vec<Option<Vec<f32>>>,
    pub(super) updates: i32,
    /// Losses that no evaluation has reported yet.
    pub(super) losses: Vec<(u32, f32)>,
}

impl SavedArm {
    /// What embedding needs, without what only training on needs.
    #[must_use]
    pub fn without_training(self) -> SavedArm {
        let none = |moments: Vec<Option<Vec<f32>>>| vec![None; moments.len()];
        SavedArm { first: none(self.first), second: none(self.second), updates: 0, losses: Vec::new(), ..self }
    }

    /// All values by kind, each flat; for comparisons.
    pub fn parts(&self) -> Vec<(&'static str, Vec<f32>)> {
        let moments = |all: &[Option<Vec<f32>>]| all.iter().flatten().flatten().copied().collect::<Vec<f32>>();
        vec![
            ("losses", self.losses.iter().map(|(_, loss)| *loss).collect()),
            ("first moments", moments(&self.first)),
            ("second moments", moments(&self.second)),
            ("parameters", self.values.concat()),
            ("target", self.target.concat()),
            ("running statistics", self.stats.iter().flatten().flatten().copied().collect()),
        ]
    }

    /// Whether an arm of this model has saved it.
    ///
    /// # Errors
    /// When it belongs to another network.
    pub fn fits(&self, model: &Model) -> Result<(), EngineError> {
        let wanted = model.lengths();
        let sizes = |all: &[Vec<f32>]| all.iter().map(Vec::len).collect::<Vec<_>>();
        let moments = |all: &[Option<Vec<f32>>]| {
            all.len() == wanted.len()
                && all.iter().zip(&wanted).all(|(one, size)| one.as_ref().is_none_or(|one| one.len() == *size))
        };
        let channels = model.network.norm_channels();
        let stats = self.stats.len() == channels.len()
            && self.stats.iter().zip(channels).all(|(pair, size)| pair.iter().all(|one| one.len() == *size));
        let target = match model.method {
            Method::Byol => sizes(&self.target) == wanted,
            Method::SimClr | Method::SimSiam => self.target.is_empty(),
        };
        if sizes(&self.values) == wanted && moments(&self.first) && moments(&self.second) && stats && target {
            Ok(())
        } else {
            Err(EngineError::OtherNetwork)
        }
    }

    /// The parameters on a model's device, which it [fits](SavedArm::fits).
    pub fn parameters(&self, model: &Model) -> Parameters {
        let stats = |[mean, variance]: &[Vec<f32>; 2]| RunningStats {
            mean: upload(mean, &model.device),
            variance: upload(variance, &model.device),
        };
        Parameters {
            values: params::upload(&self.values, &model.device),
            target: (model.method == Method::Byol).then(|| params::upload(&self.target, &model.device)),
            stats: self.stats.iter().map(stats).collect(),
        }
    }
}
