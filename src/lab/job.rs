//! What the lab is asked to do: plain data, sent to its worker.

use serde::{Deserialize, Serialize};

use crate::diagnostics::Options;
use crate::figure::Figure;
use crate::simulations::Simulation;
use crate::trace::Trace;

/// What the lab is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// Run a simulation.
    Simulate {
        /// Which one.
        simulation: Simulation,
        /// Decides all draws.
        seed: u64,
        /// Sized for a browser instead of as in the paper.
        quick: bool,
    },
    /// Diagnose an embeddings file; a second file may hold the labels, in either order.
    DiagnoseFiles {
        /// (name, contents).
        files: Vec<(String, Vec<u8>)>,
        /// The array that holds the embeddings, of a file with several; one of [`super::Answer::arrays`].
        array: Option<String>,
        /// What to assume about training.
        options: Options,
    },
    /// Diagnose embeddings that are in memory.
    DiagnoseRows {
        /// What they are called in the report.
        name: String,
        /// `[n, d]`.
        z: Vec<f32>,
        /// Columns.
        d: u32,
        /// Class of each row, `[n]`.
        labels: Vec<u16>,
        /// What to assume about training.
        options: Options,
    },
    /// Write a run's numbers or pictures as a file.
    Export {
        /// What.
        kind: Export,
        /// The run.
        trace: Box<Trace>,
        /// Embeddings of both arms, for [`Export::Embeddings`].
        embeddings: Vec<ArmRows>,
    },
    /// Draw a figure as an SVG document.
    Draw {
        /// Which one.
        figure: Box<Figure>,
    },
}

/// The held-out embeddings of an arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmRows {
    /// `[n, dim]`.
    pub z: Vec<f32>,
    /// Columns.
    pub dim: u32,
    /// Training steps that the arm had done.
    pub step: u32,
}

/// Files that the lab writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    /// `metrics.csv`: a row for each evaluation of each arm.
    Csv,
    /// `run.json`: the configuration, the hashes and every series.
    Json,
    /// `embeddings.npz`: the held-out embeddings of both arms.
    Embeddings,
    /// The curve of this name as an SVG document, e.g. `curve-knn`.
    Curve(String),
}
