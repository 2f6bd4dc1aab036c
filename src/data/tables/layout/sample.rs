//! The first lines of a text, on which its dialect is found.

use std::io::{self, Read, Seek};

use crate::data::tables::encoding::{Decoded, Encoding};
use crate::data::tables::error::TableError;
use crate::data::tables::lines::{Lines, MAX_LINE, Record, Separator};

/// Lines that the dialect is found on.
const SAMPLE: usize = 100;
/// Bytes after which the sample ends.
const SAMPLE_BYTES: usize = 1 << 20;
/// What spreadsheets write in place of a number.
const ERRORS: [&str; 7] = ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!"];

/// Lines that the sample has: number and text.
pub type Sample = Vec<(u64, String)>;

/// The first lines, and the byte that ends them.
pub fn sample<R: Read + Seek>(name: &str, source: &mut R, encoding: Encoding) -> Result<(Sample, u8), TableError> {
    let io = |error: io::Error| TableError::io(name, &error);
    source.rewind().map_err(io)?;
    let mut start = Vec::new();
    Decoded::new(&mut *source, encoding).take(SAMPLE_BYTES as u64).read_to_end(&mut start).map_err(io)?;
    // Old spreadsheets on a Mac end lines by a carriage return alone.
    let end = if start.contains(&b'\r') && !start.contains(&b'\n') { b'\r' } else { b'\n' };
    source.rewind().map_err(io)?;
    let mut lines = Lines::new(Decoded::new(source, encoding), end);
    let (mut found, mut bytes, mut line) = (Vec::new(), 0, String::new());
    while found.len() < SAMPLE && bytes < SAMPLE_BYTES {
        line.clear();
        match lines.read(name, &mut line) {
            Ok(true) => found.push((lines.number, line.clone())),
            Ok(false) => break,
            // The pass over all lines says it, with the row that it belongs to.
            Err(TableError::LongLine { .. }) if !found.is_empty() => break,
            Err(error) => return Err(error),
        }
        bytes += line.len();
    }
    Ok((found, end))
}

/// Whether a line begins as a comment; spreadsheets write `#DIV/0!` for what can't be computed.
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#')
        && !ERRORS.iter().any(|error| line.get(..error.len()).is_some_and(|start| start.eq_ignore_ascii_case(error)))
}

/// What a first line `sep=;` says, as spreadsheets write it.
pub fn said_separator(line: &str) -> Option<Separator> {
    let said = line.trim_matches(['"', ' ', '\r']);
    let said = said.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &said[4..])?;
    match said.as_bytes() {
        [b' '] => Some(Separator::Space),
        [] => Some(Separator::Byte(b'\t')),
        b"\\t" => Some(Separator::Byte(b'\t')),
        [byte] => Some(Separator::Byte(*byte)),
        _ => None,
    }
}

/// The records of lines, and whether a quotation mark did not close on its line.
pub fn records(lines: &Sample, separator: Separator, multi: bool) -> (Vec<(u64, Record)>, bool) {
    let (mut found, mut any_open) = (Vec::new(), false);
    let mut at = 0;
    while at < lines.len() {
        let (number, mut line) = lines[at].clone();
        let mut record = Record::default();
        let mut open = record.split(&line, separator);
        any_open |= open;
        at += 1;
        while open && multi {
            // The sample ends within a quoted text: the row is not whole.
            let Some((_, next)) = lines.get(at).filter(|_| (line.len() as u64) < MAX_LINE) else {
                return (found, any_open);
            };
            line.push('\n');
            line.push_str(next);
            at += 1;
            open = record.split(&line, separator);
        }
        found.push((number, record));
    }
    (found, any_open)
}
