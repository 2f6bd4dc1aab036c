//! Pictures as rows of text: a label and then as many whole numbers from 0 to 255 as a picture has pixels, as MNIST is given
//! out for spreadsheets.

use std::borrow::Cow;

use super::block::{Block, Family, Layout, Pixels};
use super::error::FileError;
use super::labels::Labels;
use super::names::Use;

/// Smallest and largest side.
const SIDES: std::ops::RangeInclusive<usize> = 7..=256;
/// Names of a column of labels.
const LABELS: [&str; 7] = ["label", "labels", "class", "target", "y", "digit", "emotion"];

/// Reads a text file; `None` where its rows are no pictures.
pub fn read<'a>(name: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<Option<Block<'a>>, FileError> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    let Some(first) = lines.peek().copied() else { return Ok(None) };
    let Some(separator) = [',', ';', '\t', ' '].into_iter().max_by_key(|one| first.matches(*one).count()) else {
        return Ok(None);
    };
    let fields = |line: &'_ str| -> Vec<String> {
        line.split(separator).map(|field| field.trim().trim_matches('"').to_owned()).collect()
    };
    let head = fields(first);
    let columns = head.len();
    let side = |pixels: usize| {
        let fits = |channels: usize| {
            let plane = pixels / channels;
            let side = plane.isqrt();
            (pixels.is_multiple_of(channels) && side * side == plane && SIDES.contains(&side))
                .then_some((channels, side))
        };
        fits(1).or_else(|| fits(3))
    };
    let labelled = columns.checked_sub(1).and_then(side);
    let Some((channels, side)) = labelled.or_else(|| side(columns)) else { return Ok(None) };
    let has_header = head[1..].iter().any(|field| field.parse::<f64>().is_err());
    if has_header {
        lines.next();
    }
    let rows: Vec<&str> = lines.collect();
    // Without a header the first column, unless that never changes and the last one does.
    let at = labelled.map(|_| {
        let named = head.iter().position(|field| has_header && LABELS.contains(&field.to_lowercase().as_str()));
        let differs = |last: bool| {
            let of = |line: &str| {
                if last {
                    line.rsplit(separator).next().map(str::to_owned)
                } else {
                    line.split(separator).next().map(str::to_owned)
                }
            };
            rows.iter().any(|line| of(line) != of(rows[0]))
        };
        named.unwrap_or_else(|| if !rows.is_empty() && !differs(false) && differs(true) { columns - 1 } else { 0 })
    });
    let mut pixels = Vec::with_capacity(rows.len().saturating_mul(channels * side * side));
    let mut labels = Vec::with_capacity(rows.len());
    for (index, line) in rows.iter().enumerate() {
        let mut count = 0;
        for field in line.split(separator) {
            let field = field.trim().trim_matches('"');
            if at == Some(count) {
                labels.push(field.to_owned());
            } else {
                let value = field.parse::<u8>().ok().or_else(|| {
                    field
                        .parse::<f64>()
                        .ok()
                        .filter(|value| value.fract() == 0.0 && (0.0..=255.0).contains(value))
                        .map(|value| value as u8)
                });
                match value {
                    Some(value) => pixels.push(value),
                    None => return Ok(None),
                }
            }
            count += 1;
        }
        if count != columns {
            if index + 1 == rows.len() && count < columns {
                let missing = format!("row {} has {count} of {columns} values", index + 1);
                return Err(FileError::CutOff {
                    name: name.to_owned(),
                    what: Family::Rows.what(),
                    at: bytes.len(),
                    missing,
                });
            }
            return Ok(None);
        }
    }
    let whole =
        |label: &String| label.parse::<f64>().ok().filter(|value| value.fract() == 0.0).map(|value| value as i64);
    let numbers: Option<Vec<i64>> = labels.iter().map(whole).collect();
    let labels = at.map(|_| match numbers {
        Some(numbers) => Labels::from_numbers(numbers),
        None => Labels::from_names(labels),
    });
    let from = at.map_or_else(String::new, |at| {
        let column = if has_header { format!("column '{}'", head[at]) } else { format!("column {}", at + 1) };
        format!(", labels from {column}")
    });
    notes.push(format!("{name}: {side} × {side} pixels a row{from}."));
    Ok(Some(Block {
        name: name.to_owned(),
        purpose: Use::of_path(name),
        family: Family::Rows,
        pixels: Pixels::Raw { bytes: Cow::Owned(pixels), skip: 0, layout: Layout::planar(channels, side, side) },
        labels,
        named: Vec::new(),
    }))
}
