//! Draws a [`Figure`] in SVG: what a simulation, a study or a report found, with its legend and a table of its numbers.

use std::fmt::Write;

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::export::picture;
use super::job::Problem;
use super::lab::Lab;
use crate::figure::scale::{Scale, labels, short};
use crate::figure::{Figure, Kind, Role, Series};
use crate::lab::Job;
use crate::parts::files::save;
use crate::words::rooms::figure as words;

/// Inner size in SVG units.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 320.0;
/// Room for the axis labels.
const LEFT: f64 = 62.0;
const BOTTOM: f64 = 44.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 14.0;
/// Points that a line is thinned to.
const MOST_POINTS: usize = 500;
/// Rows of the table of numbers.
const MOST_ROWS: usize = 400;

/// The two axes of a figure.
#[derive(Clone, Copy)]
struct Axes {
    x: Scale,
    y: Scale,
}

impl Axes {
    fn new(figure: &Figure) -> Axes {
        let [x, y] = figure.scales([LEFT, WIDTH - RIGHT], [HEIGHT - BOTTOM, TOP]);
        Axes { x, y }
    }

    fn place(self, [x, y]: [f64; 2]) -> Option<(f64, f64)> {
        (self.x.draws(x) && self.y.draws(y)).then(|| (self.x.at(x), self.y.at(y)))
    }

    fn path(self, points: impl Iterator<Item = [f64; 2]>) -> String {
        let mut path = String::new();
        for (x, y) in points.filter_map(|point| self.place(point)) {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{x:.1} {y:.1}");
        }
        path
    }
}

/// The class that gives a series its colour and dash.
fn class(role: Role) -> String {
    match role {
        Role::Measured => "measured".to_owned(),
        Role::Predicted => "predicted".to_owned(),
        Role::A => "a".to_owned(),
        Role::B => "b".to_owned(),
        Role::Other(index) => format!("other-{}", index % 6),
        Role::PredictedFor(index) => format!("other-{} dashed", index % 6),
    }
}

/// The figure as a file.
#[component]
fn Keep(figure: Figure) -> impl IntoView {
    let lab = Lab::new();
    let figure = StoredValue::new(figure);
    let pixels = StoredValue::new(false);
    Effect::new(move |_| {
        let Some((name, mime, bytes)) = lab.file.get() else { return };
        if !pixels.get_value() {
            save(&name, &mime, &bytes);
            return;
        }
        leptos::task::spawn_local(async move {
            match picture::of_svg(&bytes, 2.0).await {
                Ok(png) => save(&name.replace(".svg", ".png"), "image/png", &png),
                Err(problem) => log::warn!("{problem}"),
            }
        });
    });
    let draw = move |as_pixels: bool| {
        pixels.set_value(as_pixels);
        lab.start(Job::Draw { figure: Box::new(figure.get_value()) });
    };
    view! {
        <p class="keep">
            <button class="plain link" on:click=move |_| draw(false)>"SVG"</button>
            <button class="plain link" on:click=move |_| draw(true)>"PNG"</button>
            <Problem lab/>
        </p>
    }
}

/// An axis's ticks, each with its text.
fn labelled(scale: Scale, count: usize) -> impl Iterator<Item = (f64, String)> {
    let ticks = scale.ticks(count);
    let texts = labels(&ticks, 1.0);
    ticks.into_iter().zip(texts)
}

/// A figure with title, legend, caption and the numbers behind it.
#[component]
pub fn FigureView(figure: Figure) -> impl IntoView {
    let axes = Axes::new(&figure);
    let hovered = RwSignal::new(None::<(f64, f64, String)>);
    let figure = StoredValue::new(figure);
    let moved = move |event: PointerEvent| {
        let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let scale = WIDTH / f64::from(target.client_width().max(1));
        let at = (f64::from(event.offset_x()) * scale, f64::from(event.offset_y()) * scale);
        hovered.set(figure.with_value(|figure| nearest(figure, axes, at)));
    };
    figure.with_value(|figure| {
        view! {
            <figure class="figure" id=format!("figure-{}", figure.name)>
                <figcaption><b>{figure.title.clone()}</b></figcaption>
                <svg
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    role="img"
                    aria-label=format!("{}. {}", figure.title, figure.caption)
                    on:pointermove=moved
                    on:pointerleave=move |_| hovered.set(None)
                >
                    {frame(figure, axes)}
                    {figure.series.iter().map(|series| draw(series, axes)).collect_view()}
                    {move || hovered.get().map(mark)}
                </svg>
                {legend(figure)}
                <p class="caption">{figure.caption.clone()}</p>
                <Keep figure=figure.clone()/>
                <Numbers figure=figure.clone()/>
            </figure>
        }
    })
}

