//! What this reader has read and predicted, kept in the browser; where nothing may be kept, for as long as the page is open.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::book::{Kind, Lesson};
use crate::parts::kept;

/// What it is kept as.
const NAME: &str = "lessons";

/// Most bytes of it that are read.
const MOST: usize = 1 << 20;

/// What was read and predicted of each lesson, by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    lessons: HashMap<String, Place>,
}

/// How far a lesson was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The farthest page, from 0 on.
    pub page: usize,
    /// What was predicted, by page.
    pub choices: HashMap<usize, usize>,
}

impl Place {
    /// Whether the last page was reached.
    pub fn is_finished(&self, lesson: &Lesson) -> bool {
        self.page + 1 >= lesson.pages.len()
    }

    /// Predictions that came true, of those that were made.
    pub fn score(&self, lesson: &Lesson) -> (usize, usize) {
        let made = self.choices.iter().filter_map(|(page, choice)| {
            lesson.pages.get(*page).filter(|page| page.kind == Kind::Predict).map(|page| page.answer == *choice)
        });
        made.fold((0, 0), |(right, all), is_right| (right + usize::from(is_right), all + 1))
    }
}

impl Progress {
    /// Of a lesson; nothing where it was never opened.
    pub fn of(&self, id: &str) -> Option<&Place> {
        self.lessons.get(id)
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty()
    }

    /// Changes what is known of a lesson.
    pub fn note(&mut self, id: &str, change: impl FnOnce(&mut Place)) {
        change(self.lessons.entry(id.to_owned()).or_default());
    }
}

/// What was kept, and whether it is there; from then on every change is kept.
pub fn kept() -> (RwSignal<Progress>, RwSignal<bool>) {
    let progress = RwSignal::new(Progress::default());
    let read = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        let found = kept::kept(NAME, MOST).await.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(found) = found {
            let _ = progress.try_set(found);
        }
        let _ = read.try_set(true);
    });
    Effect::new(move |before: Option<bool>| {
        let text = progress.with(serde_json::to_vec);
        let now = read.get();
        // Nothing is written before what was kept is there.
        if before == Some(true)
            && let Ok(text) = text
        {
            kept::keep(NAME, &text);
        }
        now
    });
    (progress, read)
}
