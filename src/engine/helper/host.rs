//! The helper's side: it holds a whole arm with its data.

use web_time::Instant;

use super::messages::{Reply, Task};
use crate::config::{ArmId, Experiment};
use crate::engine::arm::Arm;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::engine::feed::Feed;
use crate::engine::inputs::{EvalInputs, load};
use crate::engine::samples::Samples;

/// The helper's side.
pub struct Host {
    compute: Compute,
    hosted: Option<Hosted>,
}

/// The arm that it holds.
struct Hosted {
    experiment: Experiment,
    samples: Samples,
    inputs: EvalInputs,
    arm: Arm,
    feed: Feed,
}

impl Host {
    /// Without an arm yet.
    pub fn new() -> Host {
        Host { compute: Compute::cpu("a helper"), hosted: None }
    }

    /// Does a task.
    pub async fn work(&mut self, task: Task) -> Reply {
        let begun = Instant::now();
        match self.carry_out(task).await {
            Ok(Some(reply)) => reply,
            Ok(None) => Reply::Done(begun.elapsed().as_secs_f32() * 1e3),
            Err(problem) => Reply::Failed(problem.to_string()),
        }
    }

    async fn carry_out(&mut self, task: Task) -> Result<Option<Reply>, EngineError> {
        if let Task::Build(experiment, id) = task {
            self.build(*experiment, id)?;
            return Ok(None);
        }
        let Some(Hosted { samples, inputs, arm, feed, .. }) = &mut self.hosted else {
            return Err(EngineError::NoArm);
        };
        match task {
            Task::Build(..) => Ok(None),
            Task::Load(saved) => arm.load(&saved).map(|()| None),
            Task::Train(step) => {
                let (_, views) = feed.next(samples, step, arm.config().batch, &self.compute.device);
                arm.train(&views).map(|()| None)
            }
            Task::Snapshot => arm.snapshot(inputs).await.map(|snapshot| Some(Reply::Snapshot(Box::new(snapshot)))),
            Task::Save => arm.save().await.map(|saved| Some(Reply::Saved(Box::new(saved)))),
            Task::Adjust(config) => {
                arm.adjust(&config);
                Ok(None)
            }
        }
    }

    fn build(&mut self, experiment: Experiment, id: ArmId) -> Result<(), EngineError> {
        let same = self.hosted.take().filter(|hosted| {
            hosted.experiment.run.data == experiment.run.data && hosted.experiment.run.seed == experiment.run.seed
        });
        let (samples, inputs) = match same {
            Some(hosted) => (hosted.samples, hosted.inputs),
            None => {
                let samples = Samples::new(load(&experiment, None)?, &self.compute);
                let inputs = EvalInputs::new(&samples, experiment.run.seed, &self.compute);
                (samples, inputs)
            }
        };
        let arm = Arm::new(id, &experiment, &samples, &self.compute);
        let feed = Feed::new(experiment.run.seed, &samples);
        self.hosted = Some(Hosted { experiment, samples, inputs, arm, feed });
        Ok(())
    }
}

impl Default for Host {
    fn default() -> Host {
        Host::new()
    }
}
