//! What a file is, told from its contents: its name for people, the way out, and the room that takes it.
//!
//! Readers ask before they refuse, and the page asks before it decides where a dropped file goes. Only a look at the first and
//! the last bytes is needed, so a file of any size is named at once.

/// Bytes of a file's beginning and end that are enough to tell.
pub const LOOK: usize = 64 << 10;
/// Bytes of a text that are looked at: three lines of 28 x 28 pixels and their names.
const TEXT: usize = 24 << 10;
/// CIFAR-10's record: a label and 3 x 32 x 32 pixels; CIFAR-100's has a label more.
const CIFAR_10: u64 = 3073;
const CIFAR_100: u64 = 3074;
/// Most values of a row that a file of vectors can have.
const MAX_WIDTH: u32 = 65_536;
/// Rows whose sizes are looked at to recognise a file of vectors.
const HEADS: usize = 64;

/// A room of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Embeddings.
    Diagnostics,
    /// Pictures to train on.
    Playground,
    /// A recorded run.
    Replay,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No bytes.
    Empty,
    /// A stand-in for a file that is kept elsewhere.
    Pointer,
    /// A web page.
    Html,
    /// XML, SVG among it.
    Xml,
    /// JSON.
    Json,
    /// A picture.
    Picture,
    /// Numbers or words as text.
    Text,
    /// numpy's array.
    Npy,
    /// A zip archive of arrays.
    Npz,
    /// Any other zip archive.
    Zip,
    /// gzip around something.
    Gzip,
    /// safetensors.
    Tensors,
    /// Rows with their size before them, float32.
    Fvecs,
    /// The same with whole numbers of 32 bits.
    Ivecs,
    /// The same with bytes.
    Bvecs,
    /// IDX, as MNIST.
    Idx,
    /// CIFAR-10's binary batches.
    Cifar10,
    /// CIFAR-100's.
    Cifar100,
    /// A recorded run of ours.
    Trace,
    /// A known format that is not read here.
    Foreign,
    /// Nothing known.
    Unknown,
}

/// A file's kind, and how to speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The kind.
    pub kind: Kind,
    /// What it is, after "it is": "a Git LFS pointer".
    pub phrase: String,
    /// What to do about it, a sentence; empty where it is simply read.
    pub way_out: String,
    /// The room that takes it.
    pub room: Option<Takes>,
}

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

const EMBEDDINGS: &str = "Save the embeddings as .npy, .npz, .csv or .safetensors.";
const HDF5: &str = "Save the array as .npy: np.save(\"z.npy\", h5py.File(path)[\"z\"][:]).";
const FEATHER: &str = "Save the columns as text: pandas.read_feather(path).to_csv(\"z.csv\", index=False).";
const MAT: &str = "Save the matrix as .npy: np.save(\"z.npy\", scipy.io.loadmat(path)[\"z\"]), or in MATLAB as .csv.";
const PICKLE: &str = "Save plain numbers: np.save(\"z.npy\", np.asarray(z, dtype=np.float32), allow_pickle=False).";
const TORCH: &str =
    "Save plain numbers: np.save(\"z.npy\", z.detach().cpu().float().numpy()), or safetensors.torch.save_file.";

/// Tells what a file is from its first bytes (up to [`LOOK`]), its last ones, its length and its name.
pub fn what_is(start: &[u8], end: &[u8], length: u64, name: &str) -> What {
    let extension = extension(name);
    binary(start, end, length, name).or_else(|| text(start)).unwrap_or_else(|| unknown(&extension))
}

/// The room for several files together: pictures win over the texts that explain them, a run counts alone.
pub fn room_of(files: &[What]) -> Option<Takes> {
    let has = |room: Takes| files.iter().any(|file| file.room == Some(room));
    if has(Takes::Playground) {
        Some(Takes::Playground)
    } else if has(Takes::Replay) && files.len() == 1 {
        Some(Takes::Replay)
    } else {
        has(Takes::Diagnostics).then_some(Takes::Diagnostics)
    }
}

