//! A small line chart in SVG: one x-axis in steps, a line (and perhaps a band) an arm, a crosshair shared by all charts.

use std::fmt::Write;

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Inner size in SVG units.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 150.0;
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
    low: f64,
    high: f64,
    log: bool,
}

impl Scales {
    fn new(plot: &Plot, steps: f64) -> Scales {
        let bands = plot.bands.iter().flatten().flat_map(|(lower, upper)| lower.iter().chain(upper));
        let values = plot.lines.iter().flatten().chain(bands).map(|(_, y)| *y).chain(plot.level);
        let values = values.filter(|y| y.is_finite() && (!plot.log || *y > 0.0));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)));
        let (low, high) = if low > high { (if plot.log { 0.1 } else { 0.0 }, 1.0) } else { (low, high) };
        let (low, high) = if plot.log { (low.log10(), high.log10()) } else { (low, high) };
        let pad = ((high - low) * 0.08).max(1e-3 * high.abs()).max(1e-9);
        Scales { steps: steps.max(1.0), low: low - pad, high: high + pad, log: plot.log }
    }

    fn x(self, step: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * step / self.steps
    }

    fn y(self, value: f64) -> f64 {
        let value = if self.log { value.max(1e-300).log10() } else { value };
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - (value - self.low) / (self.high - self.low))
    }

    fn path(self, series: &[(f64, f64)]) -> String {
        let every = series.len().div_ceil(MOST_POINTS).max(1);
        let mut path = String::new();
        for (at, (step, value)) in series.iter().enumerate() {
            if at % every != 0 && at + 1 != series.len() {
                continue;
            }
            if !value.is_finite() {
                continue;
            }
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.1} {:.1}", self.x(*step), self.y(*value));
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

    /// Round values for the y-axis.
    fn ticks(self) -> Vec<f64> {
        if self.log {
            return log_ticks(self.low, self.high);
        }
        let step = round_up((self.high - self.low) / 4.0);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    }
}

/// 1, 2 or 5 times a power of ten, at least `raw`.
fn round_up(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.max(1e-12).log10().floor());
    let lead = [1.0, 2.0, 5.0, 10.0].into_iter().find(|lead| lead * power >= raw * 0.999).unwrap_or(10.0);
    lead * power
}

fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let inside = |leads: &[f64]| -> Vec<f64> {
        let decades = low.floor() as i32..=high.ceil() as i32;
        decades
            .flat_map(|decade| leads.iter().map(move |lead| lead * 10_f64.powi(decade)))
            .filter(|tick| (low..=high).contains(&tick.log10()))
            .collect()
    };
    let tens = inside(&[1.0]);
    if tens.len() >= 3 {
        let every = tens.len().div_ceil(4);
        return tens.into_iter().step_by(every).collect();
    }
    let few = inside(&[1.0, 2.0, 5.0]);
    if few.len() >= 2 {
        few
    } else {
        vec![10_f64.powf(low + 0.1 * (high - low)), 10_f64.powf(high - 0.1 * (high - low))]
    }
}

/// A number as short as it can be.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        _ if !(1e-3..1e5).contains(&size) => format!("{value:.0e}"),
        _ => {
            let digits = if size < 0.1 {
                3
            } else if size < 10.0 {
                2
            } else if size < 100.0 {
                1
            } else {
                0
            };
            let text = format!("{value:.digits$}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    }
}

fn nearest(series: &[(f64, f64)], step: f64) -> Option<f64> {
    let at = series.partition_point(|(x, _)| *x < step);
    let near = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| series.get(i));
    near.min_by(|a, b| (a.0 - step).abs().total_cmp(&(b.0 - step).abs())).map(|(_, y)| *y)
}

