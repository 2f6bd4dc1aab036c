//! Columns of numbers that are no coordinates, or may be none.

use super::{Column, Roles, Table};
use crate::data::tables::error::TableError;
use crate::data::tables::names::{IGNORED_NAMES, LABEL_NAMES, PAIR_NAMES};

/// Rows below which a column that counts may do so by chance.
const MIN_COUNTING: u64 = 4;
/// A column of whole numbers among fractions is no coordinate when its mean is so many times that of the others.
const DWARFS: f64 = 30.0;
/// Rows from which it is told whether whole numbers among fractions are coordinates.
const MIN_WHOLE: u64 = 10;
/// Most notes on columns.
const MOST_NOTES: usize = 6;
/// Most classes that an unnamed column of whole numbers is suspected of.
const MOST_SUSPECTED: usize = 100;

impl Table<'_> {
    /// Why a column holds no coordinates; `None` when it does.
    pub(super) fn not_a_coordinate(&self, at: usize, lists: Option<usize>, label: Option<usize>) -> Option<String> {
        let why = self.by_kind_or_name(at, lists, label).map(str::to_owned);
        why.or_else(|| self.unlike_the_others(at, label))
    }

    /// Why a column of this name, or of fields of this kind, holds no coordinates.
    fn by_kind_or_name(&self, at: usize, lists: Option<usize>, label: Option<usize>) -> Option<&'static str> {
        let (seen, key) = (&self.seen[at], self.key(at));
        let has_x = (0..self.seen.len()).any(|at| self.key(at) == "x");
        let is_named_label = LABEL_NAMES.contains(&key.as_str()) && !(key == "y" && has_x);
        if seen.is_list() {
            return Some(if lists.is_some() { "another column of vectors" } else { "lists beside the numbers" });
        }
        if seen.is_empty() {
            return Some("empty");
        }
        if is_named_label && !(key == "y" && label.is_some() && seen.fraction) {
            return Some(if label.is_some() {
                "other labels"
            } else if seen.fraction && !seen.is_text() {
                "fractions, so no classes"
            } else {
                "nearly every value is another, so no classes"
            });
        }
        if seen.is_text() {
            return Some(if seen.different() == 1 { "the same text in every row" } else { "text" });
        }
        if PAIR_NAMES.contains(&key.as_str()) {
            return Some("other pairs");
        }
        let is_ignored = if self.is_unnamed(at) { !seen.fraction } else { IGNORED_NAMES.contains(&key.as_str()) };
        if self.header.is_some() && is_ignored && seen.numbers > 0 {
            return Some(if key == "norm" { "the norm" } else { "an index" });
        }
        lists.map(|_| "a number beside the vectors")
    }

    /// Why a column of numbers is none of the coordinates that the other columns of numbers are.
    fn unlike_the_others(&self, at: usize, label: Option<usize>) -> Option<String> {
        let (seen, key) = (&self.seen[at], self.key(at));
        let why = |why: &str| Some(why.to_owned());
        let others = || (0..self.seen.len()).filter(|other| *other != at && Some(*other) != label);
        let numeric = || others().filter(|other| self.seen[*other].numbers > self.seen[*other].texts);
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

    /// A column of numbers with a few texts: they are missing. Many of them are an error.
    pub(super) fn mixed(&self, at: usize, roles: &mut Roles) -> Result<(), TableError> {
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
    pub(super) fn suspect(&self, label: Option<usize>, roles: &mut Roles) {
        let values: Vec<usize> = (0..self.seen.len()).filter(|at| roles.columns[*at] == Column::Value).collect();
        let fractions = values.iter().filter(|at| self.seen[**at].fraction).count();
        let mut notes = if label.is_none() { self.class_like(&values, fractions) } else { Vec::new() };
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

    /// Notes on the first and last of the coordinates that look like classes, where so many have fractions.
    fn class_like(&self, values: &[usize], fractions: usize) -> Vec<String> {
        let [first, .., last] = values else { return Vec::new() };
        let mut notes = Vec::new();
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
        notes
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
