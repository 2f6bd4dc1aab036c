//! The GPU that training and drawing share. Builds without GPU support have `no_gpu.rs` in its place.
//!
//! ```text
//! handles         wgpu's handles, and waiting for what was submitted
//! adapter         finding an adapter, and opening its device
//! with_burn       what burn's own GPU backend needs of the device;  without_burn: what is asked for without it
//! ```

pub mod adapter;
mod handles;
#[cfg_attr(not(feature = "burn-gpu"), path = "without_burn.rs")]
mod with_burn;

pub use handles::Gpu;
pub use wgpu::Buffer;
pub use with_burn::BURN_COMPUTES;
