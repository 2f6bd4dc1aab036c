//! The reader's own pictures, from bytes in memory.
//!
//! Read are CIFAR-10's and CIFAR-100's binary files, STL-10's, IDX (the MNIST family), numpy arrays (`.npy`, and `.npz` as Keras
//! and MedMNIST give them out), pictures as rows of a CSV file, and PNG or JPEG pictures in folders; all of them also inside
//! gzip, zip and tar files. The steps:
//!
//! ```text
//! unpack    archives -> entries, each with its path
//! roles     what each entry is, by its contents (formats, arrays, rows, encoded): blocks of pictures, labels, something else
//! pairing   pictures and labels of the same number, by the nearest names
//! classes   what the labels mean; texts: names for them
//! draw      a seeded, stratified draw: which pictures are used, which are held out, and in which order
//! scale     one size for all pictures
//! assembly  all of it as a data set
//! ```
//!
//! Whatever is left out is said in [`Dataset::notes`]; what can't be read is refused with what it is and what would be right.
//! Sizes are checked before anything is allocated.

mod arrays;
mod assembly;
mod block;
mod cifar;
mod classes;
mod draw;
mod encoded;
mod formats;
mod idx;
mod labels;
mod names;
mod npy;
mod pairing;
mod refusal;
mod roles;
mod rows;
mod scale;
mod stl;
#[cfg(test)]
mod tests;
mod texts;
mod unpack;

use super::dataset::Dataset;
use super::file_error::FileError;

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
        assembly::dataset(blocks, notes)
    }
}
