//! The study's models: what they are trained on and asked about, one in training, and all of them as a state machine.

pub mod inputs;
pub mod outputs;
pub mod probe;
pub mod run;
pub mod study;

pub use study::{Kept, Study};
