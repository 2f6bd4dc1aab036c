//! What is trained, by any trainer: an architecture with a method and its settings, and the passes through it that burn
//! does. The parameters come in with each call.

use burn::tensor::{Device, Tensor};

use super::error::EngineError;
use super::layers::{Norm, RunningStats};
use super::losses::{Contrastive, prediction_loss};
use super::network::Network;
use super::ops::grad_scale;
use super::optimizer::learning_rate;
use super::params;
use super::tensors::{gradient, upload_rows};
use crate::config::{ArmConfig, Experiment, Method};
use crate::data::Dataset;

/// Rows that go through the network at once when it is evaluated.
const EVAL_CHUNK: usize = 512;
/// Training samples that set the running statistics of an untrained network.
const CALIBRATION_ROWS: usize = 512;

/// What is trained, and how far it is.
pub struct Model {
    /// The architecture.
    pub network: Network,
    /// The method.
    pub method: Method,
    /// The settings.
    pub config: ArmConfig,
    /// Where burn computes, without autodiff.
    pub device: Device,
    /// Training steps of the whole run.
    pub run_steps: u32,
    /// Training steps done.
    pub step: u32,
    contrastive: Option<Contrastive>,
}

/// The parameters of a model as they stand, on burn's device without autodiff.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// Trainable parameters, in the order of the network's table.
    pub values: Vec<Tensor<1>>,
    /// BYOL's target parameters, in the same order.
    pub target: Option<Vec<Tensor<1>>>,
    /// Of each batch-norm layer.
    pub stats: Vec<RunningStats>,
}

/// What a training step says of a batch's outputs, `[2n, dim]` each.
pub struct Probed {
    /// Embeddings z.
    pub embeddings: Tensor<2>,
    /// What the gradient is about: z itself, or the predictions for BYOL and SimSiam.
    pub outputs: Tensor<2>,
    /// The loss's gradient with respect to the outputs.
    pub gradient: Tensor<2>,
}

impl Model {
    /// The untrained model of an arm for samples of this data set's kind.
    pub fn new(experiment: &Experiment, config: ArmConfig, data: &Dataset, device: &Device) -> Model {
        Model {
            network: Network::new(&data.kind, experiment.run.method, &config),
            method: experiment.run.method,
            contrastive: contrastive(experiment.run.method, &config, device),
            config,
            device: device.clone(),
            run_steps: experiment.run.steps,
            step: 0,
        }
    }

    /// The parameters with which training begins, of these values; batch norm's running statistics are those of the first
    /// training samples.
    pub fn parameters(&self, drawn: &[Vec<f32>], data: &Dataset) -> Parameters {
        let values = params::upload(drawn, &self.device);
        let target = (self.method == Method::Byol).then(|| values.clone());
        Parameters { values, target, stats: self.calibrated(drawn, data) }
    }

    /// The running statistics of a network that has not been trained. They are worked out on the host, so that they are the
    /// same on every device.
    fn calibrated(&self, drawn: &[Vec<f32>], data: &Dataset) -> Vec<RunningStats> {
        let host = Device::flex();
        let values = params::upload(drawn, &host);
        let mut stats = self.network.fresh_stats(&host);
        let rows = data.train.n().min(CALIBRATION_ROWS);
        let x = upload_rows(&data.train.inputs[..rows * data.kind.len()], rows, &host);
        let mut norm = Norm::Calibrate(&mut stats);
        let z = self.network.embed(&values, x, &mut norm).embeddings;
        self.network.predict(&values, z, &mut norm);
        let there = |tensor: Tensor<1>| Tensor::from_data(tensor.into_data(), &self.device);
        let there = |stats: RunningStats| RunningStats { mean: there(stats.mean), variance: there(stats.variance) };
        stats.into_iter().map(there).collect()
    }

    /// The learning rate of the next step.
    pub fn rate(&self) -> f64 {
        learning_rate(&self.config, self.step, self.run_steps)
    }

    /// The learning rate of the last step.
    pub fn last_rate(&self) -> f64 {
        learning_rate(&self.config, self.step.saturating_sub(1), self.run_steps)
    }

    /// Takes over what a model in training can take over (see [`ArmConfig::adjusted`]).
    pub fn adjust(&mut self, next: &ArmConfig) {
        self.config = self.config.adjusted(next);
        self.contrastive = contrastive(self.method, &self.config, &self.device);
    }

    /// Values of each parameter tensor.
    pub fn lengths(&self) -> Vec<usize> {
        self.network.table.infos().iter().map(params::ParamInfo::scalars).collect()
    }

