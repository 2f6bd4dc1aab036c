//! Delimited text: numbers separated by tab, semicolon, comma, bar or spaces, in any of the dialects that [`super::layout`]
//! knows.
//!
//! A first pass sees every field, decides what each column is ([`super::columns`]) and counts what every line was, so that no
//! row can vanish without a word; a second one collects labels, pairs and names; the numbers are parsed when rows are asked
//! for.

use std::io::{Read, Seek};

use super::columns::{Column, Table};
use super::element::Scalar;
use super::encoding::Encoding;
use super::error::{MAX_COLUMNS, TableError, shortened};
use super::fields::{Field, field, list, number, numbers};
use super::labels::{LabelBuilder, Labels, pairs_by_row};
use super::layout::{Layout, range};
use super::lines::{Record, Separator};
use super::names::{LABEL_NAMES, PAIR_NAMES, is_known};
use super::reader::{Body, TableReader};
use super::rows::Visit;
use super::seen::Seen;
use super::source::Source;
use super::wanted::Wanted;
use crate::data::account::{Account, Lines};
use crate::text::grouped;

/// Most bytes of the rows' names that are kept.
const MAX_NAMES: usize = 64 << 20;

/// What the first pass leaves.
struct Pass {
    layout: Layout,
    seen: Vec<Seen>,
    n: u64,
    lines: Lines,
    trailing: bool,
}

/// Opens a table: the first pass, and a second one for labels, pairs and names.
pub fn open<R: Read + Seek>(name: &str, mut source: Source<R>, wanted: &Wanted) -> Result<TableReader<R>, TableError> {
    let mut pass = first_pass(name, &mut source)?;
    let header = pass.layout.header.clone();
    let table = Table { name, header: header.as_deref(), seen: &pass.seen, n: pass.n, wanted };
    if pass.n == 0 {
        // What looks like names without rows below is perhaps no table at all.
        let line = header.as_deref().unwrap_or_default().join(", ");
        let found = format!("a line of text ('{}')", shortened(&line));
        return Err(TableError::NoNumbers { name: name.to_owned(), found });
    }
    let mut roles = table.roles()?;
    let d: usize = roles.columns.iter().map(|column| width_of(*column)).sum();
    if d == 0 {
        let found = instead_of_numbers(&table, &roles.columns, pass.layout.separator);
        return Err(TableError::NoNumbers { name: name.to_owned(), found });
    }
    if d > MAX_COLUMNS {
        return Err(TableError::TooWide { name: name.to_owned(), columns: d as u64 });
    }
    pass.layout.columns.clone_from(&roles.columns);
    let kept = collect(name, &mut source, &pass, roles.columns.contains(&Column::Value))?;
    let account = Account {
        left_out: std::mem::take(&mut roles.left),
        lines: Some(pass.lines),
        ..account(&table, &pass.layout, &roles.columns, &kept)
    };
    let mut notes = std::mem::take(&mut pass.layout.notes);
    if pass.trailing {
        notes.push("A separator ends the lines; no column begins after it.".to_owned());
    }
    notes.append(&mut roles.notes);
    let (over, under) = out_of_range(&pass.seen, &roles.columns);
    notes.extend(
        pass.layout
            .sizes
            .filter(|(n, _)| *n != pass.n)
            .map(|(n, _)| format!("The first line speaks of {} rows; there are {}.", grouped(n), grouped(pass.n))),
    );
    let mut reader = TableReader::new(name, (pass.n as usize, d), account, Body::Text { source, layout: pass.layout });
    reader.labels = kept.labels;
    reader.pairs = kept.pairs;
    reader.names = kept.names;
    reader.notes = notes;
    reader.know_range(over, under);
    Ok(reader)
}

/// What a table without a column of numbers has instead.
fn instead_of_numbers(table: &Table<'_>, columns: &[Column], separator: Separator) -> String {
    match separator {
        _ if columns.contains(&Column::Label) && columns.len() == 1 => "labels".to_owned(),
        Separator::None => format!("{} of text", if table.n == 1 { "a line" } else { "lines" }),
        _ => {
            let titles: Vec<String> = (0..columns.len().min(8)).map(|at| table.title(at)).collect();
            format!("text in {}", titles.join(", "))
        }
    }
}

