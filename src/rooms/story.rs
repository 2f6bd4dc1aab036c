//! One SimCLR step in slow motion, on the real batch: image, two views, embeddings, similarities, softmax, gradient, update.
//!
//! The engine takes the next step of the run and gives the numbers; nothing here is made up.

use leptos::prelude::*;

use super::desk::Desk;
use super::gate::{Gate, GateView};
use super::panel::{Panel, closing};
use crate::config::{ArmId, LossKind, Method};
use crate::parts::thumb::Thumb;
use crate::protocol::Story;
use crate::text::number;
use crate::theory::losses::cosine;
use crate::theory::vector::norm;
use crate::words::panels::story as words;

/// The pages of the story.
const PAGES: [&str; 7] = [
    words::SAMPLES,
    words::TWO_VIEWS,
    words::EMBEDDINGS,
    words::SIMILARITIES,
    words::SOFTMAX,
    words::GRADIENT,
    words::UPDATE,
];

/// The panel.
#[component]
pub fn StoryPanel(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    let arm = RwSignal::new(ArmId::A);
    let story = RwSignal::new_local(None::<Told>);
    let page = RwSignal::new(0_usize);
    let state = RwSignal::new(String::new());
    let gate = Gate::new(desk);
    let take = move || {
        state.set(words::BUSY.to_owned());
        leptos::task::spawn_local(async move {
            match desk.story(arm.get_untracked()).await {
                Ok(Some(told)) => {
                    story.set(Some(Told::new(told)));
                    page.set(0);
                    state.set(String::new());
                }
                Ok(None) => state.set(words::NO_STEP.to_owned()),
                Err(problem) => state.set(problem.to_string()),
            }
        });
    };
    let method = move || desk.experiment.with(|experiment| experiment.run.method);
    view! {
        <Panel title=words::SLOW_MOTION close wide=true>
            <Show
                when=move || method() == Method::SimClr
                fallback=|| view! { <p>{words::ONLY_SIMCLR}</p> }
            >
                <div class="job-row">
                    <label class="inline"><span>{words::ARM}</span>
                        <select id="story-arm" on:change=move |event| arm.set(ArmId::parse(&event_target_value(&event)).unwrap_or(ArmId::A))>
                            <option value="a">"A"</option><option value="b">"B"</option>
                        </select>
                    </label>
                    <button class="primary" id="story-step" disabled=move || gate.is_training() on:click=move |_| gate.pass(take)>
                        {move || if story.with(Option::is_some) { words::TAKE_THE_NEXT_STEP } else { words::TAKE_A_STEP }}
                    </button>
                    <span role="status">{state}</span>
                </div>
                <GateView gate/>
                <Show when=move || story.with(Option::is_some)>
                    {pages(page)}
                    {move || story.with(|told| told.as_ref().map(|told| told.page(page.get())))}
                    {turning(page)}
                </Show>
            </Show>
        </Panel>
    }
}

/// The list of pages, of which one is open.
fn pages(page: RwSignal<usize>) -> impl IntoView {
    let pages = PAGES
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let here = move || page.get() == index;
            view! {
                <li>
                    <button class:on=here aria-current=move || here().then_some("step") on:click=move |_| page.set(index)>
                        <i>{index + 1}</i>{name}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="storyline" aria-label=words::PARTS_OF_THE_STEP>{pages}</ol> }
}

/// To the page before and the next one.
fn turning(page: RwSignal<usize>) -> impl IntoView {
    view! {
        <div class="job-row">
            <button class="quiet" disabled=move || page.get() == 0 on:click=move |_| page.update(|page| *page -= 1)>{words::BACK}</button>
            <button class="quiet" id="story-next" disabled=move || page.get() + 1 == PAGES.len() on:click=move |_| page.update(|page| *page += 1)>{words::NEXT}</button>
        </div>
    }
}

/// The numbers of a step, of the shown samples against the whole batch.
#[derive(Clone)]
struct Told {
    story: Story,
    /// Rows that are shown: first and second view of each shown sample.
    rows: Vec<usize>,
    /// |z| before.
    norms: Vec<f64>,
    /// |dL/dz|.
    pulls: Vec<f64>,
    /// Degrees that the step turned each embedding by.
    turns: Vec<f64>,
    /// |z| after.
    norms_after: Vec<f64>,
    /// Cosine to the positive, before and after.
    positives: Vec<(f64, f64)>,
    /// Cosines among the shown rows, row by row.
    cosines: Vec<Vec<f64>>,
    /// Softmax among the shown rows, and the share of everything else.
    softmax: Vec<(Vec<f64>, f64)>,
}

