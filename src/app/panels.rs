//! The buttons that open a panel of the rooms' module.

use leptos::prelude::*;

use super::model::Model;
use crate::parts::live::live;
use crate::parts::panel::Panel;

/// Opens a panel of the rooms' module, or closes it.
#[component]
pub fn PanelButton(
    model: Model,
    panel: Panel,
    name: &'static str,
    title: &'static str,
    /// Where there are two buttons for a panel; else the panel's name tells.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let id = id.map_or_else(|| format!("open-{}", panel.key()), str::to_owned);
    let open = move || model.panel.get() == Some(panel);
    let toggle = move |_| {
        let next = (model.panel.get_untracked() != Some(panel)).then_some(panel);
        model.panel.set(next);
    };
    view! {
        <button class="quiet" id=id title=title aria-expanded=live(move || open().to_string()) on:click=toggle>
            {name}
        </button>
    }
}
