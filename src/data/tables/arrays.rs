//! Binary arrays by name: which one of a file holds the embeddings, and what the others are.

use std::io::Read;

use super::element::{Element, Kind, Scalar};
use super::error::{MAX_COLUMNS, TableError, shape_text, shortened};
use super::labels::{LabelBuilder, Labels, few_enough, pairs_by_list, pairs_by_row};
use super::names::{LABEL_NAMES, PAIR_NAMES, TABLE_NAMES, known};
use super::reader::TableReader;
use super::views::Views;
use super::wanted::Wanted;
use crate::data::account::{Account, LeftOut};

/// Names of arrays of text that name the rows.
const ROW_NAMES: [&str; 9] = ["names", "name", "filenames", "files", "paths", "words", "tokens", "ids", "titles"];
/// Most arrays that a message lists.
const MOST_LISTED: usize = 8;
/// Most bytes of the rows' names that are kept.
const MAX_NAMES: u64 = 64 << 20;

/// An array inside a file.
#[derive(Clone, Debug)]
pub struct Array {
    /// The file and the array, for messages.
    pub label: String,
    /// The array's own name.
    pub name: String,
    /// Sizes of the dimensions.
    pub shape: Vec<u64>,
    /// Columns are stored one after the other.
    pub fortran: bool,
    /// The element type, or why it can't be read.
    pub element: Result<Element, TableError>,
    /// Bytes there are for the data.
    pub available: u64,
}

/// An array as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// Their type.
    pub element: Element,
    /// Rows that are two views of one sample, if that is what a third dimension says.
    pub views: Option<Views>,
    /// What was made of another shape.
    pub note: Option<String>,
}

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
    let asked = |wanted: &Option<String>| match wanted {
        Some(name) => match arrays
            .iter()
            .position(|array| array.name == *name)
            .or_else(|| keys.iter().position(|key| *key == name.to_lowercase()))
        {
            Some(at) => Ok(Some(at)),
            None => {
                let (name, array) = (file.to_owned(), name.clone());
                Err(TableError::NoArray { name, array, arrays: listed(arrays) })
            }
        },
        None => Ok(None),
    };
    let labels_asked = asked(&wanted.labels)?;
    let is_free = |at: &usize| Some(*at) != pairs && Some(*at) != labels_asked && !is_label(&keys[*at]);
    let tables: Vec<usize> = (0..arrays.len()).filter(is_free).filter(|at| arrays[*at].is_table()).collect();
    let names: Vec<String> = tables.iter().map(|at| arrays[*at].name.clone()).collect();
    let table = match asked(&wanted.array)? {
        Some(table) => table,
        None => {
            let preferred = || known(&TABLE_NAMES, keys.iter().cloned());
            let by_name = || known(&TABLE_NAMES, tables.iter().map(|at| keys[*at].clone())).map(|at| tables[at]);
            match (by_name(), &tables[..], arrays) {
                (Some(table), ..) => table,
                (None, [table], _) => *table,
                // An array of a wrong kind: its own error says more.
                (None, [], [_]) => 0,
                (None, [], _) if preferred().is_some() => preferred().unwrap_or_default(),
                _ => return Err(TableError::NoEmbeddings { name: file.to_owned(), arrays: listed(arrays), names }),
            }
        }
    };
    let mut chosen = Chosen { table, pairs, ..Chosen::default() };
    let n = arrays[table].rows();
    chosen.labels = labels_asked.or_else(|| labels_of(&keys, table));
    let companion = |at: &usize| *at != table && Some(*at) != pairs && arrays[*at].is_companion(n);
    let companions: Vec<usize> = (0..arrays.len()).filter(companion).collect();
    chosen.names = known(&ROW_NAMES, companions.iter().map(|at| keys[*at].clone())).map(|at| companions[at]);
    chosen.names = chosen.names.filter(|at| Some(*at) != chosen.labels && arrays[*at].is_text());
    if chosen.labels.is_none() {
        // np.savez(path, z, y) calls them arr_0 and arr_1.
        let guesses: Vec<usize> = companions
            .iter()
            .copied()
            .filter(|at| keys[*at].starts_with("arr_") && arrays[*at].may_be_classes())
            .collect();
        if let [guess] = guesses[..] {
            (chosen.labels, chosen.guessed) = (Some(guess), true);
        }
    }
    let others: Vec<&str> = tables.iter().filter(|at| **at != table).map(|at| arrays[*at].name.as_str()).collect();
    if !others.is_empty() && wanted.array.is_none() {
        chosen.notes.push(format!(
            "These are the embeddings {}; the file also holds {}.",
            arrays[table].name,
            others.join(", ")
        ));
    }
    let used = [Some(table), chosen.labels, chosen.pairs, chosen.names];
    for at in (0..arrays.len()).filter(|at| !used.contains(&Some(*at))) {
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
        chosen.left.push(LeftOut { what: format!("'{}'", shortened(&array.name)), why });
    }
    if others.is_empty() { Ok(chosen) } else { Ok(Chosen { tables: names, ..chosen }) }
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

