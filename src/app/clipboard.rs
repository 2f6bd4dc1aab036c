//! Copying with a word about it.

use leptos::prelude::*;

use super::model::Model;
use crate::parts::clipboard;
use crate::protocol::Level;
use crate::words::playground::controls as words;

/// Copies the address, which always describes what is seen.
pub fn copy_link(model: Model, copied: RwSignal<bool>) {
    copy(model, window().location().href().unwrap_or_default(), copied);
}

/// Puts a text into the clipboard and says so for a moment; where that is refused, shows it.
pub fn copy(model: Model, text: String, copied: RwSignal<bool>) {
    clipboard::copy(text, copied, move |text| model.notify(Level::Info, "link", &words::copying_refused(text)));
}
