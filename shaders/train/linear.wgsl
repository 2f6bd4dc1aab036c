// y = x W + b, then ReLU if wanted. x: [rows, inputs], W: [inputs, outputs] with b after it, y: [rows, outputs].
//
// Dispatch: [ceil(outputs / 4X), ceil(rows / 4Y), 1] workgroups of X x Y invocations, 4x4 values of y each (tile.wgsl).
// Twin: Layer::Linear in src/engine/layers.rs.

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    weight: u32,
    relu: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.rows - 1u) * dims.inputs;
}

fn place(row: u32, tap: u32, z: u32) -> u32 {
    return row;
}

fn column(n: u32, tap: u32, z: u32) -> u32 {
    return dims.weight + min(n, dims.outputs - 1u);
}

fn last(z: u32) -> u32 {
    return dims.inputs;
}

fn a_step() -> u32 {
    return 1u;
}

fn b_step() -> u32 {
    return dims.outputs;
}

fn a_at(row: u32, k: u32) -> f32 {
    return x[row + k];
}

fn b_at(at: u32) -> f32 {
    return params[at];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= dims.rows || n >= dims.outputs) {
        return;
    }
    let value = sum + params[dims.weight + dims.inputs * dims.outputs + n];
    y[m * dims.outputs + n] = select(value, max(value, 0.0), dims.relu != 0u);
}
