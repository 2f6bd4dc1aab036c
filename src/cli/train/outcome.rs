//! What a training run gives.

use crate::engine::session::Session;
use crate::trace::Trace;

/// Everything that a run gave.
pub struct Outcome {
    /// Shots of each arm that the trace keeps.
    pub shots: usize,
    /// Evaluations of each arm that the trace keeps.
    pub evaluations: usize,
    /// At its end.
    pub session: Session,
    /// The run, with every evaluation's points.
    pub trace: Trace,
    /// kNN accuracy on encoder features per arm, untrained and trained.
    pub features: [[f64; 2]; 2],
    /// Method and data, for people.
    pub subject: String,
}
