//! The gradient lab: two embeddings to drag, the step that the cosine's gradient gives them, and the simulations.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::answer::AnswerView;
use super::job::{JobBar, question};
use super::lab::Lab;
use crate::lab::Job;
use crate::simulations::Simulation;
use crate::theory::convergence::Approach;
use crate::theory::{gradients, steps};
use crate::words::rooms::gradient as words;

/// Half the side of the plane that is shown, in units of |z|.
const REACH: f64 = 4.5;
/// Side of the picture, in SVG units.
const SIDE: f64 = 440.0;
/// Norms that can be dragged to.
const NORMS: (f64, f64) = (0.15, 4.2);
/// The pair has converged at this angle, radians: cosine 0.999.
const CONVERGED: f64 = 0.044_725;
/// Steps that are tried before a pair counts as stuck.
const PATIENCE: u32 = 20_000;

type Point = [f64; 2];

/// The room.
#[component]
pub fn Gradient() -> impl IntoView {
    view! {
        <section class="room gradient" aria-label=words::GRADIENT_LAB>
            {question(words::QUESTION, words::INTRO)}
            <Vectors/>
            <Simulations/>
        </section>
    }
}

/// Two vectors in a plane, and what one step does to them.
#[component]
fn Vectors() -> impl IntoView {
    let first = RwSignal::new([2.1, 0.9]);
    let second = RwSignal::new([-0.8, 1.4]);
    let power = RwSignal::new(0.0_f64);
    let rate = RwSignal::new(1.0_f64);
    let held = RwSignal::new(None::<bool>);
    let of = move |which: bool| if which { second } else { first };
    let step = Memo::new(move |_| Step::new(first.get(), second.get(), power.get(), rate.get()));
    let moved = move |event: PointerEvent| {
        let Some(which) = held.get_untracked() else { return };
        let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let frame = target.get_bounding_client_rect();
        let unit = |at: f64, size: f64| (at / size.max(1.0) * 2.0 - 1.0) * REACH;
        let x = unit(f64::from(event.client_x()) - frame.left(), frame.width());
        let y = -unit(f64::from(event.client_y()) - frame.top(), frame.height());
        of(which).set(within([x, y]));
    };
    let handle = move |which: bool| {
        let name = if which { "z₂" } else { "z₁" };
        let place = move || to_picture(of(which).get());
        // Beyond the tip: the step's arrow goes to the side.
        let name_at = move || {
            let [x, y] = of(which).get();
            let (px, py) = to_picture([x, y]);
            let away = 20.0 / x.hypot(y);
            (px + x * away, py - y * away + 5.0)
        };
        let key = move |event: KeyboardEvent| {
            const TURN: f64 = 0.07;
            const STRETCH: f64 = 1.06;
            let [x, y] = of(which).get_untracked();
            let turned = |angle: f64| [x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos()];
            let next = match event.key().as_str() {
                "ArrowLeft" => turned(TURN),
                "ArrowRight" => turned(-TURN),
                "ArrowUp" => [x * STRETCH, y * STRETCH],
                "ArrowDown" => [x / STRETCH, y / STRETCH],
                _ => return,
            };
            event.prevent_default();
            of(which).set(within(next));
        };
        let label = move || {
            let [x, y] = of(which).get();
            words::handle(name, x.hypot(y))
        };
        view! {
            <g
                class=if which { "handle second" } else { "handle first" }
                tabindex="0"
                role="slider"
                aria-label=label
                aria-valuenow=move || { let [x, y] = of(which).get(); format!("{:.2}", x.hypot(y)) }
                aria-valuemin=NORMS.0.to_string()
                aria-valuemax=NORMS.1.to_string()
                on:pointerdown=move |_| held.set(Some(which))
                on:keydown=key
            >
                <circle class="grip" cx=move || place().0 cy=move || place().1 r="16"/>
                <circle class="tip" cx=move || place().0 cy=move || place().1 r="7"/>
                <text x=move || name_at().0 y=move || name_at().1 text-anchor="middle">{name}</text>
            </g>
        }
    };
    let arrow = move |which: bool| {
        let end = move || to_picture(of(which).get());
        let class = if which { "vector second" } else { "vector first" };
        let centre = SIDE / 2.0;
        view! { <line class=class x1=centre y1=centre x2=move || end().0 y2=move || end().1/> }
    };
    let pull = move |which: bool| {
        let ends = move || {
            let step = step.get();
            let from = of(which).get();
            (to_picture(from), to_picture(step.after[usize::from(which)]))
        };
        view! {
            <line class="pull" marker-end="url(#arrow)" x1=move || ends().0.0 y1=move || ends().0.1 x2=move || ends().1.0 y2=move || ends().1.1/>
        }
    };
    let centre = SIDE / 2.0;
    let unit = SIDE / 2.0 / REACH;
    view! {
        <div class="vectors">
            <svg
                viewBox=format!("0 0 {SIDE} {SIDE}")
                class="plane"
                class:held=move || held.get().is_some()
                on:pointermove=moved
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
                {arrow(false)}
                {arrow(true)}
                {handle(false)}
                {handle(true)}
                {pull(false)}
                {pull(true)}
            </svg>
            <div class="vector-side">
                <label class="slider">
                    <span>{words::GRADSCALE_POWER_P}</span>
                    <input type="range" min="0" max="2" step="0.1" id="lab-power" prop:value=move || power.get().to_string()
                        on:input=move |event| { if let Ok(p) = event_target_value(&event).parse() { power.set(p); } }/>
                    <output>{move || format!("{:.1}", power.get())}</output>
                </label>
                <label class="slider">
                    <span>{words::LEARNING_RATE}</span>
                    <input type="range" min="-2" max="0.6" step="0.02" id="lab-rate" prop:value=move || rate.get().log10().to_string()
                        on:input=move |event| { if let Ok(x) = event_target_value(&event).parse::<f64>() { rate.set(10_f64.powf(x)); } }/>
                    <output>{move || format!("{:.2}", rate.get())}</output>
                </label>
                <Measured step/>
            </div>
        </div>
    }
}

