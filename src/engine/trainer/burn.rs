//! Training through burn's autodiff, where burn computes: the CPU path, and the twin of every other one.

use burn::tensor::Tensor;

use crate::engine::error::EngineError;
use crate::engine::inputs::{EvalInputs, Snapshot};
use crate::engine::model::{Model, Parameters, Probed};
use crate::engine::optimizer::{Memory, Optimizer};
use crate::engine::params::ParamInfo;
use crate::engine::saved::SavedArm;
use crate::engine::tensors::{gradients, read, read_lists, upload};
use crate::engine::views::Views;

/// What burn changes with each step.
pub struct ByBurn {
    parameters: Parameters,
    optimizer: Optimizer,
    /// Losses that wait on the device.
    losses: Vec<(u32, Tensor<1>)>,
}

impl ByBurn {
    /// Training begins with these parameters.
    pub fn new(model: &Model, parameters: Parameters) -> ByBurn {
        ByBurn { optimizer: Optimizer::new(&model.config, parameters.values.len()), parameters, losses: Vec::new() }
    }

    /// The parameters as they stand.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// One step on two views of a batch.
    ///
    /// # Errors
    /// When a parameter takes no part in the loss; nothing has moved then.
    pub fn train(&mut self, model: &Model, views: &Views) -> Result<(), EngineError> {
        let rate = model.rate();
        let Parameters { values, target, stats } = &mut self.parameters;
        let leaves: Vec<Tensor<1>> = values.iter().map(|value| value.clone().autodiff().require_grad()).collect();
        let loss = model.training_loss(&leaves, target.as_deref(), stats, &views.tensor());
        let names = model.network.table.infos().iter().map(|info: &ParamInfo| info.name.as_str());
        let gradients = gradients(&loss, names, &leaves)?;
        self.optimizer.begin_step();
        for (index, gradient) in gradients.into_iter().enumerate() {
            values[index] = self.optimizer.update(index, values[index].clone(), gradient, rate);
        }
        // EMA: `target = ema * target + (1 - ema) * online` (Grill et al. 2020, eq. 1), parameters only.
        let keep = model.config.ema;
        for (target, online) in target.iter_mut().flatten().zip(values) {
            *target = target.clone() * keep + online.clone() * (1.0 - keep);
        }
        self.losses.push((model.step, loss.inner()));
        Ok(())
    }

    /// Runs an evaluation and reads everything in one go.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn snapshot(&mut self, model: &Model, inputs: &EvalInputs) -> Result<Snapshot, EngineError> {
        let (_, bank) = model.embed(&self.parameters, &inputs.bank);
        let (_, points) = model.embed(&self.parameters, &inputs.points);
        let Probed { embeddings, outputs, gradient } = model.probe(&self.parameters, &inputs.probe)?;
        let losses = self.take_losses().await?;
        let [bank, points, probe, probe_outputs, probe_gradients] = read([
            ("the bank's embeddings", bank),
            ("the points' embeddings", points),
            ("the probe's embeddings", embeddings),
            ("the probe's outputs", outputs),
            ("the probe's gradients", gradient),
        ])
        .await?;
        Ok(Snapshot {
            step: model.step,
            losses,
            bank,
            points,
            probe,
            probe_outputs,
            probe_gradients,
            lr: model.last_rate(),
            classes: None,
            n_bank: inputs.bank.dims()[0],
            n_points: inputs.points.dims()[0],
        })
    }

    /// Reads the losses that wait on the device, oldest first.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, EngineError> {
        let (steps, losses): (Vec<u32>, Vec<Tensor<1>>) = std::mem::take(&mut self.losses).into_iter().unzip();
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let [losses] = read([("the losses", Tensor::cat(losses, 0))]).await?;
        Ok(steps.into_iter().zip(losses.into_iter().map(f64::from)).collect())
    }

    /// Waits for the last step; its loss goes on waiting.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn settle(&self) -> Result<(), EngineError> {
        if let Some((_, loss)) = self.losses.last() {
            loss.clone().into_data_async().await?;
        }
        Ok(())
    }

    /// Takes over the model's changed settings.
    pub fn adjust(&mut self, model: &Model) {
        self.optimizer.adjust(&model.config);
    }

    /// Reads the whole state.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn save(&self, model: &Model) -> Result<SavedArm, EngineError> {
        let Parameters { values, target, stats } = &self.parameters;
        let memory = self.optimizer.memory();
        let (means, variances): (Vec<_>, Vec<_>) =
            stats.iter().map(|stats| (stats.mean.clone(), stats.variance.clone())).unzip();
        let moments = |all: &[Option<Tensor<1>>]| all.iter().flatten().cloned().collect::<Vec<_>>();
        let [values, target, means, variances, first, second, losses] = read_lists([
            ("the parameters", values.clone()),
            ("the target's parameters", target.clone().unwrap_or_default()),
            ("the running means", means),
            ("the running variances", variances),
            ("the first moments", moments(&memory.first)),
            ("the second moments", moments(&memory.second)),
            ("the losses", self.losses.iter().map(|(_, loss)| loss.clone()).collect()),
        ])
        .await?;
        let steps = self.losses.iter().map(|(step, _)| *step);
        Ok(SavedArm {
            step: model.step,
            values,
            stats: means.into_iter().zip(variances).map(|(mean, variance)| [mean, variance]).collect(),
            target,
            first: placed(&memory.first, first),
            second: placed(&memory.second, second),
            updates: memory.steps,
            losses: steps.zip(losses.concat()).collect(),
        })
    }

    /// Takes over a state that an arm of the same model saved.
    pub fn load(&mut self, model: &Model, saved: &SavedArm) {
        let there = |values: &[f32]| upload(values, &model.device);
        let moments = |all: &[Option<Vec<f32>>]| all.iter().map(|one| one.as_deref().map(there)).collect();
        let memory = Memory { first: moments(&saved.first), second: moments(&saved.second), steps: saved.updates };
        self.parameters = saved.parameters(model);
        self.optimizer.remember(memory);
        self.losses = saved.losses.iter().map(|(step, loss)| (*step, there(&[*loss]))).collect();
    }
}

/// What was read of the moments that are there, each in its place.
fn placed(moments: &[Option<Tensor<1>>], found: Vec<Vec<f32>>) -> Vec<Option<Vec<f32>>> {
    let mut all = vec![None; moments.len()];
    let there = moments.iter().zip(&mut all).filter(|(moment, _)| moment.is_some());
    for ((_, place), values) in there.zip(found) {
        *place = Some(values);
    }
    all
}
