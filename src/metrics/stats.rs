//! Quantiles, ranks and slopes.

/// The q-quantile (0..1) with linear interpolation, as numpy's default; NaN for an empty slice.
pub fn quantile(values: &[f32], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    f64::from(low) + (f64::from(high) - f64::from(low)) * at.fract()
}

/// The median, where infinite values (runs that never got there) sort as such; of an even count the mean of the middle
/// two. NaN for an empty slice or when any value is NaN.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    if n == 0 || sorted.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let (low, high) = (sorted[(n - 1) / 2], sorted[n / 2]);
    if low == high { low } else { 0.5 * (low + high) }
}

/// The mean; NaN for an empty slice.
pub fn mean(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64
}

/// Share of `values` that are smaller than `value`, 0..1.
pub fn percentile_rank(values: &[f32], value: f32) -> f64 {
    values.iter().filter(|v| **v < value).count() as f64 / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&values, 0.5), 2.5);
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 1.0), 4.0);
        assert!((quantile(&values, 0.05) - 1.15).abs() < 1e-12);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn the_median_keeps_infinities_in_their_place() {
        let inf = f64::INFINITY;
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[inf, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[inf, 1.0, inf]), inf);
        assert_eq!(median(&[inf, 1.0]), inf);
        assert_eq!(median(&[inf, inf]), inf);
        assert!(median(&[]).is_nan() && median(&[1.0, f64::NAN, 2.0]).is_nan());
    }

    #[test]
    fn the_percentile_rank_counts_smaller_values() {
        assert_eq!(percentile_rank(&[1.0, 2.0, 3.0, 4.0], 3.0), 0.5);
    }
}
