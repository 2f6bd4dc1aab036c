//! Custom operations: each has a WGSL kernel for GPUs, a CPU twin and a backward of its own.

mod norm_relu;
mod normalize;
#[cfg(feature = "gpu")]
mod wgsl;

pub use norm_relu::norm_relu;
pub use normalize::{MIN_NORM, grad_scale, normalize_rows, row_norms};
