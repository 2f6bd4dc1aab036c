// Augmented views of pictures, [rows, channels, height, width], from the resident training samples: crop, colours, light,
// noise. What is random was drawn on the host (a recipe a view; see data/augment/recipe.rs, the twin); only the noise of each value
// is drawn here. Colours need the view's mean, so a workgroup makes one view (colour); grey pictures go pixel by pixel (grey).
//
// Dispatch: grey [ceil(values of a view / 64), rows, 1], colour [rows, 1, 1] workgroups of 64 invocations.
// Twin: src/data/augment.

struct Dims {
    rows: u32,
    channels: u32,
    height: u32,
    width: u32,
}

const WORDS: u32 = 28u;
const LANES: u32 = 64u;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> recipes: array<u32>;
@group(0) @binding(2) var<storage, read> samples: array<f32>;
@group(0) @binding(3) var<storage, read_write> views: array<f32>;

var<workgroup> sums: array<f32, LANES>;

fn number(at: u32) -> f32 {
    return bitcast<f32>(recipes[at]);
}

fn centred(at: u32, side: u32) -> f32 {
    return f32(2u * at + 1u) / f32(side) - 1.0;
}

fn to_pixel(x: f32, side: u32) -> f32 {
    return clamp((x + 1.0) * 0.5 * f32(side) - 0.5, 0.0, f32(side - 1u));
}

// Where a pixel of a view comes from: the places of four neighbours in a plane, and how far it lies between them.
struct Place {
    corners: vec4<u32>,
    across: f32,
    down: f32,
}

// Beyond the edge the edge's value goes on.
fn place_of(recipe: u32, pixel: u32) -> Place {
    let u = centred(pixel % dims.width, dims.width);
    let v = centred(pixel / dims.width, dims.height);
    let x = to_pixel(number(recipe) * u + number(recipe + 1u) * v + number(recipe + 2u), dims.width);
    let y = to_pixel(number(recipe + 3u) * u + number(recipe + 4u) * v + number(recipe + 5u), dims.height);
    let left = u32(x);
    let top = u32(y);
    let right = min(left + 1u, dims.width - 1u);
    let upper = top * dims.width;
    let lower = min(top + 1u, dims.height - 1u) * dims.width;
    let corners = vec4<u32>(upper + left, upper + right, lower + left, lower + right);
    return Place(corners, x - f32(left), y - f32(top));
}

// Bilinear, from the plane that begins at `plane`.
fn sample(plane: u32, place: Place) -> f32 {
    let at = place.corners + plane;
    let upper = samples[at.x] * (1.0 - place.across) + samples[at.y] * place.across;
    let lower = samples[at.z] * (1.0 - place.across) + samples[at.w] * place.across;
    return upper * (1.0 - place.down) + lower * place.down;
}

fn finish(recipe: u32, value: f32, at: u32, pixel: u32) -> f32 {
    let x = centred(pixel % dims.width, dims.width);
    let y = centred(pixel / dims.width, dims.height);
    let light = number(recipe + 19u) * x + number(recipe + 20u) * y;
    let key = vec4<u32>(recipes[recipe + 22u], recipes[recipe + 23u], recipes[recipe + 24u], recipes[recipe + 25u]);
    let noise = number(recipe + 21u) * rough_normal(draw(key, recipes[recipe + 26u] + at));
    return clamp(value * number(recipe + 17u) + number(recipe + 18u) + light + noise, 0.0, 1.0);
}

fn turned(recipe: u32, row: u32, rgb: vec3<f32>) -> f32 {
    let at = recipe + 8u + 3u * row;
    return dot(vec3<f32>(number(at), number(at + 1u), number(at + 2u)), rgb);
}

@compute @workgroup_size(LANES, 1, 1)
fn grey(@builtin(global_invocation_id) id: vec3<u32>) {
    let plane = dims.width * dims.height;
    let pixel = id.x;
    if (pixel >= plane) {
        return;
    }
    let recipe = id.y * WORDS;
    let value = sample(recipes[recipe + 27u] * plane, place_of(recipe, pixel));
    views[id.y * plane + pixel] = finish(recipe, value, pixel, pixel);
}

@compute @workgroup_size(LANES, 1, 1)
fn colour(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let recipe = group.x * WORDS;
    let plane = dims.width * dims.height;
    let to = group.x * dims.channels * plane;
    let from_at = recipes[recipe + 27u] * dims.channels * plane;
    var sum = 0.0;
    for (var pixel = local.x; pixel < plane; pixel += LANES) {
        let place = place_of(recipe, pixel);
        for (var channel = 0u; channel < dims.channels; channel++) {
            let value = sample(from_at + channel * plane, place);
            views[to + channel * plane + pixel] = value;
            sum += value;
        }
    }
    sums[local.x] = sum;
    workgroupBarrier();
    let contrast = number(recipe + 6u);
    var mean = 0.0;
    if (contrast != 1.0) {
        for (var lane = 0u; lane < LANES; lane++) {
            mean += sums[lane];
        }
        mean /= f32(dims.channels * plane);
    }
    let factor = contrast * number(recipe + 7u);
    let offset = mean * (1.0 - contrast) * number(recipe + 7u);
    for (var pixel = local.x; pixel < plane; pixel += LANES) {
        if (dims.channels == 3u) {
            let own = vec3<f32>(views[to + pixel], views[to + plane + pixel], views[to + 2u * plane + pixel]);
            let rgb = own * factor + offset;
            for (var channel = 0u; channel < 3u; channel++) {
                let at = channel * plane + pixel;
                views[to + at] = finish(recipe, turned(recipe, channel, rgb), at, pixel);
            }
        } else {
            for (var channel = 0u; channel < dims.channels; channel++) {
                let at = channel * plane + pixel;
                views[to + at] = finish(recipe, views[to + at] * factor + offset, at, pixel);
            }
        }
    }
}
