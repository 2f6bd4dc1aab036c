//! Files of the reader: those that he picks or drops, and those that he keeps.

use gloo::file::File;
use gloo::file::futures::read_as_bytes;
use js_sys::{Array, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::{PageError, UnreadFile};

/// What [`Given`] files are that hold a recorded run; else they belong to the room of a [`crate::config::Room`]'s key.
pub const REPLAY: &str = "replay";

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

/// A file of a drop or of a file dialog. Its contents are read when they are needed.
#[derive(Clone)]
pub struct Given {
    /// Its path from the folder that was chosen, with `/` between; its name where no folder was.
    pub path: String,
    /// The browser's handle.
    pub file: File,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopeFiles)]
    fn files_of(source: &JsValue) -> Promise;
}

/// Asks for the files of a `DataTransfer` or a `FileList`; a drop has them only as long as its event lasts.
pub fn ask(source: Option<impl Into<JsValue>>) -> Option<Promise> {
    source.map(|source| files_of(&source.into()))
}

/// The files that were asked for, those of folders too.
///
/// # Errors
/// [`PageError::Folder`] when a folder can't be read.
pub async fn given(asked: Promise) -> Result<Vec<Given>, PageError> {
    let all = JsFuture::from(asked).await.map_err(|error| PageError::Folder(format!("{error:?}")))?;
    Ok(from_script(&all))
}

/// Files as scripts hand them over: an array of `[path, file]`.
pub fn from_script(all: &JsValue) -> Vec<Given> {
    let pair = |one: JsValue| {
        let pair: &Array = one.unchecked_ref();
        let file = File::from(pair.get(1).unchecked_into::<web_sys::File>());
        Given { path: pair.get(0).as_string().unwrap_or_default(), file }
    };
    all.unchecked_ref::<Array>().iter().map(pair).collect()
}

/// The reverse of [`from_script`].
pub fn to_script(files: &[Given]) -> Array {
    let pair = |one: &Given| Array::of2(&one.path.as_str().into(), one.file.as_ref() as &web_sys::File);
    files.iter().map(pair).collect()
}

/// (path, contents) of each file.
///
/// # Errors
/// [`UnreadFile`] for the first file that can't be read.
pub async fn read_all(files: &[Given]) -> Result<Vec<(String, Vec<u8>)>, UnreadFile> {
    let mut contents = Vec::with_capacity(files.len());
    for Given { path, file } in files {
        match read_as_bytes(file).await {
            Ok(bytes) => contents.push((path.clone(), bytes)),
            Err(problem) => return Err(UnreadFile { path: path.clone(), problem }),
        }
    }
    Ok(contents)
}
