//! A model's outputs for given inputs, and their scores.

use crate::engine::arm::{Arm, upload_rows};
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::studies::anomaly::score::{Reference, Scored};

/// Rows of one representation, with their number of columns.
pub type Rows = (Vec<f32>, usize);

/// Embeddings and features (in the order of [`crate::studies::anomaly::Features::ALL`]) of `rows: [n, len]`.
///
/// # Errors
/// When the device fails.
pub async fn outputs(arm: &Arm, rows: &[f32], len: usize, compute: &Compute) -> Result<[Rows; 2], EngineError> {
    let n = rows.len() / len;
    let (features, embeddings) = arm.read_outputs(&upload_rows(rows, n, &compute.device)).await?;
    Ok([embeddings, features].map(|values| {
        let d = values.len() / n.max(1);
        (values, d)
    }))
}

/// The scores of a model's outputs under both representations, without combinations and controls.
pub fn score(references: &[Reference; 2], outputs: &[Rows; 2]) -> [Scored; 2] {
    [0, 1].map(|at| references[at].score(&outputs[at].0))
}

/// The scores of `rows: [n, len]`; see [`score`].
///
/// # Errors
/// When the device fails.
pub async fn scored(
    arm: &Arm,
    references: &[Reference; 2],
    len: usize,
    rows: &[f32],
    compute: &Compute,
) -> Result<[Scored; 2], EngineError> {
    outputs(arm, rows, len, compute).await.map(|outputs| score(references, &outputs))
}
