//! Percentile bootstrap intervals (Efron 1979): resample the runs with replacement, measure the statistic again, and take
//! the quantiles of what comes out.
//!
//! Runs that never reached their goal are +infinity and stay so. Draws come from the counter-based generator, so the same
//! values always give the same interval. With few runs such intervals are too narrow rather than too wide: five runs can
//! give no end beyond the smallest and the largest of them.

use crate::metrics::stats::median;
use crate::rng::{CounterRng, Domain};

/// Resamples unless said otherwise.
pub const RESAMPLES: u32 = 2000;
/// Fewer runs have neither an interval nor a verdict: one run, or two, don't say how much seeds differ.
pub const FEWEST: usize = 3;
/// Share of the resamples within an interval.
pub const CONFIDENCE: f64 = 0.95;

/// The middle [`CONFIDENCE`] of a statistic's bootstrap distribution; ends may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The interval of `statistic`, which is given the indices (of 0..n, with repeats) of one resample. `None` for fewer than
/// [`FEWEST`] values.
///
/// A resample for which the statistic is undefined (NaN) counts as the smallest for the lower end and as the largest for
/// the upper end: not knowing widens an interval.
pub fn interval(n: usize, resamples: u32, seed: u64, statistic: impl Fn(&[usize]) -> f64) -> Option<Interval> {
    if n < FEWEST || resamples == 0 {
        return None;
    }
    let mut indices = vec![0; n];
    let mut values: Vec<f64> = (0..resamples)
        .map(|resample| {
            let mut rng = CounterRng::new(Domain::Bootstrap, seed, resample, 0, 0);
            indices.fill_with(|| rng.below(n as u32) as usize);
            statistic(&indices)
        })
        .collect();
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Some(Interval {
        low: rank(&mut values, tail, f64::NEG_INFINITY),
        high: rank(&mut values, 1.0 - tail, f64::INFINITY),
    })
}

/// The value at share `q` of the sorted values, NaN read as `undefined`; no interpolation, which infinities don't allow.
fn rank(values: &mut [f64], q: f64, undefined: f64) -> f64 {
    let key = |v: f64| if v.is_nan() { undefined } else { v };
    values.sort_unstable_by(|a, b| key(*a).total_cmp(&key(*b)));
    let at = (q * (values.len() - 1) as f64).round() as usize;
    key(values[at])
}

/// The interval of the median of `values`.
pub fn median_interval(values: &[f64], resamples: u32, seed: u64) -> Option<Interval> {
    interval(values.len(), resamples, seed, |indices| median(&pick(values, indices)))
}

/// The interval of median(`above`) / median(`below`), where entry i of both belongs to the same seed: each resample takes
/// the same seeds from both, so what a seed does to both cancels. `None` when the lengths differ.
pub fn median_ratio_interval(above: &[f64], below: &[f64], resamples: u32, seed: u64) -> Option<Interval> {
    if above.len() != below.len() {
        return None;
    }
    interval(above.len(), resamples, seed, |indices| median(&pick(above, indices)) / median(&pick(below, indices)))
}

fn pick(values: &[f64], indices: &[usize]) -> Vec<f64> {
    indices.iter().map(|&index| values[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_has_the_normal_width() {
        // 400 values 0, 1, ..., 399 (mean 199.5, deviation 115.47): the mean's standard error is 5.77.
        let mean = |indices: &[usize]| indices.iter().sum::<usize>() as f64 / indices.len() as f64;
        let found = interval(400, 4000, 1, mean).unwrap();
        assert!((found.low - (199.5 - 1.96 * 5.77)).abs() < 1.0, "{found:?}");
        assert!((found.high - (199.5 + 1.96 * 5.77)).abs() < 1.0, "{found:?}");
    }

    #[test]
    fn equal_seeds_give_equal_intervals_and_other_seeds_hardly_differ() {
        let values: Vec<f64> = (0..41).map(|i| f64::from(i * i % 37)).collect();
        let one = median_interval(&values, RESAMPLES, 3).unwrap();
        assert_eq!(one, median_interval(&values, RESAMPLES, 3).unwrap());
        let other = median_interval(&values, RESAMPLES, 4).unwrap();
        assert!((one.low - other.low).abs() <= 2.0 && (one.high - other.high).abs() <= 2.0, "{one:?} {other:?}");
        assert!(one.low < median(&values) && median(&values) < one.high);
    }

    #[test]
    fn pairing_cancels_what_a_seed_does_to_both() {
        // Seeds differ a hundredfold, the ratio is 2 in each of them: paired, the interval is the point 2.
        let below: Vec<f64> = (0..9).map(|i| 10.0 * f64::from(1 + 11 * i)).collect();
        let above: Vec<f64> = below.iter().map(|v| 2.0 * v).collect();
        let found = median_ratio_interval(&above, &below, RESAMPLES, 0).unwrap();
        assert_eq!((found.low, found.high), (2.0, 2.0));
        assert_eq!(median_ratio_interval(&above, &below[1..], RESAMPLES, 0), None);
    }

    #[test]
    fn runs_that_never_arrive_make_an_open_end() {
        let inf = f64::INFINITY;
        let found = median_interval(&[10.0, 20.0, 30.0, inf, inf], RESAMPLES, 0).unwrap();
        assert_eq!((found.low, found.high), (10.0, inf));
        // inf / inf is undefined: it must widen both ends, not vanish.
        let found = median_ratio_interval(&[inf; 5], &[inf; 5], RESAMPLES, 0).unwrap();
        assert_eq!((found.low, found.high), (-inf, inf));
        assert_eq!(median_interval(&[], RESAMPLES, 0), None);
    }

    #[test]
    fn one_run_or_two_have_no_interval() {
        assert_eq!(median_interval(&[3.0], RESAMPLES, 0), None);
        assert_eq!(median_ratio_interval(&[3.0, 4.0], &[1.0, 2.0], RESAMPLES, 0), None);
        assert!(median_interval(&[3.0, 4.0, 5.0], RESAMPLES, 0).is_some());
    }
}
