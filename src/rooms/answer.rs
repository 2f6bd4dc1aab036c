//! A job's answer: the verdict, findings, numbers, tables and figures.

use leptos::prelude::*;

use super::figure::FigureView;
use super::job::facts;
use super::sheet::SheetView;
use crate::diagnostics::report::{Finding, Severity};
use crate::lab::Answer;
use crate::parts::files::save;
use crate::words::rooms::job as words;

/// The answer: figures, sentences, and the whole as a file.
#[component]
pub fn AnswerView(#[prop(into)] answer: Signal<Option<Answer>>, #[prop(into)] file: Signal<String>) -> impl IntoView {
    move || {
        answer.get().map(|answer| {
            let figures = answer.figures.into_iter().map(|figure| view! { <FigureView figure/> }).collect_view();
            let lines = answer.summary.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            let findings = answer.findings.into_iter().map(|finding| view! { <FindingView finding/> }).collect_view();
            let sheets = answer.sheets.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
            let numbers = facts(answer.numbers);
            view! {
                <div class="answer">
                    {(!answer.read.is_empty()).then(|| view! { <p class="hint read">{answer.read}</p> })}
                    <p class="verdict">{answer.verdict}</p>
                    <div class="findings">{findings}</div>
                    {numbers}
                    {sheets}
                    <div class="figures">{figures}</div>
                    <ul class="summary">{lines}</ul>
                    <Documents file json=answer.json html=answer.html/>
                </div>
            }
        })
    }
}

/// The answer's documents, to keep; nothing where it has none.
#[component]
pub fn Documents(#[prop(into)] file: Signal<String>, json: String, html: String) -> impl IntoView {
    let button = |text: String, name: &'static str, ending: &'static str, mime: &'static str| {
        (!text.is_empty()).then(|| {
            let save = move |_| save(&format!("{}.{ending}", file.get_untracked()), mime, text.as_bytes());
            view! { <button class="quiet" on:click=save>{name}</button> }
        })
    };
    view! {
        <div class="job-row documents">
            {button(html, words::SAVE_REPORT_HTML, "html", "text/html")}
            {button(json, words::SAVE_NUMBERS_JSON, "json", "application/json")}
        </div>
    }
}

/// One finding with what helps.
#[component]
fn FindingView(finding: Finding) -> impl IntoView {
    let (class, name) = match finding.severity {
        Severity::Serious => ("finding serious", words::SERIOUS),
        Severity::Warning => ("finding warning", words::WARNING),
        Severity::Notice => ("finding notice", words::WORTH_KNOWING),
    };
    let has_remedies = !finding.remedies.is_empty();
    let remedies = finding
        .remedies
        .into_iter()
        .map(|remedy| view! { <li><b>{remedy.action}</b>" "{remedy.effect}</li> })
        .collect_view();
    view! {
        <section class=class>
            <h4><span>{name}</span>{finding.what}</h4>
            <p>{finding.why}</p>
            {has_remedies.then(|| view! { <ul>{remedies}</ul> })}
        </section>
    }
}
