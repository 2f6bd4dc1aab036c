//! Rows that are two views of each sample, and what that says of pairs and labels.

use super::labels::Labels;

/// Where the two views of a sample are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Views {
    /// Rows 2i and 2i + 1, of the shape (n, 2, d).
    Interleaved,
    /// Rows i and n + i, of the shape (2, n, d).
    Halves,
}

impl Views {
    /// The other view of each row, `[2 n]`.
    pub fn pairs(self, n: usize) -> Vec<Option<u32>> {
        let other = |row: usize| match self {
            Views::Interleaved => row ^ 1,
            Views::Halves if row < n => row + n,
            Views::Halves => row - n,
        };
        (0..2 * n).map(|row| u32::try_from(other(row)).ok()).collect()
    }
}

impl Labels {
    /// Labels of samples as labels of all `n` rows, which may be two views of each sample.
    pub fn repeated(self, views: Option<Views>, n: usize) -> Labels {
        let ids = match views {
            Some(Views::Interleaved) if self.ids.len() < n => self.ids.iter().flat_map(|id| [*id, *id]).collect(),
            Some(Views::Halves) if self.ids.len() < n => [&self.ids[..], &self.ids[..]].concat(),
            _ => self.ids,
        };
        Labels { ids, ..self }
    }
}
