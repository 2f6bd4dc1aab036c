// s_ij = u_i . u_j / tau, [rows, others]: i runs over the first rows of u, j over those from `from_row` on.
//
// Dispatch: [ceil(others / 4X), ceil(rows / 4Y), 1] workgroups of X x Y invocations, 4x4 values each (tile.wgsl).
// Twin: src/engine/ops/contrastive.rs.

struct Dims {
    rows: u32,
    cols: u32,
    others: u32,
    from_row: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> u: array<f32>;
@group(0) @binding(3) var<storage, read_write> s: array<f32>;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.rows - 1u) * dims.cols;
}

fn place(row: u32, tap: u32, z: u32) -> u32 {
    return row;
}

fn column(n: u32, tap: u32, z: u32) -> u32 {
    return (dims.from_row + min(n, dims.others - 1u)) * dims.cols;
}

fn last(z: u32) -> u32 {
    return dims.cols;
}

fn a_step() -> u32 {
    return 1u;
}

fn b_step() -> u32 {
    return 1u;
}

fn a_at(row: u32, k: u32) -> f32 {
    return u[row + k];
}

fn b_at(at: u32) -> f32 {
    return u[at];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m < dims.rows && n < dims.others) {
        s[m * dims.others + n] = sum * hyper.inverse_tau;
    }
}
