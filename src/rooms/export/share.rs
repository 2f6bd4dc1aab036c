//! The link to what is seen, as the reader wants others to find it; as a QR code; as a figure of another page.

use leptos::prelude::*;

use super::delivery::{deliver, name_of};
use super::link::{element, frame, without};
use super::picture::{Format, of_svg};
use crate::config::{Aspect, DataName, Experiment};
use crate::export::qr;
use crate::parts::clipboard;
use crate::parts::files::save;
use crate::rooms::desk::Desk;
use crate::words::panels::share as words;

/// Pixels of a module of the QR code's picture: sharp on a poster.
const QR_SCALE: f32 = 2.0;

/// How what is seen begins for whoever opens the link.
#[derive(Clone, Copy, PartialEq)]
enum Begin {
    /// As an address of this kind does.
    Plays,
    /// Held at the step that is seen now.
    Held,
    /// Training from step 0.
    Trains,
}

/// Parts of the page that a link can leave out, by their ids.
const PARTS: [(&str, &str); 5] = [
    ("intro", words::INTRO),
    ("setup", words::SETUP),
    ("settings", words::SETTINGS),
    ("charts", words::CHARTS),
    ("race", words::RACE),
];

/// What the reader has chosen for the link.
#[derive(Clone, Copy)]
struct Wanted {
    begin: RwSignal<Begin>,
    present: RwSignal<bool>,
    lock: RwSignal<bool>,
    hide: [RwSignal<bool>; PARTS.len()],
}

impl Wanted {
    fn new(experiment: &Experiment) -> Wanted {
        let view = &experiment.view;
        Wanted {
            begin: RwSignal::new(if view.autoplay { Begin::Trains } else { Begin::Plays }),
            present: RwSignal::new(view.present),
            lock: RwSignal::new(view.lock),
            hide: PARTS.map(|(id, _)| RwSignal::new(view.hide.iter().any(|hidden| hidden == id))),
        }
    }

    /// What is seen, with what was chosen.
    fn apply(self, experiment: &Experiment, step: u32) -> Experiment {
        let mut wanted = experiment.clone();
        let view = &mut wanted.view;
        view.present = self.present.get();
        view.lock = self.lock.get();
        view.autoplay = self.begin.get() == Begin::Trains;
        view.at = (self.begin.get() == Begin::Held).then_some(step);
        view.hide.retain(|id| PARTS.iter().all(|(part, _)| id != part));
        let hidden = PARTS.iter().zip(self.hide).filter(|(_, hide)| hide.get());
        view.hide.extend(hidden.map(|((id, _), _)| (*id).to_owned()));
        wanted
    }
}

/// The section of the panel.
#[component]
pub fn Share(desk: Desk, problem: RwSignal<String>) -> impl IntoView {
    let wanted = desk.experiment.with_untracked(Wanted::new);
    let steps = desk.seen_steps();
    let chosen = move || desk.experiment.with(|experiment| wanted.apply(experiment, steps.get()));
    // The reader's own light or dark is his alone.
    let link = Memo::new(move |_| without(&chosen(), &[Aspect::Theme]));
    let figure = Memo::new(move |_| {
        let experiment = chosen();
        let link = without(&experiment, &[Aspect::Theme, Aspect::Room, Aspect::Lesson, Aspect::Frame]);
        (element(&experiment, &link, &format!("{}-sphere.png", name_of(&experiment))), frame(&experiment, &link))
    });
    let present = move || {
        let experiment = desk.experiment.get();
        let view = crate::config::View { present: true, ..experiment.view };
        without(&Experiment { run: experiment.run, view }, &[])
    };
    let files = move || desk.experiment.with(|experiment| experiment.run.data == DataName::Files);
    view! {
        <section>
            <h3>{words::LINK}</h3>
            <div class="copied-row">
                <input id="permalink" readonly aria-label=words::LINK prop:value=link/>
                <Copy id="share-copy" text=link/>
            </div>
            <p class="hint" hidden=move || !files()>{words::NO_FILES}</p>
            <Choices wanted steps/>
            <Code desk link problem/>
            <p><a class="button" id="present" href=present target="_blank" rel="noopener">{words::PRESENT}</a></p>
            <p class="hint">{words::PRESENT_HELP}</p>
        </section>
        <section>
            <h3>{words::PAGE}</h3>
            <label class="stacked"><span>{words::FRAME}</span><textarea id="frame" readonly rows="3" prop:value=move || figure.get().1></textarea></label>
            <Copy id="frame-copy" text=Memo::new(move |_| figure.get().1)/>
            <label class="stacked"><span>{words::ELEMENT}</span><textarea id="snippet" readonly rows="3" prop:value=move || figure.get().0></textarea></label>
            <Copy id="snippet-copy" text=Memo::new(move |_| figure.get().0)/>
            <p class="hint">{words::POSTER_HELP}</p>
        </section>
    }
}

