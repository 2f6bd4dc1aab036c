// The counter-based generator of rng.rs: pcg4d (Jarzynski and Olano 2020), the same bits as on the host.

const MULTIPLIER: u32 = 1664525u;
const INCREMENT: u32 = 1013904223u;
const UNIT: f32 = 1.0 / 16777216.0;
const ROUGH_SCALE: f32 = 0.0067658754;

fn cross4(v: vec4<u32>) -> vec4<u32> {
    let x = v.x + v.y * v.w;
    let y = v.y + v.z * x;
    let z = v.z + x * y;
    return vec4<u32>(x, y, z, v.w + y * z);
}

fn pcg4d(v: vec4<u32>) -> vec4<u32> {
    let w = cross4(v * MULTIPLIER + INCREMENT);
    return cross4(w ^ (w >> vec4<u32>(16u)));
}

// Draw number `index` of a key's stream.
fn draw(key: vec4<u32>, index: u32) -> u32 {
    return pcg4d(key + vec4<u32>(0u, 0u, 0u, index >> 2u))[index & 3u];
}

fn uniform_of(bits: u32) -> f32 {
    return f32(bits >> 8u) * UNIT;
}

// Nearly normal: the sum of the four bytes, standardised.
fn rough_normal(bits: u32) -> f32 {
    let sum = (bits & 255u) + ((bits >> 8u) & 255u) + ((bits >> 16u) & 255u) + (bits >> 24u);
    return f32(i32(sum) - 510) * ROUGH_SCALE;
}

// ln x for normal x, to some 1e-7: WGSL promises less of its own.
fn ln(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    var exponent = f32(i32(bits >> 23u) - 127);
    var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
    if (m > 1.41421356) {
        m *= 0.5;
        exponent += 1.0;
    }
    let s = (m - 1.0) / (m + 1.0);
    let t = s * s;
    let series = 2.0 * s * (1.0 + t * (1.0 / 3.0 + t * (0.2 + t * (1.0 / 7.0 + t * (1.0 / 9.0)))));
    return exponent * 0.69314718 + series;
}

// cos(2 pi v) for v in 0..1, to some 1e-7.
fn cos_turn(v: f32) -> f32 {
    let away = abs(v - 0.5);
    let folded = min(away, 0.5 - away);
    let x = 6.2831853 * folded;
    let t = x * x;
    let series = 1.0 + t * (-0.5 + t * (1.0 / 24.0 + t * (-1.0 / 720.0 + t * (1.0 / 40320.0
        + t * (-1.0 / 3628800.0 + t * (1.0 / 479001600.0))))));
    return select(series, -series, away < 0.25);
}

// Standard normal by Box-Muller, from two draws.
fn normal(key: vec4<u32>, index: u32) -> f32 {
    let radius = sqrt(-2.0 * ln(1.0 - uniform_of(draw(key, index))));
    return radius * cos_turn(uniform_of(draw(key, index + 1u)));
}
