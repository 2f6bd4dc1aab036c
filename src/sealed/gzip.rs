//! Gzip natively; the browser has its own.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Bytes, compressed as well as can be.
///
/// # Errors
/// When compressing fails, which it does only without memory.
pub fn compress(payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(payload)?;
    gzip.finish()
}

/// What compressed bytes hold; `None` when that is more than `most` bytes.
///
/// # Errors
/// When they are damaged.
pub fn decompress(bytes: &[u8], most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut payload = Vec::new();
    GzDecoder::new(bytes).take(most as u64 + 1).read_to_end(&mut payload)?;
    Ok((payload.len() <= most).then_some(payload))
}
