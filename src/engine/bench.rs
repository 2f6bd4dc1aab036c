//! How fast this device trains: steps per second of one arm, for each model and method, and how that grows.
//!
//! A case trains a fresh arm on the batches and views of a run, warms up, then trains for a while and waits for the device.
//! Where the host counts them (the browser's worker does), it also says how many dispatches, submits, bind groups and
//! read-backs a step takes. Machines are noisy: compare within one run.

#[cfg(feature = "wgpu")]
pub mod limits;

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::arm::Arm;
use super::classifier::Classifier;
use super::device::Compute;
use super::error::EngineError;
use super::feed::Feed;
use super::inputs::load;
use super::platform::heap_megabytes;
use super::samples::Samples;
use crate::config::choices::Choice;
use crate::config::{ArmId, DataName, Experiment, Method};
use crate::rng::{CounterRng, Domain};

/// Steps before the clock starts.
const WARM_UP: u32 = 4;
/// A measurement takes a multiple of so many steps.
const STRIDE: u32 = 4;

/// Inputs, hidden widths and classes of the perceptron that jax-js shows with MNIST, and its batch.
const MNIST: [usize; 4] = [784, 256, 128, 10];
const MNIST_BATCH: usize = 1000;

/// Times that each dispatch is measured.
const ROUNDS: u32 = 5;

/// What the host has counted since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Compute dispatches.
    pub dispatches: u64,
    /// Queue submits.
    pub submits: u64,
    /// Bind groups made.
    pub bind_groups: u64,
    /// Buffers mapped for reading.
    pub read_backs: u64,
    /// Buffers made.
    pub buffers: u64,
    /// Bytes of all buffers made.
    pub buffer_bytes: u64,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Data set, which decides the encoder.
    pub data: String,
    /// Method.
    pub method: String,
    /// Samples a step.
    pub batch: u32,
    /// Hidden width.
    pub width: u32,
    /// Embedding dimension.
    pub dim: u32,
    /// Trainable scalars.
    pub parameters: u32,
    /// Training steps of one arm per second.
    pub steps_per_second: f64,
    /// Views trained on per second: two a sample.
    pub images_per_second: f64,
    /// Milliseconds that drawing a batch's views takes, of each step's.
    pub data_millis: f64,
    /// Milliseconds from nothing to the first finished step: data, model, pipelines, step.
    pub first_step_millis: f64,
    /// Megabytes of the GPU buffers that the model and its first step made; `None` where they are not counted.
    pub gpu_megabytes: Option<f64>,
    /// Megabytes of the WebAssembly heap at the end; `None` outside browsers.
    pub heap_megabytes: Option<f64>,
    /// Counted per step; `None` where they are not counted.
    pub per_step: Option<PerStep>,
}

impl Measured {
    /// What every table shows of it: data, method, batch, width, dimension, steps/s, images/s, milliseconds of the views
    /// and of the first step.
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.data.clone(),
            self.method.clone(),
            self.batch.to_string(),
            self.width.to_string(),
            self.dim.to_string(),
            format!("{:.1}", self.steps_per_second),
            format!("{:.0}", self.images_per_second),
            format!("{:.2}", self.data_millis),
            format!("{:.0}", self.first_step_millis),
        ]
    }
}

/// Counts per training step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerStep {
    /// Compute dispatches.
    pub dispatches: f64,
    /// Queue submits.
    pub submits: f64,
    /// Bind groups made.
    pub bind_groups: f64,
    /// Buffers mapped for reading; each wait for the device is one.
    pub read_backs: f64,
    /// Buffers made.
    pub buffers: f64,
}

/// What is measured: every model with every method, then one of them at several sizes.
pub fn cases(quick: bool) -> Vec<Experiment> {
    let mut cases = Vec::new();
    for data in [DataName::Latent, DataName::Digits, DataName::Shapes] {
        for method in Method::ALL {
            // Without negatives the target or the predictor comes on top; one of them is enough for a quick look.
            if !quick || *method != Method::SimSiam {
                cases.push(Experiment::base(*method, data));
            }
        }
    }
    if !quick {
        let sized = |change: &dyn Fn(&mut crate::config::ArmConfig)| {
            let mut experiment = Experiment::base(Method::SimClr, DataName::Digits);
            experiment.run.arms.iter_mut().for_each(change);
            experiment
        };
        cases.extend([32, 64, 256, 512].map(|batch| sized(&|arm| arm.batch = batch)));
        cases.extend([32, 64, 256, 512].map(|width| sized(&|arm| arm.width = width)));
        cases.extend([3, 64, 256].map(|dim| sized(&|arm| arm.dim = dim)));
    }
    cases
}