/// What was taken for what.
fn account(table: &Table<'_>, layout: &Layout, columns: &[Column], kept: &Kept) -> Account {
    let title = |wanted: Column| columns.iter().position(|column| *column == wanted).map(|at| table.title(at));
    let coordinates: Vec<String> =
        (0..columns.len()).filter(|at| width_of(columns[*at]) > 0).map(|at| table.title(at)).collect();
    let from = match (table.header, &coordinates[..]) {
        _ if columns.iter().any(|column| matches!(column, Column::List(_))) => {
            format!("the vectors in {}", coordinates.concat())
        }
        (None, [first, .., last]) => {
            format!("{first} to {}", last.trim_start_matches("column ")).replacen("column ", "columns ", 1)
        }
        _ => range(&coordinates),
    };
    Account {
        format: layout.format(),
        rows: table.n as usize,
        coordinates: columns.iter().map(|column| width_of(*column)).sum(),
        from,
        labels: title(Column::Label),
        classes: kept.labels.as_ref().map_or(0, |labels| labels.classes.len()),
        pairs: title(Column::Pair),
        names: title(Column::Name),
        gaps: kept.gaps,
        ..Account::default()
    }
}

/// The classes of a file that holds nothing else: one column, a column named as labels, or the likeliest. `rows` is how many
/// there should be, which tells a header from a label.
pub fn read_labels<R: Read + Seek>(
    name: &str,
    mut source: Source<R>,
    rows: Option<u64>,
    wanted: &Wanted,
) -> Result<Labels, TableError> {
    let mut pass = first_pass(name, &mut source)?;
    let mut first = None;
    pass.layout.for_each_record(name, &mut source, |record, _| {
        first = Some(record.iter().map(str::to_owned).collect::<Vec<_>>());
        Ok(false)
    })?;
    let known = |names: &Vec<String>| names.iter().any(|name| is_known(name));
    let (n, blank) = (pass.n, pass.lines.blank);
    let has_header = pass.layout.header.is_some();
    let single = pass.layout.separator == Separator::None;
    // An empty line is an empty label where that makes as many as there should be.
    let blanks =
        single && rows.is_some_and(|rows| blank > 0 && n != rows && (n + blank == rows || n + blank == rows + 1));
    let all = if blanks { n + blank } else { n };
    let header = match rows {
        Some(rows) if has_header && all + 1 == rows => false,
        Some(rows) if !has_header && all == rows + 1 => true,
        Some(rows) if !has_header && all == rows => false,
        _ => has_header || first.as_ref().is_some_and(known),
    };
    if header != has_header || blanks {
        let names = if header && has_header { pass.layout.header.clone() } else { first };
        pass.layout.keep_blank = blanks;
        if header != has_header {
            pass.layout.set_header(header, names);
        }
        pass = see(name, &mut source, pass.layout)?;
    }
    let names = pass.layout.header.clone();
    let at = Table { name, header: names.as_deref(), seen: &pass.seen, n: pass.n, wanted }.only_labels()?;
    let is_text = pass.seen[at].is_text();
    let mut labels = LabelBuilder::default();
    pass.layout.for_each_record(name, &mut source, |record, _| {
        labels.push(name, &class(record.get(at), is_text, pass.layout.comma))?;
        Ok(true)
    })?;
    let column = (pass.seen.len() > 1)
        .then(|| Table { name, header: names.as_deref(), seen: &pass.seen, n: pass.n, wanted }.title(at));
    Ok(Labels { column, ..labels.finish() })
}

/// Finds the dialect and looks at every field.
fn first_pass<R: Read + Seek>(name: &str, source: &mut Source<R>) -> Result<Pass, TableError> {
    let encoding = Encoding::find(name, source)?;
    let layout = Layout::find(name, source, encoding, false)?;
    match see(name, source, layout) {
        // Quoted texts may go over several lines further down.
        Err(ragged @ (TableError::Ragged { .. } | TableError::LongLine { .. })) => {
            let again = Layout::find(name, source, encoding, true).and_then(|layout| see(name, source, layout));
            again.map_err(|error| if matches!(error, TableError::LongLine { .. }) { error } else { ragged })
        }
        result => result,
    }
}

fn see<R: Read + Seek>(name: &str, source: &mut Source<R>, layout: Layout) -> Result<Pass, TableError> {
    let names = layout.header.as_deref().unwrap_or_default();
    let is_known = |at: usize| {
        names
            .get(at)
            .map(|name| name.to_lowercase())
            .is_some_and(|name| LABEL_NAMES.contains(&name.as_str()) || PAIR_NAMES.contains(&name.as_str()))
    };
    let track = |at: usize| at == 0 || is_known(at);
    if layout.width > 2 * MAX_COLUMNS {
        return Err(TableError::TooWide { name: name.to_owned(), columns: layout.width as u64 });
    }
    let mut seen: Vec<Seen> = (0..layout.width).map(|at| Seen::new(track(at))).collect();
    let mut n = 0;
    let mut trailing = false;
    let lines = layout.for_each_record(name, source, |record, line| {
        trailing |= record.had_more;
        for (seen, text) in seen.iter_mut().zip(record.iter()) {
            seen.add(text, line, layout.comma);
        }
        n += 1;
        Ok(true)
    })?;
    Ok(Pass { layout, seen, n, lines, trailing })
}

