//! numpy's `.npy` format: an array's name, shape, type and values, from its bytes.

use std::borrow::Cow;

use super::block::shape_text;
use super::names::Use;
use crate::data::file_error::FileError;

/// The first bytes of a .npy file.
pub const NPY: &[u8] = b"\x93NUMPY";
/// Longest header that is read, as numpy itself.
const MAX_HEADER: usize = 10_000;

/// An array's name, shape, type and values.
pub struct Array<'a> {
    /// The file, and the array inside.
    pub label: String,
    /// What it is for.
    pub purpose: Use,
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
    /// The type of the values.
    pub element: Element,
    /// Columns are stored one after the other.
    pub fortran: bool,
    /// The values' bytes.
    pub values: Cow<'a, [u8]>,
}

impl<'a> Array<'a> {
    /// Reads an array's header and checks that its values are there.
    pub fn open(label: String, purpose: Use, bytes: Cow<'a, [u8]>) -> Result<Array<'a>, FileError> {
        let (head, start) = header(&label, &bytes)?;
        let shape = shape_of(head).ok_or_else(|| broken(&label, "a numpy array whose shape can't be read"))?;
        let element = element_of(&label, head)?;
        let fortran = field(head, "fortran_order").is_some_and(|rest| rest.starts_with("True"));
        let needed = shape.iter().try_fold(element.size(), |product, size| product.checked_mul(*size));
        let Some(needed) = needed.filter(|needed| *needed <= bytes.len() - start) else {
            let missing = format!("its header promises {} values", shape_text(&shape));
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
}

/// A file's header, a Python dictionary as text, and where its values begin.
fn header<'a>(label: &str, bytes: &'a [u8]) -> Result<(&'a str, usize), FileError> {
    let wide = bytes.get(6).is_some_and(|version| *version > 1);
    let (start, length) = match (bytes.get(8..12), wide) {
        (Some(size), true) => (12, u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize),
        (Some(size), false) => (10, usize::from(u16::from_le_bytes([size[0], size[1]]))),
        _ => (0, usize::MAX),
    };
    let head = (length <= MAX_HEADER).then(|| bytes.get(start..start + length)).flatten();
    let head = head.and_then(|head| std::str::from_utf8(head).ok());
    Ok((head.ok_or_else(|| broken(label, "a numpy array without a whole header"))?, start + length))
}

/// What a header has for a key: everything behind the colon.
fn field<'a>(head: &'a str, key: &str) -> Option<&'a str> {
    let at = head.find(&format!("'{key}'")).or_else(|| head.find(&format!("\"{key}\"")))?;
    Some(head[at + key.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
}

fn shape_of(head: &str) -> Option<Vec<usize>> {
    let sizes = field(head, "shape")?.strip_prefix('(')?.split(')').next()?;
    let sizes = sizes.split(',').map(|size| size.trim().trim_end_matches('L')).filter(|size| !size.is_empty());
    sizes.map(|size| size.parse().ok()).collect()
}

fn element_of(label: &str, head: &str) -> Result<Element, FileError> {
    let descr = field(head, "descr").unwrap_or_default();
    let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next()).unwrap_or("a record");
    if quoted.contains('O') {
        return Err(FileError::unreadable(
            label,
            "an array of Python objects; labels.astype(str) can be read",
            "Save it with a plain type: x.astype(np.uint8), labels.astype(str).",
        ));
    }
    Element::parse(quoted).ok_or_else(|| {
        FileError::unreadable(
            label,
            format!("an array of type {quoted}"),
            "Save pictures as bytes: x.astype(np.uint8). Embeddings open in the Diagnostics room.",
        )
    })
}

fn broken(label: &str, what: &str) -> FileError {
    FileError::unreadable(label, what, "Save it again with np.save.")
}

/// The types that hold pictures or labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Bytes of an integer, signed or not, big-endian or not.
    Whole { size: usize, signed: bool, big: bool },
    /// 4 or 8 bytes.
    Float { size: usize, big: bool },
    /// Letters of 1 or 4 bytes.
    Text { letters: usize, wide: bool, big: bool },
}

impl Element {
    /// From numpy's name of a type; `None` where it holds neither.
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

    /// Bytes of a value.
    pub fn size(self) -> usize {
        match self {
            Element::Whole { size, .. } | Element::Float { size, .. } => size,
            Element::Text { letters, wide, .. } => letters * if wide { 4 } else { 1 },
        }
    }

    /// Whether a value is a byte from 0 to 255.
    pub fn is_byte(self) -> bool {
        matches!(self, Element::Whole { size: 1, signed: false, .. })
    }

    /// A value as a number; NaN for text.
    pub fn number(self, bytes: &[u8]) -> f64 {
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

    /// A value as text.
    pub fn text(self, bytes: &[u8]) -> String {
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
