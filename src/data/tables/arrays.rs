//! Binary arrays by name: which one of a file holds the embeddings, and how its rows are read from a stream of bytes.

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use super::element::{Element, Scalar};
use super::error::{MAX_COLUMNS, TableError, shape_text};
use super::labels::{LABEL_NAMES, LabelBuilder, Labels, PAIR_NAMES, pairs_by_list, pairs_by_row};

/// Names of arrays that hold embeddings, the first one that occurs wins; `a_z` is arm A's in a training's file.
pub const TABLE_NAMES: [&str; 4] = ["z", "embeddings", "features", "a_z"];
/// Most arrays that a message lists.
const MOST_LISTED: usize = 8;
/// Most bytes of a chunk of rows.
const MAX_CHUNK: usize = 16 << 20;

/// An array inside a file.
#[derive(Clone, Debug)]
pub struct Array {
    /// The file and the array, for messages.
    pub label: String,
    /// The array's own name.
    pub name: String,
    /// Sizes of the dimensions.
    pub shape: Vec<u64>,
    /// Columns are stored one after the other.
    pub fortran: bool,
    /// The element type, or why it can't be read.
    pub element: Result<Element, TableError>,
    /// Bytes there are for the data.
    pub available: u64,
}

/// Indices of the arrays that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub table: usize,
    pub labels: Option<usize>,
    pub pairs: Option<usize>,
    /// Which tables there are besides, if any.
    pub note: Option<String>,
}

/// Finds the embeddings (the array that is `wanted`, else by name, else as the only two-dimensional array of numbers), the
/// labels and the pairs.
pub fn choose(file: &str, arrays: &[Array], wanted: Option<&str>) -> Result<Chosen, TableError> {
    let named = |names: &[&str]| names.iter().find_map(|name| arrays.iter().position(|array| array.name == *name));
    let (labels, pairs) = (named(&LABEL_NAMES), named(&PAIR_NAMES));
    let is_table = |array: &Array| array.shape.len() == 2 && array.element.as_ref().is_ok_and(|e| e.is_number());
    let free = |at: &usize| Some(*at) != labels && Some(*at) != pairs;
    let tables: Vec<usize> = (0..arrays.len()).filter(free).filter(|at| is_table(&arrays[*at])).collect();
    let preferred = match wanted {
        Some(wanted) => Some(named(&[wanted]).ok_or_else(|| TableError::NoArray {
            name: file.to_owned(),
            array: wanted.to_owned(),
            arrays: listed(arrays),
        })?),
        None => named(&TABLE_NAMES),
    };
    let table = match (preferred, &tables[..], arrays) {
        (Some(table), ..) => table,
        (None, [table], _) => *table,
        // A single array of a wrong kind: its own error says more.
        (None, [], [_]) => 0,
        _ => return Err(TableError::NoEmbeddings { name: file.to_owned(), arrays: listed(arrays) }),
    };
    let others: Vec<&str> = tables.iter().filter(|at| **at != table).map(|at| arrays[*at].name.as_str()).collect();
    let note = (!others.is_empty() && wanted.is_none()).then(|| {
        format!("These are the embeddings {}; the file also holds {}.", arrays[table].name, others.join(", "))
    });
    Ok(Chosen { table, labels, pairs, note })
}

/// Names and shapes of arrays, for messages.
fn listed(arrays: &[Array]) -> String {
    let describe = |array: &Array| format!("{} {}", array.name, shape_text(&array.shape));
    let mut names: Vec<String> = arrays.iter().take(MOST_LISTED).map(describe).collect();
    names.extend((arrays.len() > MOST_LISTED).then(|| format!("{} more", arrays.len() - MOST_LISTED)));
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}

impl Array {
    /// Rows, columns and element type of a table; sizes are checked against the bytes there are.
    pub fn as_table(&self) -> Result<(usize, usize, Element), TableError> {
        let element = self.element.clone()?;
        if !element.is_number() {
            let found = "text".to_owned();
            return Err(TableError::NotNumbers { name: self.label.clone(), found });
        }
        let [n, d] = self.shape[..] else {
            return Err(TableError::Dimensions { name: self.label.clone(), shape: shape_text(&self.shape) });
        };
        if n == 0 || d == 0 {
            return Err(TableError::Empty(self.label.clone()));
        }
        if d > MAX_COLUMNS as u64 {
            return Err(TableError::TooWide { name: self.label.clone(), columns: d });
        }
        self.checked_bytes(element)?;
        // n rows of d elements are in the file, so both fit; only a 32-bit machine with a larger file could fail.
        let n = usize::try_from(n).map_err(|_| self.truncated(u64::MAX))?;
        Ok((n, d as usize, element))
    }

    /// Bytes of the data, which are no more than there are.
    fn checked_bytes(&self, element: Element) -> Result<u64, TableError> {
        let size = element.size().map_or(u64::MAX, |size| size as u64);
        let bytes = self.shape.iter().try_fold(size, |product, size| product.checked_mul(*size)).unwrap_or(u64::MAX);
        if bytes > self.available { Err(self.truncated(bytes)) } else { Ok(bytes) }
    }

