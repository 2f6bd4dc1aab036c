//! Why files were not taken: what was given, and what would be right.

use thiserror::Error;

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
    /// A file over [`super::limits::MAX_BYTES`].
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

impl FileError {
    /// A file that holds no pictures that can be read: what it is, and what would be right.
    pub fn unreadable(name: &str, what: impl Into<String>, way_out: impl Into<String>) -> FileError {
        FileError::Unreadable { name: name.to_owned(), what: what.into(), way_out: way_out.into() }
    }
}
