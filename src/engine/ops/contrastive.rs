//! NT-Xent and DCL of unit rows in one operation on the CPU: the cosines become probabilities where they lie, and the gradient is
//! one product with them; no masks, and an exponential that compilers turn into vectors. GPUs train by a plan
//! (shaders/train/softmax.wgsl and pull.wgsl are the twins) and use burn's own operations here.
//!
//! With `s_ik = u_i u_k / tau`, `p(i)` the other view of i, and K(i) all rows but i (NT-Xent, Chen et al. 2020, eq. 1), of DCL (Yeh et
//! al. 2022) also without p(i): `l_i = log sum_{k in K(i)} exp(s_ik) - s_{i p(i)}`. Backward, with `P_ik = exp(s_ik) / sum exp(s_ik)` in
//! K(i) and 0 outside, and `g_i = dL/dl_i`: `dL/du_a = sum_k (W_ak + W_ka) u_k / tau`, `W_ik = g_i (P_ik - [k = p(i)])`.

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind, unary},
};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

/// Which cosines are compared, and how sharply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The temperature.
    pub tau: f32,
    /// DCL: the other view is no negative.
    pub without_pair: bool,
}

/// The kernels behind [`contrastive_rows`].
pub trait ContrastiveKernels: Backend {
    /// Unit rows `u: [2n, d]` to their losses, `[2n, 1]`, and the probabilities, `[2n, 2n]`.
    fn forward_kernel(unit: FloatTensor<Self>, comparison: Comparison) -> [FloatTensor<Self>; 2];
    /// Unit rows, probabilities and the losses' gradient `[2n, 1]` to the rows' gradient, `[2n, d]`.
    fn backward_kernel(
        unit: FloatTensor<Self>,
        probabilities: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        comparison: Comparison,
    ) -> FloatTensor<Self>;
}

/// The operation as burn's dispatcher sees it.
#[backend_extension(Flex, Autodiff)]
pub trait ContrastiveOps: Backend {
    /// Unit rows to their losses.
    fn compare_rows(unit: FloatTensor<Self>, comparison: Comparison) -> FloatTensor<Self>;
}

/// Values that a loop works on at once.
const LANES: usize = 8;
/// Stands for minus infinity in a softmax: exp of it is 0 in f32.
pub const EXCLUDED: f32 = -1e9;

/// e^x for x <= 0, within 1e-7 of its size; no less than e^-87, and no number for no number. (Cephes' expf without branches.)
#[inline]
fn exp(x: f32) -> f32 {
    const LOWEST: f32 = -87.0;
    /// Added, it leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const SERIES: [f32; 6] = [1.987_569_2e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let x = if x < LOWEST { LOWEST } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    let rest = x - whole * LN_2[0] - whole * LN_2[1];
    let series = SERIES.iter().fold(0.0, |sum, term| sum * rest + term);
    let power = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    (series * rest * rest + rest + 1.0) * power
}

/// Calls `act` with eight values at a time and then with each of the rest; lane by lane the same.
#[inline]
fn in_lanes(row: &mut [f32], lanes: &mut [f32; LANES], act: impl Fn(&mut f32, &mut f32)) {
    let mut blocks = row.chunks_exact_mut(LANES);
    for block in &mut blocks {
        for (value, lane) in block.iter_mut().zip(lanes.iter_mut()) {
            act(value, lane);
        }
    }
    for (value, lane) in blocks.into_remainder().iter_mut().zip(lanes.iter_mut()) {
        act(value, lane);
    }
}

/// Turns the cosines of row `own` into probabilities; its loss.
fn softmax(row: &mut [f32], own: usize, comparison: Comparison) -> f32 {
    let pair = (own + row.len() / 2) % row.len();
    let sharpness = 1.0 / comparison.tau;
    let positive = row[pair] * sharpness;
    let excluded = [own, if comparison.without_pair { pair } else { own }];
    excluded.into_iter().for_each(|at| row[at] = EXCLUDED);
    // The largest logit keeps exp in range whatever the temperature.
    let mut tops = [EXCLUDED; LANES];
    in_lanes(row, &mut tops, |value, top| {
        *value *= sharpness;
        *top = if *value > *top { *value } else { *top };
    });
    let top = tops.into_iter().fold(EXCLUDED, f32::max);
    let mut sums = [0.0; LANES];
    in_lanes(row, &mut sums, |value, sum| {
        *value = exp(*value - top);
        *sum += *value;
    });
    let sum: f32 = sums.into_iter().sum();
    let share = 1.0 / sum;
    row.iter_mut().for_each(|value| *value *= share);
    excluded.into_iter().for_each(|at| row[at] = 0.0);
    sum.ln() + top - positive
}