    fn truncated(&self, expected: u64) -> TableError {
        TableError::Truncated { name: self.label.clone(), expected, found: self.available }
    }

    /// The elements of a one-dimensional array (or one column, or one row) of labels, from a reader at the data.
    pub fn read_labels(&self, rows: usize, reader: &mut dyn Read) -> Result<Labels, TableError> {
        let found = match self.shape[..] {
            [n] | [n, 1] => n,
            _ => return Err(TableError::Dimensions { name: self.label.clone(), shape: shape_text(&self.shape) }),
        };
        self.expect("labels", found, rows)?;
        let mut builder = LabelBuilder::default();
        self.for_each_scalar(reader, |label| builder.push_scalar(&self.label, &label))?;
        Ok(builder.finish())
    }

    /// Pairs as indices `[n]` or a list `[m, 2]`, from a reader at the data.
    pub fn read_pairs(&self, rows: usize, reader: &mut dyn Read) -> Result<Vec<Option<u32>>, TableError> {
        let mut scalars = Vec::new();
        let mut collect = || {
            self.for_each_scalar(reader, |scalar| {
                scalars.push(scalar);
                Ok(())
            })
        };
        match self.shape[..] {
            [n] | [n, 1] => {
                self.expect("pairs", n, rows)?;
                collect()?;
                pairs_by_row(&self.label, &scalars, rows)
            }
            [_, 2] if !self.fortran => {
                collect()?;
                pairs_by_list(&self.label, &scalars, rows)
            }
            _ => Err(TableError::Dimensions { name: self.label.clone(), shape: shape_text(&self.shape) }),
        }
    }

    fn expect(&self, what: &'static str, found: u64, rows: usize) -> Result<(), TableError> {
        if found == rows as u64 {
            return Ok(());
        }
        Err(TableError::Mismatch { name: self.label.clone(), what, found, rows })
    }

    fn for_each_scalar(
        &self,
        reader: &mut dyn Read,
        mut visit: impl FnMut(Scalar) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let element = self.element.clone()?;
        let bytes = self.checked_bytes(element)?;
        let size = element.size().unwrap_or(0);
        if size == 0 {
            return Err(TableError::Empty(self.label.clone()));
        }
        let mut value = vec![0; size.min(bytes as usize)];
        for _ in 0..bytes / size as u64 {
            reader.read_exact(&mut value).map_err(|error| TableError::io(&self.label, &error))?;
            visit(element.scalar(&value))?;
        }
        Ok(())
    }
}

/// Rows of a chunk: at least one, at most `wanted` and what fits 16 MiB.
pub fn chunk_rows(wanted: usize, n: usize, d: usize) -> usize {
    wanted.min(n).clamp(1, (MAX_CHUNK / (8 * d)).max(1))
}

/// Where rows go, chunk by chunk: (first row, `[rows, d]`).
pub type Visit<'a> = &'a mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>;

/// The rows of a C-ordered table from a reader at its data.
pub fn stream_rows(
    label: &str,
    (n, d, element): (usize, usize, Element),
    reader: &mut dyn Read,
    rows: usize,
    visit: Visit<'_>,
) -> Result<(), TableError> {
    let row_bytes = d * element.size().unwrap_or(0);
    let (mut bytes, mut values) = (vec![0; rows * row_bytes], vec![0.0; rows * d]);
    for start in (0..n).step_by(rows) {
        let rows = rows.min(n - start);
        let (bytes, values) = (&mut bytes[..rows * row_bytes], &mut values[..rows * d]);
        reader.read_exact(bytes).map_err(|error| TableError::io(label, &error))?;
        element.to_f32(bytes, values);
        if visit(start, values).is_break() {
            break;
        }
    }
    Ok(())
}

/// The rows of a Fortran-ordered table whose data are at `at`: each chunk gathers a piece of every column.
pub fn gather_rows(
    label: &str,
    (n, d, element): (usize, usize, Element),
    source: &mut (impl Read + Seek),
    at: u64,
    rows: usize,
    visit: Visit<'_>,
) -> Result<(), TableError> {
    let size = element.size().unwrap_or(0);
    let (mut bytes, mut column) = (vec![0; rows * size], vec![0.0; rows]);
    let mut values = vec![0.0; rows * d];
    for start in (0..n).step_by(rows) {
        let rows = rows.min(n - start);
        for k in 0..d {
            let offset = at + (k as u64 * n as u64 + start as u64) * size as u64;
            let bytes = &mut bytes[..rows * size];
            let read = source.seek(SeekFrom::Start(offset)).and_then(|_| source.read_exact(bytes));
            read.map_err(|error| TableError::io(label, &error))?;
            element.to_f32(bytes, &mut column[..rows]);
            for (row, value) in column[..rows].iter().enumerate() {
                values[row * d + k] = *value;
            }
        }
        if visit(start, &values[..rows * d]).is_break() {
            break;
        }
    }
    Ok(())
}
