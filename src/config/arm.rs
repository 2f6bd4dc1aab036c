//! One arm: which of the two it is, and its hyper-parameters with the defaults of each method and data set.

use serde::{Deserialize, Serialize};

use super::choices::{CutLayers, DataName, GradMode, LossKind, Method, OptimizerKind, Schedule};

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

/// Hyper-parameters of one arm. Ranges, defaults and help texts are in [`super::ARM_PARAMS`].
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
