//! What needs a model asks here first: the spheres may be a picture of another one than the engine has.
//!
//! A recorded run has no model, and of a live run that was scrubbed back the engine has the latest. Then the reader is told so,
//! and on a click the run is trained up to the step that is shown; only then does the action run. So nothing is ever silently
//! of another step than the picture.

use leptos::prelude::*;

use super::desk::Desk;
use crate::parts::seen::Seen;
use crate::words::panels::gate as words;

/// Asks before an action where the picture has no model.
#[derive(Clone, Copy)]
pub struct Gate {
    desk: Desk,
    state: RwSignal<State>,
    action: StoredValue<Option<Box<dyn Fn() + Send + Sync>>>,
}

/// Where an action stands.
#[derive(Clone, Debug, Default, PartialEq)]
enum State {
    /// Nothing waits.
    #[default]
    Open,
    /// The reader is asked.
    Asks(Seen),
    /// The run is trained up to this step.
    Trains(u32),
    /// Why it could not be trained.
    Failed(String),
}

impl Gate {
    /// An open gate.
    pub fn new(desk: Desk) -> Gate {
        Gate { desk, state: RwSignal::default(), action: StoredValue::new(None) }
    }

    /// Does `action` with the model of the picture: at once where there is one, else when the reader has had it trained.
    pub fn pass(self, action: impl Fn() + Send + Sync + 'static) {
        let seen = self.desk.seen();
        if seen.is_the_model() {
            self.state.set(State::Open);
            action();
            return;
        }
        self.action.set_value(Some(Box::new(action)));
        self.state.set(State::Asks(seen));
    }

    /// Whether the run is being trained for an action.
    pub fn is_training(self) -> bool {
        matches!(self.state.get(), State::Trains(_))
    }

    fn act(self) {
        self.state.set(State::Open);
        self.action.with_value(|action| action.iter().for_each(|action| action()));
    }

    fn train(self, step: u32) {
        self.state.set(State::Trains(step));
        leptos::task::spawn_local(async move {
            let trained = self.desk.say("live", &[]).await;
            // The reader may have closed the panel or stopped it meanwhile.
            if self.state.try_get_untracked() != Some(State::Trains(step)) {
                return;
            }
            match trained {
                Ok(()) if self.desk.seen().model == step => self.act(),
                Ok(()) => self.state.set(State::Failed(words::STOPPED.to_owned())),
                Err(problem) => self.state.set(State::Failed(problem.to_string())),
            }
        });
    }

    fn stop(self) {
        self.state.set(State::Failed(words::STOPPED.to_owned()));
        let desk = self.desk;
        leptos::task::spawn_local(async move {
            // An engine that can't pause has said so already.
            let _ = desk.say("pause", &[]).await;
        });
    }

    /// With the latest model instead: the picture is that model's then.
    fn take_latest(self) {
        let desk = self.desk;
        leptos::task::spawn_local(async move {
            match desk.say("latest", &[]).await {
                Ok(()) => self.act(),
                Err(problem) => self.state.set(State::Failed(problem.to_string())),
            }
        });
    }
}

/// The question, and how far the training is.
#[component]
pub fn GateView(gate: Gate) -> impl IntoView {
    let steps = gate.desk.steps();
    move || match gate.state.get() {
        State::Open => ().into_any(),
        State::Asks(seen) if seen.files => view! { <p class="gate" role="status">{words::NEEDS_FILES}</p> }.into_any(),
        State::Asks(seen) => {
            let text = if seen.recorded { words::recorded(seen.step) } else { words::scrubbed(seen.step, seen.model) };
            let latest = (!seen.recorded).then(|| {
                view! { <button class="quiet" id="gate-latest" on:click=move |_| gate.take_latest()>{words::take_latest(seen.model)}</button> }
            });
            view! {
                <div class="gate" role="status">
                    <p>{text}</p>
                    <div class="job-row">
                        <button class="primary" id="gate-train" on:click=move |_| gate.train(seen.step)>{words::train(seen.seconds)}</button>
                        {latest}
                        <button class="quiet" on:click=move |_| gate.state.set(State::Open)>{words::CANCEL}</button>
                    </div>
                </div>
            }
            .into_any()
        }
        State::Trains(step) => view! {
            <div class="gate" role="status">
                <p>{move || words::training(steps.get().min(step), step)}</p>
                <div class="job-row">
                    <progress max=step.to_string() value=move || steps.get().min(step).to_string()></progress>
                    <button class="quiet" on:click=move |_| gate.stop()>{words::STOP}</button>
                </div>
            </div>
        }
        .into_any(),
        State::Failed(problem) => view! { <p class="problem" role="alert">{problem}</p> }.into_any(),
    }
}
