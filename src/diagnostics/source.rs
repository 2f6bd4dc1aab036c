//! Where rows come from: memory, or a file that is read in chunks.

use std::ops::ControlFlow;

use super::report::OutOfRange;
use crate::metrics::Embeddings;

/// Rows of a fixed shape that can be visited in order, as often as one likes.
pub trait RowSource {
    /// Rows and columns.
    fn shape(&self) -> (usize, usize);

    /// Calls `visit(first row, rows: [k, d])` for all rows in order; `Break` ends the pass.
    ///
    /// # Errors
    /// A message that names the input and what would be right.
    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), String>;

    /// Values of the last pass that f32 can't hold.
    fn out_of_range(&self) -> OutOfRange {
        OutOfRange::default()
    }
}

/// Rows of a chunk.
const CHUNK: usize = 1024;

impl RowSource for Embeddings<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.n(), self.d())
    }

    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), String> {
        for (chunk, rows) in self.values().chunks(CHUNK * self.d()).enumerate() {
            if visit(chunk * CHUNK, rows).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(feature = "tables")]
impl<R: std::io::Read + std::io::Seek> RowSource for crate::data::tables::TableReader<R> {
    fn shape(&self) -> (usize, usize) {
        crate::data::tables::TableReader::shape(self)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), String> {
        self.for_each_chunk(CHUNK, visit).map(|_| ()).map_err(|error| error.to_string())
    }

    fn out_of_range(&self) -> OutOfRange {
        let (too_large, too_small) = self.out_of_range();
        OutOfRange { too_large, too_small }
    }
}
