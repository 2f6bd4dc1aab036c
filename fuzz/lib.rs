//! What the fuzzers do with their bytes, a function for each; tests/corpus.rs does the same with the corpus.
//!
//! Whatever the bytes are, a reader answers with a value or an error, and a value that it gives is sound.

use std::borrow::Cow;
use std::io::Cursor;

use normscope::config::url;
use normscope::data::Dataset;
use normscope::data::tables::{TableReader, read_labels};
use normscope::engine::checkpoint;
use normscope::lab::{self, JobEvent};
use normscope::protocol::{Command, Event};
use normscope::studies;
use normscope::trace::{file, gzip};

/// A reader under test.
pub type Target = fn(&[u8]);

/// All of them, by the names of their corpora.
pub const TARGETS: [(&str, Target); 10] = [
    ("checkpoint", checkpoint),
    ("csv", csv),
    ("json", json),
    ("messages", messages),
    ("npy", npy),
    ("npz", npz),
    ("pictures", pictures),
    ("safetensors", safetensors),
    ("trace", trace),
    ("url", url),
];

/// Bytes that a table may take when all of it is read.
const LIMIT: u64 = 16 << 20;

/// A saved run: the file as it comes, and any payload under a right checksum.
pub fn checkpoint(bytes: &[u8]) {
    let _ = checkpoint::step(bytes);
    let _ = checkpoint::step(&checkpoint::SEAL.close(bytes, bytes));
}

/// Embeddings as text in any dialect; and whatever else begins as the bytes do: gzip, .fvecs, UTF-16.
pub fn csv(bytes: &[u8]) {
    table("file.csv", bytes);
}

/// Embeddings as JSON.
pub fn json(bytes: &[u8]) {
    let known = matches!(bytes.trim_ascii_start().first(), Some(b'[' | b'{'));
    table("file.json", &headed(bytes, known, b"["));
}

/// What the page and its workers say to each other, and what is kept between visits.
pub fn messages(bytes: &[u8]) {
    let _ = postcard::from_bytes::<Command>(bytes);
    let _ = postcard::from_bytes::<Event>(bytes);
    let _ = postcard::from_bytes::<lab::Job>(bytes);
    let _ = postcard::from_bytes::<studies::Job>(bytes);
    let _ = postcard::from_bytes::<JobEvent>(bytes);
}

/// Embeddings as .npy.
pub fn npy(bytes: &[u8]) {
    const HEAD: &[u8] = b"\x93NUMPY";
    table("file.npy", &headed(bytes, bytes.starts_with(HEAD), HEAD));
}

/// Embeddings as .npz.
pub fn npz(bytes: &[u8]) {
    const HEAD: &[u8] = b"PK\x03\x04";
    table("file.npz", &headed(bytes, bytes.starts_with(HEAD), HEAD));
}

/// CIFAR-10 batches and IDX files: one file, or two that share the bytes.
pub fn pictures(bytes: &[u8]) {
    let _ = Dataset::from_files(&[("data_batch_1.bin".to_owned(), bytes.to_vec())]);
    // The first two bytes say where the second file begins.
    let [first, second, rest @ ..] = bytes else { return };
    let at = usize::from(u16::from_le_bytes([*first, *second])).min(rest.len());
    let (images, labels) = rest.split_at(at);
    let two = [("train-images".to_owned(), images.to_vec()), ("t10k-labels".to_owned(), labels.to_vec())];
    if let Ok(data) = Dataset::from_files(&two) {
        assert_eq!(data.train.inputs.len(), data.train.labels.len() * data.kind.len());
    }
}

/// Embeddings as .safetensors.
pub fn safetensors(bytes: &[u8]) {
    // The length of the header, then the header, which is JSON.
    let mut head = (bytes.len() as u64 + 1).to_le_bytes().to_vec();
    head.push(b'{');
    table("file.safetensors", &headed(bytes, bytes.get(8) == Some(&b'{'), &head));
}

/// A recorded run: the file as it comes, and any payload under a right checksum.
pub fn trace(bytes: &[u8]) {
    let _ = gzip::from_bytes(bytes);
    let sealed = file::seal(bytes, b"x");
    if let Ok(trace) = file::unpack(&sealed, bytes) {
        // What is read can be written, and is the same when it is read again.
        let payload = file::pack(&trace);
        assert!(file::unpack(&file::seal(&payload, b"x"), &payload).is_ok());
    }
}

/// A link: whatever it says, there is an experiment; and its own link gives it back.
pub fn url(bytes: &[u8]) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let (experiment, complaints) = url::decode(text);
    for complaint in complaints {
        // A message stays readable whatever the input holds.
        assert!(complaint.input.chars().count() < 160 && !complaint.input.contains('\n'));
    }
    let link = url::encode(&experiment);
    let (again, complaints) = url::decode(&link);
    assert_eq!(again, experiment, "{link}");
    assert!(complaints.is_empty(), "{link}: {complaints:?}");
}

/// Bytes that a reader takes for its own: what begins otherwise, which another reader would take, gets this `head` before it.
fn headed<'a>(bytes: &'a [u8], known: bool, head: &[u8]) -> Cow<'a, [u8]> {
    if known { Cow::Borrowed(bytes) } else { Cow::Owned([head, bytes].concat()) }
}

/// Opens bytes as a table of embeddings, and reads all that there is to read.
fn table(name: &str, bytes: &[u8]) {
    if let Ok(mut reader) = TableReader::open(name, Cursor::new(bytes)) {
        let (n, d) = reader.shape();
        let account = reader.account();
        assert_eq!((account.rows, account.coordinates), (n, d));
        if let Some(lines) = account.lines {
            // No line vanishes without a word.
            assert_eq!(lines.all, lines.rows + lines.header + lines.blank + lines.comments);
            assert!(lines.rows >= n as u64);
        }
        if let Some(names) = reader.names() {
            assert_eq!(names.len(), n);
        }
        if let Some(labels) = reader.labels() {
            assert_eq!(labels.ids.len(), n);
            assert!(labels.ids.iter().all(|id| (*id as usize) < labels.classes.len().max(1)));
        }
        if let Ok(values) = reader.read_all(LIMIT) {
            assert_eq!(values.len(), n * d);
        }
    }
    if let Ok(labels) = read_labels(name, Cursor::new(bytes)) {
        assert!(labels.ids.iter().all(|id| (*id as usize) < labels.classes.len().max(1)));
    }
}
