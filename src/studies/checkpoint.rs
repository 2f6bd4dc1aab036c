//! A study that was saved.

use serde::{Deserialize, Serialize};

/// A study to go on with: its finished parts (runs, models) are not repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint<Options, Cell> {
    /// What is studied.
    pub options: Options,
    /// The finished parts, in the order of the plan.
    pub cells: Vec<Cell>,
}
