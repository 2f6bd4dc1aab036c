//! The lab as the page sees it: start a job, hear how far it is, cancel it, get its answer.
//!
//! Simulations and diagnoses run in the lab's module, studies in the engine's: a job says which ([`Work`]). Both answer with
//! [`JobEvent`].

use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use serde::Serialize;

use super::error::RoomError;
use super::pace::Clock;
use crate::lab::{self, Answer, JobEvent, Placed};
use crate::parts::message::{SendError, pack};
use crate::parts::retry::Retry;
use crate::parts::worker::{self, Loader, Worker};
use crate::studies;
use crate::words::rooms::lab as words;

/// A job, and the loader with the module that does it; the worker starts with the job and ends with it.
pub trait Work: Clone + Serialize + 'static {
    /// The loader's query.
    const LOADER: &'static str;

    /// The same job, taken up where an interim answer's checkpoint ends, where it has such.
    fn from(&self, checkpoint: &[u8]) -> Self;
}

impl Work for lab::Job {
    const LOADER: &'static str = "?lab";

    fn from(&self, _: &[u8]) -> lab::Job {
        self.clone()
    }
}

impl Work for studies::Job {
    const LOADER: &'static str = "?study";

    fn from(&self, kept: &[u8]) -> studies::Job {
        let mut job = self.clone();
        if let studies::Job::Accelerate { checkpoint, .. } | studies::Job::Anomaly { checkpoint, .. } = &mut job
            && !kept.is_empty()
        {
            kept.clone_into(checkpoint);
        }
        job
    }
}

/// Where a job stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// None was started, or it was cancelled.
    #[default]
    Idle,
    /// Share of the work that is done, 0..1.
    Working(f64),
    /// The answer is there.
    Done,
    /// Why there is none.
    Failed(String),
}

/// A job that runs, or has run.
struct Running {
    worker: Option<Worker>,
    /// Starts the job, or goes on from a checkpoint, in a new worker.
    begin: Begin,
    /// The last interim answer's checkpoint.
    kept: Vec<u8>,
    retry: Retry,
}

/// Starts a worker with a job; it is given the checkpoint to go on from, and the worker's number.
type Begin = Rc<dyn Fn(&[u8], u32) -> Result<Worker, RoomError>>;

/// A place where one job at a time runs.
#[derive(Clone, Copy)]
pub struct Lab {
    /// Where the job stands.
    pub stage: RwSignal<Stage>,
    /// The last answer; it stays while the next job runs.
    pub answer: RwSignal<Option<Answer>>,
    /// The file that [`lab::Job::Export`] asked for: name, type, contents.
    pub file: RwSignal<Option<(String, String, Vec<u8>)>>,
    /// Where the last input of [`studies::Job::Place`] landed.
    pub placed: RwSignal<Option<Placed>>,
    /// The worker had to be replaced: what the reader is told.
    pub replaced: RwSignal<Option<String>>,
    /// Since when the job runs, and how far it was then.
    clock: StoredValue<Clock>,
    running: StoredValue<Option<Running>, LocalStorage>,
    /// The number of the last worker: what an earlier one still says is not heard.
    number: StoredValue<u32>,
}

impl Lab {
    /// An idle lab; what runs in it ends with the component that owns it.
    pub fn new() -> Lab {
        let lab = Lab {
            stage: RwSignal::default(),
            answer: RwSignal::default(),
            file: RwSignal::default(),
            placed: RwSignal::default(),
            replaced: RwSignal::default(),
            clock: StoredValue::new(Clock::start()),
            running: StoredValue::new_local(None),
            number: StoredValue::default(),
        };
        on_cleanup(move || lab.end());
        lab
    }

    /// Starts a job; one that still runs is ended.
    pub fn start<W: Work>(self, job: W) {
        self.end();
        self.clock.set_value(Clock::start());
        self.stage.set(Stage::Working(0.0));
        self.placed.set(None);
        self.replaced.set(None);
        let begin = Rc::new(move |kept: &[u8], number: u32| {
            let bytes = pack(&job.from(kept))?;
            let hear = move |said| {
                // What a worker says, or is said of it, after another one has come.
                if self.number.try_get_value() == Some(number) {
                    self.hear(said, &bytes);
                }
            };
            Worker::start(W::LOADER, hear).map_err(|problem| {
                log::warn!("the lab's worker does not start: {problem:?}");
                RoomError::NoWorker
            })
        });
        self.running.set_value(Some(Running { worker: None, begin, kept: Vec::new(), retry: Retry::default() }));
        self.open();
    }

    /// Asks the worker that did the last job; its answer comes in [`Lab::placed`].
    pub fn ask(self, job: &impl Work) {
        if self.tell(|worker| worker.send(job)).is_none() {
            self.fail(words::GONE.to_owned());
        }
    }

