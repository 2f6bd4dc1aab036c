// The log of each row's denominator, and the row's loss: l_i = log sum_j exp(s_ij) - s_ip, p the other view of i.
// NT-Xent sums over all j but i; DCL leaves out p as well. s is symmetric, so columns are read where rows are meant:
// neighbouring invocations then read neighbouring values.

struct Dims {
    rows: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> s: array<f32>;
@group(0) @binding(3) var<storage, read_write> logs: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if (i >= dims.rows) {
        return;
    }
    let pair = (i + dims.rows / 2u) % dims.rows;
    let left_out = select(i, pair, hyper.decoupled != 0u);
    var top = -1e9;
    for (var j = 0u; j < dims.rows; j++) {
        if (j != i && j != left_out) {
            top = max(top, s[j * dims.rows + i]);
        }
    }
    var sum = 0.0;
    for (var j = 0u; j < dims.rows; j++) {
        if (j != i && j != left_out) {
            sum += exp(s[j * dims.rows + i] - top);
        }
    }
    let denominator = top + log(sum);
    logs[i] = denominator;
    losses[i] = denominator - s[pair * dims.rows + i];
}
