//! One input against a trained model: how long its embedding is, and where its scores lie among known samples.

use super::inputs::Inputs;
use super::outputs::{outputs, score};
use crate::engine::arm::Arm;
use crate::engine::device::Compute;
use crate::lab::Placed;
use crate::protocol::Picture;
use crate::studies::anomaly::score::{Combinations, Reference, Score, Scored, of};
use crate::studies::error::StudyError;

/// Training samples that are shown.
const SHOWN: usize = 5;

/// A trained model with what inputs are scored against.
pub struct Probe {
    arm: Arm,
    references: [Reference; 2],
    combinations: Combinations,
    known: Scored,
}

impl Probe {
    /// `known` are the scores of known held-out samples' embeddings.
    pub fn new(arm: Arm, references: [Reference; 2], combinations: Combinations, known: Scored) -> Probe {
        Probe { arm, references, combinations, known }
    }

    /// Scores `row: [len]`.
    ///
    /// # Errors
    /// When the row has another length than the data, or the device fails.
    pub async fn place(&self, row: &[f32], inputs: &Inputs, compute: &Compute) -> Result<Placed, StudyError> {
        if row.len() != inputs.len() || row.iter().any(|value| !value.is_finite()) {
            return Err(StudyError::Input { values: inputs.len() });
        }
        let outputs = outputs(&self.arm, row, inputs.len(), compute).await?;
        let mut both = score(&self.references, &outputs);
        self.combinations.add(&mut both);
        let [scored, _] = &both;
        let value = |score: Score| of(scored, score).first().copied().unwrap_or(f64::NAN);
        let rank = |score: Score| {
            let known = of(&self.known, score);
            known.iter().filter(|other| **other < value(score)).count() as f64 / known.len().max(1) as f64
        };
        let data = &inputs.data;
        let neighbour = |(index, cosine): (usize, f32)| {
            let class = data.classes.get(usize::from(data.train.labels[index])).cloned().unwrap_or_default();
            (class, cosine, Picture::of(&data.kind, data.train.row(index)))
        };
        Ok(Placed {
            norm: value(Score::Norm),
            norm_rank: rank(Score::Norm),
            max_cosine: value(Score::MaxCosine),
            cosine_rank: rank(Score::MaxCosine),
            combined_rank: rank(Score::Sum),
            neighbours: self.references[0].nearest(&outputs[0].0, SHOWN).into_iter().map(neighbour).collect(),
        })
    }
}
