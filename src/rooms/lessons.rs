//! Lessons: short chapters that set the state, ask for a prediction, let the reader's own run answer, and reveal.
//!
//! The text is static/lessons.json; every expected range in it was measured (scripts/lessons.mjs).

mod text;

use std::collections::HashMap;

use leptos::prelude::*;
use serde::Deserialize;

use super::desk::Desk;
use super::error::RoomError;
use super::panel::Panel;
use crate::config::{Aspect, Experiment};
use crate::figure::scale::number;
use crate::parts;
use crate::words::panels::lessons as words;
use text::{Marked, Paragraphs};

/// The file.
#[derive(Clone, Debug, Deserialize)]
struct Book {
    lessons: Vec<Lesson>,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Lesson {
    id: String,
    title: String,
    minutes: u32,
    goal: String,
    query: String,
    pages: Vec<Page>,
}

/// A page of a chapter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Page {
    kind: Kind,
    title: String,
    #[serde(default)]
    text: Vec<String>,
    /// What to point at.
    #[serde(default)]
    show: String,
    /// State that the page sets.
    #[serde(default)]
    query: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    answer: usize,
    #[serde(default)]
    why: String,
    /// Training steps of a run.
    #[serde(default)]
    steps: u32,
    #[serde(default)]
    measure: Vec<Measure>,
    #[serde(default)]
    expect: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Read,
    Predict,
    Run,
    Reveal,
    Try,
}

/// A number of the reader's own run beside the range that was measured before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Measure {
    arm: String,
    metric: String,
    label: String,
    #[serde(default = "two")]
    digits: usize,
    low: f64,
    high: f64,
    /// `first`: before training.
    #[serde(default)]
    at: String,
    /// `b/a`: the quotient of both arms.
    #[serde(default)]
    ratio: String,
}

impl Measure {
    /// Whether it is a share of samples or pairs, which people read as a percentage.
    fn is_share(&self) -> bool {
        self.ratio.is_empty() && ["knn", "opposite_share"].contains(&self.metric.as_str())
    }
}

fn two() -> usize {
    2
}

