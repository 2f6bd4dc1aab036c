//! Training by a plan: our own WGSL does the steps and the evaluations. Burn's tensors, on any device, come by way
//! of the host, when they are asked for.

use std::cell::RefCell;

use burn::tensor::Tensor;

use super::evaluator::{Evaluator, Points};
use super::step::{Batch, LOSS_SLOTS, Plan, QUEUE_DEPTH, State};
use crate::config::{ArmConfig, GradMode, LossKind, Method, OptimizerKind};
use crate::engine::error::EngineError;
use crate::engine::inputs::{EvalInputs, Snapshot};
use crate::engine::kernels::Context;
use crate::engine::kernels::Resident;
use crate::engine::kernels::layout::Hyper;
use crate::engine::layers::RunningStats;
use crate::engine::model::{Model, Parameters};
use crate::engine::optimizer::Optimizer;
use crate::engine::params;
use crate::engine::saved::SavedArm;
use crate::engine::tensors::{cut, floats};
use crate::engine::views::Views;

/// A plan with what it is trained by.
pub struct ByPlan {
    plan: Plan,
    /// Updates of the optimizer.
    updates: i32,
    /// Steps whose losses were not read yet.
    pending: Vec<u32>,
    /// Made with the first evaluation.
    evaluator: Option<Evaluator>,
    /// The parameters, unless the plan has trained since they were last read.
    known: RefCell<Option<Parameters>>,
}

impl ByPlan {
    /// Training begins with these parameters, whose host values are `drawn`, on batches of `rows` views.
    ///
    /// # Errors
    /// When the GPU's limits are too small for the model.
    pub fn new(
        context: &Context,
        model: &Model,
        rows: usize,
        resident: Option<&Resident>,
        drawn: &[Vec<f32>],
        parameters: &Parameters,
    ) -> Result<ByPlan, EngineError> {
        let plan = Plan::new(context, &model.network, model.method, rows as u32, resident)?;
        let target = if parameters.target.is_some() { drawn.concat() } else { Vec::new() };
        let running = running(&parameters.stats)?;
        plan.write(&State { params: drawn.concat(), target, running, ..State::default() });
        let known = RefCell::new(Some(parameters.clone()));
        Ok(ByPlan { plan, updates: 0, pending: Vec::new(), evaluator: None, known })
    }

    /// Whether it has the GPU draw these views.
    pub fn draws(&self, views: &Views) -> bool {
        self.plan.draws() && views.recipes().is_some()
    }

    /// One step on two views of a batch.
    ///
    /// # Errors
    /// When the batch has another size than the plan's.
    pub fn train(&mut self, model: &Model, views: &Views) -> Result<(), EngineError> {
        if self.plan.rows() as usize != views.rows() {
            return Err(EngineError::BatchSize { views: views.rows(), rows: self.plan.rows() });
        }
        let batch = match views.recipes().filter(|_| self.plan.draws()) {
            Some(recipes) => Batch::Recipes(recipes),
            None => Batch::Views(views.values()),
        };
        self.plan.train(batch, &self.hyper(model));
        self.known.take();
        self.pending.push(model.step);
        if self.pending.len() > LOSS_SLOTS as usize {
            self.pending.remove(0);
        }
        self.updates += 1;
        Ok(())
    }

    /// The numbers of the next step.
    fn hyper(&self, model: &Model) -> Hyper {
        let ArmConfig { momentum, wd, ema, tau, gradscale, grad_mode, loss, optimizer, .. } = model.config;
        let [correction1, correction2] = Optimizer::corrections(self.updates + 1);
        Hyper {
            lr: model.rate() as f32,
            momentum: momentum as f32,
            decay: wd as f32,
            ema: if model.method == Method::Byol { ema as f32 } else { 1.0 },
            correction1,
            correction2,
            inverse_tau: (1.0 / tau) as f32,
            power: gradscale as f32,
            batch_mode: u32::from(grad_mode == GradMode::Batch),
            decoupled: u32::from(loss == LossKind::Dcl),
            adam: u32::from(optimizer == OptimizerKind::AdamW),
            slot: model.step % LOSS_SLOTS,
        }
    }

    /// An evaluation: one submit, one read.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it, or the device fails or gives too little.
    pub async fn snapshot(&mut self, model: &Model, inputs: &EvalInputs) -> Result<Snapshot, EngineError> {
        let evaluator = match self.evaluator.take() {
            Some(evaluator) => evaluator,
            None => Evaluator::new(&self.plan, &model.network, model.method, inputs)?,
        };
        let found = evaluator.run(&self.plan, &self.hyper(model)).await;
        self.evaluator = Some(evaluator);
        let found = found?;
        let loss = |step: u32| (step, f64::from(found.losses[(step % LOSS_SLOTS) as usize]));
        Ok(Snapshot {
            step: model.step,
            losses: self.pending.drain(..).map(loss).collect(),
            bank: found.bank,
            points: found.points,
            probe: found.probe,
            probe_outputs: found.outputs,
            probe_gradients: found.gradients,
            lr: model.last_rate(),
            classes: Some(found.classes),
            n_bank: inputs.bank.dims()[0],
            n_points: inputs.points.dims()[0],
        })
    }

