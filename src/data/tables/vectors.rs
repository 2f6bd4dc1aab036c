//! `.fvecs`, `.ivecs` and `.bvecs`: rows of float32, int32 or bytes, each with its size before it (little-endian, four bytes).

use std::io::{Read, Seek};

use super::element::{Element, Kind};
use super::error::{MAX_COLUMNS, TableError};
use super::reader::{Body, TableReader};
use super::source::Source;
use crate::data::account::Account;
use crate::data::what;

/// Opens a file whose rows begin with their size.
pub fn open<R: Read + Seek>(
    name: &str,
    mut source: Source<R>,
    length: u64,
    kind: what::Kind,
) -> Result<TableReader<R>, TableError> {
    let mut head = [0; 4];
    source.read_exact(&mut head).map_err(|error| TableError::io(name, &error))?;
    let d = u32::from_le_bytes(head) as usize;
    if d == 0 || d > MAX_COLUMNS {
        return Err(TableError::TooWide { name: name.to_owned(), columns: d as u64 });
    }
    let (kind, format) = match kind {
        what::Kind::Bvecs => (Kind::U8, ".bvecs"),
        what::Kind::Ivecs => (Kind::I32, ".ivecs"),
        _ => (Kind::F32, ".fvecs"),
    };
    let element = Element { kind, big_endian: false };
    let row = 4 + d as u64 * element.size().unwrap_or(1) as u64;
    let n = usize::try_from(length / row).map_err(|_| TableError::malformed(name, format, "it has too many rows"))?;
    let account =
        Account { format: format.to_owned(), rows: n, coordinates: d, from: element.name(), ..Account::default() };
    Ok(TableReader::new(name, (n, d), account, Body::Raw { source, at: 0, element, fortran: false, headed: true }))
}
