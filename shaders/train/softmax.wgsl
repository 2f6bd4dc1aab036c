// The log of each row's denominator, and the row's loss: l_i = log sum_j exp(s_ij) - s_ip, p the other view of i.
// NT-Xent sums over all j but i; DCL leaves out p as well. s is symmetric, so columns are read where rows are meant:
// neighbouring invocations then read neighbouring values. 8 invocations share a row and combine what they found after one
// barrier.
//
// Dispatch: ceil(rows / 16) workgroups of 16 x 8 invocations.
// Twin: src/engine/ops/contrastive.rs.

struct Dims {
    rows: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> s: array<f32>;
@group(0) @binding(3) var<storage, read_write> logs: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;

const ROWS: u32 = 16u;
const SHARES: u32 = 8u;

// The largest value of a share, and its sum of exponentials below that.
var<workgroup> shares: array<vec2<f32>, ROWS * SHARES>;

@compute @workgroup_size(16, 8, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_id) place: vec3<u32>) {
    // A row beyond the last one does the last one's work again, so that all meet at the barrier.
    let i = min(id.x, dims.rows - 1u);
    let pair = (i + dims.rows / 2u) % dims.rows;
    let left_out = select(i, pair, hyper.decoupled != 0u);
    var top = -1e9;
    for (var j = place.y; j < dims.rows; j += SHARES) {
        if (j != i && j != left_out) {
            top = max(top, s[j * dims.rows + i]);
        }
    }
    var sum = 0.0;
    for (var j = place.y; j < dims.rows; j += SHARES) {
        if (j != i && j != left_out) {
            sum += exp(s[j * dims.rows + i] - top);
        }
    }
    shares[place.y * ROWS + place.x] = vec2<f32>(top, sum);
    workgroupBarrier();
    if (place.y != 0u || id.x >= dims.rows) {
        return;
    }
    for (var share = 1u; share < SHARES; share++) {
        let other = shares[share * ROWS + place.x];
        let higher = max(top, other.x);
        sum = sum * exp(top - higher) + other.y * exp(other.x - higher);
        top = higher;
    }
    let denominator = top + log(sum);
    logs[i] = denominator;
    losses[i] = denominator - s[pair * dims.rows + i];
}
