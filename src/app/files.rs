//! The reader's own data files, picked or dropped: read here, given to the engine, never uploaded. And files to keep.

use gloo::file::File;
use gloo::file::futures::read_as_bytes;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use crate::config::Room;
use crate::data::files::MAX_BYTES;
use crate::protocol::{Command, Level};

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
            title="CIFAR-10 binary batches (.bin) or IDX files (MNIST family). They stay on this machine."
            on:click=move |_| { if let Some(element) = input.get() { element.click(); } }
        >
            "Open files…"
        </button>
        <input type="file" multiple hidden class="file-input" aria-label="Data files" node_ref=input on:change=picked/>
    }
}

/// Catches files that are dropped anywhere on the page.
#[component]
pub fn DropZone(model: Model) -> impl IntoView {
    let over = RwSignal::new(false);
    let drag = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        over.set(true);
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        over.set(false);
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
        <Show when=move || over.get()>
            <div class="drop">
                <p>
                    {move || if model.room() == Room::Diagnostics { "Drop embeddings: .npy, .npz, .csv or .safetensors" } else { "Drop CIFAR-10 batches or IDX files" }}
                </p>
            </div>
        </Show>
    }
}

/// Hands the reader a file.
pub fn save(name: &str, mime: &str, bytes: &[u8]) {
    let blob = gloo::file::Blob::new_with_options(bytes, Some(mime));
    let url = gloo::file::ObjectUrl::from(blob);
    let Ok(link) = document().create_element("a") else { return };
    let _ = link.set_attribute("href", &url);
    let _ = link.set_attribute("download", name);
    if let Ok(link) = link.dyn_into::<web_sys::HtmlElement>() {
        link.click();
    }
    // The browser reads the address after this task; it may be taken back later.
    gloo::timers::callback::Timeout::new(10_000, move || drop(url)).forget();
}

/// The files of a drop or of a file dialog.
pub fn listed(list: Option<web_sys::FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length())
        .filter_map(|index| list.get(index))
        .map(|file| File::from(file.unchecked_into::<web_sys::File>()))
        .collect()
}

/// (name, contents) of each file.
///
/// # Errors
/// The name of the first file that can't be read, and what is wrong with it.
pub async fn read_all(files: &[File]) -> Result<Vec<(String, Vec<u8>)>, (String, String)> {
    let mut contents = Vec::with_capacity(files.len());
    for file in files {
        match read_as_bytes(file).await {
            Ok(bytes) => contents.push((file.name(), bytes)),
            Err(error) => return Err((file.name(), format!("could not be read: {error}"))),
        }
    }
    Ok(contents)
}

fn open(model: Model, list: Option<web_sys::FileList>) {
    let files = listed(list);
    if files.is_empty() {
        return;
    }
    let size: u64 = files.iter().map(|file| file.size()).sum();
    if size > MAX_BYTES as u64 {
        let names: Vec<String> = files.iter().map(File::name).collect();
        let message =
            format!("is {} MB; at most {} MB can be opened. Take fewer batches.", size >> 20, MAX_BYTES >> 20);
        model.notify(Level::Error, &names.join(", "), &message);
        return;
    }
    if !model.is_ready() {
        model.notify(Level::Warning, "files", "The engine is still loading. Open the files again in a moment.");
        return;
    }
    leptos::task::spawn_local(async move {
        match read_all(&files).await {
            Ok(contents) => {
                model.send(&Command::OpenFiles(contents));
            }
            Err((name, problem)) => model.notify(Level::Error, &name, &problem),
        }
    });
}
