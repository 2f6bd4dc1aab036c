// dL/dW of a 3x3 convolution with stride 2 and padding 1, and dL/db as one more row of it. Rows are (input channel, tap) in
// the weights' own order, columns output channels; the sum over output pixels is cut into slices, one a grid layer.

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
    // Where the first slice goes.
    base: u32,
    // Output pixels of a slice.
    slice: u32,
}

struct Row {
    bias: u32,
    channel: u32,
    y: i32,
    x: i32,
}

struct Tap {
    pixel: u32,
    image: u32,
    y: i32,
    x: i32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;

fn row(m: u32, z: u32) -> Row {
    let at = min(m, dims.in_channels * 9u);
    let tap = at % 9u;
    let bias = select(0u, 1u, at == dims.in_channels * 9u);
    return Row(bias, at / 9u * dims.stride_channel, i32(tap / 3u) - 1, i32(tap % 3u) - 1);
}

fn column(n: u32) -> u32 {
    return min(n, dims.out_channels - 1u);
}

fn first(z: u32) -> u32 {
    return z * dims.slice;
}

fn last(z: u32) -> u32 {
    return min((z + 1u) * dims.slice, dims.images * dims.out_height * dims.out_width);
}

fn start(k: u32, z: u32) -> Tap {
    let line = k / dims.out_width;
    let image = line / dims.out_height * dims.stride_image;
    return Tap(k * dims.out_channels, image, i32(2u * (line % dims.out_height)), i32(2u * (k % dims.out_width)));
}

fn next(tap: Tap, z: u32) -> Tap {
    var to = tap;
    to.pixel += dims.out_channels;
    to.x += 2;
    if (to.x >= i32(2u * dims.out_width)) {
        to.x = 0;
        to.y += 2;
        if (to.y >= i32(2u * dims.out_height)) {
            to.y = 0;
            to.image += dims.stride_image;
        }
    }
    return to;
}

fn a_at(row: Row, tap: Tap) -> f32 {
    if (row.bias != 0u) {
        return 1.0;
    }
    let line = tap.y + row.y;
    let column = tap.x + row.x;
    if (line < 0 || column < 0 || line >= i32(dims.in_height) || column >= i32(dims.in_width)) {
        return 0.0;
    }
    return x[tap.image + row.channel + u32(line) * dims.stride_y + u32(column) * dims.stride_x];
}

fn b_at(tap: Tap, column: u32) -> f32 {
    return dy[tap.pixel + column];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    let taps = dims.in_channels * 9u;
    if (m > taps || n >= dims.out_channels) {
        return;
    }
    let at = select(n * taps + m, dims.out_channels * taps + n, m == taps);
    grads[dims.base + z * (taps + 1u) * dims.out_channels + at] = sum;
}
