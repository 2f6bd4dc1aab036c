//! Labels: classes by number or by name, from whatever a file has.

use std::collections::HashMap;

/// One class a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// For each sample the index of its class in `names`.
    pub ids: Vec<u32>,
    /// The classes that occur, in the order of their first sample.
    pub names: Vec<String>,
}

impl Labels {
    /// From anything that names a class.
    pub fn from_names<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Labels {
        let (mut ids, mut names, mut known) = (Vec::new(), Vec::new(), HashMap::new());
        for value in values {
            let value = value.as_ref();
            let next = names.len() as u32;
            let id = match known.get(value) {
                Some(id) => *id,
                None => {
                    known.insert(value.to_owned(), next);
                    names.push(value.to_owned());
                    next
                }
            };
            ids.push(id);
        }
        Labels { ids, names }
    }

    /// From whole numbers.
    pub fn from_numbers(values: impl IntoIterator<Item = i64>) -> Labels {
        let (mut ids, mut names, mut known) = (Vec::new(), Vec::new(), HashMap::new());
        for value in values {
            let next = names.len() as u32;
            ids.push(*known.entry(value).or_insert_with(|| {
                names.push(value.to_string());
                next
            }));
        }
        Labels { ids, names }
    }

    /// Samples.
    pub fn len(&self) -> usize {
        self.ids.len()
    }
}

/// Sorts class names as people do: numbers by their value, before words.
pub fn sort(names: &mut [String]) {
    names.sort_by_cached_key(|name| (name.parse::<i64>().map_or((1, 0), |number| (0, number)), name.clone()));
}

/// Names of classes from a text file: lines, or EMNIST's mapping (label, then codes of letters).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassNames {
    /// The name of label i stands in line i.
    Lines(Vec<String>),
    /// (label, name).
    Mapping(Vec<(i64, String)>),
}

impl ClassNames {
    /// Reads a text file; `None` where it does not look like names.
    pub fn read(text: &str) -> Option<ClassNames> {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if !(2..=10_000).contains(&lines.len()) || lines.iter().any(|line| line.chars().count() > 100) {
            return None;
        }
        let numbers =
            |line: &str| -> Option<Vec<i64>> { line.split_whitespace().map(|word| word.parse().ok()).collect() };
        let mapping: Option<Vec<(i64, String)>> = lines
            .iter()
            .map(|line| {
                let numbers = numbers(line).filter(|numbers| (2..=3).contains(&numbers.len()))?;
                let letters = numbers[1..].iter().map(|code| u8::try_from(*code).ok().filter(u8::is_ascii_graphic));
                let letters: Option<Vec<String>> = letters.map(|code| Some((code? as char).to_string())).collect();
                Some((numbers[0], letters?.join("/")))
            })
            .collect();
        if let Some(mapping) = mapping {
            return Some(ClassNames::Mapping(mapping));
        }
        let mut different = lines.clone();
        different.sort_unstable();
        different.dedup();
        // Labels of samples repeat; names don't.
        (different.len() == lines.len() && lines.iter().any(|line| line.parse::<f64>().is_err()))
            .then(|| ClassNames::Lines(lines.into_iter().map(str::to_owned).collect()))
    }

    /// The names of numeric labels that run from `low` to `high`; `None` where the file has too few.
    pub fn of(&self, labels: &[i64], label: i64) -> Option<String> {
        match self {
            ClassNames::Mapping(pairs) => pairs.iter().find(|(one, _)| *one == label).map(|(_, name)| name.clone()),
            ClassNames::Lines(lines) => {
                // Labels that begin at 1 mean the first line.
                let high = labels.iter().max().copied().unwrap_or(0);
                let first = i64::from(labels.iter().min() == Some(&1) && high == lines.len() as i64);
                lines.get(usize::try_from(label - first).ok()?).cloned()
            }
        }
    }

    /// Names in all.
    pub fn len(&self) -> usize {
        match self {
            ClassNames::Lines(lines) => lines.len(),
            ClassNames::Mapping(pairs) => pairs.len(),
        }
    }

    /// The names of classes that no sample has, where the lines name labels from 0 or 1.
    pub fn without_samples(&self, labels: &[i64]) -> Vec<String> {
        let ClassNames::Lines(lines) = self else { return Vec::new() };
        let first = i64::from(labels.iter().min() == Some(&1) && labels.iter().max() == Some(&(lines.len() as i64)));
        (0..lines.len()).filter(|at| !labels.contains(&(*at as i64 + first))).map(|at| lines[at].clone()).collect()
    }
}
