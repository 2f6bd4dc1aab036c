//! One arm's pane: how it differs, its sphere, how it does; and the bar above both.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::inspector::Inspector;
use super::model::Model;
use super::panels::PanelButton;
use super::race::seen;
use super::viewport::Viewport;
use crate::config::choices::Choice;
use crate::config::{ArmId, ColourBy, Shape, arm_label, arm_name, condition};
use crate::figure::scale::{number, short};
use crate::metrics::Metric;
use crate::parts::live::{If, live};
use crate::parts::panel::Panel;
use crate::parts::segmented::{Segmented, pairs};
use crate::render::palette;
use crate::render::scene::{common_range, ends};
use crate::words::playground::sphere as words;

/// What both spheres show, and what their colours mean.
#[component]
pub fn StageBar(model: Model) -> impl IntoView {
    let viewport = model.viewport;
    let shape = Signal::derive(move || model.experiment.with(|experiment| experiment.view.shape.key()));
    let colour = Signal::derive(move || model.experiment.with(|experiment| experiment.view.colour.key()));
    let pick_shape = move |key: &str| {
        if let Some(shape) = Shape::parse(key) {
            model.change(|experiment| experiment.view.shape = shape);
        }
    };
    let pick_colour = move |key: &str| {
        if let Some(colour) = ColourBy::parse(key) {
            model.change(|experiment| experiment.view.colour = colour);
        }
    };
    view! {
        <div class="stage-bar">
            <Segmented label=words::SHAPE options={pairs::<Shape>()} value=shape pick=pick_shape/>
            <Segmented label=words::COLOUR options={pairs::<ColourBy>()} value=colour pick=pick_colour/>
            <If when=live(move || !model.hidden("legend"))>
                <Legend model/>
            </If>
            <If when=live(move || !model.hidden("story") && !model.experiment.with(|experiment| experiment.view.embed || experiment.view.lock))>
                <PanelButton
                    model
                    panel=Panel::Story
                    name=words::SLOW_MOTION
                    title=words::SLOW_MOTION_HELP
                />
            </If>
            <div class="zoom" role="group" aria-label=words::ZOOM>
                <button class="plain" title=words::FARTHER on:click=move |_| viewport.zoom(1.0 / 1.25)>"−"</button>
                <button class="plain" title=words::FIRST_VIEW on:click=move |_| viewport.home()>"⌂"</button>
                <button class="plain" title=words::NEARER on:click=move |_| viewport.zoom(1.25)>"+"</button>
            </div>
        </div>
    }
}

#[component]
fn Legend(model: Model) -> impl IntoView {
    let by_norm = move || model.experiment.with(|experiment| experiment.view.colour == ColourBy::Norm);
    let classes = move || {
        let dark = model.dark.get();
        model.data.with(|data| {
            let names = data.as_ref().map(|data| data.classes.clone()).unwrap_or_default();
            let note = match (names.len(), data) {
                (0, Some(data)) if data.train > 0 => Some(words::NO_CLASSES.to_owned()),
                (1, _) => Some(words::ONE_CLASS.to_owned()),
                (many, _) if many > palette::classes(dark).len() => {
                    Some(words::colours_repeat(palette::classes(dark).len()))
                }
                _ => None,
            };
            let list = names
                .into_iter()
                .enumerate()
                .map(|(label, name)| {
                    let colour = palette::css(palette::class(label as u16, dark), 1.0);
                    view! { <li><i style:background=colour></i>{name}</li> }
                })
                .collect_view();
            (note.map(|note| view! { <li>{note}</li> }), list)
        })
    };
    let gradient = move || {
        let dark = model.dark.get();
        let stops: Vec<String> = (0..=8).map(|i| palette::css(palette::scale(i as f32 / 8.0, dark), 1.0)).collect();
        format!("linear-gradient(90deg, {})", stops.join(", "))
    };
    // What the ends of the colours stand for, in both arms.
    let range = move || {
        common_range(model.arms.into_iter().filter_map(|arm| arm.norms.with(|norms| ends(norms.iter().copied()))))
    };
    view! {
        <If when=live(move || !by_norm())>
            <ul class="legend" aria-label=words::CLASSES>{classes}</ul>
        </If>
        <If when=live(by_norm)>
            <div class="legend scale" aria-label=words::NORM_SCALE>
                <span>{words::LENGTH}" "<b translate="no" prop:textContent=live(move || short(range()[0].into()))></b></span>
                <i style:background=live(gradient)></i>
                <span prop:textContent=live(move || short(range()[1].into()))></span>
            </div>
        </If>
    }
}

