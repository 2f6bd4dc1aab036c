//! Transport, set-up and the table of both arms' settings. Every control is a row of a table in `config`.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::charts::seen;
use super::files::OpenFiles;
use super::model::Model;
use super::runs::Changes;
use super::turns::in_turn;
use super::{background, recovery};
use crate::config::choices::Choice;
use crate::config::{
    ARM_PARAMS, Advice, ArmId, ArmParam, Control, DataName, DeviceChoice, Method, PRESETS, Preset, Room, Theme, Value,
    advice,
};
use crate::metrics::Metric;
use crate::parts::clipboard;
use crate::parts::live::{If, live};
use crate::parts::segmented::{Segmented, pairs};
use crate::protocol::{Command, DeviceKind, Level};
use crate::text::number;
use crate::words::playground::controls as words;

/// The keys of the whole page: 1, 2, ... for the rooms; space, `.` and `r` in the playground.
pub fn on_key(model: Model, event: &KeyboardEvent) {
    let tag =
        event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).map(|target| target.tag_name());
    let typing = matches!(tag.as_deref(), Some("INPUT" | "SELECT" | "TEXTAREA"));
    // Space belongs to a button that has the focus; the other keys are free.
    let pressing = event.key() == " " && matches!(tag.as_deref(), Some("BUTTON" | "SUMMARY" | "A"));
    if typing || pressing || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let number = event.key().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(room) = number.and_then(|index| Room::ALL.get(index)).filter(|_| !model.hidden("header")) {
        model.enter(*room);
        event.prevent_default();
        return;
    }
    let playing = model.experiment.with_untracked(|experiment| experiment.room == Room::Playground);
    if !playing || locked(model) || untrack(|| model.is_busy()) {
        return;
    }
    match event.key().as_str() {
        " " => model.toggle(),
        "." => {
            model.send(&Command::Run(1));
        }
        "r" => {
            model.send(&Command::Reset);
        }
        _ => return,
    }
    event.prevent_default();
}

fn locked(model: Model) -> bool {
    model.experiment.with_untracked(|experiment| experiment.lock)
}

/// Method, data, preset, seed, length of the run.
#[component]
pub fn Setup(model: Model) -> impl IntoView {
    let method = Signal::derive(move || model.experiment.with(|experiment| experiment.method.key()));
    let data = move || model.experiment.with(|experiment| experiment.data);
    let pick_method = move |key: &str| {
        if let Some(method) = Method::parse(key) {
            model.rebase(method, data());
        }
    };
    let pick_data = move |key: String| {
        if let Some(data) = DataName::parse(&key) {
            model.rebase(model.experiment.with_untracked(|experiment| experiment.method), data);
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
            experiment.preset.clone().or_else(same).unwrap_or_default()
        })
    };
    let reason = move || Preset::find(&preset()).map_or("", |preset| preset.reason);
    let whole = move |key: &'static str, text: String| model.apply_query(&format!("{key}={}", text.trim()));
    view! {
        <fieldset class="setup" disabled=live(move || model.experiment.with(|experiment| experiment.lock))>
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
                <PanelButton model panel="presets" name=words::BROWSE title=words::BROWSE_HELP/>
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
            <label class="short">
                <span>{words::SEED}</span>
                <input
                    id="seed"
                    inputmode="numeric"
                    prop:value=live(move || model.experiment.with(|experiment| experiment.seed.to_string()))
                    on:change=move |event| whole("seed", event_target_value(&event))
                />
            </label>
            <label class="short">
                <span>{words::STEPS}</span>
                <input
                    id="steps"
                    inputmode="numeric"
                    prop:value=live(move || model.experiment.with(|experiment| experiment.steps.to_string()))
                    on:change=move |event| whole("steps", event_target_value(&event))
                />
            </label>
        </fieldset>
    }
}

/// Speeds on offer, in steps per second.
const SPEEDS: [u32; 5] = [0, 1, 5, 10, 25];

