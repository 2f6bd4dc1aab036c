//! Batch norm and ReLU in one operation on the CPU, statistics from the batch: two passes over the values where composed
//! operations take a dozen, each with memory of its own. GPUs train by a plan (shaders/train/batch_norm.wgsl is the twin)
//! and use burn's own operations here.
//!
//! `y = max(0, gain (x - mean) / sqrt(variance + epsilon) + shift)` (Ioffe and Szegedy 2015), population variance. Backward,
//! with `d = dL/dy` where y > 0 and `h = (x - mean) / sqrt(variance + epsilon)`:
//! `dL/dshift = sum d`, `dL/dgain = sum d h`, `dL/dx = gain / sqrt(variance + epsilon) (d - mean(d) - h mean(d h))`.

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

/// The kernels behind [`norm_relu`].
pub trait NormReluKernels: Backend {
    /// `x: [n, c]` to mean and variance of each channel, `[2c]`.
    fn moments_kernel(x: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `x: [n, c]` to y of x's shape.
    fn norm_relu_kernel(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self>;
    /// Gradients with respect to x, gain and shift.
    fn backward_kernel(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        epsilon: f32,
    ) -> [FloatTensor<Self>; 3];
}

/// The operation as burn's dispatcher sees it.
#[backend_extension(Flex, Autodiff)]
pub trait NormReluOps: Backend {
    /// Statistics, without gradient.
    fn channel_moments(x: FloatTensor<Self>) -> FloatTensor<Self>;
    /// Batch norm and ReLU; the gradient takes the moments' dependence on x into account.
    fn normalize_rectify(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self>;
}

/// What each channel's values are multiplied with and shifted by.
struct Channels<'a> {
    mean: &'a [f32],
    /// 1/sqrt(variance + epsilon).
    scale: Vec<f32>,
    gain: &'a [f32],
    shift: &'a [f32],
}

impl<'a> Channels<'a> {
    fn new(moments: &'a [f32], gain: &'a [f32], shift: &'a [f32], epsilon: f32) -> Channels<'a> {
        let (mean, variance) = moments.split_at(moments.len() / 2);
        let scale = variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
        Channels { mean, scale, gain, shift }
    }

    /// Mean, scale, gain and shift, all of one length as the compiler sees it: loops over them become vectors.
    fn columns(&self) -> (usize, [&[f32]; 4]) {
        let c = self.mean.len();
        (c, [&self.mean[..c], &self.scale[..c], &self.gain[..c], &self.shift[..c]])
    }
}

/// The mean over rows `[n, c]` of `term(value - centre)`, channel by channel: blocks of rows in f32, their sums in f64. What is
/// almost 0 after normalising must come out with the same sign on every device, or ReLU lets another gradient through.
fn mean_rows(rows: &[f32], centres: &[f32], term: impl Fn(f32) -> f32) -> Vec<f32> {
    const BLOCK: usize = 16;
    let channels = centres.len();
    let count = (rows.len() / channels.max(1)) as f64;
    let mut sums = vec![0.0_f64; channels];
    let mut block_sums = vec![0.0_f32; channels];
    for block in rows.chunks(BLOCK * channels) {
        block_sums.fill(0.0);
        for row in block.chunks_exact(channels) {
            // No index: the loop becomes vectors.
            for (sum, (value, centre)) in block_sums.iter_mut().zip(row.iter().zip(centres)) {
                *sum += term(value - centre);
            }
        }
        for (sum, block) in sums.iter_mut().zip(&block_sums) {
            *sum += f64::from(*block);
        }
    }
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

fn moments_of(x: &[f32], channels: usize) -> Vec<f32> {
    let mut mean = mean_rows(x, &vec![0.0; channels], |value| value);
    let variance = mean_rows(x, &mean, |distance| distance * distance);
    mean.extend(variance);
    mean
}

fn forward(x: &[f32], channels: &Channels<'_>) -> Vec<f32> {
    let (c, [mean, scale, gain, shift]) = channels.columns();
    let factor: Vec<f32> = gain.iter().zip(scale).map(|(gain, scale)| gain * scale).collect();
    let factor = &factor[..c];
    let mut y = vec![0.0; x.len()];
    for (to, from) in y.chunks_exact_mut(c).zip(x.chunks_exact(c)) {
        let (to, from) = (&mut to[..c], &from[..c]);
        for at in 0..c {
            to[at] = ((from[at] - mean[at]) * factor[at] + shift[at]).max(0.0);
        }
    }
    y
}

/// What ReLU lets through of a gradient. Given by value: a value that is read only sometimes keeps a loop from becoming vectors.
#[inline]
fn passed(y: f32, grad: f32) -> f32 {
    if y > 0.0 { grad } else { 0.0 }
}

/// Gradients with respect to x, gain and shift.
fn backward(x: &[f32], grad: &[f32], channels: &Channels<'_>) -> [Vec<f32>; 3] {
    let (dgain, dshift) = gradient_sums(x, grad, channels);
    let (c, [mean, scale, gain, shift]) = channels.columns();
    let count = (x.len() / c.max(1)) as f32;
    let of = |sums: &[f32]| sums.iter().map(|sum| sum / count).collect::<Vec<f32>>();
    let (per_gain, per_shift) = (of(&dgain), of(&dshift));
    let (per_gain, per_shift) = (&per_gain[..c], &per_shift[..c]);
    let mut dx = vec![0.0; x.len()];
    for (to, (x, grad)) in dx.chunks_exact_mut(c).zip(x.chunks_exact(c).zip(grad.chunks_exact(c))) {
        let (to, x, grad) = (&mut to[..c], &x[..c], &grad[..c]);
        for at in 0..c {
            let h = (x[at] - mean[at]) * scale[at];
            let d = passed(h * gain[at] + shift[at], grad[at]);
            to[at] = gain[at] * scale[at] * (d - per_shift[at] - h * per_gain[at]);
        }
    }
    [dx, dgain, dshift]
}

/// `sum d h` and `sum d` of each channel.
fn gradient_sums(x: &[f32], grad: &[f32], channels: &Channels<'_>) -> (Vec<f32>, Vec<f32>) {
    let (c, [mean, scale, gain, shift]) = channels.columns();
    let (mut dgain, mut dshift) = (vec![0.0_f32; c], vec![0.0_f32; c]);
    let (to_gain, to_shift) = (&mut dgain[..c], &mut dshift[..c]);
    for (x, grad) in x.chunks_exact(c).zip(grad.chunks_exact(c)) {
        let (x, grad) = (&x[..c], &grad[..c]);
        for at in 0..c {
            let h = (x[at] - mean[at]) * scale[at];
            let d = passed(h * gain[at] + shift[at], grad[at]);
            to_shift[at] += d;
            to_gain[at] += d * h;
        }
    }
    (dgain, dshift)
}

/// A contiguous copy of a tensor's values, or the values themselves.
fn values(tensor: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    tensor.to_contiguous()
}

fn made(values: Vec<f32>, shape: Vec<usize>) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape))
}

impl NormReluKernels for Flex {
    fn moments_kernel(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let channels = x.shape()[1];
        let x = values(&x);
        made(moments_of(x.storage(), channels), vec![2 * channels])
    }

