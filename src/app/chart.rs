//! A small line chart in SVG: one x-axis in steps, a line (and perhaps a band) an arm, a crosshair shared by all charts.

use std::fmt::Write;

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::figure::scale::{Scale, labels, round_up, short};
use crate::parts::live::{If, live};
use crate::words::playground::chart as words;

/// Inner size in SVG units.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 124.0;
/// Room for the axis labels.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 20.0;
const TOP: f64 = 6.0;
const RIGHT: f64 = 8.0;
/// Points that a line is thinned to.
const MOST_POINTS: usize = 360;

/// (step, value) pairs in the order of steps.
pub type Series = Vec<(f64, f64)>;

/// What a chart shows now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// One line an arm.
    pub lines: [Series; 2],
    /// One band an arm: lower and upper edge.
    pub bands: Option<[(Series, Series); 2]>,
    /// Lines of earlier runs, both arms of each.
    pub ghosts: Vec<[Series; 2]>,
    /// A dashed level.
    pub level: Option<f64>,
    /// Logarithmic y-axis.
    pub log: bool,
    /// Multiplies values in labels, e.g. 100 for percent.
    pub factor: f64,
}

/// From data to SVG coordinates.
#[derive(Clone, Copy, PartialEq)]
struct Scales {
    steps: f64,
    x: Scale,
    y: Scale,
}

impl Scales {
    fn new(plot: &Plot, steps: f64) -> Scales {
        let bands = plot.bands.iter().flatten().flat_map(|(lower, upper)| lower.iter().chain(upper));
        let ghosts = plot.ghosts.iter().flatten().flatten();
        let values = plot.lines.iter().flatten().chain(ghosts).chain(bands).map(|(_, y)| *y).chain(plot.level);
        let steps = steps.max(1.0);
        let y = Scale::covering(values, plot.log, 0.08, [HEIGHT - BOTTOM, TOP]);
        Scales {
            steps,
            x: Scale::exact(0.0, steps, [LEFT, WIDTH - RIGHT]),
            // Percent.
            y: if plot.factor == 100.0 { y.of_shares(1.0) } else { y },
        }
    }

    fn path(self, series: &[(f64, f64)]) -> String {
        let every = series.len().div_ceil(MOST_POINTS).max(1);
        let mut path = String::new();
        for (at, (step, value)) in series.iter().enumerate() {
            if (at % every != 0 && at + 1 != series.len()) || !value.is_finite() {
                continue;
            }
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.1} {:.1}", self.x.at(*step), self.y.at(*value));
        }
        path
    }

    fn area(self, (lower, upper): &(Series, Series)) -> String {
        let mut path = self.path(upper);
        let back: Series = lower.iter().rev().copied().collect();
        if !path.is_empty() {
            path.push_str(&self.path(&back).replacen('M', "L", 1));
            path.push('Z');
        }
        path
    }
}

fn nearest(series: &[(f64, f64)], step: f64) -> Option<f64> {
    let at = series.partition_point(|(x, _)| *x < step);
    let near = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| series.get(i));
    near.min_by(|a, b| (a.0 - step).abs().total_cmp(&(b.0 - step).abs())).map(|(_, y)| *y)
}

/// A plot in its scales, with the step that the pointer is at.
#[derive(Clone, Copy)]
struct Drawn {
    plot: Memo<Plot>,
    scales: Memo<Scales>,
    crosshair: RwSignal<Option<f64>>,
}

impl Drawn {
    fn line(self, arm: usize) -> String {
        self.plot.with(|plot| self.scales.get().path(&plot.lines[arm]))
    }

    fn band(self, arm: usize) -> String {
        self.plot.with(|plot| plot.bands.as_ref().map(|bands| self.scales.get().area(&bands[arm])).unwrap_or_default())
    }

    fn ghosts(self, arm: usize) -> String {
        self.plot.with(|plot| {
            let scales = self.scales.get();
            let inside =
                |series: &Series| series.iter().copied().take_while(|(x, _)| *x <= scales.steps).collect::<Series>();
            plot.ghosts.iter().map(|run| scales.path(&inside(&run[arm]))).collect::<Vec<_>>().concat()
        })
    }

    /// The value at the crosshair, else the last one.
    fn value(self, arm: usize) -> String {
        self.plot.with(|plot| {
            let series = &plot.lines[arm];
            let value = match self.crosshair.get() {
                Some(step) => nearest(series, step),
                None => series.last().map(|(_, y)| *y),
            };
            value.map_or_else(|| "–".to_owned(), |value| short(value * plot.factor))
        })
    }

    /// The crosshair follows the pointer.
    fn moved(self, event: &PointerEvent) {
        let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let width = f64::from(target.client_width().max(1));
        let x = f64::from(event.offset_x()) / width * WIDTH;
        let scales = self.scales.get_untracked();
        let step = scales.x.value(x);
        self.crosshair.set((0.0..=scales.steps).contains(&step).then_some(step));
    }
}

