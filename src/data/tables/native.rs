//! Tables from paths: the only place that opens files.

use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::path::Path;

use super::error::TableError;
use super::labels::Labels;
use super::open::read_labels_for;
use super::reader::TableReader;
use super::wanted::Wanted;

/// Opens a file of embeddings; `wanted` says what to take, of a file with several tables. `-` is standard input.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn open(path: &Path, wanted: &Wanted) -> Result<TableReader<BufReader<File>>, TableError> {
    TableReader::open_as(&title(path), file(path)?, wanted)
}

/// Reads a file of labels for a table of so many rows.
///
/// # Errors
/// A [`TableError`] that names the file and what would be right.
pub fn labels(path: &Path, rows: usize, wanted: &Wanted) -> Result<Labels, TableError> {
    read_labels_for(&title(path), file(path)?, Some(rows), wanted)
}

fn title(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn file(path: &Path) -> Result<BufReader<File>, TableError> {
    let io = |error: io::Error| TableError::io(&title(path), &error);
    let buffered = |file: File| BufReader::with_capacity(1 << 18, file);
    if is_standard_input(path) {
        return kept(&mut io::stdin().lock()).map(buffered).map_err(io);
    }
    let mut file = File::open(path).map_err(io)?;
    let kind = file.metadata().map_err(io)?.file_type();
    if kind.is_dir() {
        let (what, way_out) = ("a folder".to_owned(), "Name the file in it that holds the embeddings.".to_owned());
        return Err(TableError::Unknown { name: title(path), what, way_out });
    }
    // A pipe can't be read twice, which the readers need.
    if kind.is_file() { Ok(buffered(file)) } else { kept(&mut file).map(buffered).map_err(io) }
}

/// A stream as a file that goes when it is closed.
fn kept(stream: &mut dyn io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(stream, &mut file)?;
    file.rewind()?;
    Ok(file)
}
