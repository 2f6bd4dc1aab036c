//! The benchmark: how fast this browser on this device trains each model, to be copied as Markdown.

use leptos::prelude::*;
use web_time::Instant;

use super::desk::Desk;
use super::job::{Problem, Working, facts};
use super::lab::Lab;
use super::panel::{Panel, closing};
use super::sheet::SheetView;
use crate::lab::Answer;
use crate::parts::{canvas, clipboard, timing};
use crate::protocol::Frame;
use crate::render::painter;
use crate::render::scene::Cloud;
use crate::rng::{CounterRng, Domain};
use crate::studies::Job;
use crate::words::panels::bench as words;
use crate::words::playground::controls::copying_refused;

/// The panel.
#[component]
pub fn Bench(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    let lab = Lab::new();
    // What the page can only measure itself.
    let own = StoredValue::new(Vec::new());
    let refused = RwSignal::new(String::new());
    let start = move |quick: bool| {
        own.set_value(page_numbers());
        let device = desk.experiment.with_untracked(|experiment| experiment.view.device);
        lab.start(Job::Bench { quick, device });
    };
    let result = move || {
        lab.answer.get().map(|answer| {
            let sheets = answer.sheets.into_iter().map(|sheet| view! { <SheetView sheet/> }).collect_view();
            view! {
                {facts([answer.numbers, own.get_value()].concat())}
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
                <CopyButton lab own refused/>
                <Problem lab/>
            </div>
            <Show when=move || refused.with(|text| !text.is_empty())>
                <p class="problem" role="alert">{refused}</p>
            </Show>
            {result}
        </Panel>
    }
}

/// Copies the answer; `refused`: what to copy by hand where the browser does not let it.
#[component]
fn CopyButton(lab: Lab, own: StoredValue<Vec<(String, String)>>, refused: RwSignal<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = lab.answer.with_untracked(|answer| Some(markdown(answer.as_ref()?, &own.get_value())));
        if let Some(text) = text {
            clipboard::copy(text, copied, move |text| refused.set(copying_refused(text)));
        }
    };
    view! {
        <Show when=move || lab.answer.with(Option::is_some)>
            <button class="quiet" id="bench-copy" on:click=copy>
                {move || if copied.get() { words::COPIED } else { words::COPY_AS_MARKDOWN }}
            </button>
        </Show>
    }
}

/// The answer as a Markdown table with the machine above it.
fn markdown(answer: &Answer, own: &[(String, String)]) -> String {
    let browser = window().navigator().user_agent().unwrap_or_default();
    let mut text = format!("Normscope {}, {browser}\n\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in answer.numbers.iter().chain(own) {
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

/// How long the reader waited for the first step, if there was one, and how long the page takes to paint both spheres itself.
fn page_numbers() -> Vec<(String, String)> {
    let first = timing::first_step().map(|millis| (words::FIRST_STEP.to_owned(), words::millis(millis)));
    let painted = painting().map(|millis| (words::PAINTING.to_owned(), words::millis(millis)));
    first.into_iter().chain(painted).collect()
}

/// Milliseconds to paint two spheres of 500 points on 2D canvases.
fn painting() -> Option<f64> {
    const POINTS: usize = 500;
    const SIDE: u32 = 640;
    const FRAMES: u32 = 10;
    let (canvas, pen) = canvas::hidden(SIDE, SIDE)?;
    let mut cloud = Cloud::with_labels((0..POINTS).map(|at| (at % 10) as u16).collect());
    let mut rng = CounterRng::new(Domain::Probe, 1, 0, 0, 0);
    let mut directions = vec![0.0; 3 * POINTS];
    directions.chunks_exact_mut(3).for_each(|direction| rng.unit_vector(direction));
    let norms: Vec<f32> = (0..POINTS).map(|_| rng.range(-1.0, 2.5).exp()).collect();
    cloud.update(&directions, &norms, 1.0);
    let mut frame = Frame { norm_range: [0.2, 20.0], ..Frame::still(SIDE, SIDE) };
    let begun = Instant::now();
    for _ in 0..2 * FRAMES {
        frame.yaw += 0.05;
        painter::paint(&pen, &frame, &cloud);
        // Reading a pixel makes the browser do what it was told so far.
        pen.get_image_data(0.0, 0.0, 1.0, 1.0).ok()?;
    }
    drop(canvas);
    Some(begun.elapsed().as_secs_f64() * 1e3 / f64::from(FRAMES))
}
