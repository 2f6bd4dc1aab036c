//! Where a document has its vectors, labels and names.

use serde_json::{Map, Value};

use super::fields::{is_matrix, is_number, is_vector, key_of, keys, rank};
use super::rows::Rows;
use crate::data::account::LeftOut;
use crate::data::tables::error::{TableError, shortened};
use crate::data::tables::layout::range;
use crate::data::tables::names::{LABEL_NAMES, TABLE_NAMES, known};
use crate::data::tables::wanted::Wanted;

/// Fields that hold the rows of an answer of a web service or of a data frame.
const ROWS: [&str; 6] = ["data", "results", "items", "rows", "records", "points"];
/// Fields of text that name a row.
const NAMES: [&str; 9] = ["name", "text", "word", "token", "file", "filename", "path", "title", "id"];

/// What is found in a document.
pub struct Found<'a> {
    /// The file, for messages.
    name: &'a str,
    wanted: &'a Wanted,
    /// The vectors.
    pub rows: Rows,
    /// The field, and a label a row.
    pub labels: Option<(String, Vec<Value>)>,
    /// The field, and a name a row.
    pub names: Option<(String, Vec<String>)>,
    /// Where the vectors are.
    pub from: String,
    /// What was left out.
    pub left: Vec<LeftOut>,
    /// Fields that could be the vectors, where there are several.
    pub tables: Vec<String>,
}

impl<'a> Found<'a> {
    /// Looks for vectors, labels and names.
    ///
    /// # Errors
    /// When there are no vectors, or several sets of them.
    pub fn of(name: &'a str, document: &Value, wanted: &'a Wanted) -> Result<Found<'a>, TableError> {
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
        found.document(document)?;
        Ok(found)
    }

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

    /// The field of the labels: the wanted one, or one of a known name.
    fn label_of(&self, fields: &Map<String, Value>) -> Option<String> {
        self.wanted.labels.clone().filter(|key| fields.contains_key(key)).or_else(|| key_of(fields, &LABEL_NAMES))
    }

    /// Rows as objects: a vector in each, or its numbers by name.
    fn objects(&mut self, rows: &[&Map<String, Value>]) -> Result<(), TableError> {
        let first = rows[0];
        let vectors: Vec<String> =
            first.iter().filter(|(_, value)| is_vector(value)).map(|(key, _)| key.clone()).collect();
        let label = self.label_of(first);
        let mut used: Vec<String> = label.iter().cloned().collect();
        if let Some(key) = self.choose(&vectors, "the fields")? {
            self.vectors_of(rows, &key)?;
            used.push(key);
        } else {
            used.extend(self.numbers_of(rows, label.as_deref())?);
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

    /// Each row's vector in the field `key`.
    fn vectors_of(&mut self, rows: &[&Map<String, Value>], key: &str) -> Result<(), TableError> {
        for (at, row) in rows.iter().enumerate() {
            let Some(list) = row.get(key).and_then(Value::as_array) else {
                return Err(TableError::malformed(
                    self.name,
                    "JSON",
                    format!("entry {} has no '{}'", at + 1, shortened(key)),
                ));
            };
            self.rows.push(self.name, &list.iter().collect::<Vec<_>>())?;
        }
        self.from = format!("the vectors in '{}'", shortened(key));
        Ok(())
    }

    /// Each row's numbers by name, without the label; returns the names.
    fn numbers_of(&mut self, rows: &[&Map<String, Value>], label: Option<&str>) -> Result<Vec<String>, TableError> {
        let first = rows[0];
        let mut keys: Vec<&String> = first
            .iter()
            .filter(|(key, value)| value.is_number() && Some(key.as_str()) != label)
            .map(|(key, _)| key)
            .collect();
        keys.sort_by_key(|key| (key.parse::<u64>().unwrap_or(u64::MAX), rank(first, key)));
        for row in rows {
            let values: Vec<&Value> = keys.iter().map(|key| row.get(*key).unwrap_or(&Value::Null)).collect();
            self.rows.push(self.name, &values)?;
        }
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        self.from = range(&keys);
        Ok(keys)
    }

    /// An object: a list of vectors in a field, the rows in a field, columns by name, or vectors by name.
    fn object(&mut self, fields: &Map<String, Value>) -> Result<(), TableError> {
        let matrices: Vec<String> =
            fields.iter().filter(|(_, value)| is_matrix(value)).map(|(key, _)| key.clone()).collect();
        let label = self.label_of(fields);
        if let Some(key) = self.choose(&matrices, "the fields")? {
            return self.matrix_in(fields, &key, label.as_deref());
        }
        if let Some(rows) = key_of(fields, &ROWS).and_then(|key| fields.get(&key)).filter(|rows| rows.is_array()) {
            return self.document(rows);
        }
        let vectors: Vec<(&String, &Vec<Value>)> = fields
            .iter()
            .filter_map(|(key, value)| Some((key, value.as_array()?)))
            .filter(|(_, list)| list.iter().all(is_number))
            .collect();
        let is_columns = label.as_ref().is_some_and(|label| fields[label].is_array())
            || !vectors.is_empty()
                && vectors.iter().all(|(key, _)| ["x", "y", "z"].contains(&key.to_lowercase().as_str()));
        if is_columns {
            return self.columns(fields, &vectors, label.as_deref());
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

    /// The list of vectors in the field `key`; the other fields are left out.
    fn matrix_in(&mut self, fields: &Map<String, Value>, key: &str, label: Option<&str>) -> Result<(), TableError> {
        self.labels = labels_in(fields, label);
        let is_other = |other: &&String| *other != key && !LABEL_NAMES.contains(&other.to_lowercase().as_str());
        for other in fields.keys().filter(is_other) {
            self.left.push(LeftOut { what: format!("'{}'", shortened(other)), why: "not needed".to_owned() });
        }
        let list = fields.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        self.matrix(list, format!("the vectors in '{}'", shortened(key)))
    }

    /// Columns by name, as a data frame's to_dict("list").
    fn columns(
        &mut self,
        fields: &Map<String, Value>,
        vectors: &[(&String, &Vec<Value>)],
        label: Option<&str>,
    ) -> Result<(), TableError> {
        let columns: Vec<_> = vectors.iter().filter(|(key, _)| Some(key.as_str()) != label).collect();
        let n = columns.first().map_or(0, |(_, list)| list.len());
        if columns.iter().any(|(_, list)| list.len() != n) {
            return Err(TableError::malformed(self.name, "JSON", "its columns differ in length"));
        }
        for row in 0..n {
            self.rows.push(self.name, &columns.iter().map(|(_, list)| &list[row]).collect::<Vec<_>>())?;
        }
        self.from = range(&columns.iter().map(|(key, _)| (*key).clone()).collect::<Vec<_>>());
        self.labels = labels_in(fields, label);
        Ok(())
    }
}

/// The labels in a field, if that is a list.
fn labels_in(fields: &Map<String, Value>, label: Option<&str>) -> Option<(String, Vec<Value>)> {
    let label = label?;
    Some((format!("'{}'", shortened(label)), fields.get(label)?.as_array()?.clone()))
}
