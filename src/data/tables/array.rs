//! A binary array: what its shape and type say that it can be, and its values as labels or pairs.

use std::io::Read;

use super::element::{Element, Kind, Scalar};
use super::error::{MAX_COLUMNS, TableError, shape_text};
use super::labels::{LabelBuilder, Labels, pairs_by_list, pairs_by_row};
use super::views::Views;

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

/// An array as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// Their type.
    pub element: Element,
    /// Rows that are two views of one sample, if that is what a third dimension says.
    pub views: Option<Views>,
    /// What was made of another shape.
    pub note: Option<String>,
}

impl View {
    /// Samples: two rows are one where they are its views.
    pub fn samples(&self) -> usize {
        if self.views.is_some() { self.n / 2 } else { self.n }
    }
}

impl Array {
    /// Its name in small letters.
    pub fn key(&self) -> String {
        self.name.to_lowercase()
    }

    /// Entries along the first dimension, with two views of a sample counted twice.
    pub fn rows(&self) -> Option<u64> {
        match self.shape[..] {
            [1, n] => Some(n),
            [n, ..] => Some(n),
            [] => None,
        }
    }

    /// Whether it holds text.
    pub fn is_text(&self) -> bool {
        self.element.as_ref().is_ok_and(|element| !element.is_number())
    }

    /// Whether it can be a table of numbers.
    pub fn is_table(&self) -> bool {
        let may_be = self.element.as_ref().is_ok_and(|element| element.is_number());
        may_be && self.shape.len() >= 2 && self.squeezed().is_ok()
    }

    /// Whether there is one value for each row.
    pub fn is_companion(&self, n: Option<u64>) -> bool {
        matches!(self.shape[..], [rows] | [rows, 1] if Some(rows) == n)
    }

    /// Whole numbers or text.
    pub fn may_be_classes(&self) -> bool {
        let fractions = [Kind::F16, Kind::BF16, Kind::F32, Kind::F64];
        self.element.as_ref().is_ok_and(|element| !fractions.contains(&element.kind))
    }

    /// Rows, columns and views by the shape; what was made of it.
    fn squeezed(&self) -> Result<(u64, u64, Option<Views>, Option<String>), TableError> {
        let shape = || shape_text(&self.shape);
        let refuse = |remedy| Err(TableError::Dimensions { name: self.label.clone(), shape: shape(), remedy });
        let larger: Vec<u64> = self.shape.iter().copied().filter(|size| *size != 1).collect();
        match (&self.shape[..], &larger[..]) {
            ([n, d], _) => Ok((*n, *d, None, None)),
            ([_], _) => refuse("e.g. z.reshape(n, d)"),
            ([], _) => refuse("e.g. np.stack(z)"),
            (_, [n, d]) => Ok((*n, *d, None, Some(format!("The shape {} is read as ({n}, {d}).", shape())))),
            ([n, 2, d], _) if !self.fortran => {
                let note = format!("The shape {} is read as two views of each of {n} samples.", shape());
                Ok((2 * n, *d, Some(Views::Interleaved), Some(note)))
            }
            ([2, n, d], _) if !self.fortran => {
                let note = format!("The shape {} is read as two views of each of {n} samples.", shape());
                Ok((2 * n, *d, Some(Views::Halves), Some(note)))
            }
            ([_, 2, _] | [2, _, _], _) => refuse("or [n, 2, d] in row order: np.ascontiguousarray(z)"),
            ([_, _, _], _) => refuse("e.g. z.mean(axis=1) or z[:, 0] of tokens"),
            ([_, _, _, _], _) => refuse("e.g. z.mean(axis=(2, 3)) of feature maps"),
            _ => refuse("e.g. z.reshape(len(z), -1)"),
        }
    }

    /// Rows, columns and element type of a table; sizes are checked against the bytes there are.
    pub fn as_table(&self) -> Result<View, TableError> {
        let element = match (&self.element, &self.shape[..]) {
            (Err(TableError::Objects(name)), []) => return Err(TableError::OneObject(name.clone())),
            (element, _) => element.clone()?,
        };
        if !element.is_number() {
            let found = "text".to_owned();
            return Err(TableError::NotNumbers { name: self.label.clone(), found });
        }
        if self.shape.contains(&0) {
            return Err(TableError::Empty(self.label.clone()));
        }
        let (n, d, views, note) = self.squeezed()?;
        if d > MAX_COLUMNS as u64 {
            return Err(TableError::TooWide { name: self.label.clone(), columns: d });
        }
        self.checked_bytes(element)?;
        // n rows of d elements are in the file, so both fit; only a 32-bit machine with a larger file could fail.
        let n = usize::try_from(n).map_err(|_| self.truncated(u64::MAX))?;
        Ok(View { n, d: d as usize, element, views, note })
    }

