//! Percentile bootstrap intervals (Efron 1979), seeded: equal inputs and seeds give equal intervals.

use serde::{Deserialize, Serialize};

use super::stats;
use crate::rng::{CounterRng, Domain};

/// An estimate with the bounds that hold the given share of its resampled values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The value of the data as they are.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Number of replicates.
    pub replicates: u32,
    /// Share of replicates inside the interval, e.g. 0.95.
    pub level: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Resampling {
        Resampling { replicates: 1000, level: 0.95, seed: 0 }
    }
}

impl Resampling {
    /// The interval of `estimate` from one value a replicate; NaN replicates are left out.
    pub fn interval(&self, estimate: f64, mut replicate: impl FnMut(&mut CounterRng) -> f64) -> Interval {
        let mut values: Vec<f64> = (0..self.replicates)
            .map(|index| replicate(&mut CounterRng::new(Domain::Bootstrap, self.seed, index, 0, 0)))
            .filter(|value| !value.is_nan())
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level.clamp(0.0, 1.0)) / 2.0;
        let bound = |q: f64| stats::quantile_sorted(&values, q);
        Interval { estimate, low: bound(tail), high: bound(1.0 - tail) }
    }
}

/// The median with its interval, for small samples such as one value a seed; NaN for an empty slice.
pub fn bootstrap_median(values: &[f64], resampling: Resampling) -> Interval {
    of_statistic(values, resampling, |sample| {
        sample.sort_unstable_by(f64::total_cmp);
        stats::quantile_sorted(sample, 0.5)
    })
}

/// The mean with its interval; NaN for an empty slice.
pub fn bootstrap_mean(values: &[f64], resampling: Resampling) -> Interval {
    of_statistic(values, resampling, |sample| sample.iter().sum::<f64>() / sample.len() as f64)
}

fn of_statistic(values: &[f64], resampling: Resampling, statistic: impl Fn(&mut [f64]) -> f64) -> Interval {
    let estimate = statistic(&mut values.to_vec());
    let mut sample = values.to_vec();
    resampling.interval(estimate, |rng| {
        sample.fill_with(|| values[rng.below(values.len() as u32) as usize]);
        statistic(&mut sample)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_seeds_lies_inside_its_interval() {
        let seeds = [1.2, 1.5, 1.4, 9.0, 1.3];
        let interval = bootstrap_median(&seeds, Resampling::default());
        assert_eq!(interval.estimate, 1.4);
        // P(resampled median >= 9) = P(at least 3 of 5 draws are the outlier) = 0.058: inside the upper tail of 2.5 %.
        assert_eq!((interval.low, interval.high), (1.2, 9.0));
    }

    #[test]
    fn the_interval_of_a_mean_has_the_width_that_theory_says() {
        let mut rng = CounterRng::new(Domain::Probe, 3, 0, 0, 0);
        let values: Vec<f64> = (0..400).map(|_| f64::from(rng.normal())).collect();
        let interval = bootstrap_mean(&values, Resampling { replicates: 2000, ..Resampling::default() });
        // 2 x 1.96 standard errors of 400 unit normals, within 15 %.
        let width = interval.high - interval.low;
        assert!((width / (2.0 * 1.96 / 20.0) - 1.0).abs() < 0.15, "{width}");
        assert!(interval.low < interval.estimate && interval.estimate < interval.high);
    }

    #[test]
    fn the_seed_decides_the_interval() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
        let at = |seed| bootstrap_mean(&values, Resampling { replicates: 50, seed, ..Resampling::default() });
        assert_eq!(at(1), at(1));
        assert_ne!(at(1), at(2));
    }

    #[test]
    fn one_value_is_its_own_interval_and_none_is_nan() {
        assert_eq!(bootstrap_mean(&[3.0], Resampling::default()), Interval { estimate: 3.0, low: 3.0, high: 3.0 });
        assert!(bootstrap_median(&[], Resampling::default()).low.is_nan());
    }
}
