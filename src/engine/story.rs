//! One training step of an arm, taken apart: the batch's views, their embeddings, the gradient, the embeddings afterwards.
//!
//! Nothing is simulated: the views are those of the next step, the gradient is the engine's own (with the arm's loss and
//! GradScale), and between *before* and *after* the run really takes that step.

use super::error::EngineError;
use super::evaluate;
use super::session::Session;
use crate::config::ArmId;
use crate::protocol::{Event, Level, Picture, Story};

/// Samples whose pictures are sent.
const PICTURES: usize = 6;

impl Session {
    /// Takes the next step of the run and tells it. The events of the step come first.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn story(&mut self, id: ArmId, request: u32) -> Result<Vec<Event>, EngineError> {
        let refused = |message: &str| {
            let notice = Event::Notice { level: Level::Info, input: "story".to_owned(), message: message.to_owned() };
            Ok(vec![notice, Event::Told { request, story: Vec::new() }])
        };
        if self.is_stopped(id) {
            return refused("This arm has stopped. Reset the run, then look at a step.");
        }
        if self.step() >= self.experiment().run.steps {
            return refused("The run is complete. Reset it, then look at a step.");
        }
        let (batch, views) = self.next_batch(id);
        let arm = self.arm(id);
        let [before, gradient] = arm.read_gradient(&views.tensor()).await?;
        let step = self.step();
        let lr = arm.learning_rate();

        let mut events = self.run_until(step + 1);
        events.extend(self.until_still().await?);
        let after = self.arm(id).read_batch(&views.tensor()).await?;

        let shown = &batch[..batch.len().min(PICTURES)];
        let pictures = self.views_of(shown, step);
        let data = self.data();
        let labels = shown.iter().map(|sample| data.train.labels[*sample as usize]).collect();
        let config = self.arm(id).config();
        let story = Story {
            arm: id,
            step,
            method: self.experiment().run.method,
            loss: config.loss,
            tau: config.tau,
            gradscale: config.gradscale,
            lr,
            labels,
            pictures,
            samples: batch.len() as u32,
            dim: config.dim,
            before,
            gradient,
            after,
        };
        let story = postcard::to_stdvec(&story)?;
        events.push(Event::Told { request, story });
        Ok(events)
    }

    /// Each training sample, and the two views of it that a step trains on, as pictures.
    fn views_of(&self, samples: &[u32], step: u32) -> Vec<Picture> {
        let (data, seed) = (self.data(), self.experiment().run.seed);
        let mut view = vec![0.0; data.kind.len()];
        let mut pictures = Vec::new();
        for sample in samples {
            pictures.extend(evaluate::picture(data, data.train.row(*sample as usize)));
            for which in 0..2 {
                data.view(seed, step, *sample as usize, which, &mut view);
                pictures.extend(evaluate::picture(data, &view));
            }
        }
        pictures
    }
}
