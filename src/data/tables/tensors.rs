//! `.safetensors`: an 8-byte length, a JSON header of types, shapes and offsets, then the data (little-endian, rows).
//!
//! The header is parsed and its offsets are checked by the `safetensors` crate; the data are read in place.

use std::io::{Read, Seek, SeekFrom};

use safetensors::Dtype;
use safetensors::tensor::Metadata;

use super::accompany::accompany;
use super::array::Array;
use super::arrays::{choose, listed};
use super::element::{Element, Kind};
use super::error::TableError;
use super::labels::Labels;
use super::names::{LABEL_NAMES, known};
use super::reader::{Body, TableReader};
use super::source::Source;
use super::wanted::Wanted;
use crate::data::account::Account;

/// Longest header that is read; one of embeddings has a few hundred bytes.
const MAX_HEADER: u64 = 4 << 20;

/// Ends of names that layers give their weights.
const WEIGHTS: [&str; 6] = ["weight", "kernel", "bias", "weights", "running_mean", "running_var"];

/// Opens a file: reads its header, the labels and the pairs.
pub fn open<R: Read + Seek>(
    name: &str,
    mut source: Source<R>,
    length: u64,
    wanted: &Wanted,
) -> Result<TableReader<R>, TableError> {
    let (metadata, data, surplus) = read_metadata(name, &mut source, length)?;
    let arrays: Vec<Array> = metadata.offset_keys().iter().map(|key| array(name, key, &metadata)).collect();
    let offset = |at: usize| data + metadata.info(&arrays[at].name).map_or(0, |info| info.data_offsets.0 as u64);
    let chosen = choose(name, &arrays, wanted)?;
    let table = &arrays[chosen.table];
    let last = table.name.rsplit(['.', '/']).next().unwrap_or_default();
    if wanted.array.is_none() && WEIGHTS.contains(&last) {
        // Rows of weights are no samples: they are read only by their name.
        let arrays = format!("{}, which looks like the weights of a model, not its outputs", listed(&arrays));
        return Err(TableError::NoEmbeddings { name: name.to_owned(), arrays, names: vec![table.name.clone()] });
    }
    let (view, at) = (table.as_table()?, offset(chosen.table));
    let mut reader = TableReader::new(&table.label, (view.n, view.d), Account::default(), Body::Memory(Vec::new()));
    accompany(&mut reader, &arrays, chosen, &view, ".safetensors", &mut |at, visit| {
        visit(go_to(name, &mut source, offset(at))?)
    });
    if surplus > 0 {
        reader.notes.push(format!("The file has {surplus} bytes more than its header speaks of; they were left out."));
    }
    reader.body = Body::Raw { source, at, element: view.element, fortran: false, headed: false };
    Ok(reader)
}

/// The labels of a file that holds nothing else: its only one-dimensional tensor, or the one named so.
pub fn read_labels<R: Read + Seek>(
    name: &str,
    mut source: Source<R>,
    length: u64,
    rows: Option<usize>,
    wanted: &Wanted,
) -> Result<Labels, TableError> {
    let (metadata, data, _) = read_metadata(name, &mut source, length)?;
    let arrays: Vec<Array> = metadata.offset_keys().iter().map(|key| array(name, key, &metadata)).collect();
    let asked = wanted.labels.as_ref().and_then(|wanted| arrays.iter().position(|array| array.name == *wanted));
    let named = || known(&LABEL_NAMES, arrays.iter().map(|array| array.name.to_lowercase()));
    let Some(at) = asked.or_else(named).or((arrays.len() == 1).then_some(0)) else {
        return Err(TableError::NoLabels { name: name.to_owned(), columns: listed(&arrays) });
    };
    let offset = data + metadata.info(&arrays[at].name).map_or(0, |info| info.data_offsets.0 as u64);
    arrays[at].read_labels(rows, go_to(name, &mut source, offset)?)
}

fn go_to<'a, R: Read + Seek>(name: &str, source: &'a mut R, at: u64) -> Result<&'a mut R, TableError> {
    source.seek(SeekFrom::Start(at)).map_err(|error| TableError::io(name, &error))?;
    Ok(source)
}

/// The header, where the data begin, and how many bytes follow them.
fn read_metadata<R: Read + Seek>(name: &str, source: &mut R, length: u64) -> Result<(Metadata, u64, u64), TableError> {
    let bad = |reason: String| TableError::malformed(name, ".safetensors", reason);
    let mut read = |n: usize| {
        let mut bytes = vec![0; n];
        source.read_exact(&mut bytes).map(|()| bytes).map_err(|error| TableError::io(name, &error))
    };
    let size = read(8)?.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    if size > MAX_HEADER || size > length.saturating_sub(8) {
        return Err(bad(format!("its header should have {size} bytes")));
    }
    let metadata: Metadata = serde_json::from_slice(&read(size as usize)?).map_err(|error| bad(error.to_string()))?;
    let (expected, found) = (metadata.data_len() as u64, length - 8 - size);
    if expected > found {
        return Err(TableError::Truncated { name: name.to_owned(), expected, found });
    }
    Ok((metadata, 8 + size, found - expected))
}

fn array(file: &str, key: &str, metadata: &Metadata) -> Array {
    let label = format!("{file}: {key}");
    // The key comes from the same header.
    let info = metadata.info(key);
    let shape = info.map_or(&[][..], |info| &info.shape).iter().map(|size| *size as u64).collect();
    let available = info.map_or(0, |info| (info.data_offsets.1 - info.data_offsets.0) as u64);
    let element = match info.map(|info| info.dtype) {
        Some(dtype) => kind(dtype)
            .map(|kind| Element { kind, big_endian: false })
            .ok_or_else(|| TableError::NotNumbers { name: label.clone(), found: format!("{dtype:?}") }),
        None => Err(TableError::Empty(label.clone())),
    };
    Array { label, name: key.to_owned(), shape, fortran: false, element, available }
}

fn kind(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::BOOL => Kind::Bool,
        Dtype::U8 => Kind::U8,
        Dtype::I8 => Kind::I8,
        Dtype::U16 => Kind::U16,
        Dtype::I16 => Kind::I16,
        Dtype::F16 => Kind::F16,
        Dtype::BF16 => Kind::BF16,
        Dtype::U32 => Kind::U32,
        Dtype::I32 => Kind::I32,
        Dtype::F32 => Kind::F32,
        Dtype::U64 => Kind::U64,
        Dtype::I64 => Kind::I64,
        Dtype::F64 => Kind::F64,
        _ => return None,
    })
}
