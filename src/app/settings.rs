//! Changes of what is to be trained, from the controls, from a link, from a script, and from the engine.

use leptos::prelude::*;

use super::model::Model;
use super::{replay, runs};
use crate::config::{ArmId, ArmParam, Aspect, DataName, Experiment, Method, Preset, Run, between_arms, url};
use crate::connection::State;
use crate::protocol::Command;

impl Model {
    /// Changes the experiment and tells the engine; a recorded run of another experiment gives way.
    pub fn change(self, edit: impl FnOnce(&mut Experiment)) {
        let before = self.experiment.get_untracked();
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            return;
        }
        let moved = after.view.device != before.view.device;
        let matters = engine_cares(&before, &after);
        if self.adjusts(&before, &after) {
            let step = self.progress.with_untracked(|progress| progress.step);
            self.changes.update(|changes| changes.push((step, runs::describe(&before, &after))));
            self.experiment.set(after.clone());
            self.send(&Command::Adjust(after));
            return;
        }
        self.experiment.set(after.clone());
        let asleep = self.connection(|connection| *connection.state() == State::Asleep);
        if moved && !asleep {
            self.reconnect();
        } else if matters && self.has_begun() {
            self.send(&Command::Set(after));
        } else if matters && before.needs_reset(&after) {
            self.go_live();
        }
    }

    /// Whether a change can be taken over by the run as it goes on, and the reader wants that.
    fn adjusts(self, before: &Experiment, after: &Experiment) -> bool {
        let arms = [0, 1].map(|arm| before.run.arms[arm].adjusted(&after.run.arms[arm]));
        let only_that = before.run.arms != after.run.arms && arms == after.run.arms;
        let same = Run { arms: before.run.arms.clone(), ..after.run.clone() };
        let under_way =
            self.is_ready() && !self.replay.is_recorded() && self.progress.with_untracked(|progress| progress.step > 0);
        self.tweak.get_untracked() && under_way && only_that && !before.run.needs_reset(&same)
    }

    /// Another method or data set; the arms take over its defaults, the norm control stays.
    pub fn rebase(self, method: Method, data: DataName) {
        self.change(|experiment| *experiment = url::rebase(experiment, method, data));
    }

    /// A preset, with everything that it does not say as it is for a new visitor; looks and device stay.
    pub fn load_preset(self, preset: &Preset) {
        let with_looks = |looks: &Experiment| {
            let Experiment { run, view } = preset.experiment();
            let stays = [Aspect::Room, Aspect::Machine, Aspect::Theme, Aspect::Frame, Aspect::Colour];
            Experiment { run, view: view.with(&stays, &looks.view) }
        };
        if self.is_awake() && !self.replay.is_recorded() {
            self.change(|experiment| *experiment = with_looks(experiment));
            return;
        }
        // Nothing live is seen, so the preset's recorded run is shown.
        let next = self.experiment.with_untracked(with_looks);
        self.adopt(&next);
        replay::open_preset(self);
    }

    /// Sets one arm's parameter from what was typed.
    pub fn set_param(self, arm: ArmId, param: &'static ArmParam, text: &str) {
        let mut config = self.experiment.with_untracked(|experiment| experiment.arm(arm).clone());
        match param.apply(&mut config, &format!("{}.", arm.key()), text) {
            Ok(()) => {
                // What was said of this setting before is settled.
                let input = format!("{}.{}=", arm.key(), param.key);
                self.notices.update(|notices| notices.retain(|notice| !notice.input.starts_with(&input)));
                self.change(|experiment| experiment.run.arms[arm.index()] = config);
            }
            Err(complaint) => {
                self.complain(&[complaint]);
                // The input goes back to the value that still holds.
                self.experiment.update(|_| {});
            }
        }
    }

    /// Takes over settings with the names of the URL; what can't be read is named and left as it was.
    pub fn apply_query(self, query: &str) {
        let now = self.experiment.get_untracked();
        let files = now.run.data == DataName::Files;
        let (mut next, complaints) = url::decode_onto(query, Some(&now));
        let mut complaints = complaints;
        if files && !query.contains("data=") {
            next.run.data = DataName::Files;
            complaints.retain(|complaint| complaint.input != "data=files");
        }
        self.complain(&complaints);
        self.change(|experiment| *experiment = next);
    }

    /// Takes over a link as a whole: what it does not say is as for a new visitor. Looks and device stay.
    pub fn open_query(self, query: &str) {
        let (next, complaints) = url::decode(query);
        self.complain(&complaints);
        self.change(|experiment| {
            let stays = [Aspect::Machine, Aspect::Theme, Aspect::Frame, Aspect::Colour, Aspect::Shape];
            *experiment = Experiment { run: next.run, view: next.view.with(&stays, &experiment.view) };
        });
    }

    /// The engine may have changed the experiment: opened files, a batch larger than the data.
    pub(super) fn take_over(self, engine: Experiment) {
        let page = self.experiment.get_untracked();
        let mut next = page.clone();
        (next.run.data, next.run.arms) = (engine.run.data, engine.run.arms);
        if next.run.data != page.run.data {
            next.run.preset = None;
        }
        if next != page {
            self.experiment.set(next);
        }
    }

    /// Takes over the experiment of a trace; the engine, if it is up, is brought to its beginning for later.
    pub fn adopt(self, recorded: &Experiment) {
        let next = self.experiment.with_untracked(|looks| runs::with_looks(looks, recorded));
        self.experiment.set(next.clone());
        if !self.has_begun() {
            return;
        }
        self.enqueue([Command::Set(next), Command::Reset]);
    }

    /// What makes the arms differ: (parameter, text in A, text in B).
    pub fn differences(self) -> Vec<(&'static ArmParam, String, String)> {
        self.experiment.with(between_arms)
    }
}

/// Whether the engine has to know: looks are the page's own business.
fn engine_cares(before: &Experiment, after: &Experiment) -> bool {
    before.needs_reset(after)
        || before.run.steps != after.run.steps
        || before.run.eval != after.run.eval
        || before.view.speed != after.view.speed
}
