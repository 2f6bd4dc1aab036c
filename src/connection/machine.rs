//! The connection as a whole.

use super::course::{Course, as_meant};
use super::faults::{Fault, Faults, Happened};
use super::files::{Files, Held};
use super::queue::Queue;
use super::state::State;
use super::watch::{Watch, Watched};
use crate::config::{DeviceChoice, Experiment};
use crate::protocol::{Command, Revival};

/// A fault, and where the run was.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// What happened.
    pub happened: Happened,
    /// The step up to which the run was to go on.
    pub goal: u32,
    /// The engine was on a GPU, as far as is known.
    pub on_gpu: bool,
}

/// What a worker that is up has to be sent, and what the reader is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Up {
    /// In this order.
    pub commands: Vec<Command>,
    /// It follows one that a fault has ended.
    pub after: Option<Fault>,
    /// A command ended so many workers that it was left out.
    pub left_out: bool,
}

/// The page's side of the connection; `F`: how the bytes of open files are kept.
#[derive(Debug)]
pub struct Connection<F> {
    state: State,
    /// Grows with each worker that takes over from another one.
    epoch: u32,
    queue: Queue,
    faults: Faults,
    files: Files<F>,
    watch: Watch,
    course: Course,
    /// What the engine runs, until the page takes it over.
    told: Option<Experiment>,
    /// The adapter that the loader found, and its limits, for the report.
    adapter: [String; 2],
}

impl<F> Default for Connection<F> {
    fn default() -> Connection<F> {
        Connection {
            state: State::default(),
            epoch: 0,
            queue: Queue::default(),
            faults: Faults::default(),
            files: Files::default(),
            watch: Watch::default(),
            course: Course::default(),
            told: None,
            adapter: Default::default(),
        }
    }
}

impl<F: Held> Connection<F> {
    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether there is a worker.
    pub fn is_awake(&self) -> bool {
        self.state.is_awake()
    }

    /// Whether the engine has been told what to do.
    pub fn has_begun(&self) -> bool {
        self.state.has_begun()
    }

    /// Whether it is up, with data and both arms.
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// Why there is none, if the reader has to decide.
    pub fn failure(&self) -> Option<&str> {
        self.state.failure()
    }

    /// Grows with each worker that takes over from another one: canvases are made afresh with it.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The number of the last command.
    pub fn sent(&self) -> u32 {
        self.queue.sent()
    }

    /// The number of the last command that is carried out, or will never be.
    pub fn done(&self) -> u32 {
        self.queue.done()
    }

    /// What went wrong so far.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The adapter that the loader found, and its limits.
    pub fn adapter(&self) -> &[String; 2] {
        &self.adapter
    }

    // What the page does.

    /// The engine is needed: whether a worker has to be started now.
    pub fn wake(&mut self) -> bool {
        match self.state {
            State::Asleep => {}
            State::Waiting => self.renew(),
            State::Started | State::Begun | State::Ready | State::Failed(_) => return false,
        }
        self.state = State::Started;
        true
    }

    /// The time to wait is over: as [`Connection::wake`], unless another worker came before (`epoch`: as the fault found it).
    pub fn wake_after_fault(&mut self, epoch: u32) -> bool {
        self.state == State::Waiting && self.epoch == epoch && self.wake()
    }

    /// The reader wants another try after too many faults: whether a worker has to be started.
    pub fn try_again(&mut self) -> bool {
        if self.failure().is_none() {
            return false;
        }
        self.faults.try_again();
        self.state = State::Waiting;
        self.wake()
    }

    /// The reader has chosen another device: a worker keeps the one that it has, so another one takes over, from the beginning.
    pub fn start_afresh(&mut self) {
        self.course.start_afresh();
        self.faults.start_afresh();
        if self.state != State::Asleep {
            self.state = State::Waiting;
        }
    }

    /// No worker can be had.
    pub fn fail(&mut self, why: String) {
        self.state = State::Failed(why);
        self.queue.give_up();
    }

    /// Takes a command: its number, and what goes out now; `None`: it does as soon as the engine is up.
    pub fn send(&mut self, command: Command) -> (u32, Option<Command>) {
        if let Command::OpenFiles(files) = &command {
            self.files.open(files);
        }
        let command = self.course.meant(&command);
        let now = self.is_ready().then(|| command.clone());
        (self.queue.push(command), now)
    }

    fn renew(&mut self) {
        self.queue.renew(u32::from(self.course.way_back().is_some()));
        self.epoch += 1;
    }

    // What the worker does.

    /// It has said something: the engine in it, or only its loader.
    pub fn heard(&mut self, engine: bool) {
        self.watch.heard(engine);
    }

