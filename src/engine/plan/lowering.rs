//! From a network to the list of dispatches that is its training step: forward, loss, backward, update.
//!
//! Activations are matrices `[rows, channels]`; maps are `[image, y, x, channel]`, so that a convolution's output is such a
//! matrix as well and batch norm is the same for both. Every matrix has a buffer of its own, every dispatch a bind group of
//! its own; both are made once and used in every step.

mod backward;
mod forward;
mod losses;
mod shapes;
mod slices;

use shapes::{Shape, Value};
use slices::{gradient_slices, most_slices};

use crate::config::Method;
use crate::engine::error::EngineError;
use crate::engine::kernels::Kernels;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::dispatch::{Dispatch, Grid, dims, dispatch};
use crate::engine::kernels::layout::{self, LANES, Words};
use crate::engine::kernels::source::Kernel;
use crate::engine::network::Layers;

/// With more rows batch norm goes block by block, in two dispatches.
const WHOLE_ROWS: u32 = 1024;
/// Rows of such a block, at least, and the most blocks.
const BLOCK_ROWS: u32 = 256;
const MOST_BLOCKS: u32 = 64;

/// What is trained for.
#[derive(Clone, Debug)]
pub enum Objective {
    /// Two views of a sample.
    Views(Method),
    /// The class of each row, `[rows]` as u32.
    Classes(wgpu::Buffer),
}

/// Whose statistics batch norm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// The batch's, which enter the running ones.
    Train,
    /// The batch's.
    Batch,
    /// The running ones.
    Running,
}

/// The buffers that all of a step's dispatches share.
#[derive(Clone)]
pub struct Shared {
    /// Two views of each sample, `[rows, len]`.
    pub views: wgpu::Buffer,
    /// All parameters, flat.
    pub params: wgpu::Buffer,
    /// BYOL's target parameters; a stand-in for the other methods.
    pub target: wgpu::Buffer,
    /// (first, second) moment of each parameter.
    pub moments: wgpu::Buffer,
    /// Running mean and variance of each batch-norm layer.
    pub running: Vec<wgpu::Buffer>,
    /// One loss a step.
    pub losses: wgpu::Buffer,
    /// The step's numbers; see hyper.wgsl.
    pub hyper: wgpu::Buffer,
}

/// A network that becomes dispatches, in their order.
pub struct Lowering<'a> {
    device: &'a wgpu::Device,
    kernels: &'a Kernels,
    shared: &'a Shared,
    /// Where each parameter tensor begins in the flat ones.
    offsets: &'a [u32],
    rows: u32,
    /// `[slices, scalars]`.
    grads: wgpu::Buffer,
    scalars: u32,
    dispatches: Vec<Dispatch>,
}

/// What a probe batch comes to, `[rows, dim]` each.
pub struct Probe {
    /// Embeddings.
    pub z: wgpu::Buffer,
    /// What the gradient is about: z, or the predictions.
    pub outputs: wgpu::Buffer,
    /// The loss's gradient with respect to the outputs.
    pub gradient: wgpu::Buffer,
}

