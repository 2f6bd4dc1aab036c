//! One arm: a model, its optimizer and (for BYOL) its target network; a training step and an evaluation.

#[cfg(any(feature = "web", feature = "cli"))]
pub mod checkpoint;
#[cfg(feature = "gpu")]
mod planned;
#[cfg(any(feature = "web", feature = "cli"))]
mod remote;

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::device::Compute;
use super::layers::{Norm, RunningStats};
use super::losses::{Contrastive, prediction_loss};
use super::network::Network;
use super::ops::{grad_scale, row_norms};
use super::optimizer::{Optimizer, learning_rate};
use super::params;
use super::samples::Samples;
use super::views::Views;
use crate::config::{ArmConfig, ArmId, Experiment, Method};
use crate::data::Dataset;

/// Rows that go through the network at once when it is evaluated.
const EVAL_CHUNK: usize = 512;
/// Training samples that set the running statistics of an untrained network.
const CALIBRATION_ROWS: usize = 512;

/// Steps that a GPU may have queued: the next one is there when it has done one, and a pause waits for two.
#[cfg(feature = "gpu")]
pub(super) const QUEUE_DEPTH: usize = 2;

/// A model in training.
pub struct Arm {
    /// Which of the two.
    pub id: ArmId,
    /// Its settings.
    pub config: ArmConfig,
    /// Hash of its initial weights before the cut.
    pub weights_hash: String,
    method: Method,
    run_steps: u32,
    network: Network,
    device: Device,
    /// Trainable parameters, on the device without autodiff.
    values: Vec<Tensor<1>>,
    stats: Vec<RunningStats>,
    /// BYOL's target parameters.
    target: Option<Vec<Tensor<1>>>,
    contrastive: Option<Contrastive>,
    optimizer: Optimizer,
    step: u32,
    pending_losses: Vec<(u32, Tensor<1>)>,
    /// Our own kernels do the steps, where a GPU can run them.
    #[cfg(feature = "gpu")]
    planned: Option<planned::Planned>,
    /// Why they don't, though there is a GPU.
    #[cfg(feature = "gpu")]
    unplanned: Option<String>,
    /// A helper does the steps.
    #[cfg(any(feature = "web", feature = "cli"))]
    remote: Option<remote::Remote>,
}

/// What an evaluation reads from the device.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    /// Training steps done.
    pub step: u32,
    /// Loss of every step since the last snapshot.
    pub losses: Vec<(u32, f64)>,
    /// Embeddings of the training bank, `[bank, dim]`.
    pub bank: Vec<f32>,
    /// Embeddings of the held-out points, `[points, dim]`.
    pub points: Vec<f32>,
    /// Embeddings of the probe batch's two views, `[2n, dim]`.
    pub probe: Vec<f32>,
    /// What the probe's gradients are about: z itself, or the predictions for BYOL and SimSiam, `[2n, dim]`.
    pub probe_outputs: Vec<f32>,
    /// The loss's gradient with respect to `probe_outputs` as the network receives it, `[2n, dim]`.
    pub probe_gradients: Vec<f32>,
    /// Learning rate of the last step.
    pub lr: f64,
    /// The class that kNN gives each point, where the device has found it already.
    pub classes: Option<Vec<u16>>,
    /// Rows of the bank.
    pub n_bank: usize,
    /// Held-out points.
    pub n_points: usize,
}

/// The inputs of an evaluation, uploaded once.
#[derive(Clone)]
pub struct EvalInputs {
    /// Training samples as they are, `[bank, len]`.
    pub bank: Tensor<2>,
    /// Held-out samples, `[points, len]`.
    pub points: Tensor<2>,
    /// Two views of a fixed set of training samples, `[2n, len]`.
    pub probe: Tensor<2>,
    /// Class of each sample of the bank, `[bank]`.
    pub labels: Vec<u32>,
    /// Bank, points and probe on the GPU, flat, where plans train the arms.
    #[cfg(feature = "gpu")]
    pub resident: Option<[wgpu::Buffer; 3]>,
}

