//! The rows of a text, once its dialect is known.

use std::io::{Read, Seek};

use super::Layout;
use super::sample::is_comment;
use crate::data::account;
use crate::data::tables::encoding::Decoded;
use crate::data::tables::error::TableError;
use crate::data::tables::fields::{Field, field};
use crate::data::tables::lines::{Lines, Record, Separator};

impl Layout {
    /// Calls `visit` for each row (record, line number) until it says false; returns what each line was.
    ///
    /// # Errors
    /// [`TableError::Ragged`] for a row of another length, and what reading and `visit` say.
    pub fn for_each_record<R: Read + Seek>(
        &self,
        name: &str,
        source: &mut R,
        mut visit: impl FnMut(&Record, u64) -> Result<bool, TableError>,
    ) -> Result<account::Lines, TableError> {
        source.rewind().map_err(|error| TableError::io(name, &error))?;
        let mut lines = Lines::new(Decoded::new(source, self.encoding), self.end);
        let (mut record, mut line, mut told) = (Record::default(), String::new(), account::Lines::default());
        loop {
            line.clear();
            if !lines.read(name, &mut line)? {
                told.all = lines.number;
                return Ok(told);
            }
            let number = lines.number;
            if self.is_blank(&line) {
                told.blank += 1;
                continue;
            }
            self.split(name, &mut lines, &mut line, &mut record)?;
            let taken = lines.number - number + 1;
            if self.heads.contains(&number) || self.repeats_header(&record) {
                told.header += taken;
                continue;
            }
            let fits = self.fit(&mut record);
            if is_comment(&line) && !(fits && self.is_row(&record)) {
                told.comments += taken;
                continue;
            }
            if !fits {
                let (expected, found) = (self.width, record.len());
                return Err(TableError::Ragged { name: name.to_owned(), line: number, expected, found });
            }
            told.rows += taken;
            if !visit(&record, number)? {
                return Ok(told);
            }
        }
    }

    /// Splits a line into fields; where a quoted text goes on over the next lines, with those.
    fn split<R: Read>(
        &self,
        name: &str,
        lines: &mut Lines<R>,
        line: &mut String,
        record: &mut Record,
    ) -> Result<(), TableError> {
        let mut open = record.split(line, self.separator);
        while open && self.multi {
            line.push('\n');
            if !lines.read(name, line)? {
                break;
            }
            open = record.split(line, self.separator);
        }
        Ok(())
    }

    /// Whether a line is empty, and so no row.
    fn is_blank(&self, line: &str) -> bool {
        let has_fields = self.separator == Separator::Byte(b'\t') && line.contains('\t');
        line.trim().is_empty() && !has_fields && !self.keep_blank
    }

    /// Whether a record is the header once more: tables were written one after the other into a file.
    fn repeats_header(&self, record: &Record) -> bool {
        self.header.as_ref().is_some_and(|names| record.iter().eq(names.iter().map(String::as_str)))
    }

    /// Gives a record as many fields as the rows have, if it can have them.
    fn fit(&self, record: &mut Record) -> bool {
        if record.len() == self.width + 1 && record.ends_empty() {
            record.truncate(self.width);
        }
        if record.len() > self.width && self.words {
            record.join_first(self.width);
        }
        record.len() == self.width
    }

    /// Whether what begins with `#` is a row: its first field is a word like the others there, and its numbers are numbers.
    fn is_row(&self, record: &Record) -> bool {
        let is_number = |at: usize| matches!(field(record.get(at), self.comma), Field::Number(_) | Field::Missing);
        self.numeric.first() == Some(&false) && (0..self.width).all(|at| !self.numeric[at] || is_number(at))
    }
}
