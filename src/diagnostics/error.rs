//! Why there is no report.

use thiserror::Error;

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DiagnoseError {
    /// The rows can't be read; the message names the input.
    #[error("{0}")]
    Unreadable(String),
    /// The progress callback said so.
    #[error("The diagnosis was cancelled.")]
    Cancelled,
    /// Labels, pairs or names for another number of rows.
    #[error("{name}: there are {found} {what} for {rows} embeddings. There should be one for each row.")]
    Mismatch {
        /// The input.
        name: String,
        /// `labels`, `pairs` or `names`.
        what: &'static str,
        /// Entries there are.
        found: usize,
        /// Rows.
        rows: usize,
    },
    /// A pair points at a row that does not exist.
    #[error("{name}: the pair of row {row} is {pair}, but there are {rows} rows, numbered from 0.")]
    BadPair {
        /// The input.
        name: String,
        /// The row.
        row: usize,
        /// Its pair.
        pair: u32,
        /// Rows.
        rows: usize,
    },
    /// An assumption that makes no sense.
    #[error("{what} is {value}; it should be {right}.")]
    BadOption {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        right: &'static str,
    },
}
