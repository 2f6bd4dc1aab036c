//! Finding an adapter, and opening its device.

use burn::tensor::Device;

use super::handles::Gpu;
use super::with_burn;
use crate::config::DeviceChoice;
use crate::engine::error::EngineError;
use crate::engine::platform;
use crate::protocol::DeviceInfo;

/// Opens the best adapter: its handles, where burn's own tensors live, and what to tell the reader.
///
/// # Errors
/// Says why no adapter is used.
pub async fn open(choice: DeviceChoice) -> Result<(Gpu, Device, DeviceInfo), EngineError> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let options =
        wgpu::RequestAdapterOptions { power_preference: wgpu::PowerPreference::HighPerformance, ..Default::default() };
    let adapter = instance.request_adapter(&options).await.map_err(|_| EngineError::NoAdapter)?;
    let info = adapter.get_info();
    let software = info.device_type == wgpu::DeviceType::Cpu;
    if software && choice == DeviceChoice::Auto {
        return Err(EngineError::SoftwareAdapter(name(&info)));
    }
    let (device, queue) = adapter
        .request_device(&with_burn::descriptor(&adapter))
        .await
        .map_err(|error| EngineError::DeviceUnopened(error.to_string()))?;
    let gpu = Gpu { instance, adapter, device, queue };
    let burns = with_burn::device(&gpu)?;
    let reason = match (choice, software) {
        (DeviceChoice::WebGpu, true) => "You asked for WebGPU; this adapter is a software one and slow.",
        (DeviceChoice::WebGpu, false) => "You asked for WebGPU.",
        _ => "A hardware GPU was found.",
    };
    let info =
        DeviceInfo { kind: platform::GPU, adapter: name(&info), software, reason: reason.to_owned(), draws: true };
    Ok((gpu, burns, info))
}

/// The adapter's name; browsers often leave it empty and give vendor and architecture instead.
fn name(info: &wgpu::AdapterInfo) -> String {
    let names = [Some(info.name.clone()), platform::adapter_name(), Some(info.driver.clone())];
    names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_else(|| "GPU".to_owned())
}