/// A name's end after the last point, in small letters.
fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

fn what(kind: Kind, phrase: impl Into<String>, way_out: impl Into<String>, room: Option<Takes>) -> What {
    What { kind, phrase: phrase.into(), way_out: way_out.into(), room }
}

fn foreign(phrase: impl Into<String>, way_out: impl Into<String>) -> What {
    what(Kind::Foreign, phrase, way_out, None)
}

fn table(kind: Kind, phrase: &str) -> What {
    what(kind, phrase, "", Some(Takes::Diagnostics))
}

fn pictures(kind: Kind, phrase: &str) -> What {
    what(kind, phrase, "Open it in the playground, which trains on pictures.", Some(Takes::Playground))
}

/// Whether an array, from what follows numpy's magic word, holds bytes along at least three axes.
fn is_array_of_pictures(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(512)]);
    let is_bytes = text.contains("|u1") || text.contains("|i1");
    let shape = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(shape, _)| shape);
    is_bytes && shape.split(',').filter(|size| size.trim().parse::<u64>().is_ok()).count() >= 3
}

/// The room of what a gzip file holds, by its name without ".gz".
fn packed_room(name: &str) -> Option<Takes> {
    let inner = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".GZ"))?.to_ascii_lowercase();
    if inner.ends_with("ubyte") || inner.ends_with("idx") || inner.ends_with(".bin") || inner.ends_with(".tar") {
        return Some(Takes::Playground);
    }
    let is_table = ["npy", "npz", "csv", "tsv", "txt", "json", "jsonl", "fvecs", "bvecs", "safetensors"]
        .contains(&extension(&inner).as_str());
    is_table.then_some(Takes::Diagnostics)
}

fn binary(start: &[u8], end: &[u8], length: u64, name: &str) -> Option<What> {
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

/// A zip archive by the names inside, which stand in its last bytes.
fn zip(start: &[u8], end: &[u8]) -> What {
    let has = |name: &[u8]| contains(end, name) || contains(start, name);
    if has(b"data.pkl") {
        return foreign("a PyTorch checkpoint (torch.save)", TORCH);
    }
    if has(b"xl/workbook") {
        return foreign("an Excel workbook (.xlsx)", "Save the sheet as CSV.");
    }
    if has(b"word/document.xml") || has(b"ppt/presentation.xml") || has(b"opendocument") {
        return foreign("an Office document", "Save the sheet as CSV.");
    }
    if has(b".npy") {
        // np.savez stores arrays as they are, so the head of the first one can be read; MedMNIST and Keras have these names.
        let first = start.windows(6).position(|window| window == b"\x93NUMPY").map(|at| &start[at + 6..]);
        let named = [&b"_images.npy"[..], b"images.npy", b"x_train.npy"].iter().any(|name| has(name));
        return match first.map_or(named, is_array_of_pictures) {
            true => pictures(Kind::Npz, "an archive of arrays of pictures"),
            false => table(Kind::Npz, "an archive of numpy arrays"),
        };
    }
    if has(b".keras") || has(b"model.weights.h5") {
        return foreign("a Keras model", "Save its outputs: np.save(\"z.npy\", model.predict(x)).");
    }
    let room = if [&b".png"[..], b".jpg", b".jpeg", b".PNG", b".JPG", b"ubyte", b".bin"].iter().any(|name| has(name)) {
        Some(Takes::Playground)
    } else if [&b".csv"[..], b".tsv", b".txt", b".json", b".safetensors"].iter().any(|name| has(name)) {
        Some(Takes::Diagnostics)
    } else {
        None
    };
    what(Kind::Zip, "a zip archive", "Unpack it, and choose the file inside.", room)
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

/// Text without control characters, in any of the usual encodings.
fn is_text(start: &[u8]) -> bool {
    utf16(start).is_some() || !start.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127))
}

