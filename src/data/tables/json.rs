//! JSON: lists of vectors, objects with a list of vectors, one object a line (.jsonl), or vectors by name.
//!
//! The document is held in memory, so its size is limited; larger ones should be .npy.

use std::io::{Read, Seek};

use serde_json::{Map, Value};

use super::encoding::{Decoded, Encoding};
use super::error::{MAX_COLUMNS, TableError, shortened};
use super::labels::{LabelBuilder, Labels, few_enough};
use super::layout::range;
use super::names::{LABEL_NAMES, TABLE_NAMES, known};
use super::reader::{Body, TableReader};
use super::source::Source;
use super::wanted::Wanted;
use crate::data::account::{Account, LeftOut};

/// Largest document.
const MAX_BYTES: u64 = 256 << 20;
/// Fields that hold the rows of an answer of a web service or of a data frame.
const ROWS: [&str; 6] = ["data", "results", "items", "rows", "records", "points"];
/// Fields of text that name a row.
const NAMES: [&str; 9] = ["name", "text", "word", "token", "file", "filename", "path", "title", "id"];

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
}

/// Reads a document.
pub fn open<R: Read + Seek>(
    name: &str,
    source: &mut Source<R>,
    length: u64,
    wanted: &Wanted,
) -> Result<Table, TableError> {
    let document = parse(name, source, length)?;
    let mut found = Found {
        name,
        wanted,
        rows: Rows::default(),
        labels: None,
        names: None,
        from: String::new(),
        left: Vec::new(),
        tables: Vec::new(),
    };
    found.document(&document)?;
    let Found { rows, labels, names, from, left, tables, .. } = found;
    let (n, d) = (rows.n, rows.d);
    if n == 0 || d == 0 {
        return Err(TableError::NoNumbers { name: name.to_owned(), found: "JSON without vectors".to_owned() });
    }
    let mut notes = Vec::new();
    let mut account = Account {
        format: "JSON".to_owned(),
        rows: n,
        coordinates: d,
        from,
        gaps: rows.gaps,
        left_out: left,
        ..Account::default()
    };
    let mut classes = None;
    if let Some((from, list)) = labels {
        match classes_of(name, &list) {
            Ok(found) if found.ids.len() == n && few_enough(found.classes.len(), n as u64) => {
                account.labels = Some(from);
                account.classes = found.classes.len();
                classes = Some(found);
            }
            Ok(found) if found.ids.len() != n => {
                notes.push(format!("The labels were not used: {} for {n} rows.", found.ids.len()));
            }
            Ok(_) => account
                .left_out
                .push(LeftOut { what: from, why: "nearly every value is another, so no classes".to_owned() }),
            Err(error) => notes.push(format!("The labels were not used. {error}")),
        }
    }
    let mut row_names = None;
    if let Some((from, list)) = names.filter(|(_, list)| list.len() == n) {
        account.names = Some(from);
        row_names = Some(list);
    }
    let lost = (rows.over, rows.under);
    Ok(Table { values: rows.values, n, d, labels: classes, names: row_names, account, notes, lost, tables })
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

/// The field of a known name, in the names' order.
fn key_of(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let at = known(names, fields.keys().map(|key| key.to_lowercase()))?;
    fields.keys().nth(at).cloned()
}

fn keys(fields: &Map<String, Value>) -> String {
    fields.keys().take(8).map(|key| format!("'{}'", shortened(key))).collect::<Vec<_>>().join(", ")
}

fn is_number(value: &Value) -> bool {
    value.is_number() || value.is_null()
}

fn is_vector(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(is_number) && list.iter().any(Value::is_number))
}

fn is_matrix(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_vector))
}

/// Rows of equal length.
#[derive(Default)]
struct Rows {
    values: Vec<f32>,
    n: usize,
    d: usize,
    gaps: usize,
    over: u64,
    under: u64,
}

impl Rows {
    fn push(&mut self, name: &str, list: &[&Value]) -> Result<(), TableError> {
        if self.n == 0 {
            self.d = list.len();
            if self.d > MAX_COLUMNS {
                return Err(TableError::TooWide { name: name.to_owned(), columns: self.d as u64 });
            }
        }
        if list.len() != self.d {
            let reason = format!("vector {} has {} numbers, the first has {}", self.n + 1, list.len(), self.d);
            return Err(TableError::malformed(name, "JSON", reason));
        }
        self.gaps += usize::from(list.iter().any(|value| value.is_null()));
        for value in list {
            let exact = value.as_f64();
            let value = exact.map_or(f32::NAN, |value| value as f32);
            self.over += u64::from(value.is_infinite());
            self.under += u64::from(value == 0.0 && exact != Some(0.0));
            self.values.push(value);
        }
        self.n += 1;
        Ok(())
    }
}

