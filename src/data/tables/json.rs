//! JSON: lists of vectors, objects with a list of vectors, one object a line (.jsonl), or vectors by name.
//!
//! The document is held in memory, so its size is limited; larger ones should be .npy.

mod fields;
mod found;
mod rows;

use std::io::{Read, Seek};

use fields::{key_of, keys};
use found::Found;
use rows::Rows;
use serde_json::{Map, Value};

use super::encoding::{Decoded, Encoding};
use super::error::{TableError, shortened};
use super::labels::{LabelBuilder, Labels, few_enough};
use super::names::LABEL_NAMES;
use super::reader::{Body, TableReader};
use super::source::Source;
use super::wanted::Wanted;
use crate::data::account::{Account, LeftOut};

/// Largest document.
const MAX_BYTES: u64 = 256 << 20;

/// A document's table.
pub struct Table {
    values: Vec<f32>,
    n: usize,
    d: usize,
    labels: Option<Labels>,
    names: Option<Vec<String>>,
    account: Account,
    notes: Vec<String>,
    /// Values that f32 can't hold: so many too large, so many too small.
    lost: (u64, u64),
    tables: Vec<String>,
}

impl Table {
    /// The table as a reader of its rows.
    pub fn into_reader<R: Read + Seek>(self, name: &str) -> TableReader<R> {
        let mut reader = TableReader::new(name, (self.n, self.d), self.account, Body::Memory(self.values));
        reader.labels = self.labels;
        reader.names = self.names;
        reader.notes = self.notes;
        reader.know_range(self.lost.0, self.lost.1);
        reader.tables = self.tables;
        reader
    }

    /// Takes the labels, if they are classes of the rows; else says why not.
    fn take_labels(&mut self, name: &str, from: String, list: &[Value]) {
        match classes_of(name, list) {
            Ok(found) if found.ids.len() != self.n => {
                self.notes.push(format!("The labels were not used: {} for {} rows.", found.ids.len(), self.n));
            }
            Ok(found) if few_enough(found.classes.len(), self.n as u64) => {
                self.account.labels = Some(from);
                self.account.classes = found.classes.len();
                self.labels = Some(found);
            }
            Ok(_) => {
                let why = "nearly every value is another, so no classes".to_owned();
                self.account.left_out.push(LeftOut { what: from, why });
            }
            Err(error) => self.notes.push(format!("The labels were not used. {error}")),
        }
    }
}

/// Reads a document.
pub fn open<R: Read + Seek>(
    name: &str,
    source: &mut Source<R>,
    length: u64,
    wanted: &Wanted,
) -> Result<Table, TableError> {
    let Found { rows, labels, names, from, left, tables, .. } = Found::of(name, &parse(name, source, length)?, wanted)?;
    let Rows { values, n, d, gaps, over, under } = rows;
    if n == 0 || d == 0 {
        return Err(TableError::NoNumbers { name: name.to_owned(), found: "JSON without vectors".to_owned() });
    }
    let account = Account {
        format: "JSON".to_owned(),
        rows: n,
        coordinates: d,
        from,
        gaps,
        left_out: left,
        ..Account::default()
    };
    let lost = (over, under);
    let mut table = Table { values, n, d, labels: None, names: None, account, notes: Vec::new(), lost, tables };
    if let Some((from, list)) = labels {
        table.take_labels(name, from, &list);
    }
    if let Some((from, list)) = names.filter(|(_, list)| list.len() == n) {
        table.account.names = Some(from);
        table.names = Some(list);
    }
    Ok(table)
}

/// Reads the labels of a document that holds nothing else: a list, or a field named so.
pub fn read_labels<R: Read + Seek>(name: &str, source: &mut Source<R>, length: u64) -> Result<Labels, TableError> {
    let no_labels = |found: &str| TableError::NoLabels { name: name.to_owned(), columns: found.to_owned() };
    match parse(name, source, length)? {
        Value::Array(list) => {
            let objects: Option<Vec<&Map<String, Value>>> = list.iter().map(Value::as_object).collect();
            match objects.filter(|objects| !objects.is_empty()) {
                Some(objects) => {
                    let key = key_of(objects[0], &LABEL_NAMES).ok_or_else(|| no_labels("objects"))?;
                    classes_of(
                        name,
                        &objects.iter().map(|row| row.get(&key).cloned().unwrap_or(Value::Null)).collect::<Vec<_>>(),
                    )
                }
                None => classes_of(name, &list),
            }
        }
        Value::Object(fields) => match key_of(&fields, &LABEL_NAMES).and_then(|key| fields.get(&key).cloned()) {
            Some(Value::Array(list)) => classes_of(name, &list),
            _ => Err(no_labels(&format!("the fields {}", keys(&fields)))),
        },
        _ => Err(no_labels("one value")),
    }
}

fn parse<R: Read + Seek>(name: &str, source: &mut Source<R>, length: u64) -> Result<Value, TableError> {
    if length > MAX_BYTES {
        let remedy = "Save the embeddings as .npy, which is read in chunks.";
        return Err(TableError::TooLarge { name: name.to_owned(), needed: length, limit: MAX_BYTES, remedy });
    }
    let encoding = Encoding::find(name, source)?;
    let io = |error: std::io::Error| TableError::io(name, &error);
    source.rewind().map_err(io)?;
    let mut text = String::new();
    Decoded::new(&mut *source, encoding).take(MAX_BYTES).read_to_string(&mut text).map_err(io)?;
    // One document, or one a line.
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&text).into_iter().collect();
    match documents {
        Ok(mut documents) if documents.len() == 1 => Ok(documents.remove(0)),
        Ok(documents) => Ok(Value::Array(documents)),
        Err(error) if error.is_eof() => Err(TableError::malformed(name, "JSON", format!("it is cut off ({error})"))),
        Err(error) => {
            let reason = format!("{error}; it begins with {}", shortened(&text));
            Err(TableError::malformed(name, "JSON", reason))
        }
    }
}

/// A label a row, as classes.
fn classes_of(name: &str, list: &[Value]) -> Result<Labels, TableError> {
    let mut labels = LabelBuilder::default();
    for (row, value) in list.iter().enumerate() {
        match value {
            Value::String(text) => labels.push(name, text)?,
            Value::Number(number) => match number.as_f64() {
                Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                    labels.push(name, &format!("{}", value as i64))?;
                }
                _ => return Err(TableError::BadLabel { name: name.to_owned(), row, value: number.to_string() }),
            },
            Value::Bool(value) => labels.push(name, &value.to_string())?,
            Value::Null => labels.push(name, "")?,
            Value::Array(_) | Value::Object(_) => {
                return Err(TableError::BadLabel {
                    name: name.to_owned(),
                    row,
                    value: "a list or an object".to_owned(),
                });
            }
        }
    }
    Ok(labels.finish())
}
