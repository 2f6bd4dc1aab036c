//! One run of a study in training: a single arm, evaluated on both halves of the held-out samples.

use burn::tensor::Tensor;

use crate::config::{ArmId, Experiment};
use crate::data::Dataset;
use crate::engine::arm::upload_rows;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::engine::samples::Samples;
use crate::engine::session;
use crate::metrics::knn::Knn;
use crate::metrics::{Embeddings, geometry, stats};
use crate::studies::acceleration::cell::{Cell, Curve};
use crate::studies::acceleration::halves;
use crate::studies::error::StudyError;
use crate::studies::training::Training;

/// Training samples that kNN compares with, at most.
const BANK: usize = 1500;
/// Held-out samples, at most.
const HELD_OUT: usize = 1000;

/// What all runs of a seed share: the data, and the samples that are evaluated.
pub struct SeedData {
    /// The seed.
    pub seed: u64,
    data: Samples,
    /// Bank and held-out samples, `[bank + held, len]`.
    inputs: Tensor<2>,
    bank: usize,
    validation: Vec<usize>,
    test: Vec<usize>,
}

impl SeedData {
    /// Loads the experiment's data (or takes `files` instead) and uploads what is evaluated.
    ///
    /// # Errors
    /// When the data can't be had or has no classes, or a batch would be larger than it.
    pub fn load(experiment: &Experiment, files: Option<&Dataset>, compute: &Compute) -> Result<SeedData, StudyError> {
        let data = files.cloned().map_or_else(|| session::load(experiment, None), Ok)?;
        if !data.has_classes() {
            return Err(StudyError::NoClasses { data: data.name });
        }
        let data = Samples::new(data, compute);
        let batch = experiment.arm(ArmId::A).batch;
        let (len, bank, held) = (data.kind.len(), data.train.n().min(BANK), data.test.n().min(HELD_OUT));
        if batch as usize > data.train.n() {
            return Err(StudyError::Batch { batch, samples: data.train.n() });
        }
        let rows = [&data.train.inputs[..bank * len], &data.test.inputs[..held * len]].concat();
        let (validation, test) = halves::stratified(&data.test.labels[..held]);
        let inputs = upload_rows(&rows, bank + held, &compute.device);
        Ok(SeedData { seed: experiment.run.seed, data, inputs, bank, validation, test })
    }

    /// Samples of the validation and the test half.
    pub fn halves(&self) -> (usize, usize) {
        (self.validation.len(), self.test.len())
    }
}

/// A run that is not finished.
pub struct Run {
    training: Training,
    steps: u32,
    eval: u32,
    evaluated: Option<u32>,
    curve: Curve,
}

impl Run {
    /// Builds the arm (arm A of `experiment`) with its initial weights.
    pub fn new(experiment: &Experiment, seed_data: &SeedData, compute: &Compute) -> Run {
        Run {
            training: Training::new(experiment, &seed_data.data, compute),
            steps: experiment.run.steps,
            eval: experiment.run.eval,
            evaluated: None,
            curve: Curve::default(),
        }
    }

    /// Training steps done.
    pub fn step(&self) -> u32 {
        self.training.step()
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        self.training.diverged.is_some() || self.evaluated == Some(self.steps)
    }

    /// A few training steps, or one evaluation.
    ///
    /// # Errors
    /// The device's message when a read fails.
    pub async fn advance(&mut self, seed_data: &SeedData, compute: &Compute) -> Result<(), EngineError> {
        let step = self.step();
        let due = step.is_multiple_of(self.eval) || step == self.steps;
        if due && self.evaluated != Some(step) {
            self.evaluate(seed_data).await
        } else {
            let next = (step / self.eval + 1) * self.eval;
            self.training.advance(next.min(self.steps), &seed_data.data, compute).await
        }
    }

    async fn evaluate(&mut self, seed_data: &SeedData) -> Result<(), EngineError> {
        let step = self.step();
        self.evaluated = Some(step);
        if !self.training.check().await? {
            return Ok(());
        }
        let embeddings = self.training.arm.read_embeddings(&seed_data.inputs).await?;
        if embeddings.iter().any(|value| !value.is_finite()) {
            self.training.diverged = Some(step);
        } else {
            self.record(step, &embeddings, seed_data);
        }
        Ok(())
    }

    fn record(&mut self, step: u32, embeddings: &[f32], seed_data: &SeedData) {
        let dim = self.training.arm.config().dim as usize;
        let (bank, held) = embeddings.split_at(seed_data.bank * dim);
        let knn = Knn::new(Embeddings::or_empty(bank, dim), &seed_data.data.train.labels[..seed_data.bank]);
        let accuracy = |half: &[usize]| {
            let queries: Vec<f32> = half.iter().flat_map(|&i| &held[i * dim..(i + 1) * dim]).copied().collect();
            let labels: Vec<u16> = half.iter().map(|&i| seed_data.data.test.labels[i]).collect();
            knn.accuracy(Embeddings::or_empty(&queries, dim), &labels) as f32
        };
        self.curve.steps.push(step);
        self.curve.validation.push(accuracy(&seed_data.validation));
        self.curve.test.push(accuracy(&seed_data.test));
        self.curve.norm.push(stats::quantile(&Embeddings::or_empty(held, dim).norms(), 0.5) as f32);
        self.curve.spread.push(geometry::spread(Embeddings::or_empty(held, dim)) as f32);
    }

    /// The record of the run; `variant` and `rate` are its place in the grid.
    pub fn finish(self, variant: usize, rate: usize, seed: u64) -> Cell {
        let arm = &self.training.arm;
        Cell {
            variant: variant as u32,
            rate: rate as u32,
            seed,
            lr: arm.config().lr,
            weights_hash: arm.weights_hash.clone(),
            curve: self.curve,
            loss: self.training.loss,
            diverged: self.training.diverged,
            millis: self.training.millis(),
            batch_hash: self.training.hash.to_string(),
        }
    }
}
