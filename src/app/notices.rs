//! What the reader should know: a list that never hides the page, each entry dismissed on its own.

use leptos::prelude::*;

use super::model::Model;
use super::recovery;
use super::state::Notice;
use crate::parts::live::{If, live};
use crate::protocol::Level;
use crate::words::playground::notices as words;

/// The list of notices.
#[component]
pub fn Notices(model: Model) -> impl IntoView {
    view! {
        <div class="notices" role="status" aria-live="polite">
            <If when=live(move || model.failed.with(Option::is_some))>
                <div class="notice error">
                    <p>
                        <strong>{words::ENGINE_STOPPED}</strong>
                        <span prop:textContent=live(move || model.failed.get().unwrap_or_default())></span>
                        {words::NOTHING_LOST}
                    </p>
                    <recovery::CopyReport model/>
                    <button class="quiet" id="try-again" on:click=move |_| recovery::retry(model)>{words::TRY_AGAIN}</button>
                </div>
            </If>
            <For each=move || model.notices.get() key=|notice| notice.id let:notice>
                <Entry model notice/>
            </For>
        </div>
    }
}

#[component]
fn Entry(model: Model, notice: Notice) -> impl IntoView {
    let class = match notice.level {
        Level::Info => "notice info",
        Level::Warning => "notice warning",
        Level::Error => "notice error",
    };
    let id = notice.id;
    let dismiss = move |_| model.notices.update(|notices| notices.retain(|other| other.id != id));
    view! {
        <div class=class>
            <p>
                {words::heading(&notice.input).map(|heading| view! { <strong>{heading.to_owned()}</strong>" " })}
                {notice.message.clone()}
            </p>
            <button class="plain" aria-label=words::DISMISS on:click=dismiss>"×"</button>
        </div>
    }
}
