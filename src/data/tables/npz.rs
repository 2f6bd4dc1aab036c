//! `.npz`: a zip archive of `.npy` files, as `np.savez` (stored) and `np.savez_compressed` (deflated) write it. And any other
//! zip archive with a table in it.

use std::cell::Cell;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use zip::{CompressionMethod, ZipArchive};

use super::accompany::accompany;
use super::array::Array;
use super::arrays::{choose, listed};
use super::element::Element;
use super::error::{TableError, shortened};
use super::labels::Labels;
use super::names::{LABEL_NAMES, known};
use super::npy::read_header;
use super::packed::{Packed, data_of, of_archive};
use super::reader::{Body, TableReader};
use super::rows::Rows;
use super::source::{Packing, Source};
use super::wanted::Wanted;
use crate::data::account::Account;

/// Most arrays that are looked at.
const MAX_ENTRIES: usize = 1000;
/// Deflate can't do better than 1032 : 1, so an archive that claims more is lying about its sizes.
const MAX_RATIO: u64 = 1040;
/// Most bytes of a compressed Fortran-ordered array, which has to be unpacked whole.
const MAX_UNPACKED: u64 = 256 << 20;
/// Ends of the names of files that may be tables.
const TABLES: [&str; 13] =
    ["csv", "tsv", "txt", "tab", "dat", "vec", "json", "jsonl", "ndjson", "safetensors", "fvecs", "bvecs", "npy"];

/// Opens an archive: reads the headers of its arrays, the labels and the pairs.
pub fn open<R: Read + Seek>(name: &str, mut source: Source<R>, wanted: &Wanted) -> Result<TableReader<R>, TableError> {
    let entries_said = entries_said(&mut source);
    let mut archive = ZipArchive::new(source).map_err(|error| of_archive(name, &error))?;
    let twice = entries_said.is_some_and(|said| usize::from(said) > archive.len());
    let (arrays, entries, mut notes) = list(name, &mut archive)?;
    let chosen = choose(name, &arrays, wanted)?;
    let view = arrays[chosen.table].as_table()?;
    let table = chosen.table;
    if twice {
        notes.push("A name occurs twice in the archive; the last array of that name counts.".to_owned());
    }
    // A stand-in for the reader, which needs the archive: what comes with the rows is read first.
    let mut with =
        TableReader::<R>::new(&arrays[table].label, (view.n, view.d), Account::default(), Body::Memory(Vec::new()));
    accompany(&mut with, &arrays, chosen, &view, ".npz", &mut |at, visit| {
        visit(&mut data_of(&mut archive, entries[at], &arrays[at].label)?)
    });
    notes.append(&mut with.notes);
    let body = body(archive, entries[table], &arrays[table], (view.n, view.d, view.element))?;
    with.notes = notes;
    with.body = body;
    Ok(with)
}

/// The labels of an archive that holds nothing else that could be them.
pub fn read_labels<R: Read + Seek>(
    name: &str,
    source: Source<R>,
    rows: Option<usize>,
    wanted: &Wanted,
) -> Result<Labels, TableError> {
    let mut archive = ZipArchive::new(source).map_err(|error| of_archive(name, &error))?;
    let (arrays, entries, _) = list(name, &mut archive)?;
    let asked = wanted.labels.as_ref().and_then(|wanted| arrays.iter().position(|array| array.name == *wanted));
    let named = || known(&LABEL_NAMES, arrays.iter().map(|array| array.name.to_lowercase()));
    let flat: Vec<usize> = (0..arrays.len()).filter(|at| arrays[*at].shape.len() == 1).collect();
    let only = || match (&flat[..], arrays.len()) {
        ([one], _) => Some(*one),
        (_, 1) => Some(0),
        _ => None,
    };
    let Some(at) = asked.or_else(named).or_else(only) else {
        return Err(TableError::NoLabels { name: name.to_owned(), columns: listed(&arrays) });
    };
    arrays[at].read_labels(rows, &mut data_of(&mut archive, entries[at], &arrays[at].label)?)
}

/// The one file of an archive that may be a table, or the one that is wanted; its name and its bytes.
pub fn member<R: Read + Seek>(name: &str, inner: R, wanted: Option<&str>) -> Result<(String, Source<R>), TableError> {
    let mut archive = ZipArchive::new(inner).map_err(|error| of_archive(name, &error))?;
    let (entry, path) = choose_member(name, &mut archive, wanted)?;
    let file = archive.by_index(entry).map_err(|error| of_archive(name, &error))?;
    let packing = match file.compression() {
        CompressionMethod::Stored => Packing::Stored,
        CompressionMethod::Deflated => Packing::Deflate,
        other => {
            let what = format!("a zip archive whose {} is compressed with {other}", shortened(&path));
            let way_out = "Unpack it, and choose the file inside.".to_owned();
            return Err(TableError::Unknown { name: name.to_owned(), what, way_out });
        }
    };
    let Some(start) = file.data_start() else {
        return Err(TableError::malformed(name, ".zip", "it does not say where its files begin"));
    };
    let length = file.compressed_size();
    drop(file);
    let inner = archive.into_inner();
    let source = Source::unpack(inner, packing, start, length)
        .map_err(|error| TableError::malformed(name, ".zip", error.to_string()))?;
    Ok((format!("{name}: {path}"), source))
}

