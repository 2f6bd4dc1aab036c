//! numpy arrays: `.npy` files, and `.npz` archives as Keras and MedMNIST give them out. Which array holds pictures and which
//! labels is told by shapes and types; names only say what belongs together.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::block::{Block, Family, Found, LabelFile, Layout, Pixels};
use super::error::FileError;
use super::formats;
use super::labels::Labels;
use super::limits::MAX_BYTES;
use super::names::{self, Use};
use crate::text::listed;

/// The first bytes of a .npy file.
pub const NPY: &[u8] = b"\x93NUMPY";
/// Longest header that is read, as numpy itself.
const MAX_HEADER: usize = 10_000;
/// Smallest side of pictures that are stored as plain rows.
const FLAT_SIDE: usize = 7;

/// Whether a zip archive holds arrays.
pub fn is_npz(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes))
        .is_ok_and(|archive| archive.file_names().any(|name| name.is_ok_and(|name| name.ends_with(".npy"))))
}

/// An array's name, shape, type and values.
struct Array<'a> {
    /// The file, and the array inside.
    label: String,
    purpose: Use,
    shape: Vec<usize>,
    element: Element,
    fortran: bool,
    values: Cow<'a, [u8]>,
}

/// The types that hold pictures or labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// Bytes of an integer, signed or not, big-endian or not.
    Whole { size: usize, signed: bool, big: bool },
    /// 4 or 8 bytes.
    Float { size: usize, big: bool },
    /// Letters of 1 or 4 bytes.
    Text { letters: usize, wide: bool, big: bool },
}

impl Element {
    fn parse(descr: &str) -> Option<Element> {
        let (order, rest) = descr.split_at_checked(1)?;
        let (code, size) = rest.split_at_checked(1)?;
        let (big, size) = (order == ">", size.parse::<usize>().ok()?);
        match (code, size) {
            ("b" | "u", 1) => Some(Element::Whole { size, signed: false, big }),
            ("u", 2 | 4 | 8) => Some(Element::Whole { size, signed: false, big }),
            ("i", 1 | 2 | 4 | 8) => Some(Element::Whole { size, signed: true, big }),
            ("f", 4 | 8) => Some(Element::Float { size, big }),
            ("U", 1..=1000) => Some(Element::Text { letters: size, wide: true, big }),
            ("S", 1..=4000) => Some(Element::Text { letters: size, wide: false, big }),
            _ => None,
        }
    }

    fn size(self) -> usize {
        match self {
            Element::Whole { size, .. } | Element::Float { size, .. } => size,
            Element::Text { letters, wide, .. } => letters * if wide { 4 } else { 1 },
        }
    }

    fn number(self, bytes: &[u8]) -> f64 {
        let unsigned = |big: bool| {
            let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            if big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
        };
        match self {
            Element::Whole { size, signed: true, big } => {
                ((unsigned(big) << (64 - 8 * size)) as i64 >> (64 - 8 * size)) as f64
            }
            Element::Whole { big, .. } => unsigned(big) as f64,
            Element::Float { size: 4, big } => f64::from(f32::from_bits(unsigned(big) as u32)),
            Element::Float { big, .. } => f64::from_bits(unsigned(big)),
            Element::Text { .. } => f64::NAN,
        }
    }

    fn text(self, bytes: &[u8]) -> String {
        match self {
            Element::Text { wide: true, big, .. } => bytes
                .chunks_exact(4)
                .map(|unit| {
                    let unit = [unit[0], unit[1], unit[2], unit[3]];
                    if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }
                })
                .take_while(|unit| *unit != 0)
                .filter_map(char::from_u32)
                .collect(),
            _ => String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned(),
        }
    }
}

