//! Carrying out commands: which of them change the run, and what they are answered with.

use super::rate::Rate;
use super::{NO_FILES, Session, names_of, notice};
use crate::config::{self, DataName, Experiment};
use crate::data::Dataset;
use crate::engine::error::{ASK_FOR_FILES, EngineError};
use crate::engine::selftest;
use crate::protocol::{Command, Event, Level};

/// Why another number of steps begins the run anew.
const LONGER: &str = "The run begins anew: with fewer steps its end has passed, and a cosine schedule's rates depend on how many there are.";

impl Session {
    /// Carries out a command; the last event is always a progress report that counts it.
    ///
    /// # Errors
    /// When a device or the second worker fails; bad input is no error but a notice.
    pub async fn handle(&mut self, command: Command) -> Result<Vec<Event>, EngineError> {
        self.commands += 1;
        let mut events = self.carry_out(command).await?;
        events.push(self.progress());
        Ok(events)
    }

    pub(super) async fn carry_out(&mut self, command: Command) -> Result<Vec<Event>, EngineError> {
        if self.lacks_files() && !Session::works_without_arms(&command) {
            return Ok(vec![notice(Level::Error, NO_FILES, ASK_FOR_FILES)]);
        }
        match command {
            Command::Start(next) | Command::Set(next) => self.set(next).await,
            // There is a run already, which needs no reviving.
            Command::Revive(_) => Ok(Vec::new()),
            Command::Play => Ok(self.run_until(self.experiment.run.steps)),
            Command::Run(steps) => Ok(self.run_until(self.step.saturating_add(steps).min(self.experiment.run.steps))),
            // The run is at this step already, or past it.
            Command::RunTo(step) if step <= self.step => Ok(Vec::new()),
            Command::RunTo(step) => Ok(self.run_until(step.min(self.experiment.run.steps))),
            Command::Pause => {
                self.running = false;
                Ok(Vec::new())
            }
            Command::Reset => self.rebuild().await,
            Command::OpenFiles(files) => self.open(&files).await,
            Command::Embeddings { arm, request } => Ok(self.embeddings(arm, request)),
            Command::Inspect { arm, index, request } => Ok(self.inspect(arm, index, request)),
            Command::SelfTest { request } => {
                // Boxed: it would make every command's future several times as large.
                let checks = Box::pin(selftest::all(&self.compute)).await?;
                Ok(vec![Event::SelfTested { request, checks }])
            }
            Command::Adjust(next) => {
                self.adjust(next);
                Ok(Vec::new())
            }
            Command::Resume(bytes) => match self.resume(&bytes).await {
                Ok(events) => Ok(events),
                Err(problem) => {
                    // Whatever is there now must fit together again.
                    let mut events = vec![notice(Level::Error, "saved run", &problem.to_string())];
                    events.extend(self.rebuild().await?);
                    Ok(events)
                }
            },
            Command::Model { request } => {
                let bytes = self.model_file().await?;
                Ok(vec![Event::Model { request, bytes }])
            }
            Command::Story { arm, request } => self.story(arm, request).await,
            // The worker draws: it has the canvases.
            Command::Draw { .. } => Ok(Vec::new()),
        }
    }

    /// Whether a command can be carried out without arms.
    pub(super) fn works_without_arms(command: &Command) -> bool {
        match command {
            Command::Start(_) | Command::Set(_) | Command::Revive(_) | Command::OpenFiles(_) | Command::Adjust(_) => {
                true
            }
            Command::Pause | Command::Reset | Command::Resume(_) | Command::SelfTest { .. } | Command::Draw { .. } => {
                true
            }
            Command::Play | Command::Run(_) | Command::RunTo(_) => false,
            Command::Embeddings { .. } | Command::Inspect { .. } | Command::Model { .. } | Command::Story { .. } => {
                false
            }
        }
    }

    pub(in crate::engine) fn run_until(&mut self, until: u32) -> Vec<Event> {
        if self.sides.iter().all(|side| side.stopped.is_some()) {
            let help = "Both arms have stopped. Reset, or change what made them stop.";
            return vec![notice(Level::Warning, "play", help)];
        }
        if self.step >= self.experiment.run.steps {
            return vec![notice(Level::Info, "play", "The run is complete. Reset it, or make it longer.")];
        }
        self.until = until;
        self.running = true;
        self.rate = Rate::default();
        Vec::new()
    }

    pub(super) async fn set(&mut self, next: Experiment) -> Result<Vec<Event>, EngineError> {
        let reset = self.experiment.needs_reset(&next);
        let reload = self.experiment.run.data != next.run.data || self.experiment.run.seed != next.run.seed;
        let differs_in_length =
            !self.experiment.run.needs_reset(&config::Run { steps: self.experiment.run.steps, ..next.run.clone() });
        let is_longer = next.run.steps > self.experiment.run.steps;
        self.experiment = next;
        if !reset {
            self.until = self.until.min(self.experiment.run.steps);
            // The same run, with a later end.
            return Ok(if is_longer { vec![self.resumed()] } else { Vec::new() });
        }
        let mut events = Vec::new();
        if differs_in_length && self.step > 0 {
            events.push(notice(Level::Info, "steps", LONGER));
        }
        if reload {
            self.load();
            events.push(Event::Data(self.data_info()));
        }
        events.extend(self.rebuild().await?);
        Ok(events)
    }

    /// Takes over what a running arm can take over; everything else waits for a rebuild.
    pub(super) fn adjust(&mut self, next: Experiment) {
        for (side, config) in self.sides.iter_mut().zip(&next.run.arms) {
            side.arm.adjust(config);
        }
        for (own, config) in self.experiment.run.arms.iter_mut().zip(&next.run.arms) {
            *own = own.adjusted(config);
        }
    }

    pub(super) async fn open(&mut self, files: &[(String, Vec<u8>)]) -> Result<Vec<Event>, EngineError> {
        let data = match Dataset::from_files(files) {
            Ok(data) => data,
            Err(error) => {
                return Ok(vec![notice(Level::Error, &names_of(files), &error.to_string())]);
            }
        };
        let mut events: Vec<Event> = data.notes.iter().map(|note| notice(Level::Info, &data.name, note)).collect();
        self.experiment = config::url::rebase(&self.experiment, self.experiment.run.method, DataName::Files);
        self.take_files(data);
        events.push(Event::Data(self.data_info()));
        events.extend(self.rebuild().await?);
        Ok(events)
    }

    pub(super) fn progress(&self) -> Event {
        Event::Progress {
            step: self.step,
            running: self.running,
            until: self.until,
            rate: if self.running { self.rate.value } else { 0.0 },
            batch_hash: [0, 1].map(|i| self.sides.get(i).map(|side| side.hash.to_string()).unwrap_or_default()),
            millis: self.millis,
            commands: self.commands,
        }
    }
}
