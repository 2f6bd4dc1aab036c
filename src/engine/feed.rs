//! What an arm trains on: batches in the order that the seed gives, and the views of their samples.

use burn::tensor::Device;

use super::samples::Samples;
use super::views::Views;
use crate::data::BatchOrder;

/// A run's batches and views, by the number of the step.
pub struct Feed {
    order: BatchOrder,
    seed: u64,
}

impl Feed {
    /// Of a run with this seed on these samples.
    pub fn new(seed: u64, samples: &Samples) -> Feed {
        Feed { order: BatchOrder::new(seed, samples.train.n()), seed }
    }

    /// The samples of a step's batch.
    pub fn batch(&mut self, step: u32, size: u32) -> Vec<u32> {
        self.order.batch(step, size as usize)
    }

    /// Two views of each sample of a step's batch, `[2n, len]`.
    pub fn views(&self, samples: &Samples, batch: &[u32], step: u32, device: &Device) -> Views {
        Views::draw(samples, batch, self.seed, step, device)
    }

    /// A step's batch and its views.
    pub fn next(&mut self, samples: &Samples, step: u32, size: u32, device: &Device) -> (Vec<u32>, Views) {
        let batch = self.batch(step, size);
        let views = self.views(samples, &batch, step, device);
        (batch, views)
    }
}
