//! The table of both arms' settings: a row of it is a row of [`ARM_PARAMS`].

use leptos::prelude::*;

use super::model::Model;
use super::runs::Changes;
use super::turns::in_turn;
use crate::config::{ARM_PARAMS, Advice, ArmId, ArmParam, Control, Experiment, Value, advice};
use crate::metrics::Metric;
use crate::parts::live::{If, live};
use crate::words::playground::controls as words;

/// The table of both arms' settings.
#[component]
pub fn Settings(model: Model) -> impl IntoView {
    let wanted = RwSignal::new(false);
    // A lesson may be about any of them.
    let taught = move || model.experiment.with(|experiment| !experiment.view.lesson.is_empty());
    let all = Signal::derive(move || wanted.get() || taught());
    view! {
        <section class="settings" aria-label=words::SETTINGS_OF_BOTH_ARMS>
            <fieldset disabled=live(move || model.experiment.with(|experiment| experiment.view.lock))>
                <legend class="sr">{words::SETTINGS_OF_BOTH_ARMS}</legend>
                <Group model title=words::NORM_CONTROL of_norms=true all/>
                <If when=in_turn(|| true)>
                    <Group model title=words::TRAINING of_norms=false all/>
                    <div class="group run">
                        <Whole model key="seed" name=words::SEED value=|experiment| experiment.run.seed/>
                        <Whole model key="steps" name=words::STEPS value=|experiment| experiment.run.steps.into()/>
                    </div>
                </If>
            </fieldset>
            <If when=live(move || !taught())>
                <button
                    class="quiet all"
                    id="all-settings"
                    aria-expanded=live(move || all.get().to_string())
                    on:click=move |_| wanted.update(|all| *all = !*all)
                    prop:textContent=live(move || if all.get() { words::FEWER_SETTINGS } else { words::ALL_SETTINGS })
                ></button>
            </If>
            <If when=in_turn(|| true)>
                <label class="check hint">
                    <input
                        type="checkbox"
                        id="tweak"
                        disabled=live(move || model.experiment.with(|experiment| experiment.view.lock))
                        prop:checked=live(move || model.tweak.get())
                        on:change=move |event| model.tweak.set(event_target_checked(&event))
                    />
                    <span>{words::TWEAK}</span>
                </label>
                <p class="hint" prop:textContent=live(move || if model.tweak.get() { words::OTHERS_REBUILD } else { words::CHANGE_REBUILDS })></p>
                <Changes model/>
                <Advised model/>
            </If>
        </section>
    }
}

/// What is known to fail, or to be something else than it looks, about the arms' settings.
#[component]
fn Advised(model: Model) -> impl IntoView {
    let all = Memo::new(move |_| {
        let norms = ArmId::ALL.map(|arm| model.arms[arm.index()].latest(Metric::NormQ50));
        model.experiment.with(|experiment| advice(experiment, norms))
    });
    let line = |one: Advice| {
        view! { <li><b class=one.arm.key()>{one.arm.letter()}</b>" "{one.text}</li> }
    };
    view! { <ul class="advice" id="advice">{move || all.get().into_iter().map(line).collect_view()}</ul> }
}

/// The settings that are there from the start, with those that make the arms differ.
const FIRST: [&str; 3] = ["cut", "gradscale", "lr"];

#[component]
fn Group(model: Model, title: &'static str, of_norms: bool, all: Signal<bool>) -> impl IntoView {
    let is_of_norms = |param: &ArmParam| matches!(param.key, "cut" | "cutlayers" | "gradscale" | "gradmode" | "wd");
    let rows = ARM_PARAMS
        .iter()
        .filter(|param| is_of_norms(param) == of_norms)
        .map(|param| view! { <Row model param all/> })
        .collect_view();
    view! {
        <div class="group">
            <div class="row head"><h3>{title}</h3><b class="a">"A"</b><b class="b">"B"</b></div>
            {rows}
        </div>
    }
}

#[component]
fn Row(model: Model, param: &'static ArmParam, all: Signal<bool>) -> impl IntoView {
    let applies = move || model.experiment.with(|experiment| param.applies_to(experiment.run.method));
    let differs = move || {
        model
            .experiment
            .with(|experiment| (param.get)(experiment.arm(ArmId::A)) != (param.get)(experiment.arm(ArmId::B)))
    };
    // One that was there stays: a row must not go away under the reader's hands.
    let there = Memo::new(move |before| before == Some(&true) || FIRST.contains(&param.key) || differs());
    let seen = move || applies() && (all.get() || there.get());
    view! {
        <If when=in_turn(seen)>
            <div class="row" class:differs=live(differs) title=param.help>
                <span class="name" id=format!("label-{}", param.key)>{param.label}</span>
                <Cell model param arm=ArmId::A/>
                <Cell model param arm=ArmId::B/>
            </div>
        </If>
    }
}

#[component]
fn Cell(model: Model, param: &'static ArmParam, arm: ArmId) -> impl IntoView {
    let value = move || model.experiment.with(|experiment| (param.get)(experiment.arm(arm)));
    let text = move || match value() {
        Value::Flag(on) => String::from(if on { "on" } else { "off" }),
        value => value.to_string(),
    };
    let id = format!("{}.{}", arm.key(), param.key);
    let label = words::of_arm(param.label, arm.letter());
    let set = move |text: String| model.set_param(arm, param, &text);
    match param.control {
        Control::Choice(names) => view! {
            <select id=id aria-label=label prop:value=live(text) on:change=move |event| set(event_target_value(&event))>
                {names
                    .iter()
                    .map(|(key, name)| view! { <option value=*key selected=live(move || text() == *key)>{*name}</option> })
                    .collect_view()}
            </select>
        }
        .into_any(),
        Control::Flag => view! {
            <input
                type="checkbox"
                id=id
                aria-label=label
                prop:checked=live(move || value() == Value::Flag(true))
                on:change=move |event| set(String::from(if event_target_checked(&event) { "on" } else { "off" }))
            />
        }
        .into_any(),
        Control::Number { .. } | Control::Whole { .. } => view! {
            <input
                inputmode="decimal"
                id=id
                aria-label=label
                // `track` also when the value is as before: a refused input goes back to it.
                prop:value=live(move || { model.experiment.track(); text() })
                on:change=move |event| set(event_target_value(&event))
            />
        }
        .into_any(),
    }
}

/// A whole number with the name of the link.
#[component]
fn Whole(model: Model, key: &'static str, name: &'static str, value: fn(&Experiment) -> u64) -> impl IntoView {
    view! {
        <label class="short">
            <span>{name}</span>
            <input
                id=key
                inputmode="numeric"
                prop:value=live(move || model.experiment.with(value).to_string())
                on:change=move |event| model.apply_query(&format!("{key}={}", event_target_value(&event).trim()))
            />
        </label>
    }
}
