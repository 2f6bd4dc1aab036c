//! Binary arrays by name: which one of a file holds the embeddings, and what the others are.

use super::array::Array;
use super::error::{TableError, shape_text, shortened};
use super::names::{LABEL_NAMES, PAIR_NAMES, TABLE_NAMES, known};
use super::wanted::Wanted;
use crate::data::account::LeftOut;

/// Names of arrays of text that name the rows.
const ROW_NAMES: [&str; 9] = ["names", "name", "filenames", "files", "paths", "words", "tokens", "ids", "titles"];
/// Most arrays that a message lists.
const MOST_LISTED: usize = 8;

/// Indices of the arrays that are used, and what is to be said of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub table: usize,
    pub labels: Option<usize>,
    /// The labels are a guess by their shape: they are left out when they can't be classes.
    pub guessed: bool,
    pub pairs: Option<usize>,
    pub names: Option<usize>,
    pub notes: Vec<String>,
    pub left: Vec<LeftOut>,
    /// Names of all tables, where there are several.
    pub tables: Vec<String>,
}

/// Finds the embeddings (the array that is `wanted`, else by name, else as the only two-dimensional array of numbers), the
/// labels, the pairs and the names.
pub fn choose(file: &str, arrays: &[Array], wanted: &Wanted) -> Result<Chosen, TableError> {
    let keys: Vec<String> = arrays.iter().map(Array::key).collect();
    let pairs = known(&PAIR_NAMES, keys.iter().cloned());
    let labels_asked = asked(file, arrays, wanted.labels.as_deref())?;
    let is_free = |at: &usize| Some(*at) != pairs && Some(*at) != labels_asked && !is_label(&keys[*at]);
    let tables: Vec<usize> = (0..arrays.len()).filter(is_free).filter(|at| arrays[*at].is_table()).collect();
    let names: Vec<String> = tables.iter().map(|at| arrays[*at].name.clone()).collect();
    let table = match asked(file, arrays, wanted.array.as_deref())? {
        Some(table) => table,
        None => table_of(arrays, &keys, &tables).ok_or_else(|| {
            let names = names.clone();
            TableError::NoEmbeddings { name: file.to_owned(), arrays: listed(arrays), names }
        })?,
    };
    let mut chosen = Chosen { table, pairs, ..Chosen::default() };
    let n = arrays[table].rows();
    let companion = |at: &usize| *at != table && Some(*at) != pairs && arrays[*at].is_companion(n);
    let companions: Vec<usize> = (0..arrays.len()).filter(companion).collect();
    chosen.labels = labels_asked.or_else(|| labels_of(&keys, table));
    chosen.names = known(&ROW_NAMES, companions.iter().map(|at| keys[*at].clone())).map(|at| companions[at]);
    chosen.names = chosen.names.filter(|at| Some(*at) != chosen.labels && arrays[*at].is_text());
    if chosen.labels.is_none() {
        chosen.labels = guessed_labels(arrays, &keys, &companions);
        chosen.guessed = chosen.labels.is_some();
    }
    chosen.left = left_out(arrays, &keys, &chosen, &tables, &companions);
    let others: Vec<&str> = tables.iter().filter(|at| **at != table).map(|at| arrays[*at].name.as_str()).collect();
    if others.is_empty() {
        return Ok(chosen);
    }
    if wanted.array.is_none() {
        chosen.notes.push(format!(
            "These are the embeddings {}; the file also holds {}.",
            arrays[table].name,
            others.join(", ")
        ));
    }
    Ok(Chosen { tables: names, ..chosen })
}

/// The array that the caller named.
fn asked(file: &str, arrays: &[Array], wanted: Option<&str>) -> Result<Option<usize>, TableError> {
    let Some(wanted) = wanted else { return Ok(None) };
    let by_key = || arrays.iter().position(|array| array.key() == wanted.to_lowercase());
    match arrays.iter().position(|array| array.name == wanted).or_else(by_key) {
        Some(at) => Ok(Some(at)),
        None => {
            let (name, array) = (file.to_owned(), wanted.to_owned());
            Err(TableError::NoArray { name, array, arrays: listed(arrays) })
        }
    }
}

