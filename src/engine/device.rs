//! Which device computes, and why: the one place that knows about adapters.

use burn::tensor::Device;

use crate::config::DeviceChoice;
use crate::protocol::DeviceInfo;

/// A device that is ready to compute.
#[derive(Clone)]
pub struct Compute {
    /// burn's device, without autodiff.
    pub device: Device,
    /// What to tell the reader about it.
    pub info: DeviceInfo,
    /// The GPU handles that the renderer shares with burn.
    #[cfg(feature = "gpu")]
    pub gpu: Option<Gpu>,
}

/// wgpu handles shared by training and drawing.
#[cfg(feature = "gpu")]
#[derive(Clone)]
pub struct Gpu {
    /// For making surfaces.
    pub instance: wgpu::Instance,
    /// For the surfaces' formats.
    pub adapter: wgpu::Adapter,
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// The training step's pipelines.
    pub kernels: std::sync::Arc<super::plan::Kernels>,
}

#[cfg(feature = "gpu")]
impl Gpu {
    /// Values in a buffer of their own, which can be copied from.
    pub fn upload(&self, label: &str, values: &[f32]) -> wgpu::Buffer {
        use wgpu::util::DeviceExt;
        self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some(label),
            contents: bytemuck::cast_slice(values),
            usage: wgpu::BufferUsages::COPY_SRC,
        })
    }

    /// Tells when everything that was submitted so far is done.
    pub fn all_done(&self) -> futures_channel::oneshot::Receiver<()> {
        let (told, done) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = told.send(());
        });
        done
    }

    /// Waits until everything that was submitted so far is done.
    pub async fn finish(&self) {
        let done = self.all_done();
        self.wait_for(None);
        // Cancelled only when the device is gone, and then there is nothing to wait for.
        let _ = done.await;
    }

    /// Waits for a submission, or for all of them, and lets callbacks run: browsers do it by themselves.
    pub fn wait_for(&self, submission_index: Option<wgpu::SubmissionIndex>) {
        if cfg!(not(target_arch = "wasm32")) {
            // A lost device is told where the work's result is read.
            let _ = self.device.poll(wgpu::PollType::Wait { submission_index, timeout: None });
        }
    }
}

impl Compute {
    /// The CPU backend, which is always there.
    pub fn cpu(reason: impl Into<String>) -> Compute {
        Compute {
            device: Device::flex(),
            info: DeviceInfo {
                kind: "cpu".to_owned(),
                adapter: if cfg!(target_arch = "wasm32") { "CPU (WebAssembly SIMD)" } else { "CPU" }.to_owned(),
                software: true,
                reason: reason.into(),
                draws: false,
            },
            #[cfg(feature = "gpu")]
            gpu: None,
        }
    }

    /// Finds the device for `choice`.
    ///
    /// `auto` takes a hardware GPU if there is one, else the CPU: on a software adapter WebGPU is some thirty times
    /// slower than the CPU backend. `webgpu` takes any adapter and falls back to the CPU only when there is none that
    /// can be used. Never fails: the reason says what happened.
    pub async fn find(choice: DeviceChoice) -> Compute {
        match choice {
            DeviceChoice::Cpu => Compute::cpu("You asked for the CPU."),
            DeviceChoice::Auto | DeviceChoice::WebGpu => gpu_or_cpu(choice).await,
        }
    }
}

#[cfg(not(feature = "gpu"))]
async fn gpu_or_cpu(_: DeviceChoice) -> Compute {
    Compute::cpu("This build has no GPU support.")
}

#[cfg(feature = "gpu")]
async fn gpu_or_cpu(choice: DeviceChoice) -> Compute {
    match gpu::open(choice).await {
        Ok(compute) => compute,
        Err(reason) => Compute::cpu(reason),
    }
}

#[cfg(feature = "gpu")]
mod gpu {
    use burn::tensor::Device;

    use super::{Compute, Gpu};
    use crate::config::DeviceChoice;
    use crate::protocol::DeviceInfo;