/// The table beside the vectors: what the formulas say, and what happens.
#[component]
fn Measured(#[prop(into)] step: Signal<Step>) -> impl IntoView {
    let row = move |name: &'static str, help: &'static str, value: Box<dyn Fn(&Step) -> String + Send + Sync>| {
        view! { <div title=help><dt>{name}</dt><dd>{move || value(&step.get())}</dd></div> }
    };
    let both = |values: [f64; 2], digits: usize| format!("{:.digits$} and {:.digits$}", values[0], values[1]);
    view! {
        <dl class="facts">
            {row(words::ANGLE_COSINE, words::ANGLE_HELP, Box::new(|s| format!("{:.2} rad, {:.3}", s.angle, s.angle.cos())))}
            {row(words::NORMS, words::NORMS_HELP, Box::new(move |s| both(s.norms, 2)))}
            {row(words::GRADIENT_LENGTH, words::LENGTH_HELP, Box::new(move |s| both(s.lengths, 3)))}
            {row(words::GRADIENT_Z, words::ORTHOGONAL_HELP, Box::new(|s| format!("{:.0e}", s.radial)))}
            {row(words::NORMS_AFTER_A_STEP, words::STEP_HELP, Box::new(move |s| both(s.grown, 3)))}
            {row(words::CHANGE_OF_THE_COSINE, words::CHANGE_HELP, Box::new(|s| format!("{:+.4}", s.after_cosine - s.angle.cos())))}
            {row(words::STEPS_TO_COSINE, words::STEPS_HELP, Box::new(Step::race))}
        </dl>
        <p class="hint">{words::TRY}</p>
    }
}

/// One gradient step for both vectors.
#[derive(Clone, Copy, PartialEq)]
struct Step {
    angle: f64,
    norms: [f64; 2],
    lengths: [f64; 2],
    radial: f64,
    grown: [f64; 2],
    after: [Point; 2],
    after_cosine: f64,
    power: f64,
    rate: f64,
    start: [Point; 2],
}

impl Step {
    fn new(first: Point, second: Point, power: f64, rate: f64) -> Step {
        let start = [first, second];
        let norms = start.map(|z| z[0].hypot(z[1]));
        let (after, gradients) = take(start, power, rate);
        let lengths = gradients.map(|g| g[0].hypot(g[1]));
        let radial =
            (0..2).map(|i| (gradients[i][0] * start[i][0] + gradients[i][1] * start[i][1]).abs()).fold(0.0, f64::max);
        Step {
            angle: cosine(start).acos(),
            norms,
            lengths,
            radial,
            grown: [0, 1].map(|i| steps::norm_after(norms[i], rate, lengths[i])),
            after,
            after_cosine: cosine(after),
            power,
            rate,
            start,
        }
    }

