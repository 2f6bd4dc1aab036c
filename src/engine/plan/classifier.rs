//! The benchmark's classifier trained by a plan.

use super::step::{Batch, LOSS_SLOTS, Plan, QUEUE_DEPTH, State};
use crate::engine::error::EngineError;
use crate::engine::kernels::Context;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::layout::Hyper;
use crate::engine::network::Network;
use crate::engine::optimizer::Optimizer;

/// A plan and where it finds a batch's labels.
pub struct ClassifierByPlan {
    context: Context,
    plan: Plan,
    labels: wgpu::Buffer,
}

impl ClassifierByPlan {
    /// Training begins with the parameters `drawn`, on batches of `rows`.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it.
    pub fn new(
        context: &Context,
        network: &Network,
        rows: usize,
        drawn: &[Vec<f32>],
    ) -> Result<ClassifierByPlan, EngineError> {
        let labels = storage(&context.gpu.device, "labels", rows as u32)?;
        let plan = Plan::classifier(context, network, rows as u32, &labels)?;
        plan.write(&State { params: drawn.concat(), ..State::default() });
        Ok(ClassifierByPlan { context: context.clone(), plan, labels })
    }

    /// Step `step` by Adam at this rate, on inputs `x: [rows, inputs]`, flat, of these classes.
    pub fn train(&self, step: u32, rate: f64, x: &[f32], labels: &[u32]) {
        let [correction1, correction2] = Optimizer::corrections(step as i32 + 1);
        let slot = step % LOSS_SLOTS;
        let hyper = Hyper { lr: rate as f32, adam: 1, correction1, correction2, slot, ..Hyper::default() };
        self.context.gpu.queue.write_buffer(&self.labels, 0, bytemuck::cast_slice(labels));
        self.plan.train(Batch::Views(x), &hyper);
    }

    /// The loss of a step.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn loss(&self, step: u32) -> Result<f32, EngineError> {
        self.plan.read_losses().await.map(|losses| losses[(step % LOSS_SLOTS) as usize])
    }

    /// Waits until the GPU is at most a few steps behind.
    pub async fn pace(&self) {
        self.plan.pace(QUEUE_DEPTH).await;
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        self.plan.settle().await;
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step.
    pub async fn profile(&self, rounds: u32) -> Vec<(String, [u32; 3], f64)> {
        self.plan.profile(rounds).await
    }
}
