// The prediction loss of BYOL and SimSiam, l_i = -u_i . t_p / |t_p| with p the other view of i, and its gradient with
// respect to the predictions: dL/dq_i = -s_i (v - u_i (u_i . v)) / (rows |q_i|), v = t_p / |t_p|. No gradient reaches t.
//
// Dispatch: ceil(rows / 64) workgroups of 64 invocations, one a row.
// Twin: src/engine/losses.rs.

struct Dims {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> u: array<f32>;
@group(0) @binding(3) var<storage, read> norms: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<f32>;
@group(0) @binding(5) var<storage, read_write> dq: array<f32>;
@group(0) @binding(6) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if (row >= dims.rows) {
        return;
    }
    let begin = row * dims.cols;
    let other = (row + dims.rows / 2u) % dims.rows * dims.cols;
    var squares = 0.0;
    var dot = 0.0;
    for (var k = 0u; k < dims.cols; k++) {
        let t = targets[other + k];
        squares += t * t;
        dot += u[begin + k] * t;
    }
    let norm = sqrt(squares);
    var inverse = 0.0;
    if (norm > MIN_NORM) {
        inverse = 1.0 / norm;
    }
    let cosine = dot * inverse;
    losses[row] = -cosine;
    let factor = pull_back(row) / f32(dims.rows);
    for (var k = 0u; k < dims.cols; k++) {
        dq[begin + k] = -factor * (targets[other + k] * inverse - u[begin + k] * cosine);
    }
}
