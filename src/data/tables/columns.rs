//! What each column of a text is, told from all its fields: coordinates, labels, pairs, names, or left out.
//!
//! Names decide only where the fields agree: a "label" of which nearly every value is another is none, and a column that
//! rises by one is an index whatever it is called.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::error::{TableError, shortened};
use super::labels::{MAX_CLASSES, few_enough};
use super::names::{LABEL_NAMES, PAIR_NAMES, TABLE_NAMES, known};
use super::wanted::Wanted;
use crate::data::account::LeftOut;

/// Columns that are no coordinates, in lower case; pandas writes an index without a name.
const IGNORED: [&str; 15] = [
    "",
    "index",
    "idx",
    "id",
    "ids",
    "norm",
    "row",
    "rowid",
    "row_id",
    "sample_id",
    "timestamp",
    "time",
    "date",
    "datetime",
    "created_at",
];
/// Columns of text that name the rows.
const NAMES: [&str; 16] = [
    "name",
    "names",
    "filename",
    "filenames",
    "file",
    "files",
    "path",
    "paths",
    "word",
    "words",
    "token",
    "tokens",
    "title",
    "text",
    "image",
    "sample",
];
/// Columns of text that say what a row is for, not what it shows.
const PARTS: [&str; 11] =
    ["split", "subset", "set", "fold", "partition", "phase", "train", "is_train", "test", "valid", "val"];
/// Fields that stand for a missing value, in lower case.
const MISSING: [&str; 20] = [
    "", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nil", "missing", "-", "?", ".", "#div/0!",
    "#value!", "#ref!", "#num!", "#name?", "#null!",
];
/// Rows below which a column that counts may do so by chance.
const MIN_COUNTING: u64 = 4;
/// A column of whole numbers among fractions is no coordinate when its mean is so many times that of the others.
const DWARFS: f64 = 30.0;
/// Rows from which it is told whether whole numbers among fractions are coordinates.
const MIN_WHOLE: u64 = 10;
/// Different whole numbers that are counted of a column that may be none in particular.
const FEW: usize = 256;
/// Most notes on columns.
const MOST_NOTES: usize = 6;
/// Most classes that an unnamed column of whole numbers is suspected of.
const MOST_SUSPECTED: usize = 100;

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

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    /// A number.
    Number(f64),
    /// A missing value.
    Missing,
    /// A list in brackets.
    List,
    /// Anything else.
    Text,
}

/// Tells what a field is; `comma` is the decimal point.
pub fn field(text: &str, comma: bool) -> Field {
    if let Some(number) = number(text, comma) {
        return Field::Number(number);
    }
    if is_missing(text) {
        return Field::Missing;
    }
    if list(text).is_some() { Field::List } else { Field::Text }
}

/// Whether a text is a name that columns often have, so that a line with it is a header.
pub fn is_known(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let lists: [&[&str]; 5] = [&LABEL_NAMES, &PAIR_NAMES, &IGNORED, &NAMES, &PARTS];
    !text.is_empty() && lists.iter().any(|list| list.contains(&text.as_str()))
}

fn is_missing(text: &str) -> bool {
    text.len() <= 8 && MISSING.contains(&text.to_ascii_lowercase().as_str())
}

/// A number; `nan` is a missing value, not a number.
pub fn number(text: &str, comma: bool) -> Option<f64> {
    let parse = |text: &str| match text.parse::<f64>() {
        Ok(value) if !value.is_nan() => Some(value),
        _ => None,
    };
    // What can't be a number is not looked at twice: most texts are words.
    let first = text.chars().next()?;
    if !(first.is_ascii_digit() || matches!(first, '+' | '-' | '.' | ',' | '\u{2212}' | 'i' | 'I')) {
        return None;
    }
    parse(text)
        .or_else(|| comma.then(|| parse(&text.replace('.', "").replacen(',', ".", 1)))?)
        .or_else(|| text.strip_prefix('\u{2212}').and_then(|rest| number(rest, comma)).map(|value| -value))
}

