//! The samples of a seed: what is trained on, the known held-out halves, and the outliers.

use crate::data::ood::equalise;
use crate::data::{Dataset, Kind, Ood, Split};
use crate::engine::device::Compute;
use crate::engine::samples::Samples;
use crate::rng::{CounterRng, Domain};
use crate::studies::acceleration::halves;
use crate::studies::anomaly::options::{Options, held_out};
use crate::studies::error::StudyError;

/// Training samples that others are compared with, at most.
const BANK: usize = 1500;
/// Key of the generator for stand-in outliers, beyond those of the kinds.
const STAND_IN: u32 = 3000;

/// All inputs of one seed, rows of the data set's length.
pub struct Inputs {
    /// The data without the held-out classes; its `unseen` split holds those.
    pub data: Samples,
    /// Training samples that others are compared with.
    pub bank: usize,
    /// Known held-out samples for choosing.
    pub validation: Split,
    /// Known held-out samples for reporting.
    pub test: Split,
    /// Stand-in outliers for choosing: the validation samples with their quarters shuffled.
    pub stand_in: Vec<f32>,
    /// Outliers for reporting, kind by kind.
    pub outliers: Vec<(Ood, Vec<f32>)>,
}

impl Inputs {
    /// Draws everything for the `group`-th seed.
    ///
    /// # Errors
    /// When the data has too few samples, or none of the kinds.
    pub fn draw(
        whole: &Dataset,
        options: &Options,
        seed: u64,
        group: usize,
        compute: &Compute,
    ) -> Result<Inputs, StudyError> {
        let data = match &whole.unseen {
            Some(_) => whole.clone(),
            None => {
                // A class without samples has no outliers to draw.
                let occurring = whole.occurring();
                let places = held_out(occurring.len(), options.hold_out, group);
                whole.hold_out(&places.iter().map(|place| occurring[usize::from(*place)]).collect::<Vec<_>>())
            }
        };
        let limit = data.test.n().min(2 * options.samples as usize);
        let (validation, test) = halves::stratified(&data.test.labels[..limit]);
        if test.len() < 10 {
            return Err(StudyError::FewHeldOut { data: data.name, samples: data.test.n() });
        }
        let (validation, test) = (pick(&data.test, &validation), pick(&data.test, &test));
        let outliers: Vec<(Ood, Vec<f32>)> = options
            .kinds
            .iter()
            .filter_map(|kind| {
                kind.draw(&data, limit_of(*kind, &data, options.samples), seed).map(|rows| (*kind, rows))
            })
            .map(|(kind, mut rows)| {
                if options.equalise {
                    equalise(&mut rows, &data.test, seed);
                }
                (kind, rows)
            })
            .collect();
        if outliers.is_empty() {
            let kinds: Vec<&str> = options.kinds.iter().map(|kind| kind.key()).collect();
            return Err(StudyError::NoOutliers { data: data.name, kinds: kinds.join(", ") });
        }
        let stand_in = shuffled_quarters(&validation, &data.kind, seed);
        let bank = data.train.n().min(BANK);
        Ok(Inputs { data: Samples::new(data, compute), bank, validation, test, stand_in, outliers })
    }

    /// The bank's rows, `[bank, len]`.
    pub fn bank_rows(&self) -> &[f32] {
        &self.data.train.inputs[..self.bank * self.len()]
    }

    /// Values of one sample.
    pub fn len(&self) -> usize {
        self.data.kind.len()
    }

    /// Always false: an empty one can't be drawn.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// No more unseen samples than there are: repeated ones would look like more evidence than there is.
fn limit_of(kind: Ood, data: &Dataset, samples: u32) -> usize {
    let there = match (kind, &data.unseen) {
        (Ood::Unseen, Some(unseen)) => unseen.n(),
        (Ood::Blur | Ood::Contrast, _) => data.test.n(),
        _ => usize::MAX,
    };
    there.min(samples as usize)
}

fn pick(split: &Split, indices: &[usize]) -> Split {
    Split {
        inputs: indices.iter().flat_map(|&at| split.row(at)).copied().collect(),
        labels: indices.iter().map(|&at| split.labels[at]).collect(),
    }
}

/// The samples with their four quarters in another order, none of them where it was: the same pixels, another whole.
fn shuffled_quarters(split: &Split, kind: &Kind, seed: u64) -> Vec<f32> {
    let len = kind.len();
    let mut all = Vec::with_capacity(split.inputs.len());
    for at in 0..split.n() {
        let turn = 1 + CounterRng::new(Domain::Ood, seed, STAND_IN, at as u32, 0).below(3) as usize;
        let row = split.row(at);
        match *kind {
            Kind::Vector { .. } => all.extend((0..len).map(|i| row[(i + turn * len / 4) % len])),
            Kind::Image { height, width, .. } => all.extend((0..len).map(|i| {
                let (plane, y, x) = (i / (height * width), i / width % height, i % width);
                let dy = if turn & 1 == 1 { height / 2 } else { 0 };
                let dx = if turn & 2 == 2 { width / 2 } else { 0 };
                row[plane * height * width + (y + dy) % height * width + (x + dx) % width]
            })),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        Inputs::draw(&Dataset::digits(), &Options::quick(), 7, 1, &Compute::cpu("test")).unwrap()
    }

    #[test]
    fn held_out_classes_are_nowhere_but_among_the_outliers() {
        let inputs = inputs();
        assert_eq!(inputs.data.unseen_classes, ["2", "3"]);
        assert_eq!(inputs.data.train.labels.iter().max(), Some(&7));
        assert_eq!(inputs.outliers.len(), Ood::ALL.len());
        let (_, unseen) = &inputs.outliers[0];
        let known: Vec<&[f32]> = (0..inputs.data.train.n()).map(|at| inputs.data.train.row(at)).collect();
        let norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
        for row in unseen.chunks_exact(64) {
            let cosine =
                |other: &&[f32]| row.iter().zip(*other).map(|(a, b)| a * b).sum::<f32>() / norm(row) / norm(other);
            assert!(known.iter().map(cosine).fold(0.0, f32::max) < 0.9999);
        }
    }

    #[test]
    fn halves_are_disjoint_and_balanced_and_stand_ins_keep_the_pixels() {
        let inputs = inputs();
        assert!(inputs.validation.n().abs_diff(inputs.test.n()) <= 1);
        for (row, stand_in) in inputs.validation.inputs.chunks(64).zip(inputs.stand_in.chunks(64)) {
            let sorted = |row: &[f32]| {
                let mut row = row.to_vec();
                row.sort_unstable_by(f32::total_cmp);
                row
            };
            assert_eq!(sorted(row), sorted(stand_in));
            assert_ne!(row, stand_in);
        }
    }

    #[test]
    fn latent_data_brings_its_own_unseen_classes_and_has_no_corruptions() {
        let data = Dataset::latent(&crate::data::LatentOptions::default());
        let inputs = Inputs::draw(&data, &Options::quick(), 7, 0, &Compute::cpu("test")).unwrap();
        let kinds: Vec<Ood> = inputs.outliers.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Ood::Unseen, Ood::Mixup, Ood::Uniform, Ood::Noise]);
        let only = Options { kinds: vec![Ood::Blur], ..Options::quick() };
        assert!(
            Inputs::draw(&data, &only, 7, 0, &Compute::cpu("test")).err().unwrap().to_string().contains("none of blur")
        );
    }
}
