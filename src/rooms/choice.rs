//! Which array of a file is meant, where it has several: as `--array` on the command line.

use leptos::prelude::*;

use super::lab::Lab;
use crate::words::rooms::diagnostics as words;

/// A choice of the arrays that the last answer lists; nothing where it lists none.
#[component]
pub fn ArrayChoice(lab: Lab, choose: impl Fn(String) + Copy + Send + Sync + 'static) -> impl IntoView {
    move || {
        let listed =
            lab.answer.with(|answer| answer.as_ref().map(|answer| (answer.name.clone(), answer.arrays.clone())));
        let (name, arrays) = listed.filter(|(_, arrays)| !arrays.is_empty())?;
        let is_chosen = move |array: &str| name.ends_with(&format!(": {array}"));
        let none_yet = !arrays.iter().any(|array| is_chosen(array));
        let placeholder = none_yet.then(|| view! { <option value="" selected disabled>{words::CHOOSE_ARRAY}</option> });
        let options = arrays
            .into_iter()
            .map(|array| {
                let selected = is_chosen(&array);
                view! { <option value=array.clone() selected=selected>{array.clone()}</option> }
            })
            .collect_view();
        Some(view! {
            <div class="job-row">
                <label class="short"><span>{words::ARRAY}</span>
                    <select id="diagnose-array" on:change=move |event| choose(event_target_value(&event))>{placeholder}{options}</select>
                </label>
            </div>
        })
    }
}
