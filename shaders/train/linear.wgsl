// y = x W + b, then ReLU if wanted. x: [rows, inputs], W: [inputs, outputs] with b after it, y: [rows, outputs].

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

fn column(n: u32) -> u32 {
    return dims.weight + min(n, dims.outputs - 1u);
}

fn first(z: u32) -> u32 {
    return 0u;
}

fn last(z: u32) -> u32 {
    return dims.inputs;
}

fn start(k: u32, z: u32) -> u32 {
    return k;
}

fn next(k: u32, z: u32) -> u32 {
    return k + 1u;
}

fn a_at(row: u32, k: u32) -> f32 {
    return x[row + k];
}

fn b_at(k: u32, column: u32) -> f32 {
    return params[column + k * dims.outputs];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m >= dims.rows || n >= dims.outputs) {
        return;
    }
    let value = sum + params[dims.weight + dims.inputs * dims.outputs + n];
    y[m * dims.outputs + n] = select(value, max(value, 0.0), dims.relu != 0u);
}
