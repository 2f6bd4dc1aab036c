//! The keyboard.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::replay;
use crate::config::Room;
use crate::config::choices::Choice;
use crate::protocol::Command;

/// The keys of the whole page: 1, 2, ... for the rooms; space, `.` and `r` in the playground.
pub fn on_key(model: Model, event: &KeyboardEvent) {
    let tag =
        event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).map(|target| target.tag_name());
    let typing = matches!(tag.as_deref(), Some("INPUT" | "SELECT" | "TEXTAREA"));
    // Space belongs to a button that has the focus; the other keys are free.
    let pressing = event.key() == " " && matches!(tag.as_deref(), Some("BUTTON" | "SUMMARY" | "A"));
    if typing || pressing || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let number = event.key().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(room) = number.and_then(|index| Room::ALL.get(index)).filter(|_| !model.hidden("header")) {
        model.enter(*room);
        event.prevent_default();
        return;
    }
    let playing = model.experiment.with_untracked(|experiment| experiment.view.room == Room::Playground);
    // A locked page's record may be played all the same.
    let locked = locked(model) && !(event.key() == " " && untrack(|| replay::plays_a_record(model)));
    if !playing || locked || untrack(|| model.is_busy()) {
        return;
    }
    match event.key().as_str() {
        " " => model.toggle(),
        "." => {
            model.send(&Command::Run(1));
        }
        "r" => {
            model.send(&Command::Reset);
        }
        _ => return,
    }
    event.prevent_default();
}

fn locked(model: Model) -> bool {
    model.experiment.with_untracked(|experiment| experiment.view.lock)
}
