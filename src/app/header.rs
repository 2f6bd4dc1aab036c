//! The page's top: its rooms, its panels, the device, the link, the theme.

use leptos::ev;
use leptos::prelude::*;

use super::model::Model;
use super::panels::PanelButton;
use super::turns::in_turn;
use super::{background, clipboard, recovery};
use crate::config::choices::Choice;
use crate::config::{DeviceChoice, Room, Theme};
use crate::parts::live::{If, live};
use crate::parts::panel::Panel;
use crate::protocol::DeviceKind;
use crate::words::playground::controls as words;
use crate::words::playground::page as page_words;

/// Takes away what held the place of something.
pub fn take_away(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// The rooms, as links: they can be opened in a tab of their own.
#[component]
fn Rooms(model: Model) -> impl IntoView {
    let link = move |room: Room| {
        let href = move || model.link_to(room);
        let go = move |event: ev::MouseEvent| {
            if event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            event.prevent_default();
            model.enter(room);
        };
        let here = move || (model.room() == room).then_some("page");
        view! { <li><a href=live(href) aria-current=live(here) on:click=go>{room.label()}</a></li> }
    };
    view! {
        <nav class="rooms" aria-label=page_words::ROOMS>
            <ul>{Room::ALL.iter().map(|room| link(*room)).collect_view()}</ul>
        </nav>
    }
}

/// The name's picture; markup, which takes less room than code that makes it.
const BRAND: &str = r#"<circle cx="16" cy="16" r="13" class="brand-shell"/><ellipse cx="16" cy="16" rx="13" ry="4.6" class="brand-line"/><line x1="16" y1="16" x2="24.5" y2="7" class="brand-arrow"/><circle cx="24.5" cy="7" r="3" class="brand-tip"/>"#;

/// The page's top: its rooms, its panels, its device.
#[component]
pub fn Header(model: Model) -> impl IntoView {
    take_away("skeleton");
    view! {
        <header class="top">
            <a class="brand" href="?" title=page_words::START_AFRESH>
                <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" inner_html=BRAND></svg>
                <span>{page_words::NORMSCOPE}</span>
            </a>
            <Rooms model/>
            <PanelButton model panel=Panel::Lessons name=page_words::LESSONS title=page_words::LESSONS_HELP/>
            <PanelButton model panel=Panel::Export name=page_words::EXPORT title=page_words::EXPORT_HELP/>
            <PanelButton model panel=Panel::Help name="?" title=page_words::HELP/>
            <DeviceBadge model/>
            <CopyLink model/>
            <ThemeSwitch model/>
        </header>
    }
}

/// Which device runs, and why; another one can be asked for.
#[component]
fn DeviceBadge(model: Model) -> impl IntoView {
    let name = move || {
        model.device.with(|device| match device {
            None if model.failed.with(Option::is_some) => words::ENGINE_IS_OFF.to_owned(),
            None if model.loading.with(Option::is_some) => words::LOOKING_FOR_A_DEVICE.to_owned(),
            None => words::RECORDED_RUN.to_owned(),
            Some(info) if info.kind == DeviceKind::Cpu => info.adapter.clone(),
            Some(info) => words::webgpu(&info.adapter, if info.software { words::SOFTWARE } else { "" }),
        })
    };
    let reason = move || {
        model.device.with(|device| match device {
            Some(info) => info.reason.clone(),
            None => words::ENGINE_WAITS.to_owned(),
        })
    };
    let kind = move || {
        model.device.with(|device| match device {
            None => "badge pending",
            Some(info) if info.kind == DeviceKind::Cpu => "badge cpu",
            Some(_) => "badge gpu",
        })
    };
    let choice = move || model.experiment.with(|experiment| experiment.view.device.key());
    let pick = move |event| {
        if let Some(device) = DeviceChoice::parse(&event_target_value(&event)) {
            model.change(|experiment| experiment.view.device = device);
        }
    };
    view! {
        <details class="device">
            <summary class=live(kind) title=live(reason)><i aria-hidden="true"></i><span id="device-name" translate="no" prop:textContent=live(name)></span></summary>
            <If when=in_turn(|| true)>
                <div class="popover">
                    <p id="device-reason" prop:textContent=live(reason)></p>
                    <label>
                        <span>{words::COMPUTE_ON}</span>
                        <select id="device" prop:value=live(choice) on:change=pick>
                            {DeviceChoice::ALL
                                .iter()
                                .map(|one| {
                                    view! { <option value=one.key() selected=live(move || choice() == one.key())>{one.label()}</option> }
                                })
                                .collect_view()}
                        </select>
                    </label>
                    <p class="hint">{words::COMPUTE_HELP}</p>
                    <background::KeepOn model/>
                    <PanelButton model panel=Panel::Bench name=words::BENCHMARK title=words::BENCHMARK_HELP/>
                    <recovery::TryFaults model/>
                </div>
            </If>
        </details>
    }
}

/// Two links of a chain, as strokes.
const LINK_ICON: &str =
    "M6.5 9.5a2.8 2.8 0 0 0 4 0l2.4-2.4a2.8 2.8 0 0 0-4-4l-1 1M9.5 6.5a2.8 2.8 0 0 0-4 0L3.1 8.9a2.8 2.8 0 0 0 4 4l1-1";

/// Copies the address, which always describes what is seen.
#[component]
fn CopyLink(model: Model) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| clipboard::copy_link(model, copied);
    view! {
        <button class="quiet" id="copy-link" title=words::COPY_LINK_HELP on:click=copy>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=live(move || if copied.get() { "M2.5 8.5 6 12l7.5-8" } else { LINK_ICON })/>
            </svg>
            <span role="status" prop:textContent=live(move || if copied.get() { words::COPIED } else { words::COPY_LINK })></span>
        </button>
    }
}

/// Light, dark, or as the system says.
#[component]
fn ThemeSwitch(model: Model) -> impl IntoView {
    let theme = move || model.experiment.with(|experiment| experiment.view.theme);
    let next = move |_| {
        let dark = model.dark.get_untracked();
        model.change(|experiment| experiment.view.theme = if dark { Theme::Light } else { Theme::Dark });
    };
    view! {
        <button
            class="plain theme"
            id="theme"
            title=live(move || words::theme(theme().label()))
            aria-label=live(move || if model.dark.get() { words::LIGHT_THEME } else { words::DARK_THEME })
            on:click=next
            prop:textContent=live(move || if model.dark.get() { "☀" } else { "☾" })
        ></button>
    }
}
