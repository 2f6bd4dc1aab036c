//! What the engine computes on.

use serde::{Deserialize, Serialize};

/// What the engine computes on, and how it is reached. As text it is its key, also in messages and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceKind {
    /// The CPU.
    Cpu,
    /// A GPU, through the browser's WebGPU.
    WebGpu,
    /// A GPU, natively.
    Wgpu,
}

impl DeviceKind {
    /// All of them.
    pub const ALL: [DeviceKind; 3] = [DeviceKind::Cpu, DeviceKind::WebGpu, DeviceKind::Wgpu];

    /// Its name in messages and files.
    pub fn key(self) -> &'static str {
        match self {
            DeviceKind::Cpu => "cpu",
            DeviceKind::WebGpu => "webgpu",
            DeviceKind::Wgpu => "wgpu",
        }
    }
}

impl From<DeviceKind> for String {
    fn from(kind: DeviceKind) -> String {
        kind.key().to_owned()
    }
}

impl TryFrom<String> for DeviceKind {
    type Error = UnknownDevice;

    fn try_from(key: String) -> Result<DeviceKind, UnknownDevice> {
        DeviceKind::ALL.into_iter().find(|kind| kind.key() == key).ok_or(UnknownDevice(key))
    }
}

/// A text that is the key of no [`DeviceKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no device: it must be cpu, webgpu or wgpu.")]
pub struct UnknownDevice(pub String);

/// Where the engine computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// On what.
    pub kind: DeviceKind,
    /// The adapter's name, or the CPU backend's.
    pub adapter: String,
    /// A software adapter.
    pub software: bool,
    /// Why this device was taken.
    pub reason: String,
    /// Whether the engine draws the spheres itself (else the page paints them).
    pub draws: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_kind_is_written_as_its_key() {
        for kind in DeviceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.key());
            assert_eq!(serde_json::from_value::<DeviceKind>(kind.key().into()).unwrap(), kind);
        }
        assert!(serde_json::from_value::<DeviceKind>("gpu".into()).is_err());
    }
}
