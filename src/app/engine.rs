//! The page's end of the engine: commands go out, events come in and change what is shown.

use leptos::prelude::*;

use super::link::{Connection, Link, Said};
use super::model::Model;
use super::state::{EmbeddingsAnswer, Inspection, Progress, Signal};
use super::{recovery, replay, resume, runs};
use crate::config::{ArmId, DataName, Experiment};
use crate::connection::Fault;
use crate::parts::timing::Timing;
use crate::parts::worker::Loader;
use crate::protocol::{Command, DeviceInfo, Evaluation, Event, Level};
use crate::words::playground::{link as link_words, model as words, recovery as recovery_words};

impl Model {
    /// Starts the engine unless that was done: it is large, so it is fetched when it is first needed.
    pub fn wake(self) {
        if !self.offline.get_value() && self.connection(Connection::wake) {
            self.start_worker();
        }
    }

    /// As the connection wants it.
    pub fn start_worker(self) {
        self.failed.set(None);
        self.loading.set(Some(words::FETCHING_THE_ENGINE.to_owned()));
        let epoch = self.connection(|connection| connection.epoch());
        if epoch != self.epoch.get_untracked() {
            self.epoch.set(epoch);
        }
        let epoch = self.epoch.get_untracked();
        match Link::open(move |said| self.hear(said, epoch)) {
            Ok(link) => self.wire.update_value(|wire| wire.link = Some(link)),
            Err(error) => {
                let problem = error.to_string();
                self.connection(|connection| connection.fail(problem.clone()));
                self.fail(problem);
            }
        }
    }

    /// The engine's module runs: it is told what to train.
    pub fn begin(self) {
        let experiment = self.experiment.get_untracked();
        let command = self.connection(|connection| connection.begin(experiment));
        self.deliver(&command);
    }

    /// A new worker on the device that the experiment now asks for; one worker keeps one device.
    pub(super) fn reconnect(self) {
        self.drop_link();
        self.connection(Connection::start_afresh);
        self.pending.set_value(Vec::new());
        self.progress.set(Progress::default());
        self.wake();
    }

    /// Sends a command, or keeps it until the engine is up, which it starts; its number, for waiting. A recorded run gives
    /// way to the live one.
    pub fn send(self, command: &Command) -> u32 {
        if matches!(command, Command::Draw { .. }) {
            self.deliver(command);
            return self.connection(|connection| connection.sent());
        }
        if matches!(command, Command::Play | Command::Run(_) | Command::RunTo(_)) {
            self.timing.update_value(Timing::asked);
        }
        if matches!(command, Command::Play | Command::Run(_)) {
            replay::leave(self);
        }
        // Counted first: what the engine said before this command must not be taken for its answer.
        let (number, now) = self.connection(|connection| connection.send(command.clone()));
        self.go_live();
        if let Some(command) = now {
            self.deliver(&command);
        }
        number
    }