    /// The loader tells of the adapter.
    pub fn describe(&mut self, adapter: String, limits: String) {
        self.adapter = [adapter, limits];
    }

    /// Its module runs: the first command that it gets.
    pub fn begin(&mut self, experiment: Experiment) -> Command {
        self.state = State::Begun;
        let mut experiment = experiment;
        if self.faults.has_fallen_back() {
            experiment.view.device = DeviceChoice::Cpu;
        }
        if !self.course.is_returning() {
            return Command::Start(experiment);
        }
        // How far it goes is known (its way back), whatever the link says.
        experiment.view.autoplay = false;
        let (files, checkpoint) = (self.files.current(), self.course.checkpoint());
        Command::Revive(Box::new(Revival { experiment, files, checkpoint }))
    }

    /// Its first report: what it is sent now. `None` when it was up already.
    pub fn up(&mut self) -> Option<Up> {
        if self.is_ready() {
            return None;
        }
        self.state = State::Ready;
        let (returned, way_back) = self.course.up();
        let was = returned.map(|returned| returned.step);
        let left_out = returned.is_some() && self.queue.leave_out();
        let waiting = self.queue.waiting().map(|command| as_meant(command, was));
        let commands = way_back.map(Command::RunTo).into_iter().chain(waiting).collect();
        Some(Up { commands, after: returned.map(|returned| returned.fault), left_out })
    }

    /// It has carried out so many commands.
    pub fn answered(&mut self, commands: u32) {
        self.queue.answered(commands);
    }

    /// Training has come to this step, with so many commands carried out. Until an engine that comes back has answered, its run counts
    /// as going on, up to the step that is returned.
    pub fn reached(&mut self, step: u32, commands: u32) -> Option<u32> {
        if self.course.reached(step, commands) {
            self.faults.recovered();
        }
        self.course.goes_on_to()
    }

    /// The run's state, to go on from.
    pub fn keep(&mut self, step: u32, bytes: &[u8]) {
        self.course.keep(step, bytes);
    }

    /// The engine has begun a run; `same`: with the settings of the last one. Whether it is another run: not so when it begins again
    /// after a fault before the first checkpoint.
    pub fn restarted(&mut self, same: bool) -> bool {
        let again = same && self.course.is_returning();
        if !again {
            self.course.forget();
        }
        !again
    }

    /// What the engine runs, which may differ from what the page asked for: opened files, a batch larger than the data.
    pub fn tell(&mut self, experiment: Experiment) {
        self.told = Some(experiment);
    }

    /// What the page takes over of that, once all that it has asked for is carried out.
    pub fn take_over(&mut self) -> Option<Experiment> {
        if self.queue.is_settled() { self.told.take() } else { None }
    }

    /// The engine has said that something is wrong with this input.
    pub fn refused(&mut self, input: &str) {
        self.files.refused(input);
    }

    /// Something ended the worker, or has to. Milliseconds to wait before the next try; `None`: there were too many.
    pub fn lose(&mut self, loss: Loss) -> Option<u32> {
        let Loss { happened, goal, on_gpu } = loss;
        let why = happened.why.clone();
        self.watch = Watch::default();
        self.course.lose(happened.fault, happened.step, goal);
        let delay = self.faults.add(happened, on_gpu);
        self.state = State::Waiting;
        if delay.is_none() {
            self.fail(why);
        }
        delay
    }

