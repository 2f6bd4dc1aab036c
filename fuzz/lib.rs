//! What the fuzzers share.

use std::borrow::Cow;
use std::io::Cursor;

use normscope::data::tables::{TableReader, read_labels};

/// Bytes that a table may take when all of it is read.
const LIMIT: u64 = 16 << 20;

/// Bytes that a reader takes for its own: what begins otherwise, which another reader would take, gets this `head` before it.
pub fn headed<'a>(bytes: &'a [u8], known: bool, head: &[u8]) -> Cow<'a, [u8]> {
    if known { Cow::Borrowed(bytes) } else { Cow::Owned([head, bytes].concat()) }
}

/// Opens bytes as a table of embeddings, and reads all that there is to read.
pub fn table(name: &str, bytes: &[u8]) {
    if let Ok(mut reader) = TableReader::open(name, Cursor::new(bytes)) {
        let (n, d) = reader.shape();
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