impl Told {
    fn new(story: Story) -> Told {
        let n = story.samples as usize;
        let d = (story.dim as usize).max(1);
        let row = |values: &[f32], i: usize| -> Vec<f64> {
            values[i * d..(i + 1) * d].iter().map(|x| f64::from(*x)).collect()
        };
        let before: Vec<Vec<f64>> = (0..2 * n).map(|i| row(&story.before, i)).collect();
        let after: Vec<Vec<f64>> = (0..2 * n).map(|i| row(&story.after, i)).collect();
        let rows: Vec<usize> = (0..story.labels.len().min(n)).flat_map(|i| [i, i + n]).collect();
        let partner = |i: usize| (i + n) % (2 * n);
        let per_row = |f: &dyn Fn(usize) -> f64| rows.iter().map(|i| f(*i)).collect::<Vec<f64>>();
        let softmax = |i: usize| {
            let counts = |k: usize| k != i && (story.loss == LossKind::NtXent || k != partner(i));
            let term = |k: usize| if counts(k) { (cosine(&before[i], &before[k]) / story.tau).exp() } else { 0.0 };
            let sum: f64 = (0..2 * n).map(term).sum();
            let shown: Vec<f64> = rows.iter().map(|k| term(*k) / sum).collect();
            let rest = 1.0 - shown.iter().sum::<f64>();
            (shown, rest)
        };
        Told {
            norms: per_row(&|i| norm(&before[i])),
            pulls: per_row(&|i| norm(&row(&story.gradient, i))),
            turns: per_row(&|i| cosine(&before[i], &after[i]).clamp(-1.0, 1.0).acos().to_degrees()),
            norms_after: per_row(&|i| norm(&after[i])),
            positives: rows
                .iter()
                .map(|i| (cosine(&before[*i], &before[partner(*i)]), cosine(&after[*i], &after[partner(*i)])))
                .collect(),
            cosines: rows.iter().map(|i| rows.iter().map(|k| cosine(&before[*i], &before[*k])).collect()).collect(),
            softmax: rows.iter().map(|i| softmax(*i)).collect(),
            rows,
            story,
        }
    }

    /// "3 first", "3 second".
    fn name(&self, at: usize) -> String {
        format!("{}{}", at / 2 + 1, if at.is_multiple_of(2) { "′" } else { "″" })
    }

    fn page(&self, page: usize) -> AnyView {
        let (text, body) = match page {
            0 => (self.samples_text(), self.samples()),
            1 => (words::VIEWS_TEXT.to_owned(), self.views()),
            2 => (words::embeddings_text(self.story.dim), bars("|z|", &self.names(), &self.norms, 2)),
            3 => (words::COSINES_TEXT.to_owned(), self.matrix(&self.cosines, -1.0, 1.0)),
            4 => {
                let rest = self.softmax.iter().map(|(_, rest)| rest).sum::<f64>() / self.softmax.len().max(1) as f64;
                let rows: Vec<Vec<f64>> = self.softmax.iter().map(|(shown, _)| shown.clone()).collect();
                (
                    words::softmax_text(
                        self.story.tau,
                        100.0 * rest,
                        2 * self.story.samples as usize - self.rows.len(),
                    ),
                    self.matrix(&rows, 0.0, rows.iter().flatten().copied().fold(1e-9, f64::max)),
                )
            }
            5 => (self.gradient_text(), self.gradients()),
            _ => (self.update_text(), self.updates()),
        };
        view! { <div class="story-page"><h3>{PAGES[page.min(PAGES.len() - 1)]}</h3><p>{text}</p>{body}</div> }
            .into_any()
    }

    fn names(&self) -> Vec<String> {
        (0..self.rows.len()).map(|at| self.name(at)).collect()
    }

    fn names_with_norms(&self) -> Vec<String> {
        self.names().iter().zip(&self.norms).map(|(name, norm)| format!("{name}, |z| {}", number(*norm, 2))).collect()
    }

