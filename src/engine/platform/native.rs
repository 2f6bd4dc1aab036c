//! What is different outside browsers.

use crate::protocol::DeviceKind;

/// The CPU's name.
pub const CPU: &str = "CPU";
/// What a GPU is reached by.
pub const GPU: DeviceKind = DeviceKind::Wgpu;
/// Whether callbacks of the GPU run by themselves.
pub const CALLS_BACK: bool = false;

/// An adapter's name, where only the host knows it.
pub fn adapter_name() -> Option<String> {
    None
}

/// Megabytes of the WebAssembly heap.
pub fn heap_megabytes() -> Option<f64> {
    None
}