    /// The loss of two views of a batch, `views: [2n, len]`, as a function of the leaves, whose statistics move.
    pub fn training_loss(
        &self,
        leaves: &[Tensor<1>],
        target: Option<&[Tensor<1>]>,
        stats: &mut [RunningStats],
        views: &Tensor<2>,
    ) -> Tensor<1> {
        let targets = self.targets(target, views, &mut Norm::Batch);
        let mut norm = Norm::Train(stats);
        let z = self.network.embed(leaves, views.clone().autodiff(), &mut norm).embeddings;
        let outputs = self.network.predict(leaves, z.clone(), &mut norm);
        self.loss(self.contrastive.as_ref(), outputs, targets.unwrap_or_else(|| z.inner()))
    }

    /// BYOL's targets: the target network's embeddings of the same views.
    fn targets(&self, target: Option<&[Tensor<1>]>, views: &Tensor<2>, norm: &mut Norm<'_>) -> Option<Tensor<2>> {
        target.map(|target| self.network.embed(target, views.clone(), norm).embeddings)
    }

    /// The method's loss with the settings' norm control; `outputs` are z (SimCLR) or predictions.
    fn loss(&self, contrastive: Option<&Contrastive>, outputs: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let scale = grad_scale(&outputs, self.config.gradscale, self.config.grad_mode);
        match contrastive {
            Some(contrastive) => contrastive.loss(outputs, scale),
            None => prediction_loss(outputs, targets, scale),
        }
    }

    /// Features and embeddings of `x: [n, len]` with the running statistics: `[n, width]`, `[n, dim]`.
    pub fn embed(&self, parameters: &Parameters, x: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let [n, _] = x.dims();
        let mut norm = Norm::Eval(&parameters.stats);
        let (features, embeddings): (Vec<_>, Vec<_>) = (0..n)
            .step_by(EVAL_CHUNK)
            .map(|start| x.clone().narrow(0, start, EVAL_CHUNK.min(n - start)))
            .map(|chunk| self.network.embed(&parameters.values, chunk, &mut norm))
            .map(|output| (output.features, output.embeddings))
            .unzip();
        (Tensor::cat(features, 0), Tensor::cat(embeddings, 0))
    }

    /// Embeddings of `views: [2n, len]` with the batch's own statistics, as a training step sees them, `[2n, dim]`.
    pub fn batch_embeddings(&self, parameters: &Parameters, views: &Tensor<2>) -> Tensor<2> {
        self.network.embed(&parameters.values, views.clone(), &mut Norm::Batch).embeddings
    }

    /// What an evaluation says of a probe batch, with the running statistics.
    ///
    /// # Errors
    /// When the outputs take no part in the loss.
    pub fn probe(&self, parameters: &Parameters, views: &Tensor<2>) -> Result<Probed, EngineError> {
        // A probe batch has a size of its own.
        let n = views.dims()[0] / 2;
        let contrastive =
            self.contrastive.as_ref().map(|_| Contrastive::new(self.config.loss, self.config.tau, n, &self.device));
        self.probed(parameters, views, &mut Norm::Eval(&parameters.stats), contrastive.as_ref())
    }

    /// What the next training step says of its batch, with the batch's own statistics.
    ///
    /// # Errors
    /// When the outputs take no part in the loss.
    pub fn probe_batch(&self, parameters: &Parameters, views: &Tensor<2>) -> Result<Probed, EngineError> {
        self.probed(parameters, views, &mut Norm::Batch, self.contrastive.as_ref())
    }

    fn probed(
        &self,
        parameters: &Parameters,
        views: &Tensor<2>,
        norm: &mut Norm<'_>,
        contrastive: Option<&Contrastive>,
    ) -> Result<Probed, EngineError> {
        let embeddings = self.network.embed(&parameters.values, views.clone(), norm).embeddings;
        let outputs = self.network.predict(&parameters.values, embeddings.clone(), norm);
        let targets = self.targets(parameters.target.as_deref(), views, norm);
        let leaf = outputs.clone().autodiff().require_grad();
        let loss = self.loss(contrastive, leaf.clone(), targets.unwrap_or_else(|| embeddings.clone()));
        let gradient = gradient(&loss, "the outputs", &leaf)?;
        Ok(Probed { embeddings, outputs, gradient })
    }
}

/// The contrastive loss for a training batch, where the method has one.
fn contrastive(method: Method, config: &ArmConfig, device: &Device) -> Option<Contrastive> {
    (method == Method::SimClr).then(|| Contrastive::new(config.loss, config.tau, config.batch as usize, device))
}
