//! The losses, on un-normalised embeddings of two views: rows i and i+n are the views of sample i.
//!
//! All go through [`normalize_rows`], so each embedding's gradient is tangent to the sphere and scales with 1/|z| unless
//! GradScale's factors say otherwise. Exact f64 twins with closed-form gradients are in [`crate::theory`].

use burn::tensor::{Bool, Device, Tensor, TensorData};

use super::ops::{Comparison, EXCLUDED, contrastive_rows, normalize_rows};
use crate::config::LossKind;

/// The constants of a contrastive loss for one batch size.
#[derive(Clone, Debug)]
pub struct Contrastive {
    kind: LossKind,
    tau: f64,
    /// Which similarities stay out of the denominator, `[2n, 2n]`; not needed on the CPU.
    excluded: Option<Tensor<2, Bool>>,
}

impl Contrastive {
    /// For batches of `n` samples, two views each.
    pub fn new(kind: LossKind, tau: f64, n: usize, device: &Device) -> Contrastive {
        let excluded = (*device != Device::flex()).then(|| excluded(kind, n, device));
        Contrastive { kind, tau, excluded }
    }

    /// The loss of `z: [2n, d]`, `[1]`; `scale: [2n, 1]` are GradScale's factors.
    ///
    /// NT-Xent (Chen et al. 2020, eq. 1): mean over i of `-s_ij/tau + log sum_{k != i} exp(s_ik/tau)` with j the other
    /// view of i, symmetric, all 2n-2 negatives. DCL (Yeh et al. 2022): the sum leaves out j as well.
    pub fn loss(&self, z: Tensor<2>, scale: Tensor<2>) -> Tensor<1> {
        let unit = normalize_rows(z, scale);
        match &self.excluded {
            Some(excluded) => composed(unit, self.tau, excluded.clone()),
            None => {
                let comparison = Comparison { tau: self.tau as f32, without_pair: self.kind == LossKind::Dcl };
                contrastive_rows(unit, comparison).mean()
            }
        }
    }

    /// The loss's name for people.
    pub fn kind(&self) -> LossKind {
        self.kind
    }
}

/// Which similarities stay out of the denominator, `[2n, 2n]`.
fn excluded(kind: LossKind, n: usize, device: &Device) -> Tensor<2, Bool> {
    let rows = 2 * n;
    let is_out = |i: usize, j: usize| i == j || (kind == LossKind::Dcl && (i + n) % rows == j);
    let mask: Vec<bool> = (0..rows * rows).map(|at| is_out(at / rows, at % rows)).collect();
    Tensor::from_data(TensorData::new(mask, [rows, rows]), device)
}

/// The contrastive loss of unit rows by burn's operations, `[1]`.
fn composed(unit: Tensor<2>, tau: f64, excluded: Tensor<2, Bool>) -> Tensor<1> {
    let positives = pair_cosines(unit.clone(), unit.clone()) / tau;
    let similarity = unit.clone().matmul(unit.transpose()) / tau;
    let logits = similarity.mask_fill(excluded, EXCLUDED);
    // The largest logit of each row keeps exp in range whatever the temperature.
    let top = logits.clone().max_dim(1).detach();
    let log_sum = (logits - top.clone()).exp().sum_dim(1).log() + top;
    (log_sum - positives).mean()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize, d: usize) -> Tensor<2> {
        let values: Vec<f32> = (0..2 * n * d).map(|at| (at as f32 * 1.7).sin() * (1.0 + (at % 5) as f32)).collect();
        Tensor::from_data(TensorData::new(values, [2 * n, d]), &Device::flex())
    }

    /// Loss and gradient of a loss of `z`.
    fn value_and_gradient(z: Tensor<2>, loss: impl Fn(Tensor<2>) -> Tensor<1>) -> (f32, Vec<f32>) {
        let z = z.autodiff().require_grad();
        let value = loss(z.clone());
        let mut grads = value.backward();
        let gradient = z.grad_remove(&mut grads).unwrap();
        (value.into_scalar(), gradient.into_data().try_to_vec().unwrap())
    }

    #[test]
    fn the_operation_of_the_cpu_agrees_with_burns_own_operations() {
        for (n, d) in [(2, 3), (9, 5), (64, 16)] {
            for kind in [LossKind::NtXent, LossKind::Dcl] {
                for tau in [0.05, 0.5, 5.0] {
                    let device = Device::flex();
                    let ones = Tensor::ones([2 * n, 1], &device);
                    let ours = Contrastive::new(kind, tau, n, &device);
                    let (loss, gradient) = value_and_gradient(rows(n, d), |z| ours.loss(z, ones.clone()));
                    let (right, slope) = value_and_gradient(rows(n, d), |z| {
                        composed(normalize_rows(z, ones.clone()), tau, excluded(kind, n, &device))
                    });
                    assert!((loss - right).abs() <= 2e-6 * right.abs().max(1.0), "{n} {kind:?} {tau}: {loss} {right}");
                    let largest = slope.iter().fold(1e-6_f32, |top, v| top.max(v.abs()));
                    for (a, b) in gradient.iter().zip(&slope) {
                        assert!((a - b).abs() <= 2e-5 * largest, "{n} {kind:?} {tau}: {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let device = Device::flex();
        let (n, d) = (5, 3);
        let ones = Tensor::ones([2 * n, 1], &device);
        for kind in [LossKind::NtXent, LossKind::Dcl] {
            let ours = Contrastive::new(kind, 0.5, n, &device);
            let (_, gradient) = value_and_gradient(rows(n, d), |z| ours.loss(z, ones.clone()));
            for at in 0..gradient.len() {
                let moved = |step: f32| {
                    let mut values: Vec<f32> = rows(n, d).into_data().try_to_vec().unwrap();
                    values[at] += step;
                    let z = Tensor::from_data(TensorData::new(values, [2 * n, d]), &device);
                    f64::from(ours.loss(z, ones.clone()).into_scalar::<f32>())
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!((slope - f64::from(gradient[at])).abs() < 2e-4, "{kind:?} {at}: {slope} {}", gradient[at]);
            }
        }
    }
}
