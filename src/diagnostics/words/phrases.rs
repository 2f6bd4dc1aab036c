//! What all sentences are made of: what and why, remedies, short numbers.

use crate::diagnostics::report::{Remedy, RemedyKind};

/// What and why.
pub(in crate::diagnostics) type Said = (String, String);

/// What, with a why that has no numbers.
pub(super) fn said(what: String, why: &str) -> Said {
    (what, why.to_owned())
}

/// A number with three significant figures.
pub(in crate::diagnostics) fn figures(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || !size.is_finite() {
        return value.to_string();
    }
    if !(1e-4..1e5).contains(&size) {
        return format!("{value:.1e}");
    }
    let decimals = (2 - size.log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A share as a percentage.
pub(in crate::diagnostics) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.001 {
        return "under 0.1 %".to_owned();
    }
    format!("{} %", figures((share * 1000.0).round() / 10.0))
}

/// A remedy without a computed size.
pub(super) fn other(action: &str, effect: &str) -> Remedy {
    Remedy { kind: RemedyKind::Other, amount: None, action: action.to_owned(), effect: effect.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_keep_three_figures() {
        let shown = [0.0, 1.0, 60.0, 3.914_867, 0.000_1, 0.012_345, 12_345.0, 1e-7, -2.5, 99.95].map(figures);
        assert_eq!(shown, ["0", "1", "60", "3.91", "0.0001", "0.0123", "12345", "1.0e-7", "-2.5", "100"]);
        assert_eq!([0.0, 0.000_2, 0.123_4, 1.0].map(percent), ["0 %", "under 0.1 %", "12.3 %", "100 %"]);
    }
}