/// What a row has besides its numbers.
#[derive(Default)]
struct Kept {
    labels: Option<Labels>,
    pairs: Option<Vec<Option<u32>>>,
    names: Option<Vec<String>>,
    gaps: usize,
}

fn collect<R: Read + Seek>(name: &str, source: &mut Source<R>, pass: &Pass, values: bool) -> Result<Kept, TableError> {
    let columns = &pass.layout.columns;
    let has = |wanted: Column| columns.contains(&wanted);
    let with_gaps =
        values && columns.iter().zip(&pass.seen).any(|(column, seen)| *column == Column::Value && seen.has_gaps());
    if !(has(Column::Label) || has(Column::Pair) || has(Column::Name) || with_gaps) {
        return Ok(Kept::default());
    }
    let (mut labels, mut pairs, mut names, mut bytes) = (LabelBuilder::default(), Vec::new(), Vec::new(), 0);
    let mut kept = Kept::default();
    pass.layout.for_each_record(name, source, |record, _| {
        let mut gap = false;
        for ((text, column), seen) in record.iter().zip(columns).zip(&pass.seen) {
            match column {
                Column::Label => labels.push(name, &class(text, seen.is_text(), pass.layout.comma))?,
                Column::Pair => pairs.push(index(text)),
                Column::Name if bytes < MAX_NAMES => {
                    names.push(shortened(text));
                    bytes += text.len() + size_of::<String>();
                }
                Column::Value if with_gaps => gap |= number(text, pass.layout.comma).is_none(),
                _ => (),
            }
        }
        kept.gaps += usize::from(gap);
        Ok(true)
    })?;
    kept.labels = has(Column::Label).then(|| labels.finish());
    kept.pairs = has(Column::Pair).then(|| pairs_by_row(name, &pairs, pass.n as usize)).transpose()?;
    kept.names = (names.len() as u64 == pass.n).then_some(names);
    Ok(kept)
}

/// A class as it is written: numbers without a fraction in one way.
fn class(text: &str, is_words: bool, comma: bool) -> String {
    match field(text, comma) {
        Field::Number(value) if !is_words && value.fract() == 0.0 && value.abs() < 1e15 => format!("{}", value as i64),
        _ => text.to_owned(),
    }
}

fn index(text: &str) -> Scalar {
    match field(text, false) {
        Field::Number(value) => Scalar::Number(value),
        Field::Missing => Scalar::Integer(-1),
        _ => Scalar::Text(text.to_owned()),
    }
}

fn width_of(column: Column) -> usize {
    match column {
        Column::Value => 1,
        Column::List(length) => length,
        _ => 0,
    }
}

/// Values that f32 can't hold: so many too large, so many too small.
fn out_of_range(seen: &[Seen], columns: &[Column]) -> (u64, u64) {
    let values = || seen.iter().zip(columns).filter(|(_, column)| **column == Column::Value).map(|(seen, _)| seen);
    (values().map(|seen| seen.over).sum(), values().map(|seen| seen.under).sum())
}

impl Layout {
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
            self.numbers(name, record, line, &mut values)?;
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

    /// The numbers of a row; what is none was counted as missing when the columns were looked at.
    fn numbers(&self, name: &str, record: &Record, line: u64, values: &mut Vec<f32>) -> Result<(), TableError> {
        for (at, column) in self.columns.iter().enumerate() {
            let text = record.get(at);
            match column {
                Column::Value => values.push(number(text, self.comma).map_or(f32::NAN, |value| value as f32)),
                Column::List(length) => {
                    let before = values.len();
                    if let Some(inside) = list(text) {
                        values.extend(numbers(inside).map(|value| value.map_or(f32::NAN, |value| value as f32)));
                    }
                    if values.len() == before {
                        // A missing vector.
                        values.resize(before + length, f32::NAN);
                    }
                    if values.len() != before + length {
                        let column = format!("column {} (line {line})", at + 1);
                        return Err(TableError::RaggedLists { name: name.to_owned(), column });
                    }
                }
                _ => (),
            }
        }
        Ok(())
    }
}
