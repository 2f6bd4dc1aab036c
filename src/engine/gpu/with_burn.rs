//! The device as burn's own GPU backend needs it: burn's tensors live beside our kernels on the GPU.

use burn::tensor::Device;

use super::handles::Gpu;
use crate::engine::error::EngineError;

/// Whether burn computes on the GPU as well.
pub const BURN_COMPUTES: bool = true;

/// Tasks that burn gathers into one submit: more than the default, since ours are small.
const TASKS_PER_SUBMIT: usize = 64;

/// Where burn's own tensors live.
///
/// # Errors
/// When burn can't take the device over.
pub fn device(gpu: &Gpu) -> Result<Device, EngineError> {
    let setup = burn::tensor::wgpu::WgpuSetup {
        instance: gpu.instance.clone(),
        adapter: gpu.adapter.clone(),
        device: gpu.device.clone(),
        queue: gpu.queue.clone(),
        backend: gpu.adapter.get_info().backend,
    };
    let options = Device::wgpu_options().tasks_max(TASKS_PER_SUBMIT).setup(setup);
    options.init().map_err(|error| EngineError::BurnUnopened(error.to_string()))
}

/// What the device is asked for: everything that the adapter has, since burn reads limits and features from the adapter.
pub fn descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    wgpu::DeviceDescriptor {
        label: Some("normscope"),
        required_features: adapter.features() - wgpu::Features::MAPPABLE_PRIMARY_BUFFERS,
        required_limits: adapter.limits(),
        // SAFETY: cubecl does the same with devices of its own, and takes the features for given that the adapter has,
        // experimental ones (hardware GPUs have some, natively) as well.
        experimental_features: unsafe { wgpu::ExperimentalFeatures::enabled() },
        ..Default::default()
    }
}
