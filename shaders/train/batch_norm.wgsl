// Batch norm over rows and ReLU: y = relu(gain (x - mean) / sqrt(variance + epsilon) + shift), statistics of each channel
// from the batch (population variance). x, y: [rows, channels].
//
// A workgroup takes 16 channels; 8 invocations share a channel's rows and combine what they found after one barrier
// (Chan et al. 1983). Few rows: one dispatch (whole). Many rows, i.e. pictures: partial, block by block, then apply.
// Evaluations take the running statistics instead (evaluate).
//
// Dispatch: [ceil(channels / 16), blocks, 1] workgroups of 16 x 8 invocations; whole: one block.
// Twin: src/engine/ops/norm_relu.rs.

struct Dims {
    rows: u32,
    channels: u32,
    // Where the gains are; the shifts follow them.
    gain: u32,
    // Blocks of rows, 1 for whole.
    blocks: u32,
    // Share of the batch's statistics that enters the running ones; 0 leaves those alone.
    momentum: f32,
    epsilon: f32,
}

struct Moments {
    count: f32,
    mean: f32,
    // Sum of squared distances from the mean.
    spread: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
// Mean, then 1/sqrt(variance + epsilon): for the backward pass.
@group(0) @binding(4) var<storage, read_write> stats: array<f32>;
// Running mean, then running variance.
@group(0) @binding(5) var<storage, read_write> running: array<f32>;
// (mean, spread) of each block and channel.
@group(0) @binding(6) var<storage, read_write> partials: array<vec2<f32>>;

// Invocations of a channel.
const SLICES: u32 = 8u;

var<workgroup> shared_moments: array<Moments, 16u * SLICES>;

fn merge(a: Moments, b: Moments) -> Moments {
    let count = a.count + b.count;
    if (count == 0.0) {
        return a;
    }
    let gap = b.mean - a.mean;
    let mean = a.mean + gap * b.count / count;
    return Moments(count, mean, a.spread + b.spread + gap * gap * a.count * b.count / count);
}

// Moments of every 8th row of a range, in one pass: sums of distances from the first row, which lies among the values, so
// that little is lost where the mean is far from 0.
fn moments_of(channel: u32, from_row: u32, to_row: u32) -> Moments {
    if (from_row >= to_row) {
        return Moments(0.0, 0.0, 0.0);
    }
    let pivot = x[from_row * dims.channels + channel];
    var count = 0.0;
    var sum = 0.0;
    var squares = 0.0;
    for (var r = from_row; r < to_row; r += SLICES) {
        let gap = x[r * dims.channels + channel] - pivot;
        sum += gap;
        squares += gap * gap;
        count += 1.0;
    }
    let mean = sum / count;
    return Moments(count, pivot + mean, max(squares - sum * mean, 0.0));
}

// What the 8 invocations of a channel found, after the barrier.
fn combined(lane: u32) -> Moments {
    var all = shared_moments[lane];
    for (var slice = 1u; slice < SLICES; slice++) {
        all = merge(all, shared_moments[slice * 16u + lane]);
    }
    return all;
}

fn block_start(block: u32) -> u32 {
    return block * dims.rows / dims.blocks;
}

fn finish(channel: u32, all: Moments, from_row: u32, to_row: u32, keep: bool) {
    let variance = all.spread / f32(dims.rows);
    let scale = 1.0 / sqrt(variance + dims.epsilon);
    if (keep) {
        stats[channel] = all.mean;
        stats[dims.channels + channel] = scale;
        if (dims.momentum > 0.0) {
            let old = 1.0 - dims.momentum;
            running[channel] = old * running[channel] + dims.momentum * all.mean;
            running[dims.channels + channel] = old * running[dims.channels + channel] + dims.momentum * variance;
        }
    }
    let gain = params[dims.gain + channel] * scale;
    let shift = params[dims.gain + dims.channels + channel];
    for (var r = from_row; r < to_row; r += SLICES) {
        let at = r * dims.channels + channel;
        y[at] = max((x[at] - all.mean) * gain + shift, 0.0);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn whole(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    let active_channel = group.x * 16u + local.x < dims.channels;
    shared_moments[local.y * 16u + local.x] = moments_of(channel, local.y, dims.rows);
    workgroupBarrier();
    if (active_channel) {
        finish(channel, combined(local.x), local.y, dims.rows, local.y == 0u);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    let to_row = block_start(group.y + 1u);
    shared_moments[local.y * 16u + local.x] = moments_of(channel, block_start(group.y) + local.y, to_row);
    workgroupBarrier();
    if (local.y == 0u && group.x * 16u + local.x < dims.channels) {
        let all = combined(local.x);
        partials[group.y * dims.channels + channel] = vec2<f32>(all.mean, all.spread);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn apply(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    var found = Moments(0.0, 0.0, 0.0);
    for (var block = local.y; block < dims.blocks; block += SLICES) {
        let part = partials[block * dims.channels + channel];
        found = merge(found, Moments(f32(block_start(block + 1u) - block_start(block)), part.x, part.y));
    }
    shared_moments[local.y * 16u + local.x] = found;
    workgroupBarrier();
    if (group.x * 16u + local.x < dims.channels) {
        let keep = group.y == 0u && local.y == 0u;
        finish(channel, combined(local.x), block_start(group.y) + local.y, block_start(group.y + 1u), keep);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn evaluate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = group.x * 16u + local.x;
    if (channel >= dims.channels) {
        return;
    }
    let mean = running[channel];
    let gain = params[dims.gain + channel] / sqrt(running[dims.channels + channel] + dims.epsilon);
    let shift = params[dims.gain + dims.channels + channel];
    for (var r = block_start(group.y) + local.y; r < block_start(group.y + 1u); r += SLICES) {
        let at = r * dims.channels + channel;
        y[at] = max((x[at] - mean) * gain + shift, 0.0);
    }
}
