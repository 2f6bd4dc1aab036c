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
#[cfg(feature = "tables")]
pub mod file;
pub mod findings;
pub mod gradient;
pub mod html;
pub mod report;
pub mod samples;
pub mod source;
pub mod tables;

mod error;
mod measure;
mod pass;
mod request;
mod thresholds;
mod words;

pub use error::DiagnoseError;
pub use gradient::Loss;
pub use report::Report;
pub use request::{About, Options, Progress};
pub use source::RowSource;

use crate::metrics::rows::RowCounts;
use pass::READING;
use report::{OutOfRange, Positives, Training};

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
    let seen = pass::read(source, about, options, progress)?;
    let mut report = empty(source.shape(), about, options);
    (report.rows, report.copies, report.out_of_range) = (seen.counts, seen.copies.count(), source.out_of_range());
    measure::fill(&mut report, &seen, about, options, &mut |done| progress(READING + (1.0 - READING) * done))?;
    findings::conclude(&mut report);
    progress(1.0);
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
