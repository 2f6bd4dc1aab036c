//! What stands for our kernels in builds without GPU support: the items of `kernels` that others use, of which there are none.

use super::error::EngineError;
use super::gpu::Gpu;
use crate::data::Dataset;
use crate::rng::CounterRng;

/// A GPU that can run our kernels: there is none.
#[derive(Clone)]
pub enum Context {}

impl Context {
    /// Of no GPU.
    pub fn new(gpu: Gpu) -> Context {
        match gpu {}
    }

    /// The handles.
    pub fn gpu(&self) -> &Gpu {
        match *self {}
    }
}

/// A data set on a GPU: there is none.
pub enum Resident {}

impl Resident {
    /// On no GPU.
    ///
    /// # Errors
    /// None.
    pub fn new(gpu: &Gpu, _: &Dataset) -> Result<Resident, EngineError> {
        match *gpu {}
    }

    /// The recipes of views.
    pub fn recipes(&self, _: &Dataset, _: impl Iterator<Item = (u32, CounterRng)>) -> Vec<u32> {
        match *self {}
    }
}
