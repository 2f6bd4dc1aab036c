//! The panel to share and save: a link with its QR code, what is seen as pictures, the run as numbers, models, a script, a
//! citation, a figure that replays.
//!
//! ```text
//! link      addresses, and HTML that embeds;  share: what a link says, chosen, and its QR code
//! picture   the spheres and curves as files;  film: the run as an animated GIF;  caption: what is written under them
//! figure    the run as one HTML file;  delivery: handing files over
//! ```

mod caption;
mod delivery;
mod figure;
mod film;
mod link;
pub(super) mod picture;
mod share;

use leptos::prelude::*;

use super::desk::Desk;
use super::gate::{Gate, GateView};
use super::lab::{Lab, Stage};
use super::panel::{Panel, closing};
use crate::config::ArmId;
use crate::export::{citation, pytorch};
use crate::figure::curves;
use crate::lab::{ArmRows, Export, Job};
use crate::parts::files::save;
use crate::words::panels::export as words;
use delivery::{deliver, name_of};
use link::permalink;
use picture::{Arms, Format};

/// The panel.
#[component]
pub fn ExportPanel(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    let problem = RwSignal::new(String::new());
    let gate = Gate::new(desk);
    view! {
        <Panel title=words::EXPORT close>
            <p class="problem" role="alert" hidden=move || problem.with(String::is_empty)>{problem}</p>
            <share::Share desk problem/>
            <Spheres desk problem/>
            <Curves desk problem/>
            <Numbers desk problem gate/>
            <Onwards desk problem/>
        </Panel>
    }
}

/// Scales on offer, in pixels per CSS pixel.
const SCALES: [f32; 4] = [1.0, 2.0, 3.0, 4.0];

#[component]
fn ScaleChoice(scale: RwSignal<f32>) -> impl IntoView {
    view! {
        <label class="inline"><span>{words::PNG_SCALE}</span>
            <select on:change=move |event| scale.set(event_target_value(&event).parse().unwrap_or(2.0))>
                {SCALES.map(|one| view! { <option value=one.to_string() selected=one == 2.0>{format!("{one}×")}</option> }).into_iter().collect_view()}
            </select>
        </label>
    }
}

#[component]
fn Spheres(desk: Desk, problem: RwSignal<String>) -> impl IntoView {
    let scale = RwSignal::new(2.0_f32);
    let arms = RwSignal::new(Arms::Both);
    let export = move |format: Format| {
        leptos::task::spawn_local(async move {
            let name = desk.experiment.with_untracked(name_of);
            let result = picture::spheres(desk, arms.get_untracked(), format).await;
            deliver(problem, result.map(|(mime, bytes)| (format!("{name}-sphere.{}", format.ending()), mime, bytes)));
        });
    };
    let filming = RwSignal::new(None::<f64>);
    let film = move |_| {
        filming.set(Some(0.0));
        leptos::task::spawn_local(async move {
            let name = format!("{}.gif", desk.experiment.with_untracked(name_of));
            // The view may be gone by then.
            let tell = move |share| {
                let _ = filming.try_set(Some(share));
            };
            let film = film::gif(desk, tell).await;
            let _ = filming.try_set(None);
            deliver(problem, film.map(|bytes| (name, "image/gif".to_owned(), bytes)));
        });
    };
    let filmed = move || match filming.get() {
        Some(share) => words::filming(100.0 * share),
        None => words::FILM.to_owned(),
    };
    view! {
        <section>
            <h3>{words::SPHERES}</h3>
            <div class="job-row">
                <label class="inline"><span>{words::ARMS}</span>
                    <select on:change=move |event| arms.set(Arms::parse(&event_target_value(&event)))>
                        <option value="both">{words::A_AND_B}</option><option value="a">"A"</option><option value="b">"B"</option>
                    </select>
                </label>
                <ScaleChoice scale/>
                <button class="quiet" id="sphere-png" on:click=move |_| export(Format::Png(scale.get_untracked()))>"PNG"</button>
                <button class="quiet" id="sphere-svg" on:click=move |_| export(Format::Svg)>"SVG"</button>
                <button class="quiet" id="sphere-gif" disabled=move || filming.with(Option::is_some) on:click=film>{filmed}</button>
            </div>
            <p class="hint">{words::FILM_HELP}</p>
        </section>
    }
}

#[component]
fn Curves(desk: Desk, problem: RwSignal<String>) -> impl IntoView {
    let scale = RwSignal::new(2.0_f32);
    let curve = RwSignal::new("curve-knn".to_owned());
    let lab = Lab::new();
    let wanted = StoredValue::new(Format::Svg);
    Effect::new(move |_| {
        let Some((name, mime, bytes)) = lab.file.get() else { return };
        match wanted.get_value() {
            Format::Svg => save(&name, &mime, &bytes),
            Format::Png(scale) => leptos::task::spawn_local(async move {
                let png = picture::of_svg(&bytes, scale).await;
                deliver(problem, png.map(|png| (name.replace(".svg", ".png"), "image/png".to_owned(), png)));
            }),
        }
    });
    follow_failures(lab, problem);
    let export = move |format: Format| {
        wanted.set_value(format);
        ask(desk, lab, problem, Export::Curve(curve.get_untracked()));
    };
    let names = curves::names();
    view! {
        <section>
            <h3>{words::CURVES}</h3>
            <div class="job-row">
                <label class="inline"><span>{words::CURVE}</span>
                    <select id="curve" on:change=move |event| curve.set(event_target_value(&event))>
                        {names.into_iter().map(|(name, title)| view! { <option value=name>{title}</option> }).collect_view()}
                    </select>
                </label>
                <ScaleChoice scale/>
                <button class="quiet" id="curve-png" on:click=move |_| export(Format::Png(scale.get_untracked()))>"PNG"</button>
                <button class="quiet" id="curve-svg" on:click=move |_| export(Format::Svg)>"SVG"</button>
            </div>
        </section>
    }
}

