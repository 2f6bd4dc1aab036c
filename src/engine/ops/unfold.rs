//! The patches under a 3x3 convolution with stride 2 and padding 1, side by side as rows (im2col): the convolution is then one
//! matrix product. On the CPU this is several times as fast as burn's convolution, and batch norm sees rows as well.
//! GPUs train by a plan, whose kernels read the patches in place (shaders/train/conv.wgsl is the twin).

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind, unary},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Tensor, TensorData};

/// How a matrix holds images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Channels.
    pub channels: usize,
    /// Lines.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// One row an image, channel by channel (`[n, c*h*w]`); else one row a pixel (`[n*h*w, c]`).
    pub channels_first: bool,
}

impl Grid {
    /// Values of an image.
    pub fn len(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Whether images have no values.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Lines and columns of the result.
    pub fn halved(self) -> [usize; 2] {
        [self.height.div_ceil(2), self.width.div_ceil(2)]
    }

    /// Steps from channel to channel and from pixel to pixel.
    fn strides(self) -> [usize; 2] {
        if self.channels_first { [self.height * self.width, 1] } else { [1, self.channels] }
    }

    /// Calls `visit(patch value, image value)` with the positions of each channel run: for the pixels under every tap, in the
    /// order of output pixels and taps; taps outside the image are left out.
    fn each_tap(self, mut visit: impl FnMut(usize, usize)) {
        let [lines, columns] = self.halved();
        let [_, pixel] = self.strides();
        for (at, line) in (0..lines).flat_map(|line| (0..columns).map(move |column| (line, column))).enumerate() {
            let (line, column) = line;
            for tap in 0..9 {
                // Padding 1: the tap at 1 is the pixel at twice the output's place.
                let (y, x) = (2 * line + tap / 3, 2 * column + tap % 3);
                if (1..=self.height).contains(&y) && (1..=self.width).contains(&x) {
                    visit((9 * at + tap) * self.channels, ((y - 1) * self.width + x - 1) * pixel);
                }
            }
        }
    }
}

/// The kernels behind [`unfold`].
pub trait UnfoldKernels: Backend {
    /// Images to patches.
    fn unfold_kernel(x: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self>;
    /// The patches' gradient to the images'.
    fn fold_kernel(patches: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self>;
}

/// The operation as burn's dispatcher sees it.
#[backend_extension(Flex, Autodiff)]
pub trait UnfoldOps: Backend {
    /// Images to patches.
    fn patches(x: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self>;
}

impl UnfoldKernels for Flex {
    fn unfold_kernel(x: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self> {
        let x = x.to_contiguous();
        let x: &[f32] = x.storage();
        let [lines, columns] = grid.halved();
        let (images, row) = (x.len() / grid.len().max(1), 9 * grid.channels);
        let mut patches = vec![0.0; images * lines * columns * row];
        let [channel, _] = grid.strides();
        for (image, to) in x.chunks_exact(grid.len()).zip(patches.chunks_exact_mut(lines * columns * row)) {
            grid.each_tap(|patch, pixel| {
                if channel == 1 {
                    to[patch..patch + grid.channels].copy_from_slice(&image[pixel..pixel + grid.channels]);
                } else {
                    for (c, to) in to[patch..patch + grid.channels].iter_mut().enumerate() {
                        *to = image[pixel + c * channel];
                    }
                }
            });
        }
        FloatTensor::<Flex>::from_data(TensorData::new(patches, [images * lines * columns, row]))
    }

    fn fold_kernel(patches: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self> {
        let patches = patches.to_contiguous();
        let patches: &[f32] = patches.storage();
        let [lines, columns] = grid.halved();
        let one = lines * columns * 9 * grid.channels;
        let images = patches.len() / one.max(1);
        let mut x = vec![0.0; images * grid.len()];
        let [channel, _] = grid.strides();
        for (to, from) in x.chunks_exact_mut(grid.len()).zip(patches.chunks_exact(one)) {
            grid.each_tap(|patch, pixel| {
                let from = &from[patch..patch + grid.channels];
                if channel == 1 {
                    for (to, from) in to[pixel..pixel + grid.channels].iter_mut().zip(from) {
                        *to += from;
                    }
                } else {
                    for (c, from) in from.iter().enumerate() {
                        to[pixel + c * channel] += from;
                    }
                }
            });
        }
        let shape =
            if grid.channels_first { [images, grid.len()] } else { [images * grid.height * grid.width, grid.channels] };
        FloatTensor::<Flex>::from_data(TensorData::new(x, shape))
    }
}

impl UnfoldOps for Flex {
    fn patches(x: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self> {
        Self::unfold_kernel(x, grid)
    }
}

#[derive(Debug)]
struct UnfoldBackward;

impl<B: UnfoldKernels> Backward<B, 1> for UnfoldBackward {
    type State = Grid;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grid = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::fold_kernel(grad, grid));
    }
}

impl<B: UnfoldOps + UnfoldKernels, C: CheckpointStrategy> UnfoldOps for Autodiff<B, C> {
    fn patches(x: FloatTensor<Self>, grid: Grid) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        match UnfoldBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(grid, B::unfold_kernel(x, grid)),
            OpsKind::UnTracked(prep) => prep.finish(B::unfold_kernel(x, grid)),
        }
    }
}

/// Patches of the images in a CPU tensor `x`, `[n*h/2*w/2, 9*c]` (sides rounded up), the values of a patch tap by tap and
/// within each channel by channel; taps beyond the edge are 0.
pub fn unfold(x: Tensor<2>, grid: Grid) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::patches(x.into_dispatch(), grid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;
    use burn::tensor::{Device, Shape};

    fn numbers<const D: usize>(shape: [usize; D], phase: f32) -> Tensor<D> {
        let len = Shape::from(shape).num_elements();
        let values: Vec<f32> = (0..len).map(|i| (i as f32 * 1.7 + phase).sin()).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.inner().into_data().try_to_vec().unwrap()
    }

    fn close(a: &[f32], b: &[f32]) {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-4), "{a:?} {b:?}");
    }

