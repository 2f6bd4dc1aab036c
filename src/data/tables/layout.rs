//! The dialect of a text: its separator, decimal point, comments and header, found on its first lines.
//!
//! Of all separators the one counts that gives every line as many fields, most of them numbers. A header differs in kind from
//! what is below it, or counts; a comment with as many fields as the rows have is one.

use std::io::{self, Read, Seek};

use super::columns::{Column, Field, field, has_comma, is_known};
use super::encoding::{Decoded, Encoding};
use super::error::{TableError, shortened};
use super::lines::{Lines, MAX_LINE, Record, Separator};
use crate::data::account;

/// Lines that the dialect is found on.
const SAMPLE: usize = 100;
/// Bytes after which the sample ends.
const SAMPLE_BYTES: usize = 1 << 20;
/// Separators, the likeliest first where several would do.
const SEPARATORS: [Separator; 5] =
    [Separator::Byte(b'\t'), Separator::Byte(b';'), Separator::Byte(b','), Separator::Byte(b'|'), Separator::Space];

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

/// What spreadsheets write in place of a number.
const ERRORS: [&str; 7] = ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!"];

/// Lines that the sample has: number and text.
type Sample = Vec<(u64, String)>;

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

    /// Chooses separator, width and decimal point; returns the sample's records.
    fn choose(&mut self, body: &Sample, said: Option<Separator>) -> Vec<(u64, Record)> {
        let candidates = said.map_or(SEPARATORS.to_vec(), |said| vec![said]);
        let modes: &[bool] = if self.multi { &[true] } else { &[false, true] };
        let mut best = (0.0, self.multi, Separator::None, 1);
        for multi in modes {
            for separator in &candidates {
                let (records, _) = records(body, *separator, *multi);
                // Spaces occur within words: they have to be plainly better.
                let better = if *separator == Separator::Space { best.0 + 0.1 } else { best.0 };
                if let Some((value, width)) = value_of(&records, *separator)
                    && value > better
                {
                    best = (value, *multi, *separator, width);
                }
            }
            if best.0 > 0.0 {
                break;
            }
        }
        if best.0 == 0.0 {
            best = fallback(body, &candidates, self.multi);
        }
        (_, self.multi, self.separator, self.width) = best;
        let (records, _) = records(body, self.separator, self.multi);
        let fields = || records.iter().flat_map(|(_, record)| record.iter());
        let points =
            fields().filter(|text| text.contains('.') && matches!(field(text, false), Field::Number(_))).count();
        self.comma = points == 0 && fields().any(has_comma);
        if self.comma {
            self.notes.push("A comma is read as the decimal point.".to_owned());
        }
        records
    }

    /// Tells sizes, header and rows apart.
    fn head(&mut self, records: &[(u64, Record)], comments: &[String]) {
        let mut records = records;
        let whole = |text: &str| text.parse::<u64>().ok();
        if let [(line, first), second, ..] = records
            && first.len() == 2
            && self.width > 2
            && let (Some(n), Some(d)) = (whole(first.get(0)), whole(first.get(1)))
            && (d + 1 == self.width as u64 || d == self.width as u64)
            && second.1.len() >= self.width
        {
            self.sizes = Some((n, d));
            self.heads.push(*line);
            records = &records[1..];
        }
        // A title above the header.
        let full = |record: &Record| record.iter().filter(|text| !text.is_empty()).count();
        if let [(line, title), (_, second), rest @ ..] = records
            && self.width > 2
            && full(title) == 1
            && full(second) > 1
            && field(title.get(0), self.comma) == Field::Text
            && !rest.is_empty()
            && self.is_header(second, &rest.iter().map(|(_, record)| record).collect::<Vec<_>>()).is_some()
        {
            self.heads.push(*line);
            records = &records[1..];
        }
        self.first_line = records.first().map(|(line, _)| *line);
        let below = |from: usize| -> Vec<&Record> { records.iter().skip(from).map(|(_, record)| record).collect() };
        if let Some((line, first)) = records.first()
            && let Some(why) = self.is_header(first, &below(1))
        {
            let mut names: Vec<String> = first.iter().map(str::to_owned).collect();
            if names.len() < self.width && below(1).iter().all(|row| row.len() >= self.width) {
                // R's write.table: rows have names, their column has none.
                names.insert(0, String::new());
            }
            names.truncate(self.width);
            self.header = Some(names);
            self.heads.push(*line);
            self.notes.extend(why);
        } else if self.sizes.is_none() {
            for comment in comments.iter().rev() {
                let mut names = Record::default();
                names.split(comment.trim_start().trim_start_matches('#').trim_start(), self.separator);
                if names.ends_empty() && names.len() == self.width + 1 {
                    names.truncate(self.width);
                }
                if names.len() == self.width && self.width > 1 && self.is_header(&names, &below(0)).is_some() {
                    self.header = Some(names.iter().map(str::to_owned).collect());
                    self.notes.push("The names of the columns come from the comment before the first row.".to_owned());
                    break;
                }
            }
        }
        let rows = below(usize::from(self.header.is_some() && self.heads.last() == self.first_line.as_ref()));
        self.numeric = (0..self.width).map(|at| kind_of(&rows, at, self.comma) == Some(Kind::Number)).collect();
        let is_word = kind_of(&rows, 0, self.comma) == Some(Kind::Text);
        self.words = self.separator == Separator::Space && is_word && self.width > 2;
    }

    /// Whether a line is the names of what is below it, perhaps with a remark.
    #[expect(clippy::option_option, reason = "a header or none, and then a remark or none")]
    fn is_header(&self, first: &Record, below: &[&Record]) -> Option<Option<String>> {
        let first: Vec<&str> = first.iter().collect();
        // With row names the first name is missing.
        let shift = usize::from(first.len() + 1 == self.width && below.iter().all(|row| row.len() >= self.width));
        if below.is_empty() {
            let is_name = |text: &&str| matches!(field(text, self.comma), Field::Text);
            return (first.iter().all(|text| is_name(text) || text.is_empty()) && first.iter().any(is_name))
                .then_some(None);
        }
        let (mut for_it, mut against, mut texts) = (0, 0, 0);
        for (at, text) in first.iter().enumerate() {
            let Some(below) = kind_of(below, at + shift, self.comma) else { continue };
            match (field(text, self.comma), below) {
                (Field::Text, Kind::Number | Kind::List) => for_it += 1,
                (Field::Number(_), Kind::Number) | (Field::List, Kind::List) => against += 1,
                (_, Kind::Text) => texts += 1,
                _ => (),
            }
        }
        if for_it > against || shift > 0 && against == 0 {
            return Some(None);
        }
        // pandas writes an index without a name.
        let index: Vec<Option<u64>> = below.iter().map(|row| row.get(0).parse().ok()).collect();
        let counts = index.len() > 1
            && index[0].is_some_and(|first| first < 2)
            && index.windows(2).all(|pair| pair[0].map(|at| at + 1) == pair[1]);
        if counts && first[0].is_empty() && first.len() > 1 && first[1..].iter().all(|text| !text.is_empty()) {
            return Some(None);
        }
        if for_it == 0 && against == 0 {
            // Words above words: only a known name makes them names.
            let known = |text: &&str| is_known(text);
            return (texts > 0 && first.iter().any(known) || texts < first.len() && first.iter().any(known))
                .then_some(None);
        }
        counting(&first, below, self.comma).map(Some)
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
            let is_head = self.heads.contains(&number);
            if line.trim().is_empty()
                && !(self.separator == Separator::Byte(b'\t') && line.contains('\t'))
                && !self.keep_blank
            {
                told.blank += 1;
                continue;
            }
            let mut open = record.split(&line, self.separator);
            while open && self.multi {
                line.push('\n');
                if !lines.read(name, &mut line)? {
                    break;
                }
                open = record.split(&line, self.separator);
            }
            let taken = lines.number - number + 1;
            if is_head {
                told.header += taken;
                continue;
            }
            if self.header.as_ref().is_some_and(|names| record.iter().eq(names.iter().map(String::as_str))) {
                // Tables that were written one after the other into a file.
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

    /// "text separated by commas".
    pub fn format(&self) -> String {
        match self.separator {
            Separator::None => "text, one value a line".to_owned(),
            separator => format!("text separated by {}", separator.name()),
        }
    }
}

/// Whether a line begins as a comment; spreadsheets write `#DIV/0!` for what can't be computed.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#')
        && !ERRORS.iter().any(|error| line.get(..error.len()).is_some_and(|start| start.eq_ignore_ascii_case(error)))
}

