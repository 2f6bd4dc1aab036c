//! A pad to draw an input on, and where it lands among known samples.

use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};

use super::lab::Lab;
use crate::parts::canvas::pen;
use crate::parts::thumb::Thumb;
use crate::rng::{CounterRng, Domain};
use crate::studies::Job;
use crate::text::number;
use crate::words::rooms::pad as words;

/// Reach of the brush, as a share of the pad's side.
const BRUSH: f32 = 0.13;

/// Ink of each cell, 0..1, row by row.
#[derive(Clone, Default)]
struct Ink {
    width: usize,
    height: usize,
    cells: Vec<f32>,
}

impl Ink {
    fn blank(width: usize, height: usize) -> Ink {
        Ink { width, height, cells: vec![0.0; width * height] }
    }

    /// A soft dot at (x, y), both 0..1 from the top left.
    fn dab(&mut self, x: f32, y: f32) {
        let reach = (BRUSH * self.width as f32).max(1.0);
        for (at, cell) in self.cells.iter_mut().enumerate() {
            let (column, row) = ((at % self.width) as f32 + 0.5, (at / self.width) as f32 + 0.5);
            let distance = (column - x * self.width as f32).hypot(row - y * self.height as f32);
            *cell = cell.max((1.3 - distance / reach).clamp(0.0, 1.0));
        }
    }

    fn rgba(&self) -> Vec<u8> {
        let byte = |ink: f32| (255.0 * ink) as u8;
        self.cells.iter().flat_map(|ink| [byte(*ink), byte(*ink), byte(*ink), 255]).collect()
    }
}

/// The pad; its inputs go to the model that the study in `lab` trained first.
#[component]
pub fn Pad(lab: Lab) -> impl IntoView {
    let side = move || {
        lab.answer.with(|answer| {
            let shot = answer.as_ref().and_then(|answer| answer.gallery.first());
            shot.map_or((8, 8), |shot| (shot.picture.width as usize, shot.picture.height as usize))
        })
    };
    let ink = RwSignal::new(Ink::default());
    let drawing = RwSignal::new(false);
    let draws = StoredValue::new(0_u32);
    let node = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let (width, height) = side();
        if ink.with_untracked(|ink| (ink.width, ink.height) != (width, height)) {
            ink.set(Ink::blank(width, height));
        }
    });
    Effect::new(move |_| {
        if let Some(canvas) = node.get() {
            ink.with(|ink| paint(&canvas, ink));
        }
    });
    let ask = move || lab.ask(&Job::Place { row: ink.with_untracked(|ink| ink.cells.clone()) });
    let dab = move |event: &PointerEvent| {
        let target = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(frame) = target.map(|target| target.get_bounding_client_rect()) else { return };
        let x = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let y = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
        ink.update(|ink| ink.dab(x as f32, y as f32));
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        drawing.set(true);
        dab(&event);
    };
    let moved = move |event: PointerEvent| {
        if drawing.get_untracked() {
            dab(&event);
        }
    };
    let up = move |_| {
        if drawing.get_untracked() {
            drawing.set(false);
            ask();
        }
    };
    let clear = move |_| {
        ink.update(|ink| *ink = Ink::blank(ink.width, ink.height));
        lab.placed.set(None);
    };
    let noise = move |_| {
        draws.update_value(|draws| *draws += 1);
        let mut rng = CounterRng::new(Domain::Probe, 0, draws.get_value(), 0, 0);
        ink.update(|ink| ink.cells.iter_mut().for_each(|cell| *cell = rng.uniform()));
        ask();
    };
    let idle = move || !lab.is_working();
    view! {
        <section class="sheet">
            <h4>{words::DRAW_ONE_YOURSELF}</h4>
            <p class="hint">{words::PAD_HELP}</p>
            <div class="pad">
                <canvas
                    node_ref=node
                    aria-label=words::DRAWING_PAD
                    role="img"
                    on:pointerdown=down
                    on:pointermove=moved
                    on:pointerup=up
                    on:pointerleave=up
                ></canvas>
                <div class="pad-side">
                    <div class="job-row">
                        <button class="quiet" on:click=clear>{words::CLEAR}</button>
                        <button class="quiet" id="pad-noise" disabled=move || !idle() on:click=noise>{words::NOISE}</button>
                    </div>
                    <Landing lab/>
                </div>
            </div>
        </section>
    }
}

/// Where the last input landed.
#[component]
fn Landing(lab: Lab) -> impl IntoView {
    move || {
        let placed = lab.placed.get()?;
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let neighbours = placed
            .neighbours
            .into_iter()
            .map(|(class, cosine, picture)| {
                let thumb = picture.map(|picture| view! { <Thumb picture/> });
                view! { <li>{thumb}<span>{class}</span><small>{format!("{cosine:.2}")}</small></li> }
            })
            .collect_view();
        Some(view! {
            <p class="landing" role="status">
                {words::NORM} <b>{number(placed.norm, 2)}</b>": " {percent(placed.norm_rank)}
                {words::SHORTER} <b>{format!("{:.3}", placed.max_cosine)}</b>": "
                {percent(placed.cosine_rank)} {words::FARTHER}
                {percent(placed.combined_rank)} "."
            </p>
            <p class="near">{words::NEAREST}</p>
            <ul class="neighbours">{neighbours}</ul>
        })
    }
}

fn paint(canvas: &web_sys::HtmlCanvasElement, ink: &Ink) {
    if ink.cells.is_empty() {
        return;
    }
    let (width, height) = (ink.width as u32, ink.height as u32);
    canvas.set_width(width);
    canvas.set_height(height);
    let image = web_sys::ImageData::new_with_u8_clamped_array_and_sh(Clamped(&ink.rgba()), width, height);
    if let (Some(context), Ok(image)) = (pen(canvas), image) {
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}
