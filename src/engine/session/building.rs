//! Both arms afresh: from the experiment, or on the way back from a saved run.

use std::rc::Rc;

use super::{NO_FILES, Session, Side, notice};
use crate::config::{ArmId, DataName, Experiment};
use crate::data::{BatchHash, Dataset};
use crate::engine::arm::Arm;
use crate::engine::error::{ASK_FOR_FILES, EngineError};
use crate::engine::feed::Feed;
use crate::engine::helper::messages::{Helper, helps};
use crate::engine::inputs::{EvalInputs, blank, load};
use crate::engine::samples::Samples;
use crate::engine::saved::SavedArm;
use crate::metrics::projection::StableProjection;
use crate::protocol::{Event, Level};

impl Session {
    /// Takes over an experiment with its data, both arms at step 0 and not evaluated.
    pub(in crate::engine) fn prepare(&mut self, next: Experiment) -> Vec<Event> {
        let mut events = Vec::new();
        let reload = self.experiment.run.data != next.run.data || self.experiment.run.seed != next.run.seed;
        self.experiment = next;
        if reload {
            self.load();
            events.push(Event::Data(self.data_info()));
        }
        events.extend(self.build());
        events
    }

    /// Both arms afresh, at step 0, evaluated.
    pub(super) async fn rebuild(&mut self) -> Result<Vec<Event>, EngineError> {
        let mut events = self.build();
        let (parameters, weights) = self.identity();
        events.push(Event::Restarted { experiment: self.experiment.clone(), parameters, weights });
        if self.lacks_files() {
            events.push(notice(Level::Error, NO_FILES, ASK_FOR_FILES));
            return Ok(events);
        }
        self.delegate().await;
        events.extend(self.evaluate_all().await?);
        self.compute.device.memory_cleanup();
        Ok(events)
    }

    /// Both arms afresh, at step 0.
    pub(super) fn build(&mut self) -> Vec<Event> {
        self.running = false;
        self.step = 0;
        self.until = self.experiment.run.steps;
        self.millis = [0.0; 3];
        let mut events = Vec::new();
        if self.lacks_files() {
            self.sides.clear();
            return events;
        }
        for arm in &mut self.experiment.run.arms {
            let most = u32::try_from(self.data.train.n()).unwrap_or(u32::MAX).max(2);
            if arm.batch > most {
                let message = format!("The data set has only {most} training samples, so that is the batch size.");
                events.push(notice(Level::Warning, &format!("batch={}", arm.batch), &message));
                arm.batch = most;
            }
        }
        self.sides = ArmId::ALL.into_iter().map(|id| self.build_side(id)).collect();
        events
    }

    pub(super) fn build_side(&self, id: ArmId) -> Side {
        Side {
            arm: Arm::new(id, &self.experiment, &self.data, &self.compute),
            feed: Feed::new(self.experiment.run.seed, &self.data),
            hash: BatchHash::default(),
            stopped: None,
            latest: None,
            projection: StableProjection::default(),
        }
    }

    /// Trainable parameters and hashes of the initial weights of both arms.
    pub(super) fn identity(&self) -> ([u32; 2], [String; 2]) {
        let arm = |i: usize| self.sides.get(i).map(|side| &side.arm);
        (
            [0, 1].map(|i| arm(i).map_or(0, |arm| arm.scalars() as u32)),
            [0, 1].map(|i| arm(i).map(|arm| arm.weights_hash.clone()).unwrap_or_default()),
        )
    }

    /// Open files are the data from now on, where the experiment asks for them; else they are kept for when it does.
    pub(super) fn take_files(&mut self, data: Dataset) {
        self.files = Some(Samples::new(data, &self.compute));
        if self.experiment.run.data == DataName::Files {
            self.load();
        }
    }

    /// Loads the samples that the experiment trains on, and those of its evaluations; open files are not read again.
    pub(super) fn load(&mut self) {
        self.data = match (self.experiment.run.data, &self.files) {
            (DataName::Files, Some(files)) => files.clone(),
            _ => Samples::new(load(&self.experiment, None).unwrap_or_else(|_| blank()), &self.compute),
        };
        self.inputs = EvalInputs::new(&self.data, self.experiment.run.seed, &self.compute);
    }

    /// From now on a helper trains arm B, of this run and of later ones; the numbers stay the same. Whether it does.
    pub async fn take_help(&mut self, helper: Rc<dyn Helper>) -> bool {
        self.helper = Some(helper);
        self.delegate().await;
        self.sides.get(ArmId::B.index()).is_some_and(|side| side.arm.elsewhere().is_some())
    }

    /// Gives arm B to the helper, where there is one that can take it.
    pub(in crate::engine) async fn delegate(&mut self) {
        let Some(helper) = self.helper.clone().filter(|_| helps(&self.experiment)) else { return };
        let Some(side) = self.sides.get_mut(ArmId::B.index()) else { return };
        if let Err(problem) = side.arm.delegate(helper, &self.experiment).await {
            log::warn!("Both arms train in one worker: {problem}");
            self.helper = None;
        }
    }

    /// Gives a saved state to an arm.
    pub(in crate::engine) fn load_arm(&mut self, id: ArmId, saved: &SavedArm) -> Result<(), EngineError> {
        self.sides[id.index()].arm.load(saved)
    }

    /// Goes on with an arm's record of batches, and with why it stopped.
    pub(in crate::engine) fn take_up(&mut self, id: ArmId, hash: BatchHash, stopped: Option<String>) {
        let side = &mut self.sides[id.index()];
        (side.hash, side.stopped) = (hash, stopped);
    }

    /// The axes of an arm's next picture follow these.
    pub(in crate::engine) fn follow_axes(&mut self, id: ArmId, axes: &[f64]) {
        self.sides[id.index()].projection = StableProjection::following(axes);
    }

    /// The run stands at this step.
    pub(in crate::engine) fn set_step(&mut self, step: u32) {
        self.step = step;
    }

    /// Says that the run goes on.
    pub(in crate::engine) fn resumed(&self) -> Event {
        let (parameters, weights) = self.identity();
        Event::Resumed { experiment: self.experiment.clone(), parameters, weights }
    }
}
