//! Why a file of embeddings was not taken: each error names the file and says what would be right.

use thiserror::Error;

/// Most columns of a table.
pub const MAX_COLUMNS: usize = 65_536;

/// Why a file of embeddings, labels or pairs was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableError {
    /// The file can't be read at all.
    #[error("{name}: {reason}.")]
    Io {
        /// The file.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// No rows, no columns or no bytes.
    #[error("{0} is empty. It should hold embeddings: one row for each sample, one column for each dimension.")]
    Empty(String),
    /// None of the formats.
    #[error("{name} is {what}. {way_out}")]
    Unknown {
        /// The file.
        name: String,
        /// What it is.
        what: String,
        /// What to do about it.
        way_out: String,
    },
    /// Text, or JSON, without vectors of numbers.
    #[error(
        "{name} holds no columns of numbers, only {found}. It should hold embeddings: one row for each sample, one column for \
         each dimension."
    )]
    NoNumbers {
        /// The file.
        name: String,
        /// What it holds.
        found: String,
    },
    /// A column of lists that differ in length, or that were cut short when they were written.
    #[error(
        "{name}: the lists in {column} differ in length, or were shortened with '...' when they were saved. Save them in full, \
         e.g. np.save(\"z.npy\", np.stack(df[\"embedding\"]))."
    )]
    RaggedLists {
        /// The file.
        name: String,
        /// The column.
        column: String,
    },
    /// Several columns, none of which is plainly the labels.
    #[error(
        "{name} has {columns}, and none of them is plainly the labels. Give one the header 'label', or choose it with \
         --label-column NAME."
    )]
    NoLabels {
        /// The file.
        name: String,
        /// The columns there are.
        columns: String,
    },
    /// A file that breaks the rules of its format.
    #[error("{name} is not a valid {format} file: {reason}. Is the download complete?")]
    Malformed {
        /// The file, and the array inside.
        name: String,
        /// `.npy`, `.npz` or `.safetensors`.
        format: &'static str,
        /// Which rule.
        reason: String,
    },
    /// Fewer bytes than the header says.
    #[error("{name} should have {expected} bytes of data by its header but has {found}. Is the download complete?")]
    Truncated {
        /// The file, and the array inside.
        name: String,
        /// Bytes by the header.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// An array of Python objects.
    #[error(
        "{0} holds Python objects (a pickle), which can run code when opened. Save plain numbers: \
         np.save(path, np.asarray(z, dtype=np.float32), allow_pickle=False)."
    )]
    Objects(String),
    /// A single Python object in place of an array.
    #[error(
        "{0} holds a Python object such as a dict (a pickle), which can run code when opened. Save the arrays in it by their \
         names: np.savez(path, **d)."
    )]
    OneObject(String),
    /// Labels that are Python objects.
    #[error(
        "{0} holds Python objects (a pickle), which can run code when opened. Save plain labels: labels.astype(str), or \
         np.unique(labels, return_inverse=True)[1]."
    )]
    LabelObjects(String),
    /// Labels of a shape that is neither one value a row nor one-hot.
    #[error(
        "{name} has the shape {shape}. There should be one label for each row: labels.ravel() of one column, \
         labels.argmax(1) of scores."
    )]
    LabelShape {
        /// The file, and the array inside.
        name: String,
        /// The shape it has.
        shape: String,
    },
    /// Numbers that are not real numbers.
    #[error("{name} holds values of type {found}. Embeddings should be real numbers, e.g. {}.", if found == "structured" {
        "np.lib.recfunctions.structured_to_unstructured(z)"
    } else {
        "z.astype(np.float32)"
    })]
    NotNumbers {
        /// The file, and the array inside.
        name: String,
        /// The type by the header.
        found: String,
    },
    /// Not two dimensions.
    #[error("{name} has the shape {shape}. It should be [n, d]: one row for each sample, {remedy}.")]
    Dimensions {
        /// The file, and the array inside.
        name: String,
        /// The shape it has.
        shape: String,
        /// How to get there.
        remedy: &'static str,
    },
    /// Too many columns.
    #[error("{name} has {columns} columns; at most 65,536 can be used. Is the array transposed? Save z.T.")]
    TooWide {
        /// The file.
        name: String,
        /// Columns there are.
        columns: u64,
    },
    /// Several arrays, none of them named.
    #[error(
        "{name} holds {arrays}. Which are the embeddings? Name them z, embeddings or features, e.g. \
         np.savez(path, z=z, labels=y)."
    )]
    NoEmbeddings {
        /// The file.
        name: String,
        /// The names and shapes there are.
        arrays: String,
        /// The names one may choose from.
        names: Vec<String>,
    },
    /// No array of the wanted name.
    #[error("{name} has no array {array}. It holds {arrays}.")]
    NoArray {
        /// The file.
        name: String,
        /// The name that was asked for.
        array: String,
        /// The names and shapes there are.
        arrays: String,
    },
    /// A row of another length.
    #[error("{name}: line {line} has {found} values, the first line has {expected}. Every row should have as many.")]
    Ragged {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
        /// Values of the first line.
        expected: usize,
        /// Values of this line.
        found: usize,
    },
    /// A field that is not a number.
    #[error(
        "{name}: line {line}, {column} holds '{text}', which is not a number. Separate values by comma, semicolon, tab or \
         spaces, give the file a header line, and name a column of classes 'label'."
    )]
    NotANumber {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
        /// The column: its name, or its number from 1.
        column: String,
        /// What it holds, shortened.
        text: String,
    },
    /// A line that is too long to be a row.
    #[error("{name}: line {line} has more than 16 MiB. Is a quotation mark open, or is it not a table at all?")]
    LongLine {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// Labels or pairs for another number of rows.
    #[error("{name} has {found} {what} for {rows} embeddings. There should be one for each row.")]
    Mismatch {
        /// The file, and the array inside.
        name: String,
        /// `labels` or `pairs`.
        what: &'static str,
        /// Entries there are.
        found: u64,
        /// Rows of the embeddings.
        rows: usize,
    },
    /// A label that is no class.
    #[error("{name}: the label of row {row} is {value}. Labels should be whole numbers or names.")]
    BadLabel {
        /// The file, and the array inside.
        name: String,
        /// The row, from 0.
        row: usize,
        /// The label.
        value: String,
    },
    /// More classes than fit.
    #[error("{name} has more than 65,535 different labels. Labels should be classes, not one name for each sample.")]
    TooManyClasses {
        /// The file, and the array inside.
        name: String,
    },
    /// A pair that leads nowhere.
    #[error(
        "{name}: the pair of row {row} is {value}. It should be the index of another row, 0 to n-1, or -1 for none."
    )]
    BadPair {
        /// The file, and the array inside.
        name: String,
        /// The row, from 0.
        row: usize,
        /// The index.
        value: String,
    },
    /// A file that does not fit the caller's memory.
    #[error("{name} needs {needed} bytes of memory; {limit} are allowed here. {remedy}")]
    TooLarge {
        /// The file.
        name: String,
        /// Bytes it needs.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
        /// What helps.
        remedy: &'static str,
    },
}

impl TableError {
    pub(super) fn io(name: &str, error: &std::io::Error) -> TableError {
        TableError::Io { name: name.to_owned(), reason: error.to_string() }
    }

    pub(super) fn malformed(name: &str, format: &'static str, reason: impl Into<String>) -> TableError {
        TableError::Malformed { name: name.to_owned(), format, reason: reason.into() }
    }
}

/// At most 40 letters of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut short: String = text.trim().chars().take(MOST).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}

/// A shape as Python writes it.
pub(super) fn shape_text(shape: &[u64]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}
