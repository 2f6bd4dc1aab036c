//! What the page knows: of the run, of both arms, of a point. Plain values, and the signals of one arm.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::{ArmId, Experiment};
use crate::metrics::Metric;
use crate::metrics::projection::inside;
use crate::protocol::{Check, DataInfo, Level, Picture};
use crate::trace::Trace;

/// One notice; the same text is never shown twice at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// For the list's keys and for dismissing.
    pub id: u32,
    /// How much it matters.
    pub level: Level,
    /// The input that it is about, or empty.
    pub input: String,
    /// What happened and what would be right.
    pub message: String,
}

/// Where the run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: u32,
    /// Training goes on.
    pub running: bool,
    /// The step at which it pauses by itself.
    pub until: u32,
    /// Steps per second.
    pub rate: f32,
    /// Hash of the batches that each arm has seen.
    pub batch_hash: [String; 2],
    /// Milliseconds of the last step's parts: data, A, B.
    pub millis: [f32; 3],
}

/// Everything that is known about one arm.
#[derive(Clone, Copy)]
pub struct ArmState {
    /// (step, metric values) of every evaluation.
    pub history: RwSignal<Vec<(u32, HashMap<Metric, f64>)>>,
    /// (step, training loss) of every step.
    pub losses: RwSignal<Vec<(f64, f64)>>,
    /// |z| of each drawn point.
    pub norms: RwSignal<Vec<f32>>,
    /// Points that the drawn dimensions hardly hold, so that they are drawn inside the sphere.
    pub inside: RwSignal<usize>,
    /// Why it stopped: (step, reason).
    pub stopped: RwSignal<Option<(u32, String)>>,
    /// Trainable parameters and the hash of the initial weights before the cut.
    pub weights: RwSignal<(u32, String)>,
    /// The step of the record that is shown; `None`: the latest.
    pub at: RwSignal<Option<u32>>,
}

impl ArmState {
    /// Of a page on which nothing has run yet.
    pub(super) fn new(at: RwSignal<Option<u32>>) -> ArmState {
        ArmState {
            at,
            history: RwSignal::default(),
            losses: RwSignal::default(),
            norms: RwSignal::default(),
            inside: RwSignal::default(),
            stopped: RwSignal::default(),
            weights: RwSignal::default(),
        }
    }

    /// Back to nothing.
    pub fn clear(self) {
        self.history.set(Vec::new());
        self.losses.set(Vec::new());
        self.stopped.set(None);
    }

    /// The points that are drawn now.
    pub fn take(self, directions: &[f32], norms: Vec<f32>) {
        self.norms.set(norms);
        let inside = inside(directions);
        if self.inside.get_untracked() != inside {
            self.inside.set(inside);
        }
    }

    /// The value of a metric at the step that is shown.
    pub fn latest(self, metric: Metric) -> Option<f64> {
        let at = self.at.get().unwrap_or(u32::MAX);
        self.history.with(|history| {
            let shown = history.partition_point(|(step, _)| *step <= at).max(1) - 1;
            history.get(shown).and_then(|(_, values)| values.get(&metric).copied())
        })
    }

    /// The training loss at the step that is shown.
    pub fn loss(self) -> Option<f64> {
        let at = self.at.get().map_or(f64::INFINITY, f64::from);
        self.losses.with(|losses| {
            let shown = losses.partition_point(|(step, _)| *step <= at).max(1) - 1;
            losses.get(shown).map(|(_, loss)| *loss)
        })
    }

    /// (step, value) of a metric; the loss is there for every step.
    pub fn series(self, metric: Metric) -> Vec<(f64, f64)> {
        if metric == Metric::Loss {
            return self.losses.get();
        }
        self.history.with(|history| {
            history
                .iter()
                .filter_map(|(step, values)| values.get(&metric).map(|value| (f64::from(*step), *value)))
                .collect()
        })
    }
}

