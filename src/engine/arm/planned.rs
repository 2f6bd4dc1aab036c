//! An arm that trains by a plan: our own WGSL does the steps and the evaluations. Burn's tensors, on whatever device, are
//! brought up to date when somebody asks for them.

use burn::tensor::Tensor;

use super::{Arm, EvalInputs, Snapshot};
use crate::config::{ArmConfig, GradMode, LossKind, Method, OptimizerKind};
use crate::engine::device::Compute;
use crate::engine::layers::RunningStats;
use crate::engine::optimizer::{Optimizer, learning_rate};
use crate::engine::params;
use crate::engine::plan::{Batch, Evaluator, Hyper, LOSS_SLOTS, Plan, Points, State};
use crate::engine::samples::Samples;
use crate::engine::views::Views;

/// A plan and what the arm must know about it.
pub struct Planned {
    /// The training step.
    pub plan: Plan,
    /// Training has gone on since burn's tensors were last brought up to date.
    stale: bool,
    /// Steps whose losses nobody has read.
    pub pending: Vec<u32>,
    /// Made with the first evaluation.
    evaluator: Option<Evaluator>,
    /// What went wrong in a step; the next evaluation says it.
    fault: Option<String>,
}

impl Planned {
    /// Reads the losses that wait on the GPU, oldest first.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, String> {
        let losses = self.peek_losses().await?;
        self.pending.clear();
        Ok(losses.into_iter().map(|(step, loss)| (step, f64::from(loss))).collect())
    }

    /// The losses that wait on the GPU, which go on waiting.
    async fn peek_losses(&self) -> Result<Vec<(u32, f32)>, String> {
        if self.pending.is_empty() {
            return Ok(Vec::new());
        }
        let slots: Vec<u32> = self.pending.iter().map(|step| step % LOSS_SLOTS).collect();
        let losses = self.plan.read_losses(&slots).await?;
        Ok(self.pending.iter().copied().zip(losses).collect())
    }
}

impl Arm {
    /// Gives the arm a plan for batches of `rows` views, where the device can run one.
    pub(super) fn plan(&mut self, compute: &Compute, samples: &Samples, rows: usize, params: &[Vec<f32>]) {
        let Some(gpu) = &compute.gpu else { return };
        let plan = Plan::new(gpu, &self.network, self.method, rows as u32, samples.resident().map(|one| &**one));
        match plan {
            Ok(plan) => {
                let target = if self.target.is_some() { params.concat() } else { Vec::new() };
                plan.write(&State { params: params.concat(), target, running: self.running(), ..State::default() });
                self.planned = Some(Planned { plan, stale: false, pending: Vec::new(), evaluator: None, fault: None });
            }
            Err(reason) => {
                log::warn!("This arm trains without a plan: {reason}");
                self.unplanned = Some(reason);
            }
        }
    }

    /// Mean, then variance, of each batch-norm layer, which have just been worked out on the host.
    fn running(&self) -> Vec<Vec<f32>> {
        let host = |tensor: &Tensor<1>| super::floats(tensor.clone().into_data());
        self.stats.iter().map(|stats| [host(&stats.mean), host(&stats.variance)].concat()).collect()
    }

    /// One step by the plan; `false` when there is none.
    pub(super) fn train_planned(&mut self, views: &Views) -> bool {
        let hyper = self.hyper();
        let step = self.step;
        let Some(planned) = &mut self.planned else { return false };
        if planned.plan.rows() as usize != views.rows() {
            planned.fault =
                Some(format!("A batch has {} views, and the plan takes {}.", views.rows(), planned.plan.rows()));
            return true;
        }
        let batch = match views.recipes().filter(|_| planned.plan.draws()) {
            Some(recipes) => Batch::Recipes(recipes),
            None => Batch::Views(views.values()),
        };
        planned.plan.train(batch, &hyper);
        planned.stale = true;
        planned.pending.push(step);
        if planned.pending.len() > LOSS_SLOTS as usize {
            planned.pending.remove(0);
        }
        self.optimizer.begin_step();
        self.step += 1;
        true
    }

    /// An evaluation on the GPU; `None` where there is no plan.
    pub(super) async fn snapshot_planned(&mut self, inputs: &EvalInputs) -> Result<Option<Snapshot>, String> {
        let (hyper, lr) = (self.hyper(), self.last_rate());
        let (network, method, step) = (&self.network, self.method, self.step);
        let Some(planned) = &mut self.planned else { return Ok(None) };
        if let Some(fault) = &planned.fault {
            return Err(fault.clone());
        }
        let evaluator = match planned.evaluator.take() {
            Some(evaluator) => evaluator,
            None => Evaluator::new(&planned.plan, network, method, inputs)?,
        };
        let found = evaluator.run(&planned.plan, &hyper).await;
        planned.evaluator = Some(evaluator);
        let found = found?;
        let slot = |step: u32| found.losses.get((step % LOSS_SLOTS) as usize).copied().unwrap_or(f32::NAN);
        let losses = planned.pending.drain(..).map(|step| (step, f64::from(slot(step)))).collect();
        Ok(Some(Snapshot {
            step,
            losses,
            bank: found.bank,
            points: found.points,
            probe: found.probe,
            probe_outputs: found.outputs,
            probe_gradients: found.gradients,
            lr,
            classes: Some(found.classes),
            n_bank: inputs.bank.dims()[0],
            n_points: inputs.points.dims()[0],
        }))
    }

