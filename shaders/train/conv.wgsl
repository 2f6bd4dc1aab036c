// 3x3 convolution, stride 2, padding 1, as an implicit matrix product: rows are output pixels, columns output channels, the
// sum runs over taps and input channels. Maps are [image, y, x, channel]; only the first layer's input comes as
// [image, channel, y, x], which is what the strides are for. Weights are [output, input, 3, 3] with the biases after them.
//
// Dispatch: [ceil(out_channels / 4X), ceil(output pixels / 4Y), 1] workgroups of X x Y invocations, 4x4 values of y each (tile.wgsl).
// Twin: Layer::Conv in src/engine/layers.rs, by src/engine/ops/unfold.rs.

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
    weight: u32,
    relu: u32,
}

struct Row {
    image: u32,
    y: i32,
    x: i32,
}

struct Place {
    at: u32,
    inside: bool,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn pixels() -> u32 {
    return dims.images * dims.out_height * dims.out_width;
}

fn row(m: u32, z: u32) -> Row {
    let pixel = min(m, pixels() - 1u);
    let column = pixel % dims.out_width;
    let line = pixel / dims.out_width;
    let image = line / dims.out_height;
    return Row(image * dims.stride_image, i32(2u * (line % dims.out_height)) - 1, i32(2u * column) - 1);
}

fn tap_at(number: u32, z: u32) -> vec2<u32> {
    return vec2<u32>(number / 3u, number % 3u);
}

fn place(row: Row, tap: vec2<u32>, z: u32) -> Place {
    let line = row.y + i32(tap.x);
    let column = row.x + i32(tap.y);
    if (line < 0 || column < 0 || line >= i32(dims.in_height) || column >= i32(dims.in_width)) {
        return Place(0u, false);
    }
    return Place(row.image + u32(line) * dims.stride_y + u32(column) * dims.stride_x, true);
}

fn column(n: u32, tap: vec2<u32>, z: u32) -> u32 {
    return dims.weight + min(n, dims.out_channels - 1u) * dims.in_channels * 9u + tap.x * 3u + tap.y;
}

const SUMS: bool = false;

fn first_tap(z: u32) -> u32 {
    return 0u;
}

fn taps(z: u32) -> u32 {
    return 9u;
}

fn first(z: u32) -> u32 {
    return 0u;
}

fn last(z: u32) -> u32 {
    return dims.in_channels;
}

fn a_step() -> u32 {
    return dims.stride_channel;
}

fn b_step() -> u32 {
    return 9u;
}

fn a_at(place: Place, k: u32) -> f32 {
    return select(0.0, x[place.at + k], place.inside);
}

fn b_at(at: u32) -> f32 {
    return params[at];
}

fn store_sum(n: u32, sum: f32, z: u32) {
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= pixels() || n >= dims.out_channels) {
        return;
    }
    let value = sum + params[dims.weight + dims.out_channels * dims.in_channels * 9u + n];
    y[m * dims.out_channels + n] = select(value, max(value, 0.0), dims.relu != 0u);
}
