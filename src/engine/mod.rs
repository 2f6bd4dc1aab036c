//! The training engine, on burn: one code for the CPU (flex), WebGPU and native GPUs.
//!
//! ```text
//! error      what can go wrong, in words
//! platform/  what is different in browsers and outside
//! gpu/       the GPU that training and drawing share; no_gpu: what stands for it in builds without
//! kernels/   our own WGSL on a GPU, and launching it;  no_kernels: what stands for it
//! device     which device computes, and why
//! ops/       custom operations: WGSL kernel, CPU twin and backward of each
//! params     flat parameters, initial weights drawn on the host, cut-initialization
//! layers     linear, convolution, batch norm, pooling; stacks of them
//! network    encoder, projector, predictor for a data set and a method
//! losses     NT-Xent, DCL and the prediction loss on un-normalised embeddings
//! optimizer  SGD with momentum, AdamW, learning-rate schedule
//! tensors    numbers between host and device: what is read has the length that was asked for
//! samples    a data set that arms share, on host and GPU
//! views      two augmented views of each sample of a batch
//! feed       what an arm trains on, step by step
//! inputs     what an evaluation looks at and finds
//! model      what is trained, and the passes through it that burn does;  saved: its whole state on the host
//! trainer/   who trains: burn, a plan, the second worker
//! plan/      a training step in our own WGSL, for GPUs: one submit, no autodiff;  no_plan: what stands for it
//! arm        a model with who trains it: a training step, an evaluation
//! helper/    an arm in another worker
//! evaluate   metrics and points from a snapshot of an arm
//! session    two arms in lockstep; commands in, events out
//! checkpoint a run as bytes, to go on later
//! story      one training step, taken apart
//! weights    trained arms as a safetensors file
//! classifier a supervised perceptron, for the benchmark
//! bench      how fast this device trains
//! selftest/  custom operations, losses and steps on this device against the CPU
//! ```

pub mod arm;
pub mod bench;
pub mod checkpoint;
pub mod classifier;
pub mod device;
pub mod error;
pub mod evaluate;
pub mod feed;
#[cfg_attr(not(feature = "gpu"), path = "no_gpu.rs")]
pub mod gpu;
pub mod helper;
pub mod inputs;
#[cfg_attr(not(feature = "gpu"), path = "no_kernels.rs")]
pub mod kernels;
pub mod layers;
pub mod losses;
pub mod model;
pub mod network;
pub mod ops;
pub mod optimizer;
pub mod params;
#[cfg_attr(not(feature = "gpu"), path = "no_plan.rs")]
pub mod plan;
#[cfg_attr(target_arch = "wasm32", path = "platform/wasm.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "platform/native.rs")]
pub mod platform;
pub mod samples;
pub mod saved;
pub mod selftest;
pub mod session;
mod story;
pub mod tensors;
pub mod trainer;
pub mod views;
pub mod weights;
