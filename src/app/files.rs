//! The reader's own files, picked or dropped: sorted by what they are, given to the engine or to a room, never uploaded.

use std::time::Duration;

use js_sys::{Array, Promise};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::model::Model;
use super::{modules, replay};
use crate::config::Room;
use crate::config::choices::Choice;
use crate::data::limits::MAX_BYTES;
use crate::parts::files::{Given, REPLAY, ask, given, read_all, to_script};
use crate::parts::live::{If, live};
use crate::protocol::Level;
use crate::text::listed;
use crate::words::playground::files as words;

/// The button that opens the file dialog.
#[component]
pub fn OpenFiles(model: Model) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    let picked = move |_| {
        if let Some(element) = input.get() {
            open(model, ask(element.files()));
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
        open(model, ask(event.data_transfer()));
    });
    on_cleanup(move || {
        drag.remove();
        leave.remove();
        drop.remove();
    });
    view! {
        <If when=live(move || over.get())>
            <div class="drop">
                <p>{words::DROP_FILES}</p>
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

#[wasm_bindgen]
extern "C" {
    /// The rooms' module tells files apart, and keeps those that are for a room of its own.
    #[wasm_bindgen(js_name = normscopeSort, catch)]
    fn sort(files: &Array) -> Result<Promise, JsValue>;
}

/// Where files belong by what they are: a room's name, or `replay`; "" where nobody can tell.
async fn room_of(model: Model, files: &[Given]) -> String {
    if model.offline.get_value() || JsFuture::from(modules::load("rooms")).await.is_err() {
        return String::new();
    }
    match sort(&to_script(files)).map(JsFuture::from) {
        Ok(sorted) => sorted.await.ok().and_then(|room| room.as_string()).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

fn open(model: Model, asked: Option<Promise>) {
    let Some(asked) = asked else { return };
    leptos::task::spawn_local(async move {
        let files = match given(asked).await {
            Ok(files) if files.is_empty() => return,
            Ok(files) => files,
            Err(problem) => return model.notify(Level::Error, words::FOLDER, &problem.to_string()),
        };
        let room = room_of(model, &files).await;
        if room == Room::Diagnostics.key() {
            return;
        }
        let size: u64 = files.iter().map(|one| one.file.size()).sum();
        if size > MAX_BYTES as u64 {
            let names: Vec<&str> = files.iter().map(|one| one.path.as_str()).collect();
            return model.notify(Level::Error, &listed(&names), &words::too_large(size >> 20, MAX_BYTES >> 20));
        }
        // It is trained and replayed in the playground.
        model.change(|experiment| experiment.view.room = Room::Playground);
        match read_all(&files).await {
            // A damaged one is told by its name.
            Ok(mut contents) if contents.len() == 1 && (room == REPLAY || contents[0].0.ends_with(".trace")) => {
                let (name, bytes) = contents.remove(0);
                replay::open_file(model, name, bytes).await;
            }
            Ok(contents) => model.open_files(contents),
            Err(unread) => model.notify(Level::Error, &unread.path, &unread.to_string()),
        }
    });
}
