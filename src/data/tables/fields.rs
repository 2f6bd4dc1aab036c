//! What a field of a text is: a number, a list of numbers, a missing value, or words.

/// Fields that stand for a missing value, in lower case.
const MISSING: [&str; 20] = [
    "", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nil", "missing", "-", "?", ".", "#div/0!",
    "#value!", "#ref!", "#num!", "#name?", "#null!",
];

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    /// A number.
    Number(f64),
    /// A missing value.
    Missing,
    /// A list in brackets.
    List,
    /// Anything else.
    Text,
}

/// Tells what a field is; `comma` is the decimal point.
pub fn field(text: &str, comma: bool) -> Field {
    if let Some(number) = number(text, comma) {
        return Field::Number(number);
    }
    if is_missing(text) {
        return Field::Missing;
    }
    if list(text).is_some() { Field::List } else { Field::Text }
}

fn is_missing(text: &str) -> bool {
    text.len() <= 8 && MISSING.contains(&text.to_ascii_lowercase().as_str())
}

/// A number; `nan` is a missing value, not a number.
pub fn number(text: &str, comma: bool) -> Option<f64> {
    let parse = |text: &str| match text.parse::<f64>() {
        Ok(value) if !value.is_nan() => Some(value),
        _ => None,
    };
    // What can't be a number is not looked at twice: most texts are words.
    let first = text.chars().next()?;
    if !(first.is_ascii_digit() || matches!(first, '+' | '-' | '.' | ',' | '\u{2212}' | 'i' | 'I')) {
        return None;
    }
    parse(text)
        .or_else(|| comma.then(|| parse(&text.replace('.', "").replacen(',', ".", 1)))?)
        .or_else(|| text.strip_prefix('\u{2212}').and_then(|rest| number(rest, comma)).map(|value| -value))
}

/// Whether a field is a number with a decimal comma.
pub fn has_comma(text: &str) -> bool {
    let digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    text.split_once(',').is_some_and(|(_, rest)| digits(rest) && !rest.contains(','))
        && number(text, false).is_none()
        && number(text, true).is_some()
}

/// The inside of a list: `[1, 2]`, `(1, 2)`, `array([1 2])`, `tensor([1, 2])`.
pub fn list(text: &str) -> Option<&str> {
    let text = ["array", "tensor", "np.array", "list"].iter().fold(text, |text, word| {
        text.strip_prefix(word)
            .and_then(|rest| rest.strip_prefix('('))
            .filter(|rest| rest.starts_with('['))
            .unwrap_or(text)
    });
    let text = if text.starts_with('[') { text.rsplit_once(']').map(|(list, _)| list)? } else { text };
    match text.strip_prefix('[') {
        Some(inside) => Some(inside.trim_matches(['[', ']'])),
        None => text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')),
    }
    .filter(|inside| inside.trim_start().starts_with(|c: char| c.is_ascii_digit() || "+-.nN".contains(c)))
    .or_else(|| is_bare_list(text).then_some(text))
}

/// Several numbers with spaces between them and no brackets: a vector, or the pixels of a picture; not a date.
fn is_bare_list(text: &str) -> bool {
    const FEWEST: usize = 3;
    let mut parts = text.split_ascii_whitespace();
    let all = parts.clone().all(|part| number(part, false).is_some());
    all && (parts.clone().count() > FEWEST || parts.clone().count() == FEWEST && parts.any(|part| part.contains('.')))
}

/// The numbers of a list's inside.
pub fn numbers(inside: &str) -> impl Iterator<Item = Option<f64>> {
    let parts = inside.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|part| !part.is_empty());
    parts.map(|part| if is_missing(part) { Some(f64::NAN) } else { number(part, false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_values_and_lists_are_told_apart() {
        for (text, comma, is) in [
            ("1.5", false, Field::Number(1.5)),
            ("-1e-3", false, Field::Number(-0.001)),
            ("\u{2212}2", false, Field::Number(-2.0)),
            ("1,5", true, Field::Number(1.5)),
            ("1.234,5", true, Field::Number(1234.5)),
            ("1,5", false, Field::Text),
            ("inf", false, Field::Number(f64::INFINITY)),
            ("NaN", false, Field::Missing),
            ("#DIV/0!", false, Field::Missing),
            ("[0.1, 0.2]", false, Field::List),
            ("[0.1 -2]", false, Field::List),
            ("array([1., 2.], dtype=float32)", false, Field::List),
            ("tensor([1., 2.])", false, Field::List),
            ("(1, 2)", false, Field::List),
            ("[cat]", false, Field::Text),
            ("1-2", false, Field::Text),
            ("index", false, Field::Text),
        ] {
            assert_eq!(field(text, comma), is, "{text}");
        }
        let values = |text: &str| numbers(list(text).unwrap()).collect::<Option<Vec<_>>>();
        assert_eq!(values("[0.1, -2 3e1]"), Some(vec![0.1, -2.0, 30.0]));
        assert_eq!(values("[0.1 ... 3]"), None);
        assert!(
            has_comma("0,5") && has_comma("-1,5e3") && !has_comma("0.5") && !has_comma("a,5") && !has_comma("[0,5]")
        );
    }
}
