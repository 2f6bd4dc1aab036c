//! An array of a zip archive that is unpacked as its rows are read.

use std::cell::Cell;
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::element::Element;
use super::error::TableError;
use super::npy::read_header;
use super::rows::{Rows, Visit};

/// A deflated array.
pub struct Packed<R> {
    pub(super) archive: ZipArchive<R>,
    pub(super) entry: usize,
    pub(super) element: Element,
}

impl<R: Read + Seek> Packed<R> {
    /// Streams the rows, unpacking from the start.
    pub fn stream(
        &mut self,
        label: &str,
        (n, d): (usize, usize),
        rows: usize,
        lost: &Cell<(u64, u64)>,
        visit: Visit<'_>,
    ) -> Result<(), TableError> {
        let mut data = data_of(&mut self.archive, self.entry, label)?;
        Rows { label, n, d, element: self.element, headed: false, lost }.stream(&mut data, rows, visit)
    }
}

/// A reader at an array's data.
pub fn data_of<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    entry: usize,
    label: &str,
) -> Result<impl Read + use<'a, R>, TableError> {
    let mut file = archive.by_index(entry).map_err(|error| of_archive(label, &error))?;
    read_header(label, &mut file)?;
    Ok(file)
}

/// What is wrong with an archive.
pub fn of_archive(name: &str, error: &zip::result::ZipError) -> TableError {
    TableError::malformed(name, ".npz", error.to_string().trim_end_matches('.'))
}
