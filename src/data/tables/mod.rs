//! Embeddings from files: `.npy`, `.npz`, text in any dialect, JSON, `.safetensors` and `.fvecs`, also within gzip or a zip
//! archive, with labels, pairs and names if the file has them.
//!
//! A file is anything that can be read and sought (a native file, bytes in memory, a browser's blob). It is recognised by
//! its contents, its sizes are checked before anything is allocated, and its rows are read in chunks, so a file may be
//! larger than the memory. What was taken for what is said ([`TableReader::account`]); what can't be read is refused with the
//! file's name and the way out. Labels and pairs are optional: the norms are shown without them, with a note.
//!
//! ```text
//! source -> TableReader::open -> account, shape, labels, pairs -> for_each_chunk -> (first row, [rows, d])
//! ```

mod arrays;
mod columns;
mod delimited;
mod element;
mod encoding;
mod error;
mod json;
mod labels;
mod layout;
mod lines;
mod npy;
mod npz;
mod source;
mod tensors;
mod vectors;
mod writer;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

pub use error::TableError;
pub use labels::Labels;
pub use writer::{ArmsFile, EmbeddingsFile};

use crate::data::account::Account;
use crate::data::what::{self, Kind, What};
use crate::metrics::rows::RowCounts;
use arrays::{Array, Chosen, Rows, Views, accompany, chunk_rows};
use element::Element;
use source::{Packing, Source};

/// What the caller asks for, of a file that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The array, the column of vectors, or the file of an archive that holds the embeddings.
    pub array: Option<String>,
    /// The array or the column (its name, or its number from 1) that holds the labels.
    pub labels: Option<String>,
}

/// A table of embeddings whose rows are read in chunks: `[n, d]`.
pub struct TableReader<R> {
    name: String,
    n: usize,
    d: usize,
    labels: Option<Labels>,
    pairs: Option<Vec<Option<u32>>>,
    names: Option<Vec<String>>,
    account: Account,
    notes: Vec<String>,
    /// Names of all tables of the file, where there are several.
    tables: Vec<String>,
    /// Rows that are two views of a sample.
    views: Option<Views>,
    /// Values that f32 can't hold, too large and too small: seen in the last pass, and known from the start.
    lost: (u64, u64),
    known_lost: (u64, u64),
    body: Body<R>,
}

/// Where the rows are.
enum Body<R> {
    /// Numbers one after the other, from byte `at`; `headed` when each row begins with its size.
    Raw { source: Source<R>, at: u64, element: Element, fortran: bool, headed: bool },
    /// A deflated array of an archive.
    Packed(Box<npz::Packed<Source<R>>>),
    /// Lines of text.
    Text { source: Source<R>, layout: layout::Layout },
    /// Unpacked, row by row.
    Memory(Vec<f32>),
}

impl<R: Read + Seek> TableReader<R> {
    /// Recognises a file and reads everything but its rows. `name` stands for it in messages.
    ///
    /// # Errors
    /// A [`TableError`] that names the file and what would be right.
    pub fn open(name: &str, source: R) -> Result<TableReader<R>, TableError> {
        TableReader::open_as(name, source, &Wanted::default())
    }

    /// As [`TableReader::open`]; `wanted` names the array that holds the embeddings, of a file with several.
    ///
    /// # Errors
    /// Also [`TableError::NoArray`] when the file has no such array.
    pub fn open_array(name: &str, source: R, wanted: Option<&str>) -> Result<TableReader<R>, TableError> {
        TableReader::open_as(name, source, &Wanted { array: wanted.map(str::to_owned), labels: None })
    }

    /// As [`TableReader::open`], of a file that has several tables or possible labels.
    ///
    /// # Errors
    /// Also [`TableError::NoArray`] when the file has no such array or column.
    pub fn open_as(name: &str, source: R, wanted: &Wanted) -> Result<TableReader<R>, TableError> {
        let Opened { name, mut source, what, length, notes, wanted } = unpack(name, source, wanted)?;
        let mut reader = match (what.kind, wanted.array.as_deref()) {
            (Kind::Npz, _) => npz::open(&name, source, &wanted)?,
            (Kind::Tensors, _) => tensors::open(&name, source, length, &wanted)?,
            (Kind::Text, _) => delimited::open(&name, source, &wanted)?,
            (Kind::Json, _) => json::open(&name, &mut source, length, &wanted)?.into_reader(&name),
            (Kind::Npy | Kind::Fvecs | Kind::Ivecs | Kind::Bvecs, Some(array)) => {
                let arrays = "one table without a name".to_owned();
                return Err(TableError::NoArray { name, array: array.to_owned(), arrays });
            }
            (Kind::Npy, None) => open_npy(&name, source, length)?,
            (Kind::Fvecs | Kind::Ivecs | Kind::Bvecs, None) => vectors::open(&name, source, length, what.kind)?,
            _ => return Err(refusal(name, what)),
        };
        reader.notes.splice(0..0, notes);
        reader.account = reader.account.tell();
        Ok(reader)
    }

