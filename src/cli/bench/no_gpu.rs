//! What stands for `gpu` in builds without GPU support: nothing is asked for, measured or printed.

use clap::Args;

use crate::cli::failure::Failure;
use crate::config::Experiment;
use crate::engine::device::Compute;

/// Flags of `bench` for GPUs: none.
#[derive(Args)]
pub struct GpuArgs {}

impl GpuArgs {
    /// Nothing is asked for.
    pub async fn print_kernels(&self, _: &[Experiment], _: &Compute) -> Result<bool, Failure> {
        Ok(false)
    }
}

/// What a GPU can do: nothing.
pub struct Device {
    /// None are drawn.
    pub frames: Vec<()>,
    /// There are none.
    pub limits: Option<()>,
}

impl Device {
    /// Measures nothing.
    pub async fn measure(_: &Compute, _: f64) -> Result<Device, Failure> {
        Ok(Device { frames: Vec::new(), limits: None })
    }

    /// Prints nothing.
    pub fn print(&self) -> Result<(), Failure> {
        Ok(())
    }
}
