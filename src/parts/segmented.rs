//! A choice of few values, as a row of buttons.

use leptos::prelude::*;

use crate::config::choices::Choice;

/// A row of buttons of which one is pressed.
#[component]
pub fn Segmented(
    /// What the choice is about.
    label: &'static str,
    /// Key and name of each.
    options: Vec<(&'static str, &'static str)>,
    /// The key of the pressed one.
    #[prop(into)]
    value: Signal<&'static str>,
    /// Called with the key of the one that is pressed.
    pick: impl Fn(&str) + Copy + 'static,
) -> impl IntoView {
    let buttons = options
        .into_iter()
        .map(|(key, name)| {
            let pressed = move || value.get() == key;
            view! {
                <button
                    type="button"
                    data-key=key
                    aria-pressed=move || pressed().to_string()
                    class:on=pressed
                    on:click=move |_| pick(key)
                >
                    {name}
                </button>
            }
        })
        .collect_view();
    view! { <div class="segmented" role="group" aria-label=label>{buttons}</div> }
}

/// (key, label) of every value of a choice.
pub fn pairs<C: Choice>() -> Vec<(&'static str, &'static str)> {
    C::ALL.iter().map(|choice| (choice.key(), choice.label())).collect()
}