/// The chart with its title, help and current values.
#[component]
pub fn Chart(
    title: &'static str,
    help: &'static str,
    #[prop(into)] plot: Signal<Plot>,
    #[prop(into)] steps: Signal<f64>,
    crosshair: RwSignal<Option<f64>>,
    /// The step that the spheres show: where the crosshair rests.
    at: RwSignal<Option<u32>>,
    /// Numbers in rows instead of lines.
    table: RwSignal<bool>,
) -> impl IntoView {
    let plot = Memo::new(move |_| plot.get());
    let scales = Memo::new(move |_| plot.with(|plot| Scales::new(plot, steps.get())));
    let drawn = Drawn { plot, scales, crosshair };
    let value = move |arm: usize| drawn.value(arm);
    let summary = move || words::both(title, value(0), value(1));
    view! {
        <figure class="chart">
            <figcaption title=help>
                <b>{title}</b>
                <span class="a" translate="no" prop:textContent=live(move || format!("A {}", value(0)))></span>
                <span class="b" translate="no" prop:textContent=live(move || format!("B {}", value(1)))></span>
            </figcaption>
            <If when=live(move || table.get())>
                <Numbers title plot/>
            </If>
            <svg
                class:away=live(move || table.get())
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                role="img"
                aria-label=live(summary)
                on:pointermove=move |event| drawn.moved(&event)
                on:pointerleave=move |_| crosshair.set(at.get_untracked().map(f64::from))
            >
                {move || value_axis(scales.get().y, plot.with(|plot| plot.factor))}
                {move || step_axis(scales.get())}
                <text x="0" y=HEIGHT - 5.0>{words::STEP}</text>
                <path class="band a" d=live(move || drawn.band(0))/>
                <path class="band b" d=live(move || drawn.band(1))/>
                {move || {
                    plot.with(|plot| plot.level).map(|level| {
                        let y = scales.get().y.at(level);
                        view! { <line class="level" x1=LEFT x2=WIDTH - RIGHT y1=y y2=y/> }
                    })
                }}
                <path class="line ghost a" d=live(move || drawn.ghosts(0))/>
                <path class="line ghost b" d=live(move || drawn.ghosts(1))/>
                <path class="line a" d=live(move || drawn.line(0))/>
                <path class="line b" d=live(move || drawn.line(1))/>
                {move || crosshair.get().map(|step| cursor(scales.get().x, step))}
            </svg>
        </figure>
    }
}

/// Lines and numbers of the y-axis.
fn value_axis(scale: Scale, factor: f64) -> impl IntoView {
    let ticks = scale.ticks(4);
    let texts = labels(&ticks, factor);
    let tick = |(tick, text): (f64, String)| {
        let y = scale.at(tick);
        view! {
            <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y y2=y/>
            <text x=LEFT - 6.0 y=y + 3.5 text-anchor="end">{text}</text>
        }
    };
    ticks.into_iter().zip(texts).map(tick).collect_view()
}

/// Numbers of the x-axis.
fn step_axis(scales: Scales) -> impl IntoView {
    let every = round_up(scales.steps / 4.0).max(1.0);
    let ticks: Vec<f64> = (0..=(scales.steps / every) as i32).map(|i| f64::from(i) * every).collect();
    let texts = labels(&ticks, 1.0);
    let tick = |(step, text): (f64, String)| {
        let x = scales.x.at(step);
        // The last label ends where the picture does.
        let anchor = if x > WIDTH - 2.5 * RIGHT { "end" } else { "middle" };
        view! { <text x=x.min(WIDTH - 1.0) y=HEIGHT - 5.0 text-anchor=anchor>{text}</text> }
    };
    ticks.into_iter().zip(texts).map(tick).collect_view()
}

/// The step that is shown, or that the pointer is at.
fn cursor(scale: Scale, step: f64) -> impl IntoView {
    let x = scale.at(step);
    let (shift, anchor) = if x > WIDTH / 2.0 { (-4.0, "end") } else { (4.0, "start") };
    // At the end the axis says it, and the lines are there.
    let words = if x < WIDTH - RIGHT - 0.5 { words::at(step.round()) } else { String::new() };
    view! {
        <line class="crosshair" x1=x x2=x y1=TOP y2=HEIGHT - BOTTOM/>
        <text class="crosshair" x=x + shift y=TOP + 8.0 text-anchor=anchor>{words}</text>
    }
}

/// Rows of a chart's table, about.
const ROWS: usize = 12;

/// The chart as a table: some steps of it, the first and the latest among them.
#[component]
fn Numbers(title: &'static str, plot: Memo<Plot>) -> impl IntoView {
    let rows = move || {
        plot.with(|plot| {
            let mut shown: Vec<f64> = sampled(&plot.lines[0]);
            if shown.is_empty() {
                shown = sampled(&plot.lines[1]);
            }
            let text = |arm: usize, step: f64| {
                let value = nearest(&plot.lines[arm], step).map_or_else(|| "–".to_owned(), |y| short(y * plot.factor));
                if plot.lines[arm].last().is_some_and(|(end, _)| *end >= step) { value } else { "–".to_owned() }
            };
            shown
                .into_iter()
                .map(|step| view! { <tr><th scope="row">{short(step)}</th><td>{text(0, step)}</td><td>{text(1, step)}</td></tr> })
                .collect_view()
        })
    };
    view! {
        <div class="numbers" tabindex="0" role="region" aria-label=title>
            <table aria-label=title>
                <thead><tr><th scope="col">{words::STEP}</th><th scope="col" class="a">"A"</th><th scope="col" class="b">"B"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Some steps of a series, the first and the last among them.
fn sampled(series: &Series) -> Vec<f64> {
    let last = series.len().saturating_sub(1);
    let every = last.div_ceil(ROWS).max(1);
    series.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last).map(|(_, (step, _))| *step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_plot_and_odd_values_draw_nothing_bad() {
        let plot = Plot { lines: [vec![(0.0, f64::NAN)], vec![]], log: true, factor: 1.0, ..Plot::default() };
        let scales = Scales::new(&plot, 0.0);
        assert_eq!(scales.path(&plot.lines[0]), "");
        assert!(!scales.y.ticks(4).is_empty());
    }
}
