// dL/dx = dL/dy W^T of a linear layer; where x came out of a ReLU (mask), only where x is positive.
//
// Dispatch: [ceil(inputs / 4X), ceil(rows / 4Y), 1] workgroups of X x Y invocations, 4x4 values of dL/dx each (tile.wgsl).
// Twin: burn's gradient of Layer::Linear (src/engine/layers.rs).

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    weight: u32,
    mask: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.rows - 1u) * dims.outputs;
}

fn place(row: u32, tap: u32, z: u32) -> u32 {
    return row;
}

fn column(n: u32, tap: u32, z: u32) -> u32 {
    return dims.weight + min(n, dims.inputs - 1u) * dims.outputs;
}

fn last(z: u32) -> u32 {
    return dims.outputs;
}

fn a_step() -> u32 {
    return 1u;
}

fn b_step() -> u32 {
    return 1u;
}

fn a_at(row: u32, k: u32) -> f32 {
    return dy[row + k];
}

fn b_at(at: u32) -> f32 {
    return params[at];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= dims.rows || n >= dims.inputs) {
        return;
    }
    let at = m * dims.inputs + n;
    dx[at] = select(sum, 0.0, dims.mask != 0u && x[at] <= 0.0);
}