    /// It is time to ask whether the worker is there; `running`: it trains.
    pub fn ask(&mut self, running: bool) -> Watched {
        if !self.is_awake() {
            return Watched::Rest;
        }
        let busy = self.state == State::Begun || (self.is_ready() && running);
        self.watch.ask(busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Silence;

    type Page = Connection<Vec<u8>>;

    /// A page whose engine is up.
    fn ready() -> Page {
        let mut page = Page::default();
        assert!(page.wake());
        assert_eq!(page.begin(Experiment::default()), Command::Start(Experiment::default()));
        assert_eq!(page.up(), Some(Up::default()));
        page
    }

    fn loss(step: u32, goal: u32) -> Loss {
        let happened = Happened { fault: Fault::Engine, why: "it ended".to_owned(), step, when: String::new() };
        Loss { happened, goal, on_gpu: false }
    }

    /// The next worker, up to its first report.
    fn next(page: &mut Page) -> (Command, Up) {
        let epoch = page.epoch();
        assert!(page.wake_after_fault(epoch));
        assert_eq!(page.epoch(), epoch + 1);
        let first = page.begin(Experiment::default());
        (first, page.up().expect("it was not up"))
    }

    #[test]
    fn what_is_sent_before_the_engine_is_up_goes_out_when_it_is() {
        let mut page = Page::default();
        assert_eq!(page.send(Command::Play), (1, None));
        assert!(page.wake());
        assert!(!page.wake(), "one worker");
        assert_eq!(page.send(Command::Pause), (2, None));
        page.begin(Experiment::default());
        assert!(page.has_begun() && !page.is_ready());
        assert_eq!(page.up().unwrap().commands, [Command::Play, Command::Pause]);
        assert_eq!(page.send(Command::Reset), (3, Some(Command::Reset)));
        assert_eq!(page.up(), None);
    }

    #[test]
    fn a_run_goes_on_from_its_checkpoint_to_where_it_was_to_go() {
        let mut page = ready();
        page.keep(100, b"state");
        assert_eq!(page.reached(130, 0), None);
        assert_eq!(page.lose(loss(130, 400)), Some(0));
        assert!(!page.is_awake());
        let (first, up) = next(&mut page);
        let Command::Revive(revival) = first else { panic!("{first:?}") };
        assert_eq!(revival.checkpoint.as_deref(), Some(&b"state"[..]));
        assert_eq!(up, Up { commands: vec![Command::RunTo(400)], after: Some(Fault::Engine), left_out: false });
        // Until it has answered, its run counts as going on.
        assert_eq!(page.reached(100, 0), Some(400));
        assert_eq!(page.reached(110, 1), None);
    }

    #[test]
    fn commands_without_an_answer_are_sent_again_as_they_were_meant() {
        let mut page = ready();
        page.send(Command::Play);
        page.send(Command::Run(50));
        page.send(Command::Pause);
        page.answered(1);
        page.lose(loss(30, 30));
        let (_, up) = next(&mut page);
        assert_eq!(up.commands, [Command::RunTo(30), Command::RunTo(80), Command::Pause]);
        // The way back is no answer to any of them.
        page.answered(1);
        assert_eq!(page.done(), 1);
        page.answered(3);
        assert_eq!((page.done(), page.sent()), (3, 3));
    }

    #[test]
    fn steps_asked_for_on_the_way_back_are_counted_from_where_the_run_was() {
        let mut page = ready();
        page.keep(100, b"state");
        page.reached(130, 0);
        page.lose(loss(130, 130));
        next(&mut page);
        // It has heard where to go, and is under way.
        page.reached(101, 1);
        assert_eq!(page.send(Command::Run(20)), (1, Some(Command::RunTo(150))));
        // Also when that worker ends, too.
        page.lose(loss(102, 150));
        assert_eq!(next(&mut page).1.commands, [Command::RunTo(150), Command::RunTo(150)]);
        page.reached(130, 2);
        assert_eq!(page.send(Command::Run(20)), (2, Some(Command::Run(20))));
    }

    #[test]
    fn beyond_where_the_run_was_steps_are_counted_from_where_it_is() {
        let mut page = ready();
        page.reached(130, 0);
        page.lose(loss(130, 400));
        next(&mut page);
        page.reached(200, 1);
        assert_eq!(page.send(Command::Run(20)).1, Some(Command::Run(20)));
        page.lose(loss(205, 220));
        assert_eq!(next(&mut page).1.commands, [Command::RunTo(220), Command::RunTo(225)]);
    }

    #[test]
    fn a_reader_who_does_not_wait_gets_a_worker_that_takes_over_all_the_same() {
        let mut page = ready();
        page.send(Command::Play);
        page.answered(1);
        page.lose(loss(30, 30));
        page.lose(loss(30, 30));
        let timer = page.epoch();
        page.send(Command::Pause);
        assert!(page.wake(), "before the time is over");
        assert!(!page.wake_after_fault(timer), "the timer comes too late");
        assert_eq!(page.epoch(), timer + 1);
        page.begin(Experiment::default());
        assert_eq!(page.up().unwrap().commands, [Command::RunTo(30), Command::Pause]);
        page.answered(2);
        assert_eq!((page.done(), page.sent()), (2, 2), "a script that waits for the pause goes on");
    }

    #[test]
    fn an_old_timer_does_not_cut_a_later_wait_short() {
        let mut page = ready();
        page.lose(loss(30, 30));
        let timer = page.epoch();
        assert!(page.wake());
        page.lose(loss(30, 30));
        assert!(!page.wake_after_fault(timer));
        assert_eq!(*page.state(), State::Waiting);
    }

    #[test]
    fn too_many_faults_ask_the_reader_and_nobody_waits_in_vain() {
        let mut page = ready();
        page.send(Command::Play);
        for _ in 0..6 {
            assert!(page.lose(loss(0, 0)).is_some());
            let epoch = page.epoch();
            assert!(page.wake_after_fault(epoch));
        }
        assert_eq!(page.lose(loss(0, 0)), None);
        assert_eq!(page.failure(), Some("it ended"));
        assert_eq!(page.done(), page.sent());
        assert!(!page.wake(), "the reader decides");
        assert_eq!(page.ask(true), Watched::Rest);
        assert!(page.try_again());
        assert_eq!(page.failure(), None);
        assert!(!page.try_again());
    }

    #[test]
    fn a_command_that_ends_every_worker_is_left_out_and_the_rest_is_carried_out() {
        let mut page = ready();
        page.send(Command::SelfTest { request: 1 });
        page.send(Command::Play);
        for round in 0..3 {
            page.lose(loss(0, 0));
            let (_, up) = next(&mut page);
            assert_eq!(up.left_out, round == 2);
        }
        page.answered(1);
        assert_eq!((page.done(), page.sent()), (2, 2));
    }

    #[test]
    fn three_failures_of_the_gpu_lead_to_the_cpu_until_the_reader_chooses() {
        let mut page = ready();
        for _ in 0..3 {
            page.lose(Loss { on_gpu: true, ..loss(0, 0) });
            let epoch = page.epoch();
            assert!(page.wake_after_fault(epoch));
        }
        let device = |command: Command| match command {
            Command::Start(experiment) => experiment.view.device,
            Command::Revive(revival) => revival.experiment.view.device,
            other => panic!("{other:?}"),
        };
        assert_eq!(device(page.begin(Experiment::default())), DeviceChoice::Cpu);
        page.start_afresh();
        assert!(page.wake());
        assert_eq!(device(page.begin(Experiment::default())), Experiment::default().view.device);
    }

    #[test]
    fn another_device_begins_from_the_beginning_and_carries_out_what_waits() {
        let mut page = ready();
        page.keep(100, b"state");
        page.send(Command::Play);
        page.start_afresh();
        assert!(page.wake());
        assert_eq!(page.epoch(), 1);
        assert!(matches!(page.begin(Experiment::default()), Command::Start(_)));
        assert_eq!(page.up().unwrap().commands, [Command::Play]);
        page.answered(1);
        assert_eq!(page.done(), 1);
    }

    #[test]
    fn a_run_that_begins_again_after_a_fault_is_the_same_run() {
        let mut page = ready();
        assert!(page.restarted(false));
        page.keep(10, b"state");
        page.lose(loss(20, 20));
        let epoch = page.epoch();
        page.wake_after_fault(epoch);
        page.begin(Experiment::default());
        assert!(!page.restarted(true));
        assert!(page.restarted(false), "with other settings it is another one");
    }

    #[test]
    fn the_page_takes_over_what_the_engine_runs_once_it_has_answered_everything() {
        let mut page = ready();
        page.send(Command::Set(Experiment::default()));
        page.tell(Experiment::default());
        assert_eq!(page.take_over(), None);
        page.answered(1);
        assert_eq!(page.take_over(), Some(Experiment::default()));
        assert_eq!(page.take_over(), None);
    }

    #[test]
    fn a_new_worker_gets_the_files_that_were_open() {
        let mut page = ready();
        let files = vec![("mine.npz".to_owned(), vec![1, 2, 3])];
        page.send(Command::OpenFiles(files.clone()));
        page.answered(1);
        page.lose(loss(5, 5));
        let (first, _) = next(&mut page);
        let Command::Revive(revival) = first else { panic!("{first:?}") };
        assert_eq!(revival.files, files);
    }

    #[test]
    fn silence_is_counted_while_there_is_somebody_to_ask() {
        let mut page = Page::default();
        assert_eq!(page.ask(false), Watched::Rest);
        assert!(page.wake());
        // A download takes as long as it takes: its loader answers.
        for _ in 0..100 {
            assert_eq!(page.ask(false), Watched::Ask);
            page.heard(false);
        }
        page.begin(Experiment::default());
        let asked = (0..100).take_while(|_| page.ask(false) == Watched::Ask).count();
        assert_eq!(asked, 6);
        page.lose(loss(0, 0));
        assert_eq!(page.ask(false), Watched::Rest);
        let epoch = page.epoch();
        assert!(page.wake_after_fault(epoch));
        assert_eq!(page.ask(false), Watched::Ask, "a new worker, a new count");
    }

    #[test]
    fn an_engine_that_is_told_to_train_and_does_not_is_stuck() {
        let mut page = ready();
        let mut asked = 0;
        let over = loop {
            match page.ask(true) {
                Watched::Over(silence) => break silence,
                _ => asked += 1,
            }
            page.heard(false);
        };
        assert_eq!((asked, over), (12, Silence::Stuck));
    }
}
