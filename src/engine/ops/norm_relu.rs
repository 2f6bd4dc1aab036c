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

/// Values that are summed in f32 before the sum goes to f64.
const CHUNK: usize = 4096;

/// The kernels behind [`norm_relu`].
pub trait NormReluKernels: Backend {
    /// `x: [n, c, ...]` to mean and variance of each channel, `[2c]`.
    fn moments_kernel(x: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `x: [n, c, ...]`, the rest per channel, to y of x's shape.
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

/// What a channel's values are multiplied with and shifted by.
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
}

/// (channels, values of a channel in one sample).
fn sizes(shape: &[usize]) -> (usize, usize) {
    (shape[1], shape[2..].iter().product())
}

/// The sum of a function of values, in f32 lanes by chunks and in f64 beyond.
fn total(values: &[f32], term: impl Fn(f32) -> f32) -> f64 {
    values.chunks(CHUNK).map(|chunk| f64::from(lanes(chunk, &term))).sum()
}

/// Eight running sums, so that the compiler may keep them in one register.
fn lanes(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (groups, rest) = values.as_chunks::<8>();
    for group in groups {
        for (sum, value) in sums.iter_mut().zip(group) {
            *sum += term(*value);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|value| term(*value)).sum::<f32>()
}

/// The mean over rows `[n, c]` of `term(channel, value)`, channel by channel: blocks of rows in f32, their sums in f64. What is
/// almost 0 after normalising must come out with the same sign on every device, or ReLU lets another gradient through.
fn mean_rows(rows: &[f32], channels: usize, term: impl Fn(usize, f32) -> f32) -> Vec<f32> {
    const BLOCK: usize = 16;
    let count = (rows.len() / channels.max(1)) as f64;
    let mut sums = vec![0.0_f64; channels];
    let mut block_sums = vec![0.0_f32; channels];
    for block in rows.chunks(BLOCK * channels) {
        block_sums.fill(0.0);
        for row in block.chunks_exact(channels) {
            for (channel, (sum, value)) in block_sums.iter_mut().zip(row).enumerate() {
                *sum += term(channel, *value);
            }
        }
        for (sum, block) in sums.iter_mut().zip(&block_sums) {
            *sum += f64::from(*block);
        }
    }
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}

fn moments_of(x: &[f32], channels: usize, inner: usize) -> Vec<f32> {
    let count = (x.len() / channels.max(1)) as f32;
    let mut mean = vec![0.0_f32; channels];
    let mut variance = vec![0.0_f32; channels];
    if inner == 1 {
        mean = mean_rows(x, channels, |_, value| value);
        variance = mean_rows(x, channels, |channel, value| (value - mean[channel]) * (value - mean[channel]));
    } else {
        let planes = |channel: usize| x.chunks_exact(inner).skip(channel).step_by(channels);
        for channel in 0..channels {
            let sum: f64 = planes(channel).map(|plane| total(plane, |value| value)).sum();
            mean[channel] = (sum / f64::from(count)) as f32;
            let middle = mean[channel];
            let spread: f64 =
                planes(channel).map(|plane| total(plane, |value| (value - middle) * (value - middle))).sum();
            variance[channel] = (spread / f64::from(count)) as f32;
        }
    }
    mean.extend(variance);
    mean
}

fn forward(x: &[f32], inner: usize, channels: &Channels<'_>) -> Vec<f32> {
    let Channels { mean, scale, gain, shift } = channels;
    let c = mean.len();
    let factor: Vec<f32> = gain.iter().zip(scale).map(|(gain, scale)| gain * scale).collect();
    let mut y = vec![0.0; x.len()];
    if inner == 1 {
        for (to, from) in y.chunks_exact_mut(c).zip(x.chunks_exact(c)) {
            for (at, (to, from)) in to.iter_mut().zip(from).enumerate() {
                *to = ((from - mean[at]) * factor[at] + shift[at]).max(0.0);
            }
        }
    } else {
        for (plane, (to, from)) in y.chunks_exact_mut(inner).zip(x.chunks_exact(inner)).enumerate() {
            let at = plane % c;
            let (mean, factor, shift) = (mean[at], factor[at], shift[at]);
            for (to, from) in to.iter_mut().zip(from) {
                *to = ((from - mean) * factor + shift).max(0.0);
            }
        }
    }
    y
}

/// Gradients with respect to x, gain and shift.
fn backward(x: &[f32], grad: &[f32], inner: usize, channels: &Channels<'_>) -> [Vec<f32>; 3] {
    let c = channels.mean.len();
    let (dgain, dshift) = gradient_sums(x, grad, inner, channels);
    let Channels { mean, scale, gain, shift } = channels;
    let count = (x.len() / c.max(1)) as f32;
    let mut dx = vec![0.0; x.len()];
    let one = |at: usize, x: f32, grad: f32| {
        let h = (x - mean[at]) * scale[at];
        let d = if h * gain[at] + shift[at] > 0.0 { grad } else { 0.0 };
        gain[at] * scale[at] * (d - dshift[at] / count - h * (dgain[at] / count))
    };
    if inner == 1 {
        for (to, (x, grad)) in dx.chunks_exact_mut(c).zip(x.chunks_exact(c).zip(grad.chunks_exact(c))) {
            for (at, (to, (x, grad))) in to.iter_mut().zip(x.iter().zip(grad)).enumerate() {
                *to = one(at, *x, *grad);
            }
        }
    } else {
        let planes = x.chunks_exact(inner).zip(grad.chunks_exact(inner));
        for (plane, (to, (x, grad))) in dx.chunks_exact_mut(inner).zip(planes).enumerate() {
            let at = plane % c;
            for (to, (x, grad)) in to.iter_mut().zip(x.iter().zip(grad)) {
                *to = one(at, *x, *grad);
            }
        }
    }
    [dx, dgain, dshift]
}

/// `sum d h` and `sum d` of each channel.
fn gradient_sums(x: &[f32], grad: &[f32], inner: usize, channels: &Channels<'_>) -> (Vec<f32>, Vec<f32>) {
    let Channels { mean, scale, gain, shift } = channels;
    let c = mean.len();
    let (mut dgain, mut dshift) = (vec![0.0_f32; c], vec![0.0_f32; c]);
    let terms = |at: usize, x: f32, grad: f32| {
        let h = (x - mean[at]) * scale[at];
        let d = if h * gain[at] + shift[at] > 0.0 { grad } else { 0.0 };
        (d, d * h)
    };
    if inner == 1 {
        for (x, grad) in x.chunks_exact(c).zip(grad.chunks_exact(c)) {
            for at in 0..c {
                let (d, dh) = terms(at, x[at], grad[at]);
                dshift[at] += d;
                dgain[at] += dh;
            }
        }
        return (dgain, dshift);
    }
    let mut sums = vec![(0.0_f64, 0.0_f64); c];
    for (plane, (x, grad)) in x.chunks_exact(inner).zip(grad.chunks_exact(inner)).enumerate() {
        let at = plane % c;
        let mut lanes = [(0.0_f32, 0.0_f32); 8];
        for (x, grad) in x.chunks(8).zip(grad.chunks(8)) {
            for (lane, (x, grad)) in lanes.iter_mut().zip(x.iter().zip(grad)) {
                let (d, dh) = terms(at, *x, *grad);
                lane.0 += d;
                lane.1 += dh;
            }
        }
        for (d, dh) in lanes {
            sums[at].0 += f64::from(d);
            sums[at].1 += f64::from(dh);
        }
    }
    for (at, (d, dh)) in sums.into_iter().enumerate() {
        (dshift[at], dgain[at]) = (d as f32, dh as f32);
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
        let shape = x.shape().to_vec();
        let (channels, inner) = sizes(&shape);
        let x = values(&x);
        made(moments_of(x.storage(), channels, inner), vec![2 * channels])
    }

    fn norm_relu_kernel(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        let shape = x.shape().to_vec();
        let (_, inner) = sizes(&shape);
        let [x, gain, shift, moments] = [x, gain, shift, moments].map(|tensor| values(&tensor));
        let channels = Channels::new(moments.storage(), gain.storage(), shift.storage(), epsilon);
        made(forward(x.storage(), inner, &channels), shape)
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
        let (count, inner) = sizes(&shape);
        let [x, gain, shift, moments, grad] = [x, gain, shift, moments, grad].map(|tensor| values(&tensor));
        let channels = Channels::new(moments.storage(), gain.storage(), shift.storage(), epsilon);
        let [dx, dgain, dshift] = backward(x.storage(), grad.storage(), inner, &channels);
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

/// Batch norm with the batch's own statistics and ReLU on a CPU tensor `x: [n, c, ...]`: the result, and mean and (population)
/// variance of each channel, `[c]` each, without gradient.
pub fn norm_relu<const D: usize>(
    x: Tensor<D>,
    gain: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f32,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
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
    fn run<const D: usize>(shape: [usize; D], ours: bool) -> Vec<Vec<f32>> {
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
    fn it_agrees_with_burns_own_operations_on_rows_and_on_maps() {
        for (ours, burns) in run([37, 5], true).iter().zip(&run([37, 5], false)) {
            close(ours, burns);
        }
        for (ours, burns) in run([3, 4, 5, 7], true).iter().zip(&run([3, 4, 5, 7], false)) {
            close(ours, burns);
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let shape = [6, 2, 3];
        let analytic = &run(shape, true)[3];
        let base = floats(numbers(shape, 0.3));
        for at in [0, 7, 20, 35] {
            let loss = |step: f32| {
                let mut values = base.clone();
                values[at] += step;
                let x = Tensor::<3>::from_data(TensorData::new(values, shape), &Device::flex());
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
