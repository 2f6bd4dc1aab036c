//! What goes between an arm and its helper.

use futures_channel::oneshot;
use serde::{Deserialize, Serialize};

use crate::config::{ArmConfig, ArmId, DataName, Experiment};
use crate::engine::inputs::Snapshot;
use crate::engine::saved::SavedArm;

/// What a helper is asked to do. Tasks are done in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Be this arm of an experiment, at step 0.
    Build(Box<Experiment>, ArmId),
    /// Take over a state.
    Load(Box<SavedArm>),
    /// Train the batch of this step.
    Train(u32),
    /// Evaluate.
    Snapshot,
    /// Give the state.
    Save,
    /// Take over changed settings.
    Adjust(Box<ArmConfig>),
}

/// What a helper answers, one for each task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Done, after so many milliseconds.
    Done(f32),
    /// An evaluation.
    Snapshot(Box<Snapshot>),
    /// The state.
    Saved(Box<SavedArm>),
    /// It could not be done.
    Failed(String),
}

/// The way to a helper.
pub trait Helper {
    /// Sends a task; its answer comes later, in the order of the tasks.
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply>;
}

/// Whether a helper can train this experiment: files are only where they were opened.
pub fn helps(experiment: &Experiment) -> bool {
    experiment.run.data != DataName::Files
}
