//! Quantiles, ranks, correlations and slopes.

/// The q-quantile (0..1) with linear interpolation, as numpy's default; NaN for an empty slice.
pub fn quantile(values: &[f32], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    quantile_sorted(&sorted, q)
}

/// As [`quantile`], of values that are in ascending order.
pub fn quantile_sorted<T: Copy + Into<f64>>(sorted: &[T], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high): (f64, f64) = (sorted[at.floor() as usize].into(), sorted[at.ceil() as usize].into());
    if low == high { low } else { low + (high - low) * at.fract() }
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

/// Standard error of the mean, s / sqrt(n) with the n - 1 divisor; NaN below two values.
pub fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return f64::NAN;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (variance / n).sqrt()
}

/// Ranks from 1; equal values share the mean of their ranks.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|index| ranks[*index] = rank);
        before += tied.len();
    }
    ranks
}

/// Spearman's rank correlation, -1..1, ties by mean ranks; NaN when either side is constant or shorter than two.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    pearson(&ranks(x), &ranks(y))
}

fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let moments = Moments::of(x, y);
    moments.xy / (moments.xx * moments.yy).sqrt()
}

/// Slope of the least-squares line of `y` on `x`; NaN when `x` is constant or shorter than two.
pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    let moments = Moments::of(x, y);
    moments.xy / moments.xx
}

/// Centred second moments.
struct Moments {
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn of(x: &[f64], y: &[f64]) -> Moments {
        let n = x.len().min(y.len()) as f64;
        let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let mut moments = Moments { xx: 0.0, yy: 0.0, xy: 0.0 };
        for (a, b) in x.iter().zip(y) {
            let (a, b) = (a - mx, b - my);
            moments.xx += a * a;
            moments.yy += b * b;
            moments.xy += a * b;
        }
        moments
    }
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

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[10.0, 20.0, 10.0, 5.0]), [2.5, 4.0, 2.5, 1.0]);
    }

    #[test]
    fn spearman_sees_order_only_and_handles_ties() {
        let x: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert!((spearman(&x, &x.map(f64::exp)) - 1.0).abs() < 1e-12);
        assert!((spearman(&x, &x.map(|v| 1.0 / v)) + 1.0).abs() < 1e-12);
        // Ranks 1 2.5 2.5 4 against 1 2 3 4: 4.5 / sqrt(4.5 x 5), the value that scipy documents for ties.
        assert!((spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]) - 0.948_683_298).abs() < 1e-9);
        assert!(spearman(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn ties_share_their_rank() {
        // By hand: ranks (1, 2.5, 2.5, 4, 5) and (1, 2, 3.5, 5, 3.5), covariance sum 7.25, both variance sums 9.5.
        assert!((spearman(&[1.0, 2.0, 2.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]) - 14.5 / 19.0).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[9.0, 4.0, 1.0]) + 1.0).abs() < 1e-12);
        assert!(spearman(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn the_slope_is_the_least_squares_one() {
        // y = 2x + 1 with residuals 1, -2, 1, which are orthogonal to x and to 1.
        assert!((slope(&[0.0, 1.0, 2.0], &[2.0, 1.0, 6.0]) - 2.0).abs() < 1e-12);
        assert!(slope(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn the_standard_error_shrinks_with_the_root_of_n() {
        // Sample deviation of 1, 2, 3, 4 is sqrt(5/3).
        assert!((standard_error(&[1.0, 2.0, 3.0, 4.0]) - (5.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-15);
        assert!(standard_error(&[1.0]).is_nan());
    }
}
