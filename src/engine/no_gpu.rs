//! What stands for the GPU in builds without GPU support: the items of `gpu`, of which there are none.

/// Whether burn computes on the GPU as well.
pub const BURN_COMPUTES: bool = false;

/// There is none.
#[derive(Clone, Copy, Debug)]
pub enum Gpu {}

/// Memory of a GPU: there is none.
#[derive(Clone, Copy, Debug)]
pub enum Buffer {}

impl Gpu {
    /// Values in a buffer of their own.
    pub fn upload(&self, _: &str, _: &[f32]) -> Buffer {
        match *self {}
    }
}

/// Finding an adapter.
pub mod adapter {
    use burn::tensor::Device;

    use super::Gpu;
    use crate::config::DeviceChoice;
    use crate::engine::error::EngineError;
    use crate::protocol::DeviceInfo;

    /// Opens no adapter.
    ///
    /// # Errors
    /// This build has no GPU support.
    pub async fn open(_: DeviceChoice) -> Result<(Gpu, Device, DeviceInfo), EngineError> {
        Err(EngineError::NoGpuSupport)
    }
}
