//! The worker at the other end: postcard bytes both ways.

use js_sys::{Array, Uint8Array};
use web_sys::HtmlCanvasElement;

use crate::config::ArmId;
use crate::connection::{self, Held};
use crate::parts::error::PageError;
use crate::parts::message::SendError;
use crate::parts::worker::{self, Worker};
use crate::protocol::{Command, Event};

/// A file's bytes in the browser's memory, not in this module's.
#[derive(Clone, Debug)]
pub struct InBrowser(Uint8Array);

impl Held for InBrowser {
    fn hold(bytes: &[u8]) -> InBrowser {
        InBrowser(Uint8Array::from(bytes))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// The page's connection to its engine.
pub type Connection = connection::Connection<InBrowser>;

/// The engine's worker, and what is known of it.
#[derive(Default)]
pub struct Wire {
    /// What is known.
    pub connection: Connection,
    /// The worker, while there is one.
    pub link: Option<Link>,
}

/// What the engine's worker says, or is said of it.
pub type Said = worker::Said<Event>;

/// A running engine.
pub struct Link {
    worker: Worker,
}

impl Link {
    /// Starts a worker; `hear` is told what it says.
    ///
    /// # Errors
    /// [`PageError::NoWorker`] when the browser has no workers or refuses this one.
    pub fn open(hear: impl Fn(Said) + 'static) -> Result<Link, PageError> {
        match Worker::start("", hear) {
            Ok(worker) => Ok(Link { worker }),
            Err(problem) => {
                log::warn!("the engine's worker does not start: {problem:?}");
                Err(PageError::NoWorker)
            }
        }
    }

    /// Ends the worker at once; nothing that it still says is heard.
    pub fn close(self) {
        self.worker.close();
    }

    /// Asks the loader for something: `ping`, `lose` (the GPU), `end`.
    pub fn ask(&self, what: &str) {
        sent(self.worker.post(&Array::of1(&what.into())));
    }

    /// Sends a command.
    pub fn send(&self, command: &Command) {
        sent(self.worker.send(command));
    }

    /// Hands a canvas over, so that the page can't draw on it any more; whether that worked.
    pub fn give_canvas(&self, arm: ArmId, canvas: &HtmlCanvasElement) -> bool {
        let Ok(offscreen) = canvas.transfer_control_to_offscreen() else { return false };
        let message = Array::of2(&arm.key().into(), &offscreen);
        self.worker.give(&message, &Array::of1(&offscreen)).is_ok()
    }
}

/// What could not be sent has no answer, and the watch (`connection`) deals with that.
fn sent(result: Result<(), SendError>) {
    if let Err(problem) = result {
        log::error!("a message could not be sent to the engine: {problem}");
    }
}
