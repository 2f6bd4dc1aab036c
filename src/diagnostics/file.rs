//! A diagnosis of a file of embeddings, with the labels, pairs and names that it has.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use super::diagnose;
use super::error::DiagnoseError;
use super::report::{OutOfRange, Report};
use super::request::{About, Options, Progress};
use super::source::{CHUNK, RowSource};
use crate::data::tables::TableReader;

impl<R: Read + Seek> RowSource for TableReader<R> {
    fn shape(&self) -> (usize, usize) {
        TableReader::shape(self)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>) -> Result<(), DiagnoseError> {
        match self.for_each_chunk(CHUNK, visit) {
            Ok(_) => Ok(()),
            Err(error) => Err(DiagnoseError::Unreadable(error.to_string())),
        }
    }

    fn out_of_range(&self) -> OutOfRange {
        let (too_large, too_small) = self.out_of_range();
        OutOfRange { too_large, too_small }
    }
}

/// As [`diagnose`] for a file, with the labels and pairs that it has.
///
/// # Errors
/// Those of [`diagnose`].
pub fn diagnose_table<R: Read + Seek>(
    table: &mut TableReader<R>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Report, DiagnoseError> {
    let (name, notes) = (table.name().to_owned(), table.notes().to_vec());
    let labels = table.labels().cloned();
    let pairs = table.pairs().map(<[Option<u32>]>::to_vec);
    let names = table.names().map(<[String]>::to_vec);
    let about = About {
        name: &name,
        labels: labels.as_ref().map(|labels| labels.ids.as_slice()),
        pairs: pairs.as_deref(),
        classes: labels.as_ref().map(|labels| labels.classes.as_slice()),
        names: names.as_deref(),
    };
    let mut report = diagnose(table, about, options, progress)?;
    report.read = Some(table.account().clone());
    report.notes.extend(notes);
    report.notes.extend(table.late_notes());
    Ok(report)
}
