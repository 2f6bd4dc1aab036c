//! Numbers of training that are no settings; the shaders have them as well (tests/shaders.rs compares).

/// Rows shorter than this have no direction.
pub const MIN_NORM: f32 = 1e-12;
/// AdamW's decay of the first moment (Loshchilov and Hutter 2019; PyTorch's defaults, like those below).
pub const BETA1: f32 = 0.9;
/// AdamW's decay of the second moment.
pub const BETA2: f32 = 0.999;
/// What AdamW adds to the root of the second moment.
pub const EPSILON: f32 = 1e-8;
