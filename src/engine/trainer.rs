//! Who trains an arm, and what all of them can do: train a step, evaluate, give the parameters, save and load.

mod burn;
mod second;

pub use self::burn::ByBurn;
pub use self::second::BySecond;
use super::error::EngineError;
use super::inputs::{EvalInputs, Snapshot};
use super::model::{Model, Parameters};
use super::plan::ByPlan;
use super::saved::SavedArm;
use super::views::Views;

/// Who trains an arm.
pub enum Trainer {
    /// Burn's autodiff, here.
    Burn(ByBurn),
    /// Our own kernels, where a GPU can run them.
    Plan(Box<ByPlan>),
    /// The second worker's twin of the arm.
    Second(BySecond),
}

impl Trainer {
    /// One training step on two views of a batch. The loss stays where it is.
    ///
    /// # Errors
    /// When a parameter takes no part in the loss, or the batch has another size than a plan's.
    pub fn train(&mut self, model: &Model, views: &Views) -> Result<(), EngineError> {
        match self {
            Trainer::Burn(burn) => burn.train(model, views),
            Trainer::Plan(plan) => plan.train(model, views),
            Trainer::Second(second) => {
                second.train(model);
                Ok(())
            }
        }
    }

    /// Works out what a training step on these views will need of the host.
    pub fn prepare(&self, views: &Views) {
        let done = match self {
            Trainer::Burn(_) => false,
            Trainer::Plan(plan) => plan.draws(views),
            Trainer::Second(_) => true,
        };
        if !done {
            views.tensor();
        }
    }

    /// The parameters as they stand.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn parameters(&self, model: &Model) -> Result<Parameters, EngineError> {
        match self {
            Trainer::Burn(burn) => Ok(burn.parameters().clone()),
            Trainer::Plan(plan) => plan.parameters(model).await,
            Trainer::Second(second) => second.parameters(model).await,
        }
    }

    /// An evaluation, with all losses since the last one.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn snapshot(&mut self, model: &Model, inputs: &EvalInputs) -> Result<Snapshot, EngineError> {
        match self {
            Trainer::Burn(burn) => burn.snapshot(model, inputs).await,
            Trainer::Plan(plan) => plan.snapshot(model, inputs).await,
            Trainer::Second(second) => second.snapshot().await,
        }
    }

    /// Reads the losses since the last evaluation, oldest first; those of the second worker come with its evaluations.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, EngineError> {
        match self {
            Trainer::Burn(burn) => burn.take_losses().await,
            Trainer::Plan(plan) => plan.take_losses().await,
            Trainer::Second(_) => Ok(Vec::new()),
        }
    }

    /// Waits for the last step; its loss goes on waiting.
    ///
    /// # Errors
    /// When a device or the second worker fails.
    pub async fn settle(&self) -> Result<(), EngineError> {
        match self {
            Trainer::Burn(burn) => burn.settle().await,
            Trainer::Plan(plan) => {
                plan.settle().await;
                Ok(())
            }
            Trainer::Second(second) => second.settle().await,
        }
    }

    /// Waits until the steps are at most a few behind: none, where there is no queue.
    ///
    /// # Errors
    /// When a device or the second worker fails.
    pub async fn pace(&self) -> Result<(), EngineError> {
        match self {
            Trainer::Plan(plan) => {
                plan.pace().await;
                Ok(())
            }
            Trainer::Burn(_) | Trainer::Second(_) => self.settle().await,
        }
    }

    /// Takes over the model's changed settings.
    pub fn adjust(&mut self, model: &Model) {
        match self {
            Trainer::Burn(burn) => burn.adjust(model),
            // A plan takes them with each step.
            Trainer::Plan(_) => {}
            Trainer::Second(second) => second.adjust(model),
        }
    }

    /// The whole state.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn save(&self, model: &Model) -> Result<SavedArm, EngineError> {
        match self {
            Trainer::Burn(burn) => burn.save(model).await,
            Trainer::Plan(plan) => plan.save(model).await,
            Trainer::Second(second) => second.save(model).await,
        }
    }

    /// Goes on from a state that [fits](SavedArm::fits) the model.
    pub fn load(&mut self, model: &Model, saved: &SavedArm) {
        match self {
            Trainer::Burn(burn) => burn.load(model, saved),
            Trainer::Plan(plan) => plan.load(saved),
            Trainer::Second(second) => second.load(model, saved),
        }
    }
}