/// Turns probabilities into what each row pulls on each other, `(W + W^T) / tau`; block by block, so that both sides are at hand.
fn pulls(probabilities: &mut [f32], grad: &[f32], comparison: Comparison) {
    const BLOCK: usize = 16;
    let rows = grad.len();
    let sharpness = 1.0 / comparison.tau;
    for top in (0..rows).step_by(BLOCK) {
        for left in (top..rows).step_by(BLOCK) {
            for i in top..rows.min(top + BLOCK) {
                for j in left.max(i)..rows.min(left + BLOCK) {
                    let (here, there) = (i * rows + j, j * rows + i);
                    let pull = (grad[i] * probabilities[here] + grad[j] * probabilities[there]) * sharpness;
                    (probabilities[here], probabilities[there]) = (pull, pull);
                }
            }
        }
    }
    for own in 0..rows {
        let pair = (own + rows / 2) % rows;
        probabilities[own * rows + pair] -= (grad[own] + grad[pair]) * sharpness;
    }
}

impl ContrastiveKernels for Flex {
    fn forward_kernel(unit: FloatTensor<Self>, comparison: Comparison) -> [FloatTensor<Self>; 2] {
        let rows = unit.shape()[0];
        let across = Self::float_transpose(unit.clone());
        let mut cosines = Self::float_matmul(unit, across);
        let losses: Vec<f32> = cosines
            .storage_mut::<f32>()
            .chunks_exact_mut(rows.max(1))
            .enumerate()
            .map(|(own, row)| softmax(row, own, comparison))
            .collect();
        [FloatTensor::<Flex>::from_data(TensorData::new(losses, [rows, 1])), cosines]
    }

    fn backward_kernel(
        unit: FloatTensor<Self>,
        mut probabilities: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        comparison: Comparison,
    ) -> FloatTensor<Self> {
        let grad = grad.to_contiguous();
        pulls(probabilities.storage_mut(), grad.storage(), comparison);
        Self::float_matmul(probabilities, unit)
    }
}

impl ContrastiveOps for Flex {
    fn compare_rows(unit: FloatTensor<Self>, comparison: Comparison) -> FloatTensor<Self> {
        let [losses, _] = Self::forward_kernel(unit, comparison);
        losses
    }
}

#[derive(Debug)]
struct ContrastiveBackward;

impl<B: ContrastiveKernels> Backward<B, 1> for ContrastiveBackward {
    type State = (FloatTensor<B>, FloatTensor<B>, Comparison);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (unit, probabilities, comparison) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::backward_kernel(unit, probabilities, grad, comparison));
    }
}

impl<B: ContrastiveOps + ContrastiveKernels, C: CheckpointStrategy> ContrastiveOps for Autodiff<B, C> {
    fn compare_rows(unit: FloatTensor<Self>, comparison: Comparison) -> FloatTensor<Self> {
        let (unit, node) = unit.into_parts();
        let [losses, probabilities] = B::forward_kernel(unit.clone(), comparison);
        match ContrastiveBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((unit, probabilities, comparison), losses),
            OpsKind::UnTracked(prep) => prep.finish(losses),
        }
    }
}

/// The contrastive loss of each of the unit rows `[2n, d]` on the CPU, `[2n, 1]`; rows i and i+n are the views of sample i.
pub fn contrastive_rows(unit: Tensor<2>, comparison: Comparison) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::compare_rows(unit.into_dispatch(), comparison))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_the_last_digits() {
        for at in 0..=87_000 {
            let x = -(at as f32) / 1000.0;
            let (ours, right) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((ours - right).abs() <= 1.5e-7 * right, "{x}: {ours} {right}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e9) < 2e-38 && exp(-1e9) > 0.0);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn probabilities_add_up_to_one_at_every_temperature() {
        for (tau, without_pair) in [(0.01, false), (0.5, true), (100.0, false)] {
            let mut row: Vec<f32> = (0..26).map(|at| (at as f32 * 1.3).sin()).collect();
            let loss = softmax(&mut row, 3, Comparison { tau, without_pair });
            assert!(loss.is_finite());
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{tau}: {row:?}");
            assert_eq!((row[3] == 0.0, row[16] == 0.0), (true, without_pair), "{tau}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_hidden() {
        let mut row = vec![0.5; 20];
        row[7] = f32::NAN;
        assert!(softmax(&mut row, 0, Comparison { tau: 0.5, without_pair: false }).is_nan());
    }
}
