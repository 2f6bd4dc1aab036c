//! What was taken for what when a table was read: one line for the reader, and the same as fields for the JSON report.
//!
//! A wrong guess is seen at once where it is said: "500 rows, 16 coordinates (e0 ... e15), labels from 'label' (10 classes),
//! left out: 'Unnamed: 0' (an index)".

use serde::{Deserialize, Serialize};

use crate::text::grouped;

/// Most things left out that the line names one by one; the fields have all of them.
const MOST_NAMED: usize = 6;

/// What was taken for what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// All of it in one line, see [`Account::tell`].
    pub line: String,
    /// The format, e.g. "text separated by commas".
    pub format: String,
    /// Rows.
    pub rows: usize,
    /// Coordinates of a row.
    pub coordinates: usize,
    /// Where the coordinates come from, e.g. "e0 ... e15" or "array z, f32".
    pub from: String,
    /// Where the labels come from, if there are any.
    pub labels: Option<String>,
    /// Classes that occur.
    pub classes: usize,
    /// Where the pairs come from, if there are any.
    pub pairs: Option<String>,
    /// Where the rows' names come from, if there are any.
    pub names: Option<String>,
    /// Rows with a missing value.
    pub gaps: usize,
    /// What else the file holds, and why it was not used.
    pub left_out: Vec<LeftOut>,
    /// The lines of a text.
    pub lines: Option<Lines>,
}

/// A part of the file that was not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// A column or an array, e.g. "'id'" or "column 1".
    pub what: String,
    /// Why.
    pub why: String,
}

/// What each line of a text was: rows, header, blank and comments are all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Lines of the file.
    pub all: u64,
    /// Lines that hold rows; more than rows where a quoted text goes over several lines.
    pub rows: u64,
    /// Lines before the rows that say what is in them: names, `sep=`, sizes.
    pub header: u64,
    /// Lines without anything.
    pub blank: u64,
    /// Lines that begin with `#` and are no rows.
    pub comments: u64,
}

impl Account {
    /// Writes the line from the fields.
    #[must_use]
    pub fn tell(mut self) -> Account {
        let mut parts = vec![count(self.rows as u64, "row", "rows")];
        let coordinates = count(self.coordinates as u64, "coordinate", "coordinates");
        parts.push(if self.from.is_empty() { coordinates } else { format!("{coordinates} ({})", self.from) });
        match &self.labels {
            Some(from) => {
                parts.push(format!("labels from {from} ({})", count(self.classes as u64, "class", "classes")));
            }
            None => parts.push("no labels".to_owned()),
        }
        parts.extend(self.pairs.iter().map(|from| format!("pairs from {from}")));
        parts.extend(self.names.iter().map(|from| format!("names from {from}")));
        if self.gaps > 0 {
            parts.push(format!("{} with missing values", count(self.gaps as u64, "row", "rows")));
        }
        let mut named: Vec<String> =
            self.left_out.iter().take(MOST_NAMED).map(|one| format!("{} ({})", one.what, one.why)).collect();
        let more = self.left_out.len().saturating_sub(MOST_NAMED);
        named.extend((more > 0).then(|| format!("{more} more")));
        if !named.is_empty() {
            parts.push(format!("left out: {}", named.join(", ")));
        }
        self.line = parts.join(", ");
        if let Some(lines) = self.lines.filter(|lines| lines.all != lines.rows || lines.rows != self.rows as u64) {
            self.line.push_str(&format!("; of {}: {}", count(lines.all, "line", "lines"), lines.parts().join(", ")));
        }
        self.line.push('.');
        self
    }
}

impl Lines {
    fn parts(&self) -> Vec<String> {
        let comments = if self.comments == 1 { "comment" } else { "comments" };
        [(self.rows, "with rows"), (self.header, "header"), (self.blank, "blank"), (self.comments, comments)]
            .into_iter()
            .filter(|(lines, _)| *lines > 0)
            .map(|(lines, what)| format!("{} {what}", grouped(lines)))
            .collect()
    }
}

/// "1 row", "2 rows", "10,000 rows".
fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_rows_coordinates_labels_and_what_was_left_out() {
        let left = |what: &str, why: &str| LeftOut { what: what.into(), why: why.into() };
        let mut account = Account {
            rows: 500,
            coordinates: 16,
            from: "e0 ... e15".into(),
            labels: Some("'label'".into()),
            classes: 10,
            left_out: vec![left("'Unnamed: 0'", "an index")],
            ..Account::default()
        };
        assert_eq!(
            account.clone().tell().line,
            "500 rows, 16 coordinates (e0 ... e15), labels from 'label' (10 classes), left out: 'Unnamed: 0' (an index)."
        );
        account.lines = Some(Lines { all: 502, rows: 500, header: 1, blank: 1, comments: 0 });
        assert!(account.clone().tell().line.ends_with("; of 502 lines: 500 with rows, 1 header, 1 blank."));
        account.left_out = (0..9).map(|k| left(&format!("'{k}'"), "text")).collect();
        assert!(account.tell().line.contains("'5' (text), 3 more"));
    }
}
