// Embeddings as places in the scene, from the buffer that an evaluation left them in to the instances that points are drawn
// from: nothing of it passes through the host but the axes of the projection (metrics/projection.rs fits them).

struct Dims {
    count: u32,
    dim: u32,
    // The first point's row.
    first: u32,
    // 1: there are no places before these.
    fresh: u32,
    // How far the last picture was between the places before and after.
    shown: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
// [rows, dim].
@group(0) @binding(1) var<storage, read> z: array<f32>;
// [dim, 3].
@group(0) @binding(2) var<storage, read> axes: array<f32>;
// Direction and log |z|.
@group(0) @binding(3) var<storage, read_write> before: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> after: array<vec4<f32>>;

// A direction of length 1, or another one where there is none.
fn on_sphere(v: vec3<f32>, other: vec3<f32>) -> vec3<f32> {
    let size = length(v);
    if (size > 1e-9) {
        return v / size;
    }
    return other;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let point = id.x;
    if (point >= dims.count) {
        return;
    }
    let begin = (dims.first + point) * dims.dim;
    var squares = 0.0;
    for (var k = 0u; k < dims.dim; k++) {
        squares += z[begin + k] * z[begin + k];
    }
    let norm = max(sqrt(squares), 1e-12);
    var direction = vec3<f32>();
    for (var k = 0u; k < dims.dim; k++) {
        direction += z[begin + k] / norm * vec3<f32>(axes[3u * k], axes[3u * k + 1u], axes[3u * k + 2u]);
    }
    let next = vec4<f32>(on_sphere(direction, vec3<f32>(1.0, 0.0, 0.0)), log(norm));
    let old = mix(before[point], after[point], dims.shown);
    let shown = vec4<f32>(on_sphere(old.xyz, after[point].xyz), old.w);
    before[point] = select(shown, next, dims.fresh != 0u);
    after[point] = next;
}
