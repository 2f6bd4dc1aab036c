//! Two augmented views of each sample of a batch, drawn on the host: the same numbers for both arms and every device.

use std::cell::OnceCell;

use burn::tensor::{Device, Tensor};

use super::arm::upload_rows;
use crate::data::Dataset;

/// Views of a batch, `[2n, len]`: first all first views, then all second ones, so rows i and i+n belong to sample i.
pub struct Views {
    values: Vec<f32>,
    rows: usize,
    device: Device,
    tensor: OnceCell<Tensor<2>>,
}

impl Views {
    /// Draws the views of the samples `batch` at a training step.
    pub fn draw(data: &Dataset, batch: &[u32], seed: u64, step: u32, device: &Device) -> Views {
        let len = data.kind.len();
        let mut values = vec![0.0; 2 * batch.len() * len];
        let (first, second) = values.split_at_mut(batch.len() * len);
        for (view, half) in [first, second].into_iter().enumerate() {
            for (sample, row) in batch.iter().zip(half.chunks_exact_mut(len)) {
                data.view(seed, step, *sample as usize, view as u8, row);
            }
        }
        Views::new(values, 2 * batch.len(), device)
    }

    /// Given views, `values: [2n, len]` flat.
    pub fn new(values: Vec<f32>, rows: usize, device: &Device) -> Views {
        Views { values, rows, device: device.clone(), tensor: OnceCell::new() }
    }

    /// Number of views.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The views on the device, uploaded once.
    pub fn tensor(&self) -> Tensor<2> {
        self.tensor.get_or_init(|| upload_rows(&self.values, self.rows, &self.device)).clone()
    }
}
