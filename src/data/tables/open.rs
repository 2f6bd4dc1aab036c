//! Opening a file: what it is by its contents, out of its archive, to the reader of its format.

use std::io::{Read, Seek, SeekFrom};

use super::accompany::accompany;
use super::array::Array;
use super::arrays::Chosen;
use super::error::TableError;
use super::labels::Labels;
use super::reader::{Body, TableReader};
use super::source::{Packing, Source};
use super::wanted::Wanted;
use super::{delimited, json, npy, npz, tensors, vectors};
use crate::data::account::Account;
use crate::data::what::{self, Kind, What};

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
