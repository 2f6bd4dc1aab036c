//! Numbers with intervals over seeds, and how they are written.

use serde::{Deserialize, Serialize};

use crate::metrics::stats::median;
use crate::studies::intervals::{self, Interval};

/// The seed of all bootstrap draws: results don't change from one look at them to the next.
pub const BOOTSTRAP_SEED: u64 = 0;

/// A number with its 95 % bootstrap interval over seeds. `None` stands for "not finite": beyond the run's steps, or an end
/// that the data leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Whether there is an interval at all: there are enough seeds for one.
    #[serde(default)]
    pub has_interval: bool,
}

impl Estimate {
    /// Of a number that may be infinite, and its interval.
    pub fn new(value: f64, interval: Option<Interval>) -> Estimate {
        let finite = |x: f64| x.is_finite().then_some(x);
        Estimate {
            value: finite(value),
            low: interval.and_then(|interval| finite(interval.low)),
            high: interval.and_then(|interval| finite(interval.high)),
            has_interval: interval.is_some(),
        }
    }

    /// Of the median of `values`.
    pub fn of_median(values: &[f64], resamples: u32) -> Estimate {
        Estimate::new(median(values), intervals::median_interval(values, resamples, BOOTSTRAP_SEED))
    }

    /// Of the ratio of two medians.
    pub fn of_ratio(above: &[f64], below: &[f64], resamples: u32) -> Estimate {
        let ratio = median(above) / median(below);
        // Infinity over a number, or a number over infinity, was not measured.
        let ratio = if ratio > 0.0 { ratio } else { f64::NAN };
        Estimate::new(ratio, intervals::median_ratio_interval(above, below, resamples, BOOTSTRAP_SEED))
    }
}

/// An end of an interval; `?` where the data leave it open.
pub fn end(end: Option<f64>, digits: usize) -> String {
    end.map_or_else(|| "?".to_owned(), |end| format!("{end:.digits$}"))
}

/// `value [low, high]`; `?` where the data leave an end open, no brackets without an interval, empty for no number.
pub fn range(estimate: Estimate, digits: usize) -> String {
    match estimate.value {
        Some(value) if !estimate.has_interval => format!("{value:.digits$}"),
        Some(value) => format!("{value:.digits$} [{}, {}]", end(estimate.low, digits), end(estimate.high, digits)),
        None => String::new(),
    }
}
