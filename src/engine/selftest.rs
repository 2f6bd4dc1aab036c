//! Compares this device with the CPU: every custom operation and every loss, values and gradients, on the same numbers; burn's
//! where burn computes on it, and our own kernels, which training uses.
//! Then measures on this device alone what the project is about: how a gradient's length follows its embedding's norm.
//!
//! A driver that miscompiles a shader, or a browser that drops an invalid one, shows here and not as a strange curve.

mod difference;
mod losses;
pub mod steps;

use self::losses::By;
use super::device::Compute;
use super::error::EngineError;
use super::gpu;
pub use super::plan::finite_differences;
use crate::protocol::Check;

/// Everything that this device can be compared in: operations, losses, and whole training steps where it has its own.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn all(compute: &Compute) -> Result<Vec<Check>, EngineError> {
    let mut checks = Vec::new();
    // Beside our kernels burn may be on the CPU, which is what everything is compared with.
    if let Some(context) = compute.context() {
        checks.extend(losses::run(By::Kernels(context)).await?);
    }
    if gpu::BURN_COMPUTES || checks.is_empty() {
        checks.extend(losses::run(By::Burn(&compute.device)).await?);
    }
    checks.extend(steps::run(compute).await?);
    checks.extend(finite_differences::run(compute).await?);
    Ok(checks)
}
