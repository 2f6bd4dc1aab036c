//! What an experiment is: the method, the data, two arms and how the page shows them.
//!
//! Everything here is plain data. [`params`] declares every per-arm hyper-parameter once (name, range, default, help);
//! the URL codec ([`url`]), the page's controls and the command line's flags are all derived from that table.
//! Flow: query string -> [`Experiment`] -> [`crate::protocol::Command`].

pub mod advice;
pub mod choices;
pub mod fixed;
pub mod names;
pub mod params;
pub mod presets;
pub mod standing;
pub mod url;

pub use advice::{Advice, advice, condition};
use choices::Choice;
pub use choices::{
    ColourBy, CutLayers, DataName, DeviceChoice, GradMode, LossKind, Method, OptimizerKind, Room, Schedule, Shape,
    Theme,
};
pub use names::{arm_label, arm_name};
pub use params::{ARM_PARAMS, ArmParam, Control, Value};
pub use presets::{PRESETS, Preset};
pub use standing::{Seen, Standing};

use serde::{Deserialize, Serialize};

/// One of the two models trained side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ArmId {
    /// The standard arm (left pane, URL prefix `a.`).
    A,
    /// The norm-decoupled arm (right pane, URL prefix `b.`).
    B,
}

impl ArmId {
    /// `A` or `B`, for people.
    pub fn letter(self) -> &'static str {
        match self {
            ArmId::A => "A",
            ArmId::B => "B",
        }
    }

    /// Both arms, in the order in which they train.
    pub const ALL: [ArmId; 2] = [ArmId::A, ArmId::B];

    /// `a` or `b`, as used in URLs and by the page API.
    pub fn key(self) -> &'static str {
        match self {
            ArmId::A => "a",
            ArmId::B => "b",
        }
    }

    /// 0 or 1.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Reads `a`/`b` in either case.
    pub fn parse(text: &str) -> Option<ArmId> {
        ArmId::ALL.into_iter().find(|arm| arm.key().eq_ignore_ascii_case(text))
    }
}

/// Hyper-parameters of one arm. Ranges, defaults and help texts are in [`ARM_PARAMS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmConfig {
    /// Cut-initialization: the chosen layers' parameters are divided by this once, before training.
    pub cut: f64,
    /// The layers that `cut` applies to.
    pub cut_layers: CutLayers,
    /// GradScale power p: the gradient that reaches an un-normalised embedding z is multiplied by |z|^p.
    pub gradscale: f64,
    /// Whether GradScale uses each sample's own norm or the batch's mean norm (the control).
    pub grad_mode: GradMode,
    /// Peak learning rate.
    pub lr: f64,
    /// Weight decay (L2 for SGD, decoupled for AdamW).
    pub wd: f64,
    /// SGD momentum.
    pub momentum: f64,
    /// The optimizer.
    pub optimizer: OptimizerKind,
    /// Linear warm-up, in steps.
    pub warmup: u32,
    /// The learning rate after warm-up.
    pub schedule: Schedule,
    /// Embedding dimension d (the projector's output).
    pub dim: u32,
    /// Samples per batch; each gives two views.
    pub batch: u32,
    /// Hidden width of the encoder and the projector.
    pub width: u32,
    /// NT-Xent temperature.
    pub tau: f64,
    /// The contrastive loss (SimCLR only).
    pub loss: LossKind,
    /// EMA decay of the target network (BYOL only).
    pub ema: f64,
    /// Batch normalisation in hidden layers.
    pub bn: bool,
}

/// A whole experiment: what a share link restores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Name of the preset this state started from, if any.
    pub preset: Option<String>,
    /// The room that is open.
    pub room: Room,
    /// The self-supervised method, the same in both arms.
    pub method: Method,
    /// The data set, the same in both arms.
    pub data: DataName,
    /// The one seed: data, weights, batch order and augmentation all follow from it.
    pub seed: u64,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Length of a run in steps; the horizon of the cosine schedule.
    pub steps: u32,
    /// Steps between two evaluations (metrics and points).
    pub eval: u32,
    /// Steps per second at most; 0 means as fast as possible.
    pub speed: u32,
    /// Start training as soon as the engine is ready.
    pub autoplay: bool,
    /// Bare figure for embedding in another page.
    pub embed: bool,
    /// Light, dark or the system's.
    pub theme: Theme,
    /// On the sphere or with true length.
    pub shape: Shape,
    /// What the points' colours say.
    pub colour: ColourBy,
    /// Ids of controls that are hidden.
    pub hide: Vec<String>,
    /// Controls are shown but can't be changed.
    pub lock: bool,
    /// The lesson that is open; empty for none.
    pub lesson: String,
    /// The two arms.
    pub arms: [ArmConfig; 2],
}

impl Experiment {
    /// The default experiment for a method and a data set: arm A standard, arm B norm-decoupled.
    pub fn base(method: Method, data: DataName) -> Experiment {
        let standard = ArmConfig::standard(method, data);
        let decoupled = ArmConfig::decoupled(method, data);
        Experiment {
            preset: None,
            room: Room::Playground,
            method,
            data,
            seed: 7,
            device: DeviceChoice::Auto,
            steps: 600,
            eval: 10,
            speed: 0,
            autoplay: false,
            embed: false,
            theme: Theme::Auto,
            shape: Shape::Length,
            colour: ColourBy::Class,
            hide: Vec::new(),
            lock: false,
            lesson: String::new(),
            arms: [standard, decoupled],
        }
    }