impl EvalInputs {
    /// Bank, points and probe.
    pub fn all(&self) -> [&Tensor<2>; 3] {
        [&self.bank, &self.points, &self.probe]
    }
}

impl Arm {
    /// Builds the arm: draws its weights on the host, cuts them, uploads them, calibrates batch norm.
    pub fn new(id: ArmId, experiment: &Experiment, samples: &Samples, compute: &Compute) -> Arm {
        let data = samples.data();
        let device = &compute.device;
        let config = experiment.arm(id).clone();
        let network = Network::new(&data.kind, experiment.run.method, &config);
        let mut drawn = network.table.draw(experiment.run.seed);
        let weights_hash = params::hash(&drawn);
        network.table.cut(&mut drawn, config.cut_layers, config.cut);
        let values = params::upload(&drawn, device);
        let target = (experiment.run.method == Method::Byol).then(|| values.clone());
        let contrastive = (experiment.run.method == Method::SimClr)
            .then(|| Contrastive::new(config.loss, config.tau, config.batch as usize, device));
        let optimizer = Optimizer::new(&config, values.len());
        let stats = calibrated(&network, &drawn, data, device);
        #[cfg_attr(not(feature = "gpu"), allow(unused_mut, reason = "a plan is added on GPUs"))]
        let mut arm = Arm {
            id,
            config,
            weights_hash,
            method: experiment.run.method,
            run_steps: experiment.run.steps,
            network,
            device: device.clone(),
            values,
            stats,
            target,
            contrastive,
            optimizer,
            step: 0,
            pending_losses: Vec::new(),
            #[cfg(feature = "gpu")]
            planned: None,
            #[cfg(feature = "gpu")]
            unplanned: None,
            #[cfg(any(feature = "web", feature = "cli"))]
            remote: None,
        };
        #[cfg(feature = "gpu")]
        arm.plan(compute, samples, 2 * (arm.config.batch as usize).min(data.train.n()), &drawn);
        arm
    }

    /// Training steps done.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Trainable scalars.
    pub fn parameters(&self) -> usize {
        self.network.table.scalars()
    }

    /// The parameters' names, shapes and tensors, for files.
    pub fn named_values(&self) -> impl Iterator<Item = (&params::ParamInfo, &Tensor<1>)> {
        self.network.table.infos().iter().zip(&self.values)
    }

    /// The running statistics with their batch-norm layers' names, e.g. `encoder.1`.
    pub fn named_stats(&self) -> impl Iterator<Item = (&str, &RunningStats)> {
        // Statistics are counted in the order in which the layers' gains are declared.
        let layers = self.network.table.infos().iter().filter_map(|info| info.name.strip_suffix(".gain"));
        layers.zip(&self.stats)
    }

    /// BYOL's target parameters, as [`Arm::named_values`]; other methods have none.
    pub fn named_target(&self) -> impl Iterator<Item = (&params::ParamInfo, &Tensor<1>)> {
        self.network.table.infos().iter().zip(self.target.iter().flatten())
    }

    /// One training step on two views of a batch. The loss stays on the device until [`Arm::snapshot`] or [`Arm::take_losses`] reads it.
    pub fn train(&mut self, views: &Views) {
        #[cfg(feature = "gpu")]
        if self.train_planned(views) {
            return;
        }
        #[cfg(any(feature = "web", feature = "cli"))]
        if self.train_remote() {
            return;
        }
        let lr = learning_rate(&self.config, self.step, self.run_steps);
        let leaves: Vec<Tensor<1>> = self.values.iter().map(|value| value.clone().autodiff().require_grad()).collect();
        let loss = self.forward(&leaves, views.tensor());
        let mut grads = loss.backward();
        self.optimizer.begin_step();
        for (index, leaf) in leaves.iter().enumerate() {
            if let Some(grad) = leaf.grad_remove(&mut grads) {
                let value = self.values[index].clone();
                self.values[index] = self.optimizer.update(index, value, grad, lr);
            }
        }
        self.update_target();
        self.pending_losses.push((self.step, loss.inner()));
        self.step += 1;
    }

