//! Row normalisation with a scaled gradient: zh = z/|z| forward, GradScale folded into the backward.
//!
//! Forward: `zh_i = z_i / |z_i|`, whatever the scale: GradScale is exactly the identity in the forward pass.
//! Backward: `dL/dz_i = s_i (I - zh_i zh_i^T) dL/dzh_i / |z_i|`, tangent to the sphere and of length 1/|z_i|
//! (Draganov et al. 2025, Prop. on the cosine's gradient; Zhang et al. 2020, eq. 1). With `s_i = |z_i|^p` this is
//! GradScale with power p; with `s_i = 1` it is the plain normalisation.
//! A row whose norm is at most [`MIN_NORM`] has no direction: it maps to 0 and gets no gradient.

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind, unary},
};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use crate::config::GradMode;
pub use crate::config::fixed::MIN_NORM;

/// The two kernels behind [`normalize_rows`], implemented once per backend.
pub trait NormalizeKernels: Backend {
    /// `x: [n, d]` to `x_i / |x_i|: [n, d]`.
    fn forward_kernel(x: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `x: [n, d]`, `scale: [n, 1]`, `grad: [n, d]` to the gradient with respect to `x`, `[n, d]`.
    fn backward_kernel(x: FloatTensor<Self>, scale: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The operation as burn's dispatcher sees it.
#[cfg_attr(feature = "burn-gpu", backend_extension(Cube, Flex, Autodiff))]
#[cfg_attr(not(feature = "burn-gpu"), backend_extension(Flex, Autodiff))]
pub trait NormalizeOps: Backend {
    /// `x: [n, d]` to unit rows; `scale: [n, 1]` only multiplies the gradient.
    fn normalize_scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl NormalizeKernels for Flex {
    fn forward_kernel(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let inverse = inverse_norms::<Self>(x.clone());
        Self::float_mul(x, inverse)
    }

    fn backward_kernel(x: FloatTensor<Self>, scale: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let inverse = inverse_norms::<Self>(x.clone());
        let unit = Self::float_mul(x, inverse.clone());
        let along = Self::float_sum_dim(Self::float_mul(grad.clone(), unit.clone()), 1);
        let tangent = Self::float_sub(grad, Self::float_mul(unit, along));
        Self::float_mul(tangent, Self::float_mul(scale, inverse))
    }
}

/// `[n, d]` to `1/|x_i|: [n, 1]`, 0 for rows without a direction.
fn inverse_norms<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let norms = B::float_sqrt(B::float_sum_dim(B::float_mul(x.clone(), x), 1));
    let bool_type = burn::tensor::BoolDType::Native;
    let short = B::float_lower_equal_elem(norms.clone(), MIN_NORM.into(), bool_type);
    B::float_mask_fill(B::float_recip(norms), short, 0.0.into())
}

impl NormalizeOps for Flex {
    fn normalize_scaled(x: FloatTensor<Self>, _scale: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::forward_kernel(x)
    }
}

#[derive(Debug)]
struct NormalizeBackward;

impl<B: NormalizeKernels> Backward<B, 1> for NormalizeBackward {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, scale) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::backward_kernel(x, scale, grad));
    }
}

impl<B: NormalizeOps + NormalizeKernels, C: CheckpointStrategy> NormalizeOps for Autodiff<B, C> {
    fn normalize_scaled(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self> {
        debug_assert_eq!(x.shape()[0], scale.shape()[0], "one scale a row");
        let (x, node) = x.into_parts();
        let scale = scale.primitive().clone();
        match NormalizeBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let out = B::forward_kernel(x.clone());
                prep.finish((x, scale), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::forward_kernel(x)),
        }
    }
}

/// Unit rows of `x: [n, d]`; the gradient of row i is multiplied by `scale[i]` (`[n, 1]`, a constant).
pub fn normalize_rows(x: Tensor<2>, scale: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::normalize_scaled(x.into_dispatch(), scale.into_dispatch()))
}

/// |x_i| of every row, `[n, d]` to `[n, 1]`, without gradient.
pub fn row_norms(x: &Tensor<2>) -> Tensor<2> {
    let x = x.clone().inner();
    (x.clone() * x).sum_dim(1).sqrt()
}

