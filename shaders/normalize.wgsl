// Unit rows: out_i = x_i / |x_i|, 0 for rows that are too short to have a direction.
//
// One invocation a row and no barriers: at our sizes (some hundred rows of some ten values) that is fastest everywhere,
// also on software adapters. Every binding is read_write because the engine's allocator may hand out two slices of one
// buffer, and WebGPU forbids mixing read and read_write on a buffer within a dispatch.
// {{ name }} are constants that the host fills in.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

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
    for (var k = 0u; k < COLS; k++) {
        squares += x[start + k] * x[start + k];
    }
    let norm = sqrt(squares);
    var inverse = 0.0;
    if (norm > MIN_NORM) {
        inverse = 1.0 / norm;
    }
    for (var k = 0u; k < COLS; k++) {
        out[start + k] = x[start + k] * inverse;
    }
}
