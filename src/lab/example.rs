//! A recorded example: an answer that a room shows until the reader has one of their own, and how it came about.
//!
//! The file: `NSEX`, a version byte, a checksum, then a gzip member with the postcard of the [`Example`]. Compressing is the
//! caller's (the browser has its own gzip): [`pack`] and [`seal`] write, [`open`] and [`unpack`] read.

#[cfg(feature = "cli")]
pub mod gzip;

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::sealed::{Broken, Seal};

/// Every change of [`Example`] or [`Answer`] needs another version, and `scripts/examples.sh`.
const SEAL: Seal = Seal { magic: *b"NSEX", version: 1, oldest: 1 };
/// Largest payload that is read, in bytes.
pub const MOST_BYTES: usize = 8 << 20;

/// An answer that was recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The program: `normscope 0.1.0`.
    pub made_by: String,
    /// The day on which it was measured, `YYYY-MM-DD`.
    pub day: String,
    /// What was measured, in a phrase: "SimCLR on Digits, 5 seeds, 600 steps each".
    pub about: String,
    /// All settings: a study's options as JSON, of a diagnosis the experiment as in a link.
    pub settings: String,
    /// How long that took, in seconds, without building the program.
    pub seconds: f64,
    /// The answer, without the documents to keep.
    pub answer: Answer,
    /// The model of an anomaly study, for its job `Recall`; empty for others.
    pub model: Vec<u8>,
}

/// Why a file can't be read as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExampleError {
    /// Its head is wrong.
    #[error("The recorded example is none, damaged, or of another version ({0:?}). Reload the page.")]
    Head(Broken),
    /// Its parts can't be read.
    #[error("The parts of the recorded example can't be read. Reload the page.")]
    Parts,
}

impl From<Broken> for ExampleError {
    fn from(broken: Broken) -> ExampleError {
        ExampleError::Head(broken)
    }
}

/// The payload of an example, to be compressed.
pub fn pack(example: &Example) -> Vec<u8> {
    postcard::to_stdvec(example).unwrap_or_default()
}

/// The file: head and compressed payload.
pub fn seal(payload: &[u8], compressed: &[u8]) -> Vec<u8> {
    SEAL.close(payload, compressed)
}

/// The compressed payload of a file.
///
/// # Errors
/// [`ExampleError::Head`].
pub fn open(file: &[u8]) -> Result<&[u8], ExampleError> {
    Ok(SEAL.body(file)?)
}

/// The example in a file, given its decompressed payload.
///
/// # Errors
/// An [`ExampleError`] when the payload is not what was sealed, or is no example.
pub fn unpack(file: &[u8], payload: &[u8]) -> Result<Example, ExampleError> {
    SEAL.check(file, payload)?;
    postcard::from_bytes(payload).map_err(|_| ExampleError::Parts)
}