/// Whether a field is a number with a decimal comma.
pub fn has_comma(text: &str) -> bool {
    let digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    text.split_once(',').is_some_and(|(_, rest)| digits(rest) && !rest.contains(','))
        && number(text, false).is_none()
        && number(text, true).is_some()
}

/// The inside of a list: `[1, 2]`, `(1, 2)`, `array([1 2])`, `tensor([1, 2])`.
pub fn list(text: &str) -> Option<&str> {
    let text = ["array", "tensor", "np.array", "list"].iter().fold(text, |text, word| {
        text.strip_prefix(word)
            .and_then(|rest| rest.strip_prefix('('))
            .filter(|rest| rest.starts_with('['))
            .unwrap_or(text)
    });
    let text = if text.starts_with('[') { text.rsplit_once(']').map(|(list, _)| list)? } else { text };
    match text.strip_prefix('[') {
        Some(inside) => Some(inside.trim_matches(['[', ']'])),
        None => text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')),
    }
    .filter(|inside| inside.trim_start().starts_with(|c: char| c.is_ascii_digit() || "+-.nN".contains(c)))
    .or_else(|| is_bare_list(text).then_some(text))
}

/// Several numbers with spaces between them and no brackets: a vector, or the pixels of a picture; not a date.
fn is_bare_list(text: &str) -> bool {
    const FEWEST: usize = 3;
    let mut parts = text.split_ascii_whitespace();
    let all = parts.clone().all(|part| number(part, false).is_some());
    all && (parts.clone().count() > FEWEST || parts.clone().count() == FEWEST && parts.any(|part| part.contains('.')))
}

/// The numbers of a list's inside.
pub fn numbers(inside: &str) -> impl Iterator<Item = Option<f64>> {
    let parts = inside.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|part| !part.is_empty());
    parts.map(|part| if is_missing(part) { Some(f64::NAN) } else { number(part, false) })
}

/// What was seen of a column.
#[derive(Debug, Default)]
pub struct Seen {
    numbers: u64,
    missing: u64,
    texts: u64,
    lists: u64,
    /// Numbers of each list, if they agree.
    list: Option<Result<usize, ()>>,
    fraction: bool,
    /// Some number is written with more than digits, as an index never is.
    floats: bool,
    /// Rises by one from the first row, without a gap.
    counts: bool,
    first: f64,
    last: f64,
    sum: f64,
    /// Values that f32 can't hold: too large, too small.
    pub over: u64,
    pub under: u64,
    /// The first text: line and field.
    text: Option<Box<(u64, String)>>,
    /// Hashes of the different values; `None` when nobody will ask.
    #[expect(clippy::box_collection, reason = "a table may have thousands of columns, and most need no set")]
    different: Option<Box<HashSet<u64>>>,
    /// More different values than are counted.
    many: bool,
    /// As many are counted.
    most: usize,
}

impl Seen {
    /// A column of which nothing was seen; `track` asks for all its different values.
    pub fn new(track: bool) -> Seen {
        let most = if track { MAX_CLASSES } else { FEW };
        Seen { counts: true, different: Some(Box::default()), most, ..Seen::default() }
    }

