//! The session: two arms in lockstep on one device. Commands go in, events come out; nothing else is shared.
//!
//! The worker in the browser, the command line and the tests all drive this one type: [`Session::handle`] for each
//! command, then [`Session::tick`] as long as [`Session::is_running`] says so.

mod building;
mod commands;
mod evaluation;
mod rate;
mod training;

use std::rc::Rc;

use rate::Rate;

use super::arm::Arm;
use super::device::Compute;
use super::error::EngineError;
use super::evaluate::Latest;
use super::feed::Feed;
use super::gpu;
use super::helper::messages::Helper;
pub(crate) use super::inputs::load;
use super::inputs::{EvalInputs, blank};
use super::samples::Samples;
use super::weights;
use crate::config::{ArmId, DataName, Experiment};
use crate::data::{BatchHash, Dataset};
use crate::metrics::projection::StableProjection;
use crate::protocol::{DeviceInfo, Event, Level, Revival};
use crate::text::listed;

/// What the notice of missing files is about.
pub const NO_FILES: &str = "data=files";

/// Two arms, their data and their device.
pub struct Session {
    compute: Compute,
    experiment: Experiment,
    data: Samples,
    inputs: EvalInputs,
    sides: Vec<Side>,
    running: bool,
    /// Train up to this step, then pause.
    until: u32,
    step: u32,
    commands: u32,
    rate: Rate,
    millis: [f32; 3],
    /// Files stay open when other settings change.
    files: Option<Samples>,
    /// Trains arm B on another core.
    helper: Option<Rc<dyn Helper>>,
}

/// An arm with everything that belongs to it alone.
struct Side {
    arm: Arm,
    feed: Feed,
    hash: BatchHash,
    /// Why it no longer trains.
    stopped: Option<String>,
    latest: Option<Latest>,
    /// The axes along which its points are drawn.
    projection: StableProjection,
}

impl Session {
    /// Loads the data, builds both arms and evaluates them untrained. The events say all of it.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn start(compute: Compute, experiment: Experiment) -> Result<(Session, Vec<Event>), EngineError> {
        let mut session = Session::empty(compute, experiment);
        let mut events = vec![Event::Data(session.data_info())];
        events.extend(session.rebuild().await?);
        events.push(session.progress());
        Ok((session, events))
    }

    /// A session that goes on where a fault has ended another one; with nothing to go on with, [`Session::start`]. A
    /// checkpoint that can't be read is told and left out: then the run begins again.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn revive(compute: Compute, revival: Revival) -> Result<(Session, Vec<Event>), EngineError> {
        let Revival { experiment, files, checkpoint } = revival;
        let mut session = Session::empty(compute, experiment.clone());
        let mut events = Vec::new();
        match Dataset::from_files(&files) {
            Ok(data) => session.take_files(data),
            Err(_) if files.is_empty() => {}
            Err(error) => events.push(notice(Level::Error, &names_of(&files), &error.to_string())),
        }
        events.push(Event::Data(session.data_info()));
        let resumed = match checkpoint {
            Some(bytes) => match session.resume(&bytes).await {
                Ok(more) => {
                    events.extend(more);
                    true
                }
                Err(problem) => {
                    events.push(notice(Level::Error, "saved run", &problem.to_string()));
                    false
                }
            },
            None => false,
        };
        if resumed {
            // What was changed since; where that needs other models, the run begins again.
            events.extend(session.set(experiment).await?);
        } else {
            // Whatever a failed attempt has loaded, the data are those of this experiment.
            session.experiment = experiment;
            session.load();
            events.extend(session.rebuild().await?);
        }
        events.push(session.progress());
        Ok((session, events))
    }

    /// Data, and no arms yet.
    fn empty(compute: Compute, experiment: Experiment) -> Session {
        let data = Samples::new(load(&experiment, None).unwrap_or_else(|_| blank()), &compute);
        let inputs = EvalInputs::new(&data, experiment.run.seed, &compute);
        Session {
            compute,
            data,
            inputs,
            sides: Vec::new(),
            running: false,
            until: experiment.run.steps,
            step: 0,
            commands: 0,
            rate: Rate::default(),
            millis: [0.0; 3],
            files: None,
            helper: None,
            experiment,
        }
    }

    /// Where the arms are trained: the device that was found, unless a network has no plan for its GPU and burn computes
    /// elsewhere.
    pub fn device(&self, found: &DeviceInfo) -> DeviceInfo {
        let mut info = found.clone();
        if gpu::BURN_COMPUTES {
            return info;
        }
        let without: Vec<(ArmId, &EngineError)> =
            self.sides.iter().filter_map(|side| Some((side.arm.id, side.arm.unplanned()?))).collect();
        match without[..] {
            [] => {}
            [(arm, why)] => {
                info.adapter.push_str(&format!(", {} on the CPU", arm.letter()));
                info.reason.push_str(&format!(" But arm {} trains on the CPU. {why}", arm.letter()));
            }
            [(_, why), ..] => {
                let cpu = Compute::cpu(format!("These networks can't be trained on this GPU. {why}")).info;
                (info.kind, info.adapter, info.reason) = (cpu.kind, cpu.adapter, cpu.reason);
            }
        }
        info
    }

    /// The experiment is about files that are not open. Nothing stands in for them: there are no arms until they are opened
    /// again, or other data are chosen.
    pub fn lacks_files(&self) -> bool {
        self.experiment.run.data == DataName::Files && self.files.is_none()
    }

    /// Whether [`Session::tick`] has something to do.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The experiment as it runs.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The data set.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// Steps done.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// One of the arms.
    pub fn arm(&self, id: ArmId) -> &Arm {
        &self.sides[id.index()].arm
    }

    /// The last evaluation of an arm.
    pub fn latest(&self, id: ArmId) -> Option<&Latest> {
        self.sides[id.index()].latest.as_ref()
    }

    /// Hash of all batches that an arm has seen, in order.
    pub fn batch_hash(&self, id: ArmId) -> String {
        self.sides[id.index()].hash.to_string()
    }

    /// Both arms as a safetensors file (see [`weights`]).
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn model_file(&self) -> Result<Vec<u8>, EngineError> {
        weights::file(&self.experiment, self.step, ArmId::ALL.map(|id| self.arm(id))).await
    }

    /// Whether an arm no longer trains.
    pub(crate) fn is_stopped(&self, id: ArmId) -> bool {
        self.sides[id.index()].stopped.is_some()
    }

    /// Hash of the batches that an arm has seen.
    pub(super) fn hash(&self, id: ArmId) -> BatchHash {
        self.sides[id.index()].hash
    }

    /// What the axes of an arm's picture follow.
    pub(super) fn axes(&self, id: ArmId) -> Vec<f64> {
        self.sides[id.index()].projection.state()
    }

    /// Whether files are open.
    pub(super) fn has_files(&self) -> bool {
        self.files.is_some()
    }

    /// Why an arm no longer trains.
    pub(super) fn stop_reason(&self, id: ArmId) -> Option<String> {
        self.sides[id.index()].stopped.clone()
    }
}

/// A notice for the reader.
fn notice(level: Level, input: &str, message: &str) -> Event {
    Event::Notice { level, input: input.to_owned(), message: message.to_owned() }
}

/// A few of the names of opened files, which stand for all of them in notices.
fn names_of(files: &[(String, Vec<u8>)]) -> String {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    listed(&names)
}