/// One arm.
#[component]
pub fn Pane(model: Model, arm: ArmId) -> impl IntoView {
    let viewport = model.viewport;
    let state = model.arms[arm.index()];
    let flat = NodeRef::<html::Canvas>::new();
    flat.on_load(move |canvas| viewport.adopt_flat(arm, canvas));
    let title = move || model.experiment.with(|experiment| arm_name(experiment, arm));
    let label = move || model.experiment.with(|experiment| arm_label(experiment, arm));
    let what = move || {
        let norm = state.latest(Metric::NormQ50).map_or_else(|| words::UNKNOWN.to_owned(), |norm| number(norm, 2));
        words::sphere_summary(label(), &norm)
    };
    view! {
        <article class=format!("pane arm-{}", arm.key()) aria-label=live(move || words::arm(label()))>
            <header>
                <h2><b>{arm.letter()}</b>" "<span prop:textContent=live(title)></span></h2>
                <Chips model arm/>
            </header>
            <div class="canvases">
                {move || {
                    model.epoch.track();
                    let gpu = NodeRef::<html::Canvas>::new();
                    gpu.on_load(move |canvas| viewport.adopt_gpu(arm, canvas));
                    view! { <canvas class="gpu" node_ref=gpu aria-hidden="true"></canvas> }
                }}
                <SphereCanvas viewport arm node=flat what=Signal::derive(what)/>
                <Overlay model arm/>
                <Inspector model arm/>
            </div>
            <Readout model arm/>
        </article>
    }
}

/// A pointer that is down: its id, where it was last (CSS pixels), and when (milliseconds).
type Pointer = (i32, f32, f32, f64);

/// What pointers do to a sphere: one drags it, two zoom, a click pins a point, and one that is not down points at it.
#[derive(Clone, Copy)]
struct Gestures {
    viewport: Viewport,
    arm: ArmId,
    pointers: StoredValue<Vec<Pointer>>,
    /// CSS pixels since the last one came down.
    travelled: StoredValue<f32>,
}

impl Gestures {
    /// The point under a pointer.
    fn point(self, event: &PointerEvent) -> Option<(ArmId, u32)> {
        let at = self.viewport.point_at(self.arm, event.offset_x() as f32, event.offset_y() as f32);
        at.map(|index| (self.arm, index))
    }

    fn down(self, event: &PointerEvent) {
        if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        self.pointers.update_value(|all| {
            all.retain(|pointer| pointer.0 != event.pointer_id());
            all.push((event.pointer_id(), event.client_x() as f32, event.client_y() as f32, event.time_stamp()));
        });
        self.travelled.set_value(0.0);
        self.viewport.hold(true);
    }

    fn moved(self, event: &PointerEvent) {
        let Gestures { viewport, pointers, travelled, .. } = self;
        let (x, y, now) = (event.client_x() as f32, event.client_y() as f32, event.time_stamp());
        let before = pointers.get_value();
        let Some(&(id, last_x, last_y, last)) = before.iter().find(|pointer| pointer.0 == event.pointer_id()) else {
            viewport.hovered.set(self.point(event));
            return;
        };
        let (dx, dy) = (x - last_x, y - last_y);
        travelled.update_value(|way| *way += dx.hypot(dy));
        match before.iter().find(|pointer| pointer.0 != id) {
            Some(&(_, other_x, other_y, _)) => {
                let (old, new) = ((last_x - other_x).hypot(last_y - other_y), (x - other_x).hypot(y - other_y));
                viewport.zoom(if old > 1.0 { new / old } else { 1.0 });
            }
            None if travelled.get_value() > 3.0 => viewport.drag(dx, dy, ((now - last) / 1000.0) as f32),
            None => {}
        }
        pointers.update_value(|all| {
            for pointer in all.iter_mut().filter(|pointer| pointer.0 == id) {
                *pointer = (id, x, y, now);
            }
        });
    }

    fn up(self, event: &PointerEvent) {
        self.pointers.update_value(|all| all.retain(|pointer| pointer.0 != event.pointer_id()));
        if self.pointers.with_value(Vec::is_empty) {
            self.viewport.hold(false);
        }
        if self.travelled.get_value() <= 3.0 && event.type_() == "pointerup" {
            self.viewport.pin(self.point(event));
        }
    }
}

/// Zooms, where the page does not scroll instead.
fn on_wheel(viewport: Viewport, event: &WheelEvent) {
    let here = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let focused = here.is_some() && document().active_element() == here;
    if event.ctrl_key() || focused {
        event.prevent_default();
        viewport.zoom((-event.delta_y() as f32 * 0.0015).exp());
    }
}

#[component]
fn SphereCanvas(viewport: Viewport, arm: ArmId, node: NodeRef<html::Canvas>, what: Signal<String>) -> impl IntoView {
    let gestures = Gestures { viewport, arm, pointers: StoredValue::new(Vec::new()), travelled: StoredValue::new(0.0) };
    let up = move |event: PointerEvent| gestures.up(&event);
    view! {
        <canvas
            class="flat"
            node_ref=node
            tabindex="0"
            role="img"
            aria-label=what
            on:pointerdown=move |event| gestures.down(&event)
            on:pointermove=move |event| gestures.moved(&event)
            on:pointerup=up
            on:pointercancel=up
            on:pointerleave=move |_| viewport.hovered.set(None)
            on:wheel=move |event| on_wheel(viewport, &event)
            on:keydown=move |event| on_key(viewport, arm, &event)
        ></canvas>
    }
}

