// From the sphere back to the embeddings: dL/dz_i = s_i (g_i - u_i (u_i . g_i)) / |z_i|, tangent to the sphere.
//
// Dispatch: ceil(rows / 64) workgroups of 64 invocations, one a row.
// Twin: src/engine/ops/normalize.rs.

struct Dims {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> u: array<f32>;
@group(0) @binding(3) var<storage, read> norms: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
@group(0) @binding(5) var<storage, read_write> dz: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if (row >= dims.rows) {
        return;
    }
    let begin = row * dims.cols;
    var along = 0.0;
    for (var k = 0u; k < dims.cols; k++) {
        along += u[begin + k] * g[begin + k];
    }
    let factor = pull_back(row);
    for (var k = 0u; k < dims.cols; k++) {
        dz[begin + k] = factor * (g[begin + k] - u[begin + k] * along);
    }
}
