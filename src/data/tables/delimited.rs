//! Delimited text: values separated by comma, semicolon or tab, with or without a header line.
//!
//! A first pass counts the rows, checks that they are equally long and collects labels and pairs; the numbers are parsed
//! when rows are asked for. An empty field is a missing value (NaN).

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::TableReader;
use super::arrays::Visit;
use super::element::Scalar;
use super::error::{MAX_COLUMNS, TableError};
use super::labels::{LABEL_NAMES, LabelBuilder, PAIR_NAMES, pairs_by_row};

/// Longest line.
const MAX_LINE: u64 = 16 << 20;
/// Columns that are no coordinates, in lower case; pandas writes an index without a name.
const IGNORED: [&str; 6] = ["", "index", "id", "norm", "unnamed: 0", "row"];

/// What the first lines say about a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    delimiter: u8,
    /// Column names, if the first line has them.
    header: Option<Vec<String>>,
    /// What each column is.
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Value,
    Label,
    Pair,
    Ignored,
}

/// Opens a table: the first pass.
pub fn open<R: Read + Seek>(name: &str, mut source: R) -> Result<TableReader<R>, TableError> {
    let layout = Layout::find(name, &mut source)?;
    let d = layout.columns.iter().filter(|column| **column == Column::Value).count();
    if d > MAX_COLUMNS {
        return Err(TableError::TooWide { name: name.to_owned(), columns: d as u64 });
    }
    let has = |column: Column| layout.columns.contains(&column);
    let (mut labels, mut pairs, mut n) = (LabelBuilder::default(), Vec::new(), 0);
    layout.for_each_record(name, &mut source, |record, _| {
        for (field, column) in record.iter().zip(&layout.columns) {
            match column {
                Column::Label => labels.push(name, &text(field))?,
                Column::Pair => pairs.push(index(&text(field))),
                Column::Value | Column::Ignored => (),
            }
        }
        n += 1;
        Ok(true)
    })?;
    if n == 0 || d == 0 {
        return Err(TableError::Empty(name.to_owned()));
    }
    Ok(TableReader {
        name: name.to_owned(),
        n,
        d,
        labels: has(Column::Label).then(|| labels.finish()),
        pairs: has(Column::Pair).then(|| pairs_by_row(name, &pairs, n)).transpose()?,
        notes: layout.notes(),
        body: super::Body::Text { source, layout },
    })
}

/// The classes of a file that holds nothing else: one column, or a column named as labels.
pub fn read_labels<R: Read + Seek>(name: &str, mut source: R) -> Result<super::Labels, TableError> {
    let mut layout = Layout::find(name, &mut source)?;
    if !layout.columns.contains(&Column::Label) {
        let [only] = &mut layout.columns[..] else {
            let arrays = format!("{} columns, none of them named 'label'", layout.columns.len());
            return Err(TableError::NoEmbeddings { name: name.to_owned(), arrays });
        };
        *only = Column::Label;
        // A first line that is no name for labels is the first label.
        layout.header = None;
    }
    let mut labels = LabelBuilder::default();
    layout.for_each_record(name, &mut source, |record, _| {
        let field = record.iter().zip(&layout.columns).find(|(_, column)| **column == Column::Label);
        labels.push(name, &text(field.map_or(&[][..], |(field, _)| field)))?;
        Ok(true)
    })?;
    Ok(labels.finish())
}

impl Layout {
    fn find<R: Read + Seek>(name: &str, source: &mut R) -> Result<Layout, TableError> {
        rewind(name, source)?;
        let mut line = Vec::new();
        let read = BufReader::new(&mut *source).take(MAX_LINE).read_until(b'\n', &mut line);
        read.map_err(|error| TableError::io(name, &error))?;
        let has = |byte: u8| line.contains(&byte);
        let delimiter = if has(b'\t') {
            b'\t'
        } else if has(b';') {
            b';'
        } else {
            b','
        };
        let mut layout = Layout { delimiter, header: None, columns: Vec::new() };
        let mut first: Vec<String> = Vec::new();
        layout.for_each_record(name, source, |record, _| {
            first = record.iter().map(text).collect();
            Ok(false)
        })?;
        layout.columns = vec![Column::Value; first.len()];
        if layout.is_header(&first) {
            layout.columns = columns(&first);
            layout.header = Some(first);
        }
        Ok(layout)
    }

    /// Names, or 0, 1, 2, ... as pandas numbers columns.
    fn is_header(&self, first: &[String]) -> bool {
        let is_name = |field: &String| !field.is_empty() && self.number(field.as_bytes()).is_none();
        let is_index = |(at, field): (usize, &String)| *field == at.to_string();
        first.iter().any(is_name) || (first.len() > 1 && first.iter().enumerate().all(is_index))
    }

