//! What is different in browsers.

use crate::protocol::DeviceKind;

/// The CPU's name.
pub const CPU: &str = "CPU (WebAssembly SIMD)";
/// What a GPU is reached by.
pub const GPU: DeviceKind = DeviceKind::WebGpu;
/// Whether callbacks of the GPU run by themselves.
pub const CALLS_BACK: bool = true;

/// An adapter's name as worker.js read it from the adapter's own description, which wgpu does not know.
pub fn adapter_name() -> Option<String> {
    js_sys::Reflect::get(&js_sys::global(), &"normscopeAdapter".into()).ok()?.as_string()
}

/// Megabytes of the WebAssembly heap.
pub fn heap_megabytes() -> Option<f64> {
    const PAGE: f64 = 65_536.0;
    Some(core::arch::wasm32::memory_size(0) as f64 * PAGE / 1e6)
}
