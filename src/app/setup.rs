//! What is run: preset, method, data.

use leptos::prelude::*;

use super::files::OpenFiles;
use super::model::Model;
use super::panels::PanelButton;
use crate::config::choices::Choice;
use crate::config::{DataName, Method, PRESETS, Preset};
use crate::parts::live::live;
use crate::parts::panel::Panel;
use crate::parts::segmented::{Segmented, pairs};
use crate::words::playground::controls as words;

/// Preset, method, data.
#[component]
pub fn Setup(model: Model) -> impl IntoView {
    let method = Signal::derive(move || model.experiment.with(|experiment| experiment.run.method.key()));
    let data = move || model.experiment.with(|experiment| experiment.run.data);
    let pick_method = move |key: &str| {
        if let Some(method) = Method::parse(key) {
            model.rebase(method, data());
        }
    };
    let pick_data = move |key: String| {
        if let Some(data) = DataName::parse(&key) {
            model.rebase(model.experiment.with_untracked(|experiment| experiment.run.method), data);
        }
    };
    let pick_preset = move |name: String| {
        if let Some(preset) = Preset::find(&name) {
            model.load_preset(preset);
        }
    };
    // The preset of the link, else the one that these settings happen to be.
    let preset = move || {
        model.experiment.with(|experiment| {
            let same = || Preset::matching(experiment).map(|one| one.name.to_owned());
            experiment.run.preset.clone().or_else(same).unwrap_or_default()
        })
    };
    let reason = move || Preset::find(&preset()).map_or("", |preset| preset.reason);
    view! {
        <fieldset class="setup" disabled=live(move || model.experiment.with(|experiment| experiment.view.lock))>
            <legend class="sr">{words::EXPERIMENT}</legend>
            <label>
                <span>{words::PRESET}</span>
                <select id="preset" title=live(reason) prop:value=live(preset) on:change=move |event| pick_preset(event_target_value(&event))>
                    <option value="">{words::CUSTOM}</option>
                    {PRESETS
                        .iter()
                        .map(|one| {
                            view! { <option value=one.name selected=live(move || preset() == one.name)>{one.title}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            <div class="field browse">
                <span>" "</span>
                <PanelButton model panel=Panel::Presets name=words::BROWSE title=words::BROWSE_HELP/>
            </div>
            <div class="field method">
                <span>{words::METHOD}</span>
                <Segmented label=words::METHOD options={pairs::<Method>()} value=method pick=pick_method/>
            </div>
            <label>
                <span>{words::DATA}</span>
                <select id="data" prop:value=live(move || data().key()) on:change=move |event| pick_data(event_target_value(&event))>
                    {move || {
                        let now = data();
                        DataName::ALL
                            .iter()
                            .filter(|one| **one != DataName::Files || now == DataName::Files)
                            .map(|one| view! { <option value=one.key() selected=*one == now>{one.label()}</option> })
                            .collect_view()
                    }}
                </select>
            </label>
            <div class="field files"><span>{words::OWN_DATA}</span><OpenFiles model/></div>
        </fieldset>
    }
}