    /// Output `[n, out, h, w]` and gradients of x `[n, c, h, w]` and the weights `[out, c, 3, 3]`.
    fn with_burn(x: Tensor<4>, weight: Tensor<4>) -> [Vec<f32>; 3] {
        let [x, weight] = [x, weight].map(|tensor| tensor.autodiff().require_grad());
        let y = conv2d(x.clone(), weight.clone(), None, ConvOptions::new([2, 2], [1, 1], [1, 1], 1));
        let mut grads = (y.clone() * y.clone()).sum().backward();
        [floats(y), floats(x.grad_remove(&mut grads).unwrap()), floats(weight.grad_remove(&mut grads).unwrap())]
    }

    fn with_patches(x: Tensor<4>, weight: Tensor<4>, channels_first: bool) -> [Vec<f32>; 3] {
        let [n, channels, height, width] = x.dims();
        let [out, ..] = weight.dims();
        let [x, weight] = [x, weight].map(|tensor| tensor.autodiff().require_grad());
        let grid = Grid { channels, height, width, channels_first };
        let rows = match channels_first {
            true => x.clone().reshape([n, grid.len()]),
            false => x.clone().permute([0, 2, 3, 1]).reshape([n * height * width, channels]),
        };
        let taps = weight.clone().permute([2, 3, 1, 0]).reshape([9 * channels, out]);
        let [lines, columns] = grid.halved();
        let y = unfold(rows, grid).matmul(taps).reshape([n, lines, columns, out]).permute([0, 3, 1, 2]);
        let mut grads = (y.clone() * y.clone()).sum().backward();
        [floats(y), floats(x.grad_remove(&mut grads).unwrap()), floats(weight.grad_remove(&mut grads).unwrap())]
    }

    #[test]
    fn patches_times_weights_are_burns_convolution_forward_and_backward() {
        for (height, width) in [(4, 6), (5, 3), (1, 2)] {
            let (x, weight) = (numbers([2, 3, height, width], 0.3), numbers([4, 3, 3, 3], 1.1));
            let burns = with_burn(x.clone(), weight.clone());
            for channels_first in [true, false] {
                let ours = with_patches(x.clone(), weight.clone(), channels_first);
                for (ours, burns) in ours.iter().zip(&burns) {
                    close(ours, burns);
                }
            }
        }
    }
}
