//! How fast this device trains: steps per second of one arm, for each model and method, and how that grows.
//!
//! A case trains a fresh arm on the batches and views of a run, warms up, then trains for a while and waits for the device.
//! Where the host counts them (the browser's worker does), it also says how many dispatches, submits, bind groups and
//! read-backs a step takes. Machines are noisy: compare within one run.

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::arm::Arm;
use super::device::Compute;
use super::samples::Samples;
use super::session::load;
use super::views::Views;
use crate::config::choices::Choice;
use crate::config::{ArmId, DataName, Experiment, Method};
use crate::data::BatchOrder;

/// Steps before the clock starts.
const WARM_UP: u32 = 4;
/// A measurement takes a multiple of so many steps.
const STRIDE: u32 = 4;

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
    /// Milliseconds from nothing to the first finished step: model, pipelines, step.
    pub first_step_millis: f64,
    /// Megabytes of the GPU buffers that the model and its first step made; `None` where nobody counts.
    pub gpu_megabytes: Option<f64>,
    /// Megabytes of the WebAssembly heap at the end; `None` outside browsers.
    pub heap_megabytes: Option<f64>,
    /// Counted per step; `None` where nobody counts.
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
            experiment.arms.iter_mut().for_each(change);
            experiment
        };
        cases.extend([32, 64, 256, 512].map(|batch| sized(&|arm| arm.batch = batch)));
        cases.extend([32, 64, 256, 512].map(|width| sized(&|arm| arm.width = width)));
        cases.extend([3, 64, 256].map(|dim| sized(&|arm| arm.dim = dim)));
    }
    cases
}

/// Measures arm A of an experiment for about `seconds`.
///
/// # Errors
/// The device's message when it fails.
pub async fn measure(
    experiment: &Experiment,
    seconds: f64,
    compute: &Compute,
    counts: &dyn Fn() -> Option<Counts>,
) -> Result<Measured, String> {
    let data = Samples::new(load(experiment, None), compute);
    let (empty, begun) = (counts(), Instant::now());
    let mut arm = Arm::new(ArmId::A, experiment, &data, compute);
    let mut order = BatchOrder::new(experiment.seed, data.train.n());
    let batch = (arm.config.batch as usize).min(data.train.n());
    let mut step = 0;
    train(&mut arm, &mut order, &data, experiment, &mut step, compute);
    arm.take_losses().await?;
    let first_step_millis = millis(begun);
    let made = empty.zip(counts()).map(|(before, after)| after.buffer_bytes - before.buffer_bytes);
    while step < WARM_UP {
        train(&mut arm, &mut order, &data, experiment, &mut step, compute);
    }
    arm.take_losses().await?;

    let (before, from, begun) = (counts(), step, Instant::now());
    let mut data_millis = 0.0;
    loop {
        data_millis += train(&mut arm, &mut order, &data, experiment, &mut step, compute);
        arm.pace().await?;
        if begun.elapsed().as_secs_f64() >= seconds && (step - from).is_multiple_of(STRIDE) {
            break;
        }
    }
    arm.settle().await?;
    let (took, steps) = (begun.elapsed().as_secs_f64(), f64::from(step - from));
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
    Ok(Measured {
        data: experiment.data.key().to_owned(),
        method: experiment.method.key().to_owned(),
        batch: batch as u32,
        width: arm.config.width,
        dim: arm.config.dim,
        parameters: arm.parameters() as u32,
        steps_per_second: steps / took,
        images_per_second: steps / took * 2.0 * batch as f64,
        data_millis: data_millis / steps,
        first_step_millis,
        gpu_megabytes: made.filter(|bytes| *bytes > 0).map(|bytes| bytes as f64 / 1e6),
        heap_megabytes: heap_megabytes(),
        per_step,
    })
}

/// Name, workgroups and milliseconds of each dispatch of a training step; nothing where the device runs none of its own.
#[cfg(feature = "gpu")]
pub async fn kernels(experiment: &Experiment, compute: &Compute) -> Vec<(String, [u32; 3], f64)> {
    const ROUNDS: u32 = 5;
    let data = Samples::new(load(experiment, None), compute);
    let mut arm = Arm::new(ArmId::A, experiment, &data, compute);
    let mut order = BatchOrder::new(experiment.seed, data.train.n());
    train(&mut arm, &mut order, &data, experiment, &mut 0, compute);
    arm.profile(ROUNDS).await.unwrap_or_default()
}

/// One step; the milliseconds that its views took.
fn train(
    arm: &mut Arm,
    order: &mut BatchOrder,
    data: &Samples,
    experiment: &Experiment,
    step: &mut u32,
    compute: &Compute,
) -> f64 {
    let begun = Instant::now();
    let batch = order.batch(*step, arm.config.batch as usize);
    let views = Views::draw(data, &batch, experiment.seed, *step, &compute.device);
    arm.prepare(&views);
    let drawn = millis(begun);
    arm.train(&views);
    *step += 1;
    drawn
}

#[cfg(target_arch = "wasm32")]
fn heap_megabytes() -> Option<f64> {
    const PAGE: f64 = 65_536.0;
    Some(core::arch::wasm32::memory_size(0) as f64 * PAGE / 1e6)
}

#[cfg(not(target_arch = "wasm32"))]
fn heap_megabytes() -> Option<f64> {
    None
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