/// Reads all arrays of a file into `found`.
pub fn read<'a>(name: &str, bytes: &'a [u8], found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<(), FileError> {
    let mut unused = Vec::new();
    let before = (found.blocks.len(), found.labels.len());
    if bytes.starts_with(NPY) {
        let array = array(name.to_owned(), Use::of_path(name), Cow::Borrowed(bytes))?;
        unused.extend(sort(array, found, notes)?);
    } else {
        let broken = |what: &str| unreadable(name, what, "Download or copy it again.");
        let mut archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken("a damaged archive of numpy arrays"))?;
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
            result
                .map_err(|_| broken(&format!("an archive of numpy arrays, and {own} in it is cut off or damaged")))?;
            left -= contents.len();
            let purpose = Use::of_name(own).unwrap_or_else(|| Use::of_path(name));
            match array(format!("{name}: {own}"), purpose, Cow::Owned(contents)) {
                Ok(array) => unused.extend(sort(array, found, notes)?),
                Err(FileError::Unreadable { name, what, .. }) => unused.push(format!("{name} ({what})")),
                Err(error) => return Err(error),
            }
        }
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

fn unreadable(name: &str, what: &str, way_out: &str) -> FileError {
    FileError::Unreadable { name: name.to_owned(), what: what.to_owned(), way_out: way_out.to_owned() }
}

/// Reads an array's header and checks that its values are there.
fn array(label: String, purpose: Use, bytes: Cow<'_, [u8]>) -> Result<Array<'_>, FileError> {
    let broken = |what: &str| unreadable(&label, what, "Save it again with np.save.");
    let wide = bytes.get(6).is_some_and(|version| *version > 1);
    let (start, length) = match (bytes.get(8..12), wide) {
        (Some(size), true) => (12, u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize),
        (Some(size), false) => (10, usize::from(u16::from_le_bytes([size[0], size[1]]))),
        _ => (0, usize::MAX),
    };
    let head = (length <= MAX_HEADER).then(|| bytes.get(start..start + length)).flatten();
    let head = head
        .and_then(|head| std::str::from_utf8(head).ok())
        .ok_or_else(|| broken("a numpy array without a whole header"))?;
    let field = |key: &str| {
        let at = head.find(&format!("'{key}'")).or_else(|| head.find(&format!("\"{key}\"")))?;
        Some(head[at + key.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
    };
    let descr = field("descr").unwrap_or_default();
    let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next()).unwrap_or("a record");
    let shape: Option<Vec<usize>> = field("shape")
        .and_then(|rest| rest.strip_prefix('('))
        .and_then(|rest| rest.split(')').next())
        .map(|sizes| sizes.split(',').map(|size| size.trim().trim_end_matches('L')).filter(|size| !size.is_empty()))
        .and_then(|sizes| sizes.map(|size| size.parse().ok()).collect());
    let shape = shape.ok_or_else(|| broken("a numpy array whose shape can't be read"))?;
    if quoted.contains('O') {
        return Err(unreadable(
            &label,
            "an array of Python objects; labels.astype(str) can be read",
            "Save it with a plain type: x.astype(np.uint8), labels.astype(str).",
        ));
    }
    let element = Element::parse(quoted).ok_or_else(|| {
        unreadable(
            &label,
            &format!("an array of type {quoted}"),
            "Save pictures as bytes: x.astype(np.uint8). Embeddings open in the Diagnostics room.",
        )
    })?;
    let fortran = field("fortran_order").is_some_and(|rest| rest.starts_with("True"));
    let start = start + length;
    let needed = shape.iter().try_fold(element.size(), |product, size| product.checked_mul(*size));
    let shown = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
    let Some(needed) = needed.filter(|needed| *needed <= bytes.len() - start) else {
        let missing = format!("its header promises {shown} values");
        return Err(FileError::CutOff { at: bytes.len(), name: label, what: "a numpy array", missing });
    };
    let values = match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[start..start + needed]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(start + needed);
            bytes.drain(..start);
            Cow::Owned(bytes)
        }
    };
    Ok(Array { label, purpose, shape, element, fortran, values })
}

