//! Two augmented views of each sample of a batch: the same for both arms and every device.
//!
//! What is random is drawn on the host. The values themselves are worked out here for burn, and by the GPU (from the resident
//! data set, see `super::kernels::Resident`) for arms that train by a plan: each once, when it is asked for.

use std::cell::OnceCell;

use burn::tensor::{Device, Tensor};

use super::samples::Samples;
use super::tensors::upload_rows;
use crate::data::Dataset;
use crate::rng::CounterRng;

/// Views of a batch, `[2n, len]`: first all first views, then all second ones, so rows i and i+n belong to sample i.
pub struct Views {
    rows: usize,
    device: Device,
    source: Source,
    tensor: OnceCell<Tensor<2>>,
    recipes: OnceCell<Vec<u32>>,
}

/// Where the values come from.
enum Source {
    /// They are drawn when they are asked for.
    Drawn(Drawn, OnceCell<Vec<f32>>),
    /// They were given.
    Given(Vec<f32>),
}

/// Which views of what.
struct Drawn {
    samples: Samples,
    batch: Vec<u32>,
    seed: u64,
    step: u32,
}

impl Drawn {
    /// (sample, its stream of random numbers) of each view, in the order of the rows.
    fn views(&self) -> impl Iterator<Item = (u32, CounterRng)> + '_ {
        let keys = (0..2_u8).flat_map(|view| self.batch.iter().map(move |sample| (*sample, view)));
        keys.map(|(sample, view)| (sample, Dataset::stream(self.seed, self.step, sample, view)))
    }

    fn values(&self) -> Vec<f32> {
        let data = self.samples.data();
        let len = data.kind.len();
        let mut values = vec![0.0; 2 * self.batch.len() * len];
        for ((sample, mut rng), row) in self.views().zip(values.chunks_exact_mut(len)) {
            data.augmentation.apply(&data.kind, data.train.row(sample as usize), &mut rng, row);
        }
        values
    }
}

impl Views {
    /// The views of the samples `batch` at a training step.
    pub fn draw(samples: &Samples, batch: &[u32], seed: u64, step: u32, device: &Device) -> Views {
        let drawn = Drawn { samples: samples.clone(), batch: batch.to_vec(), seed, step };
        Views::of(Source::Drawn(drawn, OnceCell::new()), 2 * batch.len(), device)
    }

    /// Given views, `values: [2n, len]` flat.
    pub fn new(values: Vec<f32>, rows: usize, device: &Device) -> Views {
        Views::of(Source::Given(values), rows, device)
    }

    fn of(source: Source, rows: usize, device: &Device) -> Views {
        Views { rows, device: device.clone(), source, tensor: OnceCell::new(), recipes: OnceCell::new() }
    }

    /// Number of views.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        match &self.source {
            Source::Drawn(drawn, values) => values.get_or_init(|| drawn.values()),
            Source::Given(values) => values,
        }
    }

    /// The views on the device, uploaded once.
    pub fn tensor(&self) -> Tensor<2> {
        self.tensor.get_or_init(|| upload_rows(self.values(), self.rows, &self.device)).clone()
    }

    /// What a GPU needs to draw the views; `None` for given views and where nothing is resident.
    pub fn recipes(&self) -> Option<&[u32]> {
        let Source::Drawn(drawn, _) = &self.source else { return None };
        let resident = drawn.samples.resident()?;
        Some(self.recipes.get_or_init(|| resident.recipes(drawn.samples.data(), drawn.views())))
    }
}