    /// A field as a number: empty is NaN; with semicolons, a comma may be the decimal point.
    fn number(&self, field: &[u8]) -> Option<f32> {
        let field = std::str::from_utf8(field).ok()?.trim();
        match field.parse() {
            Ok(value) => Some(value),
            Err(_) if field.is_empty() => Some(f32::NAN),
            Err(_) if self.delimiter == b';' => field.replacen(',', ".", 1).parse().ok(),
            Err(_) => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        let names = self.header.iter().flatten().zip(&self.columns);
        let ignored: Vec<String> =
            names.filter(|(_, column)| **column == Column::Ignored).map(|(name, _)| format!("'{name}'")).collect();
        if ignored.is_empty() {
            return Vec::new();
        }
        vec![format!("Columns that are no coordinates were left out: {}.", ignored.join(", "))]
    }

    /// Streams the rows.
    pub fn stream<R: Read + Seek>(
        &self,
        name: &str,
        source: &mut R,
        (d, rows): (usize, usize),
        visit: Visit<'_>,
    ) -> Result<(), TableError> {
        let mut values = Vec::with_capacity(rows * d);
        let (mut start, mut more) = (0, true);
        self.for_each_record(name, source, |record, line| {
            for (at, (field, column)) in record.iter().zip(&self.columns).enumerate() {
                if *column == Column::Value {
                    values.push(self.number(field).ok_or_else(|| self.not_a_number(name, line, at, field))?);
                }
            }
            if values.len() == rows * d {
                more = visit(start, &values).is_continue();
                start += rows;
                values.clear();
            }
            Ok(more)
        })?;
        if more && !values.is_empty() {
            let _ = visit(start, &values);
        }
        Ok(())
    }

    fn not_a_number(&self, name: &str, line: u64, at: usize, field: &[u8]) -> TableError {
        let column = match &self.header {
            Some(names) => format!("'{}'", names[at]),
            None => (at + 1).to_string(),
        };
        TableError::NotANumber { name: name.to_owned(), line, column, text: text(field).chars().take(40).collect() }
    }

    /// Calls `visit` for each data line (record, line number) until it says false.
    fn for_each_record<R: Read + Seek>(
        &self,
        name: &str,
        source: &mut R,
        mut visit: impl FnMut(&ByteRecord, u64) -> Result<bool, TableError>,
    ) -> Result<(), TableError> {
        rewind(name, source)?;
        let budget = Rc::new(Cell::new(MAX_LINE));
        let mut reader = self.reader(Budgeted { source, left: Rc::clone(&budget) });
        let mut record = ByteRecord::new();
        let mut skip = usize::from(self.header.is_some());
        loop {
            budget.set(MAX_LINE);
            let line = reader.position().line();
            match reader.read_byte_record(&mut record) {
                Ok(true) => (),
                Ok(false) => return Ok(()),
                Err(_) if budget.get() == 0 => return Err(TableError::LongLine { name: name.to_owned(), line }),
                Err(error) => return Err(of_csv(name, &error)),
            }
            if skip > 0 {
                skip -= 1;
            } else if !visit(&record, record.position().map_or(line, csv::Position::line))? {
                return Ok(());
            }
        }
    }

    fn reader<R: Read>(&self, source: R) -> Reader<R> {
        ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.delimiter)
            .comment(Some(b'#'))
            .buffer_capacity(1 << 16)
            .from_reader(source)
    }
}

/// What each column is by its name. Of several with labels the one with the plainest name counts; a `y` beside it is a
/// coordinate, others are left out.
fn columns(names: &[String]) -> Vec<Column> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let first = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
    let (labels, pairs) = (first(&LABEL_NAMES), first(&PAIR_NAMES));
    let of = |(at, name): (usize, &String)| {
        let is = |known: &[&str]| known.contains(&name.as_str());
        if labels == Some(at) {
            Column::Label
        } else if pairs == Some(at) {
            Column::Pair
        } else if name != "y" && (is(&LABEL_NAMES) || is(&PAIR_NAMES) || is(&IGNORED)) {
            Column::Ignored
        } else {
            Column::Value
        }
    };
    names.iter().enumerate().map(of).collect()
}

/// Refuses to deliver more than a line may have, so that an open quotation mark can't fill the memory.
struct Budgeted<'a, R> {
    source: &'a mut R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Budgeted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("the line is too long"));
        }
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.source.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

fn rewind<R: Seek>(name: &str, source: &mut R) -> Result<(), TableError> {
    source.rewind().map_err(|error| TableError::io(name, &error))
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_owned()
}

fn index(text: &str) -> Scalar {
    match text.parse() {
        Ok(number) => Scalar::Integer(number),
        Err(_) if text.is_empty() => Scalar::Integer(-1),
        Err(_) => Scalar::Text(text.to_owned()),
    }
}

fn of_csv(name: &str, error: &csv::Error) -> TableError {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => TableError::Ragged {
            name: name.to_owned(),
            line: pos.as_ref().map_or(0, csv::Position::line),
            expected: *expected_len as usize,
            found: *len as usize,
        },
        _ => TableError::Io { name: name.to_owned(), reason: error.to_string() },
    }
}
