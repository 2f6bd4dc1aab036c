//! What the page and the engine say to each other: [`Command`] down, [`Event`] up.
//!
//! In the browser both travel as postcard bytes over `postMessage` (canvases and files ride along as transferables);
//! natively they are plain values. The page never reaches into the engine, the engine never into the page.

use serde::{Deserialize, Serialize};

use crate::config::{ArmId, Experiment, LossKind, Method};
use crate::data::Kind;
use crate::metrics::Metric;

/// What the page asks of the engine. Every command but [`Command::Draw`] is answered by an [`Event::Progress`] at least.
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
    /// Go on from a saved run, the bytes of an [`Event::Checkpoint`].
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
    /// Draw an arm's sphere (only when the engine owns that canvas); answered by [`Event::Drawn`].
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
    /// The bytes of the last [`Event::Checkpoint`]; `None`: the run begins again.
    pub checkpoint: Option<Vec<u8>>,
}

/// Everything that decides one picture of a sphere, apart from the points themselves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Canvas width in device pixels.
    pub width: u32,
    /// Canvas height in device pixels.
    pub height: u32,
    /// Device pixels per CSS pixel.
    pub pixel_ratio: f32,
    /// Camera azimuth in radians.
    pub yaw: f32,
    /// Camera elevation in radians.
    pub pitch: f32,
    /// 1 fits the sphere into the canvas; larger is nearer.
    pub zoom: f32,
    /// 0 on the sphere, 1 true length.
    pub morph: f32,
    /// 0 shows the previous points, 1 the latest.
    pub tween: f32,
    /// Colour by norm instead of class.
    pub by_norm: bool,
    /// The range of norms that the colour scale covers (low, high).
    pub norm_range: [f32; 2],
    /// Dark page background.
    pub dark: bool,
    /// The page shows through instead of a ground of the picture's own.
    pub clear: bool,
    /// Index of the highlighted point.
    pub highlight: Option<u32>,
}

impl Frame {
    /// The first view of a picture of that many pixels, on a light ground.
    pub fn still(width: u32, height: u32) -> Frame {
        Frame {
            width,
            height,
            pixel_ratio: 1.0,
            yaw: 0.5,
            pitch: 0.35,
            zoom: 1.0,
            morph: 1.0,
            tween: 1.0,
            by_norm: false,
            norm_range: [0.5, 2.0],
            dark: false,
            clear: false,
            highlight: None,
        }
    }
}

/// A picture of a sphere, to be drawn elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Camera and looks.
    pub frame: Frame,
    /// Directions on the unit sphere, `[n, 3]`.
    pub directions: Vec<f32>,
    /// |z| of each point, `[n]`.
    pub norms: Vec<f32>,
    /// Class of each point, `[n]`.
    pub labels: Vec<u16>,
}

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

/// What the engine computes on, and how it is reached. As text it is its key, also in messages and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceKind {
    /// The CPU.
    Cpu,
    /// A GPU, through the browser's WebGPU.
    WebGpu,
    /// A GPU, natively.
    Wgpu,
}

impl DeviceKind {
    /// All of them.
    pub const ALL: [DeviceKind; 3] = [DeviceKind::Cpu, DeviceKind::WebGpu, DeviceKind::Wgpu];

    /// Its name in messages and files.
    pub fn key(self) -> &'static str {
        match self {
            DeviceKind::Cpu => "cpu",
            DeviceKind::WebGpu => "webgpu",
            DeviceKind::Wgpu => "wgpu",
        }
    }
}

impl From<DeviceKind> for String {
    fn from(kind: DeviceKind) -> String {
        kind.key().to_owned()
    }
}

impl TryFrom<String> for DeviceKind {
    type Error = UnknownDevice;

    fn try_from(key: String) -> Result<DeviceKind, UnknownDevice> {
        DeviceKind::ALL.into_iter().find(|kind| kind.key() == key).ok_or(UnknownDevice(key))
    }
}

/// A text that is the key of no [`DeviceKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no device: it must be cpu, webgpu or wgpu.")]
pub struct UnknownDevice(pub String);

/// Where the engine computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// On what.
    pub kind: DeviceKind,
    /// The adapter's name, or the CPU backend's.
    pub adapter: String,
    /// A software adapter.
    pub software: bool,
    /// Why this device was taken.
    pub reason: String,
    /// Whether the engine draws the spheres itself (else the page paints them).
    pub draws: bool,
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

/// A small picture in RGBA, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `[height, width, 4]`.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// A sample as a picture; `None` for vectors.
    pub fn of(kind: &Kind, row: &[f32]) -> Option<Picture> {
        let Kind::Image { channels, height, width } = *kind else { return None };
        let plane = height * width;
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        let rgba = (0..plane)
            .flat_map(|at| {
                let channel = |c: usize| byte(row[(c % channels) * plane + at]);
                [channel(0), channel(1), channel(2), 255]
            })
            .collect();
        Some(Picture { width: width as u32, height: height as u32, rgba })
    }
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
        /// For [`Command::Resume`].
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
    /// Answer to [`Command::Embeddings`].
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
    /// Answer to [`Command::Inspect`].
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
    /// Answer to [`Command::SelfTest`].
    SelfTested {
        /// From the question.
        request: u32,
        /// What was compared.
        checks: Vec<Check>,
    },
    /// Answer to [`Command::Model`].
    Model {
        /// From the question.
        request: u32,
        /// `model.safetensors`.
        bytes: Vec<u8>,
    },
    /// Answer to [`Command::Story`].
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_kind_is_written_as_its_key() {
        for kind in DeviceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.key());
            assert_eq!(serde_json::from_value::<DeviceKind>(kind.key().into()).unwrap(), kind);
        }
        assert!(serde_json::from_value::<DeviceKind>("gpu".into()).is_err());
    }
}