/// Puts an array where it belongs; what it is where it is of no use.
fn sort<'a>(array: Array<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<Option<String>, FileError> {
    let shown = array.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
    let useless = format!("{} ({shown})", array.label);
    let square = |values: usize| values.isqrt().pow(2) == values && values.isqrt() >= FLAT_SIDE;
    let own = array.label.rsplit(": ").next().unwrap_or_default();
    let words = names::words(own);
    let speaks = ["x", "xtrain", "xtest", "images", "image", "imgs", "pixels", "data", "pictures"];
    let is_bytes = matches!(array.element, Element::Whole { size: 1, signed: false, .. });
    let flat = is_bytes || words.iter().any(|word| speaks.contains(&word.as_str()));
    let (channels, height, width, interleaved) = match array.shape[..] {
        [_] => return Ok(take_labels(array, found)),
        [_, 1] | [1, _] => return Ok(take_labels(array, found)),
        [_, height, width] if height.min(width) >= 4 => (1, height, width, false),
        [_, height, width, channels @ (1 | 3 | 4)] if height.min(width) >= 4 => (channels, height, width, true),
        [_, channels @ (1 | 3), height, width] if height.min(width) >= 4 => (channels, height, width, false),
        [_, values] if flat && square(values) => (1, values.isqrt(), values.isqrt(), false),
        // As CIFAR's batches for Python: channel by channel.
        [_, values] if flat && values.is_multiple_of(3) && square(values / 3) => {
            (3, (values / 3).isqrt(), (values / 3).isqrt(), false)
        }
        [_, _] if !matches!(array.element, Element::Text { .. }) => {
            return Ok(if take_one_hot(&array, found) { None } else { Some(useless) });
        }
        _ => return Ok(Some(useless)),
    };
    if array.shape[0] < 2 {
        return Ok(Some(useless));
    }
    let (height, width) = formats::sides(&array.label, height as u64, width as u64)?;
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
    let Array { label, shape, element, fortran, values, .. } = array;
    let size = element.size();
    let is_bytes = matches!(element, Element::Whole { size: 1, signed: false, .. });
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    let numbers = || values.chunks_exact(size).map(|value| element.number(value));
    if is_bytes {
        high = f64::from(values.iter().copied().max().unwrap_or(0));
        low = 0.0;
    } else {
        for number in numbers() {
            if !number.is_finite() {
                return Err(unreadable(
                    &label,
                    "an array with values that are no numbers (NaN or infinite)",
                    "Save pictures as bytes: x.astype(np.uint8).",
                ));
            }
            (low, high) = (low.min(number), high.max(number));
        }
    }
    let (from, to) = match (low, high) {
        (0.0.., ..=1.0) => (0.0, 1.0),
        (0.0.., ..=255.0) => (0.0, 255.0),
        (-1.0.., ..=1.0) => (-1.0, 1.0),
        (0.0.., ..=65535.0) if matches!(element, Element::Whole { size: 2, .. }) => (0.0, 65535.0),
        _ => {
            let what = format!("an array of values from {low:.3} to {high:.3}");
            return Err(unreadable(
                &label,
                &what,
                "Pictures should be bytes from 0 to 255, or numbers from 0 to 1, before any normalisation.",
            ));
        }
    };
    let bytes = if is_bytes && to == 255.0 {
        values
    } else {
        if to != 255.0 {
            notes.push(format!("{label}: values from {from} to {to} are taken as black to white."));
        }
        Cow::Owned(numbers().map(|number| ((number - from) / (to - from) * 255.0).round() as u8).collect())
    };
    if !fortran {
        return Ok(bytes);
    }
    // Column order: the first index runs fastest.
    let mut ordered = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    for _ in 0..bytes.len() {
        let at = index.iter().zip(&shape).rev().fold(0, |at, (index, size)| at * size + index);
        ordered.push(bytes[at]);
        for (digit, size) in index.iter_mut().zip(&shape).rev() {
            *digit += 1;
            if *digit < *size {
                break;
            }
            *digit = 0;
        }
    }
    Ok(Cow::Owned(ordered))
}