/// The entry and the path of the only file that may be a table, or of the one that is wanted.
fn choose_member<R: Read + Seek>(
    name: &str,
    archive: &mut ZipArchive<R>,
    wanted: Option<&str>,
) -> Result<(usize, String), TableError> {
    let (mut tables, mut others) = (Vec::new(), Vec::new());
    for entry in 0..archive.len().min(MAX_ENTRIES) {
        let file = archive.by_index_raw(entry).map_err(|error| of_archive(name, &error))?;
        let path = file.name().map_err(|error| of_archive(name, &error))?.into_owned();
        let base = path.rsplit('/').next().unwrap_or_default();
        if file.is_dir() || path.starts_with("__MACOSX/") || base.is_empty() || base.starts_with('.') {
            continue;
        }
        let end = base.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
        let is_wanted = wanted.is_some_and(|wanted| wanted == path || wanted == base);
        if TABLES.contains(&end.as_str()) || is_wanted { &mut tables } else { &mut others }
            .push((entry, path, is_wanted));
    }
    if let Some(at) = tables.iter().position(|(.., is_wanted)| *is_wanted).or((tables.len() == 1).then_some(0)) {
        let (entry, path, _) = tables.swap_remove(at);
        return Ok((entry, path));
    }
    if tables.is_empty() {
        let found: Vec<String> = others.iter().take(3).map(|(_, path, _)| shortened(path)).collect();
        let holds = if found.is_empty() { "nothing".to_owned() } else { format!("no table, but {}", found.join(", ")) };
        let what = format!("a zip archive with {holds}");
        let way_out =
            "Embeddings are read as .npy, .npz, .csv or .safetensors; folders of pictures are for the playground.";
        return Err(TableError::Unknown { name: name.to_owned(), what, way_out: way_out.to_owned() });
    }
    let names: Vec<String> = tables.into_iter().map(|(_, path, _)| path).collect();
    let shown: Vec<String> = names.iter().take(8).map(|path| shortened(path)).collect();
    let arrays = format!("the files {}", shown.join(", "));
    Err(TableError::NoEmbeddings { name: name.to_owned(), arrays, names })
}

/// How many entries an archive has by its end: more than there are names where one occurs twice.
fn entries_said<R: Read + Seek>(source: &mut R) -> Option<u16> {
    const END: usize = 22;
    source.seek(SeekFrom::End(-(END as i64))).ok()?;
    let mut end = [0; END];
    source.read_exact(&mut end).ok()?;
    source.rewind().ok()?;
    end.starts_with(b"PK\x05\x06").then(|| u16::from_le_bytes([end[10], end[11]])).filter(|said| *said < u16::MAX)
}

/// The arrays of an archive and their entries.
#[expect(clippy::type_complexity, reason = "taken apart by the only caller")]
fn list<R: Read + Seek>(
    name: &str,
    archive: &mut ZipArchive<R>,
) -> Result<(Vec<Array>, Vec<usize>, Vec<String>), TableError> {
    let (mut arrays, mut entries, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in 0..archive.len().min(MAX_ENTRIES) {
        let mut file = archive.by_index(entry).map_err(|error| of_archive(name, &error))?;
        let path = file.name().map_err(|error| of_archive(name, &error))?.into_owned();
        let Some(array) = path.strip_suffix(".npy") else { continue };
        let label = format!("{name}: {array}");
        if file.size() > MAX_RATIO.saturating_mul(file.compressed_size()).saturating_add(4096) {
            return Err(TableError::malformed(&label, ".npz", "it claims to unpack to more than is possible"));
        }
        let header = read_header(&label, &mut file)?;
        notes.extend(header.note());
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
    Ok((arrays, entries, notes))
}

/// How the rows are read: a stored array in place, a deflated one as it unpacks.
fn body<R: Read + Seek>(
    mut archive: ZipArchive<Source<R>>,
    entry: usize,
    array: &Array,
    (n, d, element): (usize, usize, Element),
) -> Result<Body<R>, TableError> {
    let mut file = archive.by_index(entry).map_err(|error| of_archive(&array.label, &error))?;
    let stored_at = (file.compression() == CompressionMethod::Stored && file.size() == file.compressed_size())
        .then(|| file.data_start())
        .flatten();
    if let Some(start) = stored_at {
        let at = start + read_header(&array.label, &mut file)?.length;
        drop(file);
        return Ok(Body::Raw { source: archive.into_inner(), at, element, fortran: array.fortran, headed: false });
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
    let lost = Cell::default();
    Rows { label: &array.label, n: d, d: n, element, headed: false, lost: &lost }.stream(
        &mut data,
        1,
        &mut |k, rows| {
            column(k, rows);
            ControlFlow::Continue(())
        },
    )?;
    Ok(Body::Memory(values))
}