/// Play, step, reset; where the run stands; the proof that both arms saw the same.
#[component]
pub fn Transport(model: Model) -> impl IntoView {
    let offline = model.offline.get_value();
    let running = Memo::new(move |_| match offline {
        true => model.replay.playing.get(),
        false => model.progress.with(|progress| progress.running),
    });
    let step =
        Memo::new(move |_| model.replay.at.get().unwrap_or_else(|| model.progress.with(|progress| progress.step)));
    let steps = Memo::new(move |_| model.experiment.with(|experiment| experiment.steps));
    let disabled = move || model.is_busy() || model.experiment.with(|experiment| experiment.lock);
    let rate = move || {
        let rate = model.progress.with(|progress| if progress.running { progress.rate } else { 0.0 });
        if rate > 0.0 { words::rate(rate) } else { String::new() }
    };
    let speed = move |event| {
        if let Ok(speed) = event_target_value(&event).parse::<u32>() {
            model.change(|experiment| experiment.speed = speed);
        }
    };
    // Whoever reaches for the buttons will need the engine in a moment.
    let warm = move || model.wake();
    view! {
        <div class="transport" role="toolbar" aria-label=words::TRAINING on:pointerover=move |_| warm() on:focusin=move |_| warm()>
            <button
                id="play"
                class="primary"
                disabled=live(disabled)
                title=words::PLAY_HELP
                aria-label=live(move || if running.get() { words::PAUSE } else { words::PLAY })
                on:click=move |_| model.toggle()
            >
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <path d=live(move || if running.get() { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M4 1.5v13l10-6.5z" })/>
                </svg>
                <span prop:textContent=live(move || if running.get() { words::PAUSE } else { words::PLAY })></span>
            </button>
            <If when=live(move || !offline)>
            <button id="step" class="quiet" disabled=live(disabled) title=words::STEP_HELP on:click=move |_| { model.send(&Command::Run(1)); }>
                {words::STEP}
            </button>
            <button id="run100" class="quiet" disabled=live(disabled) title=words::HUNDRED_HELP on:click=move |_| { model.send(&Command::Run(100)); }>
                "+100"
            </button>
            <button id="reset" class="quiet" disabled=live(disabled) title=words::RESET_HELP on:click=move |_| { model.send(&Command::Reset); }>
                {words::RESET}
            </button>
            <select
                class="speed"
                aria-label=words::SPEED_OF_TRAINING
                prop:value=live(move || model.experiment.with(|experiment| experiment.speed.to_string()))
                on:change=speed
            >
                {SPEEDS
                    .into_iter()
                    .map(|value| {
                        let on = move || model.experiment.with(|experiment| experiment.speed == value);
                        view! { <option value=value.to_string() selected=live(on)>{words::speed(value)}</option> }
                    })
                    .collect_view()}
            </select>
            </If>
            <If when=live(move || model.experiment.with(|experiment| experiment.lock))>
                <p class="hint" id="locked">{words::LOCKED}</p>
            </If>
            <div class="pace">
                <progress max=live(move || steps.get().to_string()) value=live(move || step.get().to_string())></progress>
                <span class="count" translate="no">
                    {words::STEP_COUNT}<b id="step-count" prop:textContent=live(move || step.get().to_string())></b>" / "
                    <span prop:textContent=live(move || steps.get().to_string())></span>
                </span>
                <span class="rate" translate="no" prop:textContent=live(rate)></span>
            </div>
            <If when=live(move || !model.hidden("hash"))>
                <SameBatches model/>
            </If>
        </div>
    }
}

/// Hash of the batches and of the initial weights: equal in both arms, or said.
#[component]
fn SameBatches(model: Model) -> impl IntoView {
    let hashes = move || model.progress.with(|progress| progress.batch_hash.clone());
    let weights = move || [0, 1].map(|i| model.arms[i].weights.get().1);
    let started = move || hashes().iter().any(|hash| !hash.is_empty());
    let same = move || {
        let ([a, b], [wa, wb]) = (hashes(), weights());
        a == b && wa == wb
    };
    let text = move || {
        let ([a, b], [wa, wb]) = (hashes(), weights());
        let short = |hash: &str| hash.chars().take(8).collect::<String>();
        match (a == b, wa == wb) {
            (true, true) => words::same_batches_and_weights(short(&a), short(&wa)),
            (true, false) => words::same_batches(short(&a)),
            (false, _) => words::different_batches(short(&a), short(&b)),
        }
    };
    view! {
        <If when=live(started)>
            <p
                class="hash"
                class:differs=live(move || !same())
                title=words::HASHES_HELP
            >
                <i aria-hidden="true"></i>
                <span translate="no" prop:textContent=live(text)></span>
            </p>
        </If>
    }
}

/// The table of both arms' settings.
#[component]
pub fn Settings(model: Model) -> impl IntoView {
    view! {
        <section class="settings" aria-label=words::SETTINGS_OF_BOTH_ARMS>
            <fieldset disabled=live(move || model.experiment.with(|experiment| experiment.lock))>
                <legend class="sr">{words::SETTINGS_OF_BOTH_ARMS}</legend>
                <Group model title=words::NORM_CONTROL of_norms=true/>
                <If when=in_turn(|| true)>
                    <Group model title=words::TRAINING of_norms=false/>
                </If>
            </fieldset>
            <If when=in_turn(|| true)>
                <label class="check hint">
                    <input
                        type="checkbox"
                        id="tweak"
                        disabled=live(move || model.experiment.with(|experiment| experiment.lock))
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

#[component]
fn Group(model: Model, title: &'static str, of_norms: bool) -> impl IntoView {
    let is_of_norms = |param: &ArmParam| matches!(param.key, "cut" | "cutlayers" | "gradscale" | "gradmode" | "wd");
    let rows = ARM_PARAMS
        .iter()
        .filter(|param| is_of_norms(param) == of_norms)
        .map(|param| view! { <Row model param/> })
        .collect_view();
    view! {
        <div class="group">
            <div class="row head"><h3>{title}</h3><b class="a">"A"</b><b class="b">"B"</b></div>
            {rows}
        </div>
    }
}

#[component]
fn Row(model: Model, param: &'static ArmParam) -> impl IntoView {
    let applies = move || model.experiment.with(|experiment| param.applies_to(experiment.method));
    let differs = move || {
        model
            .experiment
            .with(|experiment| (param.get)(experiment.arm(ArmId::A)) != (param.get)(experiment.arm(ArmId::B)))
    };
    view! {
        <If when=in_turn(applies)>
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

/// Which device runs, and why; another one can be asked for.
#[component]
pub fn DeviceBadge(model: Model) -> impl IntoView {
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
    let choice = move || model.experiment.with(|experiment| experiment.device.key());
    let pick = move |event| {
        if let Some(device) = DeviceChoice::parse(&event_target_value(&event)) {
            model.change(|experiment| experiment.device = device);
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
                    <PanelButton model panel="bench" name=words::BENCHMARK title=words::BENCHMARK_HELP/>
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
pub fn CopyLink(model: Model) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| copy(model, window().location().href().unwrap_or_default(), copied);
    view! {
        <button class="quiet" id="copy-link" title=words::COPY_LINK_HELP on:click=copy>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=live(move || if copied.get() { "M2.5 8.5 6 12l7.5-8" } else { LINK_ICON })/>
            </svg>
            <span role="status" prop:textContent=live(move || if copied.get() { words::COPIED } else { words::COPY_LINK })></span>
        </button>
    }
}

/// Puts a text into the clipboard and says so for a moment; where that is refused, shows it.
pub fn copy(model: Model, text: String, copied: RwSignal<bool>) {
    clipboard::copy(text, copied, move |text| model.notify(Level::Info, "link", &words::copying_refused(text)));
}

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

/// What a screen reader is told of the run: not more often than one can listen.
#[component]
pub fn Spoken(model: Model) -> impl IntoView {
    /// Seconds between two sentences while it trains.
    const EVERY: f64 = 6.0;
    let text = RwSignal::new(String::new());
    let last = StoredValue::new((0.0_f64, true));
    Effect::new(move |_| {
        let (step, running) = model.progress.with(|progress| (progress.step, progress.running));
        let now = web_time::Instant::now();
        let clock = last.with_value(|(then, _)| *then);
        let seconds = EPOCH.with(|epoch| now.duration_since(*epoch).as_secs_f64());
        let was_running = last.with_value(|(_, was)| *was);
        if running && was_running && seconds - clock < EVERY {
            return;
        }
        last.set_value((seconds, running));
        if step > 0 {
            text.set(untrack(|| spoken(model, step, running)));
        }
    });
    view! { <p class="sr" role="status" id="spoken">{text}</p> }
}

thread_local! {
    static EPOCH: web_time::Instant = web_time::Instant::now();
}

/// "Step 400, paused. Arm A: kNN 71 %, median norm 3.1, not collapsed. ..."
fn spoken(model: Model, step: u32, running: bool) -> String {
    let arm = |id: ArmId| {
        let state = model.arms[id.index()];
        let value = |metric| state.latest(metric);
        let knn = value(Metric::Knn).map(|knn| words::knn(100.0 * knn));
        let norm = value(Metric::NormQ50).map(|norm| words::median_norm(number(norm, 2)));
        let standing = seen(model, id, f64::from(step)).standing();
        let how = standing.failure().unwrap_or_else(|| words::NOT_COLLAPSED.to_owned());
        let parts: Vec<String> = [knn, norm, Some(how)].into_iter().flatten().collect();
        words::arm_summary(id.letter(), parts.join(", "))
    };
    let state = if running { words::IS_TRAINING } else { words::PAUSED };
    words::summary(step, state, arm(ArmId::A), arm(ArmId::B))
}

/// Light, dark, or as the system says.
#[component]
pub fn ThemeSwitch(model: Model) -> impl IntoView {
    let theme = move || model.experiment.with(|experiment| experiment.theme);
    let next = move |_| {
        let dark = model.dark.get_untracked();
        model.change(|experiment| experiment.theme = if dark { Theme::Light } else { Theme::Dark });
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
