//! All presets as cards, each with a picture of its recorded run and the reason why it is worth a look.

use leptos::html;
use leptos::prelude::*;

use super::desk::Desk;
use super::panel::{Panel, closing};
use crate::config::{ArmId, PRESETS, Preset};
use crate::metrics::Metric;
use crate::parts::{self, canvas::pen};
use crate::protocol::Frame;
use crate::render::painter;
use crate::render::scene::{Cloud, common_range};
use crate::trace::Trace;
use crate::trace::shot::Shot;
use crate::words::panels::presets as words;

/// Side of a sphere in a card, CSS pixels.
const SIDE: u32 = 120;

/// The gallery.
#[component]
pub fn Presets(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    view! {
        <Panel title=words::PRESETS close wide=true>
            <ul class="cards">
                {PRESETS.iter().map(|preset| view! { <Card desk preset/> }).collect_view()}
            </ul>
        </Panel>
    }
}

#[component]
fn Card(desk: Desk, preset: &'static Preset) -> impl IntoView {
    let trace = RwSignal::new_local(None::<Trace>);
    leptos::task::spawn_local(async move {
        match parts::trace::preset(preset.name).await {
            Ok(read) => drop(trace.try_set(Some(read))),
            // The card stands without its picture.
            Err(problem) => log::warn!("{problem}"),
        }
    });
    let here = move || desk.experiment.with(|experiment| experiment.run.preset.as_deref() == Some(preset.name));
    let go = move |_| {
        leptos::task::spawn_local(async move {
            let _ = desk.say("preset", &[("name", preset.name.into())]).await;
        });
        desk.open(None);
    };
    let outcome = move || trace.with(|trace| trace.as_ref().map(outcome));
    view! {
        <li>
            <button class="card" class:here=here aria-current=move || here().then_some("true") on:click=go>
                <span class="pair">
                    {move || trace.get().map(|trace| ArmId::ALL.map(|arm| view! { <Sphere trace=trace.clone() arm/> }).collect_view())}
                </span>
                <b>{preset.title}</b>
                <span class="why">{preset.reason}</span>
                <small>{outcome}</small>
            </button>
        </li>
    }
}

/// What the recorded run came to.
fn outcome(trace: &Trace) -> String {
    let last = |arm: usize| trace.arms[arm].series(Metric::Knn).last().map_or(f64::NAN, |(_, knn)| 100.0 * knn);
    words::outcome(trace.steps, last(0), last(1))
}

/// The last points of an arm.
#[component]
fn Sphere(trace: Trace, arm: ArmId) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    node.on_load(move |canvas| {
        if let Some(context) = pen(&canvas) {
            draw(&context, &trace, arm);
        }
    });
    view! { <canvas node_ref=node width=2 * SIDE height=2 * SIDE aria-hidden="true"></canvas> }
}

fn draw(context: &web_sys::CanvasRenderingContext2d, trace: &Trace, arm: ArmId) {
    let last = |arm: ArmId| trace.arms[arm.index()].shots.last();
    let Some(shot) = last(arm) else { return };
    let norm_range = common_range(ArmId::ALL.iter().filter_map(|arm| last(*arm)).map(Shot::norm_range));
    let mut cloud = Cloud::with_labels(trace.data.labels.clone());
    cloud.update(&shot.directions(), &shot.norms(), 1.0);
    let dark =
        document().document_element().and_then(|root| root.get_attribute("data-theme")).as_deref() == Some("dark");
    let frame = Frame { pixel_ratio: 2.0, morph: 0.0, norm_range, dark, ..Frame::still(2 * SIDE, 2 * SIDE) };
    painter::paint(context, &frame, &cloud);
}
