//! The dialect of a text: its separator, decimal point, comments and header, found on its first lines.
//!
//! Of all separators the one counts that gives every line as many fields, most of them numbers. A header differs in kind from
//! what is below it, or counts; a comment with as many fields as the rows have is one.

mod header;
mod reading;
mod sample;
mod separator;

use std::io::{Read, Seek};

use sample::{Sample, is_comment, said_separator, sample};

use super::columns::Column;
use super::encoding::Encoding;
use super::error::{TableError, shortened};
use super::lines::Separator;

/// How a text is a table.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its letters.
    pub encoding: Encoding,
    /// What stands between fields.
    pub separator: Separator,
    /// A comma is the decimal point.
    pub comma: bool,
    /// Fields of a row.
    pub width: usize,
    /// Column names, if there are any.
    pub header: Option<Vec<String>>,
    /// What each column is.
    pub columns: Vec<Column>,
    /// Line of the first row, or of the header if it is no comment.
    pub first_line: Option<u64>,
    /// Rows and columns by the first line, as word2vec writes it.
    pub sizes: Option<(u64, u64)>,
    /// What should be known of the dialect.
    pub notes: Vec<String>,
    /// A line that is empty is a row.
    pub keep_blank: bool,
    /// Quoted texts may go over several lines.
    multi: bool,
    /// The byte that ends lines.
    end: u8,
    /// Lines before the rows that are neither rows nor comments: `sep=`, sizes, header.
    heads: Vec<u64>,
    /// The last of several rows may begin with a word of several words.
    words: bool,
    /// Columns of numbers by the sample.
    numeric: Vec<bool>,
}

impl Layout {
    /// Finds the dialect; `multi` lets quoted texts go over several lines.
    ///
    /// # Errors
    /// [`TableError::Empty`] for a text without a line, and what reading says.
    pub fn find<R: Read + Seek>(
        name: &str,
        source: &mut R,
        encoding: Encoding,
        multi: bool,
    ) -> Result<Layout, TableError> {
        let (lines, end) = sample(name, source, encoding)?;
        let mut layout = Layout {
            encoding,
            separator: Separator::None,
            comma: false,
            width: 1,
            header: None,
            columns: Vec::new(),
            first_line: None,
            sizes: None,
            notes: encoding.note().map(str::to_owned).into_iter().collect(),
            keep_blank: false,
            multi,
            end,
            heads: Vec::new(),
            words: false,
            numeric: Vec::new(),
        };
        let mut lines: Sample = lines;
        let said = lines.first().and_then(|(_, line)| said_separator(line));
        if said.is_some() {
            layout.heads.push(lines.remove(0).0);
        }
        lines.retain(|(_, line)| line.contains('\t') || !line.trim().is_empty());
        let comments: Vec<String> =
            lines.iter().take_while(|(_, line)| is_comment(line)).map(|(_, line)| line.clone()).collect();
        let mut body: Sample = lines.iter().filter(|(_, line)| !is_comment(line)).cloned().collect();
        let only_comments = body.is_empty();
        if only_comments {
            body = lines;
        }
        if body.is_empty() {
            return Err(TableError::Empty(name.to_owned()));
        }
        let records = layout.choose(&body, said);
        layout.head(&records, if only_comments { &[] } else { &comments });
        Ok(layout)
    }

    /// Takes the first line as names after all, or as a row.
    pub fn set_header(&mut self, is_header: bool, first: Option<Vec<String>>) {
        let Some(line) = self.first_line else { return };
        self.heads.retain(|head| *head != line);
        self.header = if is_header { first } else { None };
        if is_header {
            self.heads.push(line);
        }
    }

    /// "text separated by commas".
    pub fn format(&self) -> String {
        match self.separator {
            Separator::None => "text, one value a line".to_owned(),
            separator => format!("text separated by {}", separator.name()),
        }
    }
}

/// A column of names for messages, shortened: "e0 ... e15".
pub fn range(titles: &[String]) -> String {
    let plain: Vec<String> = titles.iter().map(|title| shortened(title.trim_matches('\''))).collect();
    match &plain[..] {
        [first, _, _, _, .., last] => format!("{first} ... {last}"),
        few => few.join(", "),
    }
}
