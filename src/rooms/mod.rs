//! The rooms besides the playground: a Leptos app of its own in a module of its own, fetched when the first of them is opened.
//!
//! It knows the page through [`desk`] only. Each room is made when it is first opened and stays, so that nothing in it is
//! lost.
//!
//! ```text
//! desk          the page as the rooms see it: window.normscope
//! gradient      two vectors to drag, and the simulations
//! diagnostics   what the norms of a model or of a file do
//! anomalies     what tells outliers from known samples;  pad: draw one
//! experiments   the acceleration study
//! sorter        where files that are dropped belong
//! gate          asks before an action whose model is not the one in the picture
//! panel         a panel beside the playground;  presets: cards of all of them;  export: links, pictures, numbers, figures
//! present       the page on a projector
//! bench         how fast this device trains;  help: the keys, and what the words mean
//! lessons       predict, then see;  story: one training step in slow motion
//! job           question, start, cancel, progress;  answer: all of it;  sheet: tables;  study: what studies in the page share
//! example       recorded answers that rooms open with;  pace: how long work takes on this device
//! lab           the workers that do the jobs
//! figure        a figure of a simulation or study
//! ```

mod anomalies;
mod answer;
mod bench;
mod choice;
mod desk;
mod diagnostics;
mod error;
mod example;
mod experiments;
mod export;
mod figure;
mod gate;
mod gradient;
mod help;
mod job;
mod lab;
mod lessons;
mod pace;
mod pad;
mod panel;
mod present;
mod presets;
mod sheet;
mod sorter;
mod story;
mod study;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::config::Room;
use crate::parts::panel::Panel;
use desk::Desk;

/// Mounts the rooms into the element that the page keeps for them.
pub fn start() {
    console_error_panic_hook::set_once();
    let _ = console_log::init_with_level(log::Level::Warn);
    let Some(home) = document().get_element_by_id("rooms").and_then(|home| home.dyn_into().ok()) else {
        log::error!("the page has no place for the rooms");
        return;
    };
    mount_to(home, Rooms).forget();
}

/// All rooms, of which one at most is seen.
#[component]
fn Rooms() -> impl IntoView {
    let desk = Desk::new();
    sorter::install(desk);
    // The list, or a lesson of a link.
    let reading = Memo::new(move |_| {
        let open = desk.experiment.with(|experiment| !experiment.view.lesson.is_empty());
        match desk.panel.get() {
            Some(panel) => panel == Panel::Lessons,
            None => open,
        }
    });
    view! {
        {move || match desk.panel.get() {
            Some(Panel::Presets) => view! { <presets::Presets desk/> }.into_any(),
            Some(Panel::Export) => view! { <export::ExportPanel desk/> }.into_any(),
            Some(Panel::Help) => view! { <help::Help desk/> }.into_any(),
            Some(Panel::Bench) => view! { <bench::Bench desk/> }.into_any(),
            Some(Panel::Story) => view! { <story::StoryPanel desk/> }.into_any(),
            Some(Panel::Lessons) | None => ().into_any(),
        }}
        <present::Present desk/>
        <Show when=move || reading.get()>
            <lessons::Lessons desk/>
        </Show>
        <Kept desk room=Room::Gradient><gradient::Gradient/></Kept>
        <Kept desk room=Room::Diagnostics><diagnostics::Diagnostics desk/></Kept>
        <Kept desk room=Room::Anomalies><anomalies::Anomalies desk/></Kept>
        <Kept desk room=Room::Experiments><experiments::Experiments desk/></Kept>
    }
}

/// A room that is made when it is first opened and then only hidden, so that its jobs go on and its answers stay.
#[component]
fn Kept(desk: Desk, room: Room, children: ChildrenFn) -> impl IntoView {
    let opened = Memo::new(move |was: Option<&bool>| was == Some(&true) || desk.room() == room);
    view! {
        <div class="kept" hidden=move || desk.room() != room>
            <Show when=move || opened.get()>{children()}</Show>
        </div>
    }
}
