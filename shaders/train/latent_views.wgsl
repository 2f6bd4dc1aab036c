// Views of the latent data set, [rows, observed], from the resident training samples: the sample's latent moved a little, with
// other nuisance (data/latent.rs, the twin). An invocation makes one view.
//
// Dispatch: ceil(rows / 64) workgroups of 64 invocations, one a view.
// Twin: src/data/latent.rs.

struct Dims {
    rows: u32,
    latent: u32,
    nuisance: u32,
    observed: u32,
    // Standard deviations of the latent's move and of the nuisance.
    move_std: f32,
    nuisance_std: f32,
    // The norm of every observation.
    norm: f32,
}

const WORDS: u32 = 5u;
const MOST_COORDINATES: u32 = 64u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> recipes: array<u32>;
@group(0) @binding(2) var<storage, read> samples: array<f32>;
@group(0) @binding(3) var<storage, read_write> views: array<f32>;
// The rows that give a latent back, [latent, observed], then the mixing matrix, [observed, latent + nuisance].
@group(0) @binding(4) var<storage, read> mixing: array<f32>;

var<private> coordinates: array<f32, MOST_COORDINATES>;

// Divides the latent by its length, once and again after it moved.
fn normalise_latent() {
    var squares = 0.0;
    for (var k = 0u; k < dims.latent; k++) {
        squares += coordinates[k] * coordinates[k];
    }
    let length = max(sqrt(squares), 1e-12);
    for (var k = 0u; k < dims.latent; k++) {
        coordinates[k] /= length;
    }
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= dims.rows) {
        return;
    }
    let recipe = id.x * WORDS;
    let key = vec4<u32>(recipes[recipe], recipes[recipe + 1u], recipes[recipe + 2u], recipes[recipe + 3u]);
    let from_at = recipes[recipe + 4u] * dims.observed;
    for (var k = 0u; k < dims.latent; k++) {
        var sum = 0.0;
        for (var i = 0u; i < dims.observed; i++) {
            sum += mixing[k * dims.observed + i] * samples[from_at + i];
        }
        coordinates[k] = sum;
    }
    normalise_latent();
    for (var k = 0u; k < dims.latent; k++) {
        coordinates[k] += normal(key, 2u * k) * dims.move_std;
    }
    normalise_latent();
    let count = dims.latent + dims.nuisance;
    for (var k = dims.latent; k < count; k++) {
        coordinates[k] = normal(key, 2u * k) * dims.nuisance_std;
    }
    // The matrix's columns are orthonormal, so the observation is as long as its coordinates.
    var squares = 0.0;
    for (var k = 0u; k < count; k++) {
        squares += coordinates[k] * coordinates[k];
    }
    let scale = dims.norm / max(sqrt(squares), 1e-12);
    let matrix = dims.latent * dims.observed;
    for (var i = 0u; i < dims.observed; i++) {
        var sum = 0.0;
        for (var k = 0u; k < count; k++) {
            sum += mixing[matrix + i * count + k] * coordinates[k];
        }
        views[id.x * dims.observed + i] = sum * scale;
    }
}
