//! An arm that trains by a plan: our own WGSL does the steps, burn evaluates what comes of them.

use burn::tensor::Tensor;

use super::{Arm, EvalInputs, Snapshot};
use crate::config::{ArmConfig, GradMode, LossKind, Method, OptimizerKind};
use crate::engine::device::Compute;
use crate::engine::layers::RunningStats;
use crate::engine::optimizer::{Optimizer, learning_rate};
use crate::engine::plan::bridge::memory;
use crate::engine::plan::{Batch, Evaluator, Hyper, LOSS_SLOTS, Part, Plan, Points, State};
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
        let plan = plan.and_then(|plan| self.start_plan(&plan, params).map(|()| plan));
        match plan {
            Ok(plan) => self.planned = Some(Planned { plan, stale: false, pending: Vec::new(), evaluator: None }),
            Err(reason) => log::warn!("This arm trains through burn: {reason}"),
        }
    }

    /// The initial parameters come from the host; batch norm's statistics were calibrated on the GPU.
    fn start_plan(&self, plan: &Plan, params: &[Vec<f32>]) -> Result<(), String> {
        let params = params.concat();
        let target = if self.target.is_some() { params.clone() } else { Vec::new() };
        plan.write(&State { params, target, ..State::default() });
        for (index, stats) in self.stats.iter().enumerate() {
            let both = Tensor::cat(vec![stats.mean.clone(), stats.variance.clone()], 0);
            let (buffer, offset) = memory(&both)?;
            plan.copy_from(Part::Running(index), &buffer, offset);
        }
        Ok(())
    }

    /// One step by the plan; `false` when there is none for batches of this size.
    pub(super) fn train_planned(&mut self, views: &Views) -> bool {
        let hyper = self.hyper();
        let step = self.step;
        let Some(planned) = &mut self.planned else { return false };
        if planned.plan.rows() as usize != views.rows() {
            // A batch of another size than the run's: burn takes over from where the plan stands.
            self.refresh();
            self.planned = None;
            return false;
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

    /// Brings burn's tensors up to date with the plan, GPU to GPU. Call it before reading them; it does nothing when nothing
    /// was trained since.
    pub fn refresh(&mut self) {
        let Some(planned) = &mut self.planned else { return };
        if !std::mem::take(&mut planned.stale) {
            return;
        }
        let copied =
            copy_out(&planned.plan, self.target.is_some(), &self.device, self.network.table.scalars(), &self.stats);
        match copied {
            Ok((params, target, stats)) => {
                let lengths: Vec<usize> = self.values.iter().map(|value| value.dims()[0]).collect();
                self.values = split(&params, &lengths);
                self.target = target.map(|target| split(&target, &lengths));
                self.stats = stats;
            }
            Err(problem) => log::error!("{problem}"),
        }
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

type Copied = (Tensor<1>, Option<Tensor<1>>, Vec<RunningStats>);

fn copy_out(
    plan: &Plan,
    has_target: bool,
    device: &burn::tensor::Device,
    scalars: usize,
    stats: &[RunningStats],
) -> Result<Copied, String> {
    let empty = |len: usize| Tensor::<1>::empty([len], device);
    let params = empty(scalars);
    let target = has_target.then(|| empty(scalars));
    let running: Vec<Tensor<1>> = stats.iter().map(|stats| empty(2 * stats.mean.dims()[0])).collect();
    let mut to = Vec::new();
    let mut place = |part: Part, tensor: &Tensor<1>| {
        let (buffer, offset) = memory(tensor)?;
        to.push((part, buffer, offset));
        Ok::<(), String>(())
    };
    place(Part::Params, &params)?;
    if let Some(target) = &target {
        place(Part::Target, target)?;
    }
    for (index, both) in running.iter().enumerate() {
        place(Part::Running(index), both)?;
    }
    plan.copy_to(&to);
    let stats = running.into_iter().map(|both| {
        let channels = both.dims()[0] / 2;
        RunningStats { mean: both.clone().narrow(0, 0, channels), variance: both.narrow(0, channels, channels) }
    });
    Ok((params, target, stats.collect()))
}

/// A flat tensor as tensors of these lengths.
fn split(flat: &Tensor<1>, lengths: &[usize]) -> Vec<Tensor<1>> {
    let mut at = 0;
    lengths
        .iter()
        .map(|length| {
            at += length;
            flat.clone().narrow(0, at - length, *length)
        })
        .collect()
}
