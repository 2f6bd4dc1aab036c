//! The norm-sensitivity diagnostic: what the norms of given embeddings do to training, and what helps.
//!
//! The paper shows that the gradient of every loss on z/|z| is as long as 1/|z|, so long embeddings hardly turn (section
//! 1), and that short ones are the unexpected ones (section 4). This module measures both on any embeddings, from a file
//! or from the current model, and says in plain words what follows.
//!
//! ```text
//! rows, in chunks -> norms of all rows, a bank of sampled rows without copies -> measures -> findings -> Report (JSON, HTML)
//! ```
//!
//! Memory is bounded by the norms and the hashes (about 44 bytes a row) and the bank; time by bank^2 d.

pub mod bank;
pub mod copies;
pub mod findings;
pub mod gradient;
pub mod html;
pub mod report;
pub mod samples;
pub mod source;
pub mod tables;

mod measure;
mod words;

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use gradient::Loss;
pub use report::Report;
pub use source::RowSource;

use crate::metrics::rows::{Length, RowCounts};
use bank::{Bank, Reservoir};
use copies::Copies;
use report::{OutOfRange, Positives, Training};

/// Most bytes of the bank.
const MAX_BANK_BYTES: usize = 256 << 20;
/// Share of the progress that reading the rows takes.
const READING: f64 = 0.4;

/// What to assume about training, and how much to look at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The loss that the embeddings are trained with.
    pub loss: Loss,
    /// Learning rate.
    pub lr: f64,
    /// GradScale power p, 0 for none.
    pub gradscale: f64,
    /// Weight layers without normalisation between them: a cut by c divides the output norm by c^layers. 1 where batch
    /// norm stands before the last layer.
    pub layers: u32,
    /// Most rows that are compared pair by pair.
    pub bank: usize,
    /// Seed of their choice.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { loss: Loss::NtXent { tau: 0.5 }, lr: 0.1, gradscale: 0.0, layers: 1, bank: 4000, seed: 0 }
    }
}

/// What is known about the rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The input's name, for the report.
    pub name: &'a str,
    /// Class of each row, `[n]`.
    pub labels: Option<&'a [u16]>,
    /// The other view of each row, `[n]`.
    pub pairs: Option<&'a [Option<u32>]>,
    /// What each class is called; without it, a class is called by its number.
    pub classes: Option<&'a [String]>,
    /// What each row is called, `[n]`.
    pub names: Option<&'a [String]>,
}

