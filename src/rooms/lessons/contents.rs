//! All lessons, how far they were read, and what fits into a class.

use leptos::prelude::*;

use super::book::{Book, Lesson};
use super::progress::Progress;
use super::stage::enter;
use crate::parts::panel::Panel;
use crate::rooms::desk::Desk;
use crate::words::panels::lessons as words;

/// The list.
#[component]
pub fn Contents(
    desk: Desk,
    book: Book,
    /// A lesson that was asked for and does not exist.
    unknown: String,
    progress: RwSignal<Progress>,
) -> impl IntoView {
    let missing = (!unknown.is_empty()).then(|| {
        view! { <p class="problem" role="alert">{words::unknown_lesson(&unknown)}</p> }
    });
    let plans = book.plans.iter().map(|plan| {
        let numbers = plan.lessons.iter().filter_map(|id| book.find(id)).map(|(number, _)| number).collect::<Vec<_>>();
        view! { <li>{words::plan(plan.minutes, &numbers)}</li> }
    });
    let plans = plans.collect_view();
    let rows = book.lessons.iter().cloned().enumerate();
    let rows = rows.map(|(at, lesson)| view! { <Row desk lesson number=at + 1 progress/> }).collect_view();
    let lessons = StoredValue::new(book.lessons);
    let summary = move || {
        progress.with(|progress| {
            lessons.with_value(|lessons| {
                let places = lessons.iter().filter_map(|lesson| progress.of(&lesson.id).map(|place| (lesson, place)));
                places.fold((0, 0, 0), |(finished, right, made), (lesson, place)| {
                    let (more_right, more) = place.score(lesson);
                    (finished + usize::from(place.is_finished(lesson)), right + more_right, made + more)
                })
            })
        })
    };
    let all = lessons.with_value(Vec::len);
    view! {
        {missing}
        <p class="hint">{words::INTRO}</p>
        <Show when=move || !progress.with(Progress::is_empty)>
            <p class="hint" id="lessons-read">
                {move || {
                    let (finished, right, made) = summary();
                    words::so_far(finished, all, right, made)
                }}
                <button class="plain link" on:click=move |_| progress.set(Progress::default())>{words::FORGET}</button>
            </p>
        </Show>
        <ol class="lessons">{rows}</ol>
        <details class="plans">
            <summary>{words::FOR_A_CLASS}</summary>
            <ul>{plans}</ul>
            <p class="hint">{words::CLASS_HELP}</p>
        </details>
        <p class="hint">
            <button class="plain link" id="open-story-here" on:click=move |_| desk.open(Some(Panel::Story))>{words::STORY}</button>
            " · "
            <a href="worksheet.html" target="_blank" rel="noopener">{words::WORKSHEET_TO_PRINT}</a>
        </p>
    }
}

/// One lesson of the list.
#[component]
fn Row(desk: Desk, lesson: Lesson, number: usize, progress: RwSignal<Progress>) -> impl IntoView {
    let href = format!("?lesson={}&v={}", lesson.id, crate::config::url::VERSION);
    let lesson = StoredValue::new(lesson);
    let go = move |event: leptos::ev::MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        lesson.with_value(|lesson| enter(desk, &lesson.id, &lesson.query));
    };
    let read = move || {
        lesson.with_value(|lesson| {
            progress.with(|progress| {
                progress.of(&lesson.id).map(|place| match place.is_finished(lesson) {
                    true => words::FINISHED.to_owned(),
                    false => words::page_of(place.page + 1, lesson.pages.len()),
                })
            })
        })
    };
    let (title, goal, minutes) =
        lesson.with_value(|lesson| (lesson.title.clone(), lesson.goal.clone(), lesson.minutes));
    view! {
        <li>
            <a href=href on:click=go>
                <b>{format!("{number}. ")}{title}</b>
                <span>{goal}</span>
                <small>{minutes}{words::MINUTES}{move || read().map(|read| view! { <br/><em>{read}</em> })}</small>
            </a>
        </li>
    }
}
