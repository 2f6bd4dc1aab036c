//! Which part of a file is meant.

/// What the caller asks for, of a file that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The array, the column of vectors, or the file of an archive that holds the embeddings.
    pub array: Option<String>,
    /// The array or the column (its name, or its number from 1) that holds the labels.
    pub labels: Option<String>,
}
