//! An arm's whole state on the host, and back: a run goes on from it as if it had never stopped.
//!
//! On the CPU bit for bit; on a GPU likewise, as long as its kernels add in the same order every time.

use burn::tensor::{Tensor, TensorData, Transaction};
use serde::{Deserialize, Serialize};

#[cfg(feature = "gpu")]
use super::planned::split;
use super::{Arm, floats};
#[cfg(feature = "gpu")]
use crate::config::OptimizerKind;
use crate::engine::layers::RunningStats;
use crate::engine::optimizer::Memory;
#[cfg(feature = "gpu")]
use crate::engine::plan::State;

/// Everything that training has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedArm {
    step: u32,
    values: Vec<Vec<f32>>,
    /// Mean and variance of each batch-norm layer.
    stats: Vec<[Vec<f32>; 2]>,
    /// BYOL's target; empty for the other methods.
    target: Vec<Vec<f32>>,
    /// The optimizer's first and second moments; absent before the first step.
    first: Vec<Option<Vec<f32>>>,
    second: Vec<Option<Vec<f32>>>,
    updates: i32,
    /// Losses that no evaluation has reported yet.
    losses: Vec<(u32, f32)>,
}

impl SavedArm {
    /// All values by kind, each flat; for comparisons.
    pub fn parts(&self) -> Vec<(&'static str, Vec<f32>)> {
        let moments = |all: &[Option<Vec<f32>>]| all.iter().flatten().flatten().copied().collect::<Vec<f32>>();
        vec![
            ("losses", self.losses.iter().map(|(_, loss)| *loss).collect()),
            ("first moments", moments(&self.first)),
            ("second moments", moments(&self.second)),
            ("parameters", self.values.concat()),
            ("target", self.target.concat()),
            ("running statistics", self.stats.iter().flatten().flatten().copied().collect()),
        ]
    }
}

