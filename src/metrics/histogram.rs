//! Histograms with equal bins, of the values or of their logarithms.

use serde::{Deserialize, Serialize};

/// Counts between edges: bin i holds `edges[i] <= v < edges[i + 1]`, the last bin its upper edge as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// `[bins + 1]`, ascending, in the unit of the values.
    pub edges: Vec<f64>,
    /// `[bins]`.
    pub counts: Vec<usize>,
}

impl Histogram {
    /// `bins` bins of equal width from the smallest to the largest finite value; `None` when there is no such value.
    pub fn linear(values: &[f32], bins: usize) -> Option<Histogram> {
        Histogram::on(values, bins, |value| value, |at| at)
    }

    /// As [`Histogram::linear`] with bins of equal ratio, of the positive values.
    pub fn log(values: &[f32], bins: usize) -> Option<Histogram> {
        Histogram::on(values, bins, f64::ln, f64::exp)
    }

    fn on(values: &[f32], bins: usize, to: fn(f64) -> f64, back: fn(f64) -> f64) -> Option<Histogram> {
        let values = || values.iter().map(|value| to(f64::from(*value))).filter(|value| value.is_finite());
        let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high || bins == 0 {
            return None;
        }
        let width = (high - low) / bins as f64;
        let mut counts = vec![0; bins];
        for value in values() {
            // Equal values have no width: all are in the first bin.
            let at = if width > 0.0 { ((value - low) / width) as usize } else { 0 };
            counts[at.min(bins - 1)] += 1;
        }
        let edge = |at: usize| if at == bins { back(high) } else { back(low + width * at as f64) };
        Some(Histogram { edges: (0..=bins).map(edge).collect(), counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_bins_hold_every_value_once() {
        let histogram = Histogram::linear(&[0.0, 0.1, 0.5, 0.9, 1.0, f32::NAN], 2).unwrap();
        assert_eq!(histogram, Histogram { edges: vec![0.0, 0.5, 1.0], counts: vec![2, 3] });
    }

    #[test]
    fn log_bins_have_equal_ratios_and_leave_out_zero() {
        let histogram = Histogram::log(&[0.0, 0.01, 0.02, 0.5, 5.0, 100.0], 4).unwrap();
        assert_eq!(histogram.counts, [2, 1, 1, 1]);
        for edges in histogram.edges.windows(2) {
            assert!((edges[1] / edges[0] - 10.0).abs() < 1e-5, "{:?}", histogram.edges);
        }
    }

    #[test]
    fn equal_values_and_none_are_no_trouble() {
        assert_eq!(Histogram::linear(&[2.0; 5], 3).unwrap().counts, [5, 0, 0]);
        assert_eq!(Histogram::log(&[0.0, -1.0], 3), None);
        assert_eq!(Histogram::linear(&[], 3), None);
    }
}
