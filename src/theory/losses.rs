//! The losses on un-normalised embeddings, written down as the papers do: slow, exact, without tensors.
//!
//! `z` holds 2n rows; rows i and i + n are the two views of sample i.

/// Rows of embeddings.
pub type Rows = Vec<Vec<f64>>;

/// The cosine of two vectors, 0 when one has no direction.
pub fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { dot(a, b) / norms } else { 0.0 }
}

/// The other view's row.
fn partner(i: usize, rows: usize) -> usize {
    (i + rows / 2) % rows
}

/// NT-Xent (Chen et al. 2020, eq. 1) with temperature `tau`: the mean over all 2n rows.
pub fn nt_xent(z: &Rows, tau: f64) -> f64 {
    contrastive(z, tau, |i, k, _| k != i)
}

/// DCL (Yeh et al. 2022, eq. 6): as NT-Xent, without the positive in the denominator.
pub fn dcl(z: &Rows, tau: f64) -> f64 {
    contrastive(z, tau, |i, k, positive| k != i && k != positive)
}

fn contrastive(z: &Rows, tau: f64, counts: impl Fn(usize, usize, usize) -> bool) -> f64 {
    let rows = z.len();
    let one = |i: usize| {
        let positive = partner(i, rows);
        let sum: f64 = (0..rows).filter(|&k| counts(i, k, positive)).map(|k| (cosine(&z[i], &z[k]) / tau).exp()).sum();
        sum.ln() - cosine(&z[i], &z[positive]) / tau
    };
    (0..rows).map(one).sum::<f64>() / rows as f64
}

/// Minus the mean cosine between predictions and the other view's targets (Chen and He 2021, eq. 1 and 2).
pub fn prediction(predictions: &Rows, targets: &Rows) -> f64 {
    let rows = predictions.len();
    -(0..rows).map(|i| cosine(&predictions[i], &targets[partner(i, rows)])).sum::<f64>() / rows as f64
}

/// The gradient of `loss` at `z` by central differences with step `h`.
pub fn numeric_gradient(loss: impl Fn(&Rows) -> f64, z: &Rows, h: f64) -> Rows {
    let mut z = z.clone();
    let (rows, dim) = (z.len(), z.first().map_or(0, Vec::len));
    let mut gradient = vec![vec![0.0; dim]; rows];
    for i in 0..rows {
        for k in 0..dim {
            let here = z[i][k];
            z[i][k] = here + h;
            let above = loss(&z);
            z[i][k] = here - h;
            let below = loss(&z);
            z[i][k] = here;
            gradient[i][k] = (above - below) / (2.0 * h);
        }
    }
    gradient
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two samples, views identical, samples opposite: every cosine is 1 or -1, so the loss is known by hand.
    fn opposite() -> Rows {
        vec![vec![2.0, 0.0], vec![-1.0, 0.0], vec![0.5, 0.0], vec![-3.0, 0.0]]
    }

    #[test]
    fn nt_xent_by_hand() {
        // -1 + ln(e^1 + 2 e^-1) at tau = 1.
        let expected = -1.0 + (1_f64.exp() + 2.0 * (-1_f64).exp()).ln();
        assert!((nt_xent(&opposite(), 1.0) - expected).abs() < 1e-12);
    }

    #[test]
    fn dcl_by_hand() {
        let expected = -1.0 + (2.0 * (-1_f64).exp()).ln();
        assert!((dcl(&opposite(), 1.0) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_prediction_equal_to_its_target_costs_minus_one() {
        let z = opposite();
        assert!((prediction(&z, &z) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_gradient_is_orthogonal_and_halves_when_the_norm_doubles() {
        let z = vec![vec![1.0, 2.0, 0.5], vec![-0.3, 1.0, 1.0], vec![0.8, 1.5, -0.2], vec![0.1, -1.0, 0.7]];
        let gradient = numeric_gradient(|z| nt_xent(z, 0.5), &z, 1e-5);
        let radial: f64 = z[0].iter().zip(&gradient[0]).map(|(a, b)| a * b).sum();
        assert!(radial.abs() < 1e-9);
        let mut longer = z.clone();
        longer[0].iter_mut().for_each(|v| *v *= 2.0);
        let half = numeric_gradient(|z| nt_xent(z, 0.5), &longer, 1e-5);
        for (a, b) in gradient[0].iter().zip(&half[0]) {
            assert!((a - 2.0 * b).abs() < 1e-8);
        }
    }
}
