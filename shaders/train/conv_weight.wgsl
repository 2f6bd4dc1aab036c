// dL/dW of a 3x3 convolution with stride 2 and padding 1, and dL/db, the sums of dL/dy, after it. Rows are (input channel,
// tap) in the weights' own order, columns output channels; the sum runs over output pixels and, for each, over images, so that
// a pixel's place is worked out once. Each slice of the images is a grid layer.
//
// Dispatch: [ceil(out_channels / 4X), ceil(9 in_channels / 4Y), slices] workgroups of X x Y invocations, 4x4 values of dL/dW each (tile.wgsl).
// Twin: burn's gradient of Layer::Conv (src/engine/layers.rs).

struct Dims {
    images: u32,
    in_channels: u32,
    in_height: u32,
    in_width: u32,
    out_channels: u32,
    out_height: u32,
    out_width: u32,
    stride_image: u32,
    stride_y: u32,
    stride_x: u32,
    stride_channel: u32,
    // Where the first slice goes; the next ones follow all parameters further on.
    base: u32,
    // Images of a slice.
    slice: u32,
    // All parameters.
    count: u32,
}

struct Row {
    channel: u32,
    y: i32,
    x: i32,
}

// An output pixel: its number, and the input pixel under its middle.
struct Tap {
    pixel: u32,
    y: i32,
    x: i32,
}

struct Place {
    at: u32,
    inside: bool,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;

const SUMS: bool = true;

fn weights() -> u32 {
    return dims.in_channels * 9u;
}

fn row(m: u32, z: u32) -> Row {
    let at = min(m, weights() - 1u);
    let tap = at % 9u;
    return Row(at / 9u * dims.stride_channel, i32(tap / 3u) - 1, i32(tap % 3u) - 1);
}

fn first_tap(z: u32) -> u32 {
    return 0u;
}

fn taps(z: u32) -> u32 {
    return dims.out_height * dims.out_width;
}

fn tap_at(number: u32, z: u32) -> Tap {
    return Tap(number, i32(2u * (number / dims.out_width)), i32(2u * (number % dims.out_width)));
}

fn place(row: Row, tap: Tap, z: u32) -> Place {
    let line = tap.y + row.y;
    let column = tap.x + row.x;
    if (line < 0 || column < 0 || line >= i32(dims.in_height) || column >= i32(dims.in_width)) {
        return Place(0u, false);
    }
    return Place(row.channel + u32(line) * dims.stride_y + u32(column) * dims.stride_x, true);
}

fn column(n: u32, tap: Tap, z: u32) -> u32 {
    return tap.pixel * dims.out_channels + min(n, dims.out_channels - 1u);
}

fn first(z: u32) -> u32 {
    return z * dims.slice;
}

fn last(z: u32) -> u32 {
    return min((z + 1u) * dims.slice, dims.images);
}

fn a_step() -> u32 {
    return dims.stride_image;
}

fn b_step() -> u32 {
    return dims.out_height * dims.out_width * dims.out_channels;
}

fn a_at(place: Place, k: u32) -> f32 {
    return select(0.0, x[place.at + k], place.inside);
}

fn b_at(at: u32) -> f32 {
    return dy[at];
}

fn slice_start(z: u32) -> u32 {
    return dims.base + z * dims.count;
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m < weights() && n < dims.out_channels) {
        grads[slice_start(z) + n * weights() + m] = sum;
    }
}

fn store_sum(n: u32, sum: f32, z: u32) {
    if (n < dims.out_channels) {
        grads[slice_start(z) + dims.out_channels * weights() + n] = sum;
    }
}
