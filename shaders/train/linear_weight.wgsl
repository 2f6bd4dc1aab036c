// dL/dW = x^T dL/dy of a linear layer, and dL/db, the sums of dL/dy, as one more row after it.
// The sum over the batch is cut into slices, one a grid layer; the optimizer adds them up.
//
// Dispatch: [ceil(outputs / 4X), ceil(inputs / 4Y), slices] workgroups of X x Y invocations, 4x4 values of dL/dW each (tile.wgsl).
// Twin: burn's gradient of Layer::Linear (src/engine/layers.rs).

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    // Where the first slice goes; the next ones follow all parameters further on.
    base: u32,
    // Batch rows of a slice.
    slice: u32,
    // All parameters.
    count: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;

const SUMS: bool = true;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.inputs - 1u);
}

fn place(row: u32, tap: u32, z: u32) -> u32 {
    return row;
}

fn column(n: u32, tap: u32, z: u32) -> u32 {
    return min(n, dims.outputs - 1u);
}

fn first_tap(z: u32) -> u32 {
    return 0u;
}

fn taps(z: u32) -> u32 {
    return 1u;
}

fn tap_at(number: u32, z: u32) -> u32 {
    return number;
}

fn first(z: u32) -> u32 {
    return z * dims.slice;
}

fn last(z: u32) -> u32 {
    return min((z + 1u) * dims.slice, dims.rows);
}

fn a_step() -> u32 {
    return dims.inputs;
}

fn b_step() -> u32 {
    return dims.outputs;
}

fn a_at(row: u32, k: u32) -> f32 {
    return x[row + k];
}

fn b_at(at: u32) -> f32 {
    return dy[at];
}

fn slice_start(z: u32) -> u32 {
    return dims.base + z * dims.count;
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m < dims.inputs && n < dims.outputs) {
        grads[slice_start(z) + m * dims.outputs + n] = sum;
    }
}

fn store_sum(n: u32, sum: f32, z: u32) {
    if (n < dims.outputs) {
        grads[slice_start(z) + dims.inputs * dims.outputs + n] = sum;
    }
}
