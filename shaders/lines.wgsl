// The graticule of the shell: segments as thin squares of constant width on the screen, dimmer on the far side.

struct Segment {
    @location(0) start: vec3<f32>,
    @location(1) end: vec3<f32>,
}

struct Fragment {
    @builtin(position) position: vec4<f32>,
    @location(0) across: f32,
    @location(1) facing: f32,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, in: Segment) -> Fragment {
    var ends = array<vec3<f32>, 2>(scene.rotation * in.start * scene.shell, scene.rotation * in.end * scene.shell);
    let which = corner(index);
    let p = ends[u32(which.x > 0.0)];
    let first = clip(ends[0]);
    let second = clip(ends[1]);
    let along = (second.xy / second.w - first.xy / first.w) * scene.viewport;
    let side = normalize(vec2(-along.y, along.x) + vec2(1e-6, 0.0));
    let here = clip(p);
    let width = scene.line + 1.0;
    let offset = side * which.y * width / scene.viewport * here.w;
    return Fragment(vec4(here.xy + offset, here.zw), which.y * width, p.z / scene.shell);
}

@fragment
fn fragment(in: Fragment) -> @location(0) vec4<f32> {
    let edge = 1.0 - smoothstep(scene.line - 0.5, scene.line + 0.5, abs(in.across));
    let strength = mix(0.08, 0.34, smoothstep(-0.35, 0.45, in.facing));
    return vec4(scene.ink.rgb, edge * strength);
}
