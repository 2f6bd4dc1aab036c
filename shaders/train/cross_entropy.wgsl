// Softmax cross-entropy of logits, [rows, classes], l_i = log sum_c exp(y_ic) - y_i,label, and its gradient
// dL/dy_ic = (softmax_ic - [c = label_i]) / rows.
//
// Dispatch: ceil(rows / 64) workgroups of 64 invocations, one a row.
// Twin: src/engine/classifier.rs.

struct Dims {
    rows: u32,
    classes: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if (row >= dims.rows) {
        return;
    }
    let begin = row * dims.classes;
    var top = logits[begin];
    for (var c = 1u; c < dims.classes; c++) {
        top = max(top, logits[begin + c]);
    }
    var sum = 0.0;
    for (var c = 0u; c < dims.classes; c++) {
        sum += exp(logits[begin + c] - top);
    }
    let scale = 1.0 / (sum * f32(dims.rows));
    for (var c = 0u; c < dims.classes; c++) {
        gradient[begin + c] = exp(logits[begin + c] - top) * scale;
    }
    let right = begin + labels[row];
    gradient[right] -= 1.0 / f32(dims.rows);
    losses[row] = top + log(sum) - logits[right];
}
