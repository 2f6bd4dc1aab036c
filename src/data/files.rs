//! The reader's own pictures, from bytes in memory.
//!
//! Read are CIFAR-10's and CIFAR-100's binary files, STL-10's, IDX (the MNIST family), numpy arrays (`.npy`, and `.npz` as Keras
//! and MedMNIST give them out), pictures as rows of a CSV file, and PNG or JPEG pictures in folders; all of them also inside
//! gzip, zip and tar files. The steps:
//!
//! ```text
//! unpack   archives -> entries, each with its path
//! roles    what each entry is, by its contents: pictures, labels, both, class names, something else
//! pairing  pictures and labels of the same number, by the nearest names
//! drawing  a seeded, stratified draw: which pictures are used, which are held out, and in which order
//! ```
//!
//! Whatever is left out is said in [`Dataset::notes`]; what can't be read is refused with what it is and what would be right.
//! Sizes are checked before anything is allocated.

#[cfg(feature = "pictures")]
mod arrays;
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

use thiserror::Error;

#[cfg(feature = "pictures")]
use super::Dataset;

/// Most bytes that are read, packed and unpacked.
pub const MAX_BYTES: usize = 512 << 20;
/// Most samples that are used for training, and held out.
pub const MAX_TRAIN: usize = 10_000;
/// Most samples that are held out.
pub const MAX_TEST: usize = 2_000;

/// Why files were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// No file at all.
    #[error(
        "No file was given. Choose pictures: CIFAR binary batches (.bin), IDX files, arrays (.npy, .npz), or a folder or .zip \
         of PNG or JPEG pictures."
    )]
    Nothing,
    /// An empty file.
    #[error("{0} is empty (0 bytes). Save or download it again.")]
    Empty(String),
    /// A file over [`MAX_BYTES`].
    #[error("{0} has more than 512 MiB. Choose a single batch or a smaller file.")]
    Huge(String),
    /// A file that holds no pictures that can be read.
    #[error("{name} is {what}. {way_out}")]
    Unreadable {
        /// The file.
        name: String,
        /// What it is.
        what: String,
        /// What would be right.
        way_out: String,
    },
    /// A file that ends too early.
    #[error("{name} is {what}, cut off at byte {at}: {missing}. Download or copy it again.")]
    CutOff {
        /// The file.
        name: String,
        /// What it is.
        what: &'static str,
        /// Bytes there are.
        at: usize,
        /// What is missing.
        missing: String,
    },
    /// A CIFAR label that there is none of.
    #[error(
        "{name}: record {record} has the label {label}; CIFAR-10 labels are 0 to 9. The file is damaged, or of another kind."
    )]
    BadLabel {
        /// The file.
        name: String,
        /// Index of the record.
        record: usize,
        /// The label.
        label: u8,
    },
    /// Pictures of a size that does not fit.
    #[error("{name} has pictures of {height} × {width}; at least 4 × 4 is needed.")]
    Sides {
        /// The file.
        name: String,
        /// Rows.
        height: u64,
        /// Columns.
        width: u64,
    },
    /// Labels without pictures, or labels of another number.
    #[error("{name} has {labels} labels, but {pictures}. Open the pictures together with their labels.")]
    NoPartner {
        /// The file of labels.
        name: String,
        /// Labels there are.
        labels: usize,
        /// What there is instead of the pictures.
        pictures: String,
    },
    /// Pictures that could belong to either of two files of labels.
    #[error(
        "{name}: its labels could be in {first} or in {second}. Open one pair at a time, or rename the files alike."
    )]
    Ambiguous {
        /// The pictures.
        name: String,
        /// One file of labels.
        first: String,
        /// Another one.
        second: String,
    },
    /// Different formats at once.
    #[error("{name} is {what}, {other} is {other_what}: not one data set. Open one of them.")]
    Mixed {
        /// A file.
        name: String,
        /// What it is.
        what: &'static str,
        /// A file of another kind.
        other: String,
        /// What that is.
        other_what: &'static str,
    },
    /// Too few samples.
    #[error("{name}: only {samples} pictures; at least 40 are needed.")]
    TooFew {
        /// The file or files.
        name: String,
        /// Samples there are.
        samples: usize,
    },
}

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