/// Opens an array's data for a visitor.
pub type WithData<'a> =
    &'a mut dyn FnMut(usize, &mut dyn FnMut(&mut dyn Read) -> Result<(), TableError>) -> Result<(), TableError>;

/// Gives a reader of a table its labels, pairs, names, notes and account. What can't be read is said and left out: the norms
/// need none of it.
pub fn accompany<R>(
    reader: &mut TableReader<R>,
    arrays: &[Array],
    mut chosen: Chosen,
    view: &View,
    format: &str,
    with: WithData<'_>,
) {
    let table = &arrays[chosen.table];
    let given = if view.views.is_some() { view.n / 2 } else { view.n };
    let mut account = Account { format: format.to_owned(), rows: view.n, coordinates: view.d, ..Account::default() };
    account.from = if table.name == reader.name {
        view.element.name()
    } else {
        format!("array {}, {}", shortened(&table.name), view.element.name())
    };
    let title = |at: usize| format!("'{}'", shortened(&arrays[at].name));
    if let Some(at) = chosen.labels {
        let rows = if arrays[at].rows() == Some(view.n as u64) { view.n } else { given };
        let mut read = None;
        let result = arrays[at].expect_labels(rows).and_then(|()| {
            with(at, &mut |data| {
                read = Some(arrays[at].read_labels(Some(rows), data)?);
                Ok(())
            })
        });
        let problem = match (result, &read) {
            (Err(error), _) => Some(error.to_string()),
            (Ok(()), Some(labels)) if !few_enough(labels.classes.len(), rows as u64) => {
                Some(format!("{}: nearly every value is another, so they are no classes.", arrays[at].label))
            }
            _ => None,
        };
        match (problem, read) {
            (None, Some(labels)) => {
                account.classes = labels.classes.len();
                account.labels = Some(title(at));
                reader.labels = Some(labels.repeated(view.views, view.n));
            }
            (problem, _) => {
                if !chosen.guessed {
                    reader.notes.push(format!("The labels were not used. {}", problem.unwrap_or_default()));
                }
                chosen.left.push(LeftOut { what: title(at), why: "no labels for these rows".to_owned() });
            }
        }
    }
    let mut pairs = view.views.map(|views| views.pairs(given));
    if pairs.is_some() {
        account.pairs = Some("the second view of each row".to_owned());
    }
    if let Some(at) = chosen.pairs.filter(|_| pairs.is_none()) {
        let result = with(at, &mut |data| {
            pairs = Some(arrays[at].read_pairs(view.n, data)?);
            Ok(())
        });
        match result {
            Ok(()) => account.pairs = Some(title(at)),
            Err(error) => {
                reader.notes.push(format!("The pairs were not used. {error}"));
                chosen.left.push(LeftOut { what: title(at), why: "no pairs of these rows".to_owned() });
            }
        }
    }
    if let Some(at) = chosen.names.filter(|at| view.views.is_none() && arrays[*at].available <= MAX_NAMES) {
        let mut names = Vec::new();
        let result = with(at, &mut |data| {
            arrays[at].for_each_scalar(data, |scalar| {
                names.push(shortened(&scalar.to_string()));
                Ok(())
            })
        });
        if result.is_ok() && names.len() == view.n {
            account.names = Some(title(at));
            reader.names = Some(names);
        }
    }
    account.left_out = chosen.left;
    reader.pairs = pairs;
    reader.notes.extend(chosen.notes);
    reader.notes.extend(view.note.clone());
    reader.views = view.views;
    reader.tables = chosen.tables;
    reader.account = account.tell();
}

impl Array {
    fn key(&self) -> String {
        self.name.to_lowercase()
    }