/// The panel: the list of lessons, or the open one.
#[component]
pub fn Lessons(desk: Desk) -> impl IntoView {
    let book = RwSignal::new_local(None::<Result<Book, RoomError>>);
    leptos::task::spawn_local(async move {
        let found = fetch().await;
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
        book.with(|book| match book {
            None => view! { <p class="hint">{words::FETCHING_THE_LESSONS}</p> }.into_any(),
            Some(Err(problem)) => view! { <p class="problem" role="alert">{problem.to_string()}</p> }.into_any(),
            Some(Ok(book)) => match book.lessons.iter().find(|lesson| lesson.id == id) {
                Some(lesson) => view! { <Chapter desk lesson=lesson.clone() next=after(book, &id)/> }.into_any(),
                None => view! { <Contents desk lessons=book.lessons.clone() unknown=id/> }.into_any(),
            },
        })
    };
    view! { <Panel title=words::LESSONS close>{content}</Panel> }
}

async fn fetch() -> Result<Book, RoomError> {
    let bytes = parts::trace::fetch("lessons.json").await.map_err(RoomError::NoLessons)?;
    serde_json::from_slice(&bytes).map_err(RoomError::UnreadableLessons)
}

fn after(book: &Book, id: &str) -> Option<(String, String)> {
    let at = book.lessons.iter().position(|lesson| lesson.id == id)?;
    book.lessons.get(at + 1).map(|lesson| (lesson.id.clone(), lesson.title.clone()))
}

/// Says something to the page and does not wait.
fn tell(desk: Desk, kind: &'static str, query: String) {
    leptos::task::spawn_local(async move {
        let _ = desk.say(kind, &[("query", query.as_str().into())]).await;
    });
}

/// Opens a lesson with its state; the reader's looks stay.
fn enter(desk: Desk, id: &str, query: &str) {
    tell(desk, "open", format!("{query}&lesson={id}"));
}

#[component]
fn Contents(desk: Desk, lessons: Vec<Lesson>, unknown: String) -> impl IntoView {
    let rows = lessons
        .into_iter()
        .enumerate()
        .map(|(index, lesson)| {
            let (id, query) = (lesson.id.clone(), lesson.query.clone());
            let href = format!("?lesson={id}&v={}", crate::config::url::VERSION);
            let go = move |event: leptos::ev::MouseEvent| {
                if event.ctrl_key() || event.meta_key() || event.shift_key() {
                    return;
                }
                event.prevent_default();
                enter(desk, &id, &query);
            };
            view! {
                <li>
                    <a href=href on:click=go>
                        <b>{format!("{}. ", index + 1)}{lesson.title}</b>
                        <span>{lesson.goal}</span>
                        <small>{lesson.minutes}{words::MINUTES}</small>
                    </a>
                </li>
            }
        })
        .collect_view();
    let missing = (!unknown.is_empty()).then(|| {
        view! { <p class="problem" role="alert">{words::unknown_lesson(&unknown)}</p> }
    });
    view! {
        {missing}
        <p class="hint">{words::INTRO}</p>
        <ol class="lessons">{rows}</ol>
        <p class="hint">
            <button class="plain link" id="open-story-here" on:click=move |_| desk.open(Some(parts::panel::Panel::Story))>{words::STORY}</button>
            " · "
            <a href="worksheet.html" target="_blank" rel="noopener">{words::WORKSHEET_TO_PRINT}</a>
        </p>
    }
}

#[component]
fn Chapter(desk: Desk, lesson: Lesson, next: Option<(String, String)>) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let choices = RwSignal::new(HashMap::<usize, usize>::new());
    let id = StoredValue::new(lesson.id.clone());
    let pages = StoredValue::new(lesson.pages.clone());
    let count = lesson.pages.len();
    // A link that says nothing but the lesson gets the lesson's state; one that says more is somebody's own.
    let plain = desk.experiment.with_untracked(|now| {
        let looks = now.view.clone().without(&[Aspect::Theme, Aspect::Machine, Aspect::Lesson]);
        Experiment { run: now.run.clone(), view: looks } == Experiment::default()
    });
    if plain {
        enter(desk, &lesson.id, &lesson.query);
    }
    Effect::new(move |before: Option<usize>| {
        let now = page.get();
        pages.with_value(|pages| {
            let Some(page) = pages.get(now) else { return };
            if before.is_some() && !page.query.is_empty() {
                let whole = page.query.contains("data=") || page.query.contains("preset=");
                let query = format!("{}&lesson={}", page.query, id.get_value());
                tell(desk, if whole { "open" } else { "set" }, query);
            }
            point_at(&page.show);
        });
        now
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
    let all = move |_| tell(desk, "set", "lesson=".to_owned());
    let body = move || {
        let at = page.get();
        pages.with_value(|pages| {
            pages.get(at).map(|page| {
                let body = match page.kind {
                    Kind::Read | Kind::Try => view! { <Paragraphs text=page.text.clone()/> }.into_any(),
                    Kind::Predict => view! { <Predict at page=page.clone() choices/> }.into_any(),
                    Kind::Run => view! { <Run desk page=page.clone()/> }.into_any(),
                    Kind::Reveal => view! { <Reveal desk page=page.clone()/> }.into_any(),
                };
                let class = match page.kind {
                    Kind::Read => "lesson-page",
                    Kind::Predict => "lesson-page predict",
                    Kind::Run => "lesson-page run",
                    Kind::Reveal => "lesson-page reveal",
                    Kind::Try => "lesson-page try",
                };
                view! {
                    <article class=class>
                        <h4 tabindex="-1" node_ref=heading><Marked text=page.title.clone()/></h4>
                        {body}
                    </article>
                }
            })
        })
    };
    let waits = move || {
        let at = page.get();
        pages.with_value(|pages| pages.get(at).is_some_and(|page| page.kind == Kind::Predict))
            && choices.with(|all| !all.contains_key(&at))
    };
    let onwards = next.map(|(next, title)| {
        let go = move |_| {
            // The list has its query; the lesson's own opening sets it.
            let target = next.clone();
            leptos::task::spawn_local(async move {
                let _ = desk.say("open", &[("query", format!("lesson={target}").as_str().into())]).await;
            });
        };
        view! { <button class="primary" id="lesson-onwards" on:click=go>{words::next_lesson(&title)}</button> }
    });
    let onwards = StoredValue::new_local(Some(onwards));
    let last = move || page.get() + 1 == count;
    view! {
        <div class="chapter">
            <p class="crumbs"><button class="plain link" on:click=all>{words::ALL_LESSONS}</button></p>
            <h3><Marked text=lesson.title.clone()/></h3>
            <p class="goal"><Marked text=lesson.goal.clone()/></p>
            {body}
            <div class="lesson-nav">
                <button class="quiet" id="lesson-back" disabled=move || page.get() == 0 on:click=move |_| turn(page.get_untracked() - 1)>{words::BACK}</button>
                <span aria-label=words::PAGE>{move || words::page_of(&page.get() + 1, count)}</span>
                <button class="quiet" id="lesson-next" hidden=last on:click=move |_| turn(page.get_untracked() + 1)>
                    {move || if waits() { words::SKIP } else { words::NEXT }}
                </button>
            </div>
            <div hidden=move || !last()>{onwards.try_update_value(Option::take).flatten()}</div>
        </div>
    }
}

/// A question with its options; the explanation follows the choice.
#[component]
fn Predict(at: usize, page: Page, choices: RwSignal<HashMap<usize, usize>>) -> impl IntoView {
    let chosen = move || choices.with(|all| all.get(&at).copied());
    let answer = page.answer;
    let options = page
        .options
        .iter()
        .enumerate()
        .map(|(index, option)| {
            let text = option.clone();
            let class = move || match chosen() {
                Some(choice) if index == answer => {
                    if choice == index {
                        "option right chosen"
                    } else {
                        "option right"
                    }
                }
                Some(choice) if choice == index => "option wrong chosen",
                _ => "option",
            };
            let mark = move || match chosen() {
                Some(_) if index == answer => " ✓",
                Some(choice) if choice == index => " ✗",
                _ => "",
            };
            view! {
                <li>
                    <button
                        class=class
                        aria-pressed=move || (chosen() == Some(index)).to_string()
                        disabled=move || chosen().is_some_and(|choice| choice != index)
                        on:click=move |_| choices.update(|all| { all.entry(at).or_insert(index); })
                    >
                        <Marked text=text/><b>{mark}</b>
                    </button>
                </li>
            }
        })
        .collect_view();
    let why = page.why.clone();
    let verdict = move || {
        chosen().map(|choice| {
            let word = if choice == answer { words::AS_PREDICTED } else { words::NOT_SO };
            view! { <p class="why"><b>{word}</b><Marked text=why.clone()/></p> }
        })
    };
    view! {
        <p class="question"><Marked text=page.question.clone()/></p>
        <ul class="options">{options}</ul>
        <div role="status">{verdict}</div>
    }
}

/// Trains from step 0.
#[component]
fn Run(desk: Desk, page: Page) -> impl IntoView {
    let state = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let steps = page.steps;
    let locked = move || desk.experiment.with(|experiment| experiment.view.lock);
    let go = move |_| {
        busy.set(true);
        state.set(String::new());
        leptos::task::spawn_local(async move {
            let mut result = desk.say("reset", &[]).await;
            if result.is_ok() {
                result = desk.say("step", &[("steps", f64::from(steps).into())]).await;
            }
            let _ = busy.try_set(false);
            let _ = state.try_set(match result {
                Ok(()) => words::done(steps),
                Err(problem) => problem.to_string(),
            });
        });
    };
    view! {
        <Paragraphs text=page.text.clone()/>
        <div class="job-row">
            <button class="primary" id="lesson-run" disabled=move || busy.get() || locked() on:click=go>
                {move || if busy.get() { words::TRAINING.to_owned() } else { words::train(steps) }}
            </button>
            <span role="status">{move || if locked() { words::LOCKED.to_owned() } else { state.get() }}</span>
        </div>
    }
}

/// The reader's own numbers beside the ranges that were measured before.
#[component]
fn Reveal(desk: Desk, page: Page) -> impl IntoView {
    let changed = desk.evaluations();
    let rows = page
        .measure
        .iter()
        .map(|one| {
            let one = StoredValue::new(one.clone());
            let value = Memo::new(move |_| {
                changed.track();
                one.with_value(|one| measured(desk, one))
            });
            let digits = one.with_value(|one| one.digits);
            let (low, high) = one.with_value(|one| (one.low, one.high));
            // Shares are percentages here as on the rest of the page.
            let share = one.with_value(Measure::is_share);
            let (factor, digits, unit) =
                if share { (100.0, digits.saturating_sub(2), words::PERCENT) } else { (1.0, digits, "") };
            let shown = move |value: f64| number(factor * value, digits);
            let text = move || value.get().map_or_else(|| "–".to_owned(), |value| shown(value) + unit);
            let inside = move || value.get().map(|value| (low..=high).contains(&value));
            let mark = move || match inside() {
                Some(true) => words::AS_MEASURED_BEFORE,
                Some(false) => words::OUTSIDE_THE_RANGE,
                None => words::RUN_IT_FIRST,
            };
            let class = move || if inside() == Some(false) { "outside" } else { "" };
            view! {
                <tr class=class>
                    <th scope="row"><Marked text=one.with_value(|one| one.label.clone())/></th>
                    <td><b>{text}</b></td>
                    <td>{words::band(shown(low), shown(high), unit)}</td>
                    <td class="mark">{mark}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="measures">
            <thead><tr><th scope="col">{words::WHAT}</th><th scope="col">{words::YOUR_RUN}</th><th scope="col">{words::EXPECTED}</th><th scope="col"><span class="sr">{words::VERDICT}</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Paragraphs text=page.text.clone()/>
        <p class="hint"><Marked text=page.expect.clone()/></p>
    }
}

/// A measure's value in the run so far.
fn measured(desk: Desk, one: &Measure) -> Option<f64> {
    let value = |arm: &str| {
        let series = desk.series(arm, &one.metric);
        let pair = if one.at == "first" { series.first() } else { series.last() };
        pair.map(|(_, value)| *value)
    };
    // Before any step there is nothing to reveal.
    if one.at != "first" && desk.series("a", "loss").is_empty() {
        return None;
    }
    match one.ratio.as_str() {
        "b/a" => Some(value("b")? / value("a")?),
        "a/b" => Some(value("a")? / value("b")?),
        _ => value(&one.arm),
    }
}

/// Frames an element of the page, and brings it into view; an empty selector frames none.
fn point_at(selector: &str) {
    const CLASS: &str = "pointed";
    if let Ok(Some(element)) = document().query_selector(".pointed") {
        let _ = element.class_list().remove_1(CLASS);
    }
    if selector.is_empty() {
        return;
    }
    let selector = selector.to_owned();
    // What a page's state brings in is there a moment later.
    gloo::timers::callback::Timeout::new(350, move || {
        if let Ok(Some(element)) = document().query_selector(&selector) {
            let _ = element.class_list().add_1(CLASS);
            element.scroll_into_view_with_bool(false);
        }
    })
    .forget();
}
