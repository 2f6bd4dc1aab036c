//! What stands above the rows: sizes, a title, the columns' names.

use super::Layout;
use crate::data::tables::fields::{Field, field};
use crate::data::tables::lines::{Record, Separator};
use crate::data::tables::names::is_known;

impl Layout {
    /// Tells sizes, header and rows apart.
    pub(super) fn head(&mut self, records: &[(u64, Record)], comments: &[String]) {
        let records = self.below_sizes(records);
        let records = self.below_title(records);
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
        } else if self.sizes.is_none()
            && let Some(names) = comments.iter().rev().find_map(|comment| self.names_in(comment, &below(0)))
        {
            self.header = Some(names);
            self.notes.push("The names of the columns come from the comment before the first row.".to_owned());
        }
        let rows = below(usize::from(self.header.is_some() && self.heads.last() == self.first_line.as_ref()));
        self.numeric = (0..self.width).map(|at| kind_of(&rows, at, self.comma) == Some(Kind::Number)).collect();
        let is_word = kind_of(&rows, 0, self.comma) == Some(Kind::Text);
        self.words = self.separator == Separator::Space && is_word && self.width > 2;
    }

    /// What is below rows and columns, if the first line says how many there are.
    fn below_sizes<'r>(&mut self, records: &'r [(u64, Record)]) -> &'r [(u64, Record)] {
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
            return &records[1..];
        }
        records
    }

    /// What is below a title, if there is one above the header.
    fn below_title<'r>(&mut self, records: &'r [(u64, Record)]) -> &'r [(u64, Record)] {
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
            return &records[1..];
        }
        records
    }

    /// The columns' names, if a comment has as many fields as the rows have and reads like a header.
    fn names_in(&self, comment: &str, rows: &[&Record]) -> Option<Vec<String>> {
        let mut names = Record::default();
        names.split(comment.trim_start().trim_start_matches('#').trim_start(), self.separator);
        if names.ends_empty() && names.len() == self.width + 1 {
            names.truncate(self.width);
        }
        let fits = names.len() == self.width && self.width > 1 && self.is_header(&names, rows).is_some();
        fits.then(|| names.iter().map(str::to_owned).collect())
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
}

/// What most of a column's fields are.
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
