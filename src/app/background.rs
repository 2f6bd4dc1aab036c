//! A tab that nobody sees: training pauses, says so in the tab's title, and goes on at the same step when the tab is seen again,
//! unless the reader wants it to keep on.

use leptos::prelude::*;

use super::model::Model;
use crate::protocol::{Command, Level};
use crate::words::playground::background as words;

/// Listens to the tab's coming and going.
pub fn follow(model: Model) {
    // The step up to which the run goes on, and whether the reader has been told.
    let goal = StoredValue::new(None::<u32>);
    let told = StoredValue::new(false);
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        if document().hidden() {
            let (running, until) = model.progress.with_untracked(|progress| (progress.running, progress.until));
            if running && !model.keep_on.get_untracked() {
                goal.set_value(Some(until));
                model.send(&Command::Pause);
                document().set_title(&words::paused_title(model.title()));
            }
            return;
        }
        let Some(until) = goal.get_value() else { return };
        document().set_title(&model.title());
        goal.set_value(None);
        model.send(&Command::RunTo(until));
        if !told.get_value() {
            told.set_value(true);
            let step = model.progress.with_untracked(|progress| progress.step);
            model.notify(Level::Info, words::HIDDEN_TAB, &words::went_on(step));
        }
    });
    on_cleanup(move || handle.remove());
}

/// The choice to keep on.
#[component]
pub fn KeepOn(model: Model) -> impl IntoView {
    let toggle = move |event| model.keep_on.set(event_target_checked(&event));
    view! {
        <label class="check" title=words::KEEP_ON_HELP>
            <input type="checkbox" id="keep-on" prop:checked=move || model.keep_on.get() on:change=toggle/>
            <span>{words::KEEP_ON}</span>
        </label>
    }
}
