//! One input against a trained model: how long its embedding is, and where its scores lie among known samples.

use super::inputs::Inputs;
use super::outputs::{outputs, score, scored};
use crate::engine::arm::Arm;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::lab::Placed;
use crate::metrics::Embeddings;
use crate::metrics::knn::Knn;
use crate::protocol::Picture;
use crate::studies::anomaly::score::{Combinations, Reference, Score, Scored, of};
use crate::studies::error::StudyError;

/// Training samples that are shown.
const SHOWN: usize = 5;

/// What inputs are scored against: a model's training samples, and the scores of known held-out ones.
pub struct Known {
    /// Training samples, per features.
    pub references: [Reference; 2],
    /// Fitted on the validation half.
    pub combinations: Combinations,
    /// Scores of the known test samples, per features.
    pub scores: [Scored; 2],
    /// kNN accuracy of the known test samples among the bank; NaN without classes.
    pub knn: f64,
}

impl Known {
    /// Of a trained model; `None` when its outputs are not finite.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn of(arm: &Arm, inputs: &Inputs, compute: &Compute) -> Result<Option<Known>, EngineError> {
        let len = inputs.len();
        let bank = outputs(arm, inputs.bank_rows(), len, compute).await?;
        if bank.iter().any(|(rows, _)| rows.iter().any(|value| !value.is_finite())) {
            return Ok(None);
        }
        let test = outputs(arm, &inputs.test.inputs, len, compute).await?;
        let knn = accuracy(&bank[0].0, &test[0].0, bank[0].1, inputs);
        let references = bank.map(|(rows, d)| Reference::new(rows, d));
        let validation = scored(arm, &references, len, &inputs.validation.inputs, compute).await?;
        let stand_in = scored(arm, &references, len, &inputs.stand_in, compute).await?;
        let mut scores = score(&references, &test);
        let combinations = Combinations::fit(&validation, &stand_in);
        combinations.add(&mut scores);
        Ok(Some(Known { references, combinations, scores, knn }))
    }
}

/// kNN accuracy of the known test samples among the bank, by their embeddings, `[m, d]` and `[n, d]`; NaN without classes.
pub fn accuracy(bank: &[f32], test: &[f32], d: usize, inputs: &Inputs) -> f64 {
    if !inputs.data.has_classes() {
        return f64::NAN;
    }
    let labels = &inputs.data.train.labels[..inputs.bank];
    Knn::new(Embeddings::or_empty(bank, d), labels).accuracy(Embeddings::or_empty(test, d), &inputs.test.labels)
}

/// A trained model with what inputs are scored against.
pub struct Probe {
    arm: Arm,
    known: Known,
}

impl Probe {
    /// A probe of `arm`; `known` is the arm's own.
    pub fn new(arm: Arm, known: Known) -> Probe {
        Probe { arm, known }
    }

    /// The model.
    pub fn arm(&self) -> &Arm {
        &self.arm
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
        let mut both = score(&self.known.references, &outputs);
        self.known.combinations.add(&mut both);
        let [scored, _] = &both;
        let value = |score: Score| of(scored, score).first().copied().unwrap_or(f64::NAN);
        let rank = |score: Score| {
            let known = of(&self.known.scores[0], score);
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
            neighbours: self.known.references[0].nearest(&outputs[0].0, SHOWN).into_iter().map(neighbour).collect(),
        })
    }
}
