//! Why a job has no answer.

use crate::data::tables::TableError;
use crate::diagnostics::DiagnoseError;
use crate::svg::DrawError;
use crate::table::csv::CsvError;

/// Why a job has no answer, and what would help.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The progress callback ended a simulation.
    #[error("The simulation was stopped.")]
    Stopped,
    /// A diagnosis of no files.
    #[error("No file was given. Choose .npy, .npz, .csv or .safetensors.")]
    NoFile,
    /// A diagnosis of more than two files.
    #[error("Choose one file of embeddings, and if need be one of labels.")]
    TooManyFiles,
    /// The file of embeddings can't be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The length of the embeddings in memory is not a multiple of their dimension.
    #[error("The embeddings are no whole rows.")]
    NoWholeRows,
    /// The embeddings can't be diagnosed.
    #[error(transparent)]
    Diagnosis(#[from] DiagnoseError),
    /// A run has no embeddings to write: it was never started.
    #[error("There are no embeddings yet. Press Play first.")]
    NoEmbeddings,
    /// A run has no curve of this name.
    #[error("{0}: this run has no such curve.")]
    NoCurve(String),
    /// `embeddings.npz` can't be written.
    #[error(transparent)]
    Npz(#[from] std::io::Error),
    /// A table can't be written.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// `run.json` can't be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A figure can't be drawn.
    #[error(transparent)]
    Drawing(#[from] DrawError),
}