/// Something that trains and can be timed.
trait Trained {
    /// One step; the milliseconds that its inputs took.
    fn step(&mut self) -> Result<f64, EngineError>;
    /// Waits for all steps and reads what they have to say.
    async fn read(&mut self) -> Result<(), EngineError>;
    /// Waits until the device is at most a few steps behind.
    async fn pace(&self) -> Result<(), EngineError>;
    /// Waits for all steps.
    async fn settle(&self) -> Result<(), EngineError>;
}

/// Arm A of an experiment.
struct ArmCase<'a> {
    arm: Arm,
    feed: Feed,
    data: Samples,
    compute: &'a Compute,
}

impl<'a> ArmCase<'a> {
    fn new(experiment: &Experiment, compute: &'a Compute) -> Result<ArmCase<'a>, EngineError> {
        let data = Samples::new(load(experiment, None)?, compute);
        let arm = Arm::new(ArmId::A, experiment, &data, compute);
        let feed = Feed::new(experiment.run.seed, &data);
        Ok(ArmCase { arm, feed, data, compute })
    }
}

impl Trained for ArmCase<'_> {
    fn step(&mut self) -> Result<f64, EngineError> {
        let begun = Instant::now();
        let step = self.arm.step();
        let (_, views) = self.feed.next(&self.data, step, self.arm.config().batch, &self.compute.device);
        self.arm.prepare(&views);
        let drawn = millis(begun);
        self.arm.train(&views)?;
        Ok(drawn)
    }

    async fn read(&mut self) -> Result<(), EngineError> {
        self.arm.take_losses().await.map(|_| ())
    }

    async fn pace(&self) -> Result<(), EngineError> {
        self.arm.pace().await
    }

    async fn settle(&self) -> Result<(), EngineError> {
        self.arm.settle().await
    }
}

/// The classifier of `MNIST` on numbers that stand for pictures.
struct ClassifierCase {
    classifier: Classifier,
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

impl ClassifierCase {
    fn new(compute: &Compute) -> Result<ClassifierCase, EngineError> {
        let mut rng = CounterRng::new(Domain::Probe, 1, 0, 0, 0);
        let inputs = (0..MNIST_BATCH * MNIST[0]).map(|_| rng.uniform()).collect();
        let labels = (0..MNIST_BATCH).map(|_| rng.below(MNIST[3] as u32)).collect();
        Ok(ClassifierCase { classifier: Classifier::new(&MNIST, MNIST_BATCH, compute)?, inputs, labels })
    }
}

impl Trained for ClassifierCase {
    fn step(&mut self) -> Result<f64, EngineError> {
        self.classifier.train(&self.inputs, &self.labels).map(|()| 0.0)
    }

    async fn read(&mut self) -> Result<(), EngineError> {
        self.classifier.loss().await.map(|_| ())
    }

    async fn pace(&self) -> Result<(), EngineError> {
        self.classifier.pace().await;
        Ok(())
    }

