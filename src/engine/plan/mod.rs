//! A training step as a fixed list of dispatches in our own WGSL: what a GPU runs instead of burn's autodiff. Builds without GPU
//! support have `no_plan.rs` in its place.
//!
//! At our sizes a step costs its dispatches, not its flops. So nothing is decided while training: buffers, bind groups and
//! grids are made once ([`lowering`]), a step writes a few numbers, encodes one compute pass and submits it. Gradients are
//! reduced and applied by a single dispatch over all parameters; losses stay on the GPU until they are asked for.
//!
//! ```text
//! lowering   from a network to the dispatches of a step, of an evaluation, of a vote
//! step       the training step of one arm
//! evaluator  an evaluation: one submit, one read
//! trainer    what trains an arm with both;  classifier: what trains the benchmark's classifier
//! alone      a loss by itself, for the self-test;  finite_differences: the self-test of whole steps
//! ```
//!
//! The CPU twin is the same step through burn ([`super::trainer`]); tests/plan.rs and the self-test compare the two.

mod alone;
mod classifier;
mod evaluator;
pub mod finite_differences;
mod lowering;
mod step;
mod trainer;

pub use alone::loss;
pub use classifier::ClassifierByPlan;
pub use evaluator::Points;
pub use trainer::ByPlan;

pub use super::kernels::buffers::storage;