    /// Predicted and counted steps until the two agree.
    fn race(&self) -> String {
        // For two norms the flow's rate is the mean of both points' rates.
        let rate = |rho: f64| Approach { rho, gamma: self.rate, power: self.power }.rate();
        let mean = 0.5 * (rate(self.norms[0]) + rate(self.norms[1]));
        let predicted = (((self.angle / 2.0).tan() / (CONVERGED / 2.0).tan()).ln() / mean).max(0.0);
        let mut z = self.start;
        let mut counted = 0;
        while cosine(z) < CONVERGED.cos() && counted < PATIENCE {
            z = take(z, self.power, self.rate).0;
            counted += 1;
        }
        let counted = if counted < PATIENCE { format!("{counted}") } else { words::over(PATIENCE) };
        if predicted.is_finite() {
            words::predicted_and_counted(predicted, &counted)
        } else {
            words::never_and_counted(&counted)
        }
    }
}

/// Both points after a step against GradScale's gradient of -cos, and those gradients.
fn take(z: [Point; 2], power: f64, rate: f64) -> ([Point; 2], [Point; 2]) {
    let gradient = |own: Point, other: Point| -> Point {
        let g = gradients::cosine(&own, &other);
        let scale = -gradients::gradscale(own[0].hypot(own[1]), power);
        [g[0] * scale, g[1] * scale]
    };
    let g = [gradient(z[0], z[1]), gradient(z[1], z[0])];
    ([0, 1].map(|i| [0, 1].map(|k| z[i][k] - rate * g[i][k])), g)
}

fn cosine(z: [Point; 2]) -> f64 {
    crate::theory::losses::cosine(&z[0], &z[1]).clamp(-1.0, 1.0)
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

/// The paper's simulations, each with one button.
#[component]
fn Simulations() -> impl IntoView {
    let lab = Lab::new();
    let chosen = RwSignal::new(Simulation::NormSweep);
    let seed = RwSignal::new(1_u64);
    let full = RwSignal::new(false);
    let job = move || Job::Simulate { simulation: chosen.get(), seed: seed.get(), quick: !full.get() };
    let pick = move |simulation: Simulation| {
        lab.cancel();
        chosen.set(simulation);
        lab.start(job());
    };
    let tabs = Simulation::ALL
        .into_iter()
        .map(|one| {
            view! {
                <button data-key=one.key() aria-pressed=move || (chosen.get() == one).to_string() class:on=move || chosen.get() == one on:click=move |_| pick(one)>
                    {one.title()}
                </button>
            }
        })
        .collect_view();
    let name = Signal::derive(move || words::run(chosen.get().title().to_lowercase()));
    let file = Signal::derive(move || format!("normscope-{}", chosen.get().key()));
    view! {
        <div class="simulations">
            <h3>{words::SIMULATIONS}</h3>
            <div class="choices" role="group" aria-label=words::SIMULATION>{tabs}</div>
            <div class="job-row">
                <JobBar lab name job/>
                <label class="short"><span>{words::SEED}</span>
                    <input inputmode="numeric" id="lab-seed" prop:value=move || seed.get().to_string()
                        on:change=move |event| { if let Ok(value) = event_target_value(&event).trim().parse() { seed.set(value); } else { seed.update(|_| {}); } }/>
                </label>
                <label class="check"><input type="checkbox" prop:checked=move || full.get() on:change=move |event| full.set(event_target_checked(&event))/>{words::FULL_SIZE}</label>
            </div>
            <AnswerView answer=lab.answer file/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_orthogonal_and_lengthens_by_pythagoras() {
        for power in [0.0, 1.0, 2.0] {
            let step = Step::new([2.0, 0.5], [-1.0, 1.5], power, 0.3);
            assert!(step.radial < 1e-12);
            for i in 0..2 {
                assert!((step.after[i][0].hypot(step.after[i][1]) - step.grown[i]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn equal_norms_follow_the_exact_formula() {
        let step = Step::new([1.5, 0.0], [0.0, 1.5], 0.0, 0.2);
        let change = steps::cosine_change(1.5, std::f64::consts::FRAC_PI_2, 0.2);
        assert!((step.after_cosine - change).abs() < 1e-12);
    }

    #[test]
    fn dragged_points_stay_within_reach() {
        assert_eq!(within([0.0, 0.0]), [NORMS.0, 0.0]);
        assert!((within([30.0, 40.0])[1] - 0.8 * NORMS.1).abs() < 1e-9);
    }
}
