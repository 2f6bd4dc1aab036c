//! A run as bytes: saved while it trains, taken up again later or after a fault.
//!
//! `NSCK`, a version byte, a checksum, then the postcard of `Saved`. The seed decides batches and views, so there is no
//! generator to save.

use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::saved::SavedArm;
use super::session::Session;
use crate::config::{ArmId, Aspect, DataName, Experiment, url};
use crate::data::BatchHash;
use crate::protocol::{Evaluation, Event};
use crate::sealed::{Broken, Seal};
use crate::trace::subject;

/// The head of a saved run.
pub const SEAL: Seal = Seal { magic: *b"NSCK", version: 2, oldest: 2 };

/// What is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    /// The experiment as a link's query.
    query: String,
    step: u32,
    arms: Vec<SavedArm>,
    hashes: Vec<BatchHash>,
    /// Why an arm no longer trains.
    stopped: Vec<Option<String>>,
    /// What the axes of each arm's picture follow.
    axes: Vec<Vec<f64>>,
}

impl Session {
    /// The run's state as it is now.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, EngineError> {
        let mut arms = Vec::new();
        for id in ArmId::ALL {
            arms.push(self.arm(id).save().await?);
        }
        let saved = Saved {
            query: url::encode_for_keeps(&subject(self.experiment())),
            step: self.step(),
            arms,
            hashes: ArmId::ALL.map(|id| self.hash(id)).to_vec(),
            stopped: ArmId::ALL.map(|id| self.stop_reason(id)).to_vec(),
            axes: ArmId::ALL.map(|id| self.axes(id)).to_vec(),
        };
        let payload = postcard::to_stdvec(&saved)?;
        Ok(SEAL.close(&payload, &payload))
    }

    /// Goes on from a saved run; looks, place and pace stay as they are.
    ///
    /// # Errors
    /// When the bytes are damaged, newer, or of another network; or when the device fails.
    pub async fn resume(&mut self, bytes: &[u8]) -> Result<Vec<Event>, EngineError> {
        let saved = read(bytes)?;
        let (mut recorded, _) = url::decode(&saved.query);
        if form_urlencoded::parse(saved.query.as_bytes()).any(|(key, value)| key == "data" && value == "files") {
            // A link has no access to files, but here they may be open still.
            if !self.has_files() {
                return Err(EngineError::SavedWithoutFiles);
            }
            recorded.run.data = DataName::Files;
        }
        let looks = self.experiment().clone();
        let view = recorded.view.with(&[Aspect::Room, Aspect::Machine, Aspect::Pace], &looks.view);
        let next = Experiment { run: recorded.run, view };
        let mut events = self.prepare(next);
        for (id, arm) in ArmId::ALL.into_iter().zip(&saved.arms) {
            self.load_arm(id, arm)?;
        }
        for (id, (hash, stopped)) in ArmId::ALL.into_iter().zip(saved.hashes.iter().zip(&saved.stopped)) {
            self.take_up(id, *hash, stopped.clone());
        }
        self.set_step(saved.step);
        self.delegate().await;
        events.push(self.resumed());
        let between =
            !saved.step.is_multiple_of(self.experiment().run.eval) && saved.step < self.experiment().run.steps;
        let follow = |session: &mut Session| {
            ArmId::ALL.into_iter().zip(&saved.axes).for_each(|(id, axes)| session.follow_axes(id, axes));
        };
        follow(self);
        let evaluated = self.evaluate_all().await?;
        // The undisturbed run has not looked here.
        follow(self);
        events.extend(evaluated.into_iter().map(|event| match event {
            // An evaluation that the undisturbed run does not have is not told as one.
            Event::Evaluated(told) if between => Event::Evaluated(Evaluation { values: Vec::new(), ..told }),
            other => other,
        }));
        Ok(events)
    }
}

/// The step at which a saved run stands.
///
/// # Errors
/// When the bytes are damaged or newer.
pub fn step(bytes: &[u8]) -> Result<u32, EngineError> {
    read(bytes).map(|saved| saved.step)
}

fn read(bytes: &[u8]) -> Result<Saved, EngineError> {
    let payload = SEAL.open(bytes).map_err(|broken| match broken {
        Broken::Newer(_) => EngineError::SavedByNewer,
        Broken::Unknown(_) => EngineError::SavedByOlder,
        _ => EngineError::SavedDamaged,
    })?;
    let saved: Saved = postcard::from_bytes(payload).map_err(|_| EngineError::SavedDamaged)?;
    let arms = ArmId::ALL.len();
    if [saved.arms.len(), saved.hashes.len(), saved.stopped.len(), saved.axes.len()] == [arms; 4] {
        Ok(saved)
    } else {
        Err(EngineError::SavedDamaged)
    }
}
