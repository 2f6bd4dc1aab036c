//! What the page asks of the engine.

use serde::{Deserialize, Serialize};

use super::picture::Frame;
use crate::config::{ArmId, Experiment};

/// What the page asks of the engine. Every command but [`Command::Draw`] is answered by an
/// [`Event::Progress`](super::Event::Progress) at least.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The first message: find a device, load the data, build both arms.
    Start(Experiment),
    /// The first message after a fault instead of [`Command::Start`]: the same, and go on from the last checkpoint.
    Revive(Box<Revival>),
    /// Take over a changed experiment; models are rebuilt only if [`Experiment::needs_reset`] says so.
    Set(Experiment),
    /// Train until paused or until the run's last step.
    Play,
    /// Stop after the current step.
    Pause,
    /// Train this many steps, then pause.
    Run(u32),
    /// Train up to this step, then pause.
    RunTo(u32),
    /// Back to step 0 with the same weights.
    Reset,
    /// Read data files that the reader picked or dropped: (name, contents).
    OpenFiles(Vec<(String, Vec<u8>)>),
    /// Ask for all embeddings of the evaluated points.
    Embeddings {
        /// Which arm.
        arm: ArmId,
        /// Comes back in the answer.
        request: u32,
    },
    /// Ask for everything known about one point.
    Inspect {
        /// Which arm.
        arm: ArmId,
        /// Index of the point.
        index: u32,
        /// Comes back in the answer.
        request: u32,
    },
    /// Compare every custom operation on this device with its CPU twin.
    SelfTest {
        /// Comes back in the answer.
        request: u32,
    },
    /// Take over changed settings without starting afresh: those that a model in training can take over
    /// ([`crate::config::ArmConfig::adjusted`]).
    Adjust(Experiment),
    /// Go on from a saved run, the bytes of an [`Event::Checkpoint`](super::Event::Checkpoint).
    Resume(Vec<u8>),
    /// Ask for both arms' parameters as a file.
    Model {
        /// Comes back in the answer.
        request: u32,
    },
    /// Take the next step and tell what happened in it.
    Story {
        /// Which arm.
        arm: ArmId,
        /// Comes back in the answer.
        request: u32,
    },
    /// Draw an arm's sphere (only when the engine owns that canvas); answered by [`Event::Drawn`](super::Event::Drawn).
    Draw {
        /// Which arm.
        arm: ArmId,
        /// Camera and looks.
        frame: Frame,
    },
}

/// What a fault has left of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Revival {
    /// What is to run.
    pub experiment: Experiment,
    /// The files that were open: (name, contents).
    pub files: Vec<(String, Vec<u8>)>,
    /// The bytes of the last [`Event::Checkpoint`](super::Event::Checkpoint); `None`: the run begins again.
    pub checkpoint: Option<Vec<u8>>,
}
