//! Exponents and means, and whether a number is where it is expected. Other statistics are in [`crate::metrics::stats`].

use crate::metrics::stats;

/// The least-squares slope of ln(y) against ln(x); NaN for fewer than two different x.
pub fn log_log_slope(points: &[[f64; 2]]) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point[0].ln(), point[1].ln())).unzip();
    stats::slope(&x, &y)
}

/// The mean; NaN for nothing.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// A measured number next to what is expected of it, in words: "Slope: 1.999, as expected (1.98 to 2.02)."
pub fn verdict(what: &str, measured: f64, low: f64, high: f64) -> String {
    let found = if (low..=high).contains(&measured) { "as expected" } else { "NOT as expected" };
    format!("{what}: {}, {found} ({} to {}).", short(measured), short(low), short(high))
}

/// Four significant digits.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    if !(-4..5).contains(&digits) {
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
    fn a_verdict_says_whether_the_number_is_inside() {
        assert_eq!(verdict("Slope", 1.9994, 1.98, 2.02), "Slope: 1.999, as expected (1.98 to 2.02).");
        assert!(verdict("Slope", f64::NAN, 1.98, 2.02).contains(", NOT as expected"));
        assert_eq!(short(9662.3), "9662");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(1_234_567.0), "1.235e6");
        assert_eq!(short(6.6e-15), "6.600e-15");
    }
}