impl About<'_> {
    /// What a class is called.
    fn class(&self, class: u16) -> String {
        let name = self.classes.and_then(|classes| classes.get(usize::from(class)));
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DiagnoseError {
    /// The rows can't be read; the message names the input.
    #[error("{0}")]
    Unreadable(String),
    /// The progress callback said so.
    #[error("The diagnosis was cancelled.")]
    Cancelled,
    /// Labels, pairs or names for another number of rows.
    #[error("{name}: there are {found} {what} for {rows} embeddings. There should be one for each row.")]
    Mismatch {
        /// The input.
        name: String,
        /// `labels`, `pairs` or `names`.
        what: &'static str,
        /// Entries there are.
        found: usize,
        /// Rows.
        rows: usize,
    },
    /// A pair that is no row.
    #[error("{name}: the pair of row {row} is {pair}, but there are {rows} rows, numbered from 0.")]
    BadPair {
        /// The input.
        name: String,
        /// The row.
        row: usize,
        /// Its pair.
        pair: u32,
        /// Rows.
        rows: usize,
    },
    /// An assumption that makes no sense.
    #[error("{what} is {value}; it should be {right}.")]
    BadOption {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        right: &'static str,
    },
}

/// Tells how far the work is, 0..1, and whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// Diagnoses embeddings. `progress` gets 0..1 and returns false to cancel.
///
/// # Errors
/// A [`DiagnoseError`]; embeddings that are merely bad (all zero, NaN, one row) give a report that says so.
pub fn diagnose(
    source: &mut dyn RowSource,
    about: About<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Report, DiagnoseError> {
    check(source.shape(), about, options)?;
    let seen = read(source, about, options, progress)?;
    let mut report = empty(source.shape(), about, options);
    (report.rows, report.copies, report.out_of_range) = (seen.counts, seen.copies.count(), source.out_of_range());
    measure::fill(&mut report, &seen, about, options, &mut |done| progress(READING + (1.0 - READING) * done))?;
    findings::conclude(&mut report);
    progress(1.0);
    Ok(report)
}

/// As [`diagnose`] for a file, with the labels and pairs that it has.
///
/// # Errors
/// Those of [`diagnose`].
#[cfg(feature = "tables")]
pub fn diagnose_table<R: std::io::Read + std::io::Seek>(
    table: &mut crate::data::tables::TableReader<R>,
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

fn check((n, _): (usize, usize), about: About<'_>, options: &Options) -> Result<(), DiagnoseError> {
    let name = || about.name.to_owned();
    let bad = |what, value, right| Err(DiagnoseError::BadOption { what, value, right });
    if !(options.lr > 0.0 && options.lr.is_finite()) {
        return bad("The learning rate", options.lr, "positive");
    }
    if !(0.0..=4.0).contains(&options.gradscale) {
        return bad("GradScale's power", options.gradscale, "from 0 to 4");
    }
    if let Loss::NtXent { tau } | Loss::Dcl { tau } = options.loss
        && !(tau > 0.0 && tau.is_finite())
    {
        return bad("The temperature", tau, "positive");
    }
    for (what, found) in [
        ("labels", about.labels.map(<[u16]>::len)),
        ("pairs", about.pairs.map(<[_]>::len)),
        ("names", about.names.map(<[_]>::len)),
    ] {
        if let Some(found) = found.filter(|found| *found != n) {
            return Err(DiagnoseError::Mismatch { name: name(), what, found, rows: n });
        }
    }
    let pairs = about.pairs.unwrap_or_default().iter().enumerate();
    match pairs.filter_map(|(row, pair)| pair.map(|pair| (row, pair))).find(|(_, pair)| *pair as usize >= n) {
        Some((row, pair)) => Err(DiagnoseError::BadPair { name: name(), row, pair, rows: n }),
        None => Ok(()),
    }
}

/// What one pass over the rows leaves.
struct Seen {
    counts: RowCounts,
    /// |z| of each row; NaN where there is none.
    lengths: Vec<f32>,
    copies: Copies,
    /// Of rows that are no copies.
    bank: Bank,
}

fn read(
    source: &mut dyn RowSource,
    about: About<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Seen, DiagnoseError> {
    let (n, d) = source.shape();
    let most = options.bank.min(MAX_BANK_BYTES / (4 * d));
    let mut reservoir = Reservoir::new(most, d, options.seed, about.pairs);
    let (mut counts, mut lengths, mut cancelled) = (RowCounts::default(), Vec::new(), false);
    let mut copies = Copies::default();
    let visited = source.visit(&mut |start, rows| {
        for (row, values) in rows.chunks_exact(d).enumerate() {
            let Length::Norm(norm) = counts.count(values) else {
                lengths.push(f32::NAN);
                continue;
            };
            lengths.push(norm);
            if copies.is_new(start + row, values) {
                reservoir.offer(start + row, values);
            }
        }
        cancelled = !progress(READING * counts.total as f64 / n as f64);
        if cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    visited.map_err(DiagnoseError::Unreadable)?;
    if cancelled {
        return Err(DiagnoseError::Cancelled);
    }
    let bank = reservoir.finish(|row| copies.original(row));
    Ok(Seen { counts, lengths, copies, bank })
}

fn empty((n, d): (usize, usize), about: About<'_>, options: &Options) -> Report {
    let Options { loss, lr, gradscale, layers, .. } = *options;
    Report {
        name: about.name.to_owned(),
        n,
        d,
        read: None,
        training: Training { loss, lr, gradscale, layers: layers.max(1) },
        rows: RowCounts::default(),
        copies: 0,
        out_of_range: OutOfRange::default(),
        sampled: 0,
        positives: Positives::None,
        norms: None,
        classes: Vec::new(),
        shortest: Vec::new(),
        longest: Vec::new(),
        slope: None,
        steps: None,
        opposite_share: None,
        accuracy: None,
        density_correlation: None,
        sphere: None,
        findings: Vec::new(),
        healthy: false,
        verdict: String::new(),
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