    /// Looks at a field; returns whether a number is missing.
    pub fn add(&mut self, text: &str, line: u64, comma: bool) -> bool {
        let found = field(text, comma);
        match found {
            Field::Number(value) => {
                self.counts &= self.missing == 0 && value == if self.numbers == 0 { value } else { self.last + 1.0 };
                if self.numbers == 0 {
                    self.first = value;
                }
                (self.numbers, self.last) = (self.numbers + 1, value);
                self.fraction |= value.fract() != 0.0;
                self.floats |= !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                if self.fraction && self.texts == 0 {
                    // Fractions are no classes.
                    self.different = None;
                }
                self.sum += value.abs();
                self.over += u64::from((value as f32).is_infinite() && !text.to_ascii_lowercase().contains("inf"));
                self.under += u64::from(value != 0.0 && (value as f32) == 0.0);
            }
            Field::Missing => self.missing += 1,
            Field::List => {
                self.lists += 1;
                let inside = list(text).unwrap_or_default();
                let length = numbers(inside).count();
                let fits =
                    self.list.is_none_or(|known| known == Ok(length)) && numbers(inside).all(|value| value.is_some());
                self.list = Some(if fits { Ok(length) } else { Err(()) });
            }
            Field::Text => {
                self.texts += 1;
                self.most = MAX_CLASSES;
                self.different.get_or_insert_default();
            }
        }
        if !matches!(found, Field::Number(_)) && self.text.is_none() && !text.is_empty() {
            self.text = Some(Box::new((line, shortened(text))));
        }
        if !self.many
            && let Some(different) = &mut self.different
        {
            let mut hasher = DefaultHasher::new();
            match found {
                // "3" and "3.0" are one class.
                Field::Number(value) => value.to_bits().hash(&mut hasher),
                _ => text.hash(&mut hasher),
            }
            different.insert(hasher.finish());
            self.many = different.len() > self.most;
            if self.many {
                different.clear();
            }
        }
        matches!(found, Field::Missing)
    }

    fn different(&self) -> usize {
        if self.many { usize::MAX } else { self.different.as_ref().map_or(usize::MAX, |different| different.len()) }
    }

    fn is_empty(&self) -> bool {
        self.numbers + self.texts + self.lists == 0
    }

    /// Whether the column holds words rather than numbers.
    pub fn is_text(&self) -> bool {
        self.texts > self.numbers && self.texts >= self.lists
    }

    /// Whether a number is missing somewhere.
    pub fn has_gaps(&self) -> bool {
        self.missing + self.texts + self.lists > 0
    }

    fn is_list(&self) -> bool {
        self.lists > self.numbers && self.lists > self.texts
    }

    fn is_whole(&self) -> bool {
        self.numbers > 0 && self.texts == 0 && self.lists == 0 && !self.fraction
    }

    /// Whether the fields can be classes of `n` rows.
    fn is_classes(&self, n: u64) -> bool {
        (self.is_text() || !self.fraction) && !self.is_empty() && few_enough(self.different(), n)
    }

