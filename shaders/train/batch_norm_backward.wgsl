// The gradient through ReLU and batch norm, statistics included. With d = dL/dy where y > 0 and h = (x - mean) scale:
//   dL/dshift = sum d, dL/dgain = sum d h, dL/dx = gain scale (d - mean(d) - h mean(d h)).
// Workgroups as in batch_norm.wgsl.

struct Dims {
    rows: u32,
    channels: u32,
    gain: u32,
    blocks: u32,
    // Where the gains' gradients go; the shifts' follow.
    base: u32,
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

var<workgroup> sums: array<vec2<f32>, 256>;

// (d, h) of one value.
fn terms(at: u32, channel: u32) -> vec2<f32> {
    let h = (x[at] - stats[channel]) * stats[dims.channels + channel];
    let lit = h * params[dims.gain + channel] + params[dims.gain + dims.channels + channel] > 0.0;
    return vec2<f32>(select(0.0, dy[at], lit), h);
}

fn sums_of(channel: u32, from_row: u32, to_row: u32) -> vec2<f32> {
    var sum = vec2<f32>();
    for (var r = from_row; r < to_row; r += 16u) {
        let term = terms(r * dims.channels + channel, channel);
        sum += vec2<f32>(term.x, term.x * term.y);
    }
    return sum;
}

fn combined(lane: u32) -> vec2<f32> {
    var all = vec2<f32>();
    for (var slice = 0u; slice < 16u; slice++) {
        all += sums[slice * 16u + lane];
    }
    return all;
}

fn block_start(block: u32) -> u32 {
    return block * dims.rows / dims.blocks;
}

fn finish(channel: u32, all: vec2<f32>, from_row: u32, to_row: u32, keep: bool) {
    if (keep) {
        grads[dims.base + channel] = all.y;
        grads[dims.base + dims.channels + channel] = all.x;
    }
    let factor = params[dims.gain + channel] * stats[dims.channels + channel];
    let mean = all / f32(dims.rows);
    for (var r = from_row; r < to_row; r += 16u) {
        let at = r * dims.channels + channel;
        let term = terms(at, channel);
        dx[at] = factor * (term.x - mean.x - term.y * mean.y);
    }
}

@compute @workgroup_size(16, 16, 1)
fn whole(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    sums[local.y * 16u + local.x] = sums_of(channel, local.y, dims.rows);
    workgroupBarrier();
    if (group.x * 16u + local.x < dims.channels) {
        finish(channel, combined(local.x), local.y, dims.rows, local.y == 0u);
    }
}

@compute @workgroup_size(16, 16, 1)
fn partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    let to_row = block_start(group.y + 1u);
    sums[local.y * 16u + local.x] = sums_of(channel, block_start(group.y) + local.y, to_row);
    workgroupBarrier();
    if (local.y == 0u && group.x * 16u + local.x < dims.channels) {
        partials[group.y * dims.channels + channel] = combined(local.x);
    }
}

@compute @workgroup_size(16, 16, 1)
fn apply(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let channel = min(group.x * 16u + local.x, dims.channels - 1u);
    var found = vec2<f32>();
    for (var block = local.y; block < dims.blocks; block += 16u) {
        found += partials[block * dims.channels + channel];
    }
    sums[local.y * 16u + local.x] = found;
    workgroupBarrier();
    if (group.x * 16u + local.x < dims.channels) {
        let keep = group.y == 0u && local.y == 0u;
        finish(channel, combined(local.x), block_start(group.y) + local.y, block_start(group.y + 1u), keep);
    }
}
