//! Tables from paths: the only place that opens files.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::{Labels, TableError, TableReader, read_labels};

/// Opens a file of embeddings; `array` names the one to read, of a file with several.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn open(path: &Path, array: Option<&str>) -> Result<TableReader<BufReader<File>>, TableError> {
    TableReader::open_array(&path.display().to_string(), file(path)?, array)
}

/// Reads a file of labels.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn labels(path: &Path) -> Result<Labels, TableError> {
    read_labels(&path.display().to_string(), file(path)?)
}

fn file(path: &Path) -> Result<BufReader<File>, TableError> {
    let opened = File::open(path).map(|file| BufReader::with_capacity(1 << 18, file));
    opened.map_err(|error| TableError::io(&path.display().to_string(), &error))
}
