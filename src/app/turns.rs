//! The page is made in pieces, each in a task of its own: in between the browser paints and listens, also on a slow phone.

use std::cell::RefCell;
use std::collections::VecDeque;

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
    /// The pieces that wait, in their order; `None` once all of them have had their turn.
    static WAITING: RefCell<Option<VecDeque<RwSignal<bool>>>> = RefCell::new(Some(VecDeque::new()));
}

/// Goes on in another task.
pub async fn pause() {
    let _ = JsFuture::from(other_task()).await;
}

/// What `value` is, once the piece of the page that asks has its turn; `false` until then. What is made later has no turn to
/// wait for.
pub fn in_turn(value: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    let turn = RwSignal::new(false);
    let waits = WAITING.with_borrow_mut(|all| all.as_mut().map(|all| all.push_back(turn)).is_some());
    if !waits {
        turn.set(true);
    }
    live(move || turn.get() && value())
}

/// Gives every piece its turn, those too that other pieces bring; then does `last`.
pub fn run(last: impl FnOnce() + 'static) {
    let owner = Owner::current();
    leptos::task::spawn_local(async move {
        loop {
            pause().await;
            let Some(next) = WAITING.with_borrow_mut(|all| all.as_mut().and_then(VecDeque::pop_front)) else { break };
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
