//! Embeddings from files: `.npy`, `.npz`, `.csv` and `.safetensors`, with labels and pairs if the file has them.
//!
//! A file is anything that can be read and sought (a native file, bytes in memory, a browser's blob). It is recognised by
//! its contents, its sizes are checked before anything is allocated, and its rows are read in chunks, so a file may be
//! larger than the memory. Every error names the file and says what would be right.
//!
//! ```text
//! source -> TableReader::open -> shape, labels, pairs -> for_each_chunk -> (first row, [rows, d])
//! ```

mod arrays;
mod delimited;
mod element;
mod error;
mod labels;
mod npy;
mod npz;
mod tensors;
mod writer;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

pub use error::TableError;
pub use labels::Labels;
pub use writer::{ArmsFile, EmbeddingsFile};

use crate::metrics::rows::RowCounts;
use arrays::{Array, chunk_rows, gather_rows, stream_rows};
use element::Element;

/// Bytes that are looked at to recognise a format.
const SNIFF: u64 = 4096;

/// A table of embeddings whose rows are read in chunks: `[n, d]`.
pub struct TableReader<R> {
    name: String,
    n: usize,
    d: usize,
    labels: Option<Labels>,
    pairs: Option<Vec<Option<u32>>>,
    notes: Vec<String>,
    body: Body<R>,
}

/// Where the rows are.
enum Body<R> {
    /// Numbers one after the other, from byte `at`.
    Raw { source: R, at: u64, element: Element, fortran: bool },
    /// A deflated array of an archive.
    Packed(Box<npz::Packed<R>>),
    /// Lines of text.
    Text { source: R, layout: delimited::Layout },
    /// Unpacked, row by row.
    Memory(Vec<f32>),
}

/// What a file is by its first bytes.
enum Format {
    Npy,
    Npz,
    Tensors,
    Text,
}

impl<R: Read + Seek> TableReader<R> {
    /// Recognises a file and reads everything but its rows. `name` stands for it in messages.
    ///
    /// # Errors
    /// A [`TableError`] that names the file and what would be right.
    pub fn open(name: &str, source: R) -> Result<TableReader<R>, TableError> {
        TableReader::open_array(name, source, None)
    }

    /// As [`TableReader::open`]; `wanted` names the array that holds the embeddings, of a file with several.
    ///
    /// # Errors
    /// Also [`TableError::NoArray`] when the file has no such array.
    pub fn open_array(name: &str, mut source: R, wanted: Option<&str>) -> Result<TableReader<R>, TableError> {
        let length = source.seek(SeekFrom::End(0)).map_err(|error| TableError::io(name, &error))?;
        let format = sniff(name, &mut source, length)?;
        match (format, wanted) {
            (Format::Npz, _) => npz::open(name, source, wanted),
            (Format::Tensors, _) => tensors::open(name, source, length, wanted),
            (Format::Npy | Format::Text, Some(array)) => {
                let arrays = "one table without a name".to_owned();
                Err(TableError::NoArray { name: name.to_owned(), array: array.to_owned(), arrays })
            }
            (Format::Npy, None) => open_npy(name, source, length),
            (Format::Text, None) => delimited::open(name, source),
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.n, self.d)
    }

    /// The file, and the array inside.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The class of each row, if the file says.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// The other view of each row, if the file says.
    pub fn pairs(&self) -> Option<&[Option<u32>]> {
        self.pairs.as_deref()
    }

    /// What the reader should know, e.g. which columns were left out.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Takes labels of another file, see [`read_labels`].
    ///
    /// # Errors
    /// [`TableError::Mismatch`] when they are not one for each row.
    pub fn set_labels(&mut self, name: &str, labels: Labels) -> Result<(), TableError> {
        if labels.ids.len() != self.n {
            let (name, found) = (name.to_owned(), labels.ids.len() as u64);
            return Err(TableError::Mismatch { name, what: "labels", found, rows: self.n });
        }
        self.labels = Some(labels);
        Ok(())
    }