/// Whether text is UTF-16, and its byte order: `Some(true)` for big-endian.
pub fn utf16(start: &[u8]) -> Option<bool> {
    match start {
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) || rest.is_empty() => return Some(false),
        [0xfe, 0xff, ..] => return Some(true),
        _ => (),
    }
    // Without a mark: every other byte of the first letters is 0.
    let start = &start[..start.len().min(64) & !1];
    let zeros = |at: usize| start.chunks_exact(2).all(|pair| pair[at] == 0 && pair[1 - at] != 0);
    match start.len() >= 8 {
        true if zeros(1) => Some(false),
        true if zeros(0) => Some(true),
        _ => None,
    }
}

fn text(start: &[u8]) -> Option<What> {
    if !is_text(start) {
        return None;
    }
    let letters: String = match utf16(start) {
        Some(big) => {
            let unit = |pair: &[u8]| if big { [pair[1], pair[0]] } else { [pair[0], pair[1]] };
            let units: Vec<u16> = start.chunks_exact(2).take(512).map(|pair| u16::from_le_bytes(unit(pair))).collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(&start[..start.len().min(TEXT)]).into_owned(),
    };
    let begin = letters.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let starts = |sign: &str| begin.starts_with(sign);
    if starts("version https://git-lfs") || starts("version http://git-media") {
        let way_out = "Fetch the file itself: git lfs install, then git lfs pull.";
        return Some(what(Kind::Pointer, "a Git LFS pointer, a stand-in for the file", way_out, None));
    }
    if letters.len() < 1024 && begin.contains("annex/objects/") {
        let way_out = "Fetch the file itself: git annex get FILE.";
        return Some(what(Kind::Pointer, "a git-annex pointer, a stand-in for the file", way_out, None));
    }
    if (starts("outs:") || starts("md5:")) && begin.contains("md5:") {
        let way_out = "Fetch the file itself: dvc pull.";
        return Some(what(Kind::Pointer, "a DVC pointer, a stand-in for the file", way_out, None));
    }
    if starts("[internetshortcut]") {
        return Some(what(Kind::Pointer, "a link (.url), a stand-in for the file", "Download the file itself.", None));
    }
    if ["<!doctype html", "<!--", "<html", "<head", "<meta", "<body", "<title", "<script"]
        .iter()
        .any(|sign| starts(sign))
    {
        let way_out = "A server sent a page in place of the file: download it again, signed in, by its direct link.";
        return Some(what(Kind::Html, "a web page (HTML)", way_out, None));
    }
    if starts("<?xml") || starts("<svg") || starts("<error") {
        let way_out = "A server may have sent a message in place of the file: look into it, and download it again.";
        return Some(what(Kind::Xml, "XML", way_out, None));
    }
    if starts("{\\rtf") {
        return Some(foreign("a rich text document (RTF)", "Save it as plain text."));
    }
    if starts("{") || starts("[") {
        return Some(table(Kind::Json, "JSON"));
    }
    if is_rows_of_pixels(&letters) {
        return Some(pictures(Kind::Text, "a table of pixels"));
    }
    let mut found = table(Kind::Text, "text");
    if !has_numbers(&letters) {
        // Words alone are a companion of something, or nothing of ours.
        found.room = None;
    }
    Some(found)
}

/// Whether one of the first lines has two numbers at least.
fn has_numbers(letters: &str) -> bool {
    let is_number = |word: &&str| {
        let word = word.trim_matches(|c: char| "[]()\"'\u{feff}".contains(c));
        !word.is_empty() && word.parse::<f64>().is_ok()
    };
    let numbers = |line: &str| line.split([',', ';', '\t', ' ', '|']).filter(is_number).count();
    letters.lines().take(40).any(|line| numbers(line) >= 2)
}

/// Whether a line that is whole holds a label and a square of pixels from 0 to 255, as MNIST's CSV files do.
fn is_rows_of_pixels(letters: &str) -> bool {
    let line = |line: &str| {
        let values: Vec<&str> = line.trim().split(',').collect();
        let pixels = values.len().saturating_sub(1);
        pixels >= 64 && pixels.isqrt().pow(2) == pixels && values.iter().all(|value| value.trim().parse::<u8>().is_ok())
    };
    // The last line may be cut; the first may hold names.
    let mut lines: Vec<&str> = letters.lines().collect();
    lines.pop();
    lines.iter().take(3).any(|one| line(one))
}

fn unknown(extension: &str) -> What {
    match extension {
        "mat" => foreign("a MATLAB file", MAT),
        "rds" | "rda" | "rdata" => {
            foreign("an R file", "Save the matrix as text: write.csv(z, \"z.csv\", row.names = FALSE).")
        }
        "onnx" | "pb" | "tflite" => foreign("a model", "Run it, and save its outputs as .npy."),
        "bin" | "raw" | "dat" => foreign(
            "numbers without a header, or nothing known",
            "Give them a shape: np.save(\"z.npy\", np.fromfile(path, dtype=np.float32).reshape(n, d)).",
        ),
        _ => what(Kind::Unknown, "not a table that can be recognised", EMBEDDINGS, None),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], name: &str) -> What {
        let end = &bytes[bytes.len().saturating_sub(LOOK)..];
        what_is(&bytes[..bytes.len().min(LOOK)], end, bytes.len() as u64, name)
    }

    #[test]
    fn every_stand_in_is_named_with_the_way_to_the_file() {
        for (bytes, name, says) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n"[..], "z.npy", "git lfs pull"),
            (b"/annex/objects/SHA256E-s5--4d.npy\n", "z.npy", "git annex get"),
            (b"outs:\n- md5: 4d\n  size: 5\n  path: z.npy\n", "z.npy.dvc", "dvc pull"),
            (b"\n<!DOCTYPE html><title>Sign in</title>", "z.npz", "download it again"),
            (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "z.npy", "download it again"),
        ] {
            let found = of(bytes, name);
            assert!(found.way_out.contains(says) && found.room.is_none(), "{found:?}");
        }
    }

    #[test]
    fn formats_are_told_by_their_contents_and_say_which_room_takes_them() {
        let vecs = |width: u32, size: usize| {
            (0..5_u8).flat_map(|row| [&width.to_le_bytes()[..], &vec![row; width as usize * size]].concat()).collect()
        };
        let npy = |kind: &str, shape: &str| {
            let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
            [b"\x93NUMPY\x01\0", &(head.len() as u16).to_le_bytes()[..], head.as_bytes()].concat()
        };
        let zipped = |name: &str, bytes: &[u8]| {
            [b"PK\x03\x04\0\0", name.as_bytes(), bytes, b"PK\x01\x02", name.as_bytes()].concat()
        };
        let rows = |width: usize| {
            [vec!["7"; width].join(","), vec!["0"; width].join(","), "1,2".to_owned()].join("\n").into_bytes()
        };
        let cases: Vec<(Vec<u8>, &str, Kind, Option<Takes>)> = vec![
            (b"\x93NUMPY\x01\0".to_vec(), "z", Kind::Npy, Some(Takes::Diagnostics)),
            // 1152 is 0x480, which reads as the start of a pickle.
            (vecs(1152, 4), "z.fvecs", Kind::Fvecs, Some(Takes::Diagnostics)),
            (vecs(128, 4), "z", Kind::Fvecs, Some(Takes::Diagnostics)),
            (vecs(128, 1), "z.bvecs", Kind::Bvecs, Some(Takes::Diagnostics)),
            (b"\x80\x04\x95".to_vec(), "z.pkl", Kind::Foreign, None),
            (b"(dp0\nS'z'\np1\n.".to_vec(), "z.pkl", Kind::Foreign, None),
            (b"\0\0\x08\x03\0\0\0\x05\0\0\0\x08\0\0\0\x08".to_vec(), "x", Kind::Idx, Some(Takes::Playground)),
            (b"\0\0\x08\x03\x58\x02\0\0\x08\0\0\0\x08\0\0\0".to_vec(), "x", Kind::Foreign, None),
            (vec![3; 2 * 3073], "data_batch_1.bin", Kind::Cifar10, Some(Takes::Playground)),
            (vec![3; 2 * 3074], "train.bin", Kind::Cifar100, Some(Takes::Playground)),
            (b"NSTR\x01".to_vec(), "run.trace", Kind::Trace, Some(Takes::Replay)),
            (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "a.png", Kind::Picture, Some(Takes::Playground)),
            (b"1,2\n3,4\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"\xff\xfe1\0,\x002\0\n\0".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"BMI,label\n1,2\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"[[1, 2]]".to_vec(), "z.json", Kind::Json, Some(Takes::Diagnostics)),
            (b"z\n\"[0.1, 0.2]\"\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"These are my notes of 2026.\n".to_vec(), "notes.txt", Kind::Text, None),
            (npy("|u1", "(500, 28, 28)"), "x.npy", Kind::Npy, Some(Takes::Playground)),
            (npy("<f4", "(500, 2, 16)"), "x.npy", Kind::Npy, Some(Takes::Diagnostics)),
            (npy("|u1", "(500,)"), "x.npy", Kind::Npy, Some(Takes::Diagnostics)),
            (zipped("train_images.npy", b"\0\0"), "m.npz", Kind::Npz, Some(Takes::Playground)),
            (zipped("a.npy", &npy("|u1", "(9, 8, 8, 3)")), "m.npz", Kind::Npz, Some(Takes::Playground)),
            (zipped("x_train.npy", &npy("<f4", "(9, 8)")), "m.npz", Kind::Npz, Some(Takes::Diagnostics)),
            (zipped("cats/1.png", b"\0"), "m.zip", Kind::Zip, Some(Takes::Playground)),
            (zipped("z.csv", b"\0"), "m.zip", Kind::Zip, Some(Takes::Diagnostics)),
            (b"\x1f\x8b\x08".to_vec(), "t10k-images-idx3-ubyte.gz", Kind::Gzip, Some(Takes::Playground)),
            (b"\x1f\x8b\x08".to_vec(), "z.npy.gz", Kind::Gzip, Some(Takes::Diagnostics)),
            (rows(785), "mnist_train.csv", Kind::Text, Some(Takes::Playground)),
            (rows(17), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"".to_vec(), "z.csv", Kind::Empty, None),
            (b"\x01\x02\x03\0\0\xff".to_vec(), "z", Kind::Unknown, None),
        ];
        for (bytes, name, kind, room) in cases {
            let found = of(&bytes, name);
            assert_eq!((found.kind, found.room), (kind, room), "{name}: {found:?}");
            let read = room != Some(Takes::Playground)
                && matches!(kind, Kind::Npy | Kind::Npz | Kind::Fvecs | Kind::Bvecs | Kind::Text | Kind::Json);
            assert_eq!(found.way_out.is_empty(), read, "{found:?}");
        }
    }

    #[test]
    fn several_files_go_where_their_pictures_go() {
        let (text, picture, trace) =
            (of(b"1,2\n3,4\n", "z.csv"), of(b"\x89PNG\r\n\x1a\n\0", "a.png"), of(b"NSTR\x01", "a"));
        for (files, room) in [
            (vec![text.clone(), text.clone()], Some(Takes::Diagnostics)),
            (vec![text.clone(), picture.clone(), picture], Some(Takes::Playground)),
            (vec![trace.clone()], Some(Takes::Replay)),
            (vec![trace, text], Some(Takes::Diagnostics)),
            (vec![of(b"%PDF-1.4", "a.pdf")], None),
            (vec![], None),
        ] {
            assert_eq!(room_of(&files), room, "{files:?}");
        }
    }
}
