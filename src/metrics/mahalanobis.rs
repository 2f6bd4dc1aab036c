//! Distance to class means in the metric of a shared covariance (Lee et al. 2018), with Ledoit-Wolf shrinkage.
//!
//! ```text
//! score(z) = -min_c (z - mu_c)^T S*^-1 (z - mu_c)
//! S*       = (1 - w) S + w m I,   m = tr S / d,   w = min(1, b / a)
//! a        = ||S - m I||^2,       b = (1 / n^2) sum_k ||x_k x_k^T - S||^2 = (1 / n^2) (sum_k |x_k|^4 - n ||S||^2)
//! ```
//!
//! Frobenius norms; S is the covariance of the rows around their class means (Ledoit and Wolf 2004, "A well-conditioned
//! estimator for large-dimensional covariance matrices").

use nalgebra::{DMatrix, DVector};

use super::Embeddings;
use super::knn::class_count;

/// What rows are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// z/|z|.
    Unit,
    /// z itself, so that the norm counts as well.
    Raw,
}

/// Class means and the metric that whitens the rows around them.
pub struct Mahalanobis {
    rows: Rows,
    /// Inverse of the lower Cholesky factor of S*.
    whitening: DMatrix<f64>,
    /// Whitened means of the classes that occur.
    means: Vec<DVector<f64>>,
    /// The shrinkage w, 0..1.
    pub shrinkage: f64,
}

impl Mahalanobis {
    /// Fits one mean a class with a shared covariance, or a single Gaussian without labels.
    ///
    /// `None` for a bank that has no rows, or values that are not finite.
    pub fn fit(bank: Embeddings<'_>, labels: Option<&[u16]>, rows: Rows) -> Option<Mahalanobis> {
        let (n, d) = (bank.n(), bank.d());
        let values = as_f64(bank, rows);
        if n == 0 || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let one_class = vec![0; n];
        let labels = labels.filter(|labels| labels.len() == n).unwrap_or(&one_class);
        let means = class_means(&values, labels, d);
        let (covariance, shrinkage) = shrunk_covariance(&values, labels, &means, d);
        let whitening = covariance.cholesky()?.l().solve_lower_triangular(&DMatrix::identity(d, d))?;
        let means = means.into_iter().flatten().map(|mean| &whitening * mean).collect();
        Some(Mahalanobis { rows, whitening, means, shrinkage })
    }

    /// Minus the squared distance of each query to its nearest mean, `[n]`.
    pub fn scores(&self, queries: Embeddings<'_>) -> Vec<f64> {
        let d = queries.d();
        let values = as_f64(queries, self.rows);
        let score = |row: &[f64]| {
            let white = &self.whitening * DVector::from_column_slice(row);
            -self.means.iter().map(|mean| (&white - mean).norm_squared()).fold(f64::INFINITY, f64::min)
        };
        values.chunks_exact(d).map(score).collect()
    }
}

fn as_f64(z: Embeddings<'_>, rows: Rows) -> Vec<f64> {
    match rows {
        Rows::Unit => z.unit().into_iter().map(f64::from).collect(),
        Rows::Raw => z.rows().flatten().map(|value| f64::from(*value)).collect(),
    }
}

/// The mean of each class, `None` for a class without rows.
fn class_means(values: &[f64], labels: &[u16], d: usize) -> Vec<Option<DVector<f64>>> {
    let classes = class_count(labels);
    let mut sums = vec![DVector::zeros(d); classes];
    let mut counts = vec![0_usize; classes];
    for (row, label) in values.chunks_exact(d).zip(labels) {
        sums[usize::from(*label)] += DVector::from_column_slice(row);
        counts[usize::from(*label)] += 1;
    }
    sums.into_iter().zip(counts).map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect()
}

