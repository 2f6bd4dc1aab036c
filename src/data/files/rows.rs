//! Pictures as rows of text: a label and then as many whole numbers from 0 to 255 as a picture has pixels, as MNIST is given
//! out for spreadsheets.

use std::borrow::Cow;

use super::block::{Block, Family, Layout, Pixels};
use super::labels::Labels;
use super::names::Use;
use crate::data::file_error::FileError;

/// Smallest and largest side.
const SIDES: std::ops::RangeInclusive<usize> = 7..=256;
/// Names of a column of labels.
const LABELS: [&str; 7] = ["label", "labels", "class", "target", "y", "digit", "emotion"];

/// Reads a text file; `None` where its rows are no pictures.
pub fn read<'a>(name: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<Option<Block<'a>>, FileError> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    let Some(shape) = lines.peek().and_then(|first| Shape::of(first)) else { return Ok(None) };
    if shape.has_header {
        lines.next();
    }
    let rows: Vec<&str> = lines.collect();
    let at = shape.column_of_labels(&rows);
    let Some((pixels, labels)) = shape.values(&rows, at, name, bytes.len())? else { return Ok(None) };
    let from = at.map_or_else(String::new, |at| {
        let column =
            if shape.has_header { format!("column '{}'", shape.head[at]) } else { format!("column {}", at + 1) };
        format!(", labels from {column}")
    });
    let Shape { channels, side, .. } = shape;
    notes.push(format!("{name}: {side} × {side} pixels a row{from}."));
    Ok(Some(Block {
        name: name.to_owned(),
        purpose: Use::of_path(name),
        family: Family::Rows,
        pixels: Pixels::Raw { bytes: Cow::Owned(pixels), skip: 0, layout: Layout::planar(channels, side, side) },
        labels: at.map(|_| labels_of(labels)),
        named: Vec::new(),
    }))
}

/// How the rows of a text are pictures, told from its first line.
struct Shape {
    /// What stands between two fields.
    separator: char,
    /// The fields of the first line.
    head: Vec<String>,
    /// The first line names the columns.
    has_header: bool,
    /// One field more than a picture has values.
    labelled: bool,
    /// 1 (grey) or 3 (RGB, channel by channel).
    channels: usize,
    /// Rows and columns of a picture.
    side: usize,
}

impl Shape {
    /// `None` where the number of fields is none of a picture.
    fn of(first: &str) -> Option<Shape> {
        let separator = [',', ';', '\t', ' '].into_iter().max_by_key(|one| first.matches(*one).count())?;
        let head: Vec<String> = first.split(separator).map(|field| field.trim().trim_matches('"').to_owned()).collect();
        let labelled = head.len().checked_sub(1).and_then(square);
        let (channels, side) = labelled.or_else(|| square(head.len()))?;
        let has_header = head[1..].iter().any(|field| field.parse::<f64>().is_err());
        Some(Shape { separator, head, has_header, labelled: labelled.is_some(), channels, side })
    }

    /// Where the labels are. Without a header that is the first column, unless that never changes and the last one does.
    fn column_of_labels(&self, rows: &[&str]) -> Option<usize> {
        if !self.labelled {
            return None;
        }
        let is_label = |field: &String| self.has_header && LABELS.contains(&field.to_lowercase().as_str());
        if let Some(named) = self.head.iter().position(is_label) {
            return Some(named);
        }
        let first = |line: &str| line.split(self.separator).next().map(str::to_owned);
        let last = |line: &str| line.rsplit(self.separator).next().map(str::to_owned);
        let differs = |of: &dyn Fn(&str) -> Option<String>| rows.iter().any(|line| of(line) != of(rows[0]));
        let is_last = !rows.is_empty() && !differs(&first) && differs(&last);
        Some(if is_last { self.head.len() - 1 } else { 0 })
    }

    /// The pixels and, from column `at`, the labels of all rows; `None` where a field is no pixel, or a row has another
    /// number of fields. A last row that is too short is an error: the file of `length` bytes was cut off.
    #[expect(clippy::type_complexity, reason = "taken apart by the only caller")]
    fn values(
        &self,
        rows: &[&str],
        at: Option<usize>,
        name: &str,
        length: usize,
    ) -> Result<Option<(Vec<u8>, Vec<String>)>, FileError> {
        let columns = self.head.len();
        let mut pixels = Vec::with_capacity(rows.len().saturating_mul(self.channels * self.side * self.side));
        let mut labels = Vec::with_capacity(rows.len());
        for (index, line) in rows.iter().enumerate() {
            let mut count = 0;
            for field in line.split(self.separator) {
                let field = field.trim().trim_matches('"');
                if at == Some(count) {
                    labels.push(field.to_owned());
                } else {
                    let Some(value) = pixel(field) else { return Ok(None) };
                    pixels.push(value);
                }
                count += 1;
            }
            if index + 1 == rows.len() && count < columns {
                let missing = format!("row {} has {count} of {columns} values", index + 1);
                let what = Family::Rows.what();
                return Err(FileError::CutOff { name: name.to_owned(), what, at: length, missing });
            }
            if count != columns {
                return Ok(None);
            }
        }
        Ok(Some((pixels, labels)))
    }
}

/// Channels and side of square pictures of so many values.
fn square(values: usize) -> Option<(usize, usize)> {
    let of = |channels: usize| {
        let plane = values / channels;
        let side = plane.isqrt();
        (values.is_multiple_of(channels) && side * side == plane && SIDES.contains(&side)).then_some((channels, side))
    };
    of(1).or_else(|| of(3))
}

/// A whole number from 0 to 255, perhaps written as "3.0".
fn pixel(field: &str) -> Option<u8> {
    let is_byte = |value: &f64| value.fract() == 0.0 && (0.0..=255.0).contains(value);
    field.parse::<u8>().ok().or_else(|| field.parse::<f64>().ok().filter(is_byte).map(|value| value as u8))
}

/// Labels by number where all are whole numbers, else by name.
fn labels_of(texts: Vec<String>) -> Labels {
    let whole = |text: &String| text.parse::<f64>().ok().filter(|value| value.fract() == 0.0).map(|value| value as i64);
    match texts.iter().map(whole).collect::<Option<Vec<i64>>>() {
        Some(numbers) => Labels::from_numbers(numbers),
        None => Labels::from_names(texts),
    }
}
