//! The page: a Leptos app that holds no science. It shows what the engine says and sends it what the reader wants.
//!
//! ```text
//! state      what the page knows, as values and signals;  record: what is on record of a run
//! link       the worker: starting it, sending commands, hearing events
//! viewport   cameras, transitions, painting, hovering and pinning points
//! model      the page's state as a whole
//! location   the address bar;  settings: changes of what is to be trained
//! runs       earlier runs as ghosts and as a table;  replay: scrubbing, playing, traces
//! resume     an interrupted run, kept in this browser
//! recovery   faults of the engine: a new worker goes on from the last checkpoint
//! engine     commands go out, events come in;  frames: the animation loop
//! chart      a line chart;  charts: which ones there are
//! header     rooms, panels, device, link, theme;  panels: the buttons that open one;  keys: the keyboard
//! setup      what is run;  transport: the player;  timeline: where a record comes from;  race: who is ahead
//! arms       the table of both arms' settings
//! files      picking and dropping them;  spoken: what a screen reader is told
//! sphere     one arm's pane: header with chips, canvases, pointer and keyboard;  inspector: the card about one point
//! notices    what the reader should know;  background: a hidden tab;  clipboard
//! api        window.normscope;  js: its values;  post: the same over postMessage
//! modules    the rooms' module;  turns: the page is made in pieces, each in a task of its own
//! ```

mod api;
mod arms;
mod background;
mod chart;
mod charts;
mod clipboard;
mod engine;
mod files;
mod frames;
mod header;
mod inspector;
mod js;
mod keys;
mod link;
mod location;
mod model;
mod modules;
mod notices;
mod panels;
mod post;
mod race;
mod record;
mod recovery;
mod replay;
mod resume;
mod runs;
mod settings;
mod setup;
mod sphere;
mod spoken;
mod state;
mod timeline;
mod transport;
mod turns;
mod viewport;

use leptos::ev;
use leptos::prelude::*;

use crate::config::{ArmId, Room, Theme};
use crate::parts::live::{If, live};
use crate::parts::panel::Panel;
use crate::words::playground::page as words;
use model::Model;
use turns::in_turn;

/// Mounts the page. What index.html shows first goes away, but for the headline, which gets its place in it.
pub fn start() {
    console_error_panic_hook::set_once();
    let _ = console_log::init_with_level(log::Level::Warn);
    // Not in the task in which the module itself is made ready. Leptos can't wait before it has mounted something.
    wasm_bindgen_futures::spawn_local(async {
        turns::pause().await;
        mount();
    });
}

fn mount() {
    header::take_away("skeleton-panes");
    mount_to_body(App);
    let found = |name: &str| document().query_selector(name).ok().flatten();
    // The name stands for the header until that is made.
    if let (Some(skeleton), Some(app)) = (found("#skeleton"), found(".app")) {
        let _ = app.prepend_with_node_1(&skeleton);
    }
    if let (Some(lead), Some(playground)) = (found("#lead"), found(".playground")) {
        let _ = playground.before_with_node_1(&lead);
    }
}

/// The whole page.
#[component]
fn App() -> impl IntoView {
    let model = Model::from_location();
    begin(model);
    let fetching = RwSignal::new(false);
    recovery::watch(model);
    background::follow(model);
    frames::run(model);
    follow_history(model);
    apply_theme(model);
    let keys = window_event_listener(ev::keydown, move |event| keys::on_key(model, &event));
    on_cleanup(move || keys.remove());
    if untrack(|| model.hidden("header")) {
        header::take_away("skeleton");
    }
    // Scripts and rooms find the whole page.
    turns::run(move || {
        let api = api::install(model);
        // The page is there only after this; a frame that is out of sight gets no animation frames.
        set_timeout(move || post::start(&api), std::time::Duration::ZERO);
        modules::load_rooms(model, fetching);
    });
    let embed = move || model.experiment.with(|experiment| experiment.view.embed);
    let present = move || model.experiment.with(|experiment| experiment.view.present);
    view! {
        <div class="app" class:embed=live(embed) class:present=live(present)>
            <If when=in_turn(move || !model.hidden("header"))>
                <header::Header model/>
            </If>
            <notices::Notices model/>
            <resume::Offer model/>
            <spoken::Spoken model/>
            <main>
                <div class="playground" hidden=live(move || model.room() != Room::Playground)>
                    <Playground model/>
                </div>
                // The rooms' module mounts here; in the playground it has panels at most.
                <div id="rooms"></div>
                <If when=live(move || fetching.get())>
                    <p class="fetching" role="status">{words::FETCHING_ROOM}</p>
                </If>
            </main>
            <If when=in_turn(move || !model.hidden("footer"))>
                <Footer model/>
            </If>
            <files::DropZone model/>
        </div>
    }
}

