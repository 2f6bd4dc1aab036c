//! One arm: a model with who trains it; a training step and an evaluation.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::device::Compute;
use super::error::EngineError;
use super::helper::messages::Helper;
pub use super::inputs::{EvalInputs, Snapshot};
use super::model::{Model, Parameters, Probed};
use super::params::{self, ParamInfo};
use super::plan::{ByPlan, Points};
use super::samples::Samples;
use super::saved::SavedArm;
use super::tensors::read;
pub use super::tensors::upload_rows;
use super::trainer::{ByBurn, BySecond, Trainer};
use super::views::Views;
use crate::config::{ArmConfig, ArmId, Experiment};

/// A model in training.
pub struct Arm {
    /// Which of the two.
    pub id: ArmId,
    /// Hash of its initial weights before the cut.
    pub weights_hash: String,
    model: Model,
    trainer: Trainer,
    /// Why no plan trains it, though there is a GPU.
    unplanned: Option<EngineError>,
}

impl Arm {
    /// Builds the arm: draws its weights on the host, cuts them, uploads them, calibrates batch norm.
    pub fn new(id: ArmId, experiment: &Experiment, samples: &Samples, compute: &Compute) -> Arm {
        let data = samples.data();
        let model = Model::new(experiment, experiment.arm(id).clone(), data, &compute.device);
        let table = &model.network.table;
        let mut drawn = table.draw(experiment.run.seed);
        let weights_hash = params::hash(&drawn);
        table.cut(&mut drawn, model.config.cut_layers, model.config.cut);
        let parameters = model.parameters(&drawn, data);
        let rows = 2 * (model.config.batch as usize).min(data.train.n());
        let planned = compute
            .context()
            .map(|context| ByPlan::new(context, &model, rows, samples.resident(), &drawn, &parameters))
            .transpose();
        let (trainer, unplanned) = match planned {
            Ok(Some(plan)) => (Trainer::Plan(Box::new(plan)), None),
            Ok(None) => (Trainer::Burn(ByBurn::new(&model, parameters)), None),
            Err(reason) => {
                log::warn!("This arm trains without a plan: {reason}");
                (Trainer::Burn(ByBurn::new(&model, parameters)), Some(reason))
            }
        };
        Arm { id, weights_hash, model, trainer, unplanned }
    }

    /// Its settings.
    pub fn config(&self) -> &ArmConfig {
        &self.model.config
    }

    /// Training steps done.
    pub fn step(&self) -> u32 {
        self.model.step
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.model.rate()
    }

    /// Trainable scalars.
    pub fn scalars(&self) -> usize {
        self.model.network.table.scalars()
    }

    /// What is known about each parameter besides its values, in the order of [`Parameters::values`].
    pub fn infos(&self) -> &[ParamInfo] {
        self.model.network.table.infos()
    }

    /// One training step on two views of a batch. The loss stays on the device until [`Arm::snapshot`] or [`Arm::take_losses`]
    /// reads it.
    ///
    /// # Errors
    /// When a parameter takes no part in the loss, or the batch has another size than a plan's.
    pub fn train(&mut self, views: &Views) -> Result<(), EngineError> {
        self.trainer.train(&self.model, views)?;
        self.model.step += 1;
        Ok(())
    }

    /// Works out what a training step on these views will need of the host, so that it can be timed alone.
    pub fn prepare(&self, views: &Views) {
        self.trainer.prepare(views);
    }

    /// From now on the second worker trains this arm, from where it stands; an arm that the GPU trains stays there.
    ///
    /// # Errors
    /// When the second worker fails; the arm then trains here as before.
    pub async fn delegate(&mut self, helper: Rc<dyn Helper>, experiment: &Experiment) -> Result<(), EngineError> {
        if matches!(self.trainer, Trainer::Plan(_)) {
            return Ok(());
        }
        let state = if self.step() > 0 { Some(self.save().await?) } else { None };
        let parameters = self.parameters().await?;
        let second = BySecond::build(helper, experiment, self.id, state, parameters).await?;
        self.trainer = Trainer::Second(second);
        Ok(())
    }

    /// Milliseconds of the last step that was done elsewhere, if the second worker trains this arm.
    pub fn elsewhere(&self) -> Option<f32> {
        match &self.trainer {
            Trainer::Second(second) => Some(second.millis()),
            Trainer::Burn(_) | Trainer::Plan(_) => None,
        }
    }

    /// The second worker may begin with an evaluation that is wanted soon.
    pub fn begin_snapshot(&self) {
        if let Trainer::Second(second) = &self.trainer {
            second.begin_snapshot();
        }
    }

