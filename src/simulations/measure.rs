//! Slopes, rank correlations, standard errors, and whether a number is where it is expected.

/// The least-squares slope of ln(y) against ln(x); NaN for fewer than two different x.
pub fn log_log_slope(points: &[[f64; 2]]) -> f64 {
    let logs: Vec<[f64; 2]> = points.iter().map(|point| point.map(f64::ln)).collect();
    let (mean_x, mean_y) = (mean(logs.iter().map(|p| p[0])), mean(logs.iter().map(|p| p[1])));
    let sum = |of: &dyn Fn(&[f64; 2]) -> f64| logs.iter().map(of).sum::<f64>();
    sum(&|p| (p[0] - mean_x) * (p[1] - mean_y)) / sum(&|p| (p[0] - mean_x).powi(2))
}

/// Spearman's rank correlation, ties sharing their mean rank; NaN when one side is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let (mean_a, mean_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let sum = |of: &dyn Fn(f64, f64) -> f64| a.iter().zip(&b).map(|(a, b)| of(*a - mean_a, *b - mean_b)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// The mean; NaN for nothing.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// Standard error of the mean; NaN for fewer than two values.
pub fn standard_error(values: &[f64]) -> f64 {
    let (n, middle) = (values.len() as f64, mean(values.iter().copied()));
    (values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt()
}

/// The ranks, from 1 up.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for group in order.chunk_by(|&i, &j| values[i].total_cmp(&values[j]).is_eq()) {
        let rank = start as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|&index| ranks[index] = rank);
        start += group.len();
    }
    ranks
}

/// A measured number next to what is expected of it, in words: "..., expected 1.98 to 2.02: inside."
pub fn verdict(what: &str, measured: f64, low: f64, high: f64) -> String {
    let inside = if (low..=high).contains(&measured) { "inside" } else { "OUTSIDE" };
    format!("{what}: {}, expected {} to {}: {inside}.", short(measured), short(low), short(high))
}

/// Four significant digits.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    if !(-4..8).contains(&digits) {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.*}", (3 - digits).max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_has_its_exponent_as_slope() {
        let points: Vec<[f64; 2]> = [0.5, 1.0, 3.0, 10.0].iter().map(|x: &f64| [*x, 7.0 * x.powf(-1.5)]).collect();
        assert!((log_log_slope(&points) + 1.5).abs() < 1e-12);
        assert!(log_log_slope(&points[..1]).is_nan());
    }

    #[test]
    fn ties_share_their_rank() {
        // By hand: ranks (1, 2.5, 2.5, 4, 5) and (1, 2, 3.5, 5, 3.5), covariance sum 7.25, both variance sums 9.5.
        assert!((spearman(&[1.0, 2.0, 2.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]) - 14.5 / 19.0).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[9.0, 4.0, 1.0]) + 1.0).abs() < 1e-12);
        assert!(spearman(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }

    #[test]
    fn the_standard_error_is_the_deviation_over_the_root_of_n() {
        // Deviation of (1, 2, 3, 4) with n - 1: sqrt(5/3).
        assert!((standard_error(&[1.0, 2.0, 3.0, 4.0]) - (5.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-15);
        assert!(standard_error(&[1.0]).is_nan());
    }

    #[test]
    fn a_verdict_says_whether_the_number_is_inside() {
        assert_eq!(verdict("Slope", 1.9994, 1.98, 2.02), "Slope: 1.999, expected 1.98 to 2.02: inside.");
        assert!(verdict("Slope", f64::NAN, 1.98, 2.02).ends_with("OUTSIDE."));
        assert_eq!(short(9662.3), "9662");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(1234567.0), "1234567");
        assert_eq!(short(6.6e-15), "6.600e-15");
    }
}
