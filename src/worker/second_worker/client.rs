//! The engine's side: reaching the second worker, and asking it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen::prelude::*;

use crate::engine::helper::{Helper, Reply, Task};
use crate::parts::loader::Loader;
use crate::parts::message::{Heard, loader};
use crate::worker::port::Port;

#[wasm_bindgen]
extern "C" {
    /// Asks the page for the worker; the port to it (worker.js). Never resolves where the page can't start one.
    #[wasm_bindgen(js_name = normscopeAide, catch)]
    async fn reach() -> Result<JsValue, JsValue>;
    /// Cores that the browser speaks of, 1 where it says nothing.
    #[wasm_bindgen(js_name = normscopeCores)]
    fn cores() -> u32;
}

/// Why the second worker does not run.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The page gives no port to it.
    #[error("{0}")]
    NoPort(String),
    /// Its loader says that it failed, and why.
    #[error("{0}")]
    NotLoaded(String),
    /// It ended without a word.
    #[error("It does not answer.")]
    NoAnswer,
}

/// The way to the second worker.
pub struct SecondWorker {
    port: Port<Task, Reply>,
    line: Rc<Line>,
}

/// The tasks that wait for an answer, in their order.
#[derive(Default)]
struct Line {
    waiting: RefCell<VecDeque<oneshot::Sender<Reply>>>,
    /// The worker has ended or failed: no task gets an answer any more.
    gone: Cell<bool>,
}

impl Line {
    /// The answer to the oldest task.
    fn answer(&self, reply: Reply) {
        match self.waiting.borrow_mut().pop_front() {
            // The arm that asked may have been given up since.
            Some(asked) => drop(asked.send(reply)),
            None => log::warn!("the second worker answers what nobody asked"),
        }
    }

    /// Every task that waits learns that it gets no answer.
    fn end(&self) {
        self.gone.set(true);
        self.waiting.borrow_mut().clear();
    }
}

impl SecondWorker {
    /// Asks for the worker and waits until its module runs; `None` where there are no cores for it.
    ///
    /// # Errors
    /// A [`ReachError`] that says why it does not run.
    pub async fn reach() -> Result<Option<Rc<SecondWorker>>, ReachError> {
        if cores() < 2 {
            return Ok(None);
        }
        let end = reach().await.map_err(|problem| ReachError::NoPort(format!("{problem:?}")))?;
        let line = Rc::new(Line::default());
        let (loaded, ready) = oneshot::channel();
        let (mut loaded, own) = (Some(loaded), Rc::clone(&line));
        let port = Port::over(end.unchecked_into(), move |heard| match heard {
            Heard::Message(reply) => own.answer(reply),
            Heard::Unreadable(problem) => {
                own.answer(Reply::Failed(format!("The second worker's answer could not be read: {problem}")));
            }
            Heard::Other(data) => match loader(&data) {
                Some(Loader::Loaded) => {
                    if let Some(loaded) = loaded.take() {
                        // The receiver is gone where reaching the worker was given up.
                        drop(loaded.send(Ok(())));
                    }
                }
                // Or it has ended.
                Some(Loader::Failed(why) | Loader::OutOfMemory(why)) => {
                    if let Some(loaded) = loaded.take() {
                        drop(loaded.send(Err(why)));
                    }
                    own.end();
                }
                Some(_) => {}
                None => log::warn!("the second worker says what nobody understands: {data:?}"),
            },
        });
        match ready.await {
            Ok(Ok(())) => Ok(Some(Rc::new(SecondWorker { port, line }))),
            Ok(Err(why)) => Err(ReachError::NotLoaded(why)),
            Err(_) => Err(ReachError::NoAnswer),
        }
    }
}

impl Helper for SecondWorker {
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply> {
        let (told, answer) = oneshot::channel();
        if self.line.gone.get() {
            return answer;
        }
        match self.port.send(task) {
            Ok(()) => self.line.waiting.borrow_mut().push_back(told),
            // The other end is in our hands, so this arrives.
            Err(problem) => drop(told.send(Reply::Failed(format!("The second worker could not be asked: {problem}")))),
        }
        answer
    }
}
