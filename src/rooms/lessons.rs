//! Lessons: short chapters that set the state, ask for a prediction, let the reader's own run answer, and reveal.
//!
//! ```text
//! book       static/lessons.json;  text: its little markup
//! progress   what this reader has read and predicted
//! stage      what a lesson does with the page
//! pages      predict, train, compare;  chapter: a lesson, page by page
//! contents   all of them
//! ```

mod book;
mod chapter;
mod contents;
mod pages;
mod progress;
mod stage;
mod text;

use leptos::prelude::*;

use super::desk::Desk;
use super::error::RoomError;
use super::panel::Panel;
use crate::words::panels::lessons as words;
use book::Book;
use chapter::Chapter;
use contents::Contents;
use stage::{point_at, tell};

/// The panel: the list of lessons, or the open one.
#[component]
pub fn Lessons(desk: Desk) -> impl IntoView {
    let book = RwSignal::new_local(None::<Result<Book, RoomError>>);
    let (progress, is_there) = progress::kept();
    leptos::task::spawn_local(async move {
        let found = Book::fetch().await;
        let _ = book.try_set(Some(found));
    });
    let open = Memo::new(move |_| desk.experiment.with(|experiment| experiment.view.lesson.clone()));
    let close = move || {
        point_at("");
        desk.open(None);
        if !open.get_untracked().is_empty() {
            tell(desk, "set", "lesson=".to_owned());
        }
    };
    let content = move || {
        let id = open.get();
        let waits = !is_there.get();
        book.with(|book| match book {
            _ if waits => view! { <p class="hint">{words::FETCHING_THE_LESSONS}</p> }.into_any(),
            None => view! { <p class="hint">{words::FETCHING_THE_LESSONS}</p> }.into_any(),
            Some(Err(problem)) => view! { <p class="problem" role="alert">{problem.to_string()}</p> }.into_any(),
            Some(Ok(book)) => match book.find(&id) {
                Some((_, lesson)) => {
                    view! { <Chapter desk lesson=lesson.clone() next=book.after(&id) progress/> }.into_any()
                }
                None => view! { <Contents desk book=book.clone() unknown=id progress/> }.into_any(),
            },
        })
    };
    view! { <Panel title=words::LESSONS close>{content}</Panel> }
}