/// How the page of the link begins, and what of it is there.
#[component]
fn Choices(wanted: Wanted, steps: RwSignal<u32>) -> impl IntoView {
    let begins = move |kind: Begin| move || wanted.begin.get() == kind;
    let pick = move |event| {
        wanted.begin.set(match event_target_value(&event).as_str() {
            "held" => Begin::Held,
            "trains" => Begin::Trains,
            _ => Begin::Plays,
        });
    };
    let check = |id: String, label: &'static str, on: RwSignal<bool>| {
        view! {
            <label class="check">
                <input type="checkbox" id=id prop:checked=on on:change=move |event| on.set(event_target_checked(&event))/>
                <span>{label}</span>
            </label>
        }
    };
    let parts = PARTS.into_iter().zip(wanted.hide).map(|((id, label), on)| check(format!("hide-{id}"), label, on));
    view! {
        <label class="inline"><span>{words::BEGINS}</span>
            <select id="share-begin" on:change=pick>
                <option value="plays" selected=begins(Begin::Plays)>{words::PLAYS}</option>
                <option value="held" selected=begins(Begin::Held)>{move || words::held(steps.get())}</option>
                <option value="trains" selected=begins(Begin::Trains)>{words::TRAINS}</option>
            </select>
        </label>
        <div class="checks">
            {check("share-present".to_owned(), words::FOR_A_PROJECTOR, wanted.present)}
            {check("share-lock".to_owned(), words::LOCKED, wanted.lock)}
        </div>
        <details>
            <summary>{words::LEAVE_OUT}</summary>
            <div class="checks">{parts.collect_view()}</div>
        </details>
    }
}

/// The link as a QR code, to be shown or saved.
#[component]
fn Code(desk: Desk, link: Memo<String>, problem: RwSignal<String>) -> impl IntoView {
    let code = Memo::new(move |_| qr::svg(&link.get()));
    let name = move |ending: &str| format!("{}-qr.{ending}", desk.experiment.with_untracked(name_of));
    let as_svg = move |_| {
        if let Some(svg) = code.get_untracked() {
            save(&name("svg"), Format::Svg.mime(), svg.as_bytes());
        }
    };
    let as_png = move |_| {
        let Some(svg) = code.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            let png = of_svg(svg.as_bytes(), QR_SCALE).await;
            deliver(problem, png.map(|png| (name("png"), Format::Png(QR_SCALE).mime().to_owned(), png)));
        });
    };
    view! {
        <details id="qr" open>
            <summary>{words::QR_CODE}</summary>
            <Show when=move || code.with(Option::is_some) fallback=|| view! { <p class="hint">{words::TOO_LONG}</p> }>
                <div class="qr" role="img" aria-label=words::QR_CODE inner_html=move || code.get().unwrap_or_default()></div>
                <div class="choices-grid">
                    <button class="quiet" id="qr-png" on:click=as_png>"PNG"</button>
                    <button class="quiet" id="qr-svg" on:click=as_svg>"SVG"</button>
                </div>
            </Show>
        </details>
    }
}

/// A button that copies a text and says so; where the clipboard refuses, the text stands beside it to be copied by hand.
#[component]
fn Copy(id: &'static str, text: Memo<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let refused = RwSignal::new(false);
    let copy = move |_| clipboard::copy(text.get_untracked(), copied, move |_| refused.set(true));
    view! {
        <button class="quiet" id=id on:click=copy>
            <span role="status">{move || match (copied.get(), refused.get()) {
                (true, _) => words::COPIED,
                (_, true) => words::REFUSED,
                _ => words::COPY,
            }}</span>
        </button>
    }
}
