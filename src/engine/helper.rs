//! An arm that trains in another worker, so that two arms use two cores: nothing is shared but messages. The helper's side
//! ([`Host`]) holds a whole arm with its data; ours (`super::arm::remote`) sends tasks and waits for the answers.
//!
//! The CPU path is deterministic, so where an arm trains changes none of its numbers.

use futures_channel::oneshot;
use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::arm::checkpoint::SavedArm;
use super::arm::{Arm, EvalInputs, Snapshot};
use super::device::Compute;
use super::samples::Samples;
use super::session::{eval_inputs, load};
use super::views::Views;
use crate::config::{ArmConfig, ArmId, DataName, Experiment};
use crate::data::BatchOrder;

/// What a helper is asked to do. Tasks are done in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Be this arm of an experiment, at step 0.
    Build(Box<Experiment>, ArmId),
    /// Take over a state.
    Load(Box<SavedArm>),
    /// Train the batch of this step.
    Train(u32),
    /// Evaluate.
    Snapshot,
    /// Give the state.
    Save,
    /// Take over changed settings.
    Adjust(Box<ArmConfig>),
}

/// What a helper answers, one for each task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Done, after so many milliseconds.
    Done(f32),
    /// An evaluation.
    Snapshot(Box<Snapshot>),
    /// The state.
    Saved(Box<SavedArm>),
    /// It could not be done.
    Failed(String),
}

/// The way to a helper.
pub trait Helper {
    /// Sends a task; its answer comes later, in the order of the tasks.
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply>;
}

/// Whether a helper can train this experiment: files are only where they were opened.
pub fn helps(experiment: &Experiment) -> bool {
    experiment.run.data != DataName::Files
}

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
    order: BatchOrder,
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
            Err(problem) => Reply::Failed(problem),
        }
    }

    async fn carry_out(&mut self, task: Task) -> Result<Option<Reply>, String> {
        if let Task::Build(experiment, id) = task {
            self.build(*experiment, id)?;
            return Ok(None);
        }
        let Some(Hosted { experiment, samples, inputs, arm, order }) = &mut self.hosted else {
            return Err("The helper has no arm yet.".to_owned());
        };
        match task {
            Task::Build(..) => Ok(None),
            Task::Load(saved) => arm.load(&saved).map(|()| None),
            Task::Train(step) => {
                let batch = order.batch(step, arm.config.batch as usize);
                arm.train(&Views::draw(samples, &batch, experiment.run.seed, step, &self.compute.device));
                Ok(None)
            }
            Task::Snapshot => arm.snapshot(inputs).await.map(|snapshot| Some(Reply::Snapshot(Box::new(snapshot)))),
            Task::Save => arm.save().await.map(|saved| Some(Reply::Saved(Box::new(saved)))),
            Task::Adjust(config) => {
                arm.adjust(&config);
                Ok(None)
            }
        }
    }

    fn build(&mut self, experiment: Experiment, id: ArmId) -> Result<(), String> {
        let same = self.hosted.take().filter(|hosted| {
            hosted.experiment.run.data == experiment.run.data && hosted.experiment.run.seed == experiment.run.seed
        });
        let (samples, inputs) = match same {
            Some(hosted) => (hosted.samples, hosted.inputs),
            None => {
                let samples = Samples::new(load(&experiment, None)?, &self.compute);
                let inputs = eval_inputs(&samples, experiment.run.seed, &self.compute);
                (samples, inputs)
            }
        };
        let arm = Arm::new(id, &experiment, &samples, &self.compute);
        let order = BatchOrder::new(experiment.run.seed, samples.train.n());
        self.hosted = Some(Hosted { experiment, samples, inputs, arm, order });
        Ok(())
    }
}

impl Default for Host {
    fn default() -> Host {
        Host::new()
    }
}
