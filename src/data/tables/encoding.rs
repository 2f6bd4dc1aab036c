//! Text as UTF-8, whatever it was: UTF-8 and UTF-16 with or without a mark, else Windows-1252.
//!
//! (The crate for it, `encoding_rs`, brings the tables of every encoding into the lab's module; these three need none but
//! the 27 letters below.)

use std::io::{self, Read, Seek};

use super::error::TableError;
use crate::data::what;

/// Bytes that are decoded at a time.
const BLOCK: usize = 64 << 10;
/// Windows-1252's letters for 0x80 to 0x9f; what it leaves free stays as it is.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One to four bytes a letter.
    Utf8,
    /// Two or four bytes a letter; the most significant one first.
    Utf16 {
        /// The most significant byte first.
        big_endian: bool,
    },
    /// One byte a letter.
    Windows1252,
}

impl Encoding {
    /// Tells the encoding of a text; all of it is looked at, since one letter decides.
    pub fn find<R: Read + Seek>(name: &str, source: &mut R) -> Result<Encoding, TableError> {
        let io = |error: io::Error| TableError::io(name, &error);
        source.rewind().map_err(io)?;
        let mut block = vec![0; BLOCK];
        let (mut kept, mut first) = (0, true);
        loop {
            let read = source.read(&mut block[kept..]).map_err(io)?;
            let filled = &block[..kept + read];
            if first && let Some(big_endian) = what::utf16(filled) {
                return Ok(Encoding::Utf16 { big_endian });
            }
            first = false;
            match std::str::from_utf8(filled) {
                Ok(_) if read == 0 => return Ok(Encoding::Utf8),
                Ok(_) => kept = 0,
                // A letter may go on in the next block.
                Err(error) if error.error_len().is_none() && read > 0 => {
                    let valid = error.valid_up_to();
                    let end = filled.len();
                    block.copy_within(valid..end, 0);
                    kept = end - valid;
                }
                Err(_) => return Ok(Encoding::Windows1252),
            }
        }
    }

    /// The name, where it should be said.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Encoding::Utf8 => None,
            Encoding::Utf16 { .. } => Some("The text is read as UTF-16."),
            Encoding::Windows1252 => {
                Some("The text is not UTF-8; its letters are read as Windows-1252 (Western European).")
            }
        }
    }
}

/// Decodes as it is read; a mark at the beginning is left out.
pub struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    begun: bool,
    /// Bytes that are no whole letter yet.
    kept: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Decoded<R> {
    /// Decodes `inner` from where it stands, its beginning.
    pub fn new(inner: R, encoding: Encoding) -> Decoded<R> {
        Decoded { inner, encoding, begun: false, kept: Vec::new(), ready: Vec::new(), at: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut block = std::mem::take(&mut self.kept);
        let kept = block.len();
        block.resize(BLOCK, 0);
        let read = self.inner.read(&mut block[kept..])?;
        block.truncate(kept + read);
        self.ready.clear();
        self.at = 0;
        match self.encoding {
            Encoding::Utf8 => self.ready = block,
            Encoding::Windows1252 => {
                for byte in block {
                    let letter = match byte {
                        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
                        byte => char::from(byte),
                    };
                    self.push(letter);
                }
            }
            Encoding::Utf16 { big_endian } => {
                let unit = |pair: &[u8]| {
                    let pair = [pair[0], pair[1]];
                    if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
                };
                let mut whole = block.len() & !1;
                // The first half of a letter waits for the second.
                if read > 0 && whole >= 2 && (0xd800..0xdc00).contains(&unit(&block[whole - 2..whole])) {
                    whole -= 2;
                }
                let units: Vec<u16> = block[..whole].chunks_exact(2).map(unit).collect();
                for letter in char::decode_utf16(units) {
                    self.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                if read > 0 {
                    self.kept = block.split_off(whole);
                }
            }
        }
        if !self.begun && !self.ready.is_empty() {
            self.begun = true;
            self.at = if self.ready.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        }
        // A block may hold half a letter only, or nothing but the mark: that is not the end.
        if read > 0 && self.at == self.ready.len() { self.fill() } else { Ok(()) }
    }

    fn push(&mut self, letter: char) {
        self.ready.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.fill()?;
        }
        let read = (&self.ready[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn decode(bytes: &[u8]) -> (Encoding, String) {
        let mut source = Cursor::new(bytes);
        let encoding = Encoding::find("t", &mut source).unwrap();
        source.rewind().unwrap();
        let mut text = String::new();
        Decoded::new(source, encoding).read_to_string(&mut text).unwrap();
        (encoding, text)
    }

    #[test]
    fn every_usual_encoding_gives_the_same_letters() {
        let text = "name;größe;€;𝄞\n".repeat(9000);
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [
            (text.clone().into_bytes(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
            ([b"\xff\xfe", &little[..]].concat(), Encoding::Utf16 { big_endian: false }),
            ([b"\xfe\xff", &big[..]].concat(), Encoding::Utf16 { big_endian: true }),
        ] {
            let (found, letters) = decode(&bytes);
            assert_eq!(found, encoding);
            assert!(letters == text, "{encoding:?}");
        }
        assert_eq!(decode(b"gr\xf6\xdfe \x80").1, "größe €");
        assert_eq!(decode(b"1\0,\x002\0\n\x003\0"), (Encoding::Utf16 { big_endian: false }, "1,2\n3".into()));
        assert_eq!(decode(b""), (Encoding::Utf8, String::new()));
    }
}
