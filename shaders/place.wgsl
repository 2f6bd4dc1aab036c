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
// Place in the unit ball and log |z|.
@group(0) @binding(3) var<storage, read_write> before: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> after: array<vec4<f32>>;

// On the sphere while the axes hold at least this much of a direction, inside where they hold less: 1 / MOST_STRETCH of
// metrics/projection.rs, whose in_ball is the twin.
const HELD: f32 = 0.125;

// On the way from one place to another: directions along the chord, depths evenly (metrics/projection.rs, between, is the twin).
fn between(a: vec3<f32>, b: vec3<f32>, t: f32) -> vec3<f32> {
    let way = mix(a, b, t);
    let size = length(way);
    if (size > 1e-6) {
        return way / size * mix(length(a), length(b), t);
    }
    return b;
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
    let next = vec4<f32>(direction / max(length(direction), HELD), log(norm));
    let old = between(before[point].xyz, after[point].xyz, dims.shown);
    let shown = vec4<f32>(old, mix(before[point].w, after[point].w, dims.shown));
    before[point] = select(shown, next, dims.fresh != 0u);
    after[point] = next;
}
