//! The lab as the page sees it: start a job, hear how far it is, cancel it, get its answer.
//!
//! Simulations and diagnoses run in the lab's module, studies in the engine's: a job says which ([`Work`]). Both answer with
//! [`Said`].

use js_sys::Uint8Array;
use leptos::prelude::*;
use serde::Serialize;

use crate::lab::{self, Answer, Placed, Said};
use crate::parts::message::{SendError, pack};
use crate::parts::worker::{self, Loader, Worker};
use crate::studies;
use crate::words::rooms::lab as words;

/// A job, and the loader with the module that does it; the worker starts with the job and ends with it.
pub trait Work: Serialize {
    /// The loader's query.
    const LOADER: &'static str;
}

impl Work for lab::Job {
    const LOADER: &'static str = "?lab";
}

impl Work for studies::Job {
    const LOADER: &'static str = "?study";
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
    running: StoredValue<Option<Worker>, LocalStorage>,
}

impl Lab {
    /// An idle lab; what runs in it ends with the component that owns it.
    pub fn new() -> Lab {
        let lab = Lab {
            stage: RwSignal::default(),
            answer: RwSignal::default(),
            file: RwSignal::default(),
            placed: RwSignal::default(),
            running: StoredValue::new_local(None),
        };
        on_cleanup(move || lab.end());
        lab
    }

    /// Starts a job; one that still runs is ended.
    pub fn start<W: Work>(self, job: &W) {
        self.run(W::LOADER, pack(job));
    }

    fn run(self, loader: &str, job: Result<Uint8Array, SendError>) {
        self.end();
        self.stage.set(Stage::Working(0.0));
        self.placed.set(None);
        match self.open(loader, job) {
            Ok(worker) => self.running.set_value(Some(worker)),
            Err(problem) => self.fail(problem),
        }
    }

    /// Asks the worker that did the last job; its answer comes in [`Lab::placed`].
    pub fn ask(self, job: &impl Work) {
        self.tell(|worker| worker.send(job));
    }

    /// Whether a job runs.
    pub fn is_working(self) -> bool {
        matches!(self.stage.get(), Stage::Working(_))
    }

    /// Ends the job, if one runs.
    pub fn cancel(self) {
        self.end();
        if matches!(self.stage.get_untracked(), Stage::Working(_)) {
            self.stage.set(Stage::Idle);
        }
    }

    fn end(self) {
        if let Some(worker) = self.running.try_update_value(Option::take).flatten() {
            worker.close();
        }
    }

    fn open(self, loader: &str, job: Result<Uint8Array, SendError>) -> Result<Worker, String> {
        let job = job.map_err(|error| words::not_sent(&error))?;
        let hear = move |said: worker::Said<Said>| match said {
            worker::Said::Module(said) => self.hear(said),
            worker::Said::Loader(Loader::Loaded) => self.tell(|worker| worker.post(&job)),
            worker::Said::Loader(Loader::Failed(why) | Loader::OutOfMemory(why) | Loader::GpuLost(why)) => {
                self.fail(why);
            }
            worker::Said::Loader(_) | worker::Said::Ended => {}
            worker::Said::Unreadable(problem) => self.fail(words::answer_unreadable(problem)),
            worker::Said::Broken(why) => self.fail(words::lab_failed(why)),
        };
        Worker::start(loader, hear).map_err(|problem| {
            log::warn!("the lab's worker does not start: {problem:?}");
            words::NO_WORKER.to_owned()
        })
    }

    /// Tells the worker something, if there is one.
    fn tell(self, say: impl FnOnce(&Worker) -> Result<(), SendError>) {
        let said = self.running.try_with_value(|worker| worker.as_ref().map(say)).flatten();
        if let Some(Err(problem)) = said {
            self.fail(words::not_sent(problem));
        }
    }

    fn fail(self, problem: String) {
        self.stage.set(Stage::Failed(problem));
    }

    fn hear(self, said: Said) {
        match said {
            Said::Progress(share) => self.stage.set(Stage::Working(share)),
            Said::Update(answer) => self.answer.set(Some(answer)),
            Said::Placed(placed) => self.placed.set(Some(placed)),
            Said::File { name, mime, bytes } => {
                self.file.set(Some((name, mime, bytes)));
                self.stage.set(Stage::Done);
            }
            Said::Done(answer) => {
                self.answer.set(Some(answer));
                self.stage.set(Stage::Done);
            }
            Said::Failed(problem) => self.fail(problem),
        }
    }
}