    async fn settle(&self) -> Result<(), EngineError> {
        self.classifier.settle().await;
        Ok(())
    }
}

/// What the clock says.
struct Timed {
    first_step_millis: f64,
    steps_per_second: f64,
    data_millis: f64,
    gpu_megabytes: Option<f64>,
    per_step: Option<PerStep>,
}

/// Makes something that trains, and trains it for about `seconds`.
async fn time<T: Trained>(
    make: impl FnOnce() -> Result<T, EngineError>,
    seconds: f64,
    counts: &dyn Fn() -> Option<Counts>,
) -> Result<(T, Timed), EngineError> {
    let (empty, begun) = (counts(), Instant::now());
    let mut trained = make()?;
    trained.step()?;
    trained.read().await?;
    let first_step_millis = millis(begun);
    let made = empty.zip(counts()).map(|(before, after)| after.buffer_bytes - before.buffer_bytes);
    for _ in 1..WARM_UP {
        trained.step()?;
    }
    trained.read().await?;

    let (before, begun) = (counts(), Instant::now());
    let (mut steps, mut data_millis) = (0_u32, 0.0);
    while begun.elapsed().as_secs_f64() < seconds || !steps.is_multiple_of(STRIDE) {
        data_millis += trained.step()?;
        steps += 1;
        trained.pace().await?;
    }
    trained.settle().await?;
    let (took, steps) = (begun.elapsed().as_secs_f64(), f64::from(steps));
    let per_step = before.zip(counts()).map(|(before, after)| {
        let per = |before: u64, after: u64| (after - before) as f64 / steps;
        PerStep {
            dispatches: per(before.dispatches, after.dispatches),
            submits: per(before.submits, after.submits),
            bind_groups: per(before.bind_groups, after.bind_groups),
            read_backs: per(before.read_backs, after.read_backs),
            buffers: per(before.buffers, after.buffers),
        }
    });
    let timed = Timed {
        first_step_millis,
        steps_per_second: steps / took,
        data_millis: data_millis / steps,
        gpu_megabytes: made.filter(|bytes| *bytes > 0).map(|bytes| bytes as f64 / 1e6),
        per_step,
    };
    Ok((trained, timed))
}

/// Measures arm A of an experiment for about `seconds`.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn measure(
    experiment: &Experiment,
    seconds: f64,
    compute: &Compute,
    counts: &dyn Fn() -> Option<Counts>,
) -> Result<Measured, EngineError> {
    let (case, timed) = time(|| ArmCase::new(experiment, compute), seconds, counts).await?;
    let batch = (case.arm.config().batch as usize).min(case.data.train.n()) as u32;
    Ok(Measured {
        data: experiment.run.data.key().to_owned(),
        method: experiment.run.method.key().to_owned(),
        batch,
        width: case.arm.config().width,
        dim: case.arm.config().dim,
        parameters: case.arm.scalars() as u32,
        images_per_second: timed.steps_per_second * 2.0 * f64::from(batch),
        ..Measured::from(timed)
    })
}

/// Measures the classifier of `MNIST` for about `seconds`: softmax cross-entropy, Adam, inputs uploaded in every step.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn measure_classifier(
    seconds: f64,
    compute: &Compute,
    counts: &dyn Fn() -> Option<Counts>,
) -> Result<Measured, EngineError> {
    let (case, timed) = time(|| ClassifierCase::new(compute), seconds, counts).await?;
    Ok(Measured {
        data: "mnist".to_owned(),
        method: "supervised".to_owned(),
        batch: MNIST_BATCH as u32,
        width: MNIST[1] as u32,
        dim: MNIST[3] as u32,
        parameters: case.classifier.scalars() as u32,
        images_per_second: timed.steps_per_second * MNIST_BATCH as f64,
        ..Measured::from(timed)
    })
}

impl From<Timed> for Measured {
    /// What the clock says, of nothing in particular.
    fn from(timed: Timed) -> Measured {
        Measured {
            data: String::new(),
            method: String::new(),
            batch: 0,
            width: 0,
            dim: 0,
            parameters: 0,
            images_per_second: 0.0,
            steps_per_second: timed.steps_per_second,
            data_millis: timed.data_millis,
            first_step_millis: timed.first_step_millis,
            gpu_megabytes: timed.gpu_megabytes,
            heap_megabytes: heap_megabytes(),
            per_step: timed.per_step,
        }
    }
}

/// Name, workgroups and milliseconds of a dispatch.
pub type KernelTime = (String, [u32; 3], f64);

/// The time of each dispatch of a training step; nothing where the device runs none of its own.
///
/// # Errors
/// When the experiment has no data of its own, or can't be trained.
pub async fn kernels(experiment: &Experiment, compute: &Compute) -> Result<Vec<KernelTime>, EngineError> {
    let mut case = ArmCase::new(experiment, compute)?;
    case.step()?;
    Ok(case.arm.profile(ROUNDS).await.unwrap_or_default())
}

/// The same of the classifier of `MNIST`.
///
/// # Errors
/// When the GPU's limits are too small for it.
pub async fn classifier_kernels(compute: &Compute) -> Result<Vec<KernelTime>, EngineError> {
    let mut case = ClassifierCase::new(compute)?;
    case.step()?;
    Ok(case.classifier.profile(ROUNDS).await.unwrap_or_default())
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