    /// The parameters as they stand.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn parameters(&self, model: &Model) -> Result<Parameters, EngineError> {
        if let Some(known) = &*self.known.borrow() {
            return Ok(known.clone());
        }
        let state = self.plan.read().await?;
        let lengths = model.lengths();
        let tensors =
            |name: &str, flat: &[f32]| cut(name, flat, &lengths).map(|values| params::upload(&values, &model.device));
        let uploaded = params::upload(&state.running, &model.device);
        let stats = state.running.iter().zip(uploaded).map(|(both, tensor)| {
            let channels = both.len() / 2;
            let half = |from: usize| tensor.clone().narrow(0, from, channels);
            RunningStats { mean: half(0), variance: half(channels) }
        });
        let target = match model.method {
            Method::Byol => Some(tensors("the target's parameters", &state.target)?),
            Method::SimClr | Method::SimSiam => None,
        };
        let parameters =
            Parameters { stats: stats.collect(), values: tensors("the parameters", &state.params)?, target };
        self.known.replace(Some(parameters.clone()));
        Ok(parameters)
    }

    /// Reads the losses that wait on the GPU, oldest first.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, EngineError> {
        let losses = self.peek_losses().await?;
        self.pending.clear();
        Ok(losses.into_iter().map(|(step, loss)| (step, f64::from(loss))).collect())
    }

    /// The losses that wait on the GPU, which go on waiting.
    async fn peek_losses(&self) -> Result<Vec<(u32, f32)>, EngineError> {
        if self.pending.is_empty() {
            return Ok(Vec::new());
        }
        let losses = self.plan.read_losses().await?;
        Ok(self.pending.iter().map(|step| (*step, losses[(step % LOSS_SLOTS) as usize])).collect())
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        self.plan.settle().await;
    }

    /// Waits until the GPU is at most a few steps behind.
    pub async fn pace(&self) {
        self.plan.pace(QUEUE_DEPTH).await;
    }

    /// Reads the whole state.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn save(&self, model: &Model) -> Result<SavedArm, EngineError> {
        let state = self.plan.read().await?;
        let lengths = model.lengths();
        let moments = |name: &str, flat: &[f32], kept: bool| match kept && self.updates > 0 {
            true => cut(name, flat, &lengths).map(|all| all.into_iter().map(Some).collect()),
            false => Ok(vec![None; lengths.len()]),
        };
        let adam = model.config.optimizer == OptimizerKind::AdamW;
        let halves = |both: &Vec<f32>| {
            let (mean, variance) = both.split_at(both.len() / 2);
            [mean.to_vec(), variance.to_vec()]
        };
        let target = match model.method {
            Method::Byol => cut("the target's parameters", &state.target, &lengths)?,
            Method::SimClr | Method::SimSiam => Vec::new(),
        };
        Ok(SavedArm {
            step: model.step,
            values: cut("the parameters", &state.params, &lengths)?,
            stats: state.running.iter().map(halves).collect(),
            target,
            first: moments("the first moments", &state.first, true)?,
            second: moments("the second moments", &state.second, adam)?,
            updates: self.updates,
            losses: self.peek_losses().await?,
        })
    }

    /// Continues from a state, with losses that were not read yet.
    pub fn load(&mut self, saved: &SavedArm) {
        let flat = |all: &[Option<Vec<f32>>]| match all.iter().all(Option::is_some) {
            true => all.iter().flatten().flatten().copied().collect(),
            false => Vec::new(),
        };
        self.plan.write(&State {
            params: saved.values.concat(),
            target: saved.target.concat(),
            first: flat(&saved.first),
            second: flat(&saved.second),
            running: saved.stats.iter().map(|pair| pair.concat()).collect(),
        });
        self.plan.write_losses(saved.losses.iter().map(|(step, loss)| (step % LOSS_SLOTS, *loss)));
        self.pending = saved.losses.iter().map(|(step, _)| *step).collect();
        self.updates = saved.updates;
        self.known.take();
    }

    /// Where the held-out embeddings of the last evaluation are on the GPU.
    pub fn points(&self) -> Option<Points<'_>> {
        self.evaluator.as_ref().map(Evaluator::points)
    }

    /// The views of the last step as the GPU has them, `[rows, len]`.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn read_views(&self) -> Result<Vec<f32>, EngineError> {
        self.plan.read_views().await
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step.
    pub async fn profile(&self, rounds: u32) -> Vec<(String, [u32; 3], f64)> {
        self.plan.profile(rounds).await
    }
}

/// Mean, then variance, of each batch-norm layer, which have just been worked out on the host.
fn running(stats: &[RunningStats]) -> Result<Vec<Vec<f32>>, EngineError> {
    let host = |name: &str, tensor: &Tensor<1>| floats(name, tensor.clone().into_data());
    let both = |stats: &RunningStats| {
        Ok([host("the running means", &stats.mean)?, host("the running variances", &stats.variance)?].concat())
    };
    stats.iter().map(both).collect()
}
