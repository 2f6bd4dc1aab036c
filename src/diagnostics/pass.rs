//! The one pass over all rows: their norms, which of them are copies, and a bank of sampled ones.

use std::ops::ControlFlow;

use super::bank::{Bank, Reservoir};
use super::copies::Copies;
use super::error::DiagnoseError;
use super::request::{About, Options, Progress};
use super::source::RowSource;
use crate::metrics::rows::{Length, RowCounts};

/// Most bytes of the bank.
const MAX_BANK_BYTES: usize = 256 << 20;
/// Share of the progress that reading the rows takes.
pub const READING: f64 = 0.4;

/// What one pass over the rows leaves.
pub struct Seen {
    /// Which rows can be measured.
    pub counts: RowCounts,
    /// |z| of each row; NaN for a row that can't be measured.
    pub lengths: Vec<f32>,
    /// Rows that are copies of others.
    pub copies: Copies,
    /// Of rows that are not copies.
    pub bank: Bank,
}

/// Reads all rows once.
pub fn read(
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
    visited?;
    if cancelled {
        return Err(DiagnoseError::Cancelled);
    }
    let bank = reservoir.finish(|row| copies.original(row));
    Ok(Seen { counts, lengths, copies, bank })
}
