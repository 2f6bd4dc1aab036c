//! What an arm is given and what an evaluation looks at and finds: the experiment's data set, the samples of an evaluation, the
//! snapshot.

use burn::tensor::Tensor;

use super::device::Compute;
use super::error::EngineError;
use super::gpu::Buffer;
use super::samples::Samples;
use super::tensors::{expect, upload_rows};
use super::views::Views;
use crate::config::{DataName, Experiment};
use crate::data::augment::GreyOptions;
use crate::data::{Augmentation, Dataset, Kind, LatentOptions, Split};

/// Training samples that kNN and the other bank metrics compare with, at most.
pub const BANK: usize = 1500;
/// Held-out points that are evaluated and drawn, at most.
pub const POINTS: usize = 500;
/// Training samples of the probe batch for gradients, alignment and uniformity.
const PROBE: usize = 128;
/// The step number under which the probe's views are drawn: no run gets there.
pub const PROBE_STEP: u32 = u32::MAX;

/// The experiment's data set; `files` stands in for `data=files`.
///
/// # Errors
/// [`EngineError::NoFiles`] where the files are not there: other data would be another experiment.
pub fn load(experiment: &Experiment, files: Option<&Dataset>) -> Result<Dataset, EngineError> {
    match (experiment.run.data, files) {
        (DataName::Files, Some(files)) => Ok(files.clone()),
        (DataName::Files, None) => Err(EngineError::NoFiles),
        (DataName::Latent, _) => {
            Ok(Dataset::latent(&LatentOptions { seed: experiment.run.seed, ..Default::default() }))
        }
        (DataName::Shapes, _) => Ok(Dataset::shapes(experiment.run.seed)),
        (DataName::Digits, _) => Ok(Dataset::digits()),
    }
}

/// What stands for data that are not there: one blank sample, which nothing is made of.
pub fn blank() -> Dataset {
    let split = || Split { inputs: vec![0.0], labels: vec![0] };
    Dataset {
        name: String::new(),
        kind: Kind::Vector { dim: 1 },
        classes: Vec::new(),
        train: split(),
        test: split(),
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: String::new(),
        augmentation: Augmentation::Grey(GreyOptions::default()),
        notes: Vec::new(),
    }
}

/// The inputs of an evaluation, uploaded once.
#[derive(Clone)]
pub struct EvalInputs {
    /// Training samples as they are, `[bank, len]`.
    pub bank: Tensor<2>,
    /// Held-out samples, `[points, len]`.
    pub points: Tensor<2>,
    /// Two views of a fixed set of training samples, `[2n, len]`.
    pub probe: Tensor<2>,
    /// Class of each sample of the bank, `[bank]`.
    pub labels: Vec<u32>,
    /// Bank, points and probe on the GPU, flat, where plans train the arms.
    pub resident: Option<[Buffer; 3]>,
}

impl EvalInputs {
    /// The first training and held-out samples, and views of a few.
    pub fn new(data: &Samples, seed: u64, compute: &Compute) -> EvalInputs {
        let len = data.kind.len();
        let upload = |values: &[f32], rows: usize| upload_rows(&values[..rows * len], rows, &compute.device);
        let probe: Vec<u32> = (0..PROBE.min(data.train.n()) as u32).collect();
        let probe = Views::draw(data, &probe, seed, PROBE_STEP, &compute.device);
        let (bank, points) = (data.train.n().min(BANK), data.test.n().min(POINTS));
        EvalInputs {
            resident: compute.gpu().map(|gpu| {
                let rows = [&data.train.inputs[..bank * len], &data.test.inputs[..points * len], probe.values()];
                rows.map(|rows| gpu.upload("evaluation", rows))
            }),
            bank: upload(&data.train.inputs, bank),
            points: upload(&data.test.inputs, points),
            probe: probe.tensor(),
            labels: data.train.labels.iter().take(BANK).map(|label| u32::from(*label)).collect(),
        }
    }

    /// Bank, points and probe.
    pub fn all(&self) -> [&Tensor<2>; 3] {
        [&self.bank, &self.points, &self.probe]
    }
}

/// What an evaluation reads from the device.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    /// Training steps done.
    pub step: u32,
    /// Loss of every step since the last snapshot.
    pub losses: Vec<(u32, f64)>,
    /// Embeddings of the training bank, `[bank, dim]`.
    pub bank: Vec<f32>,
    /// Embeddings of the held-out points, `[points, dim]`.
    pub points: Vec<f32>,
    /// Embeddings of the probe batch's two views, `[2n, dim]`.
    pub probe: Vec<f32>,
    /// What the probe's gradients are about: z itself, or the predictions for BYOL and SimSiam, `[2n, dim]`.
    pub probe_outputs: Vec<f32>,
    /// The loss's gradient with respect to `probe_outputs` as the network receives it, `[2n, dim]`.
    pub probe_gradients: Vec<f32>,
    /// Learning rate of the last step.
    pub lr: f64,
    /// The class that kNN gives each point, where the device has found it already.
    pub classes: Option<Vec<u16>>,
    /// Rows of the bank.
    pub n_bank: usize,
    /// Held-out points.
    pub n_points: usize,
}

impl Snapshot {
    /// Checks that it has all embeddings of these inputs, of dimension `dim`.
    ///
    /// # Errors
    /// When it has more or fewer of some: names them.
    pub fn check(&self, inputs: &EvalInputs, dim: usize) -> Result<(), EngineError> {
        let [bank, points, probe] = inputs.all().map(|rows| rows.dims()[0]);
        expect("the bank's embeddings", self.bank.len(), bank * dim)?;
        expect("the points' embeddings", self.points.len(), points * dim)?;
        expect("the probe's embeddings", self.probe.len(), probe * dim)?;
        expect("the probe's outputs", self.probe_outputs.len(), probe * dim)?;
        expect("the probe's gradients", self.probe_gradients.len(), probe * dim)?;
        expect("the points' classes", self.classes.as_ref().map_or(points, Vec::len), points)?;
        expect("the bank", self.n_bank, bank)?;
        expect("the points", self.n_points, points)
    }
}