    /// Sends commands in this order, now or as soon as the engine is up; what is shown stays.
    pub(super) fn enqueue(self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            if let Some(command) = self.connection(|connection| connection.send(command)).1 {
                self.deliver(&command);
            }
        }
    }

    fn deliver(self, command: &Command) {
        self.with_link(|link| link.send(command));
    }

    /// From the recorded run to the live one, as soon as the engine is up.
    pub fn go_live(self) {
        self.replay.with(|inner| inner.choices += 1);
        self.wake();
        if !self.replay.is_recorded() {
            return;
        }
        if !self.is_ready() {
            self.wants_live.set(true);
            return;
        }
        self.wants_live.set(false);
        self.replay.close();
        self.inspection.set(None);
        for arm in self.arms {
            arm.clear();
        }
        replay::put_back(self);
        for event in self.pending.try_update_value(std::mem::take).unwrap_or_default() {
            self.apply(event);
        }
    }

    /// Asks about a point. Of a recorded run the engine knows the sample and its views; for a point that is pinned it starts.
    pub fn ask_about(self, arm: ArmId, index: u32) {
        let seen = untrack(|| replay::seen(self));
        let pictures = seen.recorded && !seen.files && !self.offline.get_value();
        if !pictures && !seen.is_the_model() {
            return;
        }
        if self.is_ready() {
            self.enqueue([Command::Inspect { arm, index, request: 0 }]);
        } else if pictures && self.viewport.pinned.get_untracked().is_some() {
            self.wake();
        }
    }

    /// Gives files to the engine, which reads or refuses them. What is shown stays until it has read them.
    pub fn open_files(self, files: Vec<(String, Vec<u8>)>) {
        self.enqueue([Command::OpenFiles(files)]);
        self.wake();
    }

    /// Goes on with a kept run, whose record is shown: the engine takes its state and trains.
    pub fn resume(self, checkpoint: Vec<u8>) {
        self.enqueue([Command::Resume(checkpoint), Command::Play]);
        self.wake();
    }

    /// The download of the engine.
    pub fn download(self, received: f64, total: f64) {
        self.downloaded.set((total > 0.0).then_some((received / total).min(1.0)));
        self.loading.set(Some(words::fetching_engine(received / 1e6)));
    }

    /// What the engine says; while a recorded run is shown it waits, but for the device and the download.
    pub fn receive(self, event: Event) {
        if !self.replay.is_recorded()
            || matches!(event, Event::Loading { .. } | Event::Ready(_) | Event::Notice { .. } | Event::Inspected { .. })
        {
            self.apply(event);
            return;
        }
        if let Event::Resumed { .. } = event {
            // The record goes on; what the engine had begun with is not shown at all.
            self.pending.set_value(Vec::new());
            self.replay.go_on(self.device.get_untracked());
            self.apply(event);
            return;
        }
        let commands = if let Event::Progress { commands, .. } = event { Some(commands) } else { None };
        let opened = matches!(&event, Event::Restarted { experiment, .. } if experiment.run.data == DataName::Files);
        self.pending.update_value(|pending| pending.push(event));
        if opened {
            self.wants_live.set(true);
        }
        if commands.is_some() {
            if self.is_ready() && self.wants_live.get_untracked() {
                self.go_live();
            }
            self.be_ready();
        }
    }

    /// The engine's first report: it is up.
    fn be_ready(self) {
        let Some(up) = self.connection(Connection::up) else { return };
        self.loading.set(None);
        if self.wants_live.get_untracked() {
            self.go_live();
        }
        if let Some(fault) = up.after {
            recovery::tell(self, fault);
        }
        if up.left_out {
            self.notify(Level::Error, "engine", recovery_words::LEFT_OUT);
        }
        up.commands.iter().for_each(|command| self.deliver(command));
        // A point that was pinned meanwhile has its pictures now.
        self.viewport.refresh();
        self.emit(&Signal::Ready);
    }

    /// What an event changes.
    fn apply(self, event: Event) {
        self.replay.hear(&event);
        match event {
            Event::Loading { stage } => self.loading.set(Some(stage)),
            Event::Ready(info) => self.found(info),
            Event::Data(info) => self.show_data(info),
            Event::Restarted { experiment, parameters, weights } => self.restarted(experiment, parameters, weights),
            Event::Resumed { experiment, parameters, weights } => {
                self.weigh(parameters, weights);
                self.told(experiment);
            }
            Event::Checkpoint { step, bytes } => self.keep(step, bytes),
            Event::Evaluated(evaluation) => self.show_evaluation(evaluation),
            Event::Progress { step, running, until, rate, batch_hash, millis, commands } => {
                self.progressed(Progress { step, running, until, rate, batch_hash, millis }, commands);
            }
            Event::ArmStopped { arm, step, reason } => {
                self.arms[arm.index()].stopped.set(Some((step, reason.clone())));
                let name = arm.letter();
                self.notify(Level::Error, &words::arm_stopped(name), &reason);
            }
            Event::Embeddings { request, n, dim, z, labels, norms, .. } => {
                let step = self.progress.with_untracked(|progress| progress.step);
                self.emit(&Signal::Embeddings(request, EmbeddingsAnswer { n, dim, z, labels, norms, step }));
            }
            Event::Inspected { arm, index, pictures, neighbours, predicted, .. } => {
                let neighbours =
                    neighbours.into_iter().map(|near| (near.label, near.similarity, near.picture)).collect();
                self.inspection.set(Some(Inspection { arm, index, pictures, neighbours, predicted }));
            }
            Event::Model { request, bytes } => self.emit(&Signal::Bytes(request, bytes)),
            Event::Told { request, story } => self.emit(&Signal::Bytes(request, story)),
            Event::SelfTested { request, checks } => self.emit(&Signal::SelfTest(request, checks)),
            Event::Drawn { arm } => self.viewport.drawn(arm),
            Event::Notice { level, input, message } => {
                if level == Level::Error {
                    self.connection(|connection| connection.refused(&input));
                }
                self.notify(level, &input, &message);
            }
        }
    }

    /// The device that the engine computes on.
    fn found(self, mut info: DeviceInfo) {
        if self.connection(|connection| connection.faults().has_fallen_back()) {
            info.reason = recovery_words::FELL_BACK.to_owned();
        }
        self.downloaded.set(Some(1.0));
        self.device.set(Some(info));
    }

    /// The engine has begun a run; another one than the last is kept among the earlier ones.
    fn restarted(self, experiment: Experiment, parameters: [u32; 2], weights: [String; 2]) {
        let before = self.current.get_value();
        let same = before.as_ref().is_some_and(|before| !before.needs_reset(&experiment));
        if self.connection(|connection| connection.restarted(same)) {
            let steps = self.progress.with_untracked(|progress| progress.step);
            before.into_iter().for_each(|before| runs::keep(self, &before, steps));
        }
        self.changes.set(Vec::new());
        for arm in self.arms {
            arm.clear();
        }
        self.weigh(parameters, weights);
        self.told(experiment);
    }

    /// Number of each arm's parameters, and the hash of its initial weights.
    fn weigh(self, parameters: [u32; 2], weights: [String; 2]) {
        for (arm, weighed) in self.arms.into_iter().zip(parameters.into_iter().zip(weights)) {
            arm.weights.set(weighed);
        }
    }

    /// What the engine runs from now on.
    fn told(self, experiment: Experiment) {
        self.current.set_value(Some(experiment.clone()));
        self.connection(|connection| connection.tell(experiment));
    }

    /// Keeps the run's state: for the next worker and, until it is over, for the next visit.
    fn keep(self, step: u32, bytes: Vec<u8>) {
        self.connection(|connection| connection.keep(step, &bytes));
        let steps = self.experiment.with_untracked(|experiment| experiment.run.steps);
        if step < steps {
            resume::keep(self, step, bytes);
        } else {
            resume::forget();
        }
    }

    /// How far training is, with so many commands carried out.
    fn progressed(self, progress: Progress, commands: u32) {
        let goal = self.connection(|connection| connection.reached(progress.step, commands));
        let (running, until) = goal.map_or((progress.running, progress.until), |goal| (true, goal));
        if progress.step > 0 {
            self.timing.update_value(Timing::stepped);
        }
        if progress.rate > 0.0 {
            self.rate.set_value(progress.rate);
        }
        self.progress.set(Progress { running, until, ..progress });
        self.settle(commands);
    }

    /// The engine has carried out `commands`.
    fn settle(self, commands: u32) {
        let told = self.connection(|connection| {
            connection.answered(commands);
            connection.take_over()
        });
        if let Some(experiment) = told {
            self.take_over(experiment);
        }
        self.be_ready();
        replay::settle(self);
        self.emit(&Signal::State);
    }

    /// Plays or pauses what is seen: a record, or the training.
    pub fn toggle(self) {
        if untrack(|| replay::plays_a_record(self)) {
            replay::toggle(self);
            return;
        }
        let running = self.progress.with_untracked(|progress| progress.running);
        self.send(if running { &Command::Pause } else { &Command::Play });
    }

    fn show_evaluation(self, evaluation: Evaluation) {
        let arm = self.arms[evaluation.arm.index()];
        self.replay.keep(evaluation.arm, &evaluation.directions, &evaluation.norms);
        if self.replay.at.with_untracked(Option::is_none) {
            self.show_points(evaluation.arm, &evaluation.directions, evaluation.norms);
        }
        let losses = evaluation.losses;
        // A resumed run may tell again what it had told before it was saved.
        arm.losses.update(|all| {
            let known = all.last().map_or(-1.0, |(step, _)| *step);
            all.extend(
                losses.into_iter().map(|(step, loss)| (f64::from(step + 1), loss)).filter(|(step, _)| *step > known),
            );
        });
        arm.history.update(|all| {
            if !evaluation.values.is_empty() && all.last().is_none_or(|(step, _)| *step < evaluation.step) {
                all.push((evaluation.step, evaluation.values.into_iter().collect()));
            }
        });
        self.emit(&Signal::Metrics(evaluation.arm));
    }

    /// What the worker of that epoch says, or is said of it.
    fn hear(self, said: Said, epoch: u32) {
        let lost = |fault: Fault, why: &str| recovery::fault(self, fault, why);
        self.connection(|connection| connection.heard(matches!(said, Said::Module(_))));
        match said {
            Said::Module(event) => self.receive(event),
            Said::Loader(said) => match said {
                Loader::Download(received, total) => self.download(received, total),
                Loader::Loaded => self.begin(),
                Loader::Adapter(adapter, limits) => self.connection(|connection| connection.describe(adapter, limits)),
                Loader::GpuLost(why) => lost(Fault::Gpu, &why),
                Loader::OutOfMemory(why) => lost(Fault::Memory, &why),
                Loader::Failed(why) => lost(Fault::Engine, &why),
                Loader::Alive(_) | Loader::Pong | Loader::WantsSecondWorker => {}
            },
            Said::Unreadable(problem) => log::error!("what the engine said could not be read: {problem}"),
            Said::Broken(why) => lost(Fault::Engine, &link_words::worker_failed(why)),
            // One that another has followed is known to have ended.
            Said::Ended if self.is_awake() && self.epoch.get_untracked() == epoch => {
                lost(Fault::Engine, link_words::WORKER_ENDED);
            }
            Said::Ended => {}
        }
    }
}
