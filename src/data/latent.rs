//! The paper's synthetic data: noisy class centres on a sphere, seen through a random linear map.
//!
//! A latent is `normalise(centre + N(0, var))` on S^(k-1); the observation is `M [latent; nuisance]`, scaled to one fixed
//! norm so that input norms carry no information. A view moves the latent a little and draws the nuisance afresh: what a
//! good representation keeps is the latent, what it drops is the nuisance.

use super::augment::Augmentation;
use super::dataset::{Dataset, Split};
use super::mixing::{Mixing, normalise};
use super::sample::Kind;
use crate::rng::{CounterRng, Domain};

/// Parameters of the data set.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentOptions {
    /// Decides centres, map and samples.
    pub seed: u64,
    /// Dimension k of the latent sphere's space.
    pub latent_dim: usize,
    /// Nuisance dimensions.
    pub nuisance_dim: usize,
    /// Length of an observation.
    pub observed_dim: usize,
    /// Standard deviation of a class around its centre, before normalising.
    pub class_std: f32,
    /// Relative frequency of each class; also says how many there are.
    pub class_weights: Vec<f32>,
    /// Unseen classes.
    pub unseen: usize,
    /// Training samples.
    pub train: usize,
    /// Held-out samples.
    pub test: usize,
}

impl Default for LatentOptions {
    fn default() -> Self {
        LatentOptions {
            seed: 7,
            latent_dim: 3,
            nuisance_dim: 24,
            observed_dim: 64,
            class_std: 0.22,
            class_weights: vec![1.0; 8],
            unseen: 2,
            train: 2048,
            test: 480,
        }
    }
}

impl Dataset {
    /// The latent data set.
    pub fn latent(options: &LatentOptions) -> Dataset {
        let mut rng = CounterRng::new(Domain::Latent, options.seed, 0, 0, 0);
        let classes = options.class_weights.len();
        let centres = spread_directions(classes + options.unseen, options.latent_dim, &mut rng);
        let mixing = Mixing::draw(options.observed_dim, options.latent_dim, options.nuisance_dim, &mut rng);
        let (seen, unseen) = centres.split_at(classes);
        let train = sample(options, &mixing, seen, &options.class_weights, options.train, 1);
        let test = sample(options, &mixing, seen, &options.class_weights, options.test, 2);
        let other = sample(options, &mixing, unseen, &vec![1.0; unseen.len()], options.test / 2, 3);
        Dataset {
            name: "Latent sphere".to_owned(),
            kind: Kind::Vector { dim: options.observed_dim },
            classes: (1..=classes).map(|class| format!("class {class}")).collect(),
            train,
            test,
            unseen: (!unseen.is_empty()).then_some(other),
            unseen_classes: (1..=unseen.len()).map(|class| format!("unseen {class}")).collect(),
            provenance: "Synthetic: classes on a sphere, mixed linearly with noise, as in Draganov et al. 2025."
                .to_owned(),
            augmentation: Augmentation::Latent(mixing),
            notes: Vec::new(),
        }
    }
}

/// `n` directions that keep apart: each is the best of many random ones.
fn spread_directions(n: usize, dim: usize, rng: &mut CounterRng) -> Vec<Vec<f32>> {
    let mut chosen: Vec<Vec<f32>> = Vec::with_capacity(n);
    for _ in 0..n {
        let candidates = (0..200).map(|_| {
            let mut direction: Vec<f32> = (0..dim).map(|_| rng.normal()).collect();
            normalise(&mut direction);
            direction
        });
        let nearest = |direction: &Vec<f32>| {
            chosen
                .iter()
                .map(|other| direction.iter().zip(other).map(|(a, b)| a * b).sum::<f32>())
                .fold(-1.0_f32, f32::max)
        };
        let best = candidates.min_by(|a, b| nearest(a).total_cmp(&nearest(b)));
        chosen.extend(best);
    }
    chosen
}

fn sample(
    options: &LatentOptions,
    mixing: &Mixing,
    centres: &[Vec<f32>],
    weights: &[f32],
    n: usize,
    part: u32,
) -> Split {
    let mut split = Split::default();
    let total: f32 = weights.iter().sum();
    if centres.is_empty() || total <= 0.0 {
        return split;
    }
    let mut row = vec![0.0; options.observed_dim];
    for index in 0..n {
        let mut rng = CounterRng::new(Domain::Latent, options.seed, part, index as u32, 1);
        let mut left = rng.uniform() * total;
        let class = weights
            .iter()
            .position(|weight| {
                left -= weight;
                left < 0.0
            })
            .unwrap_or(weights.len() - 1);
        let mut latent: Vec<f32> =
            centres[class].iter().map(|value| value + rng.normal() * options.class_std).collect();
        normalise(&mut latent);
        mixing.observe(&latent, &mut rng, &mut row);
        split.push(&row, class as u16);
    }
    split
}

#[cfg(test)]
mod tests {
    use super::super::mixing::OBSERVED_NORM;
    use super::*;

    #[test]
    fn every_observation_has_the_same_norm_and_views_keep_the_latent() {
        let data = Dataset::latent(&LatentOptions::default());
        let Augmentation::Latent(mixing) = &data.augmentation else { panic!("latent data") };
        let latent = |row: &[f32]| mixing.latent(row);
        let mut view = vec![0.0; 64];
        for index in 0..50 {
            data.view(1, 0, index, 0, &mut view);
            let norm = view.iter().map(|v| v * v).sum::<f32>().sqrt();
            assert!((norm - OBSERVED_NORM).abs() < 1e-4);
            let cos: f32 = latent(&view).iter().zip(latent(data.train.row(index))).map(|(a, b)| a * b).sum();
            assert!(cos > 0.9, "{cos}");
        }
    }

    #[test]
    fn class_weights_decide_the_frequencies() {
        let options = LatentOptions { class_weights: vec![1.0, 3.0], train: 4000, ..Default::default() };
        let data = Dataset::latent(&options);
        let share = data.train.labels.iter().filter(|&&label| label == 1).count() as f32 / 4000.0;
        assert!((share - 0.75).abs() < 0.03, "{share}");
    }

    #[test]
    fn the_seed_decides_everything() {
        let with = |seed| Dataset::latent(&LatentOptions { seed, train: 32, test: 8, ..Default::default() });
        assert_eq!(with(1), with(1));
        assert_ne!(with(1).train, with(2).train);
    }
}
