//! The header of a `.npy` file (NumPy enhancement proposal 1).
//!
//! ```text
//! "\x93NUMPY" major minor length(u16, from version 2 u32) {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//! ```
//!
//! The header is a Python literal with exactly these three keys, so a small scanner reads it. (The crates that do it
//! evaluate any literal through `pest`, which needs a C compiler for wasm, and multiply shapes unchecked.)

use std::io::Read;

use super::element::{Element, Kind};
use super::error::TableError;

/// The first bytes of a file.
pub const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read; numpy itself refuses more than 10,000 bytes.
const MAX_HEADER: usize = 10_000;
/// Most dimensions that are looked at.
const MAX_DIMENSIONS: usize = 32;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The element type as numpy writes it, e.g. `<f4`, or `structured` for a record.
    pub descr: String,
    /// Columns are stored one after the other.
    pub fortran: bool,
    /// Sizes of the dimensions.
    pub shape: Vec<u64>,
    /// Bytes before the data.
    pub length: u64,
}

/// Reads a header; the reader then stands at the data.
pub fn read_header(name: &str, reader: &mut dyn Read) -> Result<Header, TableError> {
    let bad = |reason: &str| TableError::malformed(name, ".npy", reason);
    let mut take = |n: usize| -> Result<Vec<u8>, TableError> {
        let mut bytes = vec![0; n];
        reader.read_exact(&mut bytes).map_err(|_| bad("the header is cut off"))?;
        Ok(bytes)
    };
    let start = take(8)?;
    if !start.starts_with(MAGIC) {
        return Err(bad("it does not begin with \\x93NUMPY"));
    }
    let width = match start[6] {
        1 => 2,
        2 | 3 => 4,
        _ => return Err(bad("the format's version is unknown")),
    };
    let length = take(width)?.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte));
    if length > MAX_HEADER {
        return Err(bad("the header has more than 10,000 bytes"));
    }
    let text = take(length)?;
    let mut header = Scanner { rest: &text }
        .header()
        .ok_or_else(|| bad("the header should be {'descr': ..., 'fortran_order': ..., 'shape': ...}"))?;
    header.length = (8 + width + length) as u64;
    Ok(header)
}

impl Header {
    /// What should be known of the type.
    pub fn note(&self) -> Option<String> {
        let is_bare = self.descr.trim_start_matches(['<', '>', '|', '=']) == "V2";
        is_bare.then(|| format!("Values of the type {} are read as bfloat16, which numpy saves so.", self.descr))
    }

    /// The element type; errors name what would be right.
    pub fn element(&self, name: &str) -> Result<Element, TableError> {
        let not_numbers = || TableError::NotNumbers { name: name.to_owned(), found: self.descr.clone() };
        if self.descr.contains('O') {
            return Err(TableError::Objects(name.to_owned()));
        }
        let mut chars = self.descr.chars();
        let big_endian = match chars.next() {
            Some('<' | '|' | '=') => false,
            Some('>') => true,
            _ => return Err(not_numbers()),
        };
        let code = chars.next();
        let size: usize = chars.as_str().parse().map_err(|_| not_numbers())?;
        let kind = match (code, size) {
            (Some('b'), 1) => Kind::Bool,
            (Some('i'), 1) => Kind::I8,
            (Some('i'), 2) => Kind::I16,
            (Some('i'), 4) => Kind::I32,
            (Some('i'), 8) => Kind::I64,
            (Some('u'), 1) => Kind::U8,
            (Some('u'), 2) => Kind::U16,
            (Some('u'), 4) => Kind::U32,
            (Some('u'), 8) => Kind::U64,
            (Some('f'), 2) => Kind::F16,
            (Some('f'), 4) => Kind::F32,
            (Some('f'), 8) => Kind::F64,
            // ml_dtypes has numpy save bfloat16 as two bytes without a meaning.
            (Some('V'), 2) => Kind::BF16,
            (Some('U'), units) => Kind::Ucs4(units),
            (Some('S'), bytes) => Kind::Bytes(bytes),
            _ => return Err(not_numbers()),
        };
        Ok(Element { kind, big_endian })
    }
}

