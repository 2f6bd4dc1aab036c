// dL/dW = x^T dL/dy of a linear layer, and dL/db as one more row of it (of an input that is always 1).
// The sum over the batch is cut into slices, one a grid layer; the optimizer adds them up.

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    // Where the first slice goes.
    base: u32,
    // Batch rows of a slice.
    slice: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.inputs);
}

fn column(n: u32) -> u32 {
    return min(n, dims.outputs - 1u);
}

fn first(z: u32) -> u32 {
    return z * dims.slice;
}

fn last(z: u32) -> u32 {
    return min((z + 1u) * dims.slice, dims.rows);
}

fn start(k: u32, z: u32) -> u32 {
    return k;
}

fn next(k: u32, z: u32) -> u32 {
    return k + 1u;
}

fn a_at(row: u32, k: u32) -> f32 {
    if (row == dims.inputs) {
        return 1.0;
    }
    return x[k * dims.inputs + row];
}

fn b_at(k: u32, column: u32) -> f32 {
    return dy[k * dims.outputs + column];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m > dims.inputs || n >= dims.outputs) {
        return;
    }
    let count = (dims.inputs + 1u) * dims.outputs;
    grads[dims.base + z * count + m * dims.outputs + n] = sum;
}