    /// Bytes of the data, which are no more than there are.
    fn checked_bytes(&self, element: Element) -> Result<u64, TableError> {
        let size = element.size().map_or(u64::MAX, |size| size as u64);
        let bytes = self.shape.iter().try_fold(size, |product, size| product.checked_mul(*size)).unwrap_or(u64::MAX);
        if bytes > self.available { Err(self.truncated(bytes)) } else { Ok(bytes) }
    }

    /// Bytes behind the data.
    pub fn surplus(&self) -> u64 {
        let needed = self.element.as_ref().ok().and_then(|element| self.checked_bytes(*element).ok());
        needed.map_or(0, |needed| self.available - needed)
    }

    fn truncated(&self, expected: u64) -> TableError {
        TableError::Truncated { name: self.label.clone(), expected, found: self.available }
    }

    /// Whether the array can be labels of `rows` rows, by its type and shape.
    pub fn expect_labels(&self, rows: usize) -> Result<(), TableError> {
        match &self.element {
            Err(TableError::Objects(name)) => return Err(TableError::LabelObjects(name.clone())),
            Err(error) => return Err(error.clone()),
            Ok(_) => (),
        }
        let shape = || TableError::LabelShape { name: self.label.clone(), shape: shape_text(&self.shape) };
        let found = match self.shape[..] {
            [1, n] if rows != 1 => n,
            [n] | [n, _] => n,
            _ => return Err(shape()),
        };
        self.expect("labels", found, rows)
    }

    /// The labels of an array: one value a row, in a row, a column or neither, or one-hot; from a reader at the data.
    pub fn read_labels(&self, rows: Option<usize>, reader: &mut dyn Read) -> Result<Labels, TableError> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let rows = rows.unwrap_or(match self.shape[..] {
            [1, n] => size(n),
            [n, ..] => size(n),
            [] => 1,
        });
        self.expect_labels(rows)?;
        let mut builder = LabelBuilder::default();
        if let [n, k] = self.shape[..]
            && k > 1
            && n == rows as u64
        {
            for class in self.one_hot((n, k), reader)? {
                builder.push(&self.label, &class.to_string())?;
            }
        } else {
            self.for_each_scalar(reader, |label| builder.push_scalar(&self.label, &label))?;
        }
        Ok(builder.finish())
    }

    /// Where the one of each row is.
    fn one_hot(&self, (n, k): (u64, u64), reader: &mut dyn Read) -> Result<Vec<u64>, TableError> {
        let refused = || TableError::LabelShape { name: self.label.clone(), shape: shape_text(&self.shape) };
        let element = self.element.clone()?;
        self.checked_bytes(element)?;
        let mut classes = vec![u64::MAX; usize::try_from(n).map_err(|_| refused())?];
        let mut at = 0;
        self.for_each_scalar(reader, |value| {
            let (row, class) = if self.fortran { (at % n, at / n) } else { (at / k, at % k) };
            at += 1;
            let known = &mut classes[row as usize];
            match value.integer() {
                Some(0) => Ok(()),
                Some(1) if *known == u64::MAX => {
                    *known = class;
                    Ok(())
                }
                _ => Err(refused()),
            }
        })?;
        if classes.contains(&u64::MAX) { Err(refused()) } else { Ok(classes) }
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
            _ => {
                let remedy = "or one pair a row, [m, 2]";
                Err(TableError::Dimensions { name: self.label.clone(), shape: shape_text(&self.shape), remedy })
            }
        }
    }

    fn expect(&self, what: &'static str, found: u64, rows: usize) -> Result<(), TableError> {
        if found == rows as u64 {
            return Ok(());
        }
        Err(TableError::Mismatch { name: self.label.clone(), what, found, rows })
    }

    /// Visits every value, from a reader at the data.
    pub fn for_each_scalar(
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