/// The array of the embeddings, of all arrays that are `tables`: by its name, or as the only one.
fn table_of(arrays: &[Array], keys: &[String], tables: &[usize]) -> Option<usize> {
    let by_name = known(&TABLE_NAMES, tables.iter().map(|at| keys[*at].clone())).map(|at| tables[at]);
    match (by_name, tables, arrays) {
        (Some(table), ..) => Some(table),
        (None, [table], _) => Some(*table),
        // An array of a wrong kind: its own error says more.
        (None, [], [_]) => Some(0),
        (None, [], _) => known(&TABLE_NAMES, keys.iter().cloned()),
        _ => None,
    }
}

/// The only array that may be labels, of those that np.savez(path, z, y) calls arr_0 and arr_1.
fn guessed_labels(arrays: &[Array], keys: &[String], companions: &[usize]) -> Option<usize> {
    let may_be = |at: &&usize| keys[**at].starts_with("arr_") && arrays[**at].may_be_classes();
    let guesses: Vec<usize> = companions.iter().filter(may_be).copied().collect();
    match guesses[..] {
        [guess] => Some(guess),
        _ => None,
    }
}

/// Arrays that are not used, and why.
fn left_out(
    arrays: &[Array],
    keys: &[String],
    chosen: &Chosen,
    tables: &[usize],
    companions: &[usize],
) -> Vec<LeftOut> {
    let used = [Some(chosen.table), chosen.labels, chosen.pairs, chosen.names];
    let unused = (0..arrays.len()).filter(|at| !used.contains(&Some(*at)));
    unused
        .map(|at| {
            let array = &arrays[at];
            let why = if tables.contains(&at) {
                format!("another table, {}", shape_text(&array.shape))
            } else if companions.contains(&at) && array.may_be_classes() {
                format!("one value a row; --label-column {} takes them as labels", shortened(&array.name))
            } else if is_label(&keys[at]) {
                "other labels".to_owned()
            } else {
                format!("of the shape {}", shape_text(&array.shape))
            };
            LeftOut { what: format!("'{}'", shortened(&array.name)), why }
        })
        .collect()
}

/// The parts of a name: `y_train` is y and train.
fn tokens(key: &str) -> Vec<&str> {
    key.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()).collect()
}

/// Whether a name is one of labels: `labels`, `train_labels`, `y_test`; not `class_embeddings`.
fn is_label(key: &str) -> bool {
    let tokens = tokens(key);
    LABEL_NAMES.contains(&key)
        || tokens.iter().any(|token| LABEL_NAMES.contains(token))
            && !tokens.iter().any(|token| TABLE_NAMES.contains(token))
}

/// The labels that belong to a table by their names: `y_train` to `X_train`, `labels` to any.
fn labels_of(keys: &[String], table: usize) -> Option<usize> {
    let rest = |key: &str, known: &[&str]| -> Vec<String> {
        tokens(key).into_iter().filter(|token| !known.contains(token)).map(str::to_owned).collect()
    };
    let of_table = rest(&keys[table], &TABLE_NAMES);
    let named = |at: &usize| *at != table && is_label(&keys[*at]);
    let mut matching = (0..keys.len()).filter(named).filter(|at| rest(&keys[*at], &LABEL_NAMES) == of_table);
    match matching.next() {
        Some(at) if !of_table.is_empty() => Some(at),
        _ => known(
            &LABEL_NAMES,
            keys.iter().enumerate().map(|(at, key)| if at == table { String::new() } else { key.clone() }),
        ),
    }
}

/// Names and shapes of arrays, for messages.
pub fn listed(arrays: &[Array]) -> String {
    let describe = |array: &Array| format!("{} {}", shortened(&array.name), shape_text(&array.shape));
    let mut names: Vec<String> = arrays.iter().take(MOST_LISTED).map(describe).collect();
    names.extend((arrays.len() > MOST_LISTED).then(|| format!("{} more", arrays.len() - MOST_LISTED)));
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_belong_to_the_table_that_their_name_says() {
        let find = |names: &[&str], table: usize| {
            let keys: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
            labels_of(&keys, table)
        };
        assert_eq!(find(&["X_train", "y_train", "X_test", "y_test"], 2), Some(3));
        assert_eq!(find(&["train", "train_labels", "test", "test_labels"], 2), Some(3));
        assert_eq!(find(&["a_z", "b_z", "labels"], 1), Some(2));
        assert_eq!(find(&["z", "Labels"], 0), Some(1));
        assert_eq!(find(&["z", "norm"], 0), None);
        assert!(is_label("y_test") && is_label("targets") && !is_label("class_embeddings") && !is_label("years"));
    }
}
