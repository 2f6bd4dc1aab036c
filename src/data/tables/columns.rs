//! What each column of a text is, told from all its fields: coordinates, labels, pairs, names, or left out.
//!
//! Names decide only where the fields agree: a "label" of which nearly every value is another is none, and a column that
//! rises by one is an index whatever it is called.

mod doubts;

use super::error::{TableError, shortened};
use super::labels::MAX_CLASSES;
use super::names::{IGNORED_NAMES, LABEL_NAMES, PAIR_NAMES, PART_NAMES, ROW_NAMES, TABLE_NAMES, known};
use super::seen::Seen;
use super::wanted::Wanted;
use crate::data::account::LeftOut;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A coordinate.
    Value,
    /// A vector in each cell, of so many numbers.
    List(usize),
    /// The class.
    Label,
    /// The index of another row.
    Pair,
    /// What the row is called.
    Name,
    /// None of them.
    Left,
}

/// What a table's columns are.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Each column.
    pub columns: Vec<Column>,
    /// What was left out, and why.
    pub left: Vec<LeftOut>,
    /// What should be known besides.
    pub notes: Vec<String>,
}

/// A table's columns before it is decided what they are.
pub struct Table<'a> {
    /// The file, for messages.
    pub name: &'a str,
    /// Names, if there is a header.
    pub header: Option<&'a [String]>,
    /// What was seen.
    pub seen: &'a [Seen],
    /// Rows.
    pub n: u64,
    /// What the caller asked for.
    pub wanted: &'a Wanted,
}