    fn hyper(&self) -> Hyper {
        let ArmConfig { momentum, wd, ema, tau, gradscale, grad_mode, loss, optimizer, .. } = self.config;
        let [correction1, correction2] = Optimizer::corrections(self.optimizer.memory().steps + 1);
        Hyper {
            lr: learning_rate(&self.config, self.step, self.run_steps) as f32,
            momentum: momentum as f32,
            decay: wd as f32,
            ema: if self.method == Method::Byol { ema as f32 } else { 1.0 },
            correction1,
            correction2,
            inverse_tau: (1.0 / tau) as f32,
            power: gradscale as f32,
            batch_mode: u32::from(grad_mode == GradMode::Batch),
            decoupled: u32::from(loss == LossKind::Dcl),
            adam: u32::from(optimizer == OptimizerKind::AdamW),
            slot: self.step % LOSS_SLOTS,
        }
    }

    /// Brings burn's tensors up to date with the plan, by way of the host. Call it before reading them; it does nothing when
    /// nothing was trained since.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn refresh(&mut self) -> Result<(), String> {
        let Some(planned) = self.planned.as_mut().filter(|planned| planned.stale) else { return Ok(()) };
        let state = planned.plan.read().await?;
        planned.stale = false;
        let lengths = self.lengths();
        let tensors = |flat: &[f32]| params::upload(&split(flat, &lengths), &self.device);
        let stats = state.running.iter().zip(params::upload(&state.running, &self.device)).map(|(both, tensor)| {
            let channels = both.len() / 2;
            let half = |from: usize| tensor.clone().narrow(0, from, channels);
            RunningStats { mean: half(0), variance: half(channels) }
        });
        let stats = stats.collect();
        let target = self.target.is_some().then(|| tensors(&state.target));
        (self.values, self.target, self.stats) = (tensors(&state.params), target, stats);
        Ok(())
    }

    /// Values of each parameter tensor.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.values.iter().map(|value| value.dims()[0]).collect()
    }

    /// Why no plan trains this arm, though there is a GPU.
    pub fn unplanned(&self) -> Option<&str> {
        self.unplanned.as_deref()
    }

    /// The plan's state as one flat list of everything; for checkpoints.
    pub(super) async fn read_plan(&self) -> Option<Result<State, String>> {
        match &self.planned {
            Some(planned) => Some(planned.plan.read().await),
            None => None,
        }
    }

    /// The plan goes on from a state, with losses that nobody has read.
    pub(super) fn write_plan(&mut self, state: &State, losses: &[(u32, f32)]) {
        if let Some(planned) = &mut self.planned {
            planned.plan.write(state);
            planned.plan.write_losses(losses.iter().map(|(step, loss)| (step % LOSS_SLOTS, *loss)));
            planned.pending = losses.iter().map(|(step, _)| *step).collect();
            planned.stale = true;
        }
    }

    /// The plan's losses that nobody has read, which go on waiting.
    pub(super) async fn peek_losses(&self) -> Result<Vec<(u32, f32)>, String> {
        match &self.planned {
            Some(planned) => planned.peek_losses().await,
            None => Ok(Vec::new()),
        }
    }

    /// Where the held-out embeddings of the last evaluation are on the GPU.
    pub fn points(&self) -> Option<Points<'_>> {
        self.planned.as_ref()?.evaluator.as_ref().map(Evaluator::points)
    }

    /// The views of the last step as the GPU has them, `[rows, len]`, where a plan does the steps.
    pub async fn read_views(&self) -> Option<Result<Vec<f32>, String>> {
        match &self.planned {
            Some(planned) => Some(planned.plan.read_views().await),
            None => None,
        }
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step, where a plan runs it.
    pub async fn profile(&self, rounds: u32) -> Option<Vec<(String, [u32; 3], f64)>> {
        let times = self.planned.as_ref()?.plan.profile(rounds).await;
        Some(times.into_iter().map(|(kernel, grid, millis)| (format!("{kernel:?}"), grid, millis)).collect())
    }
}

/// Flat values as lists of these lengths.
pub(super) fn split(flat: &[f32], lengths: &[usize]) -> Vec<Vec<f32>> {
    let mut rest = flat;
    lengths
        .iter()
        .map(|length| {
            let (part, after) = rest.split_at((*length).min(rest.len()));
            rest = after;
            part.to_vec()
        })
        .collect()
}
