// s_ij = u_i . u_j / tau, [rows, rows].

struct Dims {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> u: array<f32>;
@group(0) @binding(3) var<storage, read_write> s: array<f32>;

fn row(m: u32, z: u32) -> u32 {
    return min(m, dims.rows - 1u) * dims.cols;
}

fn column(n: u32) -> u32 {
    return min(n, dims.rows - 1u) * dims.cols;
}

fn first(z: u32) -> u32 {
    return 0u;
}

fn last(z: u32) -> u32 {
    return dims.cols;
}

fn start(k: u32, z: u32) -> u32 {
    return k;
}

fn next(k: u32, z: u32) -> u32 {
    return k + 1u;
}

fn a_at(row: u32, k: u32) -> f32 {
    return u[row + k];
}

fn b_at(k: u32, column: u32) -> f32 {
    return u[column + k];
}

fn store(m: u32, n: u32, sum: f32, z: u32) {
    if (m < dims.rows && n < dims.rows) {
        s[m * dims.rows + n] = sum * hyper.inverse_tau;
    }
}
