//! The vectors of a document as rows of numbers.

use serde_json::Value;

use crate::data::tables::error::{MAX_COLUMNS, TableError};

/// Rows of equal length.
#[derive(Default)]
pub struct Rows {
    /// `[n, d]`.
    pub values: Vec<f32>,
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// Rows with a missing value.
    pub gaps: usize,
    /// Values that are too large for f32.
    pub over: u64,
    /// Values that are too small for f32.
    pub under: u64,
}

impl Rows {
    /// Adds a row.
    pub fn push(&mut self, name: &str, list: &[&Value]) -> Result<(), TableError> {
        if self.n == 0 {
            self.d = list.len();
            if self.d > MAX_COLUMNS {
                return Err(TableError::TooWide { name: name.to_owned(), columns: self.d as u64 });
            }
        }
        if list.len() != self.d {
            let reason = format!("vector {} has {} numbers, the first has {}", self.n + 1, list.len(), self.d);
            return Err(TableError::malformed(name, "JSON", reason));
        }
        self.gaps += usize::from(list.iter().any(|value| value.is_null()));
        for value in list {
            let exact = value.as_f64();
            let value = exact.map_or(f32::NAN, |value| value as f32);
            self.over += u64::from(value.is_infinite());
            self.under += u64::from(value == 0.0 && exact != Some(0.0));
            self.values.push(value);
        }
        self.n += 1;
        Ok(())
    }
}
