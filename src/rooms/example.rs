//! Recorded examples: what a room shows until the reader has an answer of their own, and the line that marks it as one.

use leptos::prelude::*;

use super::error::RoomError;
use super::lab::Lab;
use crate::lab::Answer;
use crate::lab::example::{Example, ExampleError, MOST_BYTES, open, unpack};
use crate::parts::gzip::gunzip;
use crate::parts::trace::fetch;
use crate::words::rooms::example as words;

/// A room's own answer, or its example.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The example, as soon as it is there; a room without one is as empty as it used to be.
    pub example: RwSignal<Option<Example>>,
    lab: Lab,
}

impl Shown {
    /// Fetches the example `name`; `lab` gives the room's own answers.
    pub fn new(name: &'static str, lab: Lab) -> Shown {
        let example = RwSignal::new(None);
        leptos::task::spawn_local(async move {
            match recorded(name).await {
                Ok(found) => {
                    let _ = example.try_set(Some(found));
                }
                Err(problem) => log::warn!("{name}.example: {problem}"),
            }
        });
        Shown { example, lab }
    }

    /// Whether there is an answer of the reader's own to show: a whole one, or an interim one with numbers.
    pub fn is_own(self) -> bool {
        let has =
            |answer: &Answer| answer.checkpoint.is_empty() || answer.sheets.iter().any(|sheet| !sheet.rows.is_empty());
        self.lab.answer.with(|answer| answer.as_ref().is_some_and(has))
    }

    /// What is shown.
    pub fn answer(self) -> Option<Answer> {
        if self.is_own() {
            return self.lab.answer.get();
        }
        self.example.with(|example| example.as_ref().map(|example| example.answer.clone()))
    }
}

/// An example of the page.
async fn recorded(name: &str) -> Result<Example, RoomError> {
    let file = fetch(&format!("examples/{name}.example")).await?;
    let payload = gunzip(open(&file)?, MOST_BYTES).await.ok_or(ExampleError::Parts)?;
    Ok(unpack(&file, &payload)?)
}

/// Marks an example; nothing where the reader's own answer is shown.
#[component]
pub fn Mark(shown: Shown) -> impl IntoView {
    move || {
        let example = shown.example.get().filter(|_| !shown.is_own())?;
        let how = words::measured(&example.about, &example.day, &example.made_by);
        Some(view! {
            <p class="example-mark" role="note"><b>{words::RECORDED_EXAMPLE}</b>" "{how}</p>
        })
    }
}