#[component]
fn Numbers(desk: Desk, problem: RwSignal<String>, gate: Gate) -> impl IntoView {
    let lab = Lab::new();
    Effect::new(move |_| {
        if let Some((name, mime, bytes)) = lab.file.get() {
            save(&name, &mime, &bytes);
        }
    });
    follow_failures(lab, problem);
    let ask = move |kind: Export| ask(desk, lab, problem, kind);
    let model = move || {
        leptos::task::spawn_local(async move {
            let mime = "application/octet-stream".to_owned();
            deliver(problem, desk.model().await.map(|bytes| ("model.safetensors".to_owned(), mime, bytes)));
        });
    };
    let training = move || gate.is_training();
    let trace = move |_| {
        leptos::task::spawn_local(async move {
            let name = format!("{}.trace", desk.experiment.with_untracked(name_of));
            let mime = "application/octet-stream".to_owned();
            deliver(problem, desk.trace_file().await.map(|bytes| (name, mime, bytes)));
        });
    };
    view! {
        <section>
            <h3>{words::THE_RUN}</h3>
            <div class="choices-grid">
                <button class="quiet" id="export-csv" on:click=move |_| ask(Export::Csv)>{words::METRICS_CSV}</button>
                <button class="quiet" id="export-json" on:click=move |_| ask(Export::Json)>{words::EVERYTHING_JSON}</button>
                <button class="quiet" id="export-npz" disabled=training on:click=move |_| gate.pass(move || ask(Export::Embeddings))>{words::EMBEDDINGS_NPZ}</button>
                <button class="quiet" id="export-model" disabled=training on:click=move |_| gate.pass(model)>{words::WEIGHTS_SAFETENSORS}</button>
                <button class="quiet" id="export-trace" on:click=trace>{words::RECORDED_RUN_TRACE}</button>
            </div>
            <GateView gate/>
            <p class="hint">{words::TRACE_HELP}</p>
        </section>
    }
}

/// What goes on elsewhere: at full scale, in a file, in a paper.
#[component]
fn Onwards(desk: Desk, problem: RwSignal<String>) -> impl IntoView {
    let cite = move |_| {
        let today = String::from(js_sys::Date::new_0().to_iso_string());
        let text = desk.experiment.with_untracked(|experiment| {
            citation::bibtex(experiment, &permalink(experiment), today.split('T').next().unwrap_or_default())
        });
        save("normscope.bib", "application/x-bibtex", text.as_bytes());
    };
    let html = move |_| {
        leptos::task::spawn_local(async move {
            let name = format!("{}.html", desk.experiment.with_untracked(name_of));
            let page = figure::page(desk).await;
            deliver(problem, page.map(|page| (name, "text/html".to_owned(), page.into_bytes())));
        });
    };
    let script = move |arm: ArmId| {
        let text =
            desk.experiment.with_untracked(|experiment| pytorch::script(experiment, arm, &permalink(experiment)));
        save(&format!("normscope_{}.py", arm.key()), "text/x-python", text.as_bytes());
    };
    view! {
        <section>
            <h3>{words::AT_FULL_SCALE}</h3>
            <div class="choices-grid">
                <button class="quiet" id="export-pytorch" on:click=move |_| script(ArmId::A)>{words::PYTORCH_SCRIPT_OF_A}</button>
                <button class="quiet" id="export-pytorch-b" on:click=move |_| script(ArmId::B)>{words::PYTORCH_SCRIPT_OF_B}</button>
            </div>
            <p class="hint">{words::SCRIPT_HELP}</p>
        </section>
        <section>
            <h3>{words::ARTICLE}</h3>
            <div class="choices-grid">
                <button class="quiet" id="export-html" title=words::HTML_HELP on:click=html>{words::FIGURE_ONE_HTML_FILE}</button>
                <button class="quiet" id="export-bib" on:click=cite>{words::CITATION_BIBTEX}</button>
            </div>
        </section>
    }
}

/// Has the lab write a file of the run.
fn ask(desk: Desk, lab: Lab, problem: RwSignal<String>, kind: Export) {
    leptos::task::spawn_local(async move {
        let trace = match desk.trace().await {
            Ok(trace) => trace,
            Err(why) => return problem.set(why.to_string()),
        };
        let mut embeddings = Vec::new();
        if kind == Export::Embeddings {
            for arm in ArmId::ALL {
                match desk.embeddings(arm).await {
                    Ok(found) => embeddings.push(ArmRows { z: found.z, dim: found.dim, step: found.step }),
                    Err(why) => return problem.set(why.to_string()),
                }
            }
        }
        problem.set(String::new());
        lab.start(Job::Export { kind, trace: Box::new(trace), embeddings });
    });
}

fn follow_failures(lab: Lab, problem: RwSignal<String>) {
    Effect::new(move |_| {
        if let Stage::Failed(why) = lab.stage.get() {
            problem.set(why);
        }
    });
}
