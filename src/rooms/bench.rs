//! The benchmark: how fast this browser on this device trains each model, to be copied as Markdown.

use leptos::prelude::*;

use super::desk::Desk;
use super::job::{Problem, Working, facts};
use super::lab::Lab;
use super::panel::{Panel, closing};
use super::sheet::SheetView;
use crate::lab::{Answer, Job};
use crate::words::panels::bench as words;

/// The panel.
#[component]
pub fn Bench(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    let lab = Lab::studies();
    let copied = RwSignal::new(false);
    let start = move |quick: bool| {
        let device = desk.experiment.with_untracked(|experiment| experiment.device);
        lab.start(&Job::Bench { quick, device });
    };
    let copy = move |_| {
        let Some(text) = lab.answer.with_untracked(|answer| answer.as_ref().map(markdown)) else { return };
        leptos::task::spawn_local(async move {
            let done = wasm_bindgen_futures::JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
            copied.set(done.is_ok());
        });
    };
    let result = move || {
        lab.answer.get().map(|answer| {
            let sheets = answer.sheets.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
            view! {
                {facts(answer.numbers)}
                {sheets}
            }
        })
    };
    view! {
        <Panel title=words::BENCHMARK close wide=true>
            <p class="hint">
                {words::INTRO}
            </p>
            <div class="job">
                <Show
                    when=move || lab.is_working()
                    fallback=move || {
                        view! {
                            <button class="primary" id="bench-quick" on:click=move |_| start(true)>{words::MEASURE}</button>
                            <button class="quiet" id="bench-all" on:click=move |_| start(false)>{words::MEASURE_WITH_SIZES}</button>
                        }
                    }
                >
                    <Working lab/>
                </Show>
                <Show when=move || lab.answer.with(Option::is_some)>
                    <button class="quiet" id="bench-copy" on:click=copy>
                        {move || if copied.get() { words::COPIED } else { words::COPY_AS_MARKDOWN }}
                    </button>
                </Show>
                <Problem lab/>
            </div>
            {result}
        </Panel>
    }
}

/// The answer as a Markdown table with the machine above it.
fn markdown(answer: &Answer) -> String {
    let browser = window().navigator().user_agent().unwrap_or_default();
    let mut text = format!("Normscope {}, {browser}\n\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in &answer.numbers {
        text.push_str(&format!("- {name}: {value}\n"));
    }
    for sheet in &answer.sheets {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text.push('\n');
        text.push_str(&line(&sheet.header));
        text.push_str(&line(&vec!["---".to_owned(); sheet.header.len()]));
        sheet.rows.iter().for_each(|row| text.push_str(&line(row)));
    }
    text
}
