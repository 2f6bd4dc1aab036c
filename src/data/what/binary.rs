//! Binary formats, told by their first bytes.

use super::archive::{is_array_of_pictures, zip};
use super::by_name::{extension, packed_room};
use super::kinds::{EMBEDDINGS, Kind, MAT, TORCH, Takes, What, foreign, pictures, table, what};
use super::text::is_text;

/// CIFAR-10's record: a label and 3 x 32 x 32 pixels; CIFAR-100's has a label more.
const CIFAR_10: u64 = 3073;
const CIFAR_100: u64 = 3074;
/// Most values of a row that a file of vectors can have.
const MAX_WIDTH: u32 = 65_536;
/// Rows whose sizes are looked at to recognise a file of vectors.
const HEADS: usize = 64;

/// Formats with bytes of their own at the beginning: (bytes, what it is, way out).
const SIGNS: [(&[u8], &str, &str); 23] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", HDF5),
    (b"\x89HDF", "an HDF5 file", HDF5),
    (b"PAR1", "a Parquet file", "Save the columns as text: pandas.read_parquet(path).to_csv(\"z.csv\", index=False)."),
    (b"ARROW1", "an Arrow (Feather) file", FEATHER),
    (b"FEA1", "an Arrow (Feather) file", FEATHER),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", MAT),
    (b"MATLAB 7.3 MAT-file", "a MATLAB file", MAT),
    (b"\xd0\xcf\x11\xe0", "an old Excel (.xls) or Office file", "Save the sheet as CSV."),
    (b"SQLite format 3\0", "an SQLite database", "Export the table as CSV."),
    (b"BZh", "compressed (bzip2)", "Unpack it: bunzip2 FILE."),
    (b"\xfd7zXZ\0", "compressed (xz)", "Unpack it: unxz FILE."),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", "Unpack it: unzstd FILE."),
    (b"\x04\x22\x4d\x18", "compressed (lz4)", "Unpack it: unlz4 FILE."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, and choose the file inside."),
    (b"Rar!", "a RAR archive", "Unpack it, and choose the file inside."),
    (b"%PDF", "a PDF", EMBEDDINGS),
    (b"RDX", "an R workspace", "Save the matrix as text: write.csv(z, \"z.csv\", row.names = FALSE)."),
    (
        b"\0\x05\x16\x07",
        "a companion that macOS writes beside the file (._name)",
        "Choose the file without ._ in front.",
    ),
    (b"\xba\x16\x4f\x2f", "a fastText model", "Save its vectors as text: the .vec file beside it."),
    (b"\xff\xff\xff\xff", "an Arrow stream", FEATHER),
    (b"IxF", "a faiss index", "Save its vectors: np.save(\"z.npy\", index.reconstruct_n(0, index.ntotal))."),
    (b"\x1f\x9d", "compressed (compress)", "Unpack it: uncompress FILE."),
    (b"Obj\x01", "an Avro file", EMBEDDINGS),
];

/// Pictures: (bytes, what it is).
const PICTURES: [(&[u8], &str); 7] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
];

const HDF5: &str = "Save the array as .npy: np.save(\"z.npy\", h5py.File(path)[\"z\"][:]).";
const FEATHER: &str = "Save the columns as text: pandas.read_feather(path).to_csv(\"z.csv\", index=False).";
const PICKLE: &str = "Save plain numbers: np.save(\"z.npy\", np.asarray(z, dtype=np.float32), allow_pickle=False).";

/// What a file is, from its first bytes, its last ones, its length and its name; `None` for text and for nothing known.
pub fn binary(start: &[u8], end: &[u8], length: u64, name: &str) -> Option<What> {
    if length == 0 || start.is_empty() {
        return Some(what(Kind::Empty, "empty (0 bytes)", "Save or download it again.", None));
    }
    if let Some(head) = start.strip_prefix(b"\x93NUMPY") {
        return Some(match is_array_of_pictures(head) {
            true => pictures(Kind::Npy, "a numpy array of pictures"),
            false => table(Kind::Npy, "a numpy array"),
        });
    }
    if is_tensors(start, length) {
        return Some(table(Kind::Tensors, "a safetensors file"));
    }
    if start.starts_with(b"NSTR") {
        return Some(what(Kind::Trace, "a recorded run", "Open it in the playground.", Some(Takes::Replay)));
    }
    if let Some(vectors) = vectors(start, length, &extension(name)) {
        return Some(vectors);
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Some(zip(start, end));
    }
    if start.starts_with(b"\x1f\x8b") {
        let mut packed = what(Kind::Gzip, "compressed (gzip)", "Unpack it: gunzip FILE.", None);
        packed.room = packed_room(name);
        return Some(packed);
    }
    if let Some((_, phrase)) = PICTURES.iter().find(|(sign, _)| start.starts_with(sign) && !is_text(start)) {
        let way_out =
            "A model's embeddings of pictures can be diagnosed; pictures themselves are trained on in the playground.";
        return Some(what(Kind::Picture, *phrase, way_out, Some(Takes::Playground)));
    }
    if let Some((_, phrase, way_out)) = SIGNS.iter().find(|(sign, ..)| start.starts_with(sign)) {
        return Some(foreign(*phrase, *way_out));
    }
    if start.len() > 262 && start[257..].starts_with(b"ustar") {
        return Some(foreign("a tar archive", "Unpack it, and choose the file inside."));
    }
    if let Some(pickle) = pickle(start, end) {
        return Some(pickle);
    }
    idx(start).or_else(|| cifar(start, length)).or_else(|| word2vec(start))
}

