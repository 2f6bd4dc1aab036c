// dL/du of NT-Xent and DCL without a matrix of probabilities:
//   dL/du_i = sum_j (P_ij + P_ji - 2 [j = p(i)]) u_j / (rows tau),  P_ij = exp(s_ij - log sum_k exp(s_ik)).

struct Dims {
    rows: u32,
    cols: u32,
}

struct Row {
    i: u32,
    pair: u32,
    log: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> s: array<f32>;
@group(0) @binding(3) var<storage, read> logs: array<f32>;
@group(0) @binding(4) var<storage, read> u: array<f32>;
@group(0) @binding(5) var<storage, read_write> du: array<f32>;

fn row(m: u32, z: u32) -> Row {
    let i = min(m, dims.rows - 1u);
    return Row(i, (i + dims.rows / 2u) % dims.rows, logs[i]);
}

fn place(row: Row, tap: u32, z: u32) -> Row {
    return row;
}

fn column(n: u32, tap: u32, z: u32) -> u32 {
    return min(n, dims.cols - 1u);
}

fn last(z: u32) -> u32 {
    return dims.rows;
}

fn a_step() -> u32 {
    return 1u;
}

fn b_step() -> u32 {
    return dims.cols;
}

fn a_at(row: Row, j: u32) -> f32 {
    if (j == row.i) {
        return 0.0;
    }
    let positive = j == row.pair;
    let own = select(0.0, 2.0, positive);
    if (positive && hyper.decoupled != 0u) {
        return -own;
    }
    let value = s[j * dims.rows + row.i];
    return exp(value - row.log) + exp(value - logs[j]) - own;
}

fn b_at(at: u32) -> f32 {
    return u[at];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m < dims.rows && n < dims.cols) {
        du[m * dims.cols + n] = sum * hyper.inverse_tau / f32(dims.rows);
    }
}
