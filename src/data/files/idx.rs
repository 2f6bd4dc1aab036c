//! IDX, the MNIST family's format: two zeros, the type, the number of dimensions, their sizes (big-endian), the values.

use std::borrow::Cow;

use super::block::{Block, Family, Found, LabelFile, Layout, Pixels, shape_text, sides};
use super::labels::Labels;
use super::names::Use;
use super::unpack::Entry;
use crate::data::file_error::FileError;
use crate::data::what::idx_numbers;
use crate::text::grouped;

/// Reads a file of pictures or of labels into `found`; whether it is one.
pub fn read<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    let Some(idx) = Idx::open(&entry.name, &entry.bytes, notes)? else {
        return misread(entry).map(|()| false);
    };
    let label_file = |labels| LabelFile { name: entry.name.clone(), purpose: Use::of_path(&entry.name), labels };
    match *idx.sizes {
        [n] if idx.is_whole() => found.labels.push(label_file(idx.labels(n as usize, 1))),
        // QMNIST: the class, then who wrote it and where it comes from.
        [n, columns @ 1..=16] if idx.is_whole() => {
            notes.push(format!("{} has {columns} numbers a picture; the first is taken as its label.", entry.name));
            found.labels.push(label_file(idx.labels(n as usize, columns as usize)));
        }
        _ => found.blocks.push(idx.pictures()?),
    }
    Ok(true)
}

/// Whether a file holds labels only.
pub fn is_labels(bytes: &[u8]) -> bool {
    matches!(*bytes, [0, 0, 8..=12, 1, ..])
}

/// A file's header, and the bytes of its values.
struct Idx<'a> {
    name: &'a str,
    /// What the values are.
    code: u8,
    /// Bytes of a value.
    size: usize,
    /// Sizes of the dimensions.
    sizes: Vec<u64>,
    /// The values.
    body: &'a [u8],
}

impl<'a> Idx<'a> {
    /// Reads the header and checks that the values are there; `None` for what is no IDX file.
    fn open(name: &'a str, bytes: &'a [u8], notes: &mut Vec<String>) -> Result<Option<Idx<'a>>, FileError> {
        let &[0, 0, code @ (8 | 9 | 0x0b..=0x0e), dimensions @ 1..=4, ..] = bytes else { return Ok(None) };
        let header = 4 + 4 * usize::from(dimensions);
        let what = Family::Idx.what();
        let cut = |missing| FileError::CutOff { name: name.to_owned(), what, at: bytes.len(), missing };
        let head = bytes.get(4..header).ok_or_else(|| cut("its header is not whole".to_owned()))?;
        let size = match code {
            8 | 9 => 1,
            0x0b => 2,
            0x0c | 0x0d => 4,
            _ => 8,
        };
        let total = |sizes: &[u64]| {
            sizes
                .iter()
                .try_fold(size as u64, |product, size| product.checked_mul(*size))
                .map(|values| values.saturating_add(header as u64))
        };
        let (big, little) = (sizes(head, u32::from_be_bytes), sizes(head, u32::from_le_bytes));
        let length = bytes.len() as u64;
        if total(&big) != Some(length) && total(&little) == Some(length) {
            return Err(little_endian(name));
        }
        let Some(expected) = total(&big).filter(|expected| expected >> 40 == 0) else {
            let what = format!("no whole IDX file: its header speaks of {} values", shape_text(&big));
            return Err(FileError::unreadable(name, what, "Download or copy it again."));
        };
        if expected > length {
            let share = 100 * length / expected;
            return Err(cut(format!("that is {share} % of the {} that its header promises", shape_text(&big))));
        }
        if expected < length {
            notes.push(format!("{name}: {} bytes behind its end are left out.", grouped((length - expected) as usize)));
        }
        Ok(Some(Idx { name, code, size, sizes: big, body: &bytes[header..expected as usize] }))
    }

    /// Whether the values are whole numbers.
    fn is_whole(&self) -> bool {
        !matches!(self.code, 0x0d | 0x0e)
    }

    /// Value `at` as a whole number.
    fn whole(&self, at: usize) -> i64 {
        let value = &self.body[at * self.size..(at + 1) * self.size];
        let unsigned = value.iter().fold(0_i64, |value, byte| value << 8 | i64::from(*byte));
        let unused = 64 - 8 * self.size;
        if self.code == 8 { unsigned } else { unsigned << unused >> unused }
    }

    /// Labels of `n` samples, each the first of `columns` values.
    fn labels(&self, n: usize, columns: usize) -> Labels {
        Labels::from_numbers((0..n).map(|row| self.whole(row * columns)))
    }

    /// The values as pictures, by the sizes of the dimensions.
    fn pictures(&self) -> Result<Block<'a>, FileError> {
        let planar = |channels: u64, height: u64, width: u64| {
            sides(self.name, height, width).map(|(height, width)| Layout::planar(channels as usize, height, width))
        };
        let layout = match *self.sizes {
            [_, height, width] if self.code == 8 => planar(1, height, width)?,
            [_, channels @ (1 | 3), height, width] if self.code == 8 => planar(channels, height, width)?,
            [_, height, width, channels @ (1 | 3)] if self.code == 8 => {
                let (height, width) = sides(self.name, height, width)?;
                Layout::interleaved(channels as usize, height, width)
            }
            [_, values] if self.code == 8 && values.isqrt().pow(2) == values => {
                planar(1, values.isqrt(), values.isqrt())?
            }
            _ => {
                return Err(FileError::unreadable(
                    self.name,
                    format!("an IDX file of {} ({})", idx_numbers(self.code), shape_text(&self.sizes)),
                    "Pictures should be bytes, n × height × width: (255 * x).astype(np.uint8) where x is from 0 to 1.",
                ));
            }
        };
        Ok(Block {
            name: self.name.to_owned(),
            purpose: Use::of_path(self.name),
            family: Family::Idx,
            pixels: Pixels::Raw { bytes: Cow::Borrowed(self.body), skip: 0, layout },
            labels: None,
            named: Vec::new(),
        })
    }
}

/// The sizes of a header, each of four bytes that `read` puts together.
fn sizes(head: &[u8], read: fn([u8; 4]) -> u32) -> Vec<u64> {
    head.chunks_exact(4).map(|size| u64::from(read([size[0], size[1], size[2], size[3]]))).collect()
}

/// Refuses a file whose header has the bytes of each number turned round.
fn misread(entry: &Entry<'_>) -> Result<(), FileError> {
    let &[dimensions @ 1..=4, 8 | 9 | 0x0b..=0x0e, 0, 0, ..] = &*entry.bytes else { return Ok(()) };
    let header = 4 + 4 * usize::from(dimensions);
    let head = entry.bytes.get(4..header).unwrap_or_default();
    let values = sizes(head, u32::from_le_bytes).into_iter().try_fold(1_u64, u64::checked_mul);
    if values.is_some_and(|values| values.saturating_add(header as u64) == entry.bytes.len() as u64) {
        return Err(little_endian(&entry.name));
    }
    Ok(())
}

fn little_endian(name: &str) -> FileError {
    FileError::unreadable(
        name,
        "an IDX file with little-endian sizes",
        "Its sizes should be big-endian, as the standard says: struct.pack(\">I\", n).",
    )
}
