//! Numbers as text, the same everywhere: readouts, captions, advice, tables.

/// From this size on a number is written with an exponent.
pub const LARGE: f64 = 1e5;

/// A number for a readout: `digits` decimals; from 100,000 on as 1.3e10; a dash where there is none.
pub fn number(value: f64, digits: usize) -> String {
    match value {
        _ if value.is_nan() => "–".to_owned(),
        _ if value.is_infinite() => String::from(if value > 0.0 { "∞" } else { "−∞" }),
        _ if value.abs() >= LARGE => format!("{value:.1e}"),
        _ => format!("{value:.digits$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readout_writes_large_numbers_with_an_exponent() {
        let texts = [88.9, -0.99, 99_999.0, 13_325_643_776.0, f64::NAN, f64::INFINITY].map(|value| number(value, 2));
        assert_eq!(texts.join(" "), "88.90 -0.99 99999.00 1.3e10 – ∞");
    }
}