/// A header of version 1 for a C-ordered array; the data begin at a multiple of 64 bytes.
pub fn header_bytes(descr: &str, shape: &[usize]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let sizes = if shape.len() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let padded = (10 + text.len() + 1).next_multiple_of(64) - 10;
    text.extend(std::iter::repeat_n(' ', padded - text.len() - 1));
    text.push('\n');
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    // Four dimensions at most and a short type: far below 65,536 bytes.
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

/// Reads the header's literal from the front.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn header(mut self) -> Option<Header> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.skip(b'}') {
            let key = self.string()?;
            self.expect(b':')?;
            match key {
                b"descr" => descr = Some(self.descr()?),
                b"fortran_order" => fortran = Some(self.boolean()?),
                b"shape" => shape = Some(self.shape()?),
                _ => return None,
            }
            self.skip(b',');
        }
        Some(Header { descr: descr?, fortran: fortran?, shape: shape?, length: 0 })
    }

    /// A type string; anything that begins as a list is a record.
    fn descr(&mut self) -> Option<String> {
        if self.peek() != Some(b'[') {
            return Some(String::from_utf8_lossy(self.string()?).into_owned());
        }
        let end = self.rest.iter().rposition(|byte| *byte == b']')?;
        let is_object = self.rest[..end].windows(2).any(|pair| pair == b"|O");
        self.rest = &self.rest[end + 1..];
        Some(if is_object { "O" } else { "structured" }.to_owned())
    }

    fn shape(&mut self) -> Option<Vec<u64>> {
        self.expect(b'(')?;
        let mut shape = Vec::new();
        while !self.skip(b')') {
            if shape.len() == MAX_DIMENSIONS {
                return None;
            }
            let digits = self.word();
            shape.push(std::str::from_utf8(digits.strip_suffix(b"L").unwrap_or(digits)).ok()?.parse().ok()?);
            if !self.skip(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Some(shape)
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.word() {
            b"True" => Some(true),
            b"False" => Some(false),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let quote = self.peek().filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let end = self.rest[1..].iter().position(|byte| *byte == quote)?;
        let text = &self.rest[1..=end];
        self.rest = &self.rest[end + 2..];
        Some(text)
    }

    fn word(&mut self) -> &'a [u8] {
        self.peek();
        let end = self.rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Header> {
        Scanner { rest: text.as_bytes() }.header()
    }

    #[test]
    fn headers_as_numpy_writes_them_are_read() {
        let header = parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }    \n").unwrap();
        assert_eq!((header.descr.as_str(), header.fortran, header.shape), ("<f4", false, vec![3, 4]));
        assert_eq!(parse("{'descr': '|u1', 'fortran_order': True, 'shape': (), }").unwrap().shape, [0_u64; 0]);
        assert_eq!(parse("{\"shape\": (3L,), \"descr\": \">i8\", \"fortran_order\": False}").unwrap().shape, [3]);
        let record = parse("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (2,), }").unwrap();
        assert_eq!(record.element("f"), Err(TableError::Objects("f".into())));
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", "1, ".repeat(40));
        for text in ["", "{", "{}", "{'descr': '<f4'}", "{'shape': (3, -4)}", "{'descr': '<f4', 'x': 1}", long.as_str()]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        let mut huge = b"\x93NUMPY\x02\x00".to_vec();
        huge.extend(u32::MAX.to_le_bytes());
        let message = read_header("h.npy", &mut huge.as_slice()).unwrap_err().to_string();
        assert!(message.contains("h.npy") && message.contains("10,000"), "{message}");
    }

    #[test]
    fn a_written_header_is_read_back_and_aligned() {
        for shape in [vec![3, 4], vec![7], vec![]] {
            let bytes = header_bytes("<f4", &shape);
            assert_eq!(bytes.len() % 64, 0);
            let header = read_header("h", &mut bytes.as_slice()).unwrap();
            assert_eq!(header.length as usize, bytes.len());
            assert_eq!(header.shape, shape.iter().map(|size| *size as u64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn types_that_are_not_numbers_are_named() {
        let of =
            |descr: &str| Header { descr: descr.into(), fortran: false, shape: vec![], length: 0 }.element("f.npy");
        assert_eq!(of(">f8").unwrap(), Element { kind: Kind::F64, big_endian: true });
        assert_eq!(of("|O"), Err(TableError::Objects("f.npy".into())));
        assert!(of("<c8").unwrap_err().to_string().contains("f.npy holds values of type <c8"));
        assert!(of("<f16").is_err() && of("").is_err() && of("<U-1").is_err());
    }
}
