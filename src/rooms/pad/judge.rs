//! Who says where an input lands: the model of the reader's own study once that is done, until then the recorded example's.

use leptos::prelude::*;

use crate::lab::{Answer, Placed};
use crate::rooms::example::Shown;
use crate::rooms::lab::{Lab, Stage};
use crate::studies::Job;

/// Both models.
#[derive(Clone, Copy)]
pub struct Judge {
    /// The reader's own study.
    lab: Lab,
    /// The model that came with the example.
    pub shipped: Lab,
    /// Its example.
    shown: Shown,
    /// Whether the own study has a model.
    is_own: Memo<bool>,
    /// The answer of the model that is asked: where known samples lie under it.
    pub answer: Memo<Option<Answer>>,
}

impl Judge {
    /// The models of `lab` and of the example in `shown`.
    pub fn new(lab: Lab, shown: Shown) -> Judge {
        let is_own = Memo::new(move |_| {
            let has = |answer: &Answer| answer.has_model && !answer.gallery.is_empty();
            !lab.is_working() && lab.answer.with(|answer| answer.as_ref().is_some_and(has))
        });
        let answer = Memo::new(move |_| match is_own.get() {
            true => lab.answer.get(),
            false => shown.example.with(|example| example.as_ref().map(|example| example.answer.clone())),
        });
        Judge { lab, shipped: Lab::new(), shown, is_own, answer }
    }

    /// Whether the reader's own model is asked.
    pub fn is_own(self) -> bool {
        self.is_own.get()
    }

    /// Where the asked model runs.
    fn asked(self) -> Lab {
        if self.is_own.get() { self.lab } else { self.shipped }
    }

    /// Where the asked model is.
    pub fn stage(self) -> Stage {
        self.asked().stage.get()
    }

    /// Where the last input landed.
    pub fn placed(self) -> Option<Placed> {
        self.asked().placed.get()
    }

    /// Whether the example's model answers, since the reader's own study is under way.
    pub fn stands_in(self) -> bool {
        self.lab.is_working()
    }

    /// Width and height of an input, pixels; `None` where there are no pictures.
    pub fn side(self) -> Option<(usize, usize)> {
        self.answer.with(|answer| {
            let shot = answer.as_ref().and_then(|answer| answer.gallery.first());
            shot.map(|shot| (shot.picture.width as usize, shot.picture.height as usize))
        })
    }

    /// Starts the shipped model's worker where that model is to be asked.
    pub fn wake(self) {
        let model = self.shown.example.with_untracked(|example| example.as_ref().map(|example| example.model.clone()));
        if !self.is_own.get_untracked() && matches!(self.shipped.stage.get_untracked(), Stage::Idle | Stage::Failed(_))
        {
            self.shipped.start(Job::Recall { model: model.unwrap_or_default() });
        }
    }

    /// Asks about an input, unless the model is still on its way.
    pub fn ask(self, row: &[f32]) {
        let lab = untrack(|| self.asked());
        if lab.stage.with_untracked(|stage| *stage == Stage::Done) {
            lab.ask(&Job::Place { row: row.to_vec() });
        }
    }

    /// Forgets what was said.
    pub fn forget(self) {
        self.lab.placed.set(None);
        self.shipped.placed.set(None);
    }
}
