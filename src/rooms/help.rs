//! The keys, and what the words of the page mean.

use leptos::prelude::*;

use super::desk::Desk;
use super::panel::{Panel, closing};
use crate::words::panels::help as words;

/// The panel.
#[component]
pub fn Help(desk: Desk) -> impl IntoView {
    let close = closing(desk);
    let keys = words::KEYS.map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> });
    let terms = words::TERMS.map(|(term, meaning)| view! { <div><dt>{term}</dt><dd>{meaning}</dd></div> });
    view! {
        <Panel title=words::TITLE close>
            <section>
                <h3>{words::KEYS_TITLE}</h3>
                <dl class="keys">{keys.into_iter().collect_view()}</dl>
            </section>
            <section>
                <h3>{words::WORDS_TITLE}</h3>
                <p class="hint">{words::WORDS_HINT}</p>
                <dl class="glossary">{terms.into_iter().collect_view()}</dl>
            </section>
        </Panel>
    }
}
