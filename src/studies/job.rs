//! What the engine's module is asked by the rooms: plain data, sent to its worker. It says what the lab says
//! ([`crate::lab::JobEvent`]), with an answer after every model, so that cancelling loses little.

use serde::{Deserialize, Serialize};

use super::{acceleration, anomaly};
use crate::config::DeviceChoice;

/// What needs the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// Run the acceleration study.
    Accelerate {
        /// What is compared.
        options: acceleration::Options,
        /// [`crate::lab::Answer::checkpoint`] of a study that goes on; empty to start.
        checkpoint: Vec<u8>,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Run the anomaly study.
    Anomaly {
        /// What is measured.
        options: anomaly::Options,
        /// [`crate::lab::Answer::checkpoint`] of a study that goes on; empty to start.
        checkpoint: Vec<u8>,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Measure how fast this device trains.
    Bench {
        /// Fewer cases.
        quick: bool,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Make ready for [`Job::Place`] with a model that was kept, instead of a study of one's own.
    Recall {
        /// The postcard of `anomaly::models::Kept`.
        model: Vec<u8>,
    },
    /// After an anomaly study or [`Job::Recall`], in the same worker: where does this input land?
    Place {
        /// One sample, `[len]`.
        row: Vec<f32>,
    },
}
