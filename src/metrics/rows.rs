//! Which rows can be measured: a row with a NaN or an infinite value, or without a direction, is counted, never divided
//! by.

use serde::{Deserialize, Serialize};

/// What can be said of a row's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// |z|, a normal positive number.
    Norm(f32),
    /// All values are 0, or so small that 1/|z| is not finite in f32.
    Zero,
    /// A value is NaN or infinite, or |z| is too large for f32.
    NotFinite,
}

/// Measures a row, `[d]`.
pub fn length(row: &[f32]) -> Length {
    let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt() as f32;
    if !norm.is_finite() {
        Length::NotFinite
    } else if norm < f32::MIN_POSITIVE {
        Length::Zero
    } else {
        Length::Norm(norm)
    }
}

/// How many rows were seen, and how many of them can't be measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// All rows.
    pub total: usize,
    /// Rows with a NaN or an infinite value.
    pub not_finite: usize,
    /// Rows without a direction.
    pub zero: usize,
}

impl RowCounts {
    /// Counts a row and passes its length on.
    pub fn count(&mut self, row: &[f32]) -> Length {
        let length = length(row);
        self.total += 1;
        match length {
            Length::Norm(_) => (),
            Length::Zero => self.zero += 1,
            Length::NotFinite => self.not_finite += 1,
        }
        length
    }

    /// Rows that can be measured.
    pub fn usable(&self) -> usize {
        self.total - self.not_finite - self.zero
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_cant_be_divided_are_told_apart() {
        let mut counts = RowCounts::default();
        assert_eq!(counts.count(&[3.0, 4.0]), Length::Norm(5.0));
        assert_eq!(counts.count(&[0.0, -0.0]), Length::Zero);
        assert_eq!(counts.count(&[1e-42, 0.0]), Length::Zero);
        assert_eq!(counts.count(&[1.0, f32::NAN]), Length::NotFinite);
        assert_eq!(counts.count(&[f32::INFINITY, 1.0]), Length::NotFinite);
        assert_eq!(counts.count(&[f32::MAX, f32::MAX]), Length::NotFinite);
        assert_eq!(counts, RowCounts { total: 6, not_finite: 3, zero: 2 });
        assert_eq!(counts.usable(), 1);
    }
}
