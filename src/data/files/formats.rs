//! Binary formats of well-known data sets: each is asked whether a file is its own.

use super::block::Found;
use super::unpack::Entry;
use super::{cifar, idx, stl};
use crate::data::file_error::FileError;

/// Reads a file of a known format into `found`; whether it is one.
pub fn read<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    Ok(idx::read(entry, found, notes)? || stl::read(entry, found) || cifar::read(entry, found, notes)?)
}

/// Whether a file holds labels only.
pub fn is_labels(entry: &Entry<'_>) -> bool {
    idx::is_labels(&entry.bytes) || stl::is_labels(entry)
}
