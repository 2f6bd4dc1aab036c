// One update of all parameters: adds up the slices of each gradient, then SGD with momentum or AdamW with weight decay, then
// BYOL's moving average of the parameters. The first invocation also writes the step's loss.
//
// Dispatch: ceil(count / 256) workgroups of 64 invocations, at most 65,535; an invocation takes parameters that lie a grid apart.
// Twin: src/engine/optimizer.rs.

struct Dims {
    count: u32,
    rows: u32,
    // Slices of a gradient: layers with fewer leave zeros in the others, which is cheaper than to look up whose they are.
    slices: u32,
    // 1 where there is a target.
    target_count: u32,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> hyper: Hyper;
// [slices, count].
@group(0) @binding(2) var<storage, read> grads: array<f32>;
@group(0) @binding(3) var<storage, read_write> params: array<f32>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> target_params: array<f32>;
@group(0) @binding(6) var<storage, read> row_losses: array<f32>;
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;

fn write_loss() {
    var sum = 0.0;
    for (var row = 0u; row < dims.rows; row++) {
        sum += row_losses[row];
    }
    losses[hyper.slot] = sum / f32(dims.rows);
}

fn update(i: u32) {
    let value = params[i];
    var grad = 0.0;
    for (var slice = 0u; slice < dims.slices; slice++) {
        grad += grads[slice * dims.count + i];
    }
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
        target_params[i] = target_params[i] * hyper.ema + next * (1.0 - hyper.ema);
    }
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    if (id.x == 0u) {
        write_loss();
    }
    for (var i = id.x; i < dims.count; i += groups.x * 64u) {
        update(i);
    }
}
