//! One lesson, page by page.

use std::collections::HashMap;

use leptos::html;
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
    set_up(desk, &lesson);
    let (title, goal) = (lesson.title.clone(), lesson.goal.clone());
    let reading = Reading::new(desk, lesson, progress);
    let Reading { page, count, back_to, .. } = reading;
    let last = move || page.get() + 1 == count;
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
                <p class="hint">{words::READ_BEFORE}<button class="plain link" id="lesson-resume" on:click=move |_| reading.resume()>{words::go_on(back_to + 1)}</button></p>
            </Show>
            {move || reading.page()}
            <div class="lesson-nav">
                <button class="quiet" id="lesson-back" disabled=move || page.get() == 0 on:click=move |_| reading.turn(page.get_untracked() - 1)>{words::BACK}</button>
                <span aria-label=words::PAGE>{move || words::page_of(&page.get() + 1, count)}</span>
                <button class="quiet" id="lesson-next" hidden=last on:click=move |_| reading.turn(page.get_untracked() + 1)>
                    {move || if reading.waits() { words::SKIP } else { words::NEXT }}
                </button>
            </div>
            <div hidden=move || !last()>{next.map(|(next, title)| view! { <Onwards desk next title/> })}</div>
        </div>
    }
}

/// A lesson that is read, and how far.
#[derive(Clone, Copy)]
struct Reading {
    desk: Desk,
    lesson: StoredValue<Lesson>,
    /// Number of its pages.
    count: usize,
    /// The page that is open.
    page: RwSignal<usize>,
    /// What was chosen on which page.
    choices: RwSignal<HashMap<usize, usize>>,
    /// Where the reader was before; a page that reveals needs its run first.
    back_to: usize,
    /// The open page's.
    heading: NodeRef<html::H4>,
}

impl Reading {
    /// At the first page. Each page that is turned to sets its state; pages and choices are kept in `progress`.
    fn new(desk: Desk, lesson: Lesson, progress: RwSignal<Progress>) -> Reading {
        let place = progress.with_untracked(|progress| progress.of(&lesson.id).cloned());
        let choices = place.as_ref().map(|place| place.choices.clone()).unwrap_or_default();
        let count = lesson.pages.len();
        let back_to = place
            .map(|place| place.page.min(count - 1))
            .map_or(0, |at| (0..=at).rev().find(|at| lesson.pages[*at].kind != Kind::Reveal).unwrap_or(0));
        let reading = Reading {
            desk,
            lesson: StoredValue::new(lesson),
            count,
            page: RwSignal::new(0),
            choices: RwSignal::new(choices),
            back_to,
            heading: NodeRef::new(),
        };
        reading.follow(progress);
        reading
    }

    fn follow(self, progress: RwSignal<Progress>) {
        let Reading { desk, lesson, .. } = self;
        Effect::new(move |before: Option<usize>| {
            let now = self.page.get();
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
            let made = self.choices.get();
            lesson.with_value(|lesson| {
                progress.update(|progress| progress.note(&lesson.id, |place| place.choices = made));
            });
        });
        on_cleanup(|| point_at(""));
    }

    fn turn(self, to: usize) {
        self.page.set(to);
        // The new page is read from its heading on.
        request_animation_frame(move || {
            if let Some(heading) = self.heading.get_untracked() {
                let _ = heading.focus();
            }
        });
    }

    /// Goes on where the reader was before, with the state that the pages up to there set.
    fn resume(self) {
        self.lesson.with_value(|lesson| {
            for page in &lesson.pages[..self.back_to] {
                set(self.desk, lesson, page);
            }
        });
        self.turn(self.back_to);
    }

    /// Whether the open page waits for a prediction.
    fn waits(self) -> bool {
        let at = self.page.get();
        self.lesson.with_value(|lesson| lesson.pages.get(at).is_some_and(|page| page.kind == Kind::Predict))
            && self.choices.with(|all| !all.contains_key(&at))
    }

    /// The open page.
    fn page(self) -> Option<impl IntoView> {
        let at = self.page.get();
        let page = self.lesson.with_value(|lesson| lesson.pages.get(at).cloned())?;
        let class = class_of(page.kind);
        let title = page.title.clone();
        let body = body_of(self.desk, at, page, self.choices);
        let heading = self.heading;
        Some(view! {
            <article class=class>
                <h4 tabindex="-1" node_ref=heading><Marked text=title/></h4>
                {body}
            </article>
        })
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
