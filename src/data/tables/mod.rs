//! Embeddings from files: `.npy`, `.npz`, text in any dialect, JSON, `.safetensors` and `.fvecs`, also within gzip or a zip
//! archive, with labels, pairs and names if the file has them.
//!
//! A file is anything that can be read and sought (a native file, bytes in memory, a browser's blob). It is recognised by
//! its contents, its sizes are checked before anything is allocated, and its rows are read in chunks, so a file may be
//! larger than the memory. What was taken for what is said ([`TableReader::account`]); what can't be read is refused with the
//! file's name and the way out. Labels and pairs are optional: the norms are shown without them, with a note.
//!
//! ```text
//! source -> TableReader::open -> account, shape, labels, pairs -> for_each_chunk -> (first row, [rows, d])
//! ```

mod accompany;
mod array;
mod arrays;
mod columns;
mod delimited;
mod element;
mod encoding;
mod error;
mod fields;
mod json;
mod labels;
mod layout;
mod lines;
mod names;
mod npy;
mod npz;
mod open;
mod packed;
mod reader;
mod rows;
mod seen;
mod source;
mod tensors;
mod vectors;
mod views;
mod wanted;
mod writer;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;

pub use error::TableError;
pub use labels::Labels;
pub use open::{read_labels, read_labels_for};
pub use reader::TableReader;
pub use wanted::Wanted;
pub use writer::{ArmsFile, EmbeddingsFile};

#[cfg(test)]
mod tests;