    fn new(name: &str, (n, d): (usize, usize), account: Account, body: Body<R>) -> TableReader<R> {
        TableReader {
            name: name.to_owned(),
            n,
            d,
            labels: None,
            pairs: None,
            names: None,
            account,
            notes: Vec::new(),
            tables: Vec::new(),
            views: None,
            lost: (0, 0),
            known_lost: (0, 0),
            body,
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

    /// What each row is called, if the file says.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// What was taken for what.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What the reader should know besides the account.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Says something besides.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Rows, with two views of a sample counted once: as many labels there should be.
    pub fn samples(&self) -> usize {
        if self.views.is_some() { self.n / 2 } else { self.n }
    }

    /// Values that f32 can't hold: so many too large, so many too small; complete after a whole pass.
    pub fn out_of_range(&self) -> (u64, u64) {
        (self.lost.0 + self.known_lost.0, self.lost.1 + self.known_lost.1)
    }

    /// Of a format whose numbers were all looked at when it was opened.
    fn know_range(&mut self, over: u64, under: u64) {
        self.known_lost = (over, under);
        self.notes.extend(range_notes(over, under));
    }

    /// What only the rows show; complete after a whole pass.
    pub fn late_notes(&self) -> Vec<String> {
        range_notes(self.lost.0, self.lost.1)
    }

    /// Names of all tables of the file, where there are several; [`Wanted::array`] chooses.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Takes labels of another file, see [`read_labels`].
    ///
    /// # Errors
    /// [`TableError::Mismatch`] when they are not one for each row.
    pub fn set_labels(&mut self, name: &str, labels: Labels) -> Result<(), TableError> {
        if labels.ids.len() != self.n && labels.ids.len() != self.samples() {
            let (name, found) = (name.to_owned(), labels.ids.len() as u64);
            return Err(TableError::Mismatch { name, what: "labels", found, rows: self.samples() });
        }
        let labels = labels.repeated(self.views, self.n);
        if !labels::few_enough(labels.classes.len(), self.n as u64) {
            self.notes.push(format!(
                "The labels of {name} were not used: nearly every one is another, so they are no classes."
            ));
            return Ok(());
        }
        self.account.labels =
            Some(labels.column.as_ref().map_or(name.to_owned(), |column| format!("{column} of {name}")));
        self.account.classes = labels.classes.len();
        self.account = std::mem::take(&mut self.account).tell();
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
        let lost = Cell::default();
        let raw = |element: Element, headed: bool| Rows { label: name, n, d, element, headed, lost: &lost };
        match &mut self.body {
            Body::Raw { source, at, element, fortran: true, .. } => {
                raw(*element, false).gather(source, *at, rows, &mut counted)?;
            }
            Body::Raw { source, at, element, fortran: false, headed } => {
                source.seek(SeekFrom::Start(*at)).map_err(|error| TableError::io(name, &error))?;
                raw(*element, *headed).stream(source, rows, &mut counted)?;
            }
            Body::Packed(packed) => packed.stream(name, (n, d), rows, &lost, &mut counted)?,
            Body::Text { source, layout } => layout.stream(name, source, (d, rows), &mut counted)?,
            Body::Memory(values) => {
                for (chunk, values) in values.chunks(rows * d).enumerate() {
                    if counted(chunk * rows, values).is_break() {
                        break;
                    }
                }
            }
        }
        self.lost = lost.get();
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

/// The labels of a file that holds nothing else: an array, a column of text, a list.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn read_labels<R: Read + Seek>(name: &str, source: R) -> Result<Labels, TableError> {
    read_labels_for(name, source, None, &Wanted::default())
}

/// As [`read_labels`] for a table of so many rows, which tells a header from a label, and the column or array `wanted`.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn read_labels_for<R: Read + Seek>(
    name: &str,
    source: R,
    rows: Option<usize>,
    wanted: &Wanted,
) -> Result<Labels, TableError> {
    let only_labels = Wanted { array: None, labels: wanted.labels.clone() };
    let Opened { name, mut source, what, length, .. } = unpack(name, source, &only_labels)?;
    match what.kind {
        Kind::Npy => npy_array(&name, &mut source, length)?.0.read_labels(rows, &mut source),
        Kind::Text => delimited::read_labels(&name, source, rows.map(|rows| rows as u64), &only_labels),
        Kind::Npz => npz::read_labels(&name, source, rows, &only_labels),
        Kind::Tensors => tensors::read_labels(&name, source, length, rows, &only_labels),
        Kind::Json => json::read_labels(&name, &mut source, length),
        _ => Err(refusal(name, what)),
    }
}

/// A file that is no archive any more.
struct Opened<R> {
    name: String,
    source: Source<R>,
    what: What,
    length: u64,
    notes: Vec<String>,
    wanted: Wanted,
}

/// Recognises a file; takes it out of gzip or of a zip archive.
fn unpack<R: Read + Seek>(name: &str, source: R, wanted: &Wanted) -> Result<Opened<R>, TableError> {
    let (mut name, mut source, mut wanted) = (name.to_owned(), Source::Plain(source), wanted.clone());
    let (mut what, mut length) = look(&name, &mut source)?;
    let mut notes = Vec::new();
    match (what.kind, source) {
        (Kind::Gzip, Source::Plain(inner)) => {
            let unpacked = Source::unpack(inner, Packing::Gzip, 0, length);
            source = unpacked.map_err(|error| TableError::malformed(&name, ".gz", error.to_string()))?;
            notes.push("The file was unpacked (gzip).".to_owned());
            (what, length) = look(name.trim_end_matches(".gz"), &mut source)?;
        }
        (Kind::Zip, Source::Plain(inner)) => {
            (name, source) = npz::member(&name, inner, wanted.array.as_deref())?;
            notes.push("The file was unpacked (zip).".to_owned());
            if wanted.array.as_ref().is_some_and(|array| name.ends_with(array.as_str())) {
                wanted.array = None;
            }
            (what, length) = look(&name, &mut source)?;
        }
        (_, other) => source = other,
    }
    Ok(Opened { name, source, what, length, notes, wanted })
}

/// What a file is, and its length; the source stands at its start again.
fn look<R: Read + Seek>(name: &str, source: &mut Source<R>) -> Result<(What, u64), TableError> {
    let io = |error: std::io::Error| TableError::io(name, &error);
    let length = source.seek(SeekFrom::End(0)).map_err(io)?;
    source.rewind().map_err(io)?;
    let (mut start, mut end) = (Vec::new(), Vec::new());
    source.by_ref().take(what::LOOK as u64).read_to_end(&mut start).map_err(io)?;
    // The end of a zip archive has its names, that of a pickle a point.
    if matches!(start.first(), Some(b'P' | 0x80 | b'(' | b'c')) {
        source.seek(SeekFrom::Start(length.saturating_sub(what::LOOK as u64))).map_err(io)?;
        source.by_ref().take(what::LOOK as u64).read_to_end(&mut end).map_err(io)?;
    }
    source.rewind().map_err(io)?;
    Ok((what::what_is(&start, &end, length, name), length))
}

fn refusal(name: String, what: What) -> TableError {
    match what.kind {
        Kind::Empty => TableError::Empty(name),
        _ => TableError::Unknown { name, what: what.phrase, way_out: what.way_out },
    }
}

/// What to say of values that f32 can't hold: so many too large, so many too small.
fn range_notes(over: u64, under: u64) -> Vec<String> {
    let note = |count: u64, what: &str, as_what: &str| {
        let (values, count_as) = if count == 1 { ("value is", "counts") } else { ("values are", "count") };
        (count > 0).then(|| {
            format!("{count} {values} {what} and {count_as} as {as_what}: scale the embeddings before saving.")
        })
    };
    let over = note(over, "too large for 32-bit floats (above 3.4e38)", "infinite");
    over.into_iter().chain(note(under, "too small for 32-bit floats", "zero")).collect()
}

/// The array of a `.npy` file, where its data begin, and what should be known; the source stands there.
fn npy_array<R: Read>(name: &str, source: &mut R, length: u64) -> Result<(Array, u64, Option<String>), TableError> {
    let header = npy::read_header(name, source)?;
    let note = header.note();
    let array = Array {
        label: name.to_owned(),
        name: name.to_owned(),
        element: header.element(name),
        shape: header.shape,
        fortran: header.fortran,
        available: length.saturating_sub(header.length),
    };
    Ok((array, header.length, note))
}

fn open_npy<R: Read + Seek>(name: &str, mut source: Source<R>, length: u64) -> Result<TableReader<R>, TableError> {
    let (array, at, note) = npy_array(name, &mut source, length)?;
    let view = array.as_table()?;
    let surplus = array.surplus();
    let body = Body::Raw { source, at, element: view.element, fortran: array.fortran, headed: false };
    let mut reader = TableReader::new(name, (view.n, view.d), Account::default(), body);
    reader.notes.extend(note);
    accompany(&mut reader, &[array], Chosen::default(), &view, ".npy", &mut |_, _| Ok(()));
    if surplus > 0 {
        reader.notes.push(format!("The file has {surplus} bytes more than its header speaks of; they were left out."));
    }
    Ok(reader)
}

#[cfg(test)]
mod tests;
