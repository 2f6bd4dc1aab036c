//! What all studies have in common: they are stepped forward, may be saved after every finished part, and go on
//! later.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::checkpoint::Checkpoint;
use super::error::StudyError;
use crate::data::Dataset;
use crate::engine::device::Compute;

/// A study as a state machine: call [`Resumable::advance`] until [`Resumable::is_done`]; look at
/// [`Resumable::report`] at any time.
///
/// One call is little work, so a worker stays responsive and a page can stop between any two. A part that was under
/// way when a study was saved starts again.
pub trait Resumable: Sized {
    /// What is studied.
    type Options: Clone + PartialEq + Serialize + DeserializeOwned;
    /// The record of a finished part.
    type Cell: Clone + Serialize + DeserializeOwned;
    /// What the finished parts say.
    type Report: Serialize;

    /// Checks the options and loads the data; `files` stands in for the experiment's data.
    ///
    /// # Errors
    /// Names the option that is wrong, with the remedy.
    fn new(options: Self::Options, files: Option<Dataset>, compute: Compute) -> Result<Self, StudyError> {
        Self::resume(Checkpoint { options, cells: Vec::new() }, files, compute)
    }

    /// Goes on with a study after its finished parts.
    ///
    /// # Errors
    /// Names the option that is wrong, or the part that does not belong to these options.
    fn resume(
        checkpoint: Checkpoint<Self::Options, Self::Cell>,
        files: Option<Dataset>,
        compute: Compute,
    ) -> Result<Self, StudyError>;

    /// What is studied.
    fn options(&self) -> &Self::Options;

    /// The finished parts.
    fn cells(&self) -> &[Self::Cell];

    /// Parts in all.
    fn planned(&self) -> usize;

    /// Share of everything that is done, 0..1.
    fn share(&self) -> f64;

    /// Does a little. Nothing once the study is done.
    ///
    /// # Errors
    /// A [`StudyError`] when the device fails, or the data has too little of what the study needs.
    fn advance(&mut self) -> impl Future<Output = Result<(), StudyError>>;

    /// What the finished parts say.
    fn report(&self) -> Self::Report;

    /// Whether every part is finished.
    fn is_done(&self) -> bool {
        self.cells().len() == self.planned()
    }

    /// What [`Resumable::resume`] needs.
    fn save(&self) -> Checkpoint<Self::Options, Self::Cell> {
        Checkpoint { options: self.options().clone(), cells: self.cells().to_vec() }
    }
}

/// Finished parts must be the first ones of the `planned`, in their order; `part` is what one is called.
///
/// # Errors
/// Says which one is not, with the remedy.
pub fn check_cells<Cell>(
    cells: &[Cell],
    planned: usize,
    part: &'static str,
    belongs: impl Fn(usize, &Cell) -> bool,
) -> Result<(), StudyError> {
    if cells.len() > planned {
        return Err(StudyError::TooManyParts { found: cells.len(), part, planned });
    }
    match cells.iter().enumerate().find(|(index, cell)| !belongs(*index, cell)) {
        Some((index, _)) => Err(StudyError::OtherPart { part, index }),
        None => Ok(()),
    }
}