    /// Entries along the first dimension, with two views of a sample counted twice.
    fn rows(&self) -> Option<u64> {
        match self.shape[..] {
            [1, n] => Some(n),
            [n, ..] => Some(n),
            [] => None,
        }
    }

    fn is_text(&self) -> bool {
        self.element.as_ref().is_ok_and(|element| !element.is_number())
    }

    fn is_table(&self) -> bool {
        let may_be = self.element.as_ref().is_ok_and(|element| element.is_number());
        may_be && self.shape.len() >= 2 && self.squeezed().is_ok()
    }

    /// Whether there is one value for each row.
    fn is_companion(&self, n: Option<u64>) -> bool {
        matches!(self.shape[..], [rows] | [rows, 1] if Some(rows) == n)
    }

    /// Whole numbers or text.
    fn may_be_classes(&self) -> bool {
        let fractions = [Kind::F16, Kind::BF16, Kind::F32, Kind::F64];
        self.element.as_ref().is_ok_and(|element| !fractions.contains(&element.kind))
    }

    /// Rows, columns and views by the shape; what was made of it.
    fn squeezed(&self) -> Result<(u64, u64, Option<Views>, Option<String>), TableError> {
        let shape = || shape_text(&self.shape);
        let refuse = |remedy| Err(TableError::Dimensions { name: self.label.clone(), shape: shape(), remedy });
        let larger: Vec<u64> = self.shape.iter().copied().filter(|size| *size != 1).collect();
        match (&self.shape[..], &larger[..]) {
            ([n, d], _) => Ok((*n, *d, None, None)),
            ([_], _) => refuse("e.g. z.reshape(n, d)"),
            ([], _) => refuse("e.g. np.stack(z)"),
            (_, [n, d]) => Ok((*n, *d, None, Some(format!("The shape {} is read as ({n}, {d}).", shape())))),
            ([n, 2, d], _) if !self.fortran => {
                let note = format!("The shape {} is read as two views of each of {n} samples.", shape());
                Ok((2 * n, *d, Some(Views::Interleaved), Some(note)))
            }
            ([2, n, d], _) if !self.fortran => {
                let note = format!("The shape {} is read as two views of each of {n} samples.", shape());
                Ok((2 * n, *d, Some(Views::Halves), Some(note)))
            }
            ([_, 2, _] | [2, _, _], _) => refuse("or [n, 2, d] in row order: np.ascontiguousarray(z)"),
            ([_, _, _], _) => refuse("e.g. z.mean(axis=1) or z[:, 0] of tokens"),
            ([_, _, _, _], _) => refuse("e.g. z.mean(axis=(2, 3)) of feature maps"),
            _ => refuse("e.g. z.reshape(len(z), -1)"),
        }
    }

    /// Rows, columns and element type of a table; sizes are checked against the bytes there are.
    pub fn as_table(&self) -> Result<View, TableError> {
        let element = match (&self.element, &self.shape[..]) {
            (Err(TableError::Objects(name)), []) => return Err(TableError::OneObject(name.clone())),
            (element, _) => element.clone()?,
        };
        if !element.is_number() {
            let found = "text".to_owned();
            return Err(TableError::NotNumbers { name: self.label.clone(), found });
        }
        if self.shape.contains(&0) {
            return Err(TableError::Empty(self.label.clone()));
        }
        let (n, d, views, note) = self.squeezed()?;
        if d > MAX_COLUMNS as u64 {
            return Err(TableError::TooWide { name: self.label.clone(), columns: d });
        }
        self.checked_bytes(element)?;
        // n rows of d elements are in the file, so both fit; only a 32-bit machine with a larger file could fail.
        let n = usize::try_from(n).map_err(|_| self.truncated(u64::MAX))?;
        Ok(View { n, d: d as usize, element, views, note })
    }

    /// Bytes of the data, which are no more than there are.
    fn checked_bytes(&self, element: Element) -> Result<u64, TableError> {
        let size = element.size().map_or(u64::MAX, |size| size as u64);
        let bytes = self.shape.iter().try_fold(size, |product, size| product.checked_mul(*size)).unwrap_or(u64::MAX);
        if bytes > self.available { Err(self.truncated(bytes)) } else { Ok(bytes) }
    }

    /// Bytes behind the data.
    pub fn surplus(&self) -> u64 {
        let needed = self.element.as_ref().ok().and_then(|element| self.checked_bytes(*element).ok());
        needed.map_or(0, |needed| self.available - needed)
    }

