//! Training by the second worker, which holds a whole arm (see [`crate::engine::helper`]). Tasks go there, answers come back;
//! the parameters come when they are asked for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;

use crate::config::{ArmId, Experiment};
use crate::engine::error::EngineError;
use crate::engine::helper::messages::{Helper, Reply, Task};
use crate::engine::inputs::Snapshot;
use crate::engine::model::{Model, Parameters};
use crate::engine::saved::SavedArm;

/// The way to the arm's twin.
pub struct BySecond {
    helper: Rc<dyn Helper>,
    /// Answers that were not waited for yet, oldest first.
    waiting: RefCell<VecDeque<oneshot::Receiver<Reply>>>,
    /// Milliseconds of the last task.
    millis: Cell<f32>,
    /// An evaluation that was asked for ahead of time.
    early: RefCell<Option<oneshot::Receiver<Reply>>>,
    /// The parameters, unless the twin has trained since they were last fetched.
    known: RefCell<Option<Parameters>>,
}

impl BySecond {
    /// The twin of an arm that has these parameters, built and brought to its `state`, where it has trained already.
    ///
    /// # Errors
    /// When the second worker fails.
    pub async fn build(
        helper: Rc<dyn Helper>,
        experiment: &Experiment,
        id: ArmId,
        state: Option<SavedArm>,
        parameters: Parameters,
    ) -> Result<BySecond, EngineError> {
        let second = BySecond {
            helper,
            waiting: RefCell::default(),
            millis: Cell::new(0.0),
            early: RefCell::default(),
            known: RefCell::new(Some(parameters)),
        };
        second.ask(&Task::Build(Box::new(experiment.clone()), id)).await?;
        if let Some(state) = state {
            second.ask(&Task::Load(Box::new(state))).await?;
        }
        Ok(second)
    }

    /// Milliseconds of the last task.
    pub fn millis(&self) -> f32 {
        self.millis.get()
    }

    fn send(&self, task: &Task) {
        self.waiting.borrow_mut().push_back(self.helper.send(task));
    }

    /// Waits for everything that was asked.
    ///
    /// # Errors
    /// When the second worker fails.
    pub async fn settle(&self) -> Result<(), EngineError> {
        loop {
            let Some(next) = self.waiting.borrow_mut().pop_front() else { return Ok(()) };
            if let Reply::Done(millis) = answer(next).await? {
                self.millis.set(millis);
            }
        }
    }

    /// Waits for everything that was asked, then asks this.
    async fn ask(&self, task: &Task) -> Result<Reply, EngineError> {
        self.settle().await?;
        answer(self.helper.send(task)).await
    }

    /// Has it train the batch of this step.
    pub fn train(&mut self, model: &Model) {
        self.send(&Task::Train(model.step));
        self.known.take();
    }

    /// It may begin with an evaluation that is wanted soon.
    pub fn begin_snapshot(&self) {
        *self.early.borrow_mut() = Some(self.helper.send(&Task::Snapshot));
    }

    /// An evaluation.
    ///
    /// # Errors
    /// When the second worker fails.
    pub async fn snapshot(&self) -> Result<Snapshot, EngineError> {
        let early = self.early.take();
        let reply = match early {
            Some(early) => {
                self.settle().await?;
                answer(early).await?
            }
            None => self.ask(&Task::Snapshot).await?,
        };
        match reply {
            Reply::Snapshot(snapshot) => Ok(*snapshot),
            _ => Err(EngineError::OtherAnswer("an evaluation")),
        }
    }

    /// The twin's state.
    ///
    /// # Errors
    /// When the second worker fails, or its state is of another network.
    pub async fn save(&self, model: &Model) -> Result<SavedArm, EngineError> {
        match self.ask(&Task::Save).await? {
            Reply::Saved(saved) => saved.fits(model).map(|()| *saved),
            _ => Err(EngineError::OtherAnswer("a state")),
        }
    }

    /// The twin's parameters.
    ///
    /// # Errors
    /// As [`BySecond::save`].
    pub async fn parameters(&self, model: &Model) -> Result<Parameters, EngineError> {
        if let Some(known) = &*self.known.borrow() {
            return Ok(known.clone());
        }
        let parameters = self.save(model).await?.parameters(model);
        self.known.replace(Some(parameters.clone()));
        Ok(parameters)
    }

    /// The twin takes over what this arm took over.
    pub fn load(&mut self, model: &Model, saved: &SavedArm) {
        self.send(&Task::Load(Box::new(saved.clone())));
        self.known.replace(Some(saved.parameters(model)));
    }

    /// The twin takes over the model's changed settings.
    pub fn adjust(&self, model: &Model) {
        self.send(&Task::Adjust(Box::new(model.config.clone())));
    }
}

async fn answer(reply: oneshot::Receiver<Reply>) -> Result<Reply, EngineError> {
    match reply.await {
        Ok(Reply::Failed(problem)) => Err(EngineError::SecondFailed(problem)),
        Ok(reply) => Ok(reply),
        Err(_) => Err(EngineError::SecondGone),
    }
}
