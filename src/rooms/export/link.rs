//! Where a run is found: its link, and HTML that embeds it.

use leptos::prelude::*;

use crate::config::choices::Choice;
use crate::config::{Aspect, DataName, Experiment, url};
use crate::words::panels::export as words;

/// Where the page lives, without its query.
pub fn home() -> String {
    let location = window().location();
    let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
    part(location.origin()) + &part(location.pathname())
}

/// The link to a run: without what belongs to this reader's page.
pub fn permalink(experiment: &Experiment) -> String {
    without(experiment, &[Aspect::Frame, Aspect::Start, Aspect::Moment, Aspect::Lesson, Aspect::Theme, Aspect::Room])
}

/// The link to an experiment without some of its view.
pub fn without(experiment: &Experiment, aspects: &[Aspect]) -> String {
    let mut plain = Experiment { run: experiment.run.clone(), view: experiment.view.clone().without(aspects) };
    // Files can't be linked to.
    if plain.run.data == DataName::Files {
        (plain.run.data, plain.run.preset) = (DataName::Digits, None);
    }
    let query = url::link(&plain);
    if query.is_empty() { home() } else { format!("{}?{query}", home()) }
}

/// A figure of another page: its own element, with a script of this page. Until it is clicked it shows `poster`, a picture that
/// lies beside that page.
pub fn element(experiment: &Experiment, link: &str, poster: &str) -> String {
    let query = link.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let base = home();
    let base = base.trim_end_matches("index.html");
    format!(
        "<script src=\"{base}figure.js\" defer></script>\n<normscope-figure query=\"{}\"{}>\n  <img src=\"{}\" alt=\"{}\">\n  {}\n</normscope-figure>",
        escape(query),
        if experiment.view.lock { " lock" } else { "" },
        escape(poster),
        escape(&words::frame_title(experiment.run.method.label(), experiment.run.data.label())),
        words::FIGURE_CAPTION,
    )
}

/// A figure where scripts of others are not allowed, e.g. in course systems: a plain frame.
pub fn frame(experiment: &Experiment, link: &str) -> String {
    let join = if link.contains('?') { '&' } else { '?' };
    let lock = if experiment.view.lock { "&lock=1" } else { "" };
    let title = words::frame_title(experiment.run.method.label(), experiment.run.data.label());
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"{FRAME_HEIGHT}\" style=\"border:0\" loading=\"lazy\" sandbox=\"allow-scripts allow-popups\"></iframe>",
        escape(&format!("{link}{join}embed=1{lock}")),
        escape(&title),
    )
}

/// Height of a bare figure 800 pixels wide, CSS pixels (measured by tests/e2e/share.test.mjs).
pub const FRAME_HEIGHT: u32 = 700;

use crate::text::escape;
