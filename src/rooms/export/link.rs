//! Where a run is found: its link, and HTML that embeds it.

use leptos::prelude::*;

use crate::config::{Aspect, Experiment, url};
use crate::words::panels::export as words;

/// Where the page lives, without its query.
pub fn home() -> String {
    let location = window().location();
    let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
    part(location.origin()) + &part(location.pathname())
}

/// The link to a run: without what belongs to this reader's page.
pub fn permalink(experiment: &Experiment) -> String {
    let own = [Aspect::Frame, Aspect::Start, Aspect::Lesson, Aspect::Theme, Aspect::Room];
    let plain = Experiment { run: experiment.run.clone(), view: experiment.view.clone().without(&own) };
    let query = url::link(&plain);
    if query.is_empty() { home() } else { format!("{}?{query}", home()) }
}

/// HTML that embeds the run.
pub fn snippet(experiment: &Experiment) -> String {
    let query = permalink(experiment).split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    let base = home();
    let base = base.trim_end_matches("index.html");
    format!(
        "<script src=\"{base}figure.js\"></script>\n<normscope-figure query=\"{}\">\n  {}\n</normscope-figure>",
        query.replace('&', "&amp;"),
        words::FIGURE_CAPTION,
    )
}
