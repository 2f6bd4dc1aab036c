//! Lines of text and their fields.
//!
//! A quotation mark quotes only if it closes before the line ends, else it is a letter; only a file whose lines make sense in
//! no other way has quoted texts that go over several lines. (The `csv` crate decides that once for all, and a lone quotation
//! mark then swallows lines without a word; it also knows neither white space as a separator nor which line it is at.)

use std::io::{BufRead, BufReader, Read};

use super::error::TableError;

/// Longest line.
pub const MAX_LINE: u64 = 16 << 20;

/// What stands between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// A character.
    Byte(u8),
    /// One or more spaces or tabs.
    Space,
    /// Nothing: a line is one field.
    None,
}

impl Separator {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Separator::Byte(b'\t') => "tabs",
            Separator::Byte(b';') => "semicolons",
            Separator::Byte(b',') => "commas",
            Separator::Byte(b'|') => "bars",
            Separator::Byte(_) => "a character of its own",
            Separator::Space => "spaces",
            Separator::None => "lines",
        }
    }

    fn is(self, byte: u8) -> bool {
        match self {
            Separator::Byte(separator) => byte == separator,
            Separator::Space => matches!(byte, b' ' | b'\t'),
            Separator::None => false,
        }
    }

    /// Space that belongs to no field.
    fn is_padding(self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && self != Separator::Byte(byte)
    }
}

/// The fields of a row, one after the other in one text.
#[derive(Clone, Debug, Default)]
pub struct Record {
    text: String,
    ends: Vec<usize>,
    /// A separator stood behind the last field.
    pub had_more: bool,
}

impl Record {
    /// Fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field; empty where there is none.
    pub fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or_default());
        self.ends.get(at).map_or("", |end| &self.text[start..*end])
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Whether the last of several fields is empty.
    pub fn ends_empty(&self) -> bool {
        self.len() > 1 && self.get(self.len() - 1).is_empty()
    }

    /// Forgets the fields from `len`.
    pub fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.had_more = true;
    }

    /// The first fields as one, so that `len` are left.
    pub fn join_first(&mut self, len: usize) {
        let joined = self.len() + 1 - len;
        let first = (0..joined).map(|at| self.get(at)).collect::<Vec<_>>().join(" ");
        let mut record = Record::default();
        record.push(&first);
        (joined..self.len()).for_each(|at| record.push(self.get(at)));
        *self = record;
    }

    fn push(&mut self, field: &str) {
        self.text.push_str(field);
        self.ends.push(self.text.len());
    }

    /// Splits a line; returns whether a quotation mark is open at its end.
    pub fn split(&mut self, line: &str, separator: Separator) -> bool {
        self.text.clear();
        self.ends.clear();
        self.had_more = false;
        let bytes = line.as_bytes();
        let is_free = |at: usize| at < bytes.len() && separator.is_padding(bytes[at]);
        let (mut at, mut open) = (0, false);
        loop {
            let mut start = at;
            while is_free(start) || (separator == Separator::Space && start < bytes.len() && separator.is(bytes[start]))
            {
                start += 1;
            }
            if separator == Separator::Space && start == bytes.len() {
                return open;
            }
            let quoted = (bytes.get(start) == Some(&b'"')).then(|| closing(bytes, start, separator));
            at = match quoted {
                Some(Some((close, next))) => {
                    let content = &line[start + 1..close];
                    if content.contains(['"', '\\']) {
                        self.push(content.replace("\"\"", "\"").replace("\\\"", "\"").trim());
                    } else {
                        self.push(content.trim());
                    }
                    next
                }
                other => {
                    open |= other == Some(None);
                    let end = bytes[start..].iter().position(|byte| separator.is(*byte));
                    let end = end.map_or(bytes.len(), |end| start + end);
                    self.push(line[start..end].trim());
                    end
                }
            };
            if at >= bytes.len() {
                return open;
            }
            at += 1;
        }
    }
}

/// Where the quotation mark at `start` closes, and where the next separator or the end is.
fn closing(bytes: &[u8], start: usize, separator: Separator) -> Option<(usize, usize)> {
    let mut at = start + 1;
    loop {
        let close = at + bytes[at..].iter().position(|byte| *byte == b'"')?;
        if bytes.get(close + 1) == Some(&b'"') {
            at = close + 2;
            continue;
        }
        let mut next = close + 1;
        while next < bytes.len() && separator.is_padding(bytes[next]) && !separator.is(bytes[next]) {
            next += 1;
        }
        if next == bytes.len() || separator.is(bytes[next]) {
            return Some((close, next));
        }
        if bytes[close - 1] != b'\\' {
            return None;
        }
        at = close + 1;
    }
}

/// Reads lines and counts them.
pub struct Lines<R> {
    reader: BufReader<R>,
    end: u8,
    bytes: Vec<u8>,
    /// The last line's number, from 1.
    pub number: u64,
}

impl<R: Read> Lines<R> {
    /// Lines of `reader` that end with the byte `end`.
    pub fn new(reader: R, end: u8) -> Lines<R> {
        Lines { reader: BufReader::with_capacity(1 << 16, reader), end, bytes: Vec::new(), number: 0 }
    }

    /// Appends the next line to `line`, without its end; false when there is none.
    pub fn read(&mut self, name: &str, line: &mut String) -> Result<bool, TableError> {
        self.bytes.clear();
        let read = self.reader.by_ref().take(MAX_LINE + 1).read_until(self.end, &mut self.bytes);
        if read.map_err(|error| TableError::io(name, &error))? == 0 {
            return Ok(false);
        }
        self.number += 1;
        if self.bytes.len() as u64 + line.len() as u64 > MAX_LINE {
            return Err(TableError::LongLine { name: name.to_owned(), line: self.number });
        }
        if self.bytes.last() == Some(&self.end) {
            self.bytes.pop();
        }
        if self.end == b'\n' && self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        line.push_str(&String::from_utf8_lossy(&self.bytes));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str, separator: Separator) -> (Vec<String>, bool) {
        let mut record = Record::default();
        let open = record.split(line, separator);
        (record.iter().map(str::to_owned).collect(), open)
    }

    #[test]
    fn a_quotation_mark_quotes_only_if_it_closes() {
        let comma = Separator::Byte(b',');
        assert_eq!(
            split("a, \"b, c\" ,\"d \"\"e\"\"\",", comma),
            (vec!["a".into(), "b, c".into(), "d \"e\"".into(), String::new()], false)
        );
        assert_eq!(split("\",1,2", comma), (vec!["\"".into(), "1".into(), "2".into()], true));
        assert_eq!(split("\"a\"b,1", comma), (vec!["\"a\"b".into(), "1".into()], true));
        assert_eq!(split("\"a\\\"b\",1", comma), (vec!["a\"b".into(), "1".into()], false));
        assert_eq!(split("", comma), (vec![String::new()], false));
        assert_eq!(split("\"\",\"\"", comma), (vec![String::new(), String::new()], false));
    }

    #[test]
    fn spaces_separate_once_and_tabs_each() {
        assert_eq!(split("  1   2\t3 ", Separator::Space).0, ["1", "2", "3"]);
        assert_eq!(split("\"s 1\" 2", Separator::Space).0, ["s 1", "2"]);
        assert_eq!(split("1\t\t2 \t", Separator::Byte(b'\t')).0, ["1", "", "2", ""]);
        assert_eq!(split("cat, red", Separator::None).0, ["cat, red"]);
        let mut record = Record::default();
        record.split(". . . 1 2", Separator::Space);
        record.join_first(3);
        assert_eq!(record.iter().collect::<Vec<_>>(), [". . .", "1", "2"]);
    }
}
