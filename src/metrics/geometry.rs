//! How embeddings lie on the sphere: spread, effective rank, alignment, uniformity, opposite halves.

use nalgebra::DMatrix;

use super::Embeddings;

/// Mean over coordinates of the standard deviation of z/|z|: 1/sqrt(d) when isotropic, 0 when collapsed to a point.
pub fn spread(z: Embeddings<'_>) -> f64 {
    let (n, d) = (z.n() as f64, z.d());
    let unit = z.unit();
    let mut total = 0.0;
    for column in 0..d {
        let values = || unit.iter().skip(column).step_by(d).map(|v| f64::from(*v));
        let mean = values().sum::<f64>() / n;
        total += (values().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    }
    total / d as f64
}

/// exp of the entropy of the normalised singular values of the centred embeddings (Roy and Vetterli 2007); 0 when there
/// is no variance at all.
pub fn effective_rank(z: Embeddings<'_>) -> f64 {
    let eigenvalues = second_moment(z).symmetric_eigenvalues();
    let singular: Vec<f64> = eigenvalues.iter().map(|value| value.max(0.0).sqrt()).collect();
    let total: f64 = singular.iter().sum();
    // `!(a > b)` so that NaN ends here too.
    if !(total > 0.0 && total.is_finite()) {
        return 0.0;
    }
    let entropy: f64 = singular.iter().map(|s| s / total).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    entropy.exp()
}

/// X^T X / n or X X^T / n of the centred rows X, whichever is smaller: they share their eigenvalues, up to zeros.
fn second_moment(z: Embeddings<'_>) -> DMatrix<f64> {
    let (n, d) = (z.n(), z.d());
    let mut columns = DMatrix::from_iterator(d, n, z.rows().flatten().map(|value| f64::from(*value)));
    let mean = columns.column_mean();
    columns.column_iter_mut().for_each(|mut column| column -= &mean);
    let moment = if n < d { columns.tr_mul(&columns) } else { &columns * columns.transpose() };
    moment / n.max(1) as f64
}

/// What two views say: rows i and i+n of `z: [2n, d]` are the views of sample i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pairs {
    /// Mean ||zh1 - zh2||^2 (Wang and Isola 2020, alpha = 2).
    pub alignment: f64,
    /// Log mean exp(-2 ||zh_i - zh_j||^2) over distinct rows (Wang and Isola 2020, t = 2).
    pub uniformity: f64,
    /// Share of pairs with a negative cosine.
    pub opposite_share: f64,
}

/// Measures [`Pairs`]; NaN where there is no pair.
pub fn pairs(z: Embeddings<'_>) -> Pairs {
    let unit = z.unit();
    let row = |i: usize| &unit[i * z.d()..(i + 1) * z.d()];
    let cosine =
        |i: usize, j: usize| -> f64 { row(i).iter().zip(row(j)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    let n = z.n() / 2;
    let cosines: Vec<f64> = (0..n).map(|i| cosine(i, i + n)).collect();
    let count = n as f64;
    let mut potential = 0.0;
    for i in 0..2 * n {
        for j in 0..i {
            potential += (-2.0 * (2.0 - 2.0 * cosine(i, j))).exp();
        }
    }
    Pairs {
        alignment: cosines.iter().map(|c| 2.0 - 2.0 * c).sum::<f64>() / count,
        uniformity: (potential / (count * (2.0 * count - 1.0))).ln(),
        opposite_share: cosines.iter().filter(|c| **c < 0.0).count() as f64 / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(z: &[f32], d: usize) -> Embeddings<'_> {
        Embeddings::new(z, d).unwrap()
    }

    #[test]
    fn spread_is_zero_for_a_point_and_one_over_root_d_for_the_axes() {
        assert!(spread(e(&[1.0, 2.0, 2.0, 4.0], 2)) < 1e-6);
        let axes = [1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        assert!((spread(e(&axes, 2)) - 0.5_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn the_effective_rank_counts_equal_directions() {
        let axes = [1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0];
        assert!((effective_rank(e(&axes, 3)) - 2.0).abs() < 1e-9);
        assert_eq!(effective_rank(e(&[1.0, 1.0, 1.0, 1.0], 2)), 0.0);
    }

    #[test]
    fn the_rank_is_the_same_from_either_side() {
        // Three rows in two dimensions, then padded to five: fewer rows than columns.
        let z = [1.0, 0.2, -0.7, 1.5, 0.1, -0.4];
        let padded: Vec<f32> = z.chunks(2).flat_map(|row| [row[0], 0.0, row[1], 0.0, 0.0]).collect();
        assert!((effective_rank(e(&z, 2)) - effective_rank(e(&padded, 5))).abs() < 1e-6);
    }

    #[test]
    fn pairs_agree_with_hand_computed_values() {
        // Views: equal, and opposite.
        let z = [1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, -1.0];
        let p = pairs(e(&z, 2));
        assert!((p.alignment - 2.0).abs() < 1e-9);
        assert_eq!(p.opposite_share, 0.5);
        // Six distinct pairs: one at distance 0, one at 2, four at sqrt 2.
        let expected = ((1.0 + (-8.0_f64).exp() + 4.0 * (-4.0_f64).exp()) / 6.0).ln();
        assert!((p.uniformity - expected).abs() < 1e-6);
    }
}
