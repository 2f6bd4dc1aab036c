//! A table of embeddings: what is known of it, and its rows in chunks.

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use super::element::Element;
use super::error::TableError;
use super::labels::{Labels, few_enough};
use super::layout::Layout;
use super::packed::Packed;
use super::rows::{Rows, chunk_rows};
use super::source::Source;
use super::views::Views;
use crate::data::account::Account;
use crate::metrics::rows::RowCounts;

/// A table of embeddings whose rows are read in chunks: `[n, d]`.
pub struct TableReader<R> {
    pub(super) name: String,
    n: usize,
    d: usize,
    pub(super) labels: Option<Labels>,
    pub(super) pairs: Option<Vec<Option<u32>>>,
    pub(super) names: Option<Vec<String>>,
    pub(super) account: Account,
    pub(super) notes: Vec<String>,
    /// Names of all tables of the file, where there are several.
    pub(super) tables: Vec<String>,
    /// Rows that are two views of a sample.
    pub(super) views: Option<Views>,
    /// Values that f32 can't hold, too large and too small: seen in the last pass, and known from the start.
    lost: (u64, u64),
    known_lost: (u64, u64),
    pub(super) body: Body<R>,
}

/// Where the rows are.
pub enum Body<R> {
    /// Numbers one after the other, from byte `at`; `headed` when each row begins with its size.
    Raw { source: Source<R>, at: u64, element: Element, fortran: bool, headed: bool },
    /// A deflated array of an archive.
    Packed(Box<Packed<Source<R>>>),
    /// Lines of text.
    Text { source: Source<R>, layout: Layout },
    /// Unpacked, row by row.
    Memory(Vec<f32>),
}

impl<R: Read + Seek> TableReader<R> {
    /// A reader without labels, pairs and names.
    pub(super) fn new(name: &str, (n, d): (usize, usize), account: Account, body: Body<R>) -> TableReader<R> {
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
    pub(super) fn know_range(&mut self, over: u64, under: u64) {
        self.known_lost = (over, under);
        self.notes.extend(range_notes(over, under));
    }

    /// What only the rows show; complete after a whole pass.
    pub fn late_notes(&self) -> Vec<String> {
        range_notes(self.lost.0, self.lost.1)
    }

    /// Names of all tables of the file, where there are several; `Wanted::array` chooses.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Takes labels of another file, see [`super::read_labels`].
    ///
    /// # Errors
    /// [`TableError::Mismatch`] when they are not one for each row.
    pub fn set_labels(&mut self, name: &str, labels: Labels) -> Result<(), TableError> {
        if labels.ids.len() != self.n && labels.ids.len() != self.samples() {
            let (name, found) = (name.to_owned(), labels.ids.len() as u64);
            return Err(TableError::Mismatch { name, what: "labels", found, rows: self.samples() });
        }
        let labels = labels.repeated(self.views, self.n);
        if !few_enough(labels.classes.len(), self.n as u64) {
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
