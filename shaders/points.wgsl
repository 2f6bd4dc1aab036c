// Points as small shaded spheres: squares that face the camera, round by discard, with a depth of their own for each pixel.

struct Instance {
    @location(0) position: vec3<f32>,
    @location(1) colour: vec3<f32>,
}

struct Fragment {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) z: f32,
    @location(2) colour: vec3<f32>,
}

struct Out {
    @location(0) colour: vec4<f32>,
    @builtin(frag_depth) depth: f32,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, in: Instance) -> Fragment {
    // 1.25: room for the smooth edge.
    let uv = corner(index) * 1.25;
    let at = in.position + vec3(uv * scene.point, 0.0);
    return Fragment(clip(at), uv, in.position.z, in.colour);
}

@fragment
fn fragment(in: Fragment) -> Out {
    let r = length(in.uv);
    let width = fwidth(r);
    let alpha = 1.0 - smoothstep(1.0 - width, 1.0, r);
    if (alpha <= 0.0) {
        discard;
    }
    let height = sqrt(max(1.0 - r * r, 0.0));
    let light = dot(vec3(in.uv, height), normalize(vec3(-0.45, 0.65, 0.62)));
    let shaded = mix(in.colour * 0.72, mix(in.colour, vec3(1.0), 0.16), clamp(0.5 + 0.6 * light, 0.0, 1.0));
    return Out(vec4(shaded, alpha), depth_of(in.z + height * scene.point));
}