    /// Runs the evaluation and reads everything in one go.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn snapshot(&mut self, inputs: &EvalInputs) -> Result<Snapshot, EngineError> {
        let snapshot = self.trainer.snapshot(&self.model, inputs).await?;
        snapshot.check(inputs, self.model.config.dim as usize)?;
        Ok(snapshot)
    }

    /// The parameters as they stand.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn parameters(&self) -> Result<Parameters, EngineError> {
        self.trainer.parameters(&self.model).await
    }

    /// Embeddings of `x: [n, len]` with the running statistics, `[n, dim]` row by row.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn read_embeddings(&self, x: &Tensor<2>) -> Result<Vec<f32>, EngineError> {
        let (_, embeddings) = self.model.embed(&self.parameters().await?, x);
        let [embeddings] = read([("the embeddings", embeddings)]).await?;
        Ok(embeddings)
    }

    /// Encoder features and embeddings of `x: [n, len]` with the running statistics: `[n, width]`, `[n, dim]`.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn read_outputs(&self, x: &Tensor<2>) -> Result<(Vec<f32>, Vec<f32>), EngineError> {
        let (features, embeddings) = self.model.embed(&self.parameters().await?, x);
        let [features, embeddings] = read([("the features", features), ("the embeddings", embeddings)]).await?;
        Ok((features, embeddings))
    }

    /// Embeddings of `views: [2n, len]` with the batch's own statistics, as a training step sees them, `[2n, dim]`.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn read_batch(&self, views: &Tensor<2>) -> Result<Vec<f32>, EngineError> {
        let embeddings = self.model.batch_embeddings(&self.parameters().await?, views);
        let [embeddings] = read([("the batch's embeddings", embeddings)]).await?;
        Ok(embeddings)
    }

    /// The embeddings of a training batch and the loss's gradient with respect to them, `[2n, dim]` each. With a predictor
    /// the gradient is with respect to the predictions.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn read_gradient(&self, views: &Tensor<2>) -> Result<[Vec<f32>; 2], EngineError> {
        let Probed { embeddings, gradient, .. } = self.model.probe_batch(&self.parameters().await?, views)?;
        read([("the batch's embeddings", embeddings), ("the batch's gradients", gradient)]).await
    }

    /// Waits for the last step; its loss stays pending.
    ///
    /// # Errors
    /// When a device or the second worker fails.
    pub async fn settle(&self) -> Result<(), EngineError> {
        self.trainer.settle().await
    }

    /// Waits until the device is at most a few steps behind, so that its queue never runs away.
    ///
    /// # Errors
    /// When a device or the second worker fails.
    pub async fn pace(&self) -> Result<(), EngineError> {
        self.trainer.pace().await
    }

    /// Reads the losses that wait on the device, oldest first.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, EngineError> {
        self.trainer.take_losses().await
    }

    /// Takes over what a model in training can take over (see [`ArmConfig::adjusted`]).
    pub fn adjust(&mut self, next: &ArmConfig) {
        self.model.adjust(next);
        self.trainer.adjust(&self.model);
    }

    /// Reads the arm's state.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn save(&self) -> Result<SavedArm, EngineError> {
        self.trainer.save(&self.model).await
    }

    /// Takes over a state that an arm of the same settings saved.
    ///
    /// # Errors
    /// When the state belongs to another network; the arm is untouched then.
    pub fn load(&mut self, saved: &SavedArm) -> Result<(), EngineError> {
        saved.fits(&self.model)?;
        self.model.step = saved.step;
        self.trainer.load(&self.model, saved);
        Ok(())
    }

    /// Why no plan trains this arm, though there is a GPU.
    pub fn unplanned(&self) -> Option<&EngineError> {
        self.unplanned.as_ref()
    }

    /// Where the held-out embeddings of the last evaluation are on the GPU.
    pub fn points(&self) -> Option<Points<'_>> {
        match &self.trainer {
            Trainer::Plan(plan) => plan.points(),
            Trainer::Burn(_) | Trainer::Second(_) => None,
        }
    }

    /// The views of the last step as the GPU has them, `[rows, len]`, where a plan does the steps.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn read_views(&self) -> Result<Option<Vec<f32>>, EngineError> {
        match &self.trainer {
            Trainer::Plan(plan) => plan.read_views().await.map(Some),
            Trainer::Burn(_) | Trainer::Second(_) => Ok(None),
        }
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step, where a plan runs it.
    pub async fn profile(&self, rounds: u32) -> Option<Vec<(String, [u32; 3], f64)>> {
        match &self.trainer {
            Trainer::Plan(plan) => Some(plan.profile(rounds).await),
            Trainer::Burn(_) | Trainer::Second(_) => None,
        }
    }
}
