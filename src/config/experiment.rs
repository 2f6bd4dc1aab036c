//! A whole experiment: the method, the data, two arms, and where, how fast and in which looks it runs.

use serde::{Deserialize, Serialize};

use super::arm::{ArmConfig, ArmId};
use super::choices::{ColourBy, DataName, DeviceChoice, Method, Room, Schedule, Shape, Theme};

/// A whole experiment: what a share link restores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Name of the preset this state started from, if any.
    pub preset: Option<String>,
    /// The room that is open.
    pub room: Room,
    /// The self-supervised method, the same in both arms.
    pub method: Method,
    /// The data set, the same in both arms.
    pub data: DataName,
    /// The one seed: data, weights, batch order and augmentation all follow from it.
    pub seed: u64,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Length of a run in steps; the horizon of the cosine schedule.
    pub steps: u32,
    /// Steps between two evaluations (metrics and points).
    pub eval: u32,
    /// Steps per second at most; 0 means as fast as possible.
    pub speed: u32,
    /// Start training as soon as the engine is ready.
    pub autoplay: bool,
    /// Bare figure for embedding in another page.
    pub embed: bool,
    /// Light, dark or the system's.
    pub theme: Theme,
    /// On the sphere or with true length.
    pub shape: Shape,
    /// What the points' colours say.
    pub colour: ColourBy,
    /// Ids of controls that are hidden.
    pub hide: Vec<String>,
    /// Controls are shown but can't be changed.
    pub lock: bool,
    /// The lesson that is open; empty for none.
    pub lesson: String,
    /// The two arms.
    pub arms: [ArmConfig; 2],
}

impl Default for Experiment {
    fn default() -> Self {
        Experiment::base(Method::SimClr, DataName::Digits)
    }
}

impl Experiment {
    /// The default experiment for a method and a data set: arm A standard, arm B norm-decoupled.
    pub fn base(method: Method, data: DataName) -> Experiment {
        let standard = ArmConfig::standard(method, data);
        let decoupled = ArmConfig::decoupled(method, data);
        Experiment {
            preset: None,
            room: Room::Playground,
            method,
            data,
            seed: 7,
            device: DeviceChoice::Auto,
            steps: 600,
            eval: 10,
            speed: 0,
            autoplay: false,
            embed: false,
            theme: Theme::Auto,
            shape: Shape::Length,
            colour: ColourBy::Class,
            hide: Vec::new(),
            lock: false,
            lesson: String::new(),
            arms: [standard, decoupled],
        }
    }

    /// The configuration of one arm.
    pub fn arm(&self, arm: ArmId) -> &ArmConfig {
        &self.arms[arm.index()]
    }

    /// Whether going from `self` to `next` needs new models (anything but looks, pace and place changed). A run at constant
    /// rates may become longer: it is the beginning of the longer one.
    pub fn needs_reset(&self, next: &Experiment) -> bool {
        self.method != next.method
            || self.data != next.data
            || self.seed != next.seed
            || self.arms != next.arms
            || next.steps < self.steps
            || next.steps > self.steps && self.depends_on_its_length()
    }

    /// Whether an arm's learning rates depend on how many steps there will be.
    pub fn depends_on_its_length(&self) -> bool {
        self.arms.iter().any(|arm| arm.schedule != Schedule::Constant)
    }
}
