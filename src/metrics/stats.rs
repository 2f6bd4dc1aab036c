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
    fn the_percentile_rank_counts_smaller_values() {
        assert_eq!(percentile_rank(&[1.0, 2.0, 3.0, 4.0], 3.0), 0.5);
    }
}
