//! A loss alone on the GPU: its value and its gradient for given embeddings, by the kernels that training steps use. The
//! self-test compares them with the CPU's.

use super::tape::{Dispatch, Shared, Tape, storage};
use super::{Hyper, encode, read};
use crate::engine::device::Gpu;

/// The kernels of one loss for matrices of one size.
pub struct Alone {
    gpu: Gpu,
    floats: u32,
    rows: u32,
    z: wgpu::Buffer,
    targets: wgpu::Buffer,
    hyper: wgpu::Buffer,
    dispatches: Vec<Dispatch>,
    gradient: wgpu::Buffer,
    row_losses: wgpu::Buffer,
}

impl Alone {
    /// The loss of `z: [rows, dim]`, two views a sample: contrastive, or the prediction of targets.
    ///
    /// # Errors
    /// In words, when the GPU's limits are too small for it.
    pub fn new(gpu: &Gpu, [rows, dim]: [u32; 2], contrastive: bool) -> Result<Alone, String> {
        let device = &gpu.device;
        let floats = rows * dim;
        let [z, targets] = [storage(device, "z", floats)?, storage(device, "targets", floats)?];
        let row_losses = storage(device, "row losses", rows)?;
        let hyper = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("hyper"),
            size: size_of::<Hyper>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        // Of what arms share, a loss needs the numbers only.
        let none = storage(device, "nothing", 1)?;
        let shared = Shared {
            views: none.clone(),
            params: none.clone(),
            slow: none.clone(),
            moments: none.clone(),
            running: Vec::new(),
            losses: none,
            hyper: hyper.clone(),
        };
        let bound = [&z, &targets, &row_losses];
        let (dispatches, gradient) = Tape::record_loss(device, &gpu.kernels, &shared, bound, [rows, dim], contrastive)?;
        Ok(Alone { gpu: gpu.clone(), floats, rows, z, targets, hyper, dispatches, gradient, row_losses })
    }

    /// The loss of `z` with these numbers, and its gradient, `[rows, dim]`.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn run(&self, z: &[f32], targets: &[f32], hyper: &Hyper) -> Result<(f32, Vec<f32>), String> {
        let queue = &self.gpu.queue;
        queue.write_buffer(&self.z, 0, bytemuck::cast_slice(z));
        queue.write_buffer(&self.targets, 0, bytemuck::cast_slice(targets));
        queue.write_buffer(&self.hyper, 0, bytemuck::bytes_of(hyper));
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encode(&self.gpu, &mut encoder, self.dispatches.iter());
        let parts = [(&self.gradient, self.floats), (&self.row_losses, self.rows)];
        let mut found = read(&self.gpu, encoder, &parts).await?.into_iter();
        let mut next = || found.next().unwrap_or_default();
        let (gradient, losses) = (next(), next());
        Ok((losses.iter().sum::<f32>() / self.rows as f32, gradient))
    }
}
