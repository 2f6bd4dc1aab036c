//! A pad to draw an input on, and where it lands among known samples.

use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};

use super::example::Shown;
use super::figure::FigureView;
use super::job::Problem;
use super::lab::{Lab, Stage};
use crate::data::Ood;
use crate::figure::{Figure, Role, Series};
use crate::lab::{Answer, Placed};
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

    fn is_drawn(&self) -> bool {
        self.cells.iter().any(|ink| *ink > 0.0)
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

/// The pad; its inputs go to the model of the reader's own study in `lab` once that is done, until then to the recorded example's.
#[component]
pub fn Pad(lab: Lab, shown: Shown, kind: RwSignal<Option<Ood>>) -> impl IntoView {
    let shipped = Lab::new();
    let own = Memo::new(move |_| {
        let has = |answer: &Answer| answer.has_model && !answer.gallery.is_empty();
        !lab.is_working() && lab.answer.with(|answer| answer.as_ref().is_some_and(has))
    });
    let asked = move || if own.get() { lab } else { shipped };
    // Whose model is asked, and where known samples lie under it.
    let answer = Memo::new(move |_| match own.get() {
        true => lab.answer.get(),
        false => shown.example.with(|example| example.as_ref().map(|example| example.answer.clone())),
    });
    let side = Memo::new(move |_| {
        answer.with(|answer| {
            let shot = answer.as_ref().and_then(|answer| answer.gallery.first());
            shot.map(|shot| (shot.picture.width as usize, shot.picture.height as usize))
        })
    });
    let ink = RwSignal::new(Ink::default());
    let drawing = RwSignal::new(false);
    let draws = StoredValue::new(0_u32);
    let node = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some((width, height)) = side.get()
            && ink.with_untracked(|ink| (ink.width, ink.height) != (width, height))
        {
            ink.set(Ink::blank(width, height));
        }
    });
    Effect::new(move |_| {
        if let Some(canvas) = node.get() {
            ink.with(|ink| paint(&canvas, ink));
        }
    });
    // The shipped model's worker is started by the first touch of the pad: by the end of a stroke it is there.
    let wake = move || {
        let model = shown.example.with_untracked(|example| example.as_ref().map(|example| example.model.clone()));
        if !own.get_untracked() && matches!(shipped.stage.get_untracked(), Stage::Idle | Stage::Failed(_)) {
            shipped.start(Job::Recall { model: model.unwrap_or_default() });
        }
    };
    let ask = move || {
        let row = ink.with_untracked(|ink| ink.cells.clone());
        let lab = untrack(asked);
        // One that is still on its way is asked when it is there.
        if lab.stage.with_untracked(|stage| *stage == Stage::Done) && ink.with_untracked(Ink::is_drawn) {
            lab.ask(&Job::Place { row });
        }
    };
    // A model that has come judges what is drawn already.
    Effect::new(move |_| {
        if asked().stage.with(|stage| *stage == Stage::Done) {
            ask();
        } else if shipped.stage.get() == Stage::Idle && ink.with_untracked(Ink::is_drawn) {
            wake();
        }
    });
    let dab = move |event: &PointerEvent| {
        let target = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(frame) = target.map(|target| target.get_bounding_client_rect()) else { return };
        let x = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let y = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
        ink.update(|ink| ink.dab(x as f32, y as f32));
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        wake();
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
        shipped.placed.set(None);
    };
    let noise = move |_| {
        wake();
        draws.update_value(|draws| *draws += 1);
        let mut rng = CounterRng::new(Domain::Probe, 0, draws.get_value(), 0, 0);
        ink.update(|ink| ink.cells.iter_mut().for_each(|cell| *cell = rng.uniform()));
        ask();
    };
    let state = move || {
        let is_drawn = ink.with(Ink::is_drawn);
        let placed = asked().placed.with(Option::is_some);
        match (is_drawn, placed) {
            (false, _) => None,
            (true, false) if matches!(asked().stage.get(), Stage::Failed(_)) => None,
            (true, false) => Some(words::COMING),
            (true, true) if lab.is_working() => Some(words::SHIPPED_ANSWERS),
            (true, true) => None,
        }
    };
    let unseen = move || {
        let unseen = answer.with(|answer| answer.as_ref().map(|answer| answer.unseen.clone())).unwrap_or_default();
        (!unseen.is_empty()).then(|| words::unseen(&unseen))
    };
    view! {
        <section class="sheet" hidden=move || side.with(Option::is_none)>
            <h3>{words::DRAW_ONE_YOURSELF}</h3>
            <p class="hint">{words::PAD_HELP}{unseen}</p>
            <div class="pad">
                <div class="pad-ink">
                    <canvas
                        node_ref=node
                        aria-label=words::DRAWING_PAD
                        role="img"
                        on:pointerenter=move |_| wake()
                        on:pointerdown=down
                        on:pointermove=moved
                        on:pointerup=up
                        on:pointerleave=up
                    ></canvas>
                    <div class="job-row">
                        <button class="quiet" on:click=clear>{words::CLEAR}</button>
                        <button class="quiet" id="pad-noise" on:click=noise>{words::NOISE}</button>
                    </div>
                </div>
                <div class="pad-side">
                    {move || state().map(|text| view! { <p class="hint" role="status">{text}</p> })}
                    {move || {
                        let placed = asked().placed.get();
                        let norm = placed.as_ref().map(|placed| placed.norm);
                        let figure = answer.with(|answer| marked(answer.as_ref()?, kind.get()?, norm));
                        let figure = figure.map(|figure| view! { <FigureView figure/> });
                        match placed {
                            Some(placed) => {
                                let noun = if own.get() { words::SAMPLES } else { words::DIGITS };
                                view! { <Landing placed noun>{figure}</Landing> }.into_any()
                            }
                            None => view! { {figure} }.into_any(),
                        }
                    }}
                    <Problem lab=shipped/>
                </div>
            </div>
        </section>
    }
}