impl Arm {
    /// Reads the arm's state.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn save(&self) -> Result<SavedArm, String> {
        #[cfg(feature = "gpu")]
        if let Some(state) = self.read_plan().await {
            return self.saved(state?).await;
        }
        if let Some(saved) = self.save_remote().await? {
            return Ok(saved);
        }
        let memory = self.optimizer.memory();
        let losses: Vec<&Tensor<1>> = self.pending_losses.iter().map(|(_, loss)| loss).collect();
        let stats = self.stats.iter().flat_map(|stats| [&stats.mean, &stats.variance]);
        let moments = memory.first.iter().chain(&memory.second).flatten();
        let all = self.values.iter().chain(self.target.iter().flatten()).chain(stats).chain(moments).chain(losses);
        let transaction = all.fold(Transaction::default(), |whole, tensor| whole.register(tensor.clone()));
        let data = transaction.execute_async().await.map_err(|error| format!("{error:?}"))?;
        let mut parts = data.into_iter().map(floats);
        let mut next = || parts.next().unwrap_or_default();
        let values: Vec<Vec<f32>> = self.values.iter().map(|_| next()).collect();
        let target = self.target.iter().flatten().map(|_| next()).collect();
        let stats = self.stats.iter().map(|_| [next(), next()]).collect();
        let mut moments = |all: &[Option<Tensor<1>>]| all.iter().map(|one| one.as_ref().map(|_| next())).collect();
        let (first, second) = (moments(&memory.first), moments(&memory.second));
        let losses = self.pending_losses.iter().map(|(step, _)| (*step, next().first().copied().unwrap_or(f32::NAN)));
        Ok(SavedArm {
            step: self.step,
            values,
            stats,
            target,
            first,
            second,
            updates: memory.steps,
            losses: losses.collect(),
        })
    }

    /// Takes over a state that an arm of the same settings saved.
    ///
    /// # Errors
    /// When the state belongs to another network; the arm is untouched then.
    pub fn load(&mut self, saved: &SavedArm) -> Result<(), String> {
        self.check(saved)?;
        let upload =
            |values: &[f32]| Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &self.device);
        let moments = |all: &[Option<Vec<f32>>]| all.iter().map(|one| one.as_deref().map(upload)).collect();
        let memory = Memory { first: moments(&saved.first), second: moments(&saved.second), steps: saved.updates };
        let losses = saved.losses.iter().map(|(step, loss)| (*step, upload(&[*loss]))).collect();
        let stats =
            saved.stats.iter().map(|[mean, variance]| RunningStats { mean: upload(mean), variance: upload(variance) });
        let stats = stats.collect();
        let values = saved.values.iter().map(|values| upload(values)).collect();
        let target = self.target.as_ref().map(|_| saved.target.iter().map(|values| upload(values)).collect());
        (self.values, self.target, self.stats, self.pending_losses) = (values, target, stats, losses);
        self.optimizer.remember(memory);
        self.step = saved.step;
        #[cfg(feature = "gpu")]
        self.load_plan(saved);
        self.load_remote(saved);
        Ok(())
    }

    /// The state of an arm that trains by a plan.
    #[cfg(feature = "gpu")]
    async fn saved(&self, state: State) -> Result<SavedArm, String> {
        let lengths = self.lengths();
        let updates = self.optimizer.memory().steps;
        let moments = |flat: &[f32], kept: bool| match kept && updates > 0 {
            true => split(flat, &lengths).into_iter().map(Some).collect(),
            false => vec![None; lengths.len()],
        };
        let adam = self.config.optimizer == OptimizerKind::AdamW;
        let halves = |both: &Vec<f32>| {
            let (mean, variance) = both.split_at(both.len() / 2);
            [mean.to_vec(), variance.to_vec()]
        };
        Ok(SavedArm {
            step: self.step,
            values: split(&state.params, &lengths),
            stats: state.running.iter().map(halves).collect(),
            target: if state.target.is_empty() { Vec::new() } else { split(&state.target, &lengths) },
            first: moments(&state.first, true),
            second: moments(&state.second, adam),
            updates,
            losses: self.peek_losses().await?,
        })
    }

    /// Gives a saved state to the plan, if the arm trains by one.
    #[cfg(feature = "gpu")]
    fn load_plan(&mut self, saved: &SavedArm) {
        let flat = |all: &[Option<Vec<f32>>]| match all.iter().all(Option::is_some) {
            true => all.iter().flatten().flatten().copied().collect(),
            false => Vec::new(),
        };
        let state = State {
            params: saved.values.concat(),
            target: saved.target.concat(),
            first: flat(&saved.first),
            second: flat(&saved.second),
            running: saved.stats.iter().map(|pair| pair.concat()).collect(),
        };
        self.write_plan(&state, &saved.losses);
    }

    fn check(&self, saved: &SavedArm) -> Result<(), String> {
        let wanted: Vec<usize> = self.values.iter().map(|value| value.dims()[0]).collect();
        let sizes = |all: &[Vec<f32>]| all.iter().map(Vec::len).collect::<Vec<_>>();
        let moments = |all: &[Option<Vec<f32>>]| {
            all.len() == wanted.len()
                && all.iter().zip(&wanted).all(|(one, size)| one.as_ref().is_none_or(|one| one.len() == *size))
        };
        let channels: Vec<usize> = self.stats.iter().map(|stats| stats.mean.dims()[0]).collect();
        let stats = saved.stats.len() == channels.len()
            && saved.stats.iter().zip(&channels).all(|(pair, size)| pair.iter().all(|one| one.len() == *size));
        let target = match &self.target {
            Some(_) => sizes(&saved.target) == wanted,
            None => saved.target.is_empty(),
        };
        if sizes(&saved.values) == wanted && moments(&saved.first) && moments(&saved.second) && stats && target {
            Ok(())
        } else {
            Err("The saved run belongs to another network.".to_owned())
        }
    }
}