    /// Milliseconds of the last step that was done elsewhere, if a helper trains this arm.
    pub fn elsewhere(&self) -> Option<f32> {
        #[cfg(any(feature = "web", feature = "cli"))]
        return self.remote.as_ref().map(|remote| remote.millis.get());
        #[cfg(not(any(feature = "web", feature = "cli")))]
        None
    }

    /// Works out what a training step on these views will need of the host, so that it can be timed alone.
    pub fn prepare(&self, views: &Views) {
        #[cfg(feature = "gpu")]
        if self.planned.as_ref().is_some_and(|planned| planned.plan.draws()) && views.recipes().is_some() {
            return;
        }
        if self.elsewhere().is_none() {
            views.tensor();
        }
    }

    fn forward(&mut self, leaves: &[Tensor<1>], views: Tensor<2>) -> Tensor<1> {
        let targets = self.target_embeddings(&views);
        let mut norm = Norm::Train(&mut self.stats);
        let z = self.network.embed(leaves, views.autodiff(), &mut norm).embeddings;
        let outputs = self.network.predict(leaves, z.clone(), &mut norm);
        self.loss(outputs, targets.unwrap_or_else(|| z.inner()))
    }

    /// BYOL's targets: the target network's embeddings of the same views, with the batch's statistics.
    fn target_embeddings(&self, views: &Tensor<2>) -> Option<Tensor<2>> {
        let target = self.target.as_ref()?;
        Some(self.network.embed(target, views.clone(), &mut Norm::Batch).embeddings)
    }

    /// The method's loss with this arm's norm control; `outputs` are z (SimCLR) or predictions.
    fn loss(&self, outputs: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let scale = grad_scale(&outputs, self.config.gradscale, self.config.grad_mode);
        match &self.contrastive {
            Some(contrastive) => contrastive.loss(outputs, scale),
            None => prediction_loss(outputs, targets, scale),
        }
    }

    /// EMA: `target = ema * target + (1 - ema) * online` (Grill et al. 2020, eq. 1), parameters only.
    fn update_target(&mut self) {
        let keep = self.config.ema;
        if let Some(target) = &mut self.target {
            for (target, online) in target.iter_mut().zip(&self.values) {
                *target = target.clone() * keep + online.clone() * (1.0 - keep);
            }
        }
    }

