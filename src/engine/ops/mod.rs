//! Custom operations with a backward of their own: row normalisation for every device, and what makes the CPU fast. Each has a
//! twin in WGSL.

mod contrastive;
mod norm_relu;
mod normalize;
mod unfold;
#[cfg(feature = "burn-gpu")]
mod wgsl;

pub use contrastive::{Comparison, EXCLUDED, contrastive_rows};
pub use norm_relu::norm_relu;
pub use normalize::{MIN_NORM, grad_scale, normalize_rows, row_norms};
pub use unfold::{Grid, unfold};
