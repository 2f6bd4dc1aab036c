//! What stands for plans in builds without GPU support: the items of `plan`, none of which can be made.

use super::error::EngineError;
use super::gpu::Gpu;
use super::inputs::{EvalInputs, Snapshot};
use super::kernels::{Context, Resident};
use super::model::{Model, Parameters};
use super::network::Network;
use super::saved::SavedArm;
use super::views::Views;
use crate::config::LossKind;

/// Held-out embeddings in a GPU's memory: there are none.
pub type Points<'a> = &'a Gpu;

/// Training by a plan: there is none.
pub enum ByPlan {}

impl ByPlan {
    /// On no GPU.
    ///
    /// # Errors
    /// None.
    pub fn new(
        context: &Context,
        _: &Model,
        _: usize,
        _: Option<&Resident>,
        _: &[Vec<f32>],
        _: &Parameters,
    ) -> Result<ByPlan, EngineError> {
        match *context {}
    }

    /// Whether it has the GPU draw these views.
    pub fn draws(&self, _: &Views) -> bool {
        match *self {}
    }

    /// One step.
    ///
    /// # Errors
    /// None.
    pub fn train(&mut self, _: &Model, _: &Views) -> Result<(), EngineError> {
        match *self {}
    }

    /// An evaluation.
    ///
    /// # Errors
    /// None.
    pub async fn snapshot(&mut self, _: &Model, _: &EvalInputs) -> Result<Snapshot, EngineError> {
        match *self {}
    }

    /// The parameters as they stand.
    ///
    /// # Errors
    /// None.
    pub async fn parameters(&self, _: &Model) -> Result<Parameters, EngineError> {
        match *self {}
    }

    /// The losses that wait on the GPU.
    ///
    /// # Errors
    /// None.
    pub async fn take_losses(&mut self) -> Result<Vec<(u32, f64)>, EngineError> {
        match *self {}
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        match *self {}
    }

    /// Waits until the GPU is at most a few steps behind.
    pub async fn pace(&self) {
        match *self {}
    }

    /// The whole state.
    ///
    /// # Errors
    /// None.
    pub async fn save(&self, _: &Model) -> Result<SavedArm, EngineError> {
        match *self {}
    }

    /// Goes on from a state.
    pub fn load(&mut self, _: &SavedArm) {
        match *self {}
    }

    /// Where the held-out embeddings of the last evaluation are.
    pub fn points(&self) -> Option<Points<'_>> {
        match *self {}
    }

    /// The views of the last step.
    ///
    /// # Errors
    /// None.
    pub async fn read_views(&self) -> Result<Vec<f32>, EngineError> {
        match *self {}
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step.
    pub async fn profile(&self, _: u32) -> Vec<(String, [u32; 3], f64)> {
        match *self {}
    }
}

/// The benchmark's classifier trained by a plan: there is none.
pub enum ClassifierByPlan {}

impl ClassifierByPlan {
    /// On no GPU.
    ///
    /// # Errors
    /// None.
    pub fn new(context: &Context, _: &Network, _: usize, _: &[Vec<f32>]) -> Result<ClassifierByPlan, EngineError> {
        match *context {}
    }

    /// One step.
    pub fn train(&self, _: u32, _: f64, _: &[f32], _: &[u32]) {
        match *self {}
    }

    /// The loss of a step.
    ///
    /// # Errors
    /// None.
    pub async fn loss(&self, _: u32) -> Result<f32, EngineError> {
        match *self {}
    }

    /// Waits until the GPU is at most a few steps behind.
    pub async fn pace(&self) {
        match *self {}
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        match *self {}
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step.
    pub async fn profile(&self, _: u32) -> Vec<(String, [u32; 3], f64)> {
        match *self {}
    }
}

/// A loss by our kernels, alone.
///
/// # Errors
/// None.
pub async fn loss(
    context: &Context,
    _: Option<LossKind>,
    _: [&[f32]; 2],
    _: [u32; 2],
    _: [f64; 2],
) -> Result<(f32, Vec<f32>), EngineError> {
    match *context {}
}

/// The self-test of whole training steps in our own WGSL.
pub mod finite_differences {
    use crate::engine::device::Compute;
    use crate::engine::error::EngineError;
    use crate::protocol::Check;

    /// Nothing to compare.
    ///
    /// # Errors
    /// None.
    pub async fn run(_: &Compute) -> Result<Vec<Check>, EngineError> {
        Ok(Vec::new())
    }
}