    /// Runs the evaluation and reads everything in one go.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn snapshot(&mut self, inputs: &EvalInputs) -> Result<Snapshot, String> {
        #[cfg(feature = "gpu")]
        if let Some(snapshot) = self.snapshot_planned(inputs).await? {
            return Ok(snapshot);
        }
        #[cfg(any(feature = "web", feature = "cli"))]
        if let Some(snapshot) = self.snapshot_remote().await? {
            return Ok(snapshot);
        }
        let (_, bank) = self.embed_all(&inputs.bank);
        let (_, points) = self.embed_all(&inputs.points);
        let (probe, outputs, gradients) = self.probe(&inputs.probe);
        let transaction = Transaction::default()
            .register(bank)
            .register(points)
            .register(probe)
            .register(outputs)
            .register(gradients);
        let losses = self.take_losses().await?;
        let data = transaction.execute_async().await.map_err(|error| format!("{error:?}"))?;
        let mut parts = data.into_iter().map(floats);
        let mut next = || parts.next().unwrap_or_default();
        Ok(Snapshot {
            step: self.step,
            bank: next(),
            points: next(),
            probe: next(),
            probe_outputs: next(),
            probe_gradients: next(),
            losses,
            lr: self.last_rate(),
            classes: None,
            n_bank: inputs.bank.dims()[0],
            n_points: inputs.points.dims()[0],
        })
    }

    /// The learning rate of the last step.
    fn last_rate(&self) -> f64 {
        learning_rate(&self.config, self.step.saturating_sub(1), self.run_steps)
    }

    /// Embeddings of `x: [n, len]` with the running statistics, `[n, dim]` row by row.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn read_embeddings(&self, x: &Tensor<2>) -> Result<Vec<f32>, String> {
        let (_, embeddings) = self.embed_all(x);
        embeddings.into_data_async().await.map(floats).map_err(|error| format!("{error:?}"))
    }

    /// Encoder features and embeddings of `x: [n, len]` with the running statistics: `[n, width]`, `[n, dim]`.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn read_outputs(&self, x: &Tensor<2>) -> Result<(Vec<f32>, Vec<f32>), String> {
        let (features, embeddings) = self.embed_all(x);
        let data = Transaction::default().register(features).register(embeddings).execute_async().await;
        let mut parts = data.map_err(|error| format!("{error:?}"))?.into_iter().map(floats);
        Ok((parts.next().unwrap_or_default(), parts.next().unwrap_or_default()))
    }

    /// Waits for the last step; its loss stays pending.
    ///
    /// # Errors
    /// The device's message when it fails.
    pub async fn settle(&self) -> Result<(), String> {
        #[cfg(feature = "gpu")]
        if let Some(planned) = &self.planned {
            planned.plan.settle().await;
            return Ok(());
        }
        #[cfg(any(feature = "web", feature = "cli"))]
        if let Some(settled) = self.settle_remote().await {
            return settled;
        }
        match self.pending_losses.last() {
            Some((_, loss)) => loss.clone().into_data_async().await.map(|_| ()).map_err(|error| format!("{error:?}")),
            None => Ok(()),
        }
    }

    /// Waits until the device is at most a few steps behind, so that its queue never runs away.
    ///
    /// # Errors
    /// The device's message when it fails.
    pub async fn pace(&self) -> Result<(), String> {
        #[cfg(feature = "gpu")]
        if let Some(planned) = &self.planned {
            planned.plan.pace(QUEUE_DEPTH).await;
            return Ok(());
        }
        self.settle().await
    }

    /// Reads the losses that wait on the device, oldest first.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, String> {
        #[cfg(feature = "gpu")]
        if let Some(planned) = &mut self.planned {
            return planned.take_losses().await;
        }
        let losses = std::mem::take(&mut self.pending_losses);
        if losses.is_empty() {
            return Ok(Vec::new());
        }
        let data = stack(&losses).into_data_async().await.map_err(|error| format!("{error:?}"))?;
        Ok(losses.iter().map(|(step, _)| *step).zip(floats(data).into_iter().map(f64::from)).collect())
    }

    /// Features and embeddings of `x: [n, len]` with the running statistics.
    fn embed_all(&self, x: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let [n, _] = x.dims();
        let mut norm = Norm::Eval(&self.stats);
        let (features, embeddings): (Vec<_>, Vec<_>) = (0..n)
            .step_by(EVAL_CHUNK)
            .map(|start| x.clone().narrow(0, start, EVAL_CHUNK.min(n - start)))
            .map(|chunk| self.network.embed(&self.values, chunk, &mut norm))
            .map(|output| (output.features, output.embeddings))
            .unzip();
        (Tensor::cat(features, 0), Tensor::cat(embeddings, 0))
    }

    /// The loss's gradient with respect to the outputs on the probe batch: (z, outputs, gradient).
    fn probe(&self, views: &Tensor<2>) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
        let mut norm = Norm::Eval(&self.stats);
        let z = self.network.embed(&self.values, views.clone(), &mut norm).embeddings;
        let outputs = self.network.predict(&self.values, z.clone(), &mut norm);
        let targets = match &self.target {
            Some(target) => self.network.embed(target, views.clone(), &mut norm).embeddings,
            None => z.clone(),
        };
        let leaf = outputs.clone().autodiff().require_grad();
        let scale = grad_scale(&leaf, self.config.gradscale, self.config.grad_mode);
        let loss = match &self.contrastive {
            Some(_) => {
                let n = views.dims()[0] / 2;
                Contrastive::new(self.config.loss, self.config.tau, n, &self.device).loss(leaf.clone(), scale)
            }
            None => prediction_loss(leaf.clone(), targets, scale),
        };
        let mut grads = loss.backward();
        let gradient = leaf.grad_remove(&mut grads).unwrap_or_else(|| outputs.zeros_like());
        (z, outputs, gradient)
    }

    /// Embeddings of `views: [n, len]` with the batch's own statistics, as a training step sees them, `[n, dim]`.
    pub fn batch_embeddings(&self, views: &Tensor<2>) -> Tensor<2> {
        self.network.embed(&self.values, views.clone(), &mut Norm::Batch).embeddings
    }

    /// The embeddings of a training batch and the loss's gradient with respect to them, `[2n, dim]` each. With a predictor
    /// the gradient is with respect to the predictions.
    pub fn gradient_on(&self, views: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let z = self.batch_embeddings(views);
        let outputs = self.network.predict(&self.values, z.clone(), &mut Norm::Batch);
        let targets = self.target_embeddings(views).unwrap_or_else(|| z.clone());
        let leaf = outputs.clone().autodiff().require_grad();
        let mut grads = self.loss(leaf.clone(), targets).backward();
        (z, leaf.grad_remove(&mut grads).unwrap_or_else(|| outputs.zeros_like()))
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        learning_rate(&self.config, self.step, self.run_steps)
    }

    /// Takes over what a model in training can take over (see [`ArmConfig::adjusted`]).
    pub fn adjust(&mut self, next: &ArmConfig) {
        self.config = self.config.adjusted(next);
        self.optimizer.adjust(&self.config);
        if let Some(contrastive) = &mut self.contrastive {
            *contrastive =
                Contrastive::new(self.config.loss, self.config.tau, self.config.batch as usize, &self.device);
        }
        #[cfg(any(feature = "web", feature = "cli"))]
        self.adjust_remote();
    }

    /// The mean norm of the embeddings of `x`, on the device; for tests and benchmarks.
    pub fn mean_norm(&self, x: &Tensor<2>) -> Tensor<1> {
        row_norms(&self.embed_all(x).1).mean()
    }

    /// The method that this arm trains with.
    pub fn method(&self) -> Method {
        self.method
    }
}