impl Table<'_> {
    /// A column's name in small letters; empty without one.
    fn key(&self, at: usize) -> String {
        let name = self.header.and_then(|names| names.get(at)).map(String::as_str).unwrap_or_default();
        name.trim().to_lowercase()
    }

    /// A column for messages: its name, or its number from 1.
    pub fn title(&self, at: usize) -> String {
        match self.header.and_then(|names| names.get(at)) {
            Some(name) if name.trim().is_empty() => format!("unnamed column {}", at + 1),
            Some(name) => format!("'{}'", shortened(name)),
            None => format!("column {}", at + 1),
        }
    }

    fn titles(&self) -> String {
        const MOST: usize = 8;
        let mut all: Vec<String> = (0..self.seen.len().min(MOST)).map(|at| self.title(at)).collect();
        all.extend((self.seen.len() > MOST).then(|| format!("{} more", self.seen.len() - MOST)));
        all.join(", ")
    }

    /// The column that the caller named, by its name or its number from 1.
    fn asked(&self, wanted: Option<&str>) -> Result<Option<usize>, TableError> {
        let Some(wanted) = wanted else { return Ok(None) };
        let by_name = (0..self.seen.len())
            .find(|at| self.header.and_then(|names| names.get(*at)).is_some_and(|name| name.trim() == wanted.trim()));
        let by_number = || wanted.trim().parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < self.seen.len());
        match by_name.or_else(by_number) {
            Some(at) => Ok(Some(at)),
            None => {
                let (name, array) = (self.name.to_owned(), wanted.to_owned());
                Err(TableError::NoArray { name, array, arrays: format!("the columns {}", self.titles()) })
            }
        }
    }

    fn is_unnamed(&self, at: usize) -> bool {
        let key = self.key(at);
        key.is_empty() || key.starts_with("unnamed: ") || key.starts_with("unnamed:_")
    }

    /// Decides what each column is.
    ///
    /// # Errors
    /// A [`TableError`] for a column that is neither numbers nor text, or for a column that was asked for and is not there.
    pub fn roles(&self) -> Result<Roles, TableError> {
        let mut roles = Roles { columns: vec![Column::Value; self.seen.len()], ..Roles::default() };
        let lists = self.lists(&mut roles)?;
        let label = self.label(lists, &mut roles)?;
        let pair = known(&PAIR_NAMES, (0..self.seen.len()).map(|at| self.key(at)));
        let mut name = None;
        for at in 0..self.seen.len() {
            let seen = &self.seen[at];
            let (column, why) = if label == Some(at) {
                (Column::Label, None)
            } else if pair == Some(at) {
                (Column::Pair, None)
            } else if let Column::List(_) = roles.columns[at] {
                continue;
            } else if let Some(why) = self.not_a_coordinate(at, lists, label) {
                let is_labels = label.is_some() && LABEL_NAMES.contains(&self.key(at).as_str());
                let is_name =
                    seen.is_text() && !is_labels && (name.is_none() || ROW_NAMES.contains(&self.key(at).as_str()));
                let names_rows = is_name
                    && (ROW_NAMES.contains(&self.key(at).as_str())
                        || 2 * seen.different().min(MAX_CLASSES + 1) as u64 > self.n);
                if names_rows && let Some(before) = name.replace(at) {
                    roles.columns[before] = Column::Left;
                }
                (if names_rows { Column::Name } else { Column::Left }, Some(why))
            } else {
                self.mixed(at, &mut roles)?;
                (Column::Value, None)
            };
            roles.columns[at] = column;
            if let Some(why) = why {
                roles.left.push(LeftOut { what: self.title(at), why });
            }
        }
        if let Some(name) = name {
            roles.left.retain(|left| left.what != self.title(name));
        }
        if lists.is_none() {
            self.suspect(label, &mut roles);
        }
        Ok(roles)
    }

    /// The column whose cells are vectors, if one is.
    fn lists(&self, roles: &mut Roles) -> Result<Option<usize>, TableError> {
        let numbers = self.seen.iter().filter(|seen| seen.fraction && seen.numbers > seen.texts).count();
        // Lists beside as many numbers are labels, boxes or the like, unless their name says what they are.
        let is_meant = |at: &usize| {
            let key = self.key(*at);
            let length = self.seen[*at].list.and_then(Result::ok).unwrap_or(usize::MAX);
            TABLE_NAMES.contains(&key.as_str()) || !LABEL_NAMES.contains(&key.as_str()) && length > numbers
        };
        let lists: Vec<usize> = (0..self.seen.len()).filter(|at| self.seen[*at].is_list()).filter(is_meant).collect();
        let name = || self.name.to_owned();
        let chosen = match (self.asked(self.wanted.array.as_deref())?, &lists[..]) {
            (Some(at), _) if lists.contains(&at) => at,
            (Some(_), _) => {
                let arrays = format!("the columns {}, which are no lists", self.titles());
                return Err(TableError::NoArray {
                    name: name(),
                    array: self.wanted.array.clone().unwrap_or_default(),
                    arrays,
                });
            }
            (None, []) => return Ok(None),
            (None, [one]) => *one,
            (None, several) => match known(&TABLE_NAMES, several.iter().map(|at| self.key(*at))) {
                Some(at) => several[at],
                None => {
                    let all: Vec<String> = several.iter().map(|at| self.title(*at)).collect();
                    let names = several.iter().filter_map(|at| self.header?.get(*at).cloned()).collect();
                    let arrays = format!("vectors in the columns {}", all.join(", "));
                    return Err(TableError::NoEmbeddings { name: name(), arrays, names });
                }
            },
        };
        match self.seen[chosen].list {
            Some(Ok(length)) if length > 0 => roles.columns[chosen] = Column::List(length),
            _ => return Err(TableError::RaggedLists { name: name(), column: self.title(chosen) }),
        }
        let seen = &self.seen[chosen];
        if seen.texts > 0
            && let Some(found) = &seen.text
        {
            let (line, text) = (found.0, found.1.clone());
            return Err(TableError::NotANumber { name: name(), line, column: self.title(chosen), text });
        }
        Ok(Some(chosen))
    }

    /// The column of classes, if one is.
    fn label(&self, lists: Option<usize>, roles: &mut Roles) -> Result<Option<usize>, TableError> {
        if let Some(at) = self.asked(self.wanted.labels.as_deref())? {
            if self.seen[at].different() > MAX_CLASSES && self.seen[at].many {
                return Err(TableError::TooManyClasses { name: self.name.to_owned() });
            }
            return Ok(Some(at));
        }
        let keys: Vec<String> = (0..self.seen.len()).map(|at| self.key(at)).collect();
        let has_x = keys.iter().any(|key| key == "x");
        let free = |at: usize| lists != Some(at) && !(keys[at] == "y" && has_x);
        let mut named: Vec<usize> = LABEL_NAMES
            .iter()
            .filter_map(|name| keys.iter().position(|key| key == name))
            .filter(|at| free(*at))
            .collect();
        named.dedup();
        if let Some(at) = named.iter().find(|at| self.seen[**at].is_classes(self.n)) {
            self.unlabelled(*at, roles);
            return Ok(Some(*at));
        }
        // Of several columns of text the one with the fewest values.
        let texts = (0..self.seen.len()).filter(|at| {
            let seen = &self.seen[*at];
            let is_part = [&PART_NAMES[..], &IGNORED_NAMES[1..]].concat().contains(&keys[*at].as_str());
            free(*at)
                && !is_part
                && named.is_empty()
                && seen.is_text()
                && seen.is_classes(self.n)
                && seen.different() > 1
        });
        let few = texts.filter(|at| 2 * self.seen[*at].different() as u64 <= self.n);
        let found = few.min_by_key(|at| (self.seen[*at].different(), *at));
        if let Some(at) = found {
            self.unlabelled(at, roles);
        }
        Ok(found)
    }

    fn unlabelled(&self, at: usize, roles: &mut Roles) {
        let missing = self.seen[at].missing;
        if missing > 0 {
            let rows = if missing == 1 { "row has" } else { "rows have" };
            roles.notes.push(format!("{missing} {rows} no label in {}; that is a class of its own.", self.title(at)));
        }
    }

    /// The column of classes of a file that holds nothing else.
    ///
    /// # Errors
    /// [`TableError::NoLabels`] when none can be told from the others.
    pub fn only_labels(&self) -> Result<usize, TableError> {
        if let Some(at) = self.asked(self.wanted.labels.as_deref())? {
            return Ok(at);
        }
        let named = || {
            let keys = (0..self.seen.len()).map(|at| self.key(at));
            known(&LABEL_NAMES, keys).filter(|at| self.seen[*at].is_classes(self.n))
        };
        let is_index = |at: usize| {
            let seen = &self.seen[at];
            self.is_unnamed(at) && self.header.is_some()
                || IGNORED_NAMES.contains(&self.key(at).as_str()) && self.header.is_some()
                || seen.is_whole() && seen.counts && seen.numbers == self.n && self.n > 1
        };
        let full: Vec<usize> = (0..self.seen.len()).filter(|at| !self.seen[*at].is_empty()).collect();
        let free: Vec<usize> = full.iter().copied().filter(|at| !is_index(*at)).collect();
        let classes = |at: &usize| self.seen[*at].is_classes(self.n);
        let fewest = |text: bool| {
            let of = free.iter().copied().filter(|at| self.seen[*at].is_text() == text && classes(at));
            let several = of.clone().filter(|at| self.seen[*at].different() > 1);
            let is_part = |at: &usize| PART_NAMES.contains(&self.key(*at).as_str());
            several.min_by_key(|at| (is_part(at), self.seen[*at].different(), *at)).or_else(|| of.min())
        };
        let found = match (&full[..], &free[..]) {
            ([one], _) | (_, [one]) => Some(*one),
            _ => named().or_else(|| fewest(true)).or_else(|| fewest(false)),
        };
        found.ok_or_else(|| TableError::NoLabels { name: self.name.to_owned(), columns: self.titles() })
    }
}
