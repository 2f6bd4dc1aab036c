//! The reader's own data files, picked or dropped: read here, given to the engine, never uploaded.

use std::time::Duration;

use gloo::file::File;
use leptos::ev;
use leptos::prelude::*;

use super::model::Model;
use super::replay;
use crate::config::Room;
use crate::data::files::MAX_BYTES;
use crate::parts::files::{listed, read_all};
use crate::parts::live::{If, live};
use crate::protocol::Level;
use crate::words::playground::files as words;

/// The button that opens the file dialog.
#[component]
pub fn OpenFiles(model: Model) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let picked = move |_| {
        if let Some(element) = input.get() {
            open(model, element.files());
            element.set_value("");
        }
    };
    view! {
        <button
            class="quiet"
            title=words::FILES_HELP
            on:click=move |_| { if let Some(element) = input.get() { element.click(); } }
        >
            {words::OPEN_FILES}
        </button>
        <input type="file" multiple hidden class="file-input" aria-label=words::DATA_FILES node_ref=input on:change=picked/>
    }
}

/// Catches files that are dropped anywhere on the page. Anything else that is dragged (a word, a link) is the browser's.
#[component]
pub fn DropZone(model: Model) -> impl IntoView {
    /// Without a word from the browser for so long, the drag is over: some end without any event.
    const AWAY_AFTER: Duration = Duration::from_millis(300);
    let over = RwSignal::new(false);
    let seen = StoredValue::new(0_u32);
    let drag = window_event_listener(ev::dragover, move |event| {
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        over.set(true);
        seen.update_value(|count| *count = count.wrapping_add(1));
        let count = seen.get_value();
        set_timeout(
            move || {
                if seen.try_get_value() == Some(count) {
                    over.set(false);
                }
            },
            AWAY_AFTER,
        );
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        over.set(false);
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        // The diagnostics take embeddings, not pictures; they listen themselves.
        if model.experiment.with_untracked(|experiment| experiment.room == Room::Diagnostics) {
            return;
        }
        open(model, event.data_transfer().and_then(|data| data.files()));
    });
    on_cleanup(move || {
        drag.remove();
        leave.remove();
        drop.remove();
    });
    view! {
        <If when=live(move || over.get())>
            <div class="drop">
                <p prop:textContent=live(move || if model.room() == Room::Diagnostics { words::DROP_EMBEDDINGS } else { words::DROP_FILES })></p>
            </div>
        </If>
    }
}

/// Whether what is dragged is files.
fn has_files(event: &web_sys::DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

fn open(model: Model, list: Option<web_sys::FileList>) {
    let files = listed(list);
    if files.is_empty() {
        return;
    }
    let size: u64 = files.iter().map(|file| file.size()).sum();
    if size > MAX_BYTES as u64 {
        let names: Vec<String> = files.iter().map(File::name).collect();
        let message = words::too_large(size >> 20, MAX_BYTES >> 20);
        model.notify(Level::Error, &names.join(", "), &message);
        return;
    }
    leptos::task::spawn_local(async move {
        match read_all(&files).await {
            // A recorded run is opened here; everything else is data, which the engine reads.
            Ok(mut contents) if contents.len() == 1 && contents[0].0.ends_with(".trace") => {
                let (name, bytes) = contents.remove(0);
                replay::open_file(model, name, bytes).await;
            }
            Ok(contents) => model.open_files(contents),
            Err((name, problem)) => model.notify(Level::Error, &name, &problem),
        }
    });
}
