//! Studies: questions that take many training runs, as state machines that a page, a worker or the command line steps
//! forward, save, and go on with later.
//!
//! ```text
//! acceleration/   does norm control reach the same accuracy in fewer steps, and is it more than a learning-rate change?
//! anomaly/        does the norm tell inputs that are unlike the training data, and what tells them better?
//! checkpoint      a study that was saved
//! options_error   what is wrong with a study's options
//! job             what the page's rooms ask of studies and of the engine
//! variant         what a study compares: ways to train
//! resumable       what studies have in common: stepped forward, saved, gone on with                     burn
//! error           why a study can't begin or go on                                                     burn
//! training        one arm in training, alone, in short slices                                          burn
//! answers         reports as the page shows them
//! worker/         does the rooms' jobs;  bench: how fast a device trains    burn
//! intervals       bootstrap intervals over runs of which some may not have reached their goal
//! ```

pub mod acceleration;
pub mod anomaly;
#[cfg(any(feature = "worker", feature = "cli"))]
pub mod answers;
pub mod checkpoint;
pub mod intervals;
pub mod job;
pub mod options_error;
pub mod variant;

#[cfg(feature = "engine")]
pub mod error;
#[cfg(feature = "engine")]
pub mod resumable;
#[cfg(feature = "engine")]
pub mod training;
#[cfg(feature = "worker")]
pub mod worker;

pub use checkpoint::Checkpoint;
pub use job::Job;
pub use options_error::OptionsError;
