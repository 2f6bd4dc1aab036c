//! numpy arrays: `.npy` files, and `.npz` archives as Keras and MedMNIST give them out. Which array holds pictures and which
//! labels is told by shapes and types; names only say what belongs together.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::block::{Block, Family, Found, LabelFile, Layout, Pixels, shape_text, sides};
use super::labels::Labels;
use super::names::{self, Use};
use super::npy::{Array, Element, NPY};
use crate::data::file_error::FileError;
use crate::data::limits::MAX_BYTES;
use crate::text::listed;

/// Smallest side of pictures that are stored as plain rows.
const FLAT_SIDE: usize = 7;
/// Names of arrays of pictures that are stored as plain rows.
const PICTURES: [&str; 9] = ["x", "xtrain", "xtest", "images", "image", "imgs", "pixels", "data", "pictures"];

/// Whether a zip archive holds arrays.
pub fn is_npz(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes))
        .is_ok_and(|archive| archive.file_names().any(|name| name.is_ok_and(|name| name.ends_with(".npy"))))
}

/// Reads all arrays of a file into `found`.
pub fn read<'a>(name: &str, bytes: &'a [u8], found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<(), FileError> {
    let mut unused = Vec::new();
    let before = (found.blocks.len(), found.labels.len());
    if bytes.starts_with(NPY) {
        let array = Array::open(name.to_owned(), Use::of_path(name), Cow::Borrowed(bytes))?;
        unused.extend(sort(array, found, notes)?);
    } else {
        read_npz(name, bytes, found, notes, &mut unused)?;
    }
    // Tables with labels are embeddings; labels alone belong to pictures elsewhere.
    if found.blocks.len() == before.0 && (!unused.is_empty() || found.labels.len() == before.1) {
        found.labels.truncate(before.1);
        let what = match unused.len() {
            0 => "an archive without arrays".to_owned(),
            1 => format!("an array that is no pictures: {}", unused[0]),
            _ => format!("arrays that are no pictures: {}", listed(&unused)),
        };
        found.others.push((name.to_owned(), what));
        return Ok(());
    }
    if !unused.is_empty() {
        notes.push(format!("Not used: {}.", listed(&unused)));
    }
    Ok(())
}

/// Reads all arrays of an archive into `found`; those that are of no use are added to `unused`.
fn read_npz<'a>(
    name: &str,
    bytes: &'a [u8],
    found: &mut Found<'a>,
    notes: &mut Vec<String>,
    unused: &mut Vec<String>,
) -> Result<(), FileError> {
    let broken = |what: &str| FileError::unreadable(name, what, "Download or copy it again.");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken("a damaged archive of numpy arrays"))?;
    let mut left = MAX_BYTES;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|_| broken("a damaged archive of numpy arrays"))?;
        let path = file.name().map(Cow::into_owned).unwrap_or_default();
        let Some(own) = path.strip_suffix(".npy") else { continue };
        let mut contents = Vec::new();
        let result = (&mut file).take(left as u64 + 1).read_to_end(&mut contents);
        if contents.len() > left {
            return Err(FileError::Huge(name.to_owned()));
        }
        result.map_err(|_| broken(&format!("an archive of numpy arrays, and {own} in it is cut off or damaged")))?;
        left -= contents.len();
        let purpose = Use::of_name(own).unwrap_or_else(|| Use::of_path(name));
        match Array::open(format!("{name}: {own}"), purpose, Cow::Owned(contents)) {
            Ok(array) => unused.extend(sort(array, found, notes)?),
            Err(FileError::Unreadable { name, what, .. }) => unused.push(format!("{name} ({what})")),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What an array holds, by its shape and type.
enum Content {
    /// Pictures of (channels, height, width), channel by channel.
    Planar(usize, usize, usize),
    /// The same, pixel by pixel.
    Interleaved(usize, usize, usize),
    /// One value a sample.
    Labels,
    /// Perhaps one-hot labels.
    Rows,
    /// Nothing of use.
    Other,
}

fn content(array: &Array<'_>) -> Content {
    let square = |values: usize| values.isqrt().pow(2) == values && values.isqrt() >= FLAT_SIDE;
    let own = array.label.rsplit(": ").next().unwrap_or_default();
    let flat = array.element.is_byte() || names::words(own).iter().any(|word| PICTURES.contains(&word.as_str()));
    match array.shape[..] {
        [_] | [_, 1] | [1, _] => Content::Labels,
        [_, height, width] if height.min(width) >= 4 => Content::Planar(1, height, width),
        [_, height, width, channels @ (1 | 3 | 4)] if height.min(width) >= 4 => {
            Content::Interleaved(channels, height, width)
        }
        [_, channels @ (1 | 3), height, width] if height.min(width) >= 4 => Content::Planar(channels, height, width),
        [_, values] if flat && square(values) => Content::Planar(1, values.isqrt(), values.isqrt()),
        // As CIFAR's batches for Python: channel by channel.
        [_, values] if flat && values.is_multiple_of(3) && square(values / 3) => {
            Content::Planar(3, (values / 3).isqrt(), (values / 3).isqrt())
        }
        [_, _] if !matches!(array.element, Element::Text { .. }) => Content::Rows,
        _ => Content::Other,
    }
}

/// Puts an array where it belongs; what it is where it is of no use.
fn sort<'a>(array: Array<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<Option<String>, FileError> {
    let useless = || format!("{} ({})", array.label, shape_text(&array.shape));
    let (channels, height, width, interleaved) = match content(&array) {
        Content::Labels => return Ok(take_labels(array, found)),
        Content::Rows if take_one_hot(&array, found) => return Ok(None),
        Content::Rows | Content::Other => return Ok(Some(useless())),
        Content::Planar(..) | Content::Interleaved(..) if array.shape[0] < 2 => return Ok(Some(useless())),
        Content::Planar(channels, height, width) => (channels, height, width, false),
        Content::Interleaved(channels, height, width) => (channels, height, width, true),
    };
    let (height, width) = sides(&array.label, height as u64, width as u64)?;
    let (name, purpose) = (array.label.clone(), array.purpose);
    let record = channels * height * width;
    let bytes = match bytes_of(array, notes)? {
        // Without the fourth channel, which is how opaque a pixel is.
        bytes if channels == 4 => {
            Cow::Owned(bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect())
        }
        bytes => bytes,
    };
    debug_assert!(bytes.len().is_multiple_of(if channels == 4 { record / 4 * 3 } else { record }));
    let channels = channels.min(3);
    let layout = if interleaved {
        Layout::interleaved(channels, height, width)
    } else {
        Layout::planar(channels, height, width)
    };
    let pixels = Pixels::Raw { bytes, skip: 0, layout };
    found.blocks.push(Block { name, purpose, family: Family::Arrays, pixels, labels: None, named: Vec::new() });
    Ok(None)
}

