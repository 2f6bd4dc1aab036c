//! The training engine, on burn: one code for the CPU (flex), WebGPU and native GPUs.
//!
//! ```text
//! device     which device computes, and why
//! ops/       custom operations: WGSL kernel, CPU twin and backward of each
//! params     flat parameters, initial weights drawn on the host, cut-initialization
//! layers     linear, convolution, batch norm, pooling; stacks of them
//! network    encoder, projector, predictor for a data set and a method
//! losses     NT-Xent, DCL and the prediction loss on un-normalised embeddings
//! optimizer  SGD with momentum, AdamW, learning-rate schedule
//! plan/      a training step in our own WGSL, for GPUs: one submit, no autodiff
//! arm        one model: a training step, an evaluation
//! evaluate   metrics and points from a snapshot of an arm
//! helper     an arm in another worker
//! checkpoint a run as bytes, to go on later
//! classifier a supervised perceptron, for the benchmark
//! bench      how fast this device trains
//! story      one training step, taken apart
//! samples    a data set that arms share, on host and GPU
//! selftest   custom operations and losses on this device against the CPU
//! session    two arms in lockstep; commands in, events out
//! views      two augmented views of each sample of a batch
//! weights    trained arms as a safetensors file
//! ```

pub mod arm;
pub mod bench;
#[cfg(any(feature = "web", feature = "cli"))]
pub mod checkpoint;
pub mod classifier;
pub mod device;
pub mod evaluate;
#[cfg(any(feature = "web", feature = "cli"))]
pub mod helper;
pub mod layers;
pub mod losses;
pub mod network;
pub mod ops;
pub mod optimizer;
pub mod params;
#[cfg(feature = "gpu")]
pub mod plan;
pub mod samples;
pub mod selftest;
pub mod session;
mod story;
pub mod views;
pub mod weights;