    /// Whether a job runs.
    pub fn is_working(self) -> bool {
        matches!(self.stage.get(), Stage::Working(_))
    }

    /// Seconds that the whole job takes, judged by what is done of it; `None` before enough is.
    pub fn seconds_in_all(self) -> Option<f64> {
        let Stage::Working(share) = self.stage.get() else { return None };
        self.clock.with_value(|clock| clock.in_all(share))
    }

    /// Seconds that the job will still take, judged by what is done of it; `None` before enough is.
    pub fn seconds_left(self) -> Option<f64> {
        let Stage::Working(share) = self.stage.get() else { return None };
        Some(self.clock.with_value(|clock| clock.in_all(share))? * (1.0 - share))
    }

    /// Ends the job, if one runs.
    pub fn cancel(self) {
        self.end();
        if matches!(self.stage.get_untracked(), Stage::Working(_)) {
            self.stage.set(Stage::Idle);
        }
    }

    fn end(self) {
        let running = self.running.try_update_value(Option::take).flatten();
        if let Some(worker) = running.and_then(|running| running.worker) {
            worker.close();
        }
    }

    /// A worker for the job.
    fn open(self) {
        let number = self.number.try_update_value(|number| {
            *number += 1;
            *number
        });
        let begin =
            self.running.with_value(|running| running.as_ref().map(|one| (Rc::clone(&one.begin), one.kept.clone())));
        let (Some(number), Some((begin, kept))) = (number, begin) else { return };
        match begin(&kept, number) {
            Ok(worker) => {
                self.update(|running| running.worker = Some(worker));
            }
            Err(problem) => self.fail(problem.to_string()),
        }
    }

    /// The worker has ended, or must: another one takes the job over, if that is worth it. One that has done its job is missed
    /// only when it is asked something.
    fn lose(self, why: String) {
        let lost = self.update(|running| {
            if let Some(worker) = running.worker.take() {
                worker.close();
            }
            (running.retry.is_worth_it(), !running.kept.is_empty())
        });
        log::warn!("the lab's worker: {why}");
        let working = matches!(self.stage.get_untracked(), Stage::Working(_));
        match lost {
            Some((true, kept)) if working => {
                self.replaced.set(Some(words::replaced(&why, kept)));
                self.open();
            }
            _ if working => self.fail(why),
            _ => {}
        }
    }

    fn update<T>(self, act: impl FnOnce(&mut Running) -> T) -> Option<T> {
        self.running.try_update_value(|running| running.as_mut().map(act)).flatten()
    }

    /// Tells the worker something; `None` when there is none.
    fn tell(self, say: impl FnOnce(&Worker) -> Result<(), SendError>) -> Option<()> {
        let said = self.update(|running| running.worker.as_ref().map(say)).flatten()?;
        if let Err(problem) = said {
            self.fail(RoomError::Unsent(problem).to_string());
        }
        Some(())
    }

    fn fail(self, problem: String) {
        self.stage.set(Stage::Failed(problem));
    }

    /// What the worker says; it is sent the job as soon as its module runs.
    fn hear(self, said: worker::Said<JobEvent>, job: &Uint8Array) {
        match said {
            worker::Said::Module(said) => self.take(said),
            worker::Said::Loader(Loader::Loaded) => {
                self.tell(|worker| worker.post(job));
            }
            worker::Said::Loader(Loader::Failed(why) | Loader::GpuLost(why)) => self.lose(why),
            // There will hardly be more of it the next time.
            worker::Said::Loader(Loader::OutOfMemory(why)) => self.fail(why),
            worker::Said::Loader(_) => {}
            worker::Said::Ended => self.lose(words::ENDED.to_owned()),
            worker::Said::Unreadable(problem) => self.fail(words::answer_unreadable(problem)),
            worker::Said::Broken(why) => self.lose(words::lab_failed(why)),
        }
    }

    /// What the worker's module says.
    fn take(self, said: JobEvent) {
        match said {
            JobEvent::Progress(share) => {
                self.update(|running| running.retry.reached(share));
                let _ = self.clock.try_update_value(|clock| clock.hear(share));
                self.stage.set(Stage::Working(share));
            }
            JobEvent::Update(answer) => {
                self.update(|running| running.kept.clone_from(&answer.checkpoint));
                self.answer.set(Some(answer));
            }
            JobEvent::Placed(placed) => self.placed.set(Some(placed)),
            JobEvent::File { name, mime, bytes } => {
                self.file.set(Some((name, mime, bytes)));
                self.stage.set(Stage::Done);
            }
            JobEvent::Done(answer) => {
                self.answer.set(Some(answer));
                self.stage.set(Stage::Done);
            }
            JobEvent::Failed(problem) => self.fail(problem),
        }
    }
}