    fn mean(&self) -> f64 {
        self.sum / self.numbers.max(1) as f64
    }
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
                    seen.is_text() && !is_labels && (name.is_none() || NAMES.contains(&self.key(at).as_str()));
                let names_rows = is_name
                    && (NAMES.contains(&self.key(at).as_str())
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
            let is_part = [&PARTS[..], &IGNORED[1..]].concat().contains(&keys[*at].as_str());
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

    /// Why a column holds no coordinates; `None` when it does.
    fn not_a_coordinate(&self, at: usize, lists: Option<usize>, label: Option<usize>) -> Option<String> {
        let seen = &self.seen[at];
        let (key, why) = (self.key(at), |why: &str| Some(why.to_owned()));
        let has_x = (0..self.seen.len()).any(|at| self.key(at) == "x");
        let is_named_label = LABEL_NAMES.contains(&key.as_str()) && !(key == "y" && has_x);
        let others = || (0..self.seen.len()).filter(|other| *other != at && Some(*other) != label);
        let numeric = || others().filter(|other| self.seen[*other].numbers > self.seen[*other].texts);
        if seen.is_list() {
            return why(if lists.is_some() { "another column of vectors" } else { "lists beside the numbers" });
        }
        if seen.is_empty() {
            return why("empty");
        }
        if is_named_label && !(key == "y" && label.is_some() && seen.fraction) {
            return if label.is_some() {
                why("other labels")
            } else if seen.fraction && !seen.is_text() {
                why("fractions, so no classes")
            } else {
                why("nearly every value is another, so no classes")
            };
        }
        if seen.is_text() {
            return why(if seen.different() == 1 { "the same text in every row" } else { "text" });
        }
        if PAIR_NAMES.contains(&key.as_str()) {
            return why("other pairs");
        }
        let is_ignored = if self.is_unnamed(at) { !seen.fraction } else { IGNORED.contains(&key.as_str()) };
        if self.header.is_some() && is_ignored && seen.numbers > 0 {
            return why(if key == "norm" { "the norm" } else { "an index" });
        }
        if lists.is_some() {
            return why("a number beside the vectors");
        }
        numeric().next()?;
        let may_index = at == 0 && seen.is_whole() && !seen.floats && key != "x";
        if may_index && seen.counts && seen.numbers == self.n && self.n >= MIN_COUNTING {
            return why("it counts the rows");
        }
        // A program that writes fractions writes its coordinates as fractions, so whole numbers among them are something else.
        let is_foreign = seen.is_whole() && !seen.floats && !["x", "y", "z"].contains(&key.as_str());
        if is_foreign && self.n >= MIN_WHOLE && self.others_are_real(at) {
            let largest = numeric().filter(|other| self.seen[*other].fraction).map(|other| self.seen[other].mean());
            if seen.mean() >= DWARFS * largest.fold(0.0, f64::max) && seen.mean() >= DWARFS {
                return Some(format!("whole numbers of {:.3e} that dwarf the others", seen.mean()));
            }
            if seen.different() as u64 == self.n {
                return why("a whole number for each row");
            }
            if seen.many {
                return Some(format!("more than {} different whole numbers among fractions", seen.most));
            }
        }
        None
    }

    /// Whether most other columns of numbers have fractions.
    fn others_are_real(&self, at: usize) -> bool {
        let others =
            (0..self.seen.len()).filter(|other| *other != at && self.seen[*other].numbers > self.seen[*other].texts);
        let (all, real) =
            others.fold((0, 0), |(all, real), other| (all + 1, real + usize::from(self.seen[other].fraction)));
        2 * real > all
    }

    /// A column of numbers with a few texts: they are missing. Where they are many, nobody can tell.
    fn mixed(&self, at: usize, roles: &mut Roles) -> Result<(), TableError> {
        let seen = &self.seen[at];
        let strange = seen.texts + seen.lists;
        let Some(found) = seen.text.as_ref().filter(|_| strange > 0) else { return Ok(()) };
        if 2 * strange >= seen.numbers {
            let (line, text) = (found.0, found.1.clone());
            return Err(TableError::NotANumber { name: self.name.to_owned(), line, column: self.title(at), text });
        }
        let count = if strange == 1 { "It counts".to_owned() } else { format!("{strange} such fields count") };
        roles.notes.push(format!(
            "{}, line {}: '{}' is no number. {count} as missing, beside {} numbers.",
            capital(&self.title(at)),
            found.0,
            found.1,
            seen.numbers
        ));
        Ok(())
    }

    /// Coordinates that look like something else.
    fn suspect(&self, label: Option<usize>, roles: &mut Roles) {
        let values: Vec<usize> = (0..self.seen.len()).filter(|at| roles.columns[*at] == Column::Value).collect();
        let fractions = values.iter().filter(|at| self.seen[**at].fraction).count();
        let mut notes = Vec::new();
        if let ([first, .., last], None) = (&values[..], label) {
            for at in [*last, *first] {
                let seen = &self.seen[at];
                let alone = fractions + 1 >= values.len() && fractions > 0;
                let few = (2..=MOST_SUSPECTED).contains(&seen.different()) && 2 * seen.different() as u64 <= self.n;
                if seen.is_whole() && alone && few && self.n >= 10 {
                    notes.push(format!(
                        "{} holds {} different whole numbers among fractions, which looks like classes; it was taken as a coordinate. \
                         Give it the header 'label', or say --label-column {}.",
                        capital(&self.title(at)),
                        seen.different(),
                        at + 1
                    ));
                }
            }
        }
        for at in &values {
            let seen = &self.seen[*at];
            let is_noted = notes.iter().any(|note: &String| note.starts_with(&capital(&self.title(*at))));
            let whole = seen.is_whole() && !seen.floats && seen.different() > 2 && self.others_are_real(*at);
            if whole && !is_noted && !seen.counts && values.len() > 1 && self.n >= MIN_WHOLE {
                notes.push(format!(
                    "{} holds whole numbers among fractions; it was taken as a coordinate. Leave it out if it is none.",
                    capital(&self.title(*at))
                ));
            }
            if values.len() > 1 && seen.counts && seen.is_whole() && seen.numbers == self.n && self.n >= MIN_COUNTING {
                notes.push(format!(
                    "{} rises by one from row to row, from {} to {}; it was taken as a coordinate. Leave it out if it is an index.",
                    capital(&self.title(*at)),
                    seen.first,
                    seen.last
                ));
            }
        }
        roles.notes.extend(notes);
        let more = roles.notes.len().saturating_sub(MOST_NOTES);
        if more > 0 {
            roles.notes.truncate(MOST_NOTES);
            roles.notes.push(format!("{more} more columns are like these."));
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
                || IGNORED.contains(&self.key(at).as_str()) && self.header.is_some()
                || seen.is_whole() && seen.counts && seen.numbers == self.n && self.n > 1
        };
        let full: Vec<usize> = (0..self.seen.len()).filter(|at| !self.seen[*at].is_empty()).collect();
        let free: Vec<usize> = full.iter().copied().filter(|at| !is_index(*at)).collect();
        let classes = |at: &usize| self.seen[*at].is_classes(self.n);
        let fewest = |text: bool| {
            let of = free.iter().copied().filter(|at| self.seen[*at].is_text() == text && classes(at));
            let several = of.clone().filter(|at| self.seen[*at].different() > 1);
            let is_part = |at: &usize| PARTS.contains(&self.key(*at).as_str());
            several.min_by_key(|at| (is_part(at), self.seen[*at].different(), *at)).or_else(|| of.min())
        };
        let found = match (&full[..], &free[..]) {
            ([one], _) | (_, [one]) => Some(*one),
            _ => named().or_else(|| fewest(true)).or_else(|| fewest(false)),
        };
        found.ok_or_else(|| TableError::NoLabels { name: self.name.to_owned(), columns: self.titles() })
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_values_and_lists_are_told_apart() {
        for (text, comma, is) in [
            ("1.5", false, Field::Number(1.5)),
            ("-1e-3", false, Field::Number(-0.001)),
            ("\u{2212}2", false, Field::Number(-2.0)),
            ("1,5", true, Field::Number(1.5)),
            ("1.234,5", true, Field::Number(1234.5)),
            ("1,5", false, Field::Text),
            ("inf", false, Field::Number(f64::INFINITY)),
            ("NaN", false, Field::Missing),
            ("#DIV/0!", false, Field::Missing),
            ("[0.1, 0.2]", false, Field::List),
            ("[0.1 -2]", false, Field::List),
            ("array([1., 2.], dtype=float32)", false, Field::List),
            ("tensor([1., 2.])", false, Field::List),
            ("(1, 2)", false, Field::List),
            ("[cat]", false, Field::Text),
            ("1-2", false, Field::Text),
            ("index", false, Field::Text),
        ] {
            assert_eq!(field(text, comma), is, "{text}");
        }
        let values = |text: &str| numbers(list(text).unwrap()).collect::<Option<Vec<_>>>();
        assert_eq!(values("[0.1, -2 3e1]"), Some(vec![0.1, -2.0, 30.0]));
        assert_eq!(values("[0.1 ... 3]"), None);
        assert!(
            has_comma("0,5") && has_comma("-1,5e3") && !has_comma("0.5") && !has_comma("a,5") && !has_comma("[0,5]")
        );
    }
}
