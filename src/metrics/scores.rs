//! Anomaly scores of embeddings against a bank of training embeddings; larger is more like the training data.
//!
//! ```text
//! norm    |z|                           (Draganov et al. 2025: unexpected samples are short)
//! maxcos  max_m cos(z, z_m)
//! knn     mean of the 20 largest cosines (Sun et al. 2022 use the k-th)
//! csi     |z| max_m cos(z, z_m)          (Tack et al. 2020, eq. 6)
//! local   |z| / mean |z_m| of those 20   (classes have norms of their own; this one is relative to the neighbours')
//! ```
//!
//! All five come from one blocked pass; the Mahalanobis score is in [`super::mahalanobis`]. Which of them tells samples
//! apart best is measured, not assumed: often it is not the norm.

use std::ops::ControlFlow;

use super::Embeddings;
use super::knn::K;
use super::similarity::{for_each_row, top_k};
use super::stats;

/// The scores of n queries, each `[n]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// |z|.
    pub norm: Vec<f64>,
    /// The largest cosine to the bank, -1..1; NaN for an empty bank.
    pub max_cosine: Vec<f64>,
    /// Mean of the K largest cosines, -1..1; NaN for an empty bank.
    pub knn: Vec<f64>,
    /// |z| times the largest cosine.
    pub csi: Vec<f64>,
    /// |z| over the mean norm of the K nearest; NaN for an empty bank.
    pub local_norm: Vec<f64>,
}

impl Scores {
    /// Scores `queries: [n, d]` against `bank: [m, d]`; rows need not be normalised.
    pub fn of(queries: Embeddings<'_>, bank: Embeddings<'_>) -> Scores {
        Scores::measure(queries, bank, |_, _| false)
    }

    /// Scores each row of a bank against the other rows: the reference for standardising scores.
    pub fn leave_one_out(bank: Embeddings<'_>) -> Scores {
        Scores::measure(bank, bank, |i, j| i == j)
    }

    fn measure(queries: Embeddings<'_>, bank: Embeddings<'_>, skip: impl Fn(usize, usize) -> bool) -> Scores {
        let bank_norms = bank.norms();
        let mut scores = Scores { norm: queries.norms().into_iter().map(f64::from).collect(), ..Scores::default() };
        let _ = for_each_row(&queries.unit(), &bank.unit(), queries.d(), |i, cosines| {
            let top = top_k(cosines, K, |j| skip(i, j));
            let max = top.first().map_or(f64::NAN, |nearest| f64::from(nearest.similarity));
            let mean = top.iter().map(|near| f64::from(near.similarity)).sum::<f64>() / top.len() as f64;
            scores.max_cosine.push(max);
            scores.knn.push(mean);
            scores.csi.push(scores.norm[i] * max);
            let around = top.iter().map(|near| f64::from(bank_norms[near.index])).sum::<f64>() / top.len() as f64;
            scores.local_norm.push(scores.norm[i] / around);
            ControlFlow::Continue(())
        });
        scores
    }
}

/// How a score is put on a common scale before scores are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Share of reference scores that are not larger, from 1/(m+1) to 1: only the order counts.
    Rank,
    /// exp of the z-score by the reference's mean and deviation, so that a product adds z-scores.
    ZScore,
}

/// A score on a common scale, `[n]`; `reference: [m]` are the training data's own scores.
pub fn standardise(scores: &[f64], reference: &[f64], scale: Scale) -> Vec<f64> {
    match scale {
        Scale::Rank => {
            let mut sorted = reference.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            let below = |score: &f64| sorted.partition_point(|other| other <= score);
            scores.iter().map(|score| (below(score) + 1) as f64 / (sorted.len() + 1) as f64).collect()
        }
        Scale::ZScore => {
            let n = reference.len() as f64;
            let mean = reference.iter().sum::<f64>() / n;
            let deviation = stats::standard_error(reference) * n.sqrt();
            let unit = if deviation > 0.0 { deviation } else { 1.0 };
            scores.iter().map(|score| ((score - mean) / unit).exp()).collect()
        }
    }
}