/// The chart with its title, help and current values.
#[component]
pub fn Chart(
    title: &'static str,
    help: &'static str,
    #[prop(into)] plot: Signal<Plot>,
    #[prop(into)] steps: Signal<f64>,
    crosshair: RwSignal<Option<f64>>,
    #[prop(optional, into)] note: Signal<String>,
) -> impl IntoView {
    let plot = Memo::new(move |_| plot.get());
    let scales = Memo::new(move |_| plot.with(|plot| Scales::new(plot, steps.get())));
    let line = move |arm: usize| plot.with(|plot| scales.get().path(&plot.lines[arm]));
    let band = move |arm: usize| {
        plot.with(|plot| plot.bands.as_ref().map(|bands| scales.get().area(&bands[arm])).unwrap_or_default())
    };
    let value = move |arm: usize| {
        plot.with(|plot| {
            let series = &plot.lines[arm];
            let value = match crosshair.get() {
                Some(step) => nearest(series, step),
                None => series.last().map(|(_, y)| *y),
            };
            value.map_or_else(|| "–".to_owned(), |value| short(value * plot.factor))
        })
    };
    let moved = move |event: PointerEvent| {
        let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let width = f64::from(target.client_width().max(1));
        let x = f64::from(event.offset_x()) / width * WIDTH;
        let step = (x - LEFT) / (WIDTH - LEFT - RIGHT) * scales.get_untracked().steps;
        crosshair.set((0.0..=scales.get_untracked().steps).contains(&step).then_some(step));
    };
    let axis = move || {
        let scales = scales.get();
        let factor = plot.with(|plot| plot.factor);
        scales
            .ticks()
            .into_iter()
            .map(|tick| {
                let y = scales.y(tick);
                view! {
                    <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y y2=y/>
                    <text x=LEFT - 6.0 y=y + 3.5 text-anchor="end">{short(tick * factor)}</text>
                }
            })
            .collect_view()
    };
    let steps_axis = move || {
        let scales = scales.get();
        let every = round_up(scales.steps / 4.0).max(1.0);
        (0..=(scales.steps / every) as i32)
            .map(|i| {
                let step = f64::from(i) * every;
                let x = scales.x(step);
                // The last label ends where the picture does.
                let anchor = if x > WIDTH - 2.5 * RIGHT { "end" } else { "middle" };
                view! { <text x=x.min(WIDTH - 1.0) y=HEIGHT - 5.0 text-anchor=anchor>{short(step)}</text> }
            })
            .collect_view()
    };
    let summary = move || format!("{title}: A {}, B {}", value(0), value(1));
    view! {
        <figure class="chart">
            <figcaption title=help>
                <b>{title}</b>
                <span class="a">"A "{move || value(0)}</span>
                <span class="b">"B "{move || value(1)}</span>
            </figcaption>
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                role="img"
                aria-label=summary
                on:pointermove=moved
                on:pointerleave=move |_| crosshair.set(None)
            >
                {axis}
                {steps_axis}
                <path class="band a" d=move || band(0)/>
                <path class="band b" d=move || band(1)/>
                {move || {
                    plot.with(|plot| plot.level).map(|level| {
                        let y = scales.get().y(level);
                        view! { <line class="level" x1=LEFT x2=WIDTH - RIGHT y1=y y2=y/> }
                    })
                }}
                <path class="line a" d=move || line(0)/>
                <path class="line b" d=move || line(1)/>
                {move || {
                    crosshair.get().map(|step| {
                        let x = scales.get().x(step);
                        view! { <line class="crosshair" x1=x x2=x y1=TOP y2=HEIGHT - BOTTOM/> }
                    })
                }}
            </svg>
            <Show when=move || !note.with(String::is_empty)>
                <p class="note">{note}</p>
            </Show>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let plot = Plot { lines: [vec![(0.0, 0.72), (9.0, 0.96)], vec![]], factor: 1.0, ..Plot::default() };
        let scales = Scales::new(&plot, 10.0);
        let ticks = scales.ticks();
        assert!((2..=6).contains(&ticks.len()), "{ticks:?}");
        assert!(ticks.iter().all(|tick| (scales.low..=scales.high).contains(tick)));
    }

    #[test]
    fn an_empty_plot_and_odd_values_draw_nothing_bad() {
        let plot = Plot { lines: [vec![(0.0, f64::NAN)], vec![]], log: true, factor: 1.0, ..Plot::default() };
        let scales = Scales::new(&plot, 0.0);
        assert_eq!(scales.path(&plot.lines[0]), "");
        assert!(!scales.ticks().is_empty());
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, 1.5, 0.05, 12.34, 1234.5, 0.00001, 95.0].map(short).join(" "), "0 1.5 0.05 12.3 1234 1e-5 95");
    }
}