/// Grid, ticks and names of both axes.
fn frame(figure: &Figure, axes: Axes) -> impl IntoView + use<> {
    let labels_y = labelled(axes.y, 5)
        .map(|(tick, text)| view! { <text x=LEFT - 7.0 y=axes.y.at(tick) + 4.0 text-anchor="end">{text}</text> });
    let labels_x = labelled(axes.x, 6).map(
        |(tick, text)| view! { <text x=axes.x.at(tick) y=HEIGHT - BOTTOM + 17.0 text-anchor="middle">{text}</text> },
    );
    view! {
        {figure_ticks(axes.x, 6, |x| (x, TOP, x, HEIGHT - BOTTOM))}
        {figure_ticks(axes.y, 5, |y| (LEFT, y, WIDTH - RIGHT, y))}
        {labels_x.collect_view()}
        {labels_y.collect_view()}
        <text class="axis" x=(LEFT + WIDTH - RIGHT) / 2.0 y=HEIGHT - 6.0 text-anchor="middle">{figure.x.label.clone()}</text>
        <text
            class="axis"
            transform=format!("translate(14 {}) rotate(-90)", (TOP + HEIGHT - BOTTOM) / 2.0)
            text-anchor="middle"
        >
            {figure.y.label.clone()}
        </text>
    }
}

/// The point under the pointer, with its text.
fn mark((x, y, text): (f64, f64, String)) -> impl IntoView {
    let anchor = if x > WIDTH * 0.6 { "end" } else { "start" };
    let shift = if x > WIDTH * 0.6 { -9.0 } else { 9.0 };
    view! {
        <circle class="hover" cx=x cy=y r=5/>
        <text class="hover" x=x + shift y=(y - 9.0).max(14.0) text-anchor=anchor>{text}</text>
    }
}

/// What is what.
fn legend(figure: &Figure) -> impl IntoView + use<> {
    // Of formulas that are drawn in their series' colours one line says it for all.
    let is_formula = |series: &&Series| matches!(series.role, Role::PredictedFor(_));
    let formulas = figure.series.iter().any(|series| is_formula(&series));
    let dashed = formulas.then(|| view! { <li class="line dashed"><i aria-hidden="true"></i>{words::DASHED}</li> });
    let names = figure.series.iter().filter(|series| !is_formula(series)).map(|series| {
        let mark = if matches!(series.kind, Kind::Line) { "line" } else { "mark" };
        view! { <li class=format!("{mark} {}", class(series.role))><i aria-hidden="true"></i>{series.label.clone()}</li> }
    });
    view! { <ul class="figure-legend">{names.collect_view()}{dashed}</ul> }
}

fn figure_ticks(scale: Scale, count: usize, ends: impl Fn(f64) -> (f64, f64, f64, f64)) -> impl IntoView {
    scale
        .ticks(count)
        .into_iter()
        .map(|tick| {
            let (x1, y1, x2, y2) = ends(scale.at(tick));
            view! { <line class="grid" x1=x1 y1=y1 x2=x2 y2=y2/> }
        })
        .collect_view()
}

