//! The device without burn's own GPU backend: burn's tensors live on the CPU, where their work is small (slow motion, files)
//! unless a network can't be planned.

use burn::tensor::Device;

use super::handles::Gpu;
use crate::engine::error::EngineError;

/// Whether burn computes on the GPU as well.
pub const BURN_COMPUTES: bool = false;

/// Where burn's own tensors live.
///
/// # Errors
/// None here; burn's own GPU backend has some.
pub fn device(_: &Gpu) -> Result<Device, EngineError> {
    Ok(Device::flex())
}

/// What the device is asked for. Our kernels and the renderer need no feature and stay within the default limits, or the
/// adapter's where those are lower; only the size of buffers follows the adapter, for large files of pictures.
pub fn descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    let own = adapter.limits();
    let required_limits = wgpu::Limits {
        max_buffer_size: own.max_buffer_size,
        max_storage_buffer_binding_size: own.max_storage_buffer_binding_size,
        ..wgpu::Limits::default().or_worse_values_from(&own)
    };
    wgpu::DeviceDescriptor { label: Some("normscope"), required_limits, ..Default::default() }
}
