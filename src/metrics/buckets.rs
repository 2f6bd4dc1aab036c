//! kNN accuracy by embedding norm: are short embeddings the ones that are classified wrongly?
//!
//! The paper buckets (n - min) / (max - min) into 20 equal widths, and its notebook lets every sample be its own
//! neighbour, which is optimistic. Here a sample never is, and quantile buckets hold equal numbers of samples.

use serde::{Deserialize, Serialize};

use super::knn::{class_count, vote};
use super::similarity::Neighbour;
use super::stats::quantile_sorted;

/// Buckets of equal width, as in the paper.
pub const EQUAL_WIDTH: usize = 20;
/// Buckets of equal count.
pub const QUANTILES: usize = 5;

/// The samples whose norm lies in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Smallest norm of the interval.
    pub low: f64,
    /// Largest norm of the interval.
    pub high: f64,
    /// Samples inside.
    pub count: usize,
    /// Share of them whose class the neighbours give, 0..1; `None` for an empty bucket.
    pub accuracy: Option<f64>,
}

/// Whether the vote of each sample's neighbours (see [`super::similarity::neighbours_within`]) gives its own label.
pub fn leave_one_out(neighbours: &[Vec<Neighbour>], labels: &[u16]) -> Vec<bool> {
    let classes = class_count(labels);
    neighbours
        .iter()
        .zip(labels)
        .map(|(near, label)| !near.is_empty() && vote(near, labels, classes) == *label)
        .collect()
}

/// `buckets` intervals of equal width from the smallest to the largest norm; `norms: [n]`, `right: [n]`.
pub fn equal_width(norms: &[f32], right: &[bool], buckets: usize) -> Vec<Bucket> {
    let (low, high) = norms.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    if low > high {
        return Vec::new();
    }
    let (low, high) = (f64::from(low), f64::from(high));
    let edge = |at: usize| if at == buckets { high } else { low + (high - low) * at as f64 / buckets as f64 };
    count(norms, right, &(0..=buckets).map(edge).collect::<Vec<_>>())
}

/// `buckets` intervals with about equal numbers of samples; equal norms stay together.
pub fn quantiles(norms: &[f32], right: &[bool], buckets: usize) -> Vec<Bucket> {
    if norms.is_empty() {
        return Vec::new();
    }
    let mut sorted = norms.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let edge = |at: usize| quantile_sorted(&sorted, at as f64 / buckets as f64);
    count(norms, right, &(0..=buckets).map(edge).collect::<Vec<_>>())
}

/// Bucket i holds `edges[i] <= norm < edges[i + 1]`, the last one its upper edge as well.
fn count(norms: &[f32], right: &[bool], edges: &[f64]) -> Vec<Bucket> {
    let buckets = edges.len() - 1;
    let mut counts = vec![(0, 0); buckets];
    for (norm, right) in norms.iter().zip(right) {
        let above = edges.partition_point(|edge| *edge <= f64::from(*norm));
        let (all, good) = &mut counts[above.clamp(1, buckets) - 1];
        *all += 1;
        *good += usize::from(*right);
    }
    let bucket = |(at, (count, good)): (usize, (usize, usize))| Bucket {
        low: edges[at],
        high: edges[at + 1],
        count,
        accuracy: (count > 0).then(|| good as f64 / count as f64),
    };
    counts.into_iter().enumerate().map(bucket).collect()
}

#[cfg(test)]
mod tests {
    use super::super::similarity::neighbours_within;
    use super::*;

    #[test]
    fn a_sample_does_not_vote_for_itself() {
        // Two rows of class 0 and one of class 1 between them: with itself as neighbour it would be right.
        let unit = [1.0, 0.0, 0.8, 0.6, 0.6, 0.8];
        let right = leave_one_out(&neighbours_within(&unit, 2, 1, |_, _| false), &[0, 1, 0]);
        assert_eq!(right, [false, false, false]);
        assert_eq!(leave_one_out(&[vec![]], &[0]), [false]);
    }

    #[test]
    fn equal_widths_cut_the_range_and_quantiles_the_count() {
        let norms = [1.0, 2.0, 3.0, 4.0, 11.0];
        let right = [false, true, true, true, true];
        let wide = equal_width(&norms, &right, 2);
        assert_eq!((wide[0].count, wide[1].count), (4, 1));
        assert_eq!((wide[0].accuracy, wide[1].accuracy), (Some(0.75), Some(1.0)));
        assert_eq!((wide[0].low, wide[0].high, wide[1].high), (1.0, 6.0, 11.0));
        let even = quantiles(&norms, &right, 5);
        assert!(even.iter().all(|bucket| bucket.count == 1), "{even:?}");
        assert_eq!(even[0].accuracy, Some(0.0));
    }

    #[test]
    fn every_sample_is_in_one_bucket_whatever_the_norms() {
        for norms in [vec![2.0_f32; 7], vec![0.1, 0.1, 0.1, 9.0], (1..100).map(|v| v as f32).collect()] {
            let right = vec![true; norms.len()];
            for buckets in [equal_width(&norms, &right, EQUAL_WIDTH), quantiles(&norms, &right, QUANTILES)] {
                assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<usize>(), norms.len());
                assert!(buckets.iter().all(|bucket| bucket.accuracy.is_some() == (bucket.count > 0)));
            }
        }
        assert!(equal_width(&[], &[], 20).is_empty() && quantiles(&[], &[], 5).is_empty());
    }
}
