//! The session: two arms in lockstep on one device. Commands go in, events come out; nothing else is shared.
//!
//! The worker in the browser, the command line and the tests all drive this one type: [`Session::handle`] for each
//! command, then [`Session::tick`] as long as [`Session::is_running`] says so.

use std::rc::Rc;

use web_time::Instant;

use super::arm::Arm;
use super::device::Compute;
use super::error::{ASK_FOR_FILES, EngineError};
use super::evaluate::{self, Latest};
use super::gpu;
use super::helper::messages::{Helper, helps};
pub(crate) use super::inputs::load;
use super::inputs::{BANK, EvalInputs, POINTS, PROBE_STEP};
use super::samples::Samples;
use super::saved::SavedArm;
use super::selftest;
use super::views::Views;
use super::weights;
use crate::config::{self, ArmId, DataName, Experiment};
use crate::data::augment::GreyOptions;
use crate::data::{Augmentation, BatchHash, BatchOrder, Dataset, Kind, Split};
use crate::metrics::projection::StableProjection;
use crate::protocol::{Command, DataInfo, DeviceInfo, Event, Level, Picture, Revival};
use crate::text::listed;

/// Steps between two progress events while nothing is evaluated.
const PROGRESS_EVERY: u32 = 5;

/// Why another number of steps begins the run anew.
const LONGER: &str = "The run begins anew: with fewer steps its end has passed, and a cosine schedule's rates depend on how many there are.";
/// What the notice of missing files is about.
pub const NO_FILES: &str = "data=files";
/// Two arms, their data and their device.
pub struct Session {
    compute: Compute,
    experiment: Experiment,
    data: Samples,
    inputs: EvalInputs,
    sides: Vec<Side>,
    running: bool,
    /// Train up to this step, then pause.
    until: u32,
    step: u32,
    commands: u32,
    rate: Rate,
    millis: [f32; 3],
    /// Files stay open when other settings change.
    files: Option<Samples>,
    /// Trains arm B on another core.
    helper: Option<Rc<dyn Helper>>,
}

/// An arm with everything that belongs to it alone.
struct Side {
    arm: Arm,
    order: BatchOrder,
    hash: BatchHash,
    /// Why it no longer trains.
    stopped: Option<String>,
    latest: Option<Latest>,
    /// The axes along which its points are drawn.
    projection: StableProjection,
}

/// Steps per second over the last second or so.
#[derive(Default)]
struct Rate {
    since: Option<(Instant, u32)>,
    value: f32,
}

impl Rate {
    fn update(&mut self, step: u32) {
        let now = Instant::now();
        match self.since {
            Some((start, first)) => {
                let seconds = now.duration_since(start).as_secs_f32();
                if seconds > 0.5 {
                    self.value = (step - first) as f32 / seconds;
                    self.since = Some((now, step));
                } else if self.value == 0.0 && seconds > 0.0 {
                    self.value = (step - first) as f32 / seconds;
                }
            }
            None => self.since = Some((now, step)),
        }
    }
}

