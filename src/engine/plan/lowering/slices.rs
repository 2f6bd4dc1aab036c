//! Gradients of weights are sums over all rows. Each is cut into slices, which are summed at the same time; the optimizer adds
//! them up.

use crate::engine::layers::Layer;

/// Rows that one slice of a linear layer's weight gradient sums over, and images of a convolution's.
pub const SLICE_ROWS: u32 = 128;
pub const SLICE_IMAGES: u32 = 8;
/// The most slices of a gradient, and the most scalars of all slices together.
const MOST_SLICES: u32 = 64;
const SLICE_SCALARS: u32 = 1 << 20;
/// (length of a slice, number of slices) of a sum over `length`, at most `most`; lengths are multiples of 4, as the kernels go.
pub fn slices(length: u32, wanted: u32, most: u32) -> (u32, u32) {
    let count = length.div_ceil(wanted).clamp(1, most);
    let slice = length.div_ceil(count).next_multiple_of(4);
    (slice, length.div_ceil(slice))
}

/// The most slices of a gradient of so many scalars: the update reads all of them.
pub fn most_slices(scalars: u32) -> u32 {
    (SLICE_SCALARS / scalars.max(1)).clamp(1, MOST_SLICES)
}

/// The most slices of a layer's gradient.
pub fn gradient_slices<'l>(layers: impl Iterator<Item = &'l Layer>, rows: u32, most: u32) -> u32 {
    let of = |layer: &Layer| match layer {
        Layer::Linear { .. } => slices(rows, SLICE_ROWS, most).1,
        Layer::Conv { .. } => slices(rows, SLICE_IMAGES, most).1,
        Layer::BatchNorm { .. } | Layer::ToImage { .. } | Layer::Relu | Layer::GlobalPool => 1,
    };
    layers.map(of).max().unwrap_or(1)
}
