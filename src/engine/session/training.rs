//! Training: a step of both arms, and steps until the run stands still.

use web_time::Instant;

use super::Session;
use crate::config::ArmId;
use crate::engine::error::EngineError;
use crate::engine::views::Views;
use crate::protocol::{Command, Event};

/// Steps between two progress events while nothing is evaluated.
const PROGRESS_EVERY: u32 = 5;

impl Session {
    /// Carries out a command, then trains until the run stands still; all that was told on the way. A caller that has to hear
    /// other commands in between calls [`Session::tick`].
    ///
    /// # Errors
    /// When the command can't be carried out or the device fails.
    pub async fn run(&mut self, command: Command) -> Result<Vec<Event>, EngineError> {
        let mut events = self.handle(command).await?;
        events.extend(self.until_still().await?);
        Ok(events)
    }

    /// Trains until the run pauses or ends; all that was told on the way.
    pub(crate) async fn until_still(&mut self) -> Result<Vec<Event>, EngineError> {
        let mut events = Vec::new();
        while self.running {
            events.extend(self.tick().await?);
            self.settle().await?;
        }
        Ok(events)
    }

    /// One training step of every arm that still trains, and an evaluation when it is due.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn tick(&mut self) -> Result<Vec<Event>, EngineError> {
        if !self.running {
            return Ok(Vec::new());
        }
        self.train_step()?;
        self.step += 1;
        let done = self.step >= self.until;
        let mut events = Vec::new();
        if self.step == 1 {
            // The first step is told when it is really done: its time is what a reader waits for.
            for side in &self.sides {
                side.arm.settle().await?;
            }
        }
        if done || self.step.is_multiple_of(self.experiment.run.eval) {
            events.extend(self.evaluate_all().await?);
        }
        if done || self.sides.iter().all(|side| side.stopped.is_some()) {
            self.running = false;
        }
        if self.step == 1 || self.step.is_multiple_of(PROGRESS_EVERY) || !events.is_empty() || !self.running {
            self.rate.update(self.step);
            events.push(self.progress());
        }
        Ok(events)
    }

    /// Draws the views once for both arms when their batches are the same, and trains each arm on them.
    pub(super) fn train_step(&mut self) -> Result<(), EngineError> {
        let start = Instant::now();
        let mut shared: Option<(Vec<u32>, Views)> = None;
        let mut millis = [0.0; 3];
        let mut data_time = 0.0;
        // An arm in the second worker begins first.
        let mut turns: Vec<usize> = (0..self.sides.len()).collect();
        turns.sort_by_key(|index| self.sides[*index].arm.elsewhere().is_none());
        for index in turns {
            if self.sides[index].stopped.is_some() {
                continue;
            }
            let side = &mut self.sides[index];
            let before = Instant::now();
            let batch = side.feed.batch(self.step, side.arm.config().batch);
            let views = match shared.take() {
                Some((same, views)) if same == batch => views,
                _ => side.feed.views(&self.data, &batch, self.step, &self.compute.device),
            };
            side.arm.prepare(&views);
            data_time += before.elapsed().as_secs_f32() * 1e3;
            let before = Instant::now();
            side.hash.update(&batch);
            side.arm.train(&views)?;
            millis[index + 1] = side.arm.elsewhere().unwrap_or_else(|| before.elapsed().as_secs_f32() * 1e3);
            shared = Some((batch, views));
        }
        millis[0] = data_time.min(start.elapsed().as_secs_f32() * 1e3);
        self.millis = millis;
        Ok(())
    }

    /// The samples of an arm's next step, and their two views, `[2n, len]`.
    pub(in crate::engine) fn next_batch(&mut self, id: ArmId) -> (Vec<u32>, Views) {
        let side = &mut self.sides[id.index()];
        side.feed.next(&self.data, self.step, side.arm.config().batch, &self.compute.device)
    }

    /// Waits until the device is at most a few steps behind, so that its queue never runs away.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn settle(&self) -> Result<(), EngineError> {
        for side in &self.sides {
            side.arm.pace().await?;
        }
        Ok(())
    }
}
