//! The page is made in pieces, each in a task of its own: in between the browser paints and listens, also on a slow phone.

use std::cell::RefCell;

use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::parts::live::live;

#[wasm_bindgen]
extern "C" {
    /// Resolves in another task (static/load.js).
    #[wasm_bindgen(js_name = normscopeTask)]
    fn other_task() -> Promise;
}

thread_local! {
    /// The pieces that wait, in the page's order: the next one last. `None` once all of them have had their turn.
    static WAITING: RefCell<Option<Vec<RwSignal<bool>>>> = const { RefCell::new(Some(Vec::new())) };
    /// The pieces of the piece that is being made.
    static FRESH: RefCell<Vec<RwSignal<bool>>> = const { RefCell::new(Vec::new()) };
}

/// Goes on in another task.
pub async fn pause() {
    let _ = JsFuture::from(other_task()).await;
}

/// Waits for the whole page.
pub async fn made() {
    while WAITING.with_borrow(Option::is_some) {
        pause().await;
    }
}

/// What `value` is, once the piece of the page that asks has its turn; `false` until then. What is made later has no turn to
/// wait for.
pub fn in_turn(value: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    let waits = WAITING.with_borrow(Option::is_some);
    let turn = RwSignal::new(!waits);
    if waits {
        FRESH.with_borrow_mut(|fresh| fresh.push(turn));
    }
    live(move || turn.get() && value())
}

/// Gives every piece its turn, from the top of the page to its end; then does `last`.
pub fn run(last: impl FnOnce() + 'static) {
    let owner = Owner::current();
    leptos::task::spawn_local(async move {
        loop {
            pause().await;
            // The parts of a piece come before what is below it.
            let fresh = FRESH.take().into_iter().rev();
            let next = WAITING.with_borrow_mut(|all| {
                let all = all.as_mut()?;
                all.extend(fresh);
                all.pop()
            });
            let Some(next) = next else { break };
            // A piece may be gone by now.
            let _ = next.try_set(true);
        }
        WAITING.set(None);
        match owner {
            Some(owner) => owner.with(last),
            None => last(),
        }
    });
}
