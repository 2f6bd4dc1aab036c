// 3x3 convolution, stride 2, padding 1, as an implicit matrix product: rows are output pixels, columns output channels, the
// sum runs over taps and input channels. Maps are [image, y, x, channel]; only the first layer's input comes as
// [image, channel, y, x], which is what the strides are for. Weights are [output, input, 3, 3] with the biases after them.

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

struct Tap {
    channel: u32,
    y: u32,
    x: u32,
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

fn column(n: u32) -> u32 {
    return dims.weight + min(n, dims.out_channels - 1u) * dims.in_channels * 9u;
}

fn first(z: u32) -> u32 {
    return 0u;
}

fn last(z: u32) -> u32 {
    return dims.in_channels * 9u;
}

fn start(k: u32, z: u32) -> Tap {
    return Tap(0u, 0u, 0u);
}

fn next(tap: Tap, z: u32) -> Tap {
    var to = tap;
    to.channel += 1u;
    if (to.channel == dims.in_channels) {
        to.channel = 0u;
        to.x += 1u;
        if (to.x == 3u) {
            to.x = 0u;
            to.y += 1u;
        }
    }
    return to;
}

fn a_at(row: Row, tap: Tap) -> f32 {
    let line = row.y + i32(tap.y);
    let column = row.x + i32(tap.x);
    if (line < 0 || column < 0 || line >= i32(dims.in_height) || column >= i32(dims.in_width)) {
        return 0.0;
    }
    return x[row.image + u32(line) * dims.stride_y + u32(column) * dims.stride_x + tap.channel * dims.stride_channel];
}

fn b_at(tap: Tap, column: u32) -> f32 {
    return params[column + tap.channel * 9u + tap.y * 3u + tap.x];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= pixels() || n >= dims.out_channels) {
        return;
    }
    let value = sum + params[dims.weight + dims.out_channels * dims.in_channels * 9u + n];
    y[m * dims.out_channels + n] = select(value, max(value, 0.0), dims.relu != 0u);
}