/// Opens the playground when it is first seen: with a recorded run where there is one, so that it is alive at once.
fn begin(model: Model) {
    Effect::new(move |begun: Option<bool>| {
        if begun == Some(true) || model.room() != Room::Playground {
            return begun == Some(true);
        }
        if let Some(bytes) = record::enclosed() {
            leptos::task::spawn_local(replay::open_enclosed(model, bytes));
        } else if model.experiment.with_untracked(|experiment| experiment.view.autoplay) {
            model.send(&crate::protocol::Command::Play);
        } else {
            replay::open_preset(model);
            resume::look(model);
        }
        true
    });
}

/// In a figure nothing starts by itself: this does, over the spheres.
#[component]
fn Start(model: Model) -> impl IntoView {
    let waits = move || {
        let idle = model.progress.with(|progress| progress.step == 0 && !progress.running);
        model.experiment.with(|experiment| experiment.view.embed && !experiment.view.lock)
            && !replay::plays_a_record(model)
            && idle
            && model.loading.with(Option::is_none)
    };
    view! {
        <If when=live(waits)>
            <button class="start" id="start" on:click=move |_| model.toggle()>
                <svg viewBox="0 0 16 16" width="22" height="22" aria-hidden="true"><path d="M4 1.5v13l10-6.5z"/></svg>
                {words::TRAIN_IT_HERE}
            </button>
        </If>
    }
}

/// The front door: set-up, spheres, transport, charts, settings.
#[component]
fn Playground(model: Model) -> impl IntoView {
    view! {
        <If when=in_turn(move || !model.hidden("setup"))>
            <setup::Setup model/>
        </If>
        <If when=in_turn(|| true)>
            <section class="stage" aria-label=words::STAGE>
                // Its room is there before it is, so that nothing below it jumps.
                <div class="player" class:whole=live(move || !model.hidden("transport") && !model.hidden("race"))>
                    <If when=in_turn(move || !model.hidden("transport"))>
                        <transport::Transport model/>
                    </If>
                    <If when=in_turn(move || !model.hidden("race"))>
                        <race::Race model/>
                    </If>
                </div>
                <sphere::StageBar model/>
                <div class="panes">
                    <If when=in_turn(|| true)>
                        <sphere::Pane model arm=ArmId::A/>
                        <sphere::Pane model arm=ArmId::B/>
                        <Start model/>
                    </If>
                </div>
                <If when=in_turn(move || !model.hidden("race"))>
                    <race::End model/>
                </If>
                <If when=in_turn(move || !model.hidden("timeline"))>
                    <timeline::Origin model/>
                </If>
            </section>
        </If>
        <If when=in_turn(move || !model.hidden("charts"))>
            <charts::Charts model/>
        </If>
        <If when=in_turn(move || !model.hidden("charts"))>
            <runs::Runs model/>
        </If>
        <If when=in_turn(move || !model.hidden("settings"))>
            <arms::Settings model/>
        </If>
    }
}

#[component]
fn Footer(model: Model) -> impl IntoView {
    let provenance = move || model.data.with(|data| data.as_ref().map(|data| data.provenance.clone()));
    // A saved figure has no site around it.
    let links = (!model.offline.get_value()).then(|| {
        view! {
            <nav aria-label=words::MORE>
                <panels::PanelButton model panel=Panel::Help id="footer-help" name=words::HELP_TITLE title=words::HELP/>
                <span inner_html=words::LINKS></span>
            </nav>
        }
    });
    view! {
        <footer>
            <p>{provenance}</p>
            <p>
                {words::AFTER}<a href=words::PAPER_ADDRESS target="_blank" rel="noopener"><cite>{words::PAPER}</cite></a>
                {words::PAPER_AND_PRIVACY}
            </p>
            {links}
        </footer>
    }
}

/// Back and forward in the browser's history bring back that state.
fn follow_history(model: Model) {
    let listener = window_event_listener(ev::popstate, move |_| model.load_location());
    on_cleanup(move || listener.remove());
    Effect::new(move |_| model.write_location());
    if !model.offline.get_value() {
        Effect::new(move |_| document().set_title(&model.title()));
    }
}

/// Sets `data-theme` on the root element and keeps `model.dark` true to what is seen.
fn apply_theme(model: Model) {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let system = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(query) = query {
        let target: web_sys::EventTarget = query.clone().into();
        let listener = gloo::events::EventListener::new(&target, "change", move |_| system.set(query.matches()));
        listener.forget();
    }
    Effect::new(move |_| {
        let dark = match model.experiment.with(|experiment| experiment.view.theme) {
            Theme::Light => false,
            Theme::Dark => true,
            Theme::Auto => system.get(),
        };
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
        }
        model.dark.set(dark);
    });
}
