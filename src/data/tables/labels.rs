//! Classes and pairs of rows: whatever the file calls them, class ids from 0 and indices of rows.

use std::collections::HashMap;

use super::element::Scalar;
use super::error::TableError;

/// Most classes.
pub const MAX_CLASSES: usize = u16::MAX as usize;
/// Rows below which labels may all differ: so few say nothing.
const FEW_ROWS: u64 = 16;

/// Whether so many different values of `n` can be classes: at most every other one is new.
pub fn few_enough(different: usize, n: u64) -> bool {
    different > 0 && different <= MAX_CLASSES && (n < FEW_ROWS || 2 * different as u64 <= n)
}

/// The class of each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Class of each row as an index into `classes`, `[n]`.
    pub ids: Vec<u16>,
    /// The labels that occur: numbers in their order, then names in theirs.
    pub classes: Vec<String>,
    /// The column that they are from, of a file with several.
    pub column: Option<String>,
}

/// Collects labels as they are read.
#[derive(Debug, Default)]
pub(super) struct LabelBuilder {
    ids: Vec<u16>,
    found: HashMap<String, u16>,
}

impl LabelBuilder {
    pub fn push(&mut self, name: &str, label: &str) -> Result<(), TableError> {
        let id = match self.found.get(label) {
            Some(id) => *id,
            None => {
                let too_many = || TableError::TooManyClasses { name: name.to_owned() };
                let id = u16::try_from(self.found.len()).ok().filter(|id| *id < u16::MAX).ok_or_else(too_many)?;
                self.found.insert(label.to_owned(), id);
                id
            }
        };
        self.ids.push(id);
        Ok(())
    }

    /// A label of a binary array: a whole number or text.
    pub fn push_scalar(&mut self, name: &str, label: &Scalar) -> Result<(), TableError> {
        match label {
            Scalar::Text(text) => self.push(name, text),
            number => match number.integer() {
                Some(number) => self.push(name, &number.to_string()),
                None => {
                    let (row, value) = (self.ids.len(), number.to_string());
                    Err(TableError::BadLabel { name: name.to_owned(), row, value })
                }
            },
        }
    }

    pub fn finish(self) -> Labels {
        let mut classes: Vec<(String, u16)> = self.found.into_iter().collect();
        classes.sort_by(|(a, _), (b, _)| match (a.parse::<i128>(), b.parse::<i128>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => std::cmp::Ordering::Less,
            (Err(_), Ok(_)) => std::cmp::Ordering::Greater,
            (Err(_), Err(_)) => a.cmp(b),
        });
        let mut renamed = vec![0; classes.len()];
        classes.iter().enumerate().for_each(|(new, (_, old))| renamed[usize::from(*old)] = new as u16);
        Labels {
            ids: self.ids.into_iter().map(|id| renamed[usize::from(id)]).collect(),
            classes: classes.into_iter().map(|(label, _)| label).collect(),
            column: None,
        }
    }
}

/// The other view of each row, `[n]`, from indices `[n]`; -1 and a row's own index stand for none.
pub(super) fn pairs_by_row(name: &str, indices: &[Scalar], n: usize) -> Result<Vec<Option<u32>>, TableError> {
    indices
        .iter()
        .enumerate()
        .map(|(row, index)| Ok(partner(name, row, index, n)?.filter(|j| *j as usize != row)))
        .collect()
}

/// As [`pairs_by_row`] from a list of pairs (i, j), flat, `[2m]`.
pub(super) fn pairs_by_list(name: &str, list: &[Scalar], n: usize) -> Result<Vec<Option<u32>>, TableError> {
    let mut pairs = vec![None; n];
    for (at, pair) in list.chunks_exact(2).enumerate() {
        let (i, j) = (partner(name, at, &pair[0], n)?, partner(name, at, &pair[1], n)?);
        if let (Some(i), Some(j)) = (i, j)
            && i != j
        {
            pairs[i as usize] = Some(j);
            pairs[j as usize] = Some(i);
        }
    }
    Ok(pairs)
}

fn partner(name: &str, row: usize, index: &Scalar, n: usize) -> Result<Option<u32>, TableError> {
    match index.integer() {
        Some(-1) => Ok(None),
        Some(j) if (0..n as i128).contains(&j) && j <= i128::from(u32::MAX) => Ok(Some(j as u32)),
        _ => Err(TableError::BadPair { name: name.to_owned(), row, value: index.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(of: &[&str]) -> Labels {
        let mut builder = LabelBuilder::default();
        of.iter().for_each(|label| builder.push("f", label).unwrap());
        builder.finish()
    }

    #[test]
    fn classes_are_numbered_in_their_own_order() {
        assert_eq!(labels(&["10", "9", "10", "-1"]).classes, ["-1", "9", "10"]);
        assert_eq!(labels(&["10", "9", "10", "-1"]).ids, [2, 1, 2, 0]);
        assert_eq!(labels(&["dog", "3", "cat"]).classes, ["3", "cat", "dog"]);
    }

    #[test]
    fn one_name_for_each_sample_is_not_a_class() {
        let mut builder = LabelBuilder::default();
        let result = (0..70_000).try_for_each(|i| builder.push("f.csv", &i.to_string()));
        assert_eq!(result, Err(TableError::TooManyClasses { name: "f.csv".into() }));
    }

    #[test]
    fn pairs_may_be_given_by_row_or_as_a_list() {
        let numbers = |of: &[i128]| of.iter().map(|i| Scalar::Integer(*i)).collect::<Vec<_>>();
        assert_eq!(pairs_by_row("f", &numbers(&[1, 0, -1, 3]), 4).unwrap(), [Some(1), Some(0), None, None]);
        assert_eq!(pairs_by_list("f", &numbers(&[0, 3]), 4).unwrap(), [Some(3), None, None, Some(0)]);
        let message = pairs_by_row("f", &numbers(&[1, 9]), 2).unwrap_err().to_string();
        assert!(message.contains("the pair of row 1 is 9"), "{message}");
        assert!(pairs_by_row("f", &numbers(&[-2]), 2).is_err());
    }
}
