//! How the model behind an embeddings file was trained, which the file does not say: loss, temperature, learning rate, GradScale.

use leptos::ev::Event;
use leptos::prelude::*;

use crate::config::params::read_number;
use crate::diagnostics::Options;
use crate::diagnostics::gradient::Loss;
use crate::words::rooms::diagnostics as words;

/// What the reader has said about it.
#[derive(Clone, Copy)]
pub struct Settings {
    loss: RwSignal<&'static str>,
    tau: RwSignal<f64>,
    lr: RwSignal<f64>,
    gradscale: RwSignal<f64>,
    /// Why the last input was refused; empty when it was not.
    pub refused: RwSignal<String>,
}

impl Settings {
    /// What is assumed until the reader says something else.
    pub fn new() -> Settings {
        Settings {
            loss: RwSignal::new("ntxent"),
            tau: RwSignal::new(0.5),
            lr: RwSignal::new(0.1),
            gradscale: RwSignal::new(0.0),
            refused: RwSignal::new(String::new()),
        }
    }

    /// As a diagnosis takes them.
    pub fn options(self) -> Options {
        let tau = self.tau.get();
        let loss = match self.loss.get() {
            "dcl" => Loss::Dcl { tau },
            "cosine" => Loss::Prediction,
            _ => Loss::NtXent { tau },
        };
        Options { loss, lr: self.lr.get(), gradscale: self.gradscale.get(), ..Options::default() }
    }

    fn choose_loss(self, event: &Event) {
        self.loss.set(match event_target_value(event).as_str() {
            "dcl" => "dcl",
            "cosine" => "cosine",
            _ => "ntxent",
        });
    }

    /// Takes an input of `signal`, or says why not.
    fn read(self, event: &Event, name: &'static str, signal: RwSignal<f64>, min: f64, max: f64) {
        let text = event_target_value(event);
        self.refused.set(words::must_be_a_number(name, &text, min, max));
        if let Some(value) = read_number(&text).filter(|value| (min..=max).contains(value)) {
            self.refused.set(String::new());
            signal.set(value);
        }
        // A refused input goes back to the value that holds.
        signal.update(|_| {});
    }
}

/// The inputs.
#[component]
pub fn SettingsInputs(settings: Settings) -> impl IntoView {
    let number = move |name: &'static str, signal: RwSignal<f64>, min: f64, max: f64| {
        view! {
            <label class="short"><span>{name}</span>
                <input inputmode="decimal" prop:value=move || signal.get().to_string() on:change=move |event| settings.read(&event, name, signal, min, max)/>
            </label>
        }
    };
    view! {
        <label class="short"><span>{words::LOSS}</span>
            <select id="diagnose-loss" on:change=move |event| settings.choose_loss(&event)>
                <option value="ntxent">{words::NT_XENT}</option>
                <option value="dcl">{words::DCL}</option>
                <option value="cosine">{words::COSINE_BYOL}</option>
            </select>
        </label>
        {number(words::TEMPERATURE, settings.tau, 0.01, 10.0)}
        {number(words::LEARNING_RATE, settings.lr, 1e-8, 1e4)}
        {number(words::GRADSCALE_P, settings.gradscale, 0.0, 3.0)}
    }
}