/// The running statistics of a network that has not been trained. They are worked out on the host, so that they are the same
/// on every device.
fn calibrated(network: &Network, drawn: &[Vec<f32>], data: &Dataset, device: &Device) -> Vec<RunningStats> {
    let host = Device::flex();
    let values = params::upload(drawn, &host);
    let mut stats = network.fresh_stats(&host);
    let rows = data.train.n().min(CALIBRATION_ROWS);
    let x = upload_rows(&data.train.inputs[..rows * data.kind.len()], rows, &host);
    let mut norm = Norm::Calibrate(&mut stats);
    let z = network.embed(&values, x, &mut norm).embeddings;
    network.predict(&values, z, &mut norm);
    let there = |tensor: Tensor<1>| Tensor::from_data(tensor.into_data(), device);
    stats.into_iter().map(|stats| RunningStats { mean: there(stats.mean), variance: there(stats.variance) }).collect()
}

/// Host rows as a tensor `[rows, len]`.
pub fn upload_rows(values: &[f32], rows: usize, device: &Device) -> Tensor<2> {
    let columns = values.len().checked_div(rows).unwrap_or_default();
    Tensor::from_data(TensorData::new(values.to_vec(), [rows, columns]), device)
}

fn stack(losses: &[(u32, Tensor<1>)]) -> Tensor<1> {
    Tensor::cat(losses.iter().map(|(_, loss)| loss.clone()).collect(), 0)
}

pub(super) fn floats(data: TensorData) -> Vec<f32> {
    data.convert::<f32>().try_to_vec().unwrap_or_default()
}