    /// The configuration of one arm.
    pub fn arm(&self, arm: ArmId) -> &ArmConfig {
        &self.arms[arm.index()]
    }

    /// Whether going from `self` to `next` needs new models (anything but looks, pace and place changed). A run at constant
    /// rates may become longer: it is the beginning of the longer one.
    pub fn needs_reset(&self, next: &Experiment) -> bool {
        self.method != next.method
            || self.data != next.data
            || self.seed != next.seed
            || self.arms != next.arms
            || next.steps < self.steps
            || next.steps > self.steps && self.depends_on_its_length()
    }

    /// Whether an arm's learning rates depend on how many steps there will be.
    pub fn depends_on_its_length(&self) -> bool {
        self.arms.iter().any(|arm| arm.schedule != Schedule::Constant)
    }
}

/// How `after` trains differently from `before`: (name, before, after), per-arm settings as `b.lr`.
pub fn differences(before: &Experiment, after: &Experiment) -> Vec<(String, String, String)> {
    let mut all = vec![
        ("method".to_owned(), before.method.key().to_owned(), after.method.key().to_owned()),
        ("data".to_owned(), before.data.key().to_owned(), after.data.key().to_owned()),
        ("seed".to_owned(), before.seed.to_string(), after.seed.to_string()),
        ("steps".to_owned(), before.steps.to_string(), after.steps.to_string()),
    ];
    for arm in ArmId::ALL {
        for param in ARM_PARAMS.iter().filter(|param| param.applies_to(after.method)) {
            let text = |experiment: &Experiment| (param.get)(experiment.arm(arm)).to_string();
            all.push((format!("{}.{}", arm.key(), param.key), text(before), text(after)));
        }
    }
    all.retain(|(_, old, new)| old != new);
    all
}

impl Default for Experiment {
    fn default() -> Self {
        Experiment::base(Method::SimClr, DataName::Digits)
    }
}

impl ArmConfig {
    /// These settings with those of `next` that a model in training can take over: rates, weight decay, momentum, EMA, the
    /// loss and its temperature, GradScale. Sizes, initial weights and the optimizer's kind stay.
    pub fn adjusted(&self, next: &ArmConfig) -> ArmConfig {
        ArmConfig {
            gradscale: next.gradscale,
            grad_mode: next.grad_mode,
            lr: next.lr,
            wd: next.wd,
            momentum: next.momentum,
            warmup: next.warmup,
            schedule: next.schedule,
            tau: next.tau,
            loss: next.loss,
            ema: next.ema,
            ..self.clone()
        }
    }

    /// Plain training with sensible settings for the method and data: no cut, no GradScale.
    pub fn standard(method: Method, data: DataName) -> ArmConfig {
        let contrastive = method == Method::SimClr;
        let shapes = data == DataName::Shapes;
        // With negatives, convolutions learn shapes with AdamW in some hundred steps, with SGD in thousands. Without
        // negatives it is the other way round, and a faster target helps (docs/results.md).
        let adam = shapes && contrastive;
        ArmConfig {
            cut: 1.0,
            cut_layers: CutLayers::All,
            gradscale: 0.0,
            grad_mode: GradMode::Sample,
            lr: match method {
                _ if adam => 0.003,
                _ if shapes => 0.6,
                Method::SimClr => 0.1,
                Method::Byol => 0.2,
                // Without a slow target a larger rate loses what the untrained encoder has.
                Method::SimSiam => 0.05,
            },
            wd: match (contrastive, shapes) {
                (true, _) => 1e-6,
                (false, true) => 1e-4,
                (false, false) => 1e-5,
            },
            momentum: 0.9,
            optimizer: if adam { OptimizerKind::AdamW } else { OptimizerKind::Sgd },
            warmup: 10,
            schedule: Schedule::Constant,
            dim: match data {
                DataName::Latent => 3,
                DataName::Shapes if !contrastive => 64,
                _ => 16,
            },
            batch: 128,
            width: if data == DataName::Shapes { 64 } else { 128 },
            tau: 0.5,
            loss: LossKind::NtXent,
            ema: if shapes { 0.95 } else { 0.99 },
            bn: true,
        }
    }

    /// The norm-decoupled arm: the standard arm with GradScale p = 1, which makes dL/dz independent of |z|.
    pub fn decoupled(method: Method, data: DataName) -> ArmConfig {
        ArmConfig { gradscale: 1.0, ..ArmConfig::standard(method, data) }
    }
}

/// Why a value was not taken over: what was given, what is wrong and what is used instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The input, e.g. `a.lr=fast`.
    pub input: String,
    /// What is wrong and what would be right.
    pub problem: String,
    /// The value that is used instead.
    pub used: String,
    /// Everything else of the input means what it would mean without this: a warning will do.
    pub harmless: bool,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.input, self.problem)?;
        if !self.used.is_empty() {
            write!(f, " Used instead: {}.", self.used)?;
        }
        Ok(())
    }
}
