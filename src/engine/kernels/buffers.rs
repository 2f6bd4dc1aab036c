//! Buffers of a device, and reading them.

use crate::engine::error::EngineError;
use crate::engine::gpu::Gpu;
use crate::engine::tensors::{arrange, arrange_lists};

/// A storage buffer of `floats` zeros.
///
/// # Errors
/// When the device can't bind that much.
pub fn storage(device: &wgpu::Device, label: &str, floats: u32) -> Result<wgpu::Buffer, EngineError> {
    let size = u64::from(floats.max(1)) * 4;
    let limits = device.limits();
    if size > limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) {
        return Err(EngineError::TooLarge { what: label.to_owned(), megabytes: size >> 20 });
    }
    Ok(device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    }))
}

/// Floats of a buffer.
pub fn floats(buffer: &wgpu::Buffer) -> u32 {
    (buffer.size() / 4) as u32
}

/// The first so many floats of a buffer, to be read.
pub type Part<'b> = (&'b wgpu::Buffer, u32);

/// Submits what was encoded and reads a part under each of these names.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn read<const N: usize>(
    gpu: &Gpu,
    encoder: wgpu::CommandEncoder,
    named: [(&str, Part<'_>); N],
) -> Result<[Vec<f32>; N], EngineError> {
    let parts = copied(gpu, encoder, &named.map(|(_, part)| part)).await?;
    arrange(named.map(|(name, (_, floats))| (name, floats as usize)), parts)
}

/// Submits what was encoded and reads a list of parts under each of these names.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn read_lists<const N: usize>(
    gpu: &Gpu,
    encoder: wgpu::CommandEncoder,
    named: [(&str, Vec<Part<'_>>); N],
) -> Result<[Vec<Vec<f32>>; N], EngineError> {
    let all: Vec<Part<'_>> = named.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
    let parts = copied(gpu, encoder, &all).await?;
    arrange_lists(named.map(|(name, parts)| (name, parts.iter().map(|(_, floats)| *floats as usize).collect())), parts)
}

/// Submits what was encoded and copies the parts to the host, as far as the device gives them.
async fn copied(
    gpu: &Gpu,
    mut encoder: wgpu::CommandEncoder,
    parts: &[Part<'_>],
) -> Result<Vec<Vec<f32>>, EngineError> {
    let bytes: u64 = parts.iter().map(|(_, floats)| u64::from(*floats) * 4).sum();
    let staging = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size: bytes.max(4),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut at = 0;
    for (buffer, floats) in parts {
        let size = u64::from(*floats) * 4;
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, at, size);
        at += size;
    }
    gpu.queue.submit([encoder.finish()]);
    let (done, waits) = futures_channel::oneshot::channel();
    staging.slice(..).map_async(wgpu::MapMode::Read, move |result| drop(done.send(result)));
    gpu.wait_for(None);
    let mapped = waits.await.map_err(|_| EngineError::GpuGone)?;
    mapped.map_err(|error| EngineError::Unmapped(error.to_string()))?;
    let view = staging.slice(..).get_mapped_range().map_err(|error| EngineError::NoRange(format!("{error:?}")))?;
    let mut rest: &[f32] = bytemuck::cast_slice(&view);
    let values = parts.iter().map(|(_, count)| {
        let (part, after) = rest.split_at((*count as usize).min(rest.len()));
        rest = after;
        part.to_vec()
    });
    Ok(values.collect())
}
