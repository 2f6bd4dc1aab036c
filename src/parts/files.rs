//! Files of the reader: those that he picks or drops, and those that he keeps.

use crate::words::playground::parts_files as words;
use gloo::file::File;
use gloo::file::futures::read_as_bytes;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

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
            Err(error) => return Err((file.name(), words::unreadable(&error))),
        }
    }
    Ok(contents)
}
