//! The animation loop: moves a record that plays, the cameras and the points on, and asks about the point that is looked at.

use gloo::render::request_animation_frame;
use leptos::prelude::{GetUntracked, WithUntracked};
use web_sys::HtmlCanvasElement;

use super::model::Model;
use super::replay;
use super::viewport::{Draws, Looks};
use crate::config::ArmId;
use crate::protocol::{Command, Frame};

impl Draws for Model {
    fn give_canvas(&self, arm: ArmId, canvas: &HtmlCanvasElement) {
        self.hand_over(arm, canvas);
    }

    fn draw(&self, arm: ArmId, frame: Frame) {
        self.send(&Command::Draw { arm, frame });
    }
}

/// Starts the loop.
pub fn run(model: Model) {
    let next = request_animation_frame(move |time| {
        let (seconds, share) = model.viewport.begin_frame(time);
        replay::advance(model, seconds, share);
        let fresh = model.viewport.tick(time, share, looks(model), &model);
        if let Some((arm, index)) = fresh {
            model.ask_about(arm, index);
        }
        run(model);
    });
    model.viewport.await_frame(next);
}

fn looks(model: Model) -> Looks {
    // The engine has the latest points only; what is on record the page draws itself.
    let draws = model.device.with_untracked(|info| info.as_ref().is_some_and(|info| info.draws));
    let engine_draws = draws && !model.replay.is_shown();
    let dark = model.dark.get_untracked();
    model.experiment.with_untracked(|experiment| Looks {
        shape: experiment.view.shape,
        colour: experiment.view.colour,
        dark,
        clear: experiment.view.embed,
        engine_draws,
    })
}
