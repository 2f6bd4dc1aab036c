//! A training step as a fixed list of dispatches in our own WGSL: what a GPU runs instead of burn's autodiff. Builds without GPU
//! support have `no_plan.rs` in its place.
//!
//! At our sizes a step costs its dispatches, not its flops. So nothing is decided while training: buffers, bind groups and
//! grids are made once ([`tape`]), a step writes a few numbers, encodes one compute pass and submits it. Gradients are
//! reduced and applied by a single dispatch over all parameters; losses stay on the GPU until somebody asks.
//!
//! ```text
//! source     the kernels' WGSL;  kernels: their pipelines;  layout: what both sides agree on
//! context    a GPU with the pipelines
//! buffers    a device's memory, and reading it;  dispatch: one kernel on some buffers
//! tape       from a network to the dispatches of a step, of an evaluation, of a vote
//! resident   the data set on the GPU;  drawing: the views drawn from it
//! step       the training step of one arm
//! evaluator  an evaluation: one submit, one read
//! trainer    what trains an arm with both;  classifier: what trains the benchmark's classifier
//! alone      a loss by itself, for the self-test;  finite_differences: the self-test of whole steps
//! ```
//!
//! The CPU twin is the same step through burn ([`super::trainer`]); tests/plan.rs and the self-test compare the two.

mod alone;
mod buffers;
mod classifier;
mod context;
mod dispatch;
mod drawing;
mod evaluator;
pub mod finite_differences;
mod kernels;
mod layout;
mod resident;
mod source;
mod step;
mod tape;
mod trainer;

pub use alone::loss;
pub use buffers::storage;
pub use classifier::ClassifierByPlan;
pub use context::Context;
pub use evaluator::Points;
pub use layout::{OPERATIONS, WIDE};
pub use resident::Resident;
pub use trainer::ByPlan;
