// Global average pooling: the mean of each channel over a picture's pixels. maps: [images, pixels, channels].
//
// Dispatch: [ceil(channels / 64), images, 1] workgroups of 64 invocations, one a channel of an image.
// Twin: Layer::GlobalPool in src/engine/layers.rs.

struct Dims {
    images: u32,
    pixels: u32,
    channels: u32,
    // In the backward pass: only where the map, which came out of a ReLU, is positive.
    mask: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> maps: array<f32>;
@group(0) @binding(2) var<storage, read_write> features: array<f32>;
@group(0) @binding(3) var<storage, read> dfeatures: array<f32>;
@group(0) @binding(4) var<storage, read_write> dmaps: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
    let image = id.y;
    let channel = id.x;
    if (channel >= dims.channels || image >= dims.images) {
        return;
    }
    var sum = 0.0;
    for (var pixel = 0u; pixel < dims.pixels; pixel++) {
        sum += maps[(image * dims.pixels + pixel) * dims.channels + channel];
    }
    features[image * dims.channels + channel] = sum / f32(dims.pixels);
}

@compute @workgroup_size(64, 1, 1)
fn backward(@builtin(global_invocation_id) id: vec3<u32>) {
    let image = id.y;
    let channel = id.x;
    if (channel >= dims.channels || image >= dims.images) {
        return;
    }
    let share = dfeatures[image * dims.channels + channel] / f32(dims.pixels);
    for (var pixel = 0u; pixel < dims.pixels; pixel++) {
        let at = (image * dims.pixels + pixel) * dims.channels + channel;
        dmaps[at] = select(share, 0.0, dims.mask != 0u && maps[at] <= 0.0);
    }
}
