//! A loss alone on the GPU: its value and its gradient for given embeddings, by the kernels that training steps use. The
//! self-test compares them with the CPU's.

use super::lowering::{Lowering, Shared};
use crate::config::LossKind;
use crate::engine::error::EngineError;
use crate::engine::kernels::Context;
use crate::engine::kernels::buffers::{read, storage};
use crate::engine::kernels::dispatch::encode;
use crate::engine::kernels::layout::Hyper;

/// The loss of `z: [rows, dim]`, two views a sample, and its gradient, `[rows, dim]`: contrastive of this kind, or the
/// prediction of `targets`, with GradScale's power.
///
/// # Errors
/// When the GPU's limits are too small for it, or the device fails.
pub async fn loss(
    context: &Context,
    kind: Option<LossKind>,
    [z, targets]: [&[f32]; 2],
    [rows, dim]: [u32; 2],
    [tau, power]: [f64; 2],
) -> Result<(f32, Vec<f32>), EngineError> {
    let Context { gpu, kernels } = context;
    let (device, queue) = (&gpu.device, &gpu.queue);
    let count = rows * dim;
    let filled = |label: &str, values: &[f32]| {
        let buffer = storage(device, label, count)?;
        queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        Ok::<_, EngineError>(buffer)
    };
    let [z, targets] = [filled("z", z)?, filled("targets", targets)?];
    let row_losses = storage(device, "row losses", rows)?;
    let hyper = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("hyper"),
        size: size_of::<Hyper>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let numbers = Hyper {
        inverse_tau: (1.0 / tau) as f32,
        power: power as f32,
        decoupled: u32::from(kind == Some(LossKind::Dcl)),
        ..Hyper::default()
    };
    queue.write_buffer(&hyper, 0, bytemuck::bytes_of(&numbers));
    // Of what arms share, a loss needs the numbers only.
    let none = storage(device, "nothing", 1)?;
    let shared = Shared {
        views: none.clone(),
        params: none.clone(),
        target: none.clone(),
        moments: none.clone(),
        running: Vec::new(),
        losses: none,
        hyper,
    };
    let bound = [&z, &targets, &row_losses];
    let (dispatches, gradient) = Lowering::record_loss(device, kernels, &shared, bound, [rows, dim], kind.is_some())?;
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encode(kernels, &mut encoder, dispatches.iter());
    let named = [("the gradient", (&gradient, count)), ("the losses of the rows", (&row_losses, rows))];
    let [gradient, losses] = read(gpu, encoder, named).await?;
    Ok((losses.iter().sum::<f32>() / rows as f32, gradient))
}
