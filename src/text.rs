//! Numbers, counts and lists as text, the same everywhere: readouts, captions, advice, tables; and text for markup.

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

/// A whole number with commas between its thousands.
pub fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Names that a list gives before it counts.
const LISTED: usize = 3;

/// A few names, and how many more.
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(LISTED + 1).map(AsRef::as_ref).collect();
    match names.len() {
        0..=4 => shown.join(", "),
        all => format!("{} and {} more", shown[..LISTED].join(", "), grouped(all - LISTED)),
    }
}

/// Text for XML and HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readout_writes_large_numbers_with_an_exponent() {
        let texts = [88.9, -0.99, 99_999.0, 13_325_643_776.0, f64::NAN, f64::INFINITY].map(|value| number(value, 2));
        assert_eq!(texts.join(" "), "88.90 -0.99 99999.00 1.3e10 – ∞");
    }

    #[test]
    fn thousands_have_commas_and_long_lists_are_counted() {
        assert_eq!([1, 1234, 1_234_567].map(grouped), ["1", "1,234", "1,234,567"]);
        assert_eq!(listed(&["a", "b", "c", "d"]), "a, b, c, d");
        assert_eq!(listed(&["x"; 1003]), "x, x, x and 1,000 more");
    }

    #[test]
    fn text_can_not_be_taken_for_markup() {
        assert_eq!(escape("<a href=\"x\"> & so on"), "&lt;a href=&quot;x&quot;&gt; &amp; so on");
    }
}