/// GradScale's factors for the rows of `x: [n, d]`, `[n, 1]`: |x_i|^p, or in the control mode (mean |x|)^p for all.
pub fn grad_scale(x: &Tensor<2>, power: f64, mode: GradMode) -> Tensor<2> {
    let [n, _] = x.dims();
    let device = x.device().inner();
    if power == 0.0 {
        return Tensor::ones([n, 1], &device);
    }
    match mode {
        GradMode::Sample => raise(row_norms(x), power),
        GradMode::Batch => raise(row_norms(x).mean_dim(0), power).expand([n, 1]),
    }
}

/// `norms^power`. The whole powers are products: exact, and the same on every device, which a GPU's `pow` is not.
fn raise(norms: Tensor<2>, power: f64) -> Tensor<2> {
    match power {
        1.0 => norms,
        2.0 => norms.clone() * norms,
        _ => norms.powf_scalar(power),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn rows(values: &[f32], d: usize) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len() / d, d]), &Device::flex())
    }

    fn values(x: Tensor<2>) -> Vec<f32> {
        x.inner().into_data().try_to_vec().unwrap()
    }

    /// A loss that is not symmetric in anything: sum of w * zh^3.
    fn loss(x: Tensor<2>, scale: Tensor<2>, w: Tensor<2>) -> Tensor<1> {
        let unit = normalize_rows(x, scale);
        (unit.clone() * unit.clone() * unit * w).sum()
    }

    const X: [f32; 6] = [0.3, -1.2, 2.0, 0.9, 0.4, -0.2];
    const W: [f32; 6] = [1.0, 2.0, -0.5, 0.7, -1.1, 0.3];

    fn gradient(scale: Tensor<2>) -> Vec<f32> {
        let x = rows(&X, 3).autodiff().require_grad();
        let mut grads = loss(x.clone(), scale, rows(&W, 3)).backward();
        values(x.grad_remove(&mut grads).unwrap())
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let analytic = gradient(rows(&[1.0, 1.0], 1));
        for i in 0..X.len() {
            let at = |h: f32| {
                let mut x = X;
                x[i] += h;
                f64::from(values(loss(rows(&x, 3), rows(&[1.0; 2], 1), rows(&W, 3)).unsqueeze())[0])
            };
            let numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((numeric - f64::from(analytic[i])).abs() < 2e-3, "{i}: {numeric} {}", analytic[i]);
        }
    }

    #[test]
    fn the_gradient_is_orthogonal_to_the_embedding_and_scales_with_its_row_factor() {
        let plain = gradient(rows(&[1.0, 1.0], 1));
        let scaled = gradient(rows(&[2.0, 0.5], 1));
        for row in 0..2 {
            let dot: f32 = (0..3).map(|k| plain[3 * row + k] * X[3 * row + k]).sum();
            assert!(dot.abs() < 1e-6, "{dot}");
            for k in 0..3 {
                let factor = [2.0, 0.5][row];
                assert!((scaled[3 * row + k] - factor * plain[3 * row + k]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn grad_scale_does_not_change_one_bit_of_the_forward_pass() {
        let x = rows(&X, 3).autodiff().require_grad();
        let plain = normalize_rows(x.clone(), grad_scale(&x, 0.0, GradMode::Sample));
        for power in [0.5, 1.0, 2.0] {
            for mode in [GradMode::Sample, GradMode::Batch] {
                let scaled = normalize_rows(x.clone(), grad_scale(&x, power, mode));
                assert_eq!(values(scaled), values(plain.clone()));
            }
        }
    }

    #[test]
    fn a_zero_row_stays_zero_and_gets_no_gradient() {
        let x = rows(&[0.0, 0.0, 3.0, 4.0], 2).autodiff().require_grad();
        let unit = normalize_rows(x.clone(), rows(&[1.0, 1.0], 1));
        assert_eq!(values(unit.clone()), [0.0, 0.0, 0.6, 0.8]);
        let mut grads = (unit * rows(&[1.0, 2.0, 3.0, 4.0], 2)).sum().backward();
        let grad = values(x.grad_remove(&mut grads).unwrap());
        assert_eq!(grad[..2], [0.0, 0.0]);
        assert!(grad.iter().all(|g| g.is_finite()));
    }

    #[test]
    fn the_batch_mode_scales_every_row_alike() {
        let x = rows(&[3.0, 4.0, 0.0, 1.0], 2);
        assert_eq!(values(grad_scale(&x, 1.0, GradMode::Batch)), [3.0, 3.0]);
        assert_eq!(values(grad_scale(&x, 2.0, GradMode::Sample)), [25.0, 1.0]);
    }
}
