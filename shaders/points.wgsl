// Points as small shaded spheres: squares that face the camera, round by discard, with a depth of their own for each pixel.
// Where a point is and what colour it has follows from its two places and the frame (scene.rs, Cloud::dots, is the twin), so
// that a frame sends nothing but its uniforms. Drawn twice: what is solid (core), then the smooth edges over it (fringe).

struct Instance {
    // Place in the unit ball and log |z|, before and after.
    @location(0) before: vec4<f32>,
    @location(1) after: vec4<f32>,
    @location(2) label: u32,
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

// As in scene.rs.
const COLOURS: f32 = 24.0;
const DEPTHS: f32 = 10.0;
const FADE: f32 = 0.62;

fn in_steps(share: f32, steps: f32) -> f32 {
    return floor(share * steps + 0.5) / steps;
}

// Where a norm lies in the range, 0..1 on a logarithmic scale.
fn position_in(log_norm: f32) -> f32 {
    let width = scene.log_range.y - scene.log_range.x;
    if (width < 1e-6) {
        return 1.0;
    }
    return clamp((log_norm - scene.log_range.x) / width, 0.0, 1.0);
}

fn colour_of(label: u32, share: f32) -> vec3<f32> {
    if (scene.by_norm == 0u) {
        return scene.classes[label % CLASSES].rgb;
    }
    let at = f32(NORMS - 1u) * (scene.scale.x + scene.scale.y * in_steps(share, COLOURS));
    let low = min(u32(at), NORMS - 2u);
    return mix(scene.norms[low].rgb, scene.norms[low + 1u].rgb, at - f32(low));
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, in: Instance) -> Fragment {
    let way = mix(in.before.xyz, in.after.xyz, scene.tween);
    let size = length(way);
    let depth = mix(length(in.before.xyz), length(in.after.xyz), scene.tween);
    let direction = select(in.after.xyz, way / size * depth, size > 1e-6);
    let share = position_in(mix(in.before.w, in.after.w, scene.tween));
    let radius = mix(1.0, mix(scene.inner, 1.0, share), scene.morph);
    let position = scene.rotation * (direction * radius);
    let fade = FADE * in_steps(clamp(0.5 - 0.5 * position.z, 0.0, 1.0), DEPTHS);
    let colour = mix(colour_of(in.label, share), scene.page.rgb, fade);
    // 1.25: room for the smooth edge.
    let uv = corner(index) * 1.25;
    let at = position + vec3(uv * scene.point, 0.0);
    return Fragment(clip(at), uv, position.z, colour);
}

fn shaded(in: Fragment, alpha: f32) -> Out {
    let height = sqrt(max(1.0 - dot(in.uv, in.uv), 0.0));
    let light = dot(vec3(in.uv, height), normalize(vec3(-0.45, 0.65, 0.62)));
    let colour = mix(in.colour * 0.72, mix(in.colour, vec3(1.0), 0.16), clamp(0.5 + 0.6 * light, 0.0, 1.0));
    return Out(vec4(colour, alpha), depth_of(in.z + height * scene.point));
}

fn coverage(uv: vec2<f32>) -> f32 {
    let r = length(uv);
    let width = fwidth(r);
    return 1.0 - smoothstep(1.0 - width, 1.0, r);
}

@fragment
fn core(in: Fragment) -> Out {
    if (coverage(in.uv) < 1.0) {
        discard;
    }
    return shaded(in, 1.0);
}

@fragment
fn fringe(in: Fragment) -> Out {
    let alpha = coverage(in.uv);
    if (alpha <= 0.0 || alpha >= 1.0) {
        discard;
    }
    return shaded(in, alpha);
}