/// S* and its shrinkage.
fn shrunk_covariance(values: &[f64], labels: &[u16], means: &[Option<DVector<f64>>], d: usize) -> (DMatrix<f64>, f64) {
    let n = labels.len();
    let mut centred = DMatrix::from_column_slice(d, n, values);
    for (mut column, label) in centred.column_iter_mut().zip(labels) {
        if let Some(mean) = &means[usize::from(*label)] {
            column -= mean;
        }
    }
    let covariance = &centred * centred.transpose() / n as f64;
    let scale = covariance.trace() / d as f64;
    let identity = DMatrix::<f64>::identity(d, d);
    let apart = (&covariance - &identity * scale).norm_squared();
    let fourth: f64 = centred.column_iter().map(|column| column.norm_squared().powi(2)).sum();
    let noise = (fourth - n as f64 * covariance.norm_squared()) / (n as f64).powi(2);
    let shrinkage = if apart > 0.0 { (noise / apart).clamp(0.0, 1.0) } else { 1.0 };
    // Rows that all sit on their means have no covariance: any metric does, and the ridge keeps it invertible.
    let ridge = if scale > 0.0 { 1e-9 * scale } else { 1.0 };
    (covariance * (1.0 - shrinkage) + identity * (shrinkage * scale + ridge), shrinkage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{CounterRng, Domain};

    fn cloud(n: usize, scale: &[f32], key: u32) -> Vec<f32> {
        let mut rng = CounterRng::new(Domain::Probe, 11, key, 0, 0);
        (0..n).flat_map(|_| scale.iter().map(|s| s * rng.normal()).collect::<Vec<_>>()).collect()
    }

    fn e(z: &[f32], d: usize) -> Embeddings<'_> {
        Embeddings::new(z, d).unwrap()
    }

    #[test]
    fn a_large_sample_gives_the_true_metric() {
        // Variances 4 and 0.25: (2, 0) and (0, 0.5) are both one deviation away.
        let bank = cloud(20_000, &[2.0, 0.5], 1);
        let fitted = Mahalanobis::fit(e(&bank, 2), None, Rows::Raw).unwrap();
        let scores = fitted.scores(e(&[2.0, 0.0, 0.0, 0.5, 0.0, 2.0], 2));
        for (score, expected) in scores.iter().zip([-1.0, -1.0, -16.0]) {
            assert!((score / expected - 1.0).abs() < 0.06, "{score} {expected}");
        }
        assert!(fitted.shrinkage < 0.01, "{}", fitted.shrinkage);
    }

    #[test]
    fn more_dimensions_than_rows_shrink_towards_the_identity() {
        let bank = cloud(10, &[1.0; 40], 2);
        let fitted = Mahalanobis::fit(e(&bank, 40), None, Rows::Raw).unwrap();
        assert!(fitted.shrinkage > 0.5, "{}", fitted.shrinkage);
        assert!(fitted.scores(e(&bank, 40)).iter().all(|score| score.is_finite()));
    }

    #[test]
    fn labels_give_each_class_its_own_mean() {
        let mut bank = cloud(200, &[0.1, 0.1], 3);
        bank.chunks_exact_mut(2).enumerate().for_each(|(i, row)| row[0] += if i % 2 == 0 { 5.0 } else { -5.0 });
        let labels: Vec<u16> = (0..200).map(|i| i % 2 * 3).collect();
        let query = [0.0, 0.0, 5.0, 0.0];
        let by_class = Mahalanobis::fit(e(&bank, 2), Some(&labels), Rows::Raw).unwrap().scores(e(&query, 2));
        let single = Mahalanobis::fit(e(&bank, 2), None, Rows::Raw).unwrap().scores(e(&query, 2));
        assert!(by_class[0] < by_class[1], "the gap between the classes is far from both");
        assert!(single[0] > single[1], "the middle of one Gaussian is close");
    }

    #[test]
    fn unit_rows_do_not_see_the_norm_and_raw_rows_do() {
        let bank = cloud(300, &[1.0, 0.3, 0.3], 4);
        let query = [1.0, 0.1, 0.1, 100.0, 10.0, 10.0];
        let unit = Mahalanobis::fit(e(&bank, 3), None, Rows::Unit).unwrap().scores(e(&query, 3));
        let raw = Mahalanobis::fit(e(&bank, 3), None, Rows::Raw).unwrap().scores(e(&query, 3));
        assert!((unit[0] - unit[1]).abs() < 1e-4);
        assert!(raw[1] < 100.0 * raw[0]);
    }

    #[test]
    fn degenerate_banks_are_refused_or_harmless() {
        assert!(Mahalanobis::fit(Embeddings::empty(), None, Rows::Raw).is_none());
        assert!(Mahalanobis::fit(e(&[f32::NAN, 1.0], 2), None, Rows::Raw).is_none());
        let same = Mahalanobis::fit(e(&[1.0, 2.0, 1.0, 2.0], 2), None, Rows::Raw).unwrap();
        assert_eq!(same.scores(e(&[1.0, 2.0], 2)), [0.0]);
    }
}
