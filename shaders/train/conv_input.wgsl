// dL/dx of a 3x3 convolution with stride 2 and padding 1. An input pixel is reached by one or two taps in each direction,
// by its parity alone: each of the four parities is a grid layer, in which all invocations run through the same taps.
// Where x came out of a ReLU (mask), only where x is positive.
//
// Dispatch: [ceil(in_channels / 4X), ceil(output pixels / 4Y), 4 parities] workgroups of X x Y invocations, 4x4 values of dL/dx each (tile.wgsl).
// Twin: burn's gradient of Layer::Conv (src/engine/layers.rs).

struct Dims {
    images: u32,
    in_channels: u32,
    in_height: u32,
    in_width: u32,
    out_channels: u32,
    out_height: u32,
    out_width: u32,
    weight: u32,
    mask: u32,
}

struct Row {
    image: u32,
    y: u32,
    x: u32,
}

struct Place {
    at: u32,
    inside: bool,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// Lines and columns of a parity.
fn lines(z: u32) -> u32 {
    return (dims.in_height + 1u - (z >> 1u)) / 2u;
}

fn columns(z: u32) -> u32 {
    return (dims.in_width + 1u - (z & 1u)) / 2u;
}

fn pixels(z: u32) -> u32 {
    return dims.images * lines(z) * columns(z);
}

fn row(m: u32, z: u32) -> Row {
    let pixel = min(m, max(pixels(z), 1u) - 1u);
    let wide = max(columns(z), 1u);
    let high = max(lines(z), 1u);
    let line = pixel / wide;
    return Row(line / high, 2u * (line % high) + (z >> 1u), 2u * (pixel % wide) + (z & 1u));
}

// Even pixels are reached by the middle tap, odd ones by both outer taps: (y, x) of the tap of that number.
fn tap_at(number: u32, z: u32) -> vec2<u32> {
    let odd = vec2<u32>(z >> 1u, z & 1u);
    let wide = 1u + odd.y;
    return 1u - odd + 2u * vec2<u32>(number / wide, number % wide);
}

const SUMS: bool = false;

fn first_tap(z: u32) -> u32 {
    return 0u;
}

fn taps(z: u32) -> u32 {
    return (1u + (z >> 1u)) * (1u + (z & 1u));
}

fn place(row: Row, tap: vec2<u32>, z: u32) -> Place {
    // Twice the output pixel: y_in = 2 y_out + tap - 1. The sum is even by the choice of taps.
    let line = (row.y + 1u - tap.x) / 2u;
    let column = (row.x + 1u - tap.y) / 2u;
    if (row.y + 1u < tap.x || row.x + 1u < tap.y || line >= dims.out_height || column >= dims.out_width) {
        return Place(0u, false);
    }
    return Place(((row.image * dims.out_height + line) * dims.out_width + column) * dims.out_channels, true);
}

fn column(n: u32, tap: vec2<u32>, z: u32) -> u32 {
    return dims.weight + min(n, dims.in_channels - 1u) * 9u + tap.x * 3u + tap.y;
}

fn first(z: u32) -> u32 {
    return 0u;
}

fn last(z: u32) -> u32 {
    return dims.out_channels;
}

fn a_step() -> u32 {
    return 1u;
}

fn b_step() -> u32 {
    return dims.in_channels * 9u;
}

fn a_at(place: Place, k: u32) -> f32 {
    return select(0.0, dy[place.at + k], place.inside);
}

fn b_at(at: u32) -> f32 {
    return params[at];
}

fn store_sum(n: u32, sum: f32, z: u32) {
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= pixels(z) || n >= dims.in_channels) {
        return;
    }
    let to = row(m, z);
    let at = ((to.image * dims.in_height + to.y) * dims.in_width + to.x) * dims.in_channels + n;
    dx[at] = select(sum, 0.0, dims.mask != 0u && x[at] <= 0.0);
}
