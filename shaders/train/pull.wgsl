// dL/du of NT-Xent and DCL without a matrix of probabilities:
//   dL/du_i = sum_j (P_ij + P_ji - 2 [j = p(i)]) u_j / (rows tau),  P_ij = exp(s_ij - log sum_k exp(s_ik)).
// 8 invocations share the sum of 16 columns of a row and combine what they found after one barrier: what costs is the
// probabilities, and they are the same for all columns.
//
// Dispatch: [ceil(rows / 16), ceil(dim / 16), 1] workgroups of 16 x 8 invocations.
// Twin: src/engine/ops/contrastive.rs.

struct Dims {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> s: array<f32>;
@group(0) @binding(3) var<storage, read> logs: array<f32>;
@group(0) @binding(4) var<storage, read> u: array<f32>;
@group(0) @binding(5) var<storage, read_write> du: array<f32>;

// What u_j weighs in row i; s is symmetric, and neighbouring invocations read neighbouring values of it.
fn weight(i: u32, j: u32, pair: u32, log: f32) -> f32 {
    if (j == i) {
        return 0.0;
    }
    let positive = j == pair;
    let own = select(0.0, 2.0, positive);
    if (positive && hyper.decoupled != 0u) {
        return -own;
    }
    let value = s[j * dims.rows + i];
    return exp(value - log) + exp(value - logs[j]) - own;
}

// Four values of a row of u; beyond its end the last one again.
fn four(begin: u32, n: u32) -> vec4<f32> {
    let last = dims.cols - 1u;
    let at = begin + min(vec4<u32>(n, n + 1u, n + 2u, n + 3u), vec4<u32>(last));
    return vec4<f32>(u[at.x], u[at.y], u[at.z], u[at.w]);
}

const ROWS: u32 = 16u;
const SHARES: u32 = 8u;
const COLUMNS: u32 = 16u;

// Each share's sum of a row's columns.
var<workgroup> shares: array<vec4<f32>, ROWS * SHARES * COLUMNS / 4u>;

@compute @workgroup_size(16, 8, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_id) place: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    // A row beyond the last one does the last one's work again, so that all meet at the barrier.
    let i = min(id.x, dims.rows - 1u);
    let n = group.y * COLUMNS;
    let pair = (i + dims.rows / 2u) % dims.rows;
    let log = logs[i];
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    for (var j = place.y; j < dims.rows; j += SHARES) {
        let w = weight(i, j, pair, log);
        let begin = j * dims.cols;
        c0 += w * four(begin, n);
        c1 += w * four(begin, n + 4u);
        c2 += w * four(begin, n + 8u);
        c3 += w * four(begin, n + 12u);
    }
    let at = (place.y * ROWS + place.x) * 4u;
    shares[at] = c0;
    shares[at + 1u] = c1;
    shares[at + 2u] = c2;
    shares[at + 3u] = c3;
    workgroupBarrier();
    // Four of a row's invocations take four columns each.
    if (place.y >= 4u || id.x >= dims.rows) {
        return;
    }
    var sum = vec4<f32>();
    for (var share = 0u; share < SHARES; share++) {
        sum += shares[(share * ROWS + place.x) * 4u + place.y];
    }
    let values = sum * hyper.inverse_tau / f32(dims.rows);
    for (var k = 0u; k < 4u; k++) {
        let column = n + place.y * 4u + k;
        if (column < dims.cols) {
            du[i * dims.cols + column] = values[k];
        }
    }
}
