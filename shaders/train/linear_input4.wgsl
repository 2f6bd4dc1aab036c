// As linear_input.wgsl where all sizes are multiples of 4: four values a load, 8 rows by 4 columns an invocation. What limits a product
// here is its loads, and these are 12 for 128 multiplications instead of 64.
//
// Dispatch: [ceil(inputs / 32), ceil(rows / 64), 1] workgroups of 8 x 8 invocations.
// Twin: burn's gradient of Layer::Linear (src/engine/layers.rs).

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    weight: u32,
    mask: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> params: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;

fn store(m: u32, n: u32, sum: vec4<f32>) {
    if (m >= dims.rows || 4u * n >= dims.inputs) {
        return;
    }
    let at = m * dims.inputs / 4u + n;
    let passed = select(vec4<f32>(), sum, x[at] > vec4<f32>());
    dx[at] = select(sum, passed, dims.mask != 0u);
}

@compute @workgroup_size(8, 8, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let outputs = dims.outputs / 4u;
    let n = group.x * 8u + local.x;
    let m = group.y * 64u + local.y;
    let last = dims.rows - 1u;
    let row0 = min(m, last) * outputs;
    let row1 = min(m + 8u, last) * outputs;
    let row2 = min(m + 16u, last) * outputs;
    let row3 = min(m + 24u, last) * outputs;
    let row4 = min(m + 32u, last) * outputs;
    let row5 = min(m + 40u, last) * outputs;
    let row6 = min(m + 48u, last) * outputs;
    let row7 = min(m + 56u, last) * outputs;
    let column = dims.weight / 4u + min(4u * n, dims.inputs - 4u) * outputs;
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    for (var k = 0u; k < outputs; k++) {
        let b0 = params[column + k];
        let b1 = params[column + outputs + k];
        let b2 = params[column + 2u * outputs + k];
        let b3 = params[column + 3u * outputs + k];
        let a0 = dy[row0 + k];
        c0 += vec4<f32>(dot(a0, b0), dot(a0, b1), dot(a0, b2), dot(a0, b3));
        let a1 = dy[row1 + k];
        c1 += vec4<f32>(dot(a1, b0), dot(a1, b1), dot(a1, b2), dot(a1, b3));
        let a2 = dy[row2 + k];
        c2 += vec4<f32>(dot(a2, b0), dot(a2, b1), dot(a2, b2), dot(a2, b3));
        let a3 = dy[row3 + k];
        c3 += vec4<f32>(dot(a3, b0), dot(a3, b1), dot(a3, b2), dot(a3, b3));
        let a4 = dy[row4 + k];
        c4 += vec4<f32>(dot(a4, b0), dot(a4, b1), dot(a4, b2), dot(a4, b3));
        let a5 = dy[row5 + k];
        c5 += vec4<f32>(dot(a5, b0), dot(a5, b1), dot(a5, b2), dot(a5, b3));
        let a6 = dy[row6 + k];
        c6 += vec4<f32>(dot(a6, b0), dot(a6, b1), dot(a6, b2), dot(a6, b3));
        let a7 = dy[row7 + k];
        c7 += vec4<f32>(dot(a7, b0), dot(a7, b1), dot(a7, b2), dot(a7, b3));
    }
    store(m, n, c0);
    store(m + 8u, n, c1);
    store(m + 16u, n, c2);
    store(m + 24u, n, c3);
    store(m + 32u, n, c4);
    store(m + 40u, n, c5);
    store(m + 48u, n, c6);
    store(m + 56u, n, c7);
}
