//! A whole experiment: the method, the data, two arms, and where, how fast and in which looks it runs.

use serde::{Deserialize, Serialize};

use super::arm::{ArmConfig, ArmId};
use super::choices::{ColourBy, DataName, DeviceChoice, Method, Room, Schedule, Shape, Theme};

/// What is trained: two runs that agree in all of this come to the same numbers (on the same device).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Name of the preset that this started from, if any.
    pub preset: Option<String>,
    /// The self-supervised method, the same in both arms.
    pub method: Method,
    /// The data set, the same in both arms.
    pub data: DataName,
    /// The one seed: data, weights, batch order and augmentation all follow from it.
    pub seed: u64,
    /// Length of a run in steps; the horizon of the cosine schedule.
    pub steps: u32,
    /// Steps between two evaluations (metrics and points).
    pub eval: u32,
    /// The two arms.
    pub arms: [ArmConfig; 2],
}

/// Where, how fast and in which looks it is seen: nothing of it changes a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The room that is open.
    pub room: Room,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Steps per second at most; 0 means as fast as possible.
    pub speed: u32,
    /// Start training as soon as the engine is ready.
    pub autoplay: bool,
    /// Bare figure for embedding in another page.
    pub embed: bool,
    /// For a projector: spheres and two charts in large type, nothing to set.
    pub present: bool,
    /// The step that a link shows, held there; `None`: what is there plays.
    pub at: Option<u32>,
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
}

/// What some fields of a [`View`] are about. Code that takes over another run names those that stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Which room is open.
    Room,
    /// Which lesson is open.
    Lesson,
    /// Where it computes.
    Machine,
    /// How fast it goes.
    Pace,
    /// Whether it starts by itself.
    Start,
    /// What of the page is there: a bare figure, a projector's, hidden and locked controls.
    Frame,
    /// The step that a link shows.
    Moment,
    /// Light or dark.
    Theme,
    /// On the sphere or with true length.
    Shape,
    /// What colours say.
    Colour,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Aspect; 10] = [
        Aspect::Room,
        Aspect::Lesson,
        Aspect::Machine,
        Aspect::Pace,
        Aspect::Start,
        Aspect::Frame,
        Aspect::Moment,
        Aspect::Theme,
        Aspect::Shape,
        Aspect::Colour,
    ];
}

impl Default for View {
    fn default() -> View {
        View {
            room: Room::Playground,
            device: DeviceChoice::Auto,
            speed: 0,
            autoplay: false,
            embed: false,
            present: false,
            at: None,
            theme: Theme::Auto,
            shape: Shape::Length,
            colour: ColourBy::Class,
            hide: Vec::new(),
            lock: false,
            lesson: String::new(),
        }
    }
}

impl View {
    /// This view with these aspects of another one.
    pub fn with(self, aspects: &[Aspect], other: &View) -> View {
        // Each field belongs to one aspect; one that is new has to be put into a row here.
        let View { room, device, speed, autoplay, embed, present, at, theme, shape, colour, hide, lock, lesson } =
            other;
        let mut all = self;
        for aspect in aspects {
            match aspect {
                Aspect::Room => all.room = *room,
                Aspect::Lesson => all.lesson.clone_from(lesson),
                Aspect::Machine => all.device = *device,
                Aspect::Pace => all.speed = *speed,
                Aspect::Start => all.autoplay = *autoplay,
                Aspect::Frame => {
                    (all.embed, all.present, all.hide, all.lock) = (*embed, *present, hide.clone(), *lock);
                }
                Aspect::Moment => all.at = *at,
                Aspect::Theme => all.theme = *theme,
                Aspect::Shape => all.shape = *shape,
                Aspect::Colour => all.colour = *colour,
            }
        }
        all
    }

    /// This view with these aspects as a new visitor has them.
    pub fn without(self, aspects: &[Aspect]) -> View {
        self.with(aspects, &View::default())
    }

    /// A new visitor's view with these aspects of this one.
    pub fn only(&self, aspects: &[Aspect]) -> View {
        View::default().with(aspects, self)
    }
}

/// A whole experiment: what a share link restores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// What is trained.
    pub run: Run,
    /// How it is seen.
    pub view: View,
}

impl Default for Experiment {
    fn default() -> Self {
        Experiment::base(Method::SimClr, DataName::Digits)
    }
}

impl From<Run> for Experiment {
    /// The run as a new visitor sees it.
    fn from(run: Run) -> Experiment {
        Experiment { run, view: View::default() }
    }
}

impl Experiment {
    /// The default experiment for a method and a data set: arm A standard, arm B norm-decoupled.
    pub fn base(method: Method, data: DataName) -> Experiment {
        let standard = ArmConfig::standard(method, data);
        let decoupled = ArmConfig::decoupled(method, data);
        let run = Run { preset: None, method, data, seed: 7, steps: 600, eval: 10, arms: [standard, decoupled] };
        Experiment::from(run)
    }

    /// The configuration of one arm.
    pub fn arm(&self, arm: ArmId) -> &ArmConfig {
        &self.run.arms[arm.index()]
    }

    /// Whether going from `self` to `next` needs new models.
    pub fn needs_reset(&self, next: &Experiment) -> bool {
        self.run.needs_reset(&next.run)
    }

    /// Whether an arm's learning rates depend on how many steps there will be.
    pub fn depends_on_its_length(&self) -> bool {
        self.run.depends_on_its_length()
    }
}

impl Run {
    /// Whether going from `self` to `next` needs new models. A run at constant rates may become longer: it is the beginning of
    /// the longer one.
    pub fn needs_reset(&self, next: &Run) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn other() -> View {
        View {
            room: Room::Gradient,
            device: DeviceChoice::Cpu,
            speed: 5,
            autoplay: true,
            embed: true,
            present: true,
            at: Some(120),
            theme: Theme::Dark,
            shape: Shape::Sphere,
            colour: ColourBy::Norm,
            hide: vec!["hash".to_owned()],
            lock: true,
            lesson: "norm-trap".to_owned(),
        }
    }

    #[test]
    fn all_aspects_together_are_the_whole_view_and_each_is_something() {
        assert_eq!(View::default().with(&Aspect::ALL, &other()), other());
        assert_eq!(other().without(&Aspect::ALL), View::default());
        for aspect in Aspect::ALL {
            assert_ne!(other().without(&[aspect]), other(), "{aspect:?}");
            assert_ne!(other().only(&[aspect]), View::default(), "{aspect:?}");
        }
    }

    #[test]
    fn aspects_that_are_not_named_stay() {
        let theme = other().without(&[Aspect::Theme]);
        assert_eq!(theme, View { theme: Theme::Auto, ..other() });
    }
}