fn draw(series: &Series, axes: Axes) -> AnyView {
    let class = class(series.role);
    let every = series.points.len().div_ceil(MOST_POINTS).max(1);
    match &series.kind {
        Kind::Line => {
            let path = axes.path(series.points.iter().step_by(every).copied());
            view! { <path class=format!("line {class}") d=path/> }.into_any()
        }
        Kind::Points => {
            let marks = series.points.iter().step_by(every).filter_map(|point| axes.place(*point));
            let radius = if series.points.len() > 60 { 2.2 } else { 4.0 };
            marks
                .map(|(x, y)| view! { <circle class=format!("mark {class}") cx=x cy=y r=radius/> })
                .collect_view()
                .into_any()
        }
        Kind::Bars => {
            let places: Vec<(f64, f64)> = series.points.iter().filter_map(|point| axes.place(*point)).collect();
            let gap = places.windows(2).map(|pair| (pair[1].0 - pair[0].0).abs()).fold(f64::MAX, f64::min);
            let width = (gap.min(60.0) * 0.82).max(1.0);
            let base = axes.y.base();
            places
                .into_iter()
                .map(|(x, y)| {
                    let (top, height) = (y.min(base), (y - base).abs());
                    view! { <rect class=format!("column {class}") x=x - width / 2.0 y=top width=width height=height/> }
                })
                .collect_view()
                .into_any()
        }
        Kind::Band(bounds) => {
            let whiskers = series.points.iter().zip(bounds).filter_map(|(point, [low, high])| {
                let (x, y) = axes.place(*point)?;
                let (_, low) = axes.place([point[0], *low]).unwrap_or((x, y));
                let (_, high) = axes.place([point[0], *high]).unwrap_or((x, y));
                Some((x, y, low, high))
            });
            whiskers
                .map(|(x, y, low, high)| {
                    view! {
                        <line class=format!("whisker {class}") x1=x x2=x y1=low y2=high/>
                        <circle class=format!("mark {class}") cx=x cy=y r=4/>
                    }
                })
                .collect_view()
                .into_any()
        }
    }
}

/// The drawn point nearest to a place, within reach: where it is and what it says.
fn nearest(figure: &Figure, axes: Axes, (x, y): (f64, f64)) -> Option<(f64, f64, String)> {
    const REACH: f64 = 22.0;
    let all = figure.series.iter().flat_map(|series| series.points.iter().map(move |point| (series, *point)));
    all.filter_map(|(series, point)| axes.place(point).map(|(px, py)| (series, point, px, py)))
        .map(|(series, point, px, py)| ((px - x).hypot(py - y), series, point, px, py))
        .filter(|(distance, ..)| *distance < REACH)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, series, [vx, vy], px, py)| (px, py, format!("{}: {}, {}", series.label, short(vx), short(vy))))
}

/// The numbers of a figure as a table, folded away.
#[component]
fn Numbers(figure: Figure) -> impl IntoView {
    let open = RwSignal::new(false);
    let (x, y) = (figure.x.label.clone(), figure.y.label.clone());
    let rows = move || {
        let rows = figure.series.iter().flat_map(|series| {
            series.points.iter().map(move |[x, y]| (series.label.clone(), short_exact(*x), short_exact(*y)))
        });
        rows.take(MOST_ROWS)
            .map(|(label, x, y)| view! { <tr><th scope="row">{label}</th><td>{x}</td><td>{y}</td></tr> })
            .collect_view()
    };
    let toggled = move |event: leptos::ev::Event| {
        let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        open.set(element.is_some_and(|element| element.has_attribute("open")));
    };
    view! {
        <details class="numbers" on:toggle=toggled>
            <summary>{words::NUMBERS}</summary>
            <Show when=move || open.get()>
                <div class="scroll" tabindex="0" role="region" aria-label=words::NUMBERS_OF_THE_FIGURE>
                    <table>
                        <thead><tr><th scope="col">{words::SERIES}</th><th scope="col">{x.clone()}</th><th scope="col">{y.clone()}</th></tr></thead>
                        <tbody>{rows.clone()}</tbody>
                    </table>
                </div>
            </Show>
        </details>
    }
}

/// A number for a table: four significant digits.
fn short_exact(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e5).contains(&size) {
        let digits = if value == 0.0 { 0 } else { (3 - size.log10().floor() as i32).clamp(0, 6) as usize };
        format!("{value:.digits$}")
    } else {
        format!("{value:.3e}")
    }
}
