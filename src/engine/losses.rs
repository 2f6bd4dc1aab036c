//! The losses, on un-normalised embeddings of two views: rows i and i+n are the views of sample i.
//!
//! All go through [`normalize_rows`], so each embedding's gradient is tangent to the sphere and scales with 1/|z| unless
//! GradScale's factors say otherwise. Exact f64 twins with closed-form gradients are in [`crate::theory`].

use burn::tensor::{Bool, Device, Tensor, TensorData};

use super::ops::normalize_rows;
use crate::config::LossKind;

/// Stands for minus infinity in a softmax: exp of it is 0 in f32.
const EXCLUDED: f32 = -1e9;

/// The constants of a contrastive loss for one batch size.
#[derive(Clone, Debug)]
pub struct Contrastive {
    kind: LossKind,
    tau: f64,
    /// Which similarities stay out of the denominator, `[2n, 2n]`.
    excluded: Tensor<2, Bool>,
}

impl Contrastive {
    /// For batches of `n` samples, two views each.
    pub fn new(kind: LossKind, tau: f64, n: usize, device: &Device) -> Contrastive {
        let rows = 2 * n;
        let is_out = |i: usize, j: usize| i == j || (kind == LossKind::Dcl && (i + n) % rows == j);
        let mask: Vec<bool> = (0..rows * rows).map(|at| is_out(at / rows, at % rows)).collect();
        let excluded = Tensor::from_data(TensorData::new(mask, [rows, rows]), device);
        Contrastive { kind, tau, excluded }
    }

    /// The loss of `z: [2n, d]`, `[1]`; `scale: [2n, 1]` are GradScale's factors.
    ///
    /// NT-Xent (Chen et al. 2020, eq. 1): mean over i of `-s_ij/tau + log sum_{k != i} exp(s_ik/tau)` with j the other
    /// view of i, symmetric, all 2n-2 negatives. DCL (Yeh et al. 2022): the sum leaves out j as well.
    pub fn loss(&self, z: Tensor<2>, scale: Tensor<2>) -> Tensor<1> {
        let unit = normalize_rows(z, scale);
        let positives = pair_cosines(unit.clone(), unit.clone()) / self.tau;
        let similarity = unit.clone().matmul(unit.transpose()) / self.tau;
        let logits = similarity.mask_fill(self.excluded.clone(), EXCLUDED);
        // The largest logit of each row keeps exp in range whatever the temperature.
        let top = logits.clone().max_dim(1).detach();
        let log_sum = (logits - top.clone()).exp().sum_dim(1).log() + top;
        (log_sum - positives).mean()
    }

    /// The loss's name for people.
    pub fn kind(&self) -> LossKind {
        self.kind
    }
}

/// The prediction loss of BYOL and SimSiam, `[1]`: minus the mean cosine between each prediction and the other view's
/// target. `predictions: [2n, d]`, `targets: [2n, d]` (a constant: no gradient flows into it), `scale: [2n, 1]`.
///
/// BYOL writes 2 - 2 cos (Grill et al. 2020, eq. 2), SimSiam -cos (Chen and He 2021, eq. 1); we use the latter for both.
pub fn prediction_loss(predictions: Tensor<2>, targets: Tensor<2>, scale: Tensor<2>) -> Tensor<1> {
    let targets = targets.inner();
    let ones = Tensor::ones([targets.dims()[0], 1], &targets.device());
    let targets = normalize_rows(targets, ones);
    pair_cosines(normalize_rows(predictions, scale), targets).mean().neg()
}

/// Cosine of each unit row with the other view's unit row, `[2n, d]` twice to `[2n, 1]`.
fn pair_cosines(unit: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    let [rows, _] = other.dims();
    let swapped = Tensor::cat(vec![other.clone().narrow(0, rows / 2, rows / 2), other.narrow(0, 0, rows / 2)], 0);
    (unit * swapped).sum_dim(1)
}
