//! What is asked of a diagnosis: what to assume about training, and what is known about the rows.

use serde::{Deserialize, Serialize};

use super::gradient::Loss;
use crate::config::{ArmConfig, Method};

/// What to assume about training, and how much to look at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The loss that the embeddings are trained with.
    pub loss: Loss,
    /// Learning rate.
    pub lr: f64,
    /// GradScale power p, 0 for none.
    pub gradscale: f64,
    /// Weight layers without normalisation between them: a cut by c divides the output norm by c^layers. 1 where batch
    /// norm stands before the last layer.
    pub layers: u32,
    /// Most rows that are compared pair by pair.
    pub bank: usize,
    /// Seed of their choice.
    pub seed: u64,
}

/// Weight layers without batch norm between them whose cut multiplies: two of the encoder, two of the projector.
const LAYERS: u32 = 4;

impl Options {
    /// What an arm of ours is trained with.
    pub fn of_arm(method: Method, config: &ArmConfig) -> Options {
        Options {
            loss: Loss::of(method, config.loss, config.tau),
            lr: config.lr,
            gradscale: config.gradscale,
            layers: if config.bn { 1 } else { LAYERS },
            ..Options::default()
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { loss: Loss::NtXent { tau: 0.5 }, lr: 0.1, gradscale: 0.0, layers: 1, bank: 4000, seed: 0 }
    }
}

/// What is known about the rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The input's name, for the report.
    pub name: &'a str,
    /// Class of each row, `[n]`.
    pub labels: Option<&'a [u16]>,
    /// The other view of each row, `[n]`.
    pub pairs: Option<&'a [Option<u32>]>,
    /// What each class is called; without it, a class is called by its number.
    pub classes: Option<&'a [String]>,
    /// What each row is called, `[n]`.
    pub names: Option<&'a [String]>,
}

impl About<'_> {
    /// What a class is called.
    pub(super) fn class(&self, class: u16) -> String {
        let name = self.classes.and_then(|classes| classes.get(usize::from(class)));
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}

/// Tells how far the work is, 0..1, and whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;
