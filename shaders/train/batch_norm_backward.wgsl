// The gradient through ReLU and batch norm, statistics included. With d = dL/dy where y > 0 and h = (x - mean) scale:
//   dL/dshift = sum d, dL/dgain = sum d h, dL/dx = gain scale (d - mean(d) - h mean(d h)).
// Workgroups as in batch_norm.wgsl.
//
// Dispatch: [ceil(channels / 16), blocks, 1] workgroups of 16 x 8 invocations; whole: one block.
// Twin: src/engine/ops/norm_relu.rs.

struct Dims {
    rows: u32,
    channels: u32,
    // Where the gains are, and where their gradients go; the shifts' follow.
    gain: u32,
    blocks: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> params: array<f32>;
@group(0) @binding(4) var<storage, read> stats: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> grads: array<f32>;
// (sum d, sum d h) of each block and channel.
@group(0) @binding(7) var<storage, read_write> partials: array<vec2<f32>>;

// Invocations of a channel.
const SLICES: u32 = 8u;

var<workgroup> sums: array<vec2<f32>, 16u * SLICES>;

// What a channel's values have in common.
struct Channel {
    mean: f32,
    scale: f32,
    gain: f32,
    shift: f32,
}

fn channel_of(number: u32) -> Channel {
    let gain = dims.gain + number;
    return Channel(stats[number], stats[dims.channels + number], params[gain], params[gain + dims.channels]);
}

// (d, h) of one value.
fn terms(at: u32, channel: Channel) -> vec2<f32> {
    let h = (x[at] - channel.mean) * channel.scale;
    return vec2<f32>(select(0.0, dy[at], h * channel.gain + channel.shift > 0.0), h);
}

fn sums_of(number: u32, from_row: u32, to_row: u32) -> vec2<f32> {
    let channel = channel_of(number);
    var sum = vec2<f32>();
    for (var r = from_row; r < to_row; r += SLICES) {
        let term = terms(r * dims.channels + number, channel);
        sum += vec2<f32>(term.x, term.x * term.y);
    }
    return sum;
}

fn combined(lane: u32) -> vec2<f32> {
    var all = vec2<f32>();
    for (var slice = 0u; slice < SLICES; slice++) {
        all += sums[slice * 16u + lane];
    }
    return all;
}

fn block_start(block: u32) -> u32 {
    return block * dims.rows / dims.blocks;
}

fn finish(number: u32, all: vec2<f32>, from_row: u32, to_row: u32, keep: bool) {
    if (keep) {
        grads[dims.gain + number] = all.y;
        grads[dims.gain + dims.channels + number] = all.x;
    }
    let channel = channel_of(number);
    let factor = channel.gain * channel.scale;
    let mean = all / f32(dims.rows);
    for (var r = from_row; r < to_row; r += SLICES) {
        let at = r * dims.channels + number;
        let term = terms(at, channel);
        dx[at] = factor * (term.x - mean.x - term.y * mean.y);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn whole(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    sums[local.y * 16u + local.x] = sums_of(channel, local.y, dims.rows);
    workgroupBarrier();
    if (group.x * 16u + local.x < dims.channels) {
        finish(channel, combined(local.x), local.y, dims.rows, local.y == 0u);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    let to_row = block_start(group.y + 1u);
    sums[local.y * 16u + local.x] = sums_of(channel, block_start(group.y) + local.y, to_row);
    workgroupBarrier();
    if (local.y == 0u && group.x * 16u + local.x < dims.channels) {
        partials[group.y * dims.channels + channel] = combined(local.x);
    }
}

@compute @workgroup_size(16, SLICES, 1)
fn apply(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    var found = vec2<f32>();
    for (var block = local.y; block < dims.blocks; block += SLICES) {
        found += partials[block * dims.channels + channel];
    }
    sums[local.y * 16u + local.x] = found;
    workgroupBarrier();
    if (group.x * 16u + local.x < dims.channels) {
        let keep = group.y == 0u && local.y == 0u;
        finish(channel, combined(local.x), block_start(group.y) + local.y, block_start(group.y + 1u), keep);
    }
}
