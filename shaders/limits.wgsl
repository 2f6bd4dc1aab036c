// What a device can do at most, for bench: how long a dispatch takes that waits for the one before, how many bytes a second
// pass through memory, how many multiplications and additions a second.

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> sink: array<vec4f>;

// One value, over and over: what is left is the dispatch.
@compute @workgroup_size(64)
fn touch(@builtin(global_invocation_id) id: vec3u) {
    if id.x == 0u {
        sink[0] += source[0];
    }
}

@compute @workgroup_size(256)
fn stream(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&sink) {
        sink[id.x] = source[id.x];
    }
}

const STEPS: u32 = 256u;

// 8 chains of STEPS steps of four multiplications and four additions.
@compute @workgroup_size(256)
fn multiply(@builtin(global_invocation_id) id: vec3u) {
    let factor = source[0] + 0.5;
    var a = vec4f(f32(id.x));
    var b = a + 1.0;
    var c = a + 2.0;
    var d = a + 3.0;
    var e = a + 4.0;
    var f = a + 5.0;
    var g = a + 6.0;
    var h = a + 7.0;
    for (var step = 0u; step < STEPS; step++) {
        a = fma(a, factor, factor);
        b = fma(b, factor, factor);
        c = fma(c, factor, factor);
        d = fma(d, factor, factor);
        e = fma(e, factor, factor);
        f = fma(f, factor, factor);
        g = fma(g, factor, factor);
        h = fma(h, factor, factor);
    }
    if id.x < arrayLength(&sink) {
        sink[id.x] = a + b + c + d + e + f + g + h;
    }
}
