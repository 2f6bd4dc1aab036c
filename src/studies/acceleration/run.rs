//! One run of a study in training: a single arm, evaluated on both halves of the held-out samples.

use burn::tensor::Tensor;
use web_time::{Duration, Instant};

use super::cell::{Cell, Curve};
use super::halves;
use crate::config::{ArmId, Experiment};
use crate::data::{BatchHash, BatchOrder, Dataset};
use crate::engine::arm::{Arm, upload_rows};
use crate::engine::device::Compute;
use crate::engine::session;
use crate::metrics::knn::Knn;
use crate::metrics::{Embeddings, geometry, stats};

/// Training samples that kNN compares with, at most.
const BANK: usize = 1500;
/// Held-out samples, at most.
const HELD_OUT: usize = 1000;
/// A slice of training ends after this long...
const SLICE: Duration = Duration::from_millis(60);
/// ...and after this many steps, so that a GPU's queue stays short.
const SLICE_STEPS: u32 = 8;

/// What all runs of a seed share: the data, and the samples that are evaluated.
pub struct SeedData {
    /// The seed.
    pub seed: u64,
    data: Dataset,
    /// Bank and held-out samples, `[bank + held, len]`.
    inputs: Tensor<2>,
    bank: usize,
    validation: Vec<usize>,
    test: Vec<usize>,
}

impl SeedData {
    /// Loads the experiment's data and uploads what is evaluated.
    ///
    /// # Errors
    /// When a batch would be larger than the data set.
    pub fn load(experiment: &Experiment, compute: &Compute) -> Result<SeedData, String> {
        let data = session::load(experiment, None);
        let batch = experiment.arm(ArmId::A).batch;
        let (len, bank, held) = (data.kind.len(), data.train.n().min(BANK), data.test.n().min(HELD_OUT));
        if batch as usize > data.train.n() {
            return Err(format!("a.batch={batch}: the data set has only {} training samples.", data.train.n()));
        }
        let rows = [&data.train.inputs[..bank * len], &data.test.inputs[..held * len]].concat();
        let (validation, test) = halves::stratified(&data.test.labels[..held]);
        let inputs = upload_rows(&rows, bank + held, &compute.device);
        Ok(SeedData { seed: experiment.seed, data, inputs, bank, validation, test })
    }

    /// Samples of the validation and the test half.
    pub fn halves(&self) -> (usize, usize) {
        (self.validation.len(), self.test.len())
    }
}

/// A run that is not finished.
pub struct Run {
    arm: Arm,
    order: BatchOrder,
    hash: BatchHash,
    steps: u32,
    eval: u32,
    evaluated: Option<u32>,
    curve: Curve,
    loss: Option<f32>,
    diverged: Option<u32>,
    /// Milliseconds of a step, slice by slice.
    millis: Vec<f64>,
}

impl Run {
    /// Builds the arm (arm A of `experiment`) with its initial weights.
    pub fn new(experiment: &Experiment, seed_data: &SeedData, compute: &Compute) -> Run {
        Run {
            arm: Arm::new(ArmId::A, experiment, &seed_data.data, &compute.device),
            order: BatchOrder::new(experiment.seed, seed_data.data.train.n()),
            hash: BatchHash::default(),
            steps: experiment.steps,
            eval: experiment.eval,
            evaluated: None,
            curve: Curve::default(),
            loss: None,
            diverged: None,
            millis: Vec::new(),
        }
    }

    /// Training steps done.
    pub fn step(&self) -> u32 {
        self.arm.step()
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        self.diverged.is_some() || self.evaluated == Some(self.steps)
    }

    /// A few training steps, or one evaluation.
    ///
    /// # Errors
    /// The device's message when a read fails.
    pub async fn advance(&mut self, seed_data: &SeedData, compute: &Compute) -> Result<(), String> {
        let step = self.arm.step();
        let due = step.is_multiple_of(self.eval) || step == self.steps;
        if due && self.evaluated != Some(step) {
            self.evaluate(seed_data).await
        } else {
            self.train(seed_data, compute).await
        }
    }

    /// Up to [`SLICE_STEPS`] steps, ending where an evaluation is due. Only the steps themselves are timed.
    async fn train(&mut self, seed_data: &SeedData, compute: &Compute) -> Result<(), String> {
        let start = Instant::now();
        let mut spent = Duration::ZERO;
        let mut steps = 0;
        loop {
            let step = self.arm.step();
            let batch = self.order.batch(step, self.arm.config.batch as usize);
            let views = session::draw_views(&seed_data.data, &batch, seed_data.seed, step, compute);
            self.hash.update(&batch);
            let before = Instant::now();
            self.arm.train(views);
            spent += before.elapsed();
            steps += 1;
            let at = self.arm.step();
            if at.is_multiple_of(self.eval) || at == self.steps || steps == SLICE_STEPS || start.elapsed() > SLICE {
                break;
            }
        }
        let before = Instant::now();
        self.arm.settle().await?;
        spent += before.elapsed();
        self.millis.push(spent.as_secs_f64() * 1e3 / f64::from(steps));
        Ok(())
    }

    async fn evaluate(&mut self, seed_data: &SeedData) -> Result<(), String> {
        let step = self.arm.step();
        let losses = self.arm.take_losses().await?;
        let embeddings = self.arm.read_embeddings(&seed_data.inputs).await?;
        self.evaluated = Some(step);
        let finite = losses.iter().take_while(|(_, loss)| loss.is_finite());
        self.loss = finite.last().map(|(_, loss)| *loss as f32).or(self.loss);
        let bad_loss = losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(step, _)| *step);
        let bad_embeddings = embeddings.iter().any(|value| !value.is_finite()).then_some(step);
        self.diverged = bad_loss.or(bad_embeddings);
        if self.diverged.is_none() {
            self.record(step, &embeddings, seed_data);
        }
        Ok(())
    }

    fn record(&mut self, step: u32, embeddings: &[f32], seed_data: &SeedData) {
        let dim = self.arm.config.dim as usize;
        let (bank, held) = embeddings.split_at(seed_data.bank * dim);
        let knn = Knn::new(rows(bank, dim), &seed_data.data.train.labels[..seed_data.bank]);
        let accuracy = |half: &[usize]| {
            let queries: Vec<f32> = half.iter().flat_map(|&i| &held[i * dim..(i + 1) * dim]).copied().collect();
            let labels: Vec<u16> = half.iter().map(|&i| seed_data.data.test.labels[i]).collect();
            knn.accuracy(rows(&queries, dim), &labels) as f32
        };
        self.curve.steps.push(step);
        self.curve.validation.push(accuracy(&seed_data.validation));
        self.curve.test.push(accuracy(&seed_data.test));
        self.curve.norm.push(stats::quantile(&rows(held, dim).norms(), 0.5) as f32);
        self.curve.spread.push(geometry::spread(rows(held, dim)) as f32);
    }

    /// The record of the run; `variant` and `rate` are its place in the grid.
    pub fn finish(self, variant: usize, rate: usize, seed: u64) -> Cell {
        Cell {
            variant: variant as u32,
            rate: rate as u32,
            seed,
            lr: self.arm.config.lr,
            curve: self.curve,
            loss: self.loss,
            diverged: self.diverged,
            millis: stats::median(&self.millis) as f32,
            weights_hash: self.arm.weights_hash.clone(),
            batch_hash: self.hash.to_string(),
        }
    }
}

fn rows(values: &[f32], d: usize) -> Embeddings<'_> {
    // Reads return whole rows; the fallback is an empty set of rows.
    Embeddings::new(values, d).unwrap_or_else(|| Embeddings::empty())
}
