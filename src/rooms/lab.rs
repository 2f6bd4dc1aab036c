//! The lab as the page sees it: start a job, hear how far it is, cancel it, get its answer.
//!
//! Simulations and diagnoses run in the lab's module, studies in the engine's: a job says which ([`Work`]). Both answer with
//! [`Said`].

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

use crate::lab::{self, Answer, Placed, Said};
use crate::parts::worker;
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

struct Running {
    worker: web_sys::Worker,
    // Kept so that the callbacks stay alive.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::ErrorEvent)>,
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
    running: StoredValue<Option<Running>, LocalStorage>,
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
        self.run(W::LOADER, postcard::to_stdvec(job));
    }

    fn run(self, loader: &str, job: postcard::Result<Vec<u8>>) {
        self.end();
        self.stage.set(Stage::Working(0.0));
        self.placed.set(None);
        match self.open(loader, job) {
            Ok(running) => self.running.set_value(Some(running)),
            Err(problem) => self.stage.set(Stage::Failed(problem)),
        }
    }

    /// Asks the worker that did the last job; its answer comes in [`Lab::placed`].
    pub fn ask(self, job: &impl Work) {
        self.running.with_value(|running| {
            if let (Some(running), Ok(bytes)) = (running, postcard::to_stdvec(job)) {
                let _ = running.worker.post_message(&Uint8Array::from(bytes.as_slice()));
            }
        });
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
        self.running.try_update_value(|running| {
            if let Some(running) = running.take() {
                running.worker.set_onmessage(None);
                running.worker.terminate();
            }
        });
    }

    fn open(self, loader: &str, job: postcard::Result<Vec<u8>>) -> Result<Running, String> {
        let bytes = job.map_err(|error| words::not_sent(&error))?;
        let worker = worker::start(loader).map_err(|_| words::NO_WORKER.to_owned())?;
        let to = worker.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
                match postcard::from_bytes::<Said>(&bytes.to_vec()) {
                    Ok(said) => self.hear(said),
                    Err(error) => self.stage.set(Stage::Failed(words::answer_unreadable(&error))),
                }
                return;
            }
            let Some(message) = data.dyn_ref::<Array>() else { return };
            match message.get(0).as_string().as_deref() {
                Some("loaded") => {
                    let _ = to.post_message(&Uint8Array::from(bytes.as_slice()));
                }
                Some("failed") => self.stage.set(Stage::Failed(message.get(1).as_string().unwrap_or_default())),
                _ => {}
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            self.stage.set(Stage::Failed(words::lab_failed(event.message())));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Running { worker, _on_message: on_message, _on_error: on_error })
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
            Said::Failed(problem) => self.stage.set(Stage::Failed(problem)),
        }
    }
}