/// What is found in a document.
struct Found<'a> {
    name: &'a str,
    wanted: &'a Wanted,
    rows: Rows,
    labels: Option<(String, Vec<Value>)>,
    names: Option<(String, Vec<String>)>,
    from: String,
    left: Vec<LeftOut>,
    tables: Vec<String>,
}

impl Found<'_> {
    fn document(&mut self, document: &Value) -> Result<(), TableError> {
        match document {
            Value::Array(list) if list.iter().all(is_vector) => self.matrix(list, "lists of numbers".to_owned()),
            Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_object) => {
                self.objects(&list.iter().filter_map(Value::as_object).collect::<Vec<_>>())
            }
            Value::Array(list) if list.iter().any(is_vector) => {
                let odd = list.iter().position(|row| !is_vector(row)).unwrap_or_default();
                Err(TableError::malformed(self.name, "JSON", format!("entry {} is no list of numbers", odd + 1)))
            }
            Value::Array(list) if list.iter().all(is_number) => self.refuse("one list of numbers"),
            Value::Array(_) => self.refuse("a list without vectors"),
            Value::Object(fields) => self.object(fields),
            _ => self.refuse("one value"),
        }
    }

    fn refuse(&self, found: &str) -> Result<(), TableError> {
        Err(TableError::NoNumbers { name: self.name.to_owned(), found: found.to_owned() })
    }

    fn matrix(&mut self, list: &[Value], from: String) -> Result<(), TableError> {
        self.from = from;
        for row in list {
            self.rows.push(self.name, &row.as_array().into_iter().flatten().collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Which of several fields is meant: the wanted one, one of a known name, the only one.
    fn choose(&mut self, fields: &[String], what: &str) -> Result<Option<String>, TableError> {
        if fields.len() > 1 {
            self.tables = fields.to_vec();
        }
        if let Some(wanted) = &self.wanted.array {
            return match fields.iter().find(|field| *field == wanted) {
                Some(field) => Ok(Some(field.clone())),
                None => Err(TableError::NoArray {
                    name: self.name.to_owned(),
                    array: wanted.clone(),
                    arrays: format!("{what} {}", fields.join(", ")),
                }),
            };
        }
        match (fields, known(&TABLE_NAMES, fields.iter().map(|field| field.to_lowercase()))) {
            (_, Some(at)) => Ok(Some(fields[at].clone())),
            ([one], _) => Ok(Some(one.clone())),
            ([], _) => Ok(None),
            (several, None) => Err(TableError::NoEmbeddings {
                name: self.name.to_owned(),
                arrays: format!("{what} {}", several.join(", ")),
                names: several.to_vec(),
            }),
        }
    }

    /// Rows as objects: a vector in each, or its numbers by name.
    fn objects(&mut self, rows: &[&Map<String, Value>]) -> Result<(), TableError> {
        let first = rows[0];
        let vectors: Vec<String> =
            first.iter().filter(|(_, value)| is_vector(value)).map(|(key, _)| key.clone()).collect();
        let label =
            self.wanted.labels.clone().filter(|key| first.contains_key(key)).or_else(|| key_of(first, &LABEL_NAMES));
        let mut used: Vec<String> = label.iter().cloned().collect();
        if let Some(key) = self.choose(&vectors, "the fields")? {
            for (at, row) in rows.iter().enumerate() {
                let Some(list) = row.get(&key).and_then(Value::as_array) else {
                    return Err(TableError::malformed(
                        self.name,
                        "JSON",
                        format!("entry {} has no '{}'", at + 1, shortened(&key)),
                    ));
                };
                self.rows.push(self.name, &list.iter().collect::<Vec<_>>())?;
            }
            self.from = format!("the vectors in '{}'", shortened(&key));
            used.push(key);
        } else {
            let mut keys: Vec<&String> = first
                .iter()
                .filter(|(key, value)| value.is_number() && Some(*key) != label.as_ref())
                .map(|(key, _)| key)
                .collect();
            keys.sort_by_key(|key| (key.parse::<u64>().unwrap_or(u64::MAX), rank(first, key)));
            for row in rows {
                self.rows.push(
                    self.name,
                    &keys.iter().map(|key| row.get(*key).unwrap_or(&Value::Null)).collect::<Vec<_>>(),
                )?;
            }
            self.from = range(&keys.iter().map(|key| (*key).clone()).collect::<Vec<_>>());
            used.extend(keys.into_iter().cloned());
        }
        self.labels = label.map(|key| {
            let list = rows.iter().map(|row| row.get(&key).cloned().unwrap_or(Value::Null)).collect();
            (format!("'{}'", shortened(&key)), list)
        });
        let is_text =
            |key: &str| rows.iter().all(|row| row.get(key).is_some_and(|value| value.is_string() || value.is_number()));
        if let Some(key) = key_of(first, &NAMES).filter(|key| !used.contains(key) && is_text(key)) {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let list = rows.iter().map(|row| shortened(&row.get(&key).map(text).unwrap_or_default())).collect();
            self.names = Some((format!("'{}'", shortened(&key)), list));
            used.push(key);
        }
        for key in first.keys().filter(|key| !used.contains(key)) {
            self.left.push(LeftOut { what: format!("'{}'", shortened(key)), why: "no coordinate".to_owned() });
        }
        Ok(())
    }

    fn object(&mut self, fields: &Map<String, Value>) -> Result<(), TableError> {
        let matrices: Vec<String> =
            fields.iter().filter(|(_, value)| is_matrix(value)).map(|(key, _)| key.clone()).collect();
        let label =
            self.wanted.labels.clone().filter(|key| fields.contains_key(key)).or_else(|| key_of(fields, &LABEL_NAMES));
        if let Some(key) = self.choose(&matrices, "the fields")? {
            self.labels = label
                .and_then(|label| Some((format!("'{}'", shortened(&label)), fields.get(&label)?.as_array()?.clone())));
            let list = fields.get(&key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for other in
                fields.keys().filter(|other| **other != key && !LABEL_NAMES.contains(&other.to_lowercase().as_str()))
            {
                self.left.push(LeftOut { what: format!("'{}'", shortened(other)), why: "not needed".to_owned() });
            }
            return self.matrix(list, format!("the vectors in '{}'", shortened(&key)));
        }
        if let Some(rows) = key_of(fields, &ROWS).and_then(|key| fields.get(&key)).filter(|rows| rows.is_array()) {
            return self.document(rows);
        }
        let lists: Vec<(&String, &Vec<Value>)> =
            fields.iter().filter_map(|(key, value)| Some((key, value.as_array()?))).collect();
        let vectors: Vec<&(&String, &Vec<Value>)> =
            lists.iter().filter(|(_, list)| list.iter().all(is_number)).collect();
        let is_columns = label.as_ref().is_some_and(|label| fields[label].is_array())
            || !vectors.is_empty()
                && vectors.iter().all(|(key, _)| ["x", "y", "z"].contains(&key.to_lowercase().as_str()));
        if is_columns {
            // Columns by name, as a data frame's to_dict("list").
            let columns: Vec<_> = vectors.iter().filter(|(key, _)| Some(*key) != label.as_ref()).collect();
            let n = columns.first().map_or(0, |(_, list)| list.len());
            if columns.iter().any(|(_, list)| list.len() != n) {
                return Err(TableError::malformed(self.name, "JSON", "its columns differ in length"));
            }
            for row in 0..n {
                self.rows.push(self.name, &columns.iter().map(|(_, list)| &list[row]).collect::<Vec<_>>())?;
            }
            self.from = range(&columns.iter().map(|(key, _)| (*key).clone()).collect::<Vec<_>>());
            self.labels = label
                .and_then(|label| Some((format!("'{}'", shortened(&label)), fields.get(&label)?.as_array()?.clone())));
            return Ok(());
        }
        if vectors.len() > 1 && vectors.len() == fields.len() {
            self.from = "vectors by name".to_owned();
            for (_, list) in &vectors {
                self.rows.push(self.name, &list.iter().collect::<Vec<_>>())?;
            }
            self.names = Some(("the fields".to_owned(), vectors.iter().map(|(key, _)| shortened(key)).collect()));
            return Ok(());
        }
        let said =
            fields.values().find_map(Value::as_str).map(|text| format!(" ('{}')", shortened(text))).unwrap_or_default();
        self.refuse(&format!("JSON with the fields {}{said}", keys(fields)))
    }
}

/// Where a field stands among the others.
fn rank(fields: &Map<String, Value>, wanted: &str) -> usize {
    fields.keys().position(|key| key == wanted).unwrap_or(usize::MAX)
}