/// The norms of known samples and outliers, with a mark where an input landed.
fn marked(answer: &Answer, kind: Ood, norm: Option<f64>) -> Option<Figure> {
    let wanted = format!("anomaly-norms-{}-projector", kind.key());
    let figure = answer.figures.iter().find(|figure| figure.name == wanted)?;
    let top = figure.series.iter().flat_map(|series| &series.points).map(|point| point[1]).fold(0.0, f64::max);
    let mark = norm.map(|norm| Series::line(words::YOUR_DRAWING, Role::Other(2), [[norm, 0.0], [norm, top]]));
    let title = if mark.is_some() { words::WHERE_IT_LANDED } else { words::WHERE_THEY_LIE }.to_owned();
    let series = figure.series.iter().cloned().chain(mark).collect();
    Some(Figure { name: "anomaly-pad".to_owned(), title, series, ..figure.clone() })
}

/// Where the last input landed: in words, then in numbers.
#[component]
fn Landing(placed: Placed, noun: &'static str, children: Children) -> impl IntoView {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let neighbours = placed
        .neighbours
        .into_iter()
        .map(|(class, cosine, picture)| {
            let thumb = picture.map(|picture| view! { <Thumb picture/> });
            view! { <li>{thumb}<span>{class}</span><small>{format!("{cosine:.2}")}</small></li> }
        })
        .collect_view();
    let (is_unusual, judged) = words::judged(placed.norm_rank, noun);
    view! {
        <p class="landing" class:unusual=is_unusual role="status">{judged}</p>
        {children()}
        <p class="hint">
            {words::NORM} {number(placed.norm, 2)}": " {percent(placed.norm_rank)}
            {words::SHORTER} {format!("{:.3}", placed.max_cosine)}": "
            {percent(placed.cosine_rank)} {words::FARTHER}
            {percent(placed.combined_rank)} ". " {words::THRESHOLDS}
        </p>
        <p class="near">{words::NEAREST}</p>
        <ul class="neighbours">{neighbours}</ul>
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
