//! `.safetensors`: an 8-byte length, a JSON header of types, shapes and offsets, then the data (little-endian, rows).
//!
//! The header is parsed and its offsets are checked by the `safetensors` crate; the data are read in place.

use std::io::{Read, Seek, SeekFrom};

use safetensors::Dtype;
use safetensors::tensor::Metadata;

use super::arrays::{Array, choose};
use super::element::{Element, Kind};
use super::error::TableError;
use super::{Body, TableReader};

/// Longest header that is read; one of embeddings has a few hundred bytes.
const MAX_HEADER: u64 = 4 << 20;

/// Whether a file's first bytes look like this format: a length and an opening brace.
pub fn is_tensors(start: &[u8], length: u64) -> bool {
    let Some((size, rest)) = start.split_first_chunk::<8>() else { return false };
    rest.first() == Some(&b'{') && u64::from_le_bytes(*size) <= length
}

/// Opens a file: reads its header, the labels and the pairs. `wanted` names the embeddings' tensor.
pub fn open<R: Read + Seek>(
    name: &str,
    mut source: R,
    length: u64,
    wanted: Option<&str>,
) -> Result<TableReader<R>, TableError> {
    let (metadata, data) = read_metadata(name, &mut source, length)?;
    let arrays: Vec<Array> = metadata.offset_keys().iter().map(|key| array(name, key, &metadata)).collect();
    let offset = |at: usize| data + metadata.info(&arrays[at].name).map_or(0, |info| info.data_offsets.0 as u64);
    let chosen = choose(name, &arrays, wanted)?;
    let (n, d, element) = arrays[chosen.table].as_table()?;
    let mut labels = None;
    if let Some(at) = chosen.labels {
        labels = Some(arrays[at].read_labels(n, go_to(name, &mut source, offset(at))?)?);
    }
    let mut pairs = None;
    if let Some(at) = chosen.pairs {
        pairs = Some(arrays[at].read_pairs(n, go_to(name, &mut source, offset(at))?)?);
    }
    let body = Body::Raw { source, at: offset(chosen.table), element, fortran: false };
    Ok(TableReader {
        name: arrays[chosen.table].label.clone(),
        n,
        d,
        labels,
        pairs,
        notes: chosen.note.into_iter().collect(),
        body,
    })
}

fn go_to<'a, R: Read + Seek>(name: &str, source: &'a mut R, at: u64) -> Result<&'a mut R, TableError> {
    source.seek(SeekFrom::Start(at)).map_err(|error| TableError::io(name, &error))?;
    Ok(source)
}

/// The header and where the data begin.
fn read_metadata<R: Read + Seek>(name: &str, source: &mut R, length: u64) -> Result<(Metadata, u64), TableError> {
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
    Ok((metadata, 8 + size))
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
