//! Tables: what a report's rows look like in a terminal, a CSV file and the page.

#[cfg(any(feature = "tables", feature = "worker"))]
pub mod csv;

/// A table: a title for each column, and rows of as many cells. Numbers are plain (`1.25`); an empty cell is "no number".
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Column names.
    pub header: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// With at most `digits` decimals; empty for no number.
pub fn number(value: Option<f64>, digits: usize) -> String {
    value.filter(|v| v.is_finite()).map_or_else(String::new, |value| {
        let scale = 10_f64.powi(digits as i32);
        ((value * scale).round() / scale).to_string()
    })
}

/// Four significant digits, so that products of factors don't show their rounding; empty for no number and for 0.
pub fn plain(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite() && *v != 0.0).map_or_else(String::new, |value| {
        let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
        let rounded = (value * scale).round() / scale;
        // Through text once more: the quotient may be one bit off the short decimal.
        format!("{rounded:.12}").trim_end_matches('0').trim_end_matches('.').to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_missing_ones_are_empty() {
        assert_eq!(number(Some(1.230_04), 3), "1.23");
        assert_eq!(number(None, 3), "");
        assert_eq!(plain(Some(0.1 * 3.0)), "0.3");
        assert_eq!(plain(Some(0.2 * 0.1 * 3.0)), "0.06");
        assert_eq!(plain(Some(1e-5)), "0.00001");
        assert_eq!(plain(Some(10.0)), "10");
    }
}
