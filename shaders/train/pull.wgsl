// dL/du of NT-Xent and DCL without a matrix of probabilities:
//   dL/du_i = sum_j (P_ij + P_ji - 2 [j = p(i)]) u_j / (rows tau),  P_ij = exp(s_ij - log sum_k exp(s_ik)).
// An invocation makes 16 columns of a row: what costs is the probabilities, and they are the same for all columns.

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

fn store(begin: u32, n: u32, sum: vec4<f32>) {
    let values = sum * hyper.inverse_tau / f32(dims.rows);
    for (var k = 0u; k < 4u; k++) {
        if (n + k < dims.cols) {
            du[begin + n + k] = values[k];
        }
    }
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if (i >= dims.rows) {
        return;
    }
    let n = id.y * 16u;
    let pair = (i + dims.rows / 2u) % dims.rows;
    let log = logs[i];
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    for (var j = 0u; j < dims.rows; j++) {
        let w = weight(i, j, pair, log);
        let begin = j * dims.cols;
        c0 += w * four(begin, n);
        c1 += w * four(begin, n + 4u);
        c2 += w * four(begin, n + 8u);
        c3 += w * four(begin, n + 12u);
    }
    let begin = i * dims.cols;
    store(begin, n, c0);
    store(begin, n + 4u, c1);
    store(begin, n + 8u, c2);
    store(begin, n + 12u, c3);
}
