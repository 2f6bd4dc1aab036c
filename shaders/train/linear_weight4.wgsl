// As linear_weight.wgsl where all sizes are multiples of 4: four values a load, 8 rows by 4 columns an invocation. What limits a product
// here is its loads, and these are 12 for 128 multiplications instead of 64.
//
// Dispatch: [ceil(outputs / 32), ceil(inputs / 64), slices] workgroups of 8 x 8 invocations.
// Twin: burn's gradient of Layer::Linear (src/engine/layers.rs).

struct Dims {
    rows: u32,
    inputs: u32,
    outputs: u32,
    // Where the first slice goes; the next ones follow all parameters further on.
    base: u32,
    // Batch rows of a slice.
    slice: u32,
    // All parameters.
    count: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;

fn store(m: u32, n: u32, sum: vec4<f32>, to: u32) {
    if (m >= dims.inputs || 4u * n >= dims.outputs) {
        return;
    }
    let at = to + m * dims.outputs + 4u * n;
    grads[at] = sum.x;
    grads[at + 1u] = sum.y;
    grads[at + 2u] = sum.z;
    grads[at + 3u] = sum.w;
}

@compute @workgroup_size(8, 8, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let inputs = dims.inputs / 4u;
    let outputs = dims.outputs / 4u;
    let n = group.x * 8u + local.x;
    let m = group.y * 16u + local.y;
    let first = group.z * dims.slice;
    let last = min(first + dims.slice, dims.rows);
    var near = first * inputs + min(m, inputs - 1u);
    let far = min(m + 8u, inputs - 1u) - min(m, inputs - 1u);
    var at = first * outputs + min(n, outputs - 1u);
    var sums = vec4<f32>();
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    var k = first;
    // Four steps a turn: a turn costs as much as a few products.
    for (; k + 4u <= last; k += 4u) {
        let a0 = x[near];
        let d0 = x[near + far];
        let b0 = dy[at];
        let a1 = x[near + inputs];
        let d1 = x[near + far + inputs];
        let b1 = dy[at + outputs];
        let a2 = x[near + 2u * inputs];
        let d2 = x[near + far + 2u * inputs];
        let b2 = dy[at + 2u * outputs];
        let a3 = x[near + 3u * inputs];
        let d3 = x[near + far + 3u * inputs];
        let b3 = dy[at + 3u * outputs];
        sums += b0 + b1 + b2 + b3;
        c0 += a0.x * b0 + a1.x * b1 + a2.x * b2 + a3.x * b3;
        c1 += a0.y * b0 + a1.y * b1 + a2.y * b2 + a3.y * b3;
        c2 += a0.z * b0 + a1.z * b1 + a2.z * b2 + a3.z * b3;
        c3 += a0.w * b0 + a1.w * b1 + a2.w * b2 + a3.w * b3;
        c4 += d0.x * b0 + d1.x * b1 + d2.x * b2 + d3.x * b3;
        c5 += d0.y * b0 + d1.y * b1 + d2.y * b2 + d3.y * b3;
        c6 += d0.z * b0 + d1.z * b1 + d2.z * b2 + d3.z * b3;
        c7 += d0.w * b0 + d1.w * b1 + d2.w * b2 + d3.w * b3;
        near += 4u * inputs;
        at += 4u * outputs;
    }
    for (; k < last; k++) {
        let a0 = x[near];
        let d0 = x[near + far];
        let b0 = dy[at];
        sums += b0;
        c0 += a0.x * b0;
        c1 += a0.y * b0;
        c2 += a0.z * b0;
        c3 += a0.w * b0;
        c4 += d0.x * b0;
        c5 += d0.y * b0;
        c6 += d0.z * b0;
        c7 += d0.w * b0;
        near += inputs;
        at += outputs;
    }
    let to = dims.base + group.z * dims.count;
    store(4u * m, n, c0, to);
    store(4u * m + 1u, n, c1, to);
    store(4u * m + 2u, n, c2, to);
    store(4u * m + 3u, n, c3, to);
    store(4u * m + 32u, n, c4, to);
    store(4u * m + 33u, n, c5, to);
    store(4u * m + 34u, n, c6, to);
    store(4u * m + 35u, n, c7, to);
    if (m == 0u && n < outputs) {
        let bias = to + dims.inputs * dims.outputs + 4u * n;
        grads[bias] = sums.x;
        grads[bias + 1u] = sums.y;
        grads[bias + 2u] = sums.z;
        grads[bias + 3u] = sums.w;
    }
}
