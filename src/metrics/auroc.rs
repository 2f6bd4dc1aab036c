//! Area under the ROC curve: how well a score tells samples like the training data from others.
//!
//! Scores are larger for what is more in-distribution. The area is the Mann-Whitney statistic
//! P(inside > outside) + P(inside = outside) / 2, so ties count a half. A NaN score counts as minus infinity: what can't
//! be scored is not like the training data.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resampling};
use crate::rng::CounterRng;

/// A point of the ROC curve: what a threshold accepts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Share of outside samples with a score of at least the threshold, 0..1.
    pub false_positive_rate: f64,
    /// Share of inside samples with a score of at least the threshold, 0..1.
    pub true_positive_rate: f64,
}

/// The area, 0..1; NaN when either side is empty.
pub fn auroc(inside: &[f64], outside: &[f64]) -> f64 {
    Ranked::new(inside, outside).area(&vec![1; inside.len()], &vec![1; outside.len()])
}

/// The curve from (0, 0) to (1, 1), one point for each different score; empty when either side is.
pub fn roc(inside: &[f64], outside: &[f64]) -> Vec<RocPoint> {
    if inside.is_empty() || outside.is_empty() {
        return Vec::new();
    }
    let ranked = Ranked::new(inside, outside);
    let mut counts = vec![[0_usize; 2]; ranked.groups];
    ranked.inside.iter().for_each(|group| counts[*group][0] += 1);
    ranked.outside.iter().for_each(|group| counts[*group][1] += 1);
    let mut accepted = [0, 0];
    let mut points = vec![RocPoint { false_positive_rate: 0.0, true_positive_rate: 0.0 }];
    for [of_inside, of_outside] in counts.into_iter().rev() {
        accepted = [accepted[0] + of_inside, accepted[1] + of_outside];
        points.push(RocPoint {
            false_positive_rate: accepted[1] as f64 / outside.len() as f64,
            true_positive_rate: accepted[0] as f64 / inside.len() as f64,
        });
    }
    points
}

/// The area with its percentile bootstrap interval: both sides are resampled.
pub fn auroc_interval(inside: &[f64], outside: &[f64], resampling: Resampling) -> Interval {
    let ranked = Ranked::new(inside, outside);
    let mut weights = [vec![1; inside.len()], vec![1; outside.len()]];
    let estimate = ranked.area(&weights[0], &weights[1]);
    resampling.interval(estimate, |rng| {
        weights.iter_mut().for_each(|weights| resample(weights, rng));
        ranked.area(&weights[0], &weights[1])
    })
}

/// How often each sample is drawn when as many are drawn as there are.
fn resample(weights: &mut [u32], rng: &mut CounterRng) {
    weights.fill(0);
    for _ in 0..weights.len() {
        weights[rng.below(weights.len() as u32) as usize] += 1;
    }
}

/// The group of equal scores that each sample is in, ascending.
struct Ranked {
    inside: Vec<usize>,
    outside: Vec<usize>,
    groups: usize,
}

impl Ranked {
    fn new(inside: &[f64], outside: &[f64]) -> Ranked {
        let value = |score: &f64| if score.is_nan() { f64::NEG_INFINITY } else { *score };
        let mut all: Vec<f64> = inside.iter().chain(outside).map(value).collect();
        all.sort_unstable_by(f64::total_cmp);
        // By value, not by bits: 0 and -0 are one score.
        all.dedup();
        let group = |score: &f64| all.partition_point(|other| *other < value(score));
        Ranked {
            inside: inside.iter().map(group).collect(),
            outside: outside.iter().map(group).collect(),
            groups: all.len(),
        }
    }

    /// The weighted area.
    fn area(&self, inside: &[u32], outside: &[u32]) -> f64 {
        let mut counts = vec![[0.0_f64; 2]; self.groups];
        self.inside.iter().zip(inside).for_each(|(group, weight)| counts[*group][0] += f64::from(*weight));
        self.outside.iter().zip(outside).for_each(|(group, weight)| counts[*group][1] += f64::from(*weight));
        let (mut wins, mut below, mut total) = (0.0, 0.0, 0.0);
        for [of_inside, of_outside] in counts {
            wins += of_inside * (below + of_outside / 2.0);
            below += of_outside;
            total += of_inside;
        }
        wins / (total * below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;

    /// By the definition, pair by pair.
    fn by_pairs(inside: &[f64], outside: &[f64]) -> f64 {
        let win = |a: f64, b: f64| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        };
        let total: f64 = inside.iter().map(|a| outside.iter().map(|b| win(*a, *b)).sum::<f64>()).sum();
        total / (inside.len() * outside.len()) as f64
    }

    fn draws(n: usize, key: u32, levels: f32) -> Vec<f64> {
        let mut rng = CounterRng::new(Domain::Probe, 5, key, 0, 0);
        (0..n).map(|_| f64::from((rng.uniform() * levels).floor())).collect()
    }

    #[test]
    fn the_area_counts_pairs_and_ties_a_half() {
        assert_eq!(auroc(&[2.0, 3.0], &[0.0, 1.0]), 1.0);
        assert_eq!(auroc(&[0.0], &[1.0]), 0.0);
        assert_eq!(auroc(&[1.0, 1.0], &[1.0]), 0.5);
        assert_eq!(auroc(&[0.0], &[-0.0]), 0.5);
        for levels in [2.0, 7.0, 1000.0] {
            let (inside, outside) = (draws(60, 1, levels), draws(45, 2, levels));
            assert!((auroc(&inside, &outside) - by_pairs(&inside, &outside)).abs() < 1e-12);
        }
        assert!(auroc(&[], &[1.0]).is_nan());
    }

    #[test]
    fn a_score_that_is_nan_counts_as_outside() {
        assert_eq!(auroc(&[f64::NAN], &[0.0]), 0.0);
        assert_eq!(auroc(&[1.0], &[f64::NAN]), 1.0);
    }

    #[test]
    fn the_curve_rises_from_corner_to_corner_around_the_same_area() {
        let (inside, outside) = (draws(80, 3, 9.0), draws(50, 4, 6.0));
        let curve = roc(&inside, &outside);
        let corners = (curve[0], curve[curve.len() - 1]);
        assert_eq!((corners.0.false_positive_rate, corners.0.true_positive_rate), (0.0, 0.0));
        assert_eq!((corners.1.false_positive_rate, corners.1.true_positive_rate), (1.0, 1.0));
        let trapezes: f64 = curve
            .windows(2)
            .map(|pair| {
                let width = pair[1].false_positive_rate - pair[0].false_positive_rate;
                assert!(width >= 0.0 && pair[1].true_positive_rate >= pair[0].true_positive_rate);
                width * (pair[0].true_positive_rate + pair[1].true_positive_rate) / 2.0
            })
            .sum();
        assert!((trapezes - auroc(&inside, &outside)).abs() < 1e-12);
    }

    #[test]
    fn the_interval_has_the_width_of_the_known_variance() {
        // Two samples of 200 from one distribution: variance (n + m + 1) / (12 n m), deviation 0.0289.
        let (inside, outside) = (draws(200, 5, 1e6), draws(200, 6, 1e6));
        let interval = auroc_interval(&inside, &outside, Resampling { seed: 9, ..Resampling::default() });
        let width = interval.high - interval.low;
        assert!((width / (2.0 * 1.96 * 0.0289) - 1.0).abs() < 0.2, "{width}");
        assert!(interval.low < 0.5 && 0.5 < interval.high);
        let again = auroc_interval(&inside, &outside, Resampling { seed: 9, ..Resampling::default() });
        assert_eq!(interval, again);
    }
}
