//! The buttons that open a panel of the rooms' module.

use leptos::prelude::*;

use super::model::Model;
use crate::parts::live::live;

/// Opens a panel of the rooms' module, or closes it.
#[component]
pub fn PanelButton(model: Model, panel: &'static str, name: &'static str, title: &'static str) -> impl IntoView {
    let open = move || model.panel.with(|open| open == panel);
    let toggle = move |_| {
        let next = if open() { "" } else { panel };
        model.panel.set(next.to_owned());
    };
    view! {
        <button class="quiet" id=format!("open-{panel}") title=title aria-expanded=live(move || open().to_string()) on:click=toggle>
            {name}
        </button>
    }
}
