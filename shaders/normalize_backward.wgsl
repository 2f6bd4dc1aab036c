// The gradient through unit rows, with GradScale folded in:
//   out_i = s_i (g_i - u_i (u_i . g_i)) / |x_i|,   u_i = x_i / |x_i|
// It is tangent to the sphere; s_i = |x_i|^p takes the 1/|x_i| away again (p = 1) or turns it around (p > 1).
//
// See normalize.wgsl for why there are no barriers and why every binding is read_write.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> scale: array<f32>;
@group(0) @binding(2) var<storage, read_write> grad: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const ROWS: u32 = {{ rows }}u;
const COLS: u32 = {{ cols }}u;
const MIN_NORM: f32 = {{ min_norm }};

@compute @workgroup_size({{ workgroup }}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if (row >= ROWS) {
        return;
    }
    let start = row * COLS;
    var squares = 0.0;
    var along = 0.0;
    for (var k = 0u; k < COLS; k++) {
        squares += x[start + k] * x[start + k];
        along += x[start + k] * grad[start + k];
    }
    let norm = sqrt(squares);
    var inverse = 0.0;
    if (norm > MIN_NORM) {
        inverse = 1.0 / norm;
    }
    // along is g . x, so one more 1/|x| for each of the two unit vectors.
    let radial = along * inverse * inverse;
    let factor = scale[row] * inverse;
    for (var k = 0u; k < COLS; k++) {
        out[start + k] = (grad[start + k] - x[start + k] * radial) * factor;
    }
}
