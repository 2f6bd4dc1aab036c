//! How much is read, and how much of it is used.

/// Most bytes that are read, packed and unpacked.
pub const MAX_BYTES: usize = 512 << 20;
/// Most samples that are used for training.
pub const MAX_TRAIN: usize = 10_000;
/// Most samples that are held out.
pub const MAX_TEST: usize = 2_000;