    fn norm_relu_kernel(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        let shape = x.shape().to_vec();
        let [x, gain, shift, moments] = [x, gain, shift, moments].map(|tensor| values(&tensor));
        let channels = Channels::new(moments.storage(), gain.storage(), shift.storage(), epsilon);
        made(forward(x.storage(), &channels), shape)
    }

    fn backward_kernel(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        epsilon: f32,
    ) -> [FloatTensor<Self>; 3] {
        let shape = x.shape().to_vec();
        let count = shape[1];
        let [x, gain, shift, moments, grad] = [x, gain, shift, moments, grad].map(|tensor| values(&tensor));
        let channels = Channels::new(moments.storage(), gain.storage(), shift.storage(), epsilon);
        let [dx, dgain, dshift] = backward(x.storage(), grad.storage(), &channels);
        [made(dx, shape), made(dgain, vec![count]), made(dshift, vec![count])]
    }
}

impl NormReluOps for Flex {
    fn channel_moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::moments_kernel(x)
    }

    fn normalize_rectify(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        Self::norm_relu_kernel(x, gain, shift, moments, epsilon)
    }
}

#[derive(Debug)]
struct NormReluBackward;

impl<B: NormReluKernels> Backward<B, 3> for NormReluBackward {
    /// x, gain, shift, moments, epsilon.
    type State = ([FloatTensor<B>; 4], f32);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let ([x, gain, shift, moments], epsilon) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let all = B::backward_kernel(x, gain, shift, moments, grad, epsilon);
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(node) = parent {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

impl<B: NormReluOps + NormReluKernels, C: CheckpointStrategy> NormReluOps for Autodiff<B, C> {
    fn channel_moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
        <Self as burn::backend::AutodiffBackend>::from_inner(B::moments_kernel(x.primitive().clone()))
    }

    fn normalize_rectify(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (gain, gain_node), (shift, shift_node)) =
            (x.into_parts(), gain.into_parts(), shift.into_parts());
        let moments = moments.primitive().clone();
        match NormReluBackward.prepare::<C>([x_node, gain_node, shift_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::norm_relu_kernel(x.clone(), gain.clone(), shift.clone(), moments.clone(), epsilon);
                prep.finish(([x, gain, shift, moments], epsilon), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::norm_relu_kernel(x, gain, shift, moments, epsilon)),
        }
    }
}

/// Batch norm with the batch's own statistics and ReLU on a CPU tensor `x: [n, c]`: the result, and mean and (population)
/// variance of each channel, `[c]` each, without gradient. Maps come as rows, one a pixel (see [`super::unfold()`]).
pub fn norm_relu(x: Tensor<2>, gain: Tensor<1>, shift: Tensor<1>, epsilon: f32) -> (Tensor<2>, Tensor<1>, Tensor<1>) {
    let channels = x.dims()[1];
    let moments = Tensor::<1>::from_dispatch(Dispatch::channel_moments(x.clone().inner().into_dispatch()));
    let (mean, variance) = (moments.clone().narrow(0, 0, channels), moments.clone().narrow(0, channels, channels));
    let moments = if x.is_autodiff() { moments.autodiff() } else { moments };
    let y = Dispatch::normalize_rectify(
        x.into_dispatch(),
        gain.into_dispatch(),
        shift.into_dispatch(),
        moments.into_dispatch(),
        epsilon,
    );
    (Tensor::from_dispatch(y), mean, variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::activation::relu;
    use burn::tensor::module::batch_norm_train;
    use burn::tensor::{Device, Shape};

    const EPSILON: f32 = 1e-5;

    fn numbers<const D: usize>(shape: [usize; D], phase: f32) -> Tensor<D> {
        let len = Shape::from(shape).num_elements();
        let values: Vec<f32> = (0..len).map(|i| (i as f32 * 1.7 + phase).sin() * (1.0 + (i % 7) as f32)).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.inner().into_data().try_to_vec().unwrap()
    }

    fn close(a: &[f32], b: &[f32]) {
        let largest = b.iter().fold(1e-3_f32, |top, v| top.max(v.abs()));
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 2e-5 * largest), "{a:?} {b:?}");
    }

