//! One arm in training, alone: drawing batches, short slices, the time that steps take, and where it diverged.

use web_time::{Duration, Instant};

use crate::config::{ArmId, Experiment};
use crate::data::BatchHash;
use crate::engine::arm::Arm;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::engine::feed::Feed;
use crate::engine::samples::Samples;
use crate::metrics::stats;

/// A slice of training ends after this long...
const SLICE: Duration = Duration::from_millis(60);
/// ...and after this many steps, so that a GPU's queue stays short.
const SLICE_STEPS: u32 = 8;

/// A model that is being trained.
pub struct Training {
    /// The model.
    pub arm: Arm,
    /// Hash of all batches so far.
    pub hash: BatchHash,
    /// The last finite loss.
    pub loss: Option<f32>,
    /// The step whose loss was the first that was not finite.
    pub diverged: Option<u32>,
    feed: Feed,
    /// Milliseconds of a step, slice by slice.
    millis: Vec<f64>,
}

impl Training {
    /// Arm A of `experiment` with its initial weights.
    pub fn new(experiment: &Experiment, samples: &Samples, compute: &Compute) -> Training {
        Training {
            arm: Arm::new(ArmId::A, experiment, samples, compute),
            hash: BatchHash::default(),
            loss: None,
            diverged: None,
            feed: Feed::new(experiment.run.seed, samples),
            millis: Vec::new(),
        }
    }

    /// Training steps done.
    pub fn step(&self) -> u32 {
        self.arm.step()
    }

    /// Trains up to step `until`, or a slice of the way. Only the steps themselves are timed.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn advance(&mut self, until: u32, samples: &Samples, compute: &Compute) -> Result<(), EngineError> {
        let start = Instant::now();
        let mut spent = Duration::ZERO;
        let mut steps = 0;
        while self.arm.step() < until && steps < SLICE_STEPS && (steps == 0 || start.elapsed() <= SLICE) {
            let step = self.arm.step();
            let size = self.arm.config().batch;
            let (batch, views) = self.feed.next(samples, step, size, &compute.device);
            self.arm.prepare(&views);
            self.hash.update(&batch);
            let before = Instant::now();
            self.arm.train(&views)?;
            spent += before.elapsed();
            steps += 1;
        }
        let before = Instant::now();
        self.arm.settle().await?;
        spent += before.elapsed();
        self.millis.push(spent.as_secs_f64() * 1e3 / f64::from(steps.max(1)));
        Ok(())
    }

    /// Reads the losses of the steps since the last call; `false` when one of them was not finite.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn check(&mut self) -> Result<bool, EngineError> {
        let losses = self.arm.take_losses().await?;
        let finite = losses.iter().take_while(|(_, loss)| loss.is_finite());
        self.loss = finite.last().map(|(_, loss)| *loss as f32).or(self.loss);
        let bad = losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(step, _)| *step);
        self.diverged = self.diverged.or(bad);
        Ok(self.diverged.is_none())
    }

    /// Median milliseconds of a step, without drawing the batch.
    pub fn millis(&self) -> f32 {
        stats::median(&self.millis) as f32
    }
}