/// What an arm has shown of the live run, put aside while a record is seen.
#[derive(Clone, Debug, Default)]
pub(super) struct ArmAside {
    curves: Curves,
    stopped: Option<(u32, String)>,
    weights: (u32, String),
}

/// What the page has shown of the live run, put aside while a record is seen.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub(super) progress: Progress,
    pub(super) data: Option<DataInfo>,
    pub(super) arms: [ArmAside; 2],
}

impl ArmState {
    /// What it shows now.
    pub(super) fn aside(self) -> ArmAside {
        ArmAside {
            curves: Curves { history: self.history.get_untracked(), losses: self.losses.get_untracked() },
            stopped: self.stopped.get_untracked(),
            weights: self.weights.get_untracked(),
        }
    }

    /// Shows again what was put aside.
    pub(super) fn put_back(self, aside: ArmAside) {
        self.history.set(aside.curves.history);
        self.losses.set(aside.curves.losses);
        self.stopped.set(aside.stopped);
        self.weights.set(aside.weights);
    }
}

/// The answer to [`Command::Inspect`].
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Which arm.
    pub arm: ArmId,
    /// Index of the point.
    pub index: u32,
    /// The sample and two views.
    pub pictures: Vec<Picture>,
    /// (class, similarity, picture) of the nearest training samples.
    pub neighbours: Vec<(u16, f32, Option<Picture>)>,
    /// The kNN's class.
    pub predicted: u16,
}

/// Embeddings as the page API hands them out.
#[derive(Clone, Debug)]
pub struct EmbeddingsAnswer {
    /// Points.
    pub n: u32,
    /// Dimension.
    pub dim: u32,
    /// `[n, dim]`.
    pub z: Vec<f32>,
    /// `[n]`.
    pub labels: Vec<u16>,
    /// `[n]`.
    pub norms: Vec<f32>,
    /// Training steps done.
    pub step: u32,
}

/// What the page API is told about, by name.
#[derive(Clone, Debug)]
pub enum Signal {
    /// The engine is up, with data and both arms.
    Ready,
    /// An arm was evaluated.
    Metrics(ArmId),
    /// The run's state changed.
    State,
    /// Something to tell the reader.
    Notice(Notice),
    /// Answer to a request.
    Embeddings(u32, EmbeddingsAnswer),
    /// Answer to a request.
    SelfTest(u32, Vec<Check>),
    /// Answer to a request.
    Bytes(u32, Vec<u8>),
}

/// An interrupted run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What was run, as a link's query.
    pub(super) query: String,
    /// Steps done.
    pub step: u32,
    /// The engine's bytes.
    pub(super) checkpoint: Vec<u8>,
    /// The record so far.
    pub(super) trace: Trace,
}

/// The curves of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curves {
    pub(super) history: Vec<(u32, HashMap<Metric, f64>)>,
    pub(super) losses: Vec<(f64, f64)>,
}

/// A run that gave way to another.
#[derive(Clone, Debug, PartialEq)]
pub struct PastRun {
    /// 1, 2, ... in the order of runs.
    pub id: u32,
    /// What was run.
    pub experiment: Experiment,
    /// Steps done.
    pub steps: u32,
    pub(super) arms: [Curves; 2],
    /// Whether its curves are drawn.
    pub shown: bool,
}

impl PastRun {
    /// (step, value) of a metric.
    pub fn series(&self, arm: usize, metric: Metric) -> Vec<(f64, f64)> {
        if metric == Metric::Loss {
            return self.arms[arm].losses.clone();
        }
        let value = |values: &HashMap<Metric, f64>| values.get(&metric).copied();
        self.arms[arm].history.iter().filter_map(|(step, values)| Some((f64::from(*step), value(values)?))).collect()
    }

    /// The last value of a metric.
    pub(super) fn last(&self, arm: usize, metric: Metric) -> Option<f64> {
        self.series(arm, metric).last().map(|(_, value)| *value)
    }
}