    fn truncated(&self, expected: u64) -> TableError {
        TableError::Truncated { name: self.label.clone(), expected, found: self.available }
    }

    /// Whether the array can be labels of `rows` rows, by its type and shape.
    fn expect_labels(&self, rows: usize) -> Result<(), TableError> {
        match &self.element {
            Err(TableError::Objects(name)) => return Err(TableError::LabelObjects(name.clone())),
            Err(error) => return Err(error.clone()),
            Ok(_) => (),
        }
        let shape = || TableError::LabelShape { name: self.label.clone(), shape: shape_text(&self.shape) };
        let found = match self.shape[..] {
            [1, n] if rows != 1 => n,
            [n] | [n, _] => n,
            _ => return Err(shape()),
        };
        self.expect("labels", found, rows)
    }

    /// The labels of an array: one value a row, in a row, a column or neither, or one-hot; from a reader at the data.
    pub fn read_labels(&self, rows: Option<usize>, reader: &mut dyn Read) -> Result<Labels, TableError> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let rows = rows.unwrap_or(match self.shape[..] {
            [1, n] => size(n),
            [n, ..] => size(n),
            [] => 1,
        });
        self.expect_labels(rows)?;
        let mut builder = LabelBuilder::default();
        if let [n, k] = self.shape[..]
            && k > 1
            && n == rows as u64
        {
            for class in self.one_hot((n, k), reader)? {
                builder.push(&self.label, &class.to_string())?;
            }
        } else {
            self.for_each_scalar(reader, |label| builder.push_scalar(&self.label, &label))?;
        }
        Ok(builder.finish())
    }

    /// Where the one of each row is.
    fn one_hot(&self, (n, k): (u64, u64), reader: &mut dyn Read) -> Result<Vec<u64>, TableError> {
        let refused = || TableError::LabelShape { name: self.label.clone(), shape: shape_text(&self.shape) };
        let element = self.element.clone()?;
        self.checked_bytes(element)?;
        let mut classes = vec![u64::MAX; usize::try_from(n).map_err(|_| refused())?];
        let mut at = 0;
        self.for_each_scalar(reader, |value| {
            let (row, class) = if self.fortran { (at % n, at / n) } else { (at / k, at % k) };
            at += 1;
            let known = &mut classes[row as usize];
            match value.integer() {
                Some(0) => Ok(()),
                Some(1) if *known == u64::MAX => {
                    *known = class;
                    Ok(())
                }
                _ => Err(refused()),
            }
        })?;
        if classes.contains(&u64::MAX) { Err(refused()) } else { Ok(classes) }
    }

    /// Pairs as indices `[n]` or a list `[m, 2]`, from a reader at the data.
    pub fn read_pairs(&self, rows: usize, reader: &mut dyn Read) -> Result<Vec<Option<u32>>, TableError> {
        let mut scalars = Vec::new();
        let mut collect = || {
            self.for_each_scalar(reader, |scalar| {
                scalars.push(scalar);
                Ok(())
            })
        };
        match self.shape[..] {
            [n] | [n, 1] => {
                self.expect("pairs", n, rows)?;
                collect()?;
                pairs_by_row(&self.label, &scalars, rows)
            }
            [_, 2] if !self.fortran => {
                collect()?;
                pairs_by_list(&self.label, &scalars, rows)
            }
            _ => {
                let remedy = "or one pair a row, [m, 2]";
                Err(TableError::Dimensions { name: self.label.clone(), shape: shape_text(&self.shape), remedy })
            }
        }
    }

    fn expect(&self, what: &'static str, found: u64, rows: usize) -> Result<(), TableError> {
        if found == rows as u64 {
            return Ok(());
        }
        Err(TableError::Mismatch { name: self.label.clone(), what, found, rows })
    }

    fn for_each_scalar(
        &self,
        reader: &mut dyn Read,
        mut visit: impl FnMut(Scalar) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let element = self.element.clone()?;
        let bytes = self.checked_bytes(element)?;
        let size = element.size().unwrap_or(0);
        if size == 0 {
            return Err(TableError::Empty(self.label.clone()));
        }
        let mut value = vec![0; size.min(bytes as usize)];
        for _ in 0..bytes / size as u64 {
            reader.read_exact(&mut value).map_err(|error| TableError::io(&self.label, &error))?;
            visit(element.scalar(&value))?;
        }
        Ok(())
    }
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