impl Session {
    /// Loads the data, builds both arms and evaluates them untrained. The events say all of it.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn start(compute: Compute, experiment: Experiment) -> Result<(Session, Vec<Event>), EngineError> {
        let mut session = Session::empty(compute, experiment);
        let mut events = vec![Event::Data(session.data_info())];
        events.extend(session.rebuild().await?);
        events.push(session.progress());
        Ok((session, events))
    }

    /// A session that goes on where a fault has ended another one; with nothing to go on with, [`Session::start`]. A
    /// checkpoint that can't be read is told and left out: then the run begins again.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn revive(compute: Compute, revival: Revival) -> Result<(Session, Vec<Event>), EngineError> {
        let Revival { experiment, files, checkpoint } = revival;
        let mut session = Session::empty(compute, experiment.clone());
        let mut events = Vec::new();
        match Dataset::from_files(&files) {
            Ok(data) => session.take_files(data),
            Err(_) if files.is_empty() => {}
            Err(error) => events.push(notice(Level::Error, &names_of(&files), &error.to_string())),
        }
        events.push(Event::Data(session.data_info()));
        let resumed = match checkpoint {
            Some(bytes) => match session.resume(&bytes).await {
                Ok(more) => {
                    events.extend(more);
                    true
                }
                Err(problem) => {
                    events.push(notice(Level::Error, "saved run", &problem.to_string()));
                    false
                }
            },
            None => false,
        };
        if resumed {
            // What was changed since; where that needs other models, the run begins again.
            events.extend(session.set(experiment).await?);
        } else {
            // Whatever a failed attempt has loaded, the data are those of this experiment.
            session.data = session.samples_of(&experiment);
            session.inputs = EvalInputs::new(&session.data, experiment.run.seed, &session.compute);
            session.experiment = experiment;
            events.extend(session.rebuild().await?);
        }
        events.push(session.progress());
        Ok((session, events))
    }

    /// Data, and no arms yet.
    fn empty(compute: Compute, experiment: Experiment) -> Session {
        let data = Samples::new(load(&experiment, None).unwrap_or_else(|_| nothing()), &compute);
        let inputs = EvalInputs::new(&data, experiment.run.seed, &compute);
        Session {
            compute,
            data,
            inputs,
            sides: Vec::new(),
            running: false,
            until: experiment.run.steps,
            step: 0,
            commands: 0,
            rate: Rate::default(),
            millis: [0.0; 3],
            files: None,
            helper: None,
            experiment,
        }
    }

    /// Open files are the data from now on, where the experiment asks for them; else they are kept for when it does.
    fn take_files(&mut self, data: Dataset) {
        let data = Samples::new(data, &self.compute);
        self.files = Some(data.clone());
        if self.experiment.run.data == DataName::Files {
            self.data = data;
            self.inputs = EvalInputs::new(&self.data, self.experiment.run.seed, &self.compute);
        }
    }

    /// Where the arms are trained: the device that was found, unless a network has no plan for its GPU and burn computes
    /// elsewhere.
    pub fn device(&self, found: &DeviceInfo) -> DeviceInfo {
        let mut info = found.clone();
        if gpu::BURN_COMPUTES {
            return info;
        }
        let without: Vec<(ArmId, &EngineError)> =
            self.sides.iter().filter_map(|side| Some((side.arm.id, side.arm.unplanned()?))).collect();
        match without[..] {
            [] => {}
            [(arm, why)] => {
                info.adapter.push_str(&format!(", {} on the CPU", arm.letter()));
                info.reason.push_str(&format!(" But arm {} trains on the CPU. {why}", arm.letter()));
            }
            [(_, why), ..] => {
                let cpu = Compute::cpu(format!("These networks can't be trained on this GPU. {why}")).info;
                (info.kind, info.adapter, info.reason) = (cpu.kind, cpu.adapter, cpu.reason);
            }
        }
        info
    }

    /// The experiment is about files that are not open. Nothing stands in for them: there are no arms until they are opened
    /// again, or other data are chosen.
    pub fn lacks_files(&self) -> bool {
        self.experiment.run.data == DataName::Files && self.files.is_none()
    }

    /// Whether a command can be carried out without arms.
    fn works_without_arms(command: &Command) -> bool {
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

    /// Whether [`Session::tick`] has something to do.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The experiment as it runs.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The data set.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// Steps done.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// One of the arms.
    pub fn arm(&self, id: ArmId) -> &Arm {
        &self.sides[id.index()].arm
    }

    /// The last evaluation of an arm.
    pub fn latest(&self, id: ArmId) -> Option<&Latest> {
        self.sides[id.index()].latest.as_ref()
    }

    /// Held-out kNN accuracy of the raw inputs, on the same samples as the metrics: what no training at all gives.
    pub fn raw_knn(&self) -> f64 {
        evaluate::raw_knn(&self.data, self.data.train.n().min(BANK), self.data.test.n().min(POINTS))
    }

    /// Held-out kNN accuracy on an arm's encoder features instead of its embeddings, on the same samples as the metrics.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn features_knn(&self, id: ArmId) -> Result<f64, EngineError> {
        let arm = &self.sides[id.index()].arm;
        let (bank, _) = arm.read_outputs(&self.inputs.bank).await?;
        let (points, _) = arm.read_outputs(&self.inputs.points).await?;
        let rows = [&self.inputs.bank, &self.inputs.points].map(|inputs| inputs.dims()[0]);
        Ok(evaluate::held_out_knn(&self.data, &bank, &points, rows))
    }

    /// Hash of all batches that an arm has seen, in order.
    pub fn batch_hash(&self, id: ArmId) -> String {
        self.sides[id.index()].hash.to_string()
    }

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

    async fn carry_out(&mut self, command: Command) -> Result<Vec<Event>, EngineError> {
        if self.lacks_files() && !Session::works_without_arms(&command) {
            return Ok(vec![notice(Level::Error, NO_FILES, ASK_FOR_FILES)]);
        }
        match command {
            Command::Start(next) | Command::Set(next) => self.set(next).await,
            // There is a run already, which needs no reviving.
            Command::Revive(_) => Ok(Vec::new()),
            Command::Play => Ok(self.run_until(self.experiment.run.steps)),
            Command::Run(steps) => Ok(self.run_until(self.step.saturating_add(steps).min(self.experiment.run.steps))),
            // Whoever is there already has nothing to do.
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
            // Drawing belongs to whoever owns the canvases.
            Command::Draw { .. } => Ok(Vec::new()),
        }
    }

    /// Both arms as a safetensors file (see [`weights`]).
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn model_file(&self) -> Result<Vec<u8>, EngineError> {
        weights::file(&self.experiment, self.step, ArmId::ALL.map(|id| self.arm(id))).await
    }

    /// From now on a helper trains arm B, of this run and of later ones; the numbers stay the same. Whether it does.
    pub async fn take_help(&mut self, helper: Rc<dyn Helper>) -> bool {
        self.helper = Some(helper);
        self.delegate().await;
        self.sides.get(ArmId::B.index()).is_some_and(|side| side.arm.elsewhere().is_some())
    }

    /// Gives arm B to the helper, where there is one that can take it.
    pub(super) async fn delegate(&mut self) {
        let Some(helper) = self.helper.clone().filter(|_| helps(&self.experiment)) else { return };
        let Some(side) = self.sides.get_mut(ArmId::B.index()) else { return };
        if let Err(problem) = side.arm.delegate(helper, &self.experiment).await {
            log::warn!("Both arms train in one worker: {problem}");
            self.helper = None;
        }
    }

    pub(super) fn run_until(&mut self, until: u32) -> Vec<Event> {
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

    async fn set(&mut self, next: Experiment) -> Result<Vec<Event>, EngineError> {
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
            self.data = self.samples_of(&self.experiment);
            self.inputs = EvalInputs::new(&self.data, self.experiment.run.seed, &self.compute);
            events.push(Event::Data(self.data_info()));
        }
        events.extend(self.rebuild().await?);
        Ok(events)
    }

    /// The samples that an experiment trains on; open files are not read again.
    fn samples_of(&self, experiment: &Experiment) -> Samples {
        match (experiment.run.data, &self.files) {
            (DataName::Files, Some(files)) => files.clone(),
            _ => Samples::new(load(experiment, None).unwrap_or_else(|_| nothing()), &self.compute),
        }
    }

    /// Takes over what a running arm can take over; everything else waits for a rebuild.
    fn adjust(&mut self, next: Experiment) {
        for (side, config) in self.sides.iter_mut().zip(&next.run.arms) {
            side.arm.adjust(config);
        }
        for (own, config) in self.experiment.run.arms.iter_mut().zip(&next.run.arms) {
            *own = own.adjusted(config);
        }
    }

    /// Whether an arm no longer trains.
    pub(crate) fn is_stopped(&self, id: ArmId) -> bool {
        self.sides[id.index()].stopped.is_some()
    }

    /// The samples of an arm's next step, and their two views, `[2n, len]`.
    pub(super) fn next_batch(&mut self, id: ArmId) -> (Vec<u32>, Views) {
        let step = self.step;
        let side = &mut self.sides[id.index()];
        let batch = side.order.batch(step, side.arm.config().batch as usize);
        let views = self.draw_views(&batch, step);
        (batch, views)
    }

    async fn open(&mut self, files: &[(String, Vec<u8>)]) -> Result<Vec<Event>, EngineError> {
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

    /// Both arms afresh, at step 0, evaluated.
    async fn rebuild(&mut self) -> Result<Vec<Event>, EngineError> {
        let mut events = self.build();
        let (parameters, weights) = self.identity();
        events.push(Event::Restarted { experiment: self.experiment.clone(), parameters, weights });
        if self.lacks_files() {
            events.push(notice(Level::Error, NO_FILES, ASK_FOR_FILES));
            return Ok(events);
        }
        self.delegate().await;
        events.extend(self.evaluate_all().await?);
        self.compute.device.memory_cleanup();
        Ok(events)
    }

    /// Trainable parameters and hashes of the initial weights of both arms.
    fn identity(&self) -> ([u32; 2], [String; 2]) {
        let arm = |i: usize| self.sides.get(i).map(|side| &side.arm);
        (
            [0, 1].map(|i| arm(i).map_or(0, |arm| arm.scalars() as u32)),
            [0, 1].map(|i| arm(i).map(|arm| arm.weights_hash.clone()).unwrap_or_default()),
        )
    }

    /// Both arms afresh, at step 0.
    fn build(&mut self) -> Vec<Event> {
        self.running = false;
        self.step = 0;
        self.until = self.experiment.run.steps;
        self.millis = [0.0; 3];
        let mut events = Vec::new();
        if self.lacks_files() {
            self.sides.clear();
            return events;
        }
        for arm in &mut self.experiment.run.arms {
            let most = u32::try_from(self.data.train.n()).unwrap_or(u32::MAX).max(2);
            if arm.batch > most {
                let message = format!("The data set has only {most} training samples, so that is the batch size.");
                events.push(notice(Level::Warning, &format!("batch={}", arm.batch), &message));
                arm.batch = most;
            }
        }
        self.sides = ArmId::ALL.into_iter().map(|id| self.build_side(id)).collect();
        events
    }

    /// Takes over an experiment with its data, both arms at step 0 and not evaluated.
    pub(super) fn prepare(&mut self, next: Experiment) -> Vec<Event> {
        let mut events = Vec::new();
        if self.experiment.run.data != next.run.data || self.experiment.run.seed != next.run.seed {
            self.data = self.samples_of(&next);
            self.inputs = EvalInputs::new(&self.data, next.run.seed, &self.compute);
            events.push(Event::Data(self.data_info()));
        }
        self.experiment = next;
        events.extend(self.build());
        events
    }

    /// Gives a saved state to an arm.
    pub(super) fn load_arm(&mut self, id: ArmId, saved: &SavedArm) -> Result<(), EngineError> {
        self.sides[id.index()].arm.load(saved)
    }

    /// Goes on with an arm's record of batches, and with why it stopped.
    pub(super) fn take_up(&mut self, id: ArmId, hash: BatchHash, stopped: Option<String>) {
        let side = &mut self.sides[id.index()];
        (side.hash, side.stopped) = (hash, stopped);
    }

    /// Hash of the batches that an arm has seen.
    pub(super) fn hash(&self, id: ArmId) -> BatchHash {
        self.sides[id.index()].hash
    }

    /// What the axes of an arm's picture follow.
    pub(super) fn axes(&self, id: ArmId) -> Vec<f64> {
        self.sides[id.index()].projection.state()
    }

    /// The axes of an arm's next picture follow these.
    pub(super) fn follow_axes(&mut self, id: ArmId, axes: &[f64]) {
        self.sides[id.index()].projection = StableProjection::following(axes);
    }

    /// Whether files are open.
    pub(super) fn has_files(&self) -> bool {
        self.files.is_some()
    }

    /// Why an arm no longer trains.
    pub(super) fn stop_reason(&self, id: ArmId) -> Option<String> {
        self.sides[id.index()].stopped.clone()
    }

    /// The run stands at this step.
    pub(super) fn set_step(&mut self, step: u32) {
        self.step = step;
    }

    /// Says that the run goes on.
    pub(super) fn resumed(&self) -> Event {
        let (parameters, weights) = self.identity();
        Event::Resumed { experiment: self.experiment.clone(), parameters, weights }
    }

    fn build_side(&self, id: ArmId) -> Side {
        Side {
            arm: Arm::new(id, &self.experiment, &self.data, &self.compute),
            order: BatchOrder::new(self.experiment.run.seed, self.data.train.n()),
            hash: BatchHash::default(),
            stopped: None,
            latest: None,
            projection: StableProjection::default(),
        }
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

    /// Carries out a command, then trains until the run stands still; all that was told on the way. Whoever has to hear other
    /// commands in between calls [`Session::tick`].
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
    fn train_step(&mut self) -> Result<(), EngineError> {
        let start = Instant::now();
        let mut shared: Option<(Vec<u32>, Views)> = None;
        let mut millis = [0.0; 3];
        let mut data_time = 0.0;
        // Whoever trains elsewhere begins first.
        let mut turns: Vec<usize> = (0..self.sides.len()).collect();
        turns.sort_by_key(|index| self.sides[*index].arm.elsewhere().is_none());
        for index in turns {
            if self.sides[index].stopped.is_some() {
                continue;
            }
            let before = Instant::now();
            let batch_size = self.sides[index].arm.config().batch as usize;
            let batch = self.sides[index].order.batch(self.step, batch_size);
            let views = match shared.take() {
                Some((same, views)) if same == batch => views,
                _ => self.draw_views(&batch, self.step),
            };
            self.sides[index].arm.prepare(&views);
            data_time += before.elapsed().as_secs_f32() * 1e3;
            let before = Instant::now();
            let side = &mut self.sides[index];
            side.hash.update(&batch);
            side.arm.train(&views)?;
            millis[index + 1] = side.arm.elsewhere().unwrap_or_else(|| before.elapsed().as_secs_f32() * 1e3);
            shared = Some((batch, views));
        }
        millis[0] = data_time.min(start.elapsed().as_secs_f32() * 1e3);
        self.millis = millis;
        Ok(())
    }

    /// Two views of each sample of a batch, `[2n, len]`.
    fn draw_views(&self, batch: &[u32], step: u32) -> Views {
        Views::draw(&self.data, batch, self.experiment.run.seed, step, &self.compute.device)
    }

    /// Evaluates both arms, at the same time where one is elsewhere.
    pub(super) async fn evaluate_all(&mut self) -> Result<Vec<Event>, EngineError> {
        for side in self.sides.iter().filter(|side| side.stopped.is_none()) {
            side.arm.begin_snapshot();
        }
        let mut events = Vec::new();
        for id in ArmId::ALL {
            events.extend(self.evaluate(id).await?);
        }
        Ok(events)
    }

    async fn evaluate(&mut self, id: ArmId) -> Result<Vec<Event>, EngineError> {
        let side = &mut self.sides[id.index()];
        if side.stopped.is_some() {
            return Ok(Vec::new());
        }
        let snapshot = side.arm.snapshot(&self.inputs).await?;
        if let Some(reason) = evaluate::failure(&snapshot, side.arm.config()) {
            let step = snapshot.losses.iter().find(|(_, loss)| !loss.is_finite()).map_or(snapshot.step, |(s, _)| *s);
            side.stopped = Some(reason.clone());
            return Ok(vec![Event::ArmStopped { arm: id, step, reason }]);
        }
        let (latest, evaluation) = evaluate::evaluate(id, snapshot, &self.data, &mut side.projection);
        side.latest = Some(latest);
        Ok(vec![Event::Evaluated(evaluation)])
    }

    fn embeddings(&self, arm: ArmId, request: u32) -> Vec<Event> {
        let Some(latest) = self.latest(arm) else {
            return vec![notice(Level::Warning, "embeddings", "There are no embeddings yet.")];
        };
        vec![Event::Embeddings {
            request,
            arm,
            n: latest.norms.len() as u32,
            dim: latest.dim as u32,
            z: latest.points.clone(),
            labels: self.point_labels(),
            norms: latest.norms.clone(),
        }]
    }

    fn inspect(&self, arm: ArmId, index: u32, request: u32) -> Vec<Event> {
        let at = index as usize;
        let Some(latest) = self.latest(arm).filter(|latest| at < latest.norms.len()) else {
            return vec![notice(Level::Warning, "inspect", &format!("There is no point {index}."))];
        };
        let (predicted, neighbours) = evaluate::neighbours(latest, &self.data, at);
        vec![Event::Inspected { request, arm, index, pictures: self.pictures(at), neighbours, predicted }]
    }

    /// The held-out sample itself and two views of it.
    fn pictures(&self, index: usize) -> Vec<Picture> {
        let row = self.data.test.row(index);
        let mut view = vec![0.0; row.len()];
        let mut pictures: Vec<Picture> = evaluate::picture(&self.data, row).into_iter().collect();
        if pictures.is_empty() {
            return pictures;
        }
        for which in 0..2 {
            self.data.view_of_test(self.experiment.run.seed, PROBE_STEP, index, which, &mut view);
            pictures.extend(evaluate::picture(&self.data, &view));
        }
        pictures
    }

    /// The class of each held-out point that is evaluated, in the order of the embeddings.
    pub fn point_labels(&self) -> Vec<u16> {
        self.data.test.labels.iter().take(POINTS).copied().collect()
    }

    /// The data set as the page needs to know it.
    pub fn data_info(&self) -> DataInfo {
        if self.lacks_files() {
            return DataInfo {
                name: "Your files, which are not open".to_owned(),
                image: None,
                classes: Vec::new(),
                train: 0,
                test: 0,
                provenance: ASK_FOR_FILES.to_owned(),
                labels: Vec::new(),
            };
        }
        DataInfo {
            name: self.data.name.clone(),
            image: evaluate::image_size(&self.data),
            classes: self.data.classes.clone(),
            train: self.data.train.n() as u32,
            test: self.data.test.n() as u32,
            provenance: self.data.provenance.clone(),
            labels: self.point_labels(),
        }
    }

    fn progress(&self) -> Event {
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

/// A notice for the reader.
fn notice(level: Level, input: &str, message: &str) -> Event {
    Event::Notice { level, input: input.to_owned(), message: message.to_owned() }
}

/// A few of the names of opened files, which stand for all of them in notices.
fn names_of(files: &[(String, Vec<u8>)]) -> String {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    listed(&names)
}

/// What a session holds while there are no data: one blank sample that nothing is made of.
fn nothing() -> Dataset {
    let blank = || Split { inputs: vec![0.0], labels: vec![0] };
    Dataset {
        name: String::new(),
        kind: Kind::Vector { dim: 1 },
        classes: Vec::new(),
        train: blank(),
        test: blank(),
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: String::new(),
        augmentation: Augmentation::Grey(GreyOptions::default()),
        notes: Vec::new(),
    }
}
