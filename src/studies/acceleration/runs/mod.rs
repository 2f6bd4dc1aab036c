//! The study's runs: one in training, and all of them as a state machine.

pub mod run;
pub mod study;

pub use study::Study;
