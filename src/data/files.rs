//! The reader's own pictures, from bytes in memory.
//!
//! Read are CIFAR-10's and CIFAR-100's binary files, STL-10's, IDX (the MNIST family), numpy arrays (`.npy`, and `.npz` as Keras
//! and MedMNIST give them out), pictures as rows of a CSV file, and PNG or JPEG pictures in folders; all of them also inside
//! gzip, zip and tar files. The steps:
//!
//! ```text
//! unpack   archives -> entries, each with its path
//! roles    what each entry is, by its contents: blocks of pictures, labels, both, class names, something else
//! pairing  pictures and labels of the same number, by the nearest names
//! drawing  a seeded, stratified draw: which pictures are used, which are held out, and in which order
//! ```
//!
//! Whatever is left out is said in [`Dataset::notes`]; what can't be read is refused with what it is and what would be right.
//! Sizes are checked before anything is allocated.

#[cfg(feature = "pictures")]
mod arrays;
#[cfg(feature = "pictures")]
mod block;
#[cfg(feature = "pictures")]
mod draw;
#[cfg(feature = "pictures")]
mod encoded;
#[cfg(feature = "pictures")]
mod formats;
#[cfg(feature = "pictures")]
mod labels;
#[cfg(feature = "pictures")]
mod names;
#[cfg(feature = "pictures")]
mod roles;
#[cfg(feature = "pictures")]
mod rows;
#[cfg(all(test, feature = "pictures"))]
mod tests;
#[cfg(feature = "pictures")]
mod unpack;

mod error;
mod limits;

pub use error::FileError;
pub use limits::{MAX_BYTES, MAX_TEST, MAX_TRAIN};

#[cfg(feature = "pictures")]
use super::dataset::Dataset;

#[cfg(feature = "pictures")]
impl Dataset {
    /// Reads (path, contents) pairs as one data set of pictures.
    ///
    /// # Errors
    /// A [`FileError`] that names the file and what would be right.
    pub fn from_files(files: &[(String, Vec<u8>)]) -> Result<Dataset, FileError> {
        if files.is_empty() {
            return Err(FileError::Nothing);
        }
        let mut notes = Vec::new();
        let entries = unpack::entries(files, &mut notes)?;
        let blocks = roles::blocks(&entries, &mut notes)?;
        draw::dataset(blocks, notes)
    }
}
