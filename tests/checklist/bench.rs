//! One arm, trained alone on any data set.

use burn::tensor::Device;
use normscope::config::{ArmId, DataName};
use normscope::data::{Dataset, LatentOptions, Split};
use normscope::engine::arm::{Arm, upload_rows};
use normscope::engine::device::Compute;
use normscope::engine::feed::Feed;
use normscope::engine::samples::Samples;
use normscope::engine::views::Views;
use normscope::metrics::knn::Knn;
use normscope::metrics::{Embeddings, geometry, stats};

use crate::runs::experiment;

/// An arm with its data and its batches.
pub struct Bench {
    pub arm: Arm,
    pub data: Samples,
    feed: Feed,
}

impl Bench {
    /// Arm A of an experiment, on the experiment's data.
    pub fn new(query: &str) -> Bench {
        let experiment = experiment(query);
        let data = match experiment.run.data {
            DataName::Latent => Dataset::latent(&LatentOptions { seed: experiment.run.seed, ..Default::default() }),
            DataName::Shapes => Dataset::shapes(experiment.run.seed),
            DataName::Digits | DataName::Files => Dataset::digits(),
        };
        Bench::on(data, query)
    }

    /// Arm A of an experiment, on other data.
    pub fn on(data: Dataset, query: &str) -> Bench {
        let experiment = experiment(query);
        let compute = Compute::cpu("test");
        let data = Samples::new(data, &compute);
        let arm = Arm::new(ArmId::A, &experiment, &data, &compute);
        let feed = Feed::new(experiment.run.seed, &data);
        Bench { arm, data, feed }
    }

    /// Two views of each sample of the next batch, as the session draws them.
    pub fn views(&mut self) -> Views {
        let step = self.arm.step();
        self.feed.next(&self.data, step, self.arm.config().batch, &Device::flex()).1
    }

    /// Trains for `steps` steps; the losses.
    pub fn train(&mut self, steps: u32) -> Vec<f64> {
        for _ in 0..steps {
            let views = self.views();
            self.arm.train(&views).unwrap();
        }
        let losses = pollster::block_on(self.arm.take_losses()).unwrap();
        losses.into_iter().map(|(_, loss)| loss).collect()
    }

    /// Embeddings of the rows `inputs: [n, len]` with the running statistics, `[n, dim]`.
    pub fn embed(&self, inputs: &[f32]) -> Vec<f32> {
        let x = upload_rows(inputs, inputs.len() / self.data.kind.len(), &Device::flex());
        pollster::block_on(self.arm.read_embeddings(&x)).unwrap()
    }

    /// Embeddings as rows of the arm's dimension.
    pub fn rows<'a>(&self, z: &'a [f32]) -> Embeddings<'a> {
        Embeddings::new(z, self.arm.config().dim as usize).unwrap()
    }

    /// kNN accuracy of the held-out samples against the training samples.
    pub fn knn(&self) -> f64 {
        let [bank, held] = [&self.data.train, &self.data.test].map(|split: &Split| self.embed(&split.inputs));
        Knn::new(self.rows(&bank), &self.data.train.labels).accuracy(self.rows(&held), &self.data.test.labels)
    }

    /// Median norm of the held-out samples.
    pub fn norm(&self) -> f64 {
        self.norm_quantile(0.5)
    }

    /// A quantile of the held-out samples' norms.
    pub fn norm_quantile(&self, q: f64) -> f64 {
        stats::quantile(&self.rows(&self.embed(&self.data.test.inputs)).norms(), q)
    }

    /// Spread of the held-out samples' directions, at most 1/sqrt(dim).
    pub fn spread(&self) -> f64 {
        geometry::spread(self.rows(&self.embed(&self.data.test.inputs)))
    }
}

/// The mean.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
