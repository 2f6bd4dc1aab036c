//! Our own WGSL on a GPU: the kernels, what they work on and how one is launched. Builds without GPU support have
//! `no_kernels.rs` in its place.
//!
//! ```text
//! source     the kernels' WGSL;  pipelines: compiled once a device;  layout: what both sides agree on
//! context    a GPU with the pipelines
//! buffers    a device's memory, and reading it
//! dispatch   one kernel on some buffers
//! resident   the data set on the GPU;  drawing: the views drawn from it
//! ```

pub mod buffers;
mod context;
pub(super) mod dispatch;
pub(super) mod drawing;
pub(super) mod layout;
mod pipelines;
pub(super) mod resident;
pub(super) mod source;

pub use context::Context;
pub use layout::{OPERATIONS, WIDE};
pub use pipelines::Kernels;
pub use resident::Resident;