    /// (y, mean, variance, gradients of x, gain, shift) of a loss that is not symmetric in anything.
    fn run(shape: [usize; 2], ours: bool) -> Vec<Vec<f32>> {
        let channels = shape[1];
        let [x, w] = [0.3, 1.1].map(|phase| numbers(shape, phase));
        let [gain, shift] = [0.7, 0.2].map(|phase| numbers([channels], phase));
        let [gain, shift] = [gain, shift].map(|tensor| tensor.autodiff().require_grad());
        let x = x.autodiff().require_grad();
        let (y, mean, variance) = if ours {
            norm_relu(x.clone(), gain.clone(), shift.clone(), EPSILON)
        } else {
            let out = batch_norm_train(x.clone(), gain.clone(), shift.clone(), f64::from(EPSILON));
            (relu(out.output), out.mean, out.variance)
        };
        let mut grads = (y.clone() * y.clone() * w.autodiff()).sum().backward();
        let mut parts = vec![floats(y), floats(mean), floats(variance), floats(x.grad_remove(&mut grads).unwrap())];
        parts.extend([gain, shift].map(|tensor| floats(tensor.grad_remove(&mut grads).unwrap())));
        parts
    }

    #[test]
    fn it_agrees_with_burns_own_operations() {
        for shape in [[37, 5], [200, 16]] {
            for (ours, burns) in run(shape, true).iter().zip(&run(shape, false)) {
                close(ours, burns);
            }
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let shape = [18, 2];
        let analytic = &run(shape, true)[3];
        let base = floats(numbers(shape, 0.3));
        for at in [0, 7, 20, 35] {
            let loss = |step: f32| {
                let mut values = base.clone();
                values[at] += step;
                let x = Tensor::<2>::from_data(TensorData::new(values, shape), &Device::flex());
                let [gain, shift] = [0.7, 0.2].map(|phase| numbers([2], phase));
                let (y, _, _) = norm_relu(x, gain, shift, EPSILON);
                floats(y.clone() * y * numbers(shape, 1.1)).into_iter().map(f64::from).sum::<f64>()
            };
            let numeric = (loss(1e-2) - loss(-1e-2)) / 2e-2;
            assert!((numeric - f64::from(analytic[at])).abs() < 2e-2, "{at}: {numeric} {}", analytic[at]);
        }
    }

    #[test]
    fn a_constant_channel_stays_finite() {
        let x = Tensor::<2>::ones([4, 3], &Device::flex()).autodiff().require_grad();
        let one = Tensor::<1>::ones([3], &Device::flex()).autodiff();
        let (y, mean, variance) = norm_relu(x.clone(), one.clone(), one, EPSILON);
        assert_eq!((floats(mean), floats(variance)), (vec![1.0; 3], vec![0.0; 3]));
        let mut grads = y.sum().backward();
        assert!(floats(x.grad_remove(&mut grads).unwrap()).iter().all(|v| v.is_finite()));
    }
}
