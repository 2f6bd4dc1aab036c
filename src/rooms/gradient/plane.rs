//! The plane with both vectors: they are dragged by the pointer, or turned and stretched by the arrow keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::step::{Point, Step};
use crate::words::rooms::gradient as words;

/// Half the side of the plane that is shown, in units of |z|.
const REACH: f64 = 4.5;
/// Side of the picture, in SVG units.
const SIDE: f64 = 440.0;
/// Norms that can be dragged to.
const NORMS: (f64, f64) = (0.15, 4.2);

/// Both vectors; `false`: the first one.
#[derive(Clone, Copy)]
pub struct Pair {
    first: RwSignal<Point>,
    second: RwSignal<Point>,
    /// The one that is dragged.
    held: RwSignal<Option<bool>>,
}

impl Pair {
    /// The pair that the room opens with.
    pub fn new() -> Pair {
        Pair { first: RwSignal::new([2.1, 0.9]), second: RwSignal::new([-0.8, 1.4]), held: RwSignal::new(None) }
    }

    /// Where both are.
    pub fn places(self) -> [Point; 2] {
        [self.first.get(), self.second.get()]
    }

    fn of(self, which: bool) -> RwSignal<Point> {
        if which { self.second } else { self.first }
    }

    fn norm(self, which: bool) -> f64 {
        let [x, y] = self.of(which).get();
        x.hypot(y)
    }

    /// The tip, in SVG units.
    fn tip(self, which: bool) -> (f64, f64) {
        to_picture(self.of(which).get())
    }

    fn drag(self, event: &PointerEvent) {
        let Some(which) = self.held.get_untracked() else { return };
        let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let frame = target.get_bounding_client_rect();
        let unit = |at: f64, size: f64| (at / size.max(1.0) * 2.0 - 1.0) * REACH;
        let x = unit(f64::from(event.client_x()) - frame.left(), frame.width());
        let y = -unit(f64::from(event.client_y()) - frame.top(), frame.height());
        self.of(which).set(within([x, y]));
    }

    fn key(self, which: bool, event: &KeyboardEvent) {
        const TURN: f64 = 0.07;
        const STRETCH: f64 = 1.06;
        let [x, y] = self.of(which).get_untracked();
        let turned = |angle: f64| [x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos()];
        let next = match event.key().as_str() {
            "ArrowLeft" => turned(TURN),
            "ArrowRight" => turned(-TURN),
            "ArrowUp" => [x * STRETCH, y * STRETCH],
            "ArrowDown" => [x / STRETCH, y / STRETCH],
            _ => return,
        };
        event.prevent_default();
        self.of(which).set(within(next));
    }
}

/// The picture, with the arrows of `step`.
#[component]
pub fn Plane(pair: Pair, step: Memo<Step>) -> impl IntoView {
    let centre = SIDE / 2.0;
    let unit = SIDE / 2.0 / REACH;
    let held = pair.held;
    view! {
        <svg
            viewBox=format!("0 0 {SIDE} {SIDE}")
            class="plane"
            class:held=move || held.get().is_some()
            on:pointermove=move |event| pair.drag(&event)
            on:pointerup=move |_| held.set(None)
            on:pointerleave=move |_| held.set(None)
        >
            <defs>
                <marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">
                    <path d="M0 0 8 4 0 8z"/>
                </marker>
            </defs>
            <circle class="shell" cx=centre cy=centre r=unit/>
            {(2..=4).map(|r| view! { <circle class="ring" cx=centre cy=centre r=unit * f64::from(r)/> }).collect_view()}
            <text class="ring-label" x=centre + 4.0 y=centre - unit - 4.0>"|z| = 1"</text>
            {arrow(pair, false)}
            {arrow(pair, true)}
            {handle(pair, false)}
            {handle(pair, true)}
            {pull(pair, step, false)}
            {pull(pair, step, true)}
        </svg>
    }
}

/// A vector.
fn arrow(pair: Pair, which: bool) -> impl IntoView {
    let class = if which { "vector second" } else { "vector first" };
    let centre = SIDE / 2.0;
    view! { <line class=class x1=centre y1=centre x2=move || pair.tip(which).0 y2=move || pair.tip(which).1/> }
}

/// Its tip, by which it is moved, with its name.
fn handle(pair: Pair, which: bool) -> impl IntoView {
    let name = if which { "z₂" } else { "z₁" };
    let place = move || pair.tip(which);
    // Beyond the tip: the step's arrow goes to the side.
    let name_at = move || {
        let [x, y] = pair.of(which).get();
        let (px, py) = place();
        let away = 20.0 / pair.norm(which);
        (px + x * away, py - y * away + 5.0)
    };
    view! {
        <g
            class=if which { "handle second" } else { "handle first" }
            tabindex="0"
            role="slider"
            aria-label=move || words::handle(name, pair.norm(which))
            aria-valuenow=move || format!("{:.2}", pair.norm(which))
            aria-valuemin=NORMS.0.to_string()
            aria-valuemax=NORMS.1.to_string()
            on:pointerdown=move |_| pair.held.set(Some(which))
            on:keydown=move |event| pair.key(which, &event)
        >
            <circle class="grip" cx=move || place().0 cy=move || place().1 r="16"/>
            <circle class="tip" cx=move || place().0 cy=move || place().1 r="7"/>
            <text x=move || name_at().0 y=move || name_at().1 text-anchor="middle">{name}</text>
        </g>
    }
}

/// Where the step takes it.
fn pull(pair: Pair, step: Memo<Step>, which: bool) -> impl IntoView {
    let end = move || to_picture(step.get().after[usize::from(which)]);
    view! {
        <line class="pull" marker-end="url(#arrow)" x1=move || pair.tip(which).0 y1=move || pair.tip(which).1 x2=move || end().0 y2=move || end().1/>
    }
}

/// Keeps a dragged point within the picture and away from 0.
fn within([x, y]: Point) -> Point {
    let norm = x.hypot(y);
    if norm < 1e-9 {
        return [NORMS.0, 0.0];
    }
    let factor = norm.clamp(NORMS.0, NORMS.1) / norm;
    [x * factor, y * factor]
}

fn to_picture([x, y]: Point) -> (f64, f64) {
    let unit = SIDE / 2.0 / REACH;
    (SIDE / 2.0 + x * unit, SIDE / 2.0 - y * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dragged_points_stay_within_reach() {
        assert_eq!(within([0.0, 0.0]), [NORMS.0, 0.0]);
        assert!((within([30.0, 40.0])[1] - 0.8 * NORMS.1).abs() < 1e-9);
    }
}
