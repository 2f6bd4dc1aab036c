// The shell |z| = 1: a shaded, translucent sphere, found by one ray for each pixel of a square around it.

struct Fragment {
    @builtin(position) position: vec4<f32>,
    @location(0) ray: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Fragment {
    // A little larger than the sphere's outline; the ray's slope follows from the place on the screen.
    let reach = 1.1 * scene.shell * scene.eye / sqrt(scene.eye * scene.eye - scene.shell * scene.shell);
    let at = corner(index) * reach;
    return Fragment(vec4(at * scene.focal, 0.0, scene.eye), at / scene.eye);
}

@fragment
fn fragment(in: Fragment) -> @location(0) vec4<f32> {
    // From (0, 0, eye) along (ray, -1) to the sphere of radius `shell`.
    let a = dot(in.ray, in.ray) + 1.0;
    let discriminant = scene.eye * scene.eye - a * (scene.eye * scene.eye - scene.shell * scene.shell);
    // One pixel of smooth edge, in units of the discriminant.
    let edge = smoothstep(0.0, max(fwidth(discriminant), 1e-5), discriminant);
    if (discriminant <= 0.0) {
        return vec4(0.0);
    }
    let t = (scene.eye - sqrt(discriminant)) / a;
    let normal = normalize(vec3(in.ray * t, scene.eye - t));
    let light = dot(normal, normalize(vec3(-0.45, 0.65, 0.62)));
    let rim = pow(1.0 - normal.z, 2.2);
    let shade = mix(scene.page.rgb, scene.ink.rgb, 0.10 + 0.16 * (1.0 - light));
    return vec4(shade, edge * (0.40 + 0.45 * rim));
}