/// The product of several standardised scores, `[n]`: a norm-aware combination such as norm x kNN.
///
/// Each part is (scores of the queries, scores of the training data). CSI is the same without a common scale.
pub fn product(parts: &[(&[f64], &[f64])], scale: Scale) -> Vec<f64> {
    let n = parts.iter().map(|(scores, _)| scores.len()).min().unwrap_or(0);
    let mut result = vec![1.0; n];
    for (scores, reference) in parts {
        let standard = standardise(scores, reference, scale);
        result.iter_mut().zip(standard).for_each(|(value, factor)| *value *= factor);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::auroc::auroc;
    use crate::rng::{CounterRng, Domain};

    fn e(z: &[f32], d: usize) -> Embeddings<'_> {
        Embeddings::new(z, d).unwrap()
    }

    #[test]
    fn the_scores_are_what_their_definitions_say() {
        let bank = [2.0, 0.0, 0.0, 7.0];
        let scores = Scores::of(e(&[3.0, 4.0], 2), e(&bank, 2));
        assert_eq!(scores.norm, [5.0]);
        assert!((scores.max_cosine[0] - 0.8).abs() < 1e-6);
        assert!((scores.knn[0] - 0.7).abs() < 1e-6);
        assert!((scores.csi[0] - 4.0).abs() < 1e-5);
        assert!((scores.local_norm[0] - 5.0 / 4.5).abs() < 1e-6);
    }

    #[test]
    fn the_knn_score_is_the_mean_of_the_twenty_largest() {
        let bank: Vec<f32> = (0..60).flat_map(|i| <[f32; 2]>::from((i as f32 * 0.05).sin_cos())).collect();
        let scores = Scores::of(e(&[0.0, 1.0], 2), e(&bank, 2));
        let expected = (0..20).map(|i| (f64::from(i) * 0.05).cos()).sum::<f64>() / 20.0;
        assert!((scores.knn[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn a_bank_row_scored_against_its_own_bank_leaves_itself_out() {
        let bank = [1.0, 0.0, 0.0, 1.0, 0.6, 0.8];
        let scores = Scores::leave_one_out(e(&bank, 2));
        for (found, expected) in scores.max_cosine.iter().zip([0.6, 0.8, 0.8]) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn an_empty_bank_gives_nan_and_zero_rows_do_no_harm() {
        let scores = Scores::of(e(&[1.0, 0.0], 2), e(&[], 2));
        assert!(scores.max_cosine[0].is_nan() && scores.knn[0].is_nan());
        assert_eq!(Scores::of(e(&[0.0, 0.0], 2), e(&[1.0, 0.0], 2)).csi, [0.0]);
    }

    #[test]
    fn ranks_and_z_scores_follow_the_reference() {
        let reference = [1.0, 2.0, 3.0];
        assert_eq!(standardise(&[0.0, 2.0, 9.0], &reference, Scale::Rank), [0.25, 0.75, 1.0]);
        let z = standardise(&[2.0, 3.0], &reference, Scale::ZScore);
        assert!((z[0] - 1.0).abs() < 1e-12 && (z[1] - 1_f64.exp()).abs() < 1e-12);
        assert!(standardise(&[1.0], &[1.0, 1.0], Scale::ZScore)[0].is_finite());
    }

    #[test]
    fn two_scores_that_see_different_things_are_better_together() {
        // Inside: long and near. Half of the outside is only short, the other half only far.
        let mut rng = CounterRng::new(Domain::Probe, 21, 0, 0, 0);
        let mut draw = |mean: f64| mean + f64::from(rng.normal());
        let mut sample =
            |n: usize, a: f64, b: f64| -> (Vec<f64>, Vec<f64>) { (0..n).map(|_| (draw(a), draw(b))).unzip() };
        let reference = sample(400, 0.0, 0.0);
        let inside = sample(400, 0.0, 0.0);
        let (short, far) = (sample(200, -2.5, 0.0), sample(200, 0.0, -2.5));
        let outside = ([short.0, far.0].concat(), [short.1, far.1].concat());
        let alone = auroc(&inside.0, &outside.0);
        for scale in [Scale::Rank, Scale::ZScore] {
            let both =
                |side: &(Vec<f64>, Vec<f64>)| product(&[(&side.0, &reference.0), (&side.1, &reference.1)], scale);
            assert!(auroc(&both(&inside), &both(&outside)) > alone + 0.1, "{scale:?}");
        }
    }

    #[test]
    #[ignore = "a timing, for `cargo nextest run --run-ignored only`"]
    fn two_thousand_against_five_thousand_take_little_time() {
        let mut rng = CounterRng::new(Domain::Probe, 1, 0, 0, 0);
        let rows: Vec<f32> = (0..5000 * 128).map(|_| rng.normal()).collect();
        let start = std::time::Instant::now();
        Scores::of(e(&rows[..2000 * 128], 128), e(&rows, 128));
        assert!(start.elapsed().as_secs_f64() < 3.0, "{:?}", start.elapsed());
    }
}