impl<'a> Lowering<'a> {
    /// Records a whole step; the dispatches in their order.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        [rows, scalars]: [u32; 2],
        layers: &Layers,
        objective: &Objective,
    ) -> Result<Vec<Dispatch>, EngineError> {
        let slices = gradient_slices(layers.embed.iter().chain(&layers.predict), rows, most_slices(scalars));
        let grads = storage(device, "gradients", slices.saturating_mul(scalars))?;
        let mut lowering = Lowering { device, kernels, shared, offsets, rows, grads, scalars, dispatches: Vec::new() };
        let views = lowering.views(layers);
        let targets = match objective {
            Objective::Views(Method::Byol) => {
                Some(lowering.forward(&layers.embed, views.clone(), &shared.target, Statistics::Batch)?.0)
            }
            Objective::Views(Method::SimClr | Method::SimSiam) | Objective::Classes(_) => None,
        };
        let (z, mut done) = lowering.forward(&layers.embed, views, &shared.params, Statistics::Train)?;
        let (outputs, more) = lowering.forward(&layers.predict, z.clone(), &shared.params, Statistics::Train)?;
        done.extend(more);
        let row_losses = storage(device, "row losses", rows)?;
        let gradient = match objective {
            Objective::Views(Method::SimClr) => lowering.contrastive(&outputs, &row_losses)?,
            Objective::Views(Method::Byol | Method::SimSiam) => {
                lowering.prediction(&outputs, &targets.unwrap_or(z), &row_losses)?
            }
            Objective::Classes(labels) => lowering.cross_entropy(&outputs, labels, &row_losses)?,
        };
        lowering.backward(done, gradient)?;
        lowering.update(slices, &row_losses, matches!(objective, Objective::Views(Method::Byol)));
        Ok(lowering.dispatches)
    }

    /// Records how `rows` samples in the shared views become embeddings, with running statistics.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record_embedding(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
        layers: &Layers,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut lowering = Lowering::bare(device, kernels, shared, offsets, rows)?;
        let (z, _) = lowering.forward(&layers.embed, lowering.views(layers), &shared.params, Statistics::Running)?;
        Ok((lowering.dispatches, z.buffer))
    }

    /// Records what the loss's gradient is on the shared views, two a sample, with running statistics.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record_probe(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
        layers: &Layers,
        method: Method,
    ) -> Result<(Vec<Dispatch>, Probe), EngineError> {
        let mut lowering = Lowering::bare(device, kernels, shared, offsets, rows)?;
        let views = lowering.views(layers);
        let (z, _) = lowering.forward(&layers.embed, views.clone(), &shared.params, Statistics::Running)?;
        let (outputs, _) = lowering.forward(&layers.predict, z.clone(), &shared.params, Statistics::Running)?;
        let row_losses = storage(device, "row losses", rows)?;
        let gradient = match method {
            Method::SimClr => lowering.contrastive(&outputs, &row_losses)?,
            Method::SimSiam => lowering.prediction(&outputs, &z, &row_losses)?,
            Method::Byol => {
                let (targets, _) = lowering.forward(&layers.embed, views, &shared.target, Statistics::Running)?;
                lowering.prediction(&outputs, &targets, &row_losses)?
            }
        };
        Ok((lowering.dispatches, Probe { z: z.buffer, outputs: outputs.buffer, gradient }))
    }

    /// Records the kNN classes of the last `queries` rows of `z: [bank + queries, dim]` among its first `bank`, whose labels
    /// are given. The shared numbers' `inverse_tau` is that of the votes.
    ///
    /// # Errors
    /// When the device's limits are too small.
    pub fn record_vote(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        z: &wgpu::Buffer,
        [bank, queries, dim]: [u32; 3],
        labels: &wgpu::Buffer,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut lowering = Lowering::bare(device, kernels, shared, &[], bank + queries)?;
        let (unit, _) = lowering.unit_rows(&Value::rows(z, dim))?;
        let similarity = lowering.similarity(&unit, dim, [bank, queries, bank])?;
        let classes = storage(device, "classes", queries)?;
        let dims = lowering.dims(&layout::Vote { bank, queries });
        lowering.add(Kernel::Vote, &[&dims, &similarity, labels, &classes], [queries.div_ceil(LANES), 1, 1]);
        Ok((lowering.dispatches, classes))
    }

    /// Records a loss of `z: [rows, dim]` and its gradient; what is bound are z, the targets and where each row's loss goes.
    ///
    /// # Errors
    /// When the device's limits are too small.
    pub fn record_loss(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        [z, targets, row_losses]: [&wgpu::Buffer; 3],
        [rows, dim]: [u32; 2],
        contrastive: bool,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut lowering = Lowering::bare(device, kernels, shared, &[], rows)?;
        let z = Value::rows(z, dim);
        let gradient = match contrastive {
            true => lowering.contrastive(&z, row_losses)?,
            false => lowering.prediction(&z, &Value::rows(targets, dim), row_losses)?,
        };
        Ok((lowering.dispatches, gradient))
    }

    /// Without gradients.
    fn bare(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
    ) -> Result<Lowering<'a>, EngineError> {
        let grads = storage(device, "gradients", 1)?;
        Ok(Lowering { device, kernels, shared, offsets, rows, grads, scalars: 0, dispatches: Vec::new() })
    }

    fn views(&self, layers: &Layers) -> Value {
        Value::rows(&self.shared.views, layers.inputs)
    }

    /// (rows, blocks) of a batch norm over `per_sample` rows a sample.
    fn blocks(&self, per_sample: u32) -> (u32, u32) {
        let rows = self.rows * per_sample;
        let blocks = if rows <= WHOLE_ROWS { 1 } else { (rows / BLOCK_ROWS).clamp(1, MOST_BLOCKS) };
        (rows, blocks)
    }

    fn value(&self, shape: Shape, rectified: bool) -> Result<Value, EngineError> {
        let (per_sample, channels) = shape.matrix();
        Ok(Value { buffer: storage(self.device, "activations", self.rows * per_sample * channels)?, shape, rectified })
    }

    fn dims(&self, sizes: &impl Words) -> wgpu::Buffer {
        dims(self.device, sizes)
    }

    /// Records a dispatch with its buffers at bindings 0, 1, ...
    fn add(&mut self, kernel: Kernel, buffers: &[&wgpu::Buffer], grid: impl Into<Grid>) {
        let bound: Vec<(u32, &wgpu::Buffer)> = (0..).zip(buffers.iter().copied()).collect();
        self.add_at(kernel, &bound, grid);
    }

    fn add_at(&mut self, kernel: Kernel, buffers: &[(u32, &wgpu::Buffer)], grid: impl Into<Grid>) {
        self.dispatches.push(dispatch(self.device, self.kernels, kernel, buffers, grid.into()));
    }
}

/// Whether four values can be loaded at once.
fn in_fours(sizes: &[u32]) -> bool {
    sizes.iter().all(|size| size.is_multiple_of(4))
}