/// word2vec's binary file: "3000000 300" and a line's end, then words and floats.
fn word2vec(start: &[u8]) -> Option<What> {
    let line = start.split(|byte| *byte == b'\n').next()?;
    let sizes = std::str::from_utf8(line).ok()?.split(' ').filter(|size| size.parse::<u64>().is_ok()).count();
    let way_out = "Save it as text: gensim's KeyedVectors.load_word2vec_format(path, binary=True).save_word2vec_format(\"z.txt\").";
    (sizes == 2 && !is_text(start)).then(|| foreign("a binary word2vec file", way_out))
}

/// safetensors: the length of the header, then the header, which is JSON.
fn is_tensors(start: &[u8], length: u64) -> bool {
    let Some((size, rest)) = start.split_first_chunk::<8>() else { return false };
    rest.first() == Some(&b'{') && u64::from_le_bytes(*size) <= length
}

/// Rows that all begin with the same size, and as many bytes as whole rows have.
fn vectors(start: &[u8], length: u64, extension: &str) -> Option<What> {
    let (head, _) = start.split_first_chunk::<4>()?;
    let width = u32::from_le_bytes(*head);
    if !(1..=MAX_WIDTH).contains(&width) {
        return None;
    }
    let fits = |size: u64| {
        let row = 4 + u64::from(width) * size;
        let heads = start.chunks(row as usize).take(HEADS).filter_map(|row| row.first_chunk::<4>());
        length.is_multiple_of(row) && heads.clone().all(|head| u32::from_le_bytes(*head) == width)
        // One row proves little: then the name has to say it as well.
            && (heads.count() > 1 || ["fvecs", "bvecs", "ivecs"].contains(&extension))
    };
    if extension != "bvecs" && fits(4) {
        let kind = if extension == "ivecs" { Kind::Ivecs } else { Kind::Fvecs };
        return Some(table(kind, "a file of vectors (.fvecs)"));
    }
    fits(1).then(|| table(Kind::Bvecs, "a file of vectors (.bvecs)"))
}

fn pickle(start: &[u8], end: &[u8]) -> Option<What> {
    // torch.save before 1.6: a pickled magic number.
    if start.starts_with(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") {
        return Some(foreign("a PyTorch checkpoint (torch.save)", TORCH));
    }
    let ends = end.last() == Some(&b'.');
    let old = [&b"(dp"[..], b"(lp", b"(i", b"cnumpy", b"ccopy_reg", b"cpandas", b"(cnumpy"]
        .iter()
        .any(|sign| start.starts_with(sign));
    if matches!(start, [0x80, 1..=5, ..]) || (old && ends) {
        return Some(foreign("a Python pickle, which can run code when opened", PICKLE));
    }
    None
}

/// IDX: two zeros, a type, the number of dimensions, and the sizes, big-endian by the standard.
fn idx(start: &[u8]) -> Option<What> {
    let [0, 0, kind @ (8 | 9 | 0x0b..=0x0e), dimensions @ 1..=4, rest @ ..] = start else { return None };
    let size = rest.first_chunk::<4>()?;
    if *kind != 8 {
        let way_out = "Pictures should be bytes: (255 * x).astype(np.uint8).";
        return Some(foreign(format!("an IDX file of {}", idx_numbers(*kind)), way_out));
    }
    if u32::from_be_bytes(*size) > u32::from_le_bytes(*size).saturating_mul(16) && size[0] != 0 {
        let way_out = "Its sizes should be big-endian, as the standard says: struct.pack(\">I\", n).";
        return Some(foreign("an IDX file with little-endian sizes", way_out));
    }
    let what_of = if *dimensions == 1 { "an IDX file of labels" } else { "an IDX file of pictures" };
    Some(pictures(Kind::Idx, what_of))
}

/// What an IDX file's third byte says that it holds.
pub fn idx_numbers(code: u8) -> &'static str {
    match code {
        8 => "bytes",
        9 => "signed bytes",
        0x0b => "16-bit numbers",
        0x0c => "32-bit numbers",
        0x0d => "32-bit floats",
        _ => "64-bit floats",
    }
}

fn cifar(start: &[u8], length: u64) -> Option<What> {
    let every = |record: u64, top: [u8; 2]| {
        let labels = start.chunks(record as usize);
        length.is_multiple_of(record)
            && !is_text(start)
            && labels.filter(|row| row.len() > 1).all(|row| row[0] <= top[0] && (top[1] == 0 || row[1] <= top[1]))
    };
    if every(CIFAR_10, [9, 0]) {
        return Some(pictures(Kind::Cifar10, "a binary batch of CIFAR-10"));
    }
    every(CIFAR_100, [19, 99]).then(|| pictures(Kind::Cifar100, "a binary file of CIFAR-100"))
}