    fn samples_text(&self) -> String {
        words::samples_text(&self.story.step + 1, self.story.samples, self.story.labels.len())
    }

    fn picture(&self, sample: usize, which: usize) -> Option<AnyView> {
        let picture = self.story.pictures.get(3 * sample + which)?.clone();
        Some(view! { <Thumb picture/> }.into_any())
    }

    fn samples(&self) -> AnyView {
        if self.story.pictures.is_empty() {
            return view! { <p class="hint">{words::NO_PICTURES}</p> }.into_any();
        }
        let all = (0..self.story.labels.len())
            .map(|sample| view! { <figure>{self.picture(sample, 0)}<figcaption>{sample + 1}</figcaption></figure> })
            .collect_view();
        view! { <div class="story-pictures">{all}</div> }.into_any()
    }

    fn views(&self) -> AnyView {
        if self.story.pictures.is_empty() {
            return self.samples();
        }
        let all = (0..self.story.labels.len())
            .map(|sample| {
                let one = |which: usize| {
                    let name = self.name(2 * sample + which - 1);
                    view! { <figure>{self.picture(sample, which)}<figcaption>{name}</figcaption></figure> }
                };
                view! { <div class="story-pair">{one(1)}{one(2)}</div> }
            })
            .collect_view();
        view! { <div class="story-pictures">{all}</div> }.into_any()
    }

    /// A square of numbers, coloured from `low` to `high`, positives framed.
    fn matrix(&self, values: &[Vec<f64>], low: f64, high: f64) -> AnyView {
        let names = self.names();
        let head = names.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }).collect_view();
        let rows = values
            .iter()
            .enumerate()
            .map(|(i, row)| {
                let cells = row
                    .iter()
                    .enumerate()
                    .map(|(k, value)| {
                        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
                        let positive = i / 2 == k / 2 && i != k;
                        let text = if i == k { String::new() } else { format!("{value:.2}") };
                        let shade = if i == k { 0.0 } else { share };
                        view! { <td class:positive=positive style=("--share", format!("{shade:.3}"))>{text}</td> }
                    })
                    .collect_view();
                view! { <tr><th scope="row">{names[i].clone()}</th>{cells}</tr> }
            })
            .collect_view();
        view! { <div class="table"><table class="matrix"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div> }.into_any()
    }

    fn gradient_text(&self) -> String {
        let power = self.story.gradscale;
        let scale = if power == 0.0 { words::WITHOUT_GRADSCALE.to_owned() } else { words::with_gradscale(power) };
        words::gradient_text(&scale)
    }

    fn gradients(&self) -> AnyView {
        let thousandths: Vec<f64> = self.pulls.iter().map(|pull| 1e3 * pull).collect();
        bars(words::GRADIENT_LENGTH_THOUSANDTHS, &self.names_with_norms(), &thousandths, 3)
    }

    fn update_text(&self) -> String {
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let all: Vec<f64> = values.collect();
            all.iter().sum::<f64>() / all.len().max(1) as f64
        };
        let (before, after) =
            (mean(&mut self.positives.iter().map(|pair| pair.0)), mean(&mut self.positives.iter().map(|pair| pair.1)));
        let lengths = [&self.norms, &self.norms_after].map(|norms| mean(&mut norms.iter().copied()));
        words::update_text(self.story.lr, [before, after], lengths)
    }

    fn updates(&self) -> AnyView {
        bars(words::TURNED_BY_DEGREES, &self.names_with_norms(), &self.turns, 2)
    }
}

/// A bar a row, with its number.
fn bars(title: &str, names: &[String], values: &[f64], digits: usize) -> AnyView {
    let most = values.iter().copied().fold(1e-12, f64::max);
    let rows = names
        .iter()
        .zip(values)
        .map(|(name, value)| {
            let share = format!("{:.4}", value / most);
            view! { <tr><th scope="row">{name.clone()}</th><td class="amount"><i style=("--share", share)></i></td><td>{number(*value, digits)}</td></tr> }
        })
        .collect_view();
    view! { <div class="table"><table class="bars"><caption>{title.to_owned()}</caption><tbody>{rows}</tbody></table></div> }.into_any()
}
