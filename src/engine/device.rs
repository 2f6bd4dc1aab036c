//! Which device computes, and why: the one place that decides between GPU and CPU.

use burn::tensor::Device;

pub use super::gpu::Gpu;
use super::gpu::adapter;
use super::kernels::Context;
use super::platform;
use crate::config::DeviceChoice;
use crate::protocol::{DeviceInfo, DeviceKind};

/// A device that is ready to compute.
#[derive(Clone)]
pub struct Compute {
    /// burn's device, without autodiff.
    pub device: Device,
    /// What to tell the reader about it.
    pub info: DeviceInfo,
    context: Option<Context>,
}

impl Compute {
    /// The CPU backend, which is always there.
    pub fn cpu(reason: impl Into<String>) -> Compute {
        Compute {
            device: Device::flex(),
            info: DeviceInfo {
                kind: DeviceKind::Cpu,
                adapter: platform::CPU.to_owned(),
                software: true,
                reason: reason.into(),
                draws: false,
            },
            context: None,
        }
    }

    /// Finds the device for `choice`.
    ///
    /// `auto` takes a hardware GPU if there is one, else the CPU: on a software adapter WebGPU is some thirty times
    /// slower than the CPU backend. `webgpu` takes any adapter and falls back to the CPU only when there is none that
    /// can be used. Never fails: the reason says what happened.
    pub async fn find(choice: DeviceChoice) -> Compute {
        if choice == DeviceChoice::Cpu {
            return Compute::cpu("You asked for the CPU.");
        }
        match adapter::open(choice).await {
            Ok((gpu, device, info)) => Compute { device, info, context: Some(Context::new(gpu)) },
            Err(reason) => Compute::cpu(reason.to_string()),
        }
    }

    /// The GPU handles that the renderer shares with training.
    pub fn gpu(&self) -> Option<&Gpu> {
        self.context.as_ref().map(Context::gpu)
    }

    /// The GPU with the pipelines of a training step.
    pub fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }
}
