//! A data set: samples with labels in two halves, and how views of them are drawn.

use super::augment::Augmentation;
use super::batches::fnv1a;
use super::sample::Kind;
use crate::rng::{CounterRng, Domain};
use crate::text::{grouped, listed};

/// Samples with labels. Labels are for evaluation only: training never sees them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// `[n, len]`, row by row; pictures are CHW in 0..1.
    pub inputs: Vec<f32>,
    /// Class of each sample, `[n]`.
    pub labels: Vec<u16>,
}

impl Split {
    /// Number of samples.
    pub fn n(&self) -> usize {
        self.labels.len()
    }

    /// Sample `index`; panics beyond the end, as slices do.
    pub fn row(&self, index: usize) -> &[f32] {
        let len = self.inputs.len() / self.n().max(1);
        &self.inputs[index * len..(index + 1) * len]
    }

    /// Adds a sample.
    pub(super) fn push(&mut self, row: &[f32], label: u16) {
        self.inputs.extend_from_slice(row);
        self.labels.push(label);
    }
}

/// A data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Name for people.
    pub name: String,
    /// What one sample is.
    pub kind: Kind,
    /// Class names.
    pub classes: Vec<String>,
    /// For training, and the bank of the kNN classifier.
    pub train: Split,
    /// Held out.
    pub test: Split,
    /// Samples of classes that are never trained on, if there are any.
    pub unseen: Option<Split>,
    /// Their class names.
    pub unseen_classes: Vec<String>,
    /// Source and licence.
    pub provenance: String,
    /// How a view of a sample is drawn.
    pub augmentation: Augmentation,
    /// What the reader should know, e.g. that only a part of a file is used.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Whether samples can be told right from wrong: there are two classes at least.
    pub fn has_classes(&self) -> bool {
        self.classes.len() > 1
    }

    /// A hash of all samples and labels: equal for equal data, whatever the files are called.
    pub fn fingerprint(&self) -> u64 {
        let part = |split: &Split| {
            let bytes: Vec<u8> = split.inputs.iter().flat_map(|value| value.to_le_bytes()).collect();
            let labels: Vec<u8> = split.labels.iter().flat_map(|label| label.to_le_bytes()).collect();
            [fnv1a(&bytes), fnv1a(&labels)]
        };
        let parts = [part(&self.train), part(&self.test)].concat();
        fnv1a(&parts.iter().flat_map(|part| part.to_le_bytes()).collect::<Vec<u8>>())
    }

    /// What was read, in one line: how many samples of what, and of how many classes.
    pub fn account(&self) -> String {
        let what = match self.kind {
            Kind::Image { channels, height, width } => {
                format!("{} pictures of {height} × {width}", if channels == 1 { "grey" } else { "colour" })
            }
            Kind::Vector { dim } => format!("rows of {dim} values"),
        };
        let classes = match self.classes.as_slice() {
            [] => "no classes".to_owned(),
            [only] => format!("one class ({only})"),
            all => format!("{} classes ({})", all.len(), listed(all)),
        };
        let (train, test) = (grouped(self.train.n()), grouped(self.test.n()));
        format!("{}: {what}, {train} for training, {test} held out, {classes}.", self.name)
    }

    /// The classes that have samples, in order.
    pub fn occurring(&self) -> Vec<u16> {
        let mut has = vec![false; self.classes.len()];
        for label in self.train.labels.iter().chain(&self.test.labels) {
            if let Some(has) = has.get_mut(usize::from(*label)) {
                *has = true;
            }
        }
        (0..self.classes.len() as u16).filter(|class| has[usize::from(*class)]).collect()
    }

    /// Draws view `view` of training sample `sample` for training step `step` into `out: [len]`.
    pub fn view(&self, seed: u64, step: u32, sample: usize, view: u8, out: &mut [f32]) {
        let mut rng = Dataset::stream(seed, step, sample as u32, view);
        self.augmentation.apply(&self.kind, self.train.row(sample), &mut rng, out);
    }

    /// The random numbers of a view.
    pub fn stream(seed: u64, step: u32, sample: u32, view: u8) -> CounterRng {
        CounterRng::new(Domain::Augment, seed, step, sample, u32::from(view))
    }

    /// As [`Dataset::view`] for held-out sample `sample`.
    pub fn view_of_test(&self, seed: u64, step: u32, sample: usize, view: u8, out: &mut [f32]) {
        let mut rng = Dataset::stream(seed, step, sample as u32, 2 + view);
        self.augmentation.apply(&self.kind, self.test.row(sample), &mut rng, out);
    }
}
