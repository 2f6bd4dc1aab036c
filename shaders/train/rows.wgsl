// Unit rows u = z / |z| and norms |z|. z, u: [rows, cols]. A row without a direction becomes 0.
//
// Dispatch: ceil(rows / 64) workgroups of 64 invocations, one a row.
// Twin: src/engine/ops/normalize.rs.

struct Dims {
    rows: u32,
    cols: u32,
}

const MIN_NORM: f32 = 1e-12;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read_write> u: array<f32>;
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if (row >= dims.rows) {
        return;
    }
    let begin = row * dims.cols;
    var squares = 0.0;
    for (var k = 0u; k < dims.cols; k++) {
        squares += z[begin + k] * z[begin + k];
    }
    let norm = sqrt(squares);
    var inverse = 0.0;
    if (norm > MIN_NORM) {
        inverse = 1.0 / norm;
    }
    for (var k = 0u; k < dims.cols; k++) {
        u[begin + k] = z[begin + k] * inverse;
    }
    norms[row] = norm;
}
