// As linear.wgsl where all sizes are multiples of 4: four values a load, 8 rows by 4 columns an invocation. What limits a product
// here is its loads, and these are 12 for 128 multiplications instead of 64.
//
// Dispatch: [ceil(outputs / 32), ceil(rows / 64), 1] workgroups of 8 x 8 invocations.
// Twin: Layer::Linear in src/engine/layers.rs.

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    weight: u32,
    relu: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> params: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

fn store(m: u32, n: u32, sum: vec4<f32>) {
    if (m >= dims.rows || 4u * n >= dims.outputs) {
        return;
    }
    let value = sum + params[(dims.weight + dims.inputs * dims.outputs) / 4u + n];
    y[m * dims.outputs / 4u + n] = select(value, max(value, vec4<f32>()), dims.relu != 0u);
}

@compute @workgroup_size(8, 8, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let inputs = dims.inputs / 4u;
    let outputs = dims.outputs / 4u;
    let n = group.x * 8u + local.x;
    let m = group.y * 64u + local.y;
    let last = dims.rows - 1u;
    let row0 = min(m, last) * inputs;
    let row1 = min(m + 8u, last) * inputs;
    let row2 = min(m + 16u, last) * inputs;
    let row3 = min(m + 24u, last) * inputs;
    let row4 = min(m + 32u, last) * inputs;
    let row5 = min(m + 40u, last) * inputs;
    let row6 = min(m + 48u, last) * inputs;
    let row7 = min(m + 56u, last) * inputs;
    var at = dims.weight / 4u + min(n, outputs - 1u);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    for (var k = 0u; k < inputs; k++) {
        let b0 = params[at];
        let b1 = params[at + outputs];
        let b2 = params[at + 2u * outputs];
        let b3 = params[at + 3u * outputs];
        at += 4u * outputs;
        let a0 = x[row0 + k];
        c0 += a0.x * b0 + a0.y * b1 + a0.z * b2 + a0.w * b3;
        let a1 = x[row1 + k];
        c1 += a1.x * b0 + a1.y * b1 + a1.z * b2 + a1.w * b3;
        let a2 = x[row2 + k];
        c2 += a2.x * b0 + a2.y * b1 + a2.z * b2 + a2.w * b3;
        let a3 = x[row3 + k];
        c3 += a3.x * b0 + a3.y * b1 + a3.z * b2 + a3.w * b3;
        let a4 = x[row4 + k];
        c4 += a4.x * b0 + a4.y * b1 + a4.z * b2 + a4.w * b3;
        let a5 = x[row5 + k];
        c5 += a5.x * b0 + a5.y * b1 + a5.z * b2 + a5.w * b3;
        let a6 = x[row6 + k];
        c6 += a6.x * b0 + a6.y * b1 + a6.z * b2 + a6.w * b3;
        let a7 = x[row7 + k];
        c7 += a7.x * b0 + a7.y * b1 + a7.z * b2 + a7.w * b3;
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
