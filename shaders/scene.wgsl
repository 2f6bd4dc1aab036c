// What every part of the sphere's picture shares; put before shell.wgsl, points.wgsl and lines.wgsl.
// The maths is that of src/render/scene.rs: camera on the z axis at distance `eye`, focal length in half canvases.

const CLASSES: u32 = 12u;
const NORMS: u32 = 9u;

struct Scene {
    rotation: mat3x3<f32>,
    ink: vec4<f32>,
    page: vec4<f32>,
    focal: vec2<f32>,
    viewport: vec2<f32>,
    eye: f32,
    point: f32,
    shell: f32,
    line: f32,
    // How far between the points before and after, and between the sphere and true length.
    tween: f32,
    morph: f32,
    // ln of the smallest and the largest norm in the range.
    log_range: vec2<f32>,
    // The part of the scale of norms that the ground allows: start and length.
    scale: vec2<f32>,
    // Radius of the smallest norm.
    inner: f32,
    by_norm: u32,
    classes: array<vec4<f32>, CLASSES>,
    norms: array<vec4<f32>, NORMS>,
}

@group(0) @binding(0) var<uniform> scene: Scene;

// Everything lies within this distance of the centre.
const REACH: f32 = 1.3;

// Depth 0 (near) .. 1 (far) of a point in camera coordinates.
fn depth_of(z: f32) -> f32 {
    return clamp(0.5 - 0.5 * z / REACH, 0.0, 1.0);
}

// Camera coordinates to clip coordinates.
fn clip(p: vec3<f32>) -> vec4<f32> {
    let w = scene.eye - p.z;
    return vec4(p.xy * scene.focal, depth_of(p.z) * w, w);
}

// A corner of a square, from the index of one of the four vertices of its strip.
fn corner(index: u32) -> vec2<f32> {
    return vec2(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
}
