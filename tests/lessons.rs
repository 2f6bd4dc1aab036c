//! `static/lessons.json` is what `docs/teaching.md` and the page take it for: complete, and with settings that exist.
//! `scripts/lessons.mjs` checks that its numbers are true.

use std::collections::HashSet;

use normscope::config::{Experiment, url};
use normscope::metrics::Metric;
use serde::Deserialize;

const LESSONS: &str = include_str!("../static/lessons.json");
const TEACHING: &str = include_str!("../docs/teaching.md");
const WORKSHEET: &str = include_str!("../static/worksheet.html");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    plans: Vec<Plan>,
    lessons: Vec<Lesson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    minutes: u32,
    lessons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lesson {
    id: String,
    title: String,
    minutes: u32,
    goal: String,
    query: String,
    pages: Vec<Page>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Page {
    Read { title: String, text: Vec<String>, show: Option<String>, query: Option<String> },
    Predict { title: String, question: String, options: Vec<String>, answer: usize, why: String },
    Run { title: String, text: Vec<String>, steps: u32 },
    Reveal { title: String, text: Vec<String>, measure: Vec<Measure>, expect: String },
    Try { title: String, text: Vec<String>, query: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measure {
    arm: String,
    metric: String,
    label: String,
    digits: u32,
    low: f64,
    high: f64,
    at: Option<String>,
    ratio: Option<String>,
}

impl Page {
    /// Every text that a visitor reads.
    fn texts(&self) -> Vec<&str> {
        let strings: Vec<&String> = match self {
            Page::Read { title, text, .. } | Page::Run { title, text, .. } | Page::Try { title, text, .. } => {
                [title].into_iter().chain(text).collect()
            }
            Page::Predict { title, question, options, why, .. } => {
                [title, question, why].into_iter().chain(options).collect()
            }
            Page::Reveal { title, text, measure, expect } => {
                [title, expect].into_iter().chain(text).chain(measure.iter().map(|measure| &measure.label)).collect()
            }
        };
        strings.into_iter().map(String::as_str).collect()
    }

    fn query(&self) -> Option<&str> {
        match self {
            Page::Read { query, .. } | Page::Try { query, .. } => query.as_deref(),
            _ => None,
        }
    }
}

fn lessons() -> Vec<Lesson> {
    let file: File = serde_json::from_str(LESSONS).unwrap();
    assert_eq!(file.version, 1);
    file.lessons
}

#[test]
fn there_are_enough_short_lessons_with_names_of_their_own() {
    let lessons = lessons();
    assert!(lessons.len() >= 10);
    let mut ids = HashSet::new();
    for lesson in &lessons {
        assert!(ids.insert(&lesson.id), "{} twice", lesson.id);
        assert!(lesson.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", lesson.id);
        assert!((4..=7).contains(&lesson.pages.len()), "{}: {} pages", lesson.id, lesson.pages.len());
        assert!((3..=6).contains(&lesson.minutes), "{}", lesson.id);
        assert!(lesson.goal.ends_with('.') && !lesson.title.is_empty(), "{}", lesson.id);
    }
}

#[test]
fn every_query_reads_without_a_complaint_and_says_everything() {
    for lesson in lessons() {
        let mut state = Experiment::default();
        for query in [lesson.query.as_str()].into_iter().chain(lesson.pages.iter().filter_map(Page::query)) {
            let (fresh, complaints) = url::decode(query);
            assert_eq!(complaints, vec![], "{}: {query}", lesson.id);
            // Read afresh or onto the page before, it is the same state.
            state = url::decode_onto(query, Some(&state)).0;
            assert_eq!(state, fresh, "{}: {query}", lesson.id);
        }
    }
}

#[test]
fn predictions_have_an_answer_and_a_reason() {
    for lesson in lessons() {
        for page in &lesson.pages {
            if let Page::Predict { question, options, answer, why, .. } = page {
                assert!((2..=4).contains(&options.len()) && *answer < options.len(), "{}: {question}", lesson.id);
                assert!(question.ends_with('?') && why.ends_with('.'), "{}: {question}", lesson.id);
            }
        }
    }
}

#[test]
fn measures_come_after_a_run_and_are_bands_of_known_metrics() {
    for lesson in lessons() {
        let mut steps = 0;
        for page in &lesson.pages {
            match page {
                Page::Run { steps: more, .. } => {
                    // The last step is evaluated: 10 divides it.
                    assert!((10..=200).contains(more) && more % 10 == 0, "{}: {more}", lesson.id);
                    steps += more;
                }
                Page::Reveal { measure, .. } => {
                    assert!(steps > 0 && !measure.is_empty(), "{}: nothing to reveal", lesson.id);
                    for one in measure {
                        let name = format!("{}: {}", lesson.id, one.label);
                        assert!(Metric::parse(&one.metric).is_some(), "{name}: {}", one.metric);
                        assert!(one.arm == "a" || one.arm == "b", "{name}");
                        assert!(one.low < one.high && one.digits <= 6, "{name}");
                        assert!(one.at.as_deref().is_none_or(|at| at == "first"), "{name}");
                        assert!(one.ratio.as_deref().is_none_or(|ratio| ratio == "b/a" || ratio == "a/b"), "{name}");
                    }
                }
                _ if page.query().is_some() => steps = 0,
                _ => {}
            }
        }
    }
}

#[test]
fn markup_is_closed_and_nothing_is_html() {
    for lesson in lessons() {
        let pages = lesson.pages.iter().flat_map(Page::texts);
        for text in [lesson.title.as_str(), &lesson.goal].into_iter().chain(pages) {
            assert!(!text.trim().is_empty() && text.trim() == text, "{}: {text:?}", lesson.id);
            assert!(!text.contains(['<', '>']), "{}: {text}", lesson.id);
            for mark in ['*', '`'] {
                assert_eq!(text.matches(mark).count() % 2, 0, "{}: {mark} in {text}", lesson.id);
            }
        }
        for page in &lesson.pages {
            if let Page::Read { show: Some(show), .. } = page {
                assert!(!show.trim().is_empty() && !show.contains(['<', '{']), "{}: {show}", lesson.id);
            }
        }
    }
}

#[test]
fn the_teachers_notes_cover_every_lesson_and_link_to_no_other() {
    let ids: HashSet<String> = lessons().into_iter().map(|lesson| lesson.id).collect();
    for id in &ids {
        assert!(TEACHING.contains(&format!("(?lesson={id})")), "docs/teaching.md does not link to {id}");
    }
    for text in [TEACHING, WORKSHEET] {
        for link in text.split("?lesson=").skip(1) {
            let id: String = link.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            assert!(id.is_empty() || ids.contains(&id), "?lesson={id}");
        }
    }
}

#[test]
fn a_plan_names_the_lessons_of_the_teachers_notes_and_leaves_time_to_talk() {
    let file: File = serde_json::from_str(LESSONS).unwrap();
    let minutes = |id: &String| file.lessons.iter().find(|lesson| lesson.id == *id).unwrap().minutes;
    assert_eq!(file.plans.iter().map(|plan| plan.minutes).collect::<Vec<_>>(), [45, 90]);
    for plan in &file.plans {
        // Twice the time of one reader; in the longer one two halves of the class read different lessons.
        let together: u32 = plan.lessons.iter().take(5).map(minutes).sum();
        assert!(2 * together <= plan.minutes, "{}", plan.minutes);
        let notes =
            TEACHING.split(&format!("## {} minutes", plan.minutes)).nth(1).unwrap().split("\n## ").next().unwrap();
        let named = |id: &&String| notes.contains(&format!("(?lesson={id})"));
        let first_three = notes.contains("The first three lessons");
        let missing: Vec<_> =
            plan.lessons.iter().skip(if first_three { 3 } else { 0 }).filter(|id| !named(id)).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{}", plan.minutes);
    }
}

#[test]
fn the_worksheet_is_plain_html_without_scripts_or_requests() {
    for foreign in ["<script", "javascript:", " src=", "@import", "http://", "https://", " onclick"] {
        assert!(!WORKSHEET.contains(foreign), "{foreign}");
    }
    assert!(WORKSHEET.contains("@media print") && WORKSHEET.contains("prefers-color-scheme: dark"));
}
