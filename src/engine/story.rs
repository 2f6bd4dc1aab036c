//! One training step of an arm, taken apart: the batch's views, their embeddings, the gradient, the embeddings afterwards.
//!
//! Nothing is simulated: the views are those of the next step, the gradient is the engine's own (with the arm's loss and
//! GradScale), and between *before* and *after* the run really takes that step.

use burn::tensor::Transaction;

use super::arm::floats;
use super::evaluate;
use super::session::Session;
use crate::config::ArmId;
use crate::protocol::{Event, Level, Story};

/// Samples whose pictures are sent.
const PICTURES: usize = 6;

impl Session {
    /// Takes the next step of the run and tells it. The events of the step come first.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn story(&mut self, id: ArmId, request: u32) -> Result<Vec<Event>, String> {
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
        let (z, gradient) = arm.gradient_on(&views.tensor());
        let data = Transaction::default().register(z.clone()).register(gradient).execute_async().await;
        let mut parts = data.map_err(|error| format!("{error:?}"))?.into_iter().map(floats);
        let (before, gradient) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let [rows, dim] = z.dims();
        let step = self.step();
        let lr = arm.learning_rate();

        let mut events = self.run_until(step + 1);
        events.extend(self.until_still().await?);
        self.refresh().await?;
        let after = self.arm(id).batch_embeddings(&views.tensor());
        let after = after.into_data_async().await.map(floats).map_err(|error| format!("{error:?}"))?;

        let seed = self.experiment().run.seed;
        let data = self.data();
        let shown = &batch[..batch.len().min(PICTURES)];
        let mut view = vec![0.0; data.kind.len()];
        let mut pictures = Vec::new();
        for sample in shown {
            pictures.extend(evaluate::picture(data, data.train.row(*sample as usize)));
            for which in 0..2 {
                data.view(seed, step, *sample as usize, which, &mut view);
                pictures.extend(evaluate::picture(data, &view));
            }
        }
        let labels = shown.iter().map(|sample| data.train.labels[*sample as usize]).collect();
        let config = &self.arm(id).config;
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
            samples: (rows / 2) as u32,
            dim: dim as u32,
            before,
            gradient,
            after,
        };
        let story = postcard::to_stdvec(&story).map_err(|error| error.to_string())?;
        events.push(Event::Told { request, story });
        Ok(events)
    }
}