    /// Calls `visit(first row, rows: [k, d])` for all rows in order, about `rows_per_chunk` at a time (a chunk has at most
    /// 16 MiB); `Break` ends the pass. Returns how many rows were seen and how many of them can't be measured.
    ///
    /// # Errors
    /// A [`TableError`] for a value that is not a number, or a file that ends early.
    pub fn for_each_chunk(
        &mut self,
        rows_per_chunk: usize,
        mut visit: impl FnMut(usize, &[f32]) -> ControlFlow<()>,
    ) -> Result<RowCounts, TableError> {
        let (name, n, d) = (&self.name, self.n, self.d);
        let rows = chunk_rows(rows_per_chunk, n, d);
        let mut counts = RowCounts::default();
        let mut counted = |start: usize, values: &[f32]| {
            values.chunks_exact(d).for_each(|row| {
                counts.count(row);
            });
            visit(start, values)
        };
        match &mut self.body {
            Body::Raw { source, at, element, fortran: true } => {
                gather_rows(name, (n, d, *element), source, *at, rows, &mut counted)?;
            }
            Body::Raw { source, at, element, fortran: false } => {
                source.seek(SeekFrom::Start(*at)).map_err(|error| TableError::io(name, &error))?;
                stream_rows(name, (n, d, *element), source, rows, &mut counted)?;
            }
            Body::Packed(packed) => packed.stream(name, (n, d), rows, &mut counted)?,
            Body::Text { source, layout } => layout.stream(name, source, (d, rows), &mut counted)?,
            Body::Memory(values) => {
                for (chunk, values) in values.chunks(rows * d).enumerate() {
                    if counted(chunk * rows, values).is_break() {
                        break;
                    }
                }
            }
        }
        Ok(counts)
    }

    /// All rows, `[n, d]`.
    ///
    /// # Errors
    /// [`TableError::TooLarge`] above `limit` bytes, and those of [`TableReader::for_each_chunk`].
    pub fn read_all(&mut self, limit: u64) -> Result<Vec<f32>, TableError> {
        let needed = 4 * self.n as u64 * self.d as u64;
        if needed > limit {
            let remedy = "Save fewer rows, or read it in chunks.";
            return Err(TableError::TooLarge { name: self.name.clone(), needed, limit, remedy });
        }
        let mut all = Vec::new();
        self.for_each_chunk(usize::MAX, |_, rows| {
            all.extend_from_slice(rows);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }
}

/// The labels of a file that holds nothing else: a one-dimensional `.npy`, or a column of text.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn read_labels<R: Read + Seek>(name: &str, mut source: R) -> Result<Labels, TableError> {
    let length = source.seek(SeekFrom::End(0)).map_err(|error| TableError::io(name, &error))?;
    match sniff(name, &mut source, length)? {
        Format::Npy => {
            let (array, _) = npy_array(name, &mut source, length)?;
            let rows = array.shape.first().map_or(0, |n| usize::try_from(*n).unwrap_or(usize::MAX));
            array.read_labels(rows, &mut source)
        }
        Format::Text => delimited::read_labels(name, source),
        Format::Npz | Format::Tensors => {
            Err(TableError::Unknown { name: name.to_owned(), what: "an archive, not a list of labels" })
        }
    }
}

/// Recognises a format; the source stands at its start again.
fn sniff<R: Read + Seek>(name: &str, source: &mut R, length: u64) -> Result<Format, TableError> {
    let io = |error: std::io::Error| TableError::io(name, &error);
    let unknown = |what: &'static str| Err(TableError::Unknown { name: name.to_owned(), what });
    source.rewind().map_err(io)?;
    let mut start = Vec::new();
    source.by_ref().take(SNIFF).read_to_end(&mut start).map_err(io)?;
    source.rewind().map_err(io)?;
    if start.is_empty() {
        return Err(TableError::Empty(name.to_owned()));
    }
    if tensors::is_tensors(&start, length) {
        return Ok(Format::Tensors);
    }
    match start[..] {
        [0x1f, 0x8b, ..] => unknown("compressed (gzip)"),
        [0x89, b'H', b'D', b'F', ..] => unknown("an HDF5 file"),
        [b'P', b'A', b'R', b'1', ..] => unknown("a Parquet file"),
        [0x80, 2..=5, ..] => unknown("a Python pickle, which can run code when opened"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Ok(Format::Npz),
        _ if start.starts_with(npy::MAGIC) => Ok(Format::Npy),
        _ if start.contains(&0) => unknown("not a table that can be recognised"),
        _ => Ok(Format::Text),
    }
}

/// The array of a `.npy` file and where its data begin; the source stands there.
fn npy_array<R: Read>(name: &str, source: &mut R, length: u64) -> Result<(Array, u64), TableError> {
    let header = npy::read_header(name, source)?;
    let array = Array {
        label: name.to_owned(),
        name: name.to_owned(),
        element: header.element(name),
        shape: header.shape,
        fortran: header.fortran,
        available: length.saturating_sub(header.length),
    };
    Ok((array, header.length))
}

fn open_npy<R: Read + Seek>(name: &str, mut source: R, length: u64) -> Result<TableReader<R>, TableError> {
    let (array, at) = npy_array(name, &mut source, length)?;
    let (n, d, element) = array.as_table()?;
    let body = Body::Raw { source, at, element, fortran: array.fortran };
    Ok(TableReader { name: name.to_owned(), n, d, labels: None, pairs: None, notes: Vec::new(), body })
}

#[cfg(test)]
mod tests;
