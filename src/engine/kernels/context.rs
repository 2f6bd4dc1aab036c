//! A GPU that can run our kernels.

use std::sync::Arc;

use super::pipelines::Kernels;
use crate::engine::gpu::Gpu;

/// A GPU with the pipelines of a training step; a copy costs nothing.
#[derive(Clone)]
pub struct Context {
    /// The handles.
    pub gpu: Gpu,
    /// The pipelines.
    pub kernels: Arc<Kernels>,
}

impl Context {
    /// Compiles all kernels. A browser does it in the background from now on, so this is no matter of the first step.
    pub fn new(gpu: Gpu) -> Context {
        Context { kernels: Arc::new(Kernels::new(&gpu.device)), gpu }
    }
    /// The handles.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }
}
