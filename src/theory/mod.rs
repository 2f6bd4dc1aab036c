//! Closed forms in f64: what the engine's f32 is measured against.

pub mod losses;