/// The first lines, and the byte that ends them.
fn sample<R: Read + Seek>(name: &str, source: &mut R, encoding: Encoding) -> Result<(Sample, u8), TableError> {
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

/// What a first line `sep=;` says, as spreadsheets write it.
fn said_separator(line: &str) -> Option<Separator> {
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
fn records(lines: &Sample, separator: Separator, multi: bool) -> (Vec<(u64, Record)>, bool) {
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

/// How good a separator is (more is better) and the width it gives; `None` when rows would differ.
fn value_of(records: &[(u64, Record)], separator: Separator) -> Option<(f64, usize)> {
    let is_sizes = |record: &Record| record.len() == 2 && record.iter().all(|text| text.parse::<u64>().is_ok());
    let (first, rest) = records.split_first()?;
    let rest = if rest.is_empty() { records } else { rest };
    let shortest = rest.iter().map(|(_, record)| record.len()).min()?;
    let trailing = |width: usize| rest.iter().all(|(_, record)| record.len() == width && record.ends_empty());
    let width = match separator {
        // A word of several words makes its line longer.
        Separator::Space => most_common(rest),
        _ if trailing(shortest) => shortest - 1,
        _ => shortest,
    };
    let fits = |record: &Record| record.len() == width || record.len() == width + 1 && record.ends_empty();
    let fitting = rest.iter().filter(|(_, record)| fits(record)).count();
    let enough = match separator {
        Separator::Space => 5 * fitting >= 4 * rest.len() && rest.iter().all(|(_, record)| record.len() >= width),
        _ => fitting == rest.len(),
    };
    let first = &first.1;
    let is_title = width > 2 && first.len() == 1;
    if width < 2
        || !enough
        || !(fits(first) || first.len() + 1 == width || is_sizes(first) || is_title || separator == Separator::Space)
    {
        return None;
    }
    let fields = rest.iter().flat_map(|(_, record)| record.iter());
    let (mut good, mut all) = (0_u32, 0_u32);
    for text in fields {
        let text_is = field(text, !matches!(separator, Separator::Byte(b',')) || text.contains(','));
        all += 1;
        good += u32::from(!matches!(text_is, Field::Text));
    }
    let share = f64::from(good) / f64::from(all.max(1));
    // Words stand between spaces as well.
    let is_table = separator != Separator::Space || share > 0.5 || share >= 0.4 && width > 3;
    is_table.then_some((1.0 + share, width))
}

fn most_common(rows: &[(u64, Record)]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    rows.iter().for_each(|(_, record)| *counts.entry(record.len()).or_default() += 1);
    counts.into_iter().max_by_key(|(width, count)| (*count, std::cmp::Reverse(*width))).map_or(0, |(width, _)| width)
}

/// No separator gives equal rows: the one whose fields are mostly numbers, so that the row that differs can be named; else
/// none, which is a list of texts.
fn fallback(body: &Sample, candidates: &[Separator], multi: bool) -> (f64, bool, Separator, usize) {
    for separator in candidates.iter().filter(|separator| **separator != Separator::Space || candidates.len() == 1) {
        let (records, _) = records(body, *separator, multi);
        let fields = || records.iter().flat_map(|(_, record)| record.iter());
        let numbers = fields().filter(|text| matches!(field(text, false), Field::Number(_) | Field::List)).count();
        let width = records.first().map_or(1, |(_, record)| record.len());
        if width > 1 && 2 * numbers > fields().count() {
            return (0.0, multi, *separator, width);
        }
    }
    // Of single fields only lists go over several lines: numpy breaks them.
    let (joined, _) = records(body, Separator::None, true);
    let is_list =
        |(_, record): &(u64, Record)| record.get(0).contains('\n') && field(record.get(0), false) == Field::List;
    (0.0, multi || joined.iter().any(is_list), Separator::None, 1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    List,
    Text,
}

/// What most of a column's fields are; `None` when all are missing.
fn kind_of(rows: &[&Record], at: usize, comma: bool) -> Option<Kind> {
    let (mut numbers, mut lists, mut texts) = (0, 0, 0);
    for row in rows {
        match field(row.get(at), comma) {
            Field::Number(_) => numbers += 1,
            Field::List => lists += 1,
            Field::Text => texts += 1,
            Field::Missing => (),
        }
    }
    match numbers + lists + texts {
        0 => None,
        _ if numbers >= lists.max(texts) => Some(Kind::Number),
        _ if lists >= texts => Some(Kind::List),
        _ => Some(Kind::Text),
    }
}

/// Whether a line's numbers count up by one while those below do not, as pandas numbers columns; what to say of it.
fn counting(first: &[&str], below: &[&Record], comma: bool) -> Option<String> {
    let whole = |text: &str| text.parse::<u64>().ok();
    let counted: Vec<(usize, u64)> =
        first.iter().enumerate().filter_map(|(at, text)| whole(text).map(|value| (at, value))).collect();
    let others = first.iter().filter(|text| whole(text).is_none());
    let is_name = |text: &&str| text.is_empty() || matches!(field(text, comma), Field::Text);
    if counted.len() < 2 || !others.clone().all(is_name) {
        return None;
    }
    let steps = |values: Vec<Option<u64>>| {
        values[0].is_some() && values.windows(2).all(|pair| pair[0].and_then(|value| value.checked_add(1)) == pair[1])
    };
    let counts = steps(counted.iter().map(|(_, value)| Some(*value)).collect());
    let is_fraction = |row: &&Record| {
        counted.iter().any(|(at, _)| matches!(field(row.get(*at), comma), Field::Number(value) if value.fract() != 0.0))
    };
    let also = |row: &&Record| steps(counted.iter().map(|(at, _)| whole(row.get(*at))).collect());
    let (start, end) = (counted[0].1, counted[counted.len() - 1].1);
    // Two whole numbers above whole numbers may count by chance; from 0 hardly, if no other line does.
    let plain = below.iter().any(is_fraction) || start == 0 || counted.len() > 3;
    if !counts || !plain || (below.len() > 1 && below.iter().all(also)) {
        return None;
    }
    Some(format!("The first line counts from {start} to {end}; it was taken as the header, not as a row."))
}

/// A column of names for messages, shortened: "e0 ... e15".
pub fn range(titles: &[String]) -> String {
    let plain: Vec<String> = titles.iter().map(|title| shortened(title.trim_matches('\''))).collect();
    match &plain[..] {
        [first, _, _, _, .., last] => format!("{first} ... {last}"),
        few => few.join(", "),
    }
}
