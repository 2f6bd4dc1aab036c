//! A panel beside the playground: opens over the settings, leaves the spheres in view, closes with Escape.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::desk::Desk;
use crate::words::panels::panel as words;

/// The frame of a panel. Focus goes to its heading when it opens, and back to where it was when it closes.
#[component]
pub fn Panel(
    title: &'static str,
    /// Closes it.
    close: impl Fn() + Copy + Send + Sync + 'static,
    /// As wide as the page, for galleries.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H2>::new();
    let before = StoredValue::new_local(document().active_element());
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    on_cleanup(move || {
        use wasm_bindgen::JsCast;
        let element =
            before.try_get_value().flatten().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            let _ = element.focus();
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            close();
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <aside class="panel" class:wide=wide role="dialog" aria-label=title>
            <header>
                <h2 tabindex="-1" node_ref=heading>{title}</h2>
                <button class="plain" aria-label=words::CLOSE on:click=move |_| close()>"×"</button>
            </header>
            <div class="panel-body" tabindex="0">{children()}</div>
        </aside>
    }
}

/// Closes whatever panel is open.
pub fn closing(desk: Desk) -> impl Fn() + Copy + Send + Sync + 'static {
    move || desk.open(None)
}
