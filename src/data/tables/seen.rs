//! What was seen of a column: counts of its fields, from which it is told what it is.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::error::shortened;
use super::fields::{Field, field, list, numbers};
use super::labels::{MAX_CLASSES, few_enough};

/// Different whole numbers that are counted of a column that may be none in particular.
const FEW: usize = 256;

/// What was seen of a column.
#[derive(Debug, Default)]
pub struct Seen {
    /// Fields that are numbers.
    pub numbers: u64,
    /// Fields that are missing values.
    pub missing: u64,
    /// Fields that are words.
    pub texts: u64,
    /// Fields that are lists.
    pub lists: u64,
    /// Numbers of each list, if they agree.
    pub list: Option<Result<usize, ()>>,
    /// Some number has a fraction.
    pub fraction: bool,
    /// Some number is written with more than digits, as an index never is.
    pub floats: bool,
    /// Rises by one from the first row, without a gap.
    pub counts: bool,
    /// The first number.
    pub first: f64,
    /// The last number.
    pub last: f64,
    /// Of all numbers without their signs.
    sum: f64,
    /// Values that are too large for f32.
    pub over: u64,
    /// Values that are too small for f32.
    pub under: u64,
    /// The first text: line and field.
    pub text: Option<Box<(u64, String)>>,
    /// Hashes of the different values; `None` when they are not needed.
    #[expect(clippy::box_collection, reason = "a table may have thousands of columns, and most need no set")]
    different: Option<Box<HashSet<u64>>>,
    /// More different values than are counted.
    pub many: bool,
    /// As many are counted.
    pub most: usize,
}

impl Seen {
    /// A column of which nothing was seen; `track` asks for all its different values.
    pub fn new(track: bool) -> Seen {
        let most = if track { MAX_CLASSES } else { FEW };
        Seen { counts: true, different: Some(Box::default()), most, ..Seen::default() }
    }

    /// Looks at a field.
    pub fn add(&mut self, text: &str, line: u64, comma: bool) {
        let found = field(text, comma);
        match found {
            Field::Number(value) => self.add_number(value, text),
            Field::Missing => self.missing += 1,
            Field::List => self.add_list(text),
            Field::Text => {
                self.texts += 1;
                self.most = MAX_CLASSES;
                self.different.get_or_insert_default();
            }
        }
        if !matches!(found, Field::Number(_)) && self.text.is_none() && !text.is_empty() {
            self.text = Some(Box::new((line, shortened(text))));
        }
        self.add_value(found, text);
    }

    fn add_number(&mut self, value: f64, text: &str) {
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

    fn add_list(&mut self, text: &str) {
        self.lists += 1;
        let inside = list(text).unwrap_or_default();
        let length = numbers(inside).count();
        let fits = self.list.is_none_or(|known| known == Ok(length)) && numbers(inside).all(|value| value.is_some());
        self.list = Some(if fits { Ok(length) } else { Err(()) });
    }

    /// Adds to the different values, as long as they are counted.
    fn add_value(&mut self, found: Field, text: &str) {
        let Some(different) = self.different.as_mut().filter(|_| !self.many) else { return };
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

    /// How many different values there are; `usize::MAX` when they were not counted.
    pub fn different(&self) -> usize {
        if self.many { usize::MAX } else { self.different.as_ref().map_or(usize::MAX, |different| different.len()) }
    }

    /// Whether all fields are missing values.
    pub fn is_empty(&self) -> bool {
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

    /// Whether most fields are lists.
    pub fn is_list(&self) -> bool {
        self.lists > self.numbers && self.lists > self.texts
    }

    /// Whether all fields are whole numbers or missing.
    pub fn is_whole(&self) -> bool {
        self.numbers > 0 && self.texts == 0 && self.lists == 0 && !self.fraction
    }

    /// Whether the fields can be classes of `n` rows.
    pub fn is_classes(&self, n: u64) -> bool {
        (self.is_text() || !self.fraction) && !self.is_empty() && few_enough(self.different(), n)
    }

    /// Mean of the numbers without their signs.
    pub fn mean(&self) -> f64 {
        self.sum / self.numbers.max(1) as f64
    }
}