/// One value a sample: its class, if the values are whole numbers or words.
fn take_labels(array: Array<'_>, found: &mut Found<'_>) -> Option<String> {
    let size = array.element.size();
    let labels = match array.element {
        Element::Text { .. } => {
            Labels::from_names(array.values.chunks_exact(size).map(|value| array.element.text(value)))
        }
        _ => {
            let numbers: Vec<f64> = array.values.chunks_exact(size).map(|value| array.element.number(value)).collect();
            if numbers.iter().any(|number| number.fract() != 0.0) {
                return Some(format!("{} (numbers with fractions, no classes)", array.label));
            }
            Labels::from_numbers(numbers.into_iter().map(|number| number as i64))
        }
    };
    found.labels.push(LabelFile { name: array.label, purpose: array.purpose, labels });
    None
}

/// Rows with a single entry that is not 0: the class is its place. Whether that is so.
fn take_one_hot(array: &Array<'_>, found: &mut Found<'_>) -> bool {
    let &[n, classes] = &array.shape[..] else { return false };
    let size = array.element.size();
    let at = |row: usize, column: usize| if array.fortran { column * n + row } else { row * classes + column };
    let mut labels = Vec::with_capacity(n);
    for row in 0..n {
        let value =
            |column: usize| array.element.number(&array.values[at(row, column) * size..(at(row, column) + 1) * size]);
        let mut ones = (0..classes).filter(|column| value(*column) != 0.0);
        match (ones.next(), ones.next()) {
            (Some(only), None) => labels.push(only as i64),
            _ => return false,
        }
    }
    found.labels.push(LabelFile {
        name: array.label.clone(),
        purpose: array.purpose,
        labels: Labels::from_numbers(labels),
    });
    true
}

/// The values as bytes from 0 to 255, in row order.
fn bytes_of<'a>(array: Array<'a>, notes: &mut Vec<String>) -> Result<Cow<'a, [u8]>, FileError> {
    let (from, to) = black_and_white(&array)?;
    let Array { label, shape, element, fortran, values, .. } = array;
    let bytes = if element.is_byte() && to == 255.0 {
        values
    } else {
        if to != 255.0 {
            notes.push(format!("{label}: values from {from} to {to} are taken as black to white."));
        }
        let byte = |value: &[u8]| ((element.number(value) - from) / (to - from) * 255.0).round() as u8;
        Cow::Owned(values.chunks_exact(element.size()).map(byte).collect())
    };
    Ok(if fortran { Cow::Owned(in_row_order(&bytes, &shape)) } else { bytes })
}

/// The values that stand for black and for white, by the range that all values lie in.
fn black_and_white(array: &Array<'_>) -> Result<(f64, f64), FileError> {
    let Array { label, element, values, .. } = array;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    if element.is_byte() {
        (low, high) = (0.0, f64::from(values.iter().copied().max().unwrap_or(0)));
    } else {
        for number in values.chunks_exact(element.size()).map(|value| element.number(value)) {
            if !number.is_finite() {
                return Err(FileError::unreadable(
                    label,
                    "an array with values that are no numbers (NaN or infinite)",
                    "Save pictures as bytes: x.astype(np.uint8).",
                ));
            }
            (low, high) = (low.min(number), high.max(number));
        }
    }
    match (low, high) {
        (0.0.., ..=1.0) => Ok((0.0, 1.0)),
        (0.0.., ..=255.0) => Ok((0.0, 255.0)),
        (-1.0.., ..=1.0) => Ok((-1.0, 1.0)),
        (0.0.., ..=65535.0) if matches!(element, Element::Whole { size: 2, .. }) => Ok((0.0, 65535.0)),
        _ => Err(FileError::unreadable(
            label,
            format!("an array of values from {low:.3} to {high:.3}"),
            "Pictures should be bytes from 0 to 255, or numbers from 0 to 1, before any normalisation.",
        )),
    }
}

/// An array in row order, from column order, where the first index runs fastest.
fn in_row_order(bytes: &[u8], shape: &[usize]) -> Vec<u8> {
    let mut ordered = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    for _ in 0..bytes.len() {
        let at = index.iter().zip(shape).rev().fold(0, |at, (index, size)| at * size + index);
        ordered.push(bytes[at]);
        for (digit, size) in index.iter_mut().zip(shape).rev() {
            *digit += 1;
            if *digit < *size {
                break;
            }
            *digit = 0;
        }
    }
    ordered
}
