// One update of all parameters: adds up the slices of each gradient, then SGD with momentum or AdamW with weight decay, then
// BYOL's moving average of the parameters. The first invocation also writes the step's loss.

struct Segment {
    // First parameter after the segment.
    end: u32,
    // First parameter of the segment.
    begin: u32,
    // Where its first slice is.
    base: u32,
    slices: u32,
}

struct Dims {
    count: u32,
    rows: u32,
    segments: u32,
    // 1 where there is a target.
    target_count: u32,
    table: array<Segment, 32>,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> grads: array<f32>;
@group(0) @binding(3) var<storage, read_write> params: array<f32>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> slow: array<f32>;
@group(0) @binding(6) var<storage, read> row_losses: array<f32>;
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;

fn gradient(i: u32) -> f32 {
    var at = 0u;
    while (at + 1u < dims.segments && i >= dims.table[at].end) {
        at++;
    }
    let segment = dims.table[at];
    let length = segment.end - segment.begin;
    var sum = 0.0;
    for (var slice = 0u; slice < segment.slices; slice++) {
        sum += grads[segment.base + slice * length + i - segment.begin];
    }
    return sum;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.y * groups.x * 64u + id.x;
    if (i == 0u) {
        var sum = 0.0;
        for (var row = 0u; row < dims.rows; row++) {
            sum += row_losses[row];
        }
        losses[hyper.slot] = sum / f32(dims.rows);
    }
    if (i >= dims.count) {
        return;
    }
    let value = params[i];
    let grad = gradient(i);
    var next = value;
    if (hyper.adam == 0u) {
        let velocity = moments[i].x * hyper.momentum + grad + hyper.decay * value;
        moments[i].x = velocity;
        next = value - hyper.lr * velocity;
    } else {
        let mean = moments[i].x * BETA1 + grad * (1.0 - BETA1);
        let square = moments[i].y * BETA2 + grad * grad * (1.0 - BETA2);
        moments[i] = vec2<f32>(mean, square);
        let direction = mean / hyper.correction1 / (sqrt(square / hyper.correction2) + EPSILON);
        next = value * (1.0 - hyper.lr * hyper.decay) - hyper.lr * direction;
    }
    params[i] = next;
    if (dims.target_count != 0u) {
        slow[i] = slow[i] * hyper.ema + next * (1.0 - hyper.ema);
    }
}
