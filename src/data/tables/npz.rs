//! `.npz`: a zip archive of `.npy` files, as `np.savez` (stored) and `np.savez_compressed` (deflated) write it.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use zip::{CompressionMethod, ZipArchive};

use super::arrays::{Array, Visit, choose, stream_rows};
use super::element::Element;
use super::error::TableError;
use super::npy::read_header;
use super::{Body, TableReader};

/// Most arrays that are looked at.
const MAX_ENTRIES: usize = 1000;
/// Deflate can't do better than 1032 : 1, so an archive that claims more is lying about its sizes.
const MAX_RATIO: u64 = 1040;
/// Most bytes of a compressed Fortran-ordered array, which has to be unpacked whole.
const MAX_UNPACKED: u64 = 256 << 20;

/// An array of an archive that is unpacked as it is read.
pub struct Packed<R> {
    archive: ZipArchive<R>,
    entry: usize,
    element: Element,
}

impl<R: Read + Seek> Packed<R> {
    /// Streams the rows, unpacking from the start.
    pub fn stream(
        &mut self,
        label: &str,
        (n, d): (usize, usize),
        rows: usize,
        visit: Visit<'_>,
    ) -> Result<(), TableError> {
        let mut data = data_of(&mut self.archive, self.entry, label)?;
        stream_rows(label, (n, d, self.element), &mut data, rows, visit)
    }
}

/// Opens an archive: reads the headers of its arrays, the labels and the pairs. `wanted` names the embeddings' array.
pub fn open<R: Read + Seek>(name: &str, source: R, wanted: Option<&str>) -> Result<TableReader<R>, TableError> {
    let mut archive = ZipArchive::new(source).map_err(|error| of_archive(name, &error))?;
    let (arrays, entries) = list(name, &mut archive)?;
    let chosen = choose(name, &arrays, wanted)?;
    let (n, d, _) = arrays[chosen.table].as_table()?;
    let mut labels = None;
    if let Some(at) = chosen.labels {
        labels = Some(arrays[at].read_labels(n, &mut data_of(&mut archive, entries[at], &arrays[at].label)?)?);
    }
    let mut pairs = None;
    if let Some(at) = chosen.pairs {
        pairs = Some(arrays[at].read_pairs(n, &mut data_of(&mut archive, entries[at], &arrays[at].label)?)?);
    }
    let body = body(archive, entries[chosen.table], &arrays[chosen.table])?;
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

/// The arrays of an archive and their entries.
fn list<R: Read + Seek>(name: &str, archive: &mut ZipArchive<R>) -> Result<(Vec<Array>, Vec<usize>), TableError> {
    let (mut arrays, mut entries) = (Vec::new(), Vec::new());
    for entry in 0..archive.len().min(MAX_ENTRIES) {
        let mut file = archive.by_index(entry).map_err(|error| of_archive(name, &error))?;
        let path = file.name().map_err(|error| of_archive(name, &error))?.into_owned();
        if path.ends_with("data.pkl") {
            return Err(TableError::Unknown { name: name.to_owned(), what: "a PyTorch checkpoint (torch.save)" });
        }
        let Some(array) = path.strip_suffix(".npy") else { continue };
        let label = format!("{name}: {array}");
        if file.size() > MAX_RATIO.saturating_mul(file.compressed_size()).saturating_add(4096) {
            return Err(TableError::malformed(&label, ".npz", "it claims to unpack to more than is possible"));
        }
        let header = read_header(&label, &mut file)?;
        arrays.push(Array {
            element: header.element(&label),
            name: array.to_owned(),
            shape: header.shape,
            fortran: header.fortran,
            available: file.size().saturating_sub(header.length),
            label,
        });
        entries.push(entry);
    }
    Ok((arrays, entries))
}

/// A reader at an array's data.
fn data_of<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    entry: usize,
    label: &str,
) -> Result<impl Read + use<'a, R>, TableError> {
    let mut file = archive.by_index(entry).map_err(|error| of_archive(label, &error))?;
    read_header(label, &mut file)?;
    Ok(file)
}

/// How the rows are read: a stored array in place, a deflated one as it unpacks.
fn body<R: Read + Seek>(mut archive: ZipArchive<R>, entry: usize, array: &Array) -> Result<Body<R>, TableError> {
    let (n, d, element) = array.as_table()?;
    let mut file = archive.by_index(entry).map_err(|error| of_archive(&array.label, &error))?;
    let stored_at = (file.compression() == CompressionMethod::Stored && file.size() == file.compressed_size())
        .then(|| file.data_start())
        .flatten();
    if let Some(start) = stored_at {
        let at = start + read_header(&array.label, &mut file)?.length;
        drop(file);
        return Ok(Body::Raw { source: archive.into_inner(), at, element, fortran: array.fortran });
    }
    drop(file);
    if !array.fortran {
        return Ok(Body::Packed(Box::new(Packed { archive, entry, element })));
    }
    // Rows are spread over the whole array, and a compressed one can't be read at will.
    let needed = (n as u64).saturating_mul(d as u64).saturating_mul(8);
    if needed > MAX_UNPACKED {
        let remedy = "Save it in row order: np.savez_compressed(path, z=np.ascontiguousarray(z)).";
        return Err(TableError::TooLarge { name: array.label.clone(), needed, limit: MAX_UNPACKED, remedy });
    }
    let mut data = data_of(&mut archive, entry, &array.label)?;
    let mut values = vec![0.0; n * d];
    let mut column = |k: usize, rows: &[f32]| rows.iter().enumerate().for_each(|(row, v)| values[row * d + k] = *v);
    // A Fortran-ordered [n, d] is a C-ordered [d, n].
    stream_rows(&array.label, (d, n, element), &mut data, 1, &mut |k, rows| {
        column(k, rows);
        ControlFlow::Continue(())
    })?;
    Ok(Body::Memory(values))
}

fn of_archive(name: &str, error: &zip::result::ZipError) -> TableError {
    TableError::malformed(name, ".npz", error.to_string().trim_end_matches('.'))
}
