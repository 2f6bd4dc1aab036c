//! Where rows come from: memory, or (in `file`) a file that is read in chunks.

use std::ops::ControlFlow;

use super::error::DiagnoseError;
use super::report::OutOfRange;
use crate::metrics::Embeddings;

/// Rows of a fixed shape that can be visited in order, as often as one likes.
pub trait RowSource {
    /// Rows and columns.
    fn shape(&self) -> (usize, usize);

    /// Calls `visit(first row, rows: [k, d])` for all rows in order; `Break` ends the pass.
    ///
    /// # Errors
    /// [`DiagnoseError::Unreadable`], whose message names the input and what would be right.
    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), DiagnoseError>;

    /// Values of the last pass that f32 can't hold.
    fn out_of_range(&self) -> OutOfRange {
        OutOfRange::default()
    }
}

/// Rows of a chunk.
pub(super) const CHUNK: usize = 1024;

impl RowSource for Embeddings<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.n(), self.d())
    }

    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), DiagnoseError> {
        for (chunk, rows) in self.values().chunks(CHUNK * self.d()).enumerate() {
            if visit(chunk * CHUNK, rows).is_break() {
                break;
            }
        }
        Ok(())
    }
}
