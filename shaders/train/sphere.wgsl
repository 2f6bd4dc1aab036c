// GradScale's factor of a row (Zhang et al. 2020, eq. 1 for the gradient that it scales), for the kernels that go from the
// unit sphere back to embeddings: |z|^p, or in the control mode (mean |z|)^p. Whole powers are products, and so exact.

const MIN_NORM: f32 = 1e-12;

fn raised(norm: f32) -> f32 {
    if (hyper.power == 0.0) {
        return 1.0;
    }
    if (hyper.power == 1.0) {
        return norm;
    }
    if (hyper.power == 2.0) {
        return norm * norm;
    }
    return pow(norm, hyper.power);
}

fn grad_scale(row: u32) -> f32 {
    if (hyper.batch_mode == 0u || hyper.power == 0.0) {
        return raised(norms[row]);
    }
    var sum = 0.0;
    for (var r = 0u; r < dims.rows; r++) {
        sum += norms[r];
    }
    return raised(sum / f32(dims.rows));
}

// s / |z|, 0 for a row without a direction.
fn pull_back(row: u32) -> f32 {
    if (norms[row] <= MIN_NORM) {
        return 0.0;
    }
    return grad_scale(row) / norms[row];
}