fn on_key(viewport: Viewport, arm: ArmId, event: &KeyboardEvent) {
    const TURN: f32 = 0.12;
    let direction = match event.key().as_str() {
        "ArrowLeft" => Some((-1.0, 0.0)),
        "ArrowRight" => Some((1.0, 0.0)),
        "ArrowUp" => Some((0.0, -1.0)),
        "ArrowDown" => Some((0.0, 1.0)),
        _ => None,
    };
    match (event.key().as_str(), direction) {
        (_, Some((x, y))) if event.shift_key() => viewport.turn(x * TURN, y * TURN),
        (_, Some((x, y))) => viewport.walk(arm, x, y),
        ("+" | "=", _) => viewport.zoom(1.15),
        ("-", _) => viewport.zoom(1.0 / 1.15),
        ("0", _) => viewport.home(),
        ("Escape", _) => viewport.pinned.set(None),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// How this arm differs from the other, exactly.
#[component]
fn Chips(model: Model, arm: ArmId) -> impl IntoView {
    let chips = move || {
        let differences = model.differences();
        if differences.is_empty() {
            return view! { <li class="same">{words::SAME_SETTINGS}</li> }.into_any();
        }
        differences
            .into_iter()
            .map(|(param, a, b)| {
                let value = if arm == ArmId::A { a } else { b };
                let note = if param.key == "batch" { words::OTHER_BATCHES } else { "" };
                view! { <li translate="no" title=param.help>{param.label}" = "<b>{value}</b>{note}</li> }
            })
            .collect_view()
            .into_any()
    };
    view! { <ul class="chips" aria-label=words::HOW_THIS_ARM_DIFFERS>{chips}</ul> }
}

/// What lies over the sphere: loading, or why the arm stopped.
#[component]
fn Overlay(model: Model, arm: ArmId) -> impl IntoView {
    let state = model.arms[arm.index()];
    let share = move || model.downloaded.get().map(|share| format!("{:.0}%", share * 100.0)).unwrap_or_default();
    view! {
        <If when=live(move || model.is_busy() && model.failed.with(Option::is_none))>
            <div class="loading">
                <p prop:textContent=live(move || model.loading.get().unwrap_or_default())></p>
                <div class="bar" class:unknown=live(move || model.downloaded.with(Option::is_none))>
                    <i style:width=live(share)></i>
                </div>
            </div>
        </If>
        <If when=live(move || state.stopped.with(Option::is_some))>
            <div class="stopped">
                <p prop:textContent=live(move || state.stopped.get().map(|(step, reason)| words::stopped(step, &reason)).unwrap_or_default())></p>
            </div>
        </If>
    }
}

/// What stands under a sphere: four numbers, how much of the embeddings is drawn, and whether it is a picture of learning.
#[component]
fn Readout(model: Model, arm: ArmId) -> impl IntoView {
    let state = model.arms[arm.index()];
    let condition = Memo::new(move |_| {
        let standing = seen(model, arm, state.at.get().map_or(f64::INFINITY, f64::from)).standing();
        let shortest = state.latest(Metric::NormQ05);
        model.experiment.with(|experiment| condition(experiment.run.method, experiment.arm(arm), standing, shortest))
    });
    let tells = move || state.stopped.with(Option::is_none) && condition.with(Option::is_some);
    let loss = move || state.loss();
    let entry = |label: &'static str, help: &'static str, value: Signal<Option<f64>>, digits: usize| {
        let text = move || value.get().map_or_else(|| "–".to_owned(), |value| number(value, digits));
        view! { <div title=help><dt>{label}</dt><dd translate="no" prop:textContent=live(text)></dd></div> }
    };
    let metric =
        move |metric: Metric, factor: f64| Signal::derive(move || state.latest(metric).map(|value| value * factor));
    view! {
        <div class="under">
        <dl class="readout">
            {entry(words::KNN, Metric::Knn.help(), metric(Metric::Knn, 100.0), 1)}
            {entry(words::LOSS, Metric::Loss.help(), Signal::derive(loss), 3)}
            {entry(words::MEDIAN_NORM, Metric::NormQ50.help(), metric(Metric::NormQ50, 1.0), 2)}
            {entry(words::SPREAD, Metric::Spread.help(), metric(Metric::Spread, 1.0), 3)}
        </dl>
        <p class="drawn" title=Metric::DrawnShare.help() prop:textContent=live(move || drawn(model, arm))></p>
        <If when=live(tells)>
            <p class="condition" role="status" prop:textContent=live(move || condition.get().unwrap_or_default())></p>
        </If>
        </div>
    }
}

/// How much of the embeddings the sphere shows.
fn drawn(model: Model, arm: ArmId) -> String {
    let state = model.arms[arm.index()];
    let dim = model.experiment.with(|experiment| experiment.arm(arm).dim);
    match state.latest(Metric::DrawnShare) {
        _ if state.history.with(Vec::is_empty) => String::new(),
        _ if dim <= 3 => words::all_drawn(dim),
        Some(share) => words::drawn(dim, 100.0 * share, state.inside.get()),
        None => words::OLD_RECORDING.to_owned(),
    }
}
