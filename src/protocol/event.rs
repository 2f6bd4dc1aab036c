//! What the engine tells the page.

use serde::{Deserialize, Serialize};

use super::device::DeviceInfo;
use super::picture::Picture;
use crate::config::{ArmId, Experiment, LossKind, Method};
use crate::metrics::Metric;

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something was not taken over.
    Warning,
    /// Something does not work.
    Error,
}

/// The data set as the page needs to know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataInfo {
    /// Name for people.
    pub name: String,
    /// Width and height of its images; `None` for vectors.
    pub image: Option<(u32, u32)>,
    /// Class names.
    pub classes: Vec<String>,
    /// Training samples.
    pub train: u32,
    /// Held-out samples.
    pub test: u32,
    /// Source and licence.
    pub provenance: String,
    /// The class of each drawn point (held-out samples).
    pub labels: Vec<u16>,
}

/// One evaluation of one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Which arm.
    pub arm: ArmId,
    /// Training steps done.
    pub step: u32,
    /// Metric values at this step; a metric that does not exist here is absent. None at all where a run goes on between
    /// two evaluations: then only its losses belong to the record.
    pub values: Vec<(Metric, f64)>,
    /// Training loss of each step since the last evaluation: (step, loss).
    pub losses: Vec<(u32, f64)>,
    /// Directions on the unit sphere, `[n, 3]`.
    pub directions: Vec<f32>,
    /// |z| of each point, `[n]`.
    pub norms: Vec<f32>,
}

/// A neighbour of an inspected point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Index in the training bank.
    pub index: u32,
    /// Its class.
    pub label: u16,
    /// Cosine similarity.
    pub similarity: f32,
    /// Its picture, for image data.
    pub picture: Option<Picture>,
}

/// One comparison of the device with the CPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What was computed.
    pub name: String,
    /// Largest difference, relative to the largest value.
    pub error: f64,
    /// What is allowed.
    pub tolerance: f64,
}

/// One training step, taken apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Which arm.
    pub arm: ArmId,
    /// Steps done before.
    pub step: u32,
    /// The method.
    pub method: Method,
    /// The contrastive loss, for SimCLR.
    pub loss: LossKind,
    /// Its temperature.
    pub tau: f64,
    /// GradScale's power.
    pub gradscale: f64,
    /// The learning rate of the step.
    pub lr: f64,
    /// Class of each sample that is shown; the method never sees it.
    pub labels: Vec<u16>,
    /// Sample, first and second view of each sample that is shown; empty for vectors.
    pub pictures: Vec<Picture>,
    /// Samples n of the batch, of which the first are shown.
    pub samples: u32,
    /// Dimension d.
    pub dim: u32,
    /// Embeddings of both views before the step, `[2n, d]`, rows i and i + n belonging together.
    pub before: Vec<f32>,
    /// The loss's gradient with respect to them (with a predictor: to the predictions), GradScale included, `[2n, d]`.
    pub gradient: Vec<f32>,
    /// Embeddings of the same views after the step, `[2n, d]`.
    pub after: Vec<f32>,
}

/// What the engine tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// What the engine is doing before it is ready, for the progress line.
    Loading {
        /// In words.
        stage: String,
    },
    /// The engine is up.
    Ready(DeviceInfo),
    /// A data set was loaded.
    Data(DataInfo),
    /// Both arms are (again) at step 0; the curves start afresh.
    Restarted {
        /// The experiment that now runs.
        experiment: Experiment,
        /// Trainable parameters of each arm.
        parameters: [u32; 2],
        /// Hash of each arm's initial weights before the cut.
        weights: [String; 2],
    },
    /// A saved run goes on; the curves do as well.
    Resumed {
        /// The experiment that now runs.
        experiment: Experiment,
        /// Trainable parameters of each arm.
        parameters: [u32; 2],
        /// Hash of each arm's initial weights before the cut.
        weights: [String; 2],
    },
    /// The run's state, to go on from later.
    Checkpoint {
        /// Training steps done.
        step: u32,
        /// For [`Command::Resume`](super::Command::Resume).
        bytes: Vec<u8>,
    },
    /// An arm was evaluated.
    Evaluated(Evaluation),
    /// Progress of the run.
    Progress {
        /// Steps done by the arms that still train.
        step: u32,
        /// Training goes on.
        running: bool,
        /// The step at which it pauses by itself.
        until: u32,
        /// Steps per second, both arms together counting as one; 0 while paused.
        rate: f32,
        /// Hash of the batches that each arm has seen.
        batch_hash: [String; 2],
        /// Milliseconds of the last step's parts: data, A, B.
        millis: [f32; 3],
        /// Commands carried out since the start; the page waits for its own by counting.
        commands: u32,
    },
    /// An arm can't go on; the other one does.
    ArmStopped {
        /// Which arm.
        arm: ArmId,
        /// At which step.
        step: u32,
        /// What happened and what helps.
        reason: String,
    },
    /// Answer to [`Command::Embeddings`](super::Command::Embeddings).
    Embeddings {
        /// From the question.
        request: u32,
        /// Which arm.
        arm: ArmId,
        /// Points.
        n: u32,
        /// Dimension.
        dim: u32,
        /// `[n, dim]`, un-normalised.
        z: Vec<f32>,
        /// `[n]`.
        labels: Vec<u16>,
        /// `[n]`.
        norms: Vec<f32>,
    },
    /// Answer to [`Command::Inspect`](super::Command::Inspect).
    Inspected {
        /// From the question.
        request: u32,
        /// Which arm.
        arm: ArmId,
        /// Index of the point.
        index: u32,
        /// The sample's picture and two augmented views of it, for image data.
        pictures: Vec<Picture>,
        /// The nearest training samples, nearest first.
        neighbours: Vec<Neighbour>,
        /// The class that the kNN classifier gives.
        predicted: u16,
    },
    /// Answer to [`Command::SelfTest`](super::Command::SelfTest).
    SelfTested {
        /// From the question.
        request: u32,
        /// What was compared.
        checks: Vec<Check>,
    },
    /// Answer to [`Command::Model`](super::Command::Model).
    Model {
        /// From the question.
        request: u32,
        /// `model.safetensors`.
        bytes: Vec<u8>,
    },
    /// Answer to [`Command::Story`](super::Command::Story).
    Told {
        /// From the question.
        request: u32,
        /// The step, a [`Story`] as postcard; empty when there was none to take, which a notice explains. The page hands it on to
        /// the rooms' module and need not know what is in it.
        story: Vec<u8>,
    },
    /// A picture is done, so the next one may be asked for.
    Drawn {
        /// Which arm.
        arm: ArmId,
    },
    /// Something to tell the reader.
    Notice {
        /// How much it matters.
        level: Level,
        /// The input that it is about, or empty.
        input: String,
        /// What happened and what would be right.
        message: String,
    },
}