    /// Opens the best adapter, or says why none is used.
    pub async fn open(choice: DeviceChoice) -> Result<Compute, String> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|_| "This browser offers no WebGPU adapter, so the CPU computes.".to_owned())?;
        let info = adapter.get_info();
        let software = info.device_type == wgpu::DeviceType::Cpu;
        if software && choice == DeviceChoice::Auto {
            return Err(format!(
                "The only WebGPU adapter ({}) is a software one, slower than the CPU path.",
                name(&info)
            ));
        }
        let gpu = request_device(instance, adapter).await?;
        let device = burn_device(&gpu)?;
        let reason = match (choice, software) {
            (DeviceChoice::WebGpu, true) => "You asked for WebGPU; this adapter is a software one and slow.",
            (DeviceChoice::WebGpu, false) => "You asked for WebGPU.",
            _ => "A hardware GPU was found.",
        };
        Ok(Compute {
            device,
            info: DeviceInfo {
                kind: if cfg!(target_arch = "wasm32") { "webgpu" } else { "wgpu" }.to_owned(),
                adapter: name(&info),
                software,
                reason: reason.to_owned(),
                draws: true,
            },
            gpu: Some(gpu),
        })
    }

    /// Where burn's own tensors live: beside our kernels on the GPU, or on the CPU, where their work is small (slow motion,
    /// files) unless a network can't be planned.
    #[cfg(feature = "burn-gpu")]
    fn burn_device(gpu: &Gpu) -> Result<Device, String> {
        /// Tasks that burn gathers into one submit: more than the default, since ours are small.
        const TASKS_PER_SUBMIT: usize = 64;
        let setup = burn::tensor::wgpu::WgpuSetup {
            instance: gpu.instance.clone(),
            adapter: gpu.adapter.clone(),
            device: gpu.device.clone(),
            queue: gpu.queue.clone(),
            backend: gpu.adapter.get_info().backend,
        };
        let options = Device::wgpu_options().tasks_max(TASKS_PER_SUBMIT).setup(setup);
        options.init().map_err(|error| format!("The GPU could not be set up: {error}."))
    }

    #[cfg(not(feature = "burn-gpu"))]
    fn burn_device(_: &Gpu) -> Result<Device, String> {
        Ok(Device::flex())
    }

    /// What the device is asked for. Our kernels and the renderer need no feature and stay within the default limits, or the
    /// adapter's where those are lower; only the size of buffers follows the adapter, for large files of pictures.
    #[cfg(not(feature = "burn-gpu"))]
    fn descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
        let own = adapter.limits();
        let required_limits = wgpu::Limits {
            max_buffer_size: own.max_buffer_size,
            max_storage_buffer_binding_size: own.max_storage_buffer_binding_size,
            ..wgpu::Limits::default().or_worse_values_from(&own)
        };
        wgpu::DeviceDescriptor { label: Some("normscope"), required_limits, ..Default::default() }
    }

    /// What the device is asked for: everything that the adapter has, since burn reads limits and features from the adapter.
    #[cfg(feature = "burn-gpu")]
    fn descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
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

    async fn request_device(instance: wgpu::Instance, adapter: wgpu::Adapter) -> Result<Gpu, String> {
        let descriptor = descriptor(&adapter);
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| format!("The WebGPU device could not be opened ({error})."))?;
        let kernels = std::sync::Arc::new(crate::engine::plan::Kernels::new(&device));
        Ok(Gpu { instance, adapter, device, queue, kernels })
    }

    /// The adapter's name; browsers often leave it empty and give vendor and architecture instead.
    fn name(info: &wgpu::AdapterInfo) -> String {
        let names = [Some(info.name.clone()), browser_name(), Some(info.driver.clone())];
        names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_else(|| "GPU".to_owned())
    }

    /// What worker.js read from the adapter's own description.
    #[cfg(feature = "web")]
    fn browser_name() -> Option<String> {
        js_sys::Reflect::get(&js_sys::global(), &"normscopeAdapter".into()).ok()?.as_string()
    }

    #[cfg(not(feature = "web"))]
    fn browser_name() -> Option<String> {
        None
    }
}
