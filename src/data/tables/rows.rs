//! Rows of numbers from a stream of bytes, chunk by chunk.

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use super::element::Element;
use super::error::TableError;

/// Most bytes of a chunk of rows.
const MAX_CHUNK: usize = 16 << 20;

/// Rows of a chunk: at least one, at most `wanted` and what fits 16 MiB.
pub fn chunk_rows(wanted: usize, n: usize, d: usize) -> usize {
    wanted.min(n).clamp(1, (MAX_CHUNK / (8 * d)).max(1))
}

/// Where rows go, chunk by chunk: (first row, `[rows, d]`).
pub type Visit<'a> = &'a mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>;

/// Rows as they lie in a file.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The file, for messages.
    pub label: &'a str,
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// Their type.
    pub element: Element,
    /// Each row begins with its size, in four bytes.
    pub headed: bool,
    /// Values that f32 can't hold: (too large, too small), added up.
    pub lost: &'a Cell<(u64, u64)>,
}

impl Rows<'_> {
    fn convert(&self, bytes: &[u8], out: &mut [f32]) {
        self.element.to_f32(bytes, out);
        let (over, under) = self.element.lost(bytes, out);
        let (known_over, known_under) = self.lost.get();
        self.lost.set((known_over + over, known_under + under));
    }

    /// The rows of a C-ordered table from a reader at its data.
    pub fn stream(&self, reader: &mut dyn Read, rows: usize, visit: Visit<'_>) -> Result<(), TableError> {
        let (n, d) = (self.n, self.d);
        let row_bytes = d * self.element.size().unwrap_or(0);
        let (mut bytes, mut values) = (vec![0; rows * row_bytes], vec![0.0; rows * d]);
        let io = |error: std::io::Error| TableError::io(self.label, &error);
        for start in (0..n).step_by(rows) {
            let rows = rows.min(n - start);
            let (bytes, values) = (&mut bytes[..rows * row_bytes], &mut values[..rows * d]);
            if self.headed {
                for (row, bytes) in bytes.chunks_exact_mut(row_bytes).enumerate() {
                    let mut head = [0; 4];
                    reader.read_exact(&mut head).map_err(io)?;
                    if u32::from_le_bytes(head) as usize != d {
                        let found = u32::from_le_bytes(head);
                        let reason = format!("row {} should have {d} values, but says {found}", start + row);
                        return Err(TableError::malformed(self.label, ".fvecs", reason));
                    }
                    reader.read_exact(bytes).map_err(io)?;
                }
            } else {
                reader.read_exact(bytes).map_err(io)?;
            }
            self.convert(bytes, values);
            if visit(start, values).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The rows of a Fortran-ordered table whose data are at `at`: each chunk gathers a piece of every column.
    pub fn gather(
        &self,
        source: &mut (impl Read + Seek),
        at: u64,
        rows: usize,
        visit: Visit<'_>,
    ) -> Result<(), TableError> {
        let (n, d) = (self.n, self.d);
        let size = self.element.size().unwrap_or(0);
        let (mut bytes, mut column) = (vec![0; rows * size], vec![0.0; rows]);
        let mut values = vec![0.0; rows * d];
        for start in (0..n).step_by(rows) {
            let rows = rows.min(n - start);
            for k in 0..d {
                let offset = at + (k as u64 * n as u64 + start as u64) * size as u64;
                let bytes = &mut bytes[..rows * size];
                let read = source.seek(SeekFrom::Start(offset)).and_then(|_| source.read_exact(bytes));
                read.map_err(|error| TableError::io(self.label, &error))?;
                self.convert(bytes, &mut column[..rows]);
                for (row, value) in column[..rows].iter().enumerate() {
                    values[row * d + k] = *value;
                }
            }
            if visit(start, &values[..rows * d]).is_break() {
                break;
            }
        }
        Ok(())
    }
}
