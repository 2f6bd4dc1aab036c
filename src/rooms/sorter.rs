//! Where the reader's files belong, told from their first and last bytes: embeddings to the diagnostics, everything else to
//! the playground, which asks with every file that is opened or dropped.

use gloo::file::futures::read_as_bytes;
use js_sys::{Array, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::desk::Desk;
use crate::config::Room;
use crate::config::choices::Choice;
use crate::data::what::{LOOK, Takes, What, room_of, what_is};
use crate::parts::files::{Given, REPLAY, from_script};

/// Files that are looked at; folders of more hold more of the same.
const MOST: usize = 200;

/// Lets the page ask: `normscopeSort([[path, file], ...])` gives a room's key or [`REPLAY`]. Embeddings are taken at once.
pub fn install(desk: Desk) {
    let sort = Closure::<dyn Fn(Array) -> Promise>::new(move |files: Array| {
        let files = from_script(&files);
        future_to_promise(async move { Ok(sort(desk, files).await.into()) })
    });
    if Reflect::set(&window(), &"normscopeSort".into(), sort.as_ref()).is_err() {
        log::error!("the page can't ask where files belong");
    }
    // The rooms stay as long as the page does.
    sort.forget();
}

async fn sort(desk: Desk, files: Vec<Given>) -> &'static str {
    let mut known = Vec::new();
    for one in files.iter().take(MOST) {
        known.extend(look(one).await);
    }
    let here = desk.experiment.with_untracked(|experiment| experiment.view.room);
    // What nobody knows stays where it is: the reader of that room says what it is.
    let unknown = if here == Room::Diagnostics { Takes::Diagnostics } else { Takes::Playground };
    match room_of(&known).unwrap_or(unknown) {
        Takes::Playground => Room::Playground.key(),
        Takes::Replay => REPLAY,
        Takes::Diagnostics => {
            desk.given.set(files);
            let _ = desk.say("set", &[("room", Room::Diagnostics.key().into())]).await;
            Room::Diagnostics.key()
        }
    }
}

/// What a file is; nothing where it can't be read, which is said when it is opened.
async fn look(one: &Given) -> Option<What> {
    let length = one.file.size();
    let read = async |from: u64, to: u64| read_as_bytes(&one.file.slice(from, to)).await.ok();
    let start = read(0, length.min(LOOK as u64)).await?;
    let end = read(length.saturating_sub(LOOK as u64), length).await?;
    Some(what_is(&start, &end, length, &one.path))
}
