//! Views that follow signals, with one type for all of them: every closure in a view would be compiled a dozen times over,
//! and the page is fetched whole before anything is seen.

use leptos::prelude::*;

/// A value that is computed anew when what it reads changes. As text it is given to an element's `prop:textContent`: a text node
/// of its own would be lost when the browser translates the page, which puts others in its place.
pub fn live<T: Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    Signal::derive(value)
}

/// Shows its children while `when` is true.
#[component]
pub fn If(
    /// Whether they are shown.
    when: Signal<bool>,
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let when = Memo::new(move |_| when.get());
    move || when.get().then(|| children())
}
