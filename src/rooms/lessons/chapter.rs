//! One lesson, page by page.

use std::collections::HashMap;

use leptos::prelude::*;

use super::book::{Kind, Lesson, Page};
use super::pages::{Predict, Reveal, Run};
use super::progress::Progress;
use super::stage::{enter, look_at_the_spheres, point_at, tell};
use super::text::{Marked, Paragraphs};
use crate::config::{Aspect, Experiment};
use crate::parts::panel::Panel;
use crate::rooms::desk::Desk;
use crate::words::panels::lessons as words;

/// A lesson, from its first page on.
#[component]
pub fn Chapter(
    desk: Desk,
    lesson: Lesson,
    /// Name and heading of the lesson that follows.
    next: Option<(String, String)>,
    progress: RwSignal<Progress>,
) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let lesson = StoredValue::new(lesson);
    let count = lesson.with_value(|lesson| lesson.pages.len());
    let place = lesson.with_value(|lesson| progress.with_untracked(|progress| progress.of(&lesson.id).cloned()));
    let choices = RwSignal::new(place.as_ref().map(|place| place.choices.clone()).unwrap_or_default());
    lesson.with_value(|lesson| set_up(desk, lesson));
    Effect::new(move |before: Option<usize>| {
        let now = page.get();
        lesson.with_value(|lesson| {
            let Some(page) = lesson.pages.get(now) else { return };
            if before.is_some() {
                set(desk, lesson, page);
            }
            point_at(&page.show);
            // What trains is watched.
            if page.kind == Kind::Run && page.show.is_empty() {
                look_at_the_spheres();
            }
            progress.update(|progress| progress.note(&lesson.id, |place| place.page = place.page.max(now)));
        });
        now
    });
    Effect::new(move |_| {
        let made = choices.get();
        lesson.with_value(|lesson| progress.update(|progress| progress.note(&lesson.id, |place| place.choices = made)));
    });
    on_cleanup(|| point_at(""));
    let heading = NodeRef::<leptos::html::H4>::new();
    let turn = move |to: usize| {
        page.set(to);
        // The new page is read from its heading on.
        request_animation_frame(move || {
            if let Some(heading) = heading.get_untracked() {
                let _ = heading.focus();
            }
        });
    };
    let body = move || {
        let at = page.get();
        let page = lesson.with_value(|lesson| lesson.pages.get(at).cloned());
        page.map(|page| {
            let class = class_of(page.kind);
            let title = page.title.clone();
            let body = body_of(desk, at, page, choices);
            view! {
                <article class=class>
                    <h4 tabindex="-1" node_ref=heading><Marked text=title/></h4>
                    {body}
                </article>
            }
        })
    };
    let waits = move || {
        let at = page.get();
        lesson.with_value(|lesson| lesson.pages.get(at).is_some_and(|page| page.kind == Kind::Predict))
            && choices.with(|all| !all.contains_key(&at))
    };
    let last = move || page.get() + 1 == count;
    let (title, goal) = lesson.with_value(|lesson| (lesson.title.clone(), lesson.goal.clone()));
    // Where the reader was before; a page that reveals needs its run first.
    let back_to = place.map(|place| place.page.min(count - 1)).map_or(0, |at| {
        lesson.with_value(|lesson| (0..=at).rev().find(|at| lesson.pages[*at].kind != Kind::Reveal).unwrap_or(0))
    });
    let go_on = move |_| {
        lesson.with_value(|lesson| {
            for page in &lesson.pages[..back_to] {
                set(desk, lesson, page);
            }
        });
        turn(back_to);
    };
    let all = move |_| {
        // A lesson of a link is open without its panel.
        desk.open(Some(Panel::Lessons));
        tell(desk, "set", "lesson=".to_owned());
    };
    view! {
        <div class="chapter">
            <p class="crumbs"><button class="plain link" on:click=all>{words::ALL_LESSONS}</button></p>
            <h3><Marked text=title/></h3>
            <p class="goal"><Marked text=goal/></p>
            <Show when=move || page.get() == 0 && back_to != 0>
                <p class="hint">{words::READ_BEFORE}<button class="plain link" id="lesson-resume" on:click=go_on>{words::go_on(back_to + 1)}</button></p>
            </Show>
            {body}
            <div class="lesson-nav">
                <button class="quiet" id="lesson-back" disabled=move || page.get() == 0 on:click=move |_| turn(page.get_untracked() - 1)>{words::BACK}</button>
                <span aria-label=words::PAGE>{move || words::page_of(&page.get() + 1, count)}</span>
                <button class="quiet" id="lesson-next" hidden=last on:click=move |_| turn(page.get_untracked() + 1)>
                    {move || if waits() { words::SKIP } else { words::NEXT }}
                </button>
            </div>
            <div hidden=move || !last()>{next.map(|(next, title)| view! { <Onwards desk next title/> })}</div>
        </div>
    }
}

/// A link that says nothing but the lesson gets the lesson's state; one that says more is somebody's own.
fn set_up(desk: Desk, lesson: &Lesson) {
    let plain = desk.experiment.with_untracked(|now| {
        let looks = now.view.clone().without(&[Aspect::Theme, Aspect::Machine, Aspect::Lesson, Aspect::Frame]);
        Experiment { run: now.run.clone(), view: looks } == Experiment::default()
    });
    if plain {
        enter(desk, &lesson.id, &lesson.query);
    }
}

/// The state of a page, if it has one.
fn set(desk: Desk, lesson: &Lesson, page: &Page) {
    if page.query.is_empty() {
        return;
    }
    let whole = page.query.contains("data=") || page.query.contains("preset=");
    tell(desk, if whole { "open" } else { "set" }, format!("{}&lesson={}", page.query, lesson.id));
}

fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "lesson-page",
        Kind::Predict => "lesson-page predict",
        Kind::Run => "lesson-page run",
        Kind::Reveal => "lesson-page reveal",
        Kind::Try => "lesson-page try",
    }
}

fn body_of(desk: Desk, at: usize, page: Page, choices: RwSignal<HashMap<usize, usize>>) -> AnyView {
    match page.kind {
        Kind::Read | Kind::Try => view! { <Paragraphs text=page.text/> }.into_any(),
        Kind::Predict => view! { <Predict at page choices/> }.into_any(),
        Kind::Run => view! { <Run desk page/> }.into_any(),
        Kind::Reveal => view! { <Reveal desk page/> }.into_any(),
    }
}

/// To the lesson that follows.
#[component]
fn Onwards(desk: Desk, next: String, title: String) -> impl IntoView {
    // The list has its query; the lesson's own opening sets it.
    let go = move |_| tell(desk, "open", format!("lesson={next}"));
    view! { <button class="primary" id="lesson-onwards" on:click=go>{words::next_lesson(&title)}</button> }
}
