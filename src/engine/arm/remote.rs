//! An arm whose steps and evaluations are done by a helper (see [`crate::engine::helper`]). The arm here keeps count, and is brought
//! up to date when somebody wants its parameters.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;

use super::checkpoint::SavedArm;
use super::{Arm, Snapshot};
use crate::config::Experiment;
use crate::engine::helper::{Helper, Reply, Task};

/// The way to the arm's twin.
pub struct Remote {
    helper: Rc<dyn Helper>,
    /// Answers that nobody has waited for yet, oldest first.
    waiting: RefCell<VecDeque<oneshot::Receiver<Reply>>>,
    /// Milliseconds of the last task.
    pub(super) millis: Cell<f32>,
    /// An evaluation that was asked for ahead of time.
    early: RefCell<Option<oneshot::Receiver<Reply>>>,
    /// The twin has trained since its state was last fetched.
    stale: bool,
}

impl Remote {
    fn send(&self, task: &Task) {
        self.waiting.borrow_mut().push_back(self.helper.send(task));
    }

    /// Waits for everything that was asked.
    async fn settle(&self) -> Result<(), String> {
        loop {
            let Some(next) = self.waiting.borrow_mut().pop_front() else { return Ok(()) };
            if let Reply::Done(millis) = answer(next).await? {
                self.millis.set(millis);
            }
        }
    }

    /// Waits for everything that was asked, then asks this.
    async fn ask(&self, task: &Task) -> Result<Reply, String> {
        self.settle().await?;
        answer(self.helper.send(task)).await
    }
}

async fn answer(reply: oneshot::Receiver<Reply>) -> Result<Reply, String> {
    match reply.await {
        Ok(Reply::Failed(problem)) => Err(problem),
        Ok(reply) => Ok(reply),
        Err(_) => Err("The second worker, which trains arm B, is gone. Reset the run to begin again.".to_owned()),
    }
}

impl Arm {
    /// From now on a helper trains this arm, from where it stands.
    ///
    /// # Errors
    /// In words, when the helper fails; the arm then trains here as before.
    pub async fn delegate(&mut self, helper: Rc<dyn Helper>, experiment: &Experiment) -> Result<(), String> {
        let remote = Remote {
            helper,
            waiting: RefCell::default(),
            millis: Cell::new(0.0),
            early: RefCell::default(),
            stale: false,
        };
        remote.ask(&Task::Build(Box::new(experiment.clone()), self.id)).await?;
        if self.step > 0 {
            let saved = self.save().await?;
            remote.ask(&Task::Load(Box::new(saved))).await?;
            // Told by the twin from now on.
            self.pending_losses.clear();
        }
        self.remote = Some(remote);
        Ok(())
    }

    /// One step by the helper; `false` when there is none.
    pub(super) fn train_remote(&mut self) -> bool {
        let Some(remote) = &mut self.remote else { return false };
        remote.send(&Task::Train(self.step));
        remote.stale = true;
        self.step += 1;
        true
    }

    /// The helper may begin with an evaluation that is wanted soon.
    pub(in crate::engine) fn begin_snapshot(&self) {
        if let Some(remote) = &self.remote {
            *remote.early.borrow_mut() = Some(remote.helper.send(&Task::Snapshot));
        }
    }

    /// An evaluation by the helper; `None` where there is none.
    pub(super) async fn snapshot_remote(&self) -> Result<Option<Snapshot>, String> {
        let Some(remote) = &self.remote else { return Ok(None) };
        let early = remote.early.take();
        let reply = match early {
            Some(early) => {
                remote.settle().await?;
                answer(early).await?
            }
            None => remote.ask(&Task::Snapshot).await?,
        };
        match reply {
            Reply::Snapshot(snapshot) => Ok(Some(*snapshot)),
            _ => Err("The helper gave another answer than an evaluation.".to_owned()),
        }
    }

    /// The helper's state of this arm; `None` where there is none.
    pub(super) async fn save_remote(&self) -> Result<Option<SavedArm>, String> {
        let Some(remote) = &self.remote else { return Ok(None) };
        match remote.ask(&Task::Save).await? {
            Reply::Saved(saved) => Ok(Some(*saved)),
            _ => Err("The helper gave another answer than a state.".to_owned()),
        }
    }

    /// Waits for the helper; `None` where there is none.
    pub(super) async fn settle_remote(&self) -> Option<Result<(), String>> {
        match &self.remote {
            Some(remote) => Some(remote.settle().await),
            None => None,
        }
    }

    /// The helper takes over what this arm took over.
    pub(super) fn load_remote(&mut self, saved: &SavedArm) {
        if let Some(remote) = &mut self.remote {
            remote.send(&Task::Load(Box::new(saved.clone())));
            remote.stale = false;
        }
    }

    pub(super) fn adjust_remote(&self) {
        if let Some(remote) = &self.remote {
            remote.send(&Task::Adjust(Box::new(self.config.clone())));
        }
    }

    /// Brings this arm's own parameters up to date with the helper's.
    ///
    /// # Errors
    /// In words, when the helper fails.
    pub async fn fetch(&mut self) -> Result<(), String> {
        if !self.remote.as_ref().is_some_and(|remote| remote.stale) {
            return Ok(());
        }
        let saved = self.save_remote().await?;
        // Without its helper for a moment, which has this state already.
        let remote = self.remote.take();
        let loaded = saved.map_or(Ok(()), |saved| self.load(&saved));
        self.remote = remote.map(|remote| Remote { stale: false, ..remote });
        // Their losses are still the helper's to tell.
        self.pending_losses.clear();
        loaded
    }
}
