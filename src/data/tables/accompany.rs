//! What comes with a table of a file of arrays: labels, pairs, the rows' names.

use std::io::Read;

use super::array::{Array, View};
use super::arrays::Chosen;
use super::error::{TableError, shortened};
use super::labels::{Labels, few_enough};
use super::reader::TableReader;
use crate::data::account::{Account, LeftOut};

/// Most bytes of the rows' names that are kept.
const MAX_NAMES: u64 = 64 << 20;

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
    let from = if table.name == reader.name {
        view.element.name()
    } else {
        format!("array {}, {}", shortened(&table.name), view.element.name())
    };
    let mut account =
        Account { format: format.to_owned(), rows: view.n, coordinates: view.d, from, ..Account::default() };
    take_labels(reader, arrays, &mut chosen, view, &mut account, with);
    take_pairs(reader, arrays, &mut chosen, view, &mut account, with);
    take_names(reader, arrays, &chosen, view, &mut account, with);
    account.left_out = chosen.left;
    reader.notes.extend(chosen.notes);
    reader.notes.extend(view.note.clone());
    reader.views = view.views;
    reader.tables = chosen.tables;
    reader.account = account.tell();
}

/// An array for messages.
fn title(array: &Array) -> String {
    format!("'{}'", shortened(&array.name))
}

fn take_labels<R>(
    reader: &mut TableReader<R>,
    arrays: &[Array],
    chosen: &mut Chosen,
    view: &View,
    account: &mut Account,
    with: WithData<'_>,
) {
    let Some(at) = chosen.labels else { return };
    let array = &arrays[at];
    let rows = if array.rows() == Some(view.n as u64) { view.n } else { view.samples() };
    match read_labels(array, at, rows, with) {
        Ok(labels) => {
            account.classes = labels.classes.len();
            account.labels = Some(title(array));
            reader.labels = Some(labels.repeated(view.views, view.n));
        }
        Err(problem) => {
            if !chosen.guessed {
                reader.notes.push(format!("The labels were not used. {problem}"));
            }
            chosen.left.push(LeftOut { what: title(array), why: "no labels for these rows".to_owned() });
        }
    }
}

/// The labels of so many rows, or why there are none.
fn read_labels(array: &Array, at: usize, rows: usize, with: WithData<'_>) -> Result<Labels, String> {
    let mut read = None;
    let result = array.expect_labels(rows).and_then(|()| {
        with(at, &mut |data| {
            read = Some(array.read_labels(Some(rows), data)?);
            Ok(())
        })
    });
    result.map_err(|error| error.to_string())?;
    let labels = read.ok_or_else(String::new)?;
    if few_enough(labels.classes.len(), rows as u64) {
        Ok(labels)
    } else {
        Err(format!("{}: nearly every value is another, so they are no classes.", array.label))
    }
}

fn take_pairs<R>(
    reader: &mut TableReader<R>,
    arrays: &[Array],
    chosen: &mut Chosen,
    view: &View,
    account: &mut Account,
    with: WithData<'_>,
) {
    reader.pairs = view.views.map(|views| views.pairs(view.samples()));
    if reader.pairs.is_some() {
        account.pairs = Some("the second view of each row".to_owned());
        return;
    }
    let Some(at) = chosen.pairs else { return };
    let result = with(at, &mut |data| {
        reader.pairs = Some(arrays[at].read_pairs(view.n, data)?);
        Ok(())
    });
    match result {
        Ok(()) => account.pairs = Some(title(&arrays[at])),
        Err(error) => {
            reader.notes.push(format!("The pairs were not used. {error}"));
            chosen.left.push(LeftOut { what: title(&arrays[at]), why: "no pairs of these rows".to_owned() });
        }
    }
}

fn take_names<R>(
    reader: &mut TableReader<R>,
    arrays: &[Array],
    chosen: &Chosen,
    view: &View,
    account: &mut Account,
    with: WithData<'_>,
) {
    let may_be = |at: &usize| view.views.is_none() && arrays[*at].available <= MAX_NAMES;
    let Some(at) = chosen.names.filter(may_be) else { return };
    let mut names = Vec::new();
    let result = with(at, &mut |data| {
        arrays[at].for_each_scalar(data, |scalar| {
            names.push(shortened(&scalar.to_string()));
            Ok(())
        })
    });
    if result.is_ok() && names.len() == view.n {
        account.names = Some(title(&arrays[at]));
        reader.names = Some(names);
    }
}
