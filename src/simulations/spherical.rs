//! The paper's synthetic data, as its notebook has it: noisy class centres on a sphere, seen through a random linear
//! map.
//!
//! Centres are uniform on the sphere, `latent = normalise(centre + N(0, class_std^2))`, `observation = M latent` with
//! M's entries from N(0, map_std^2). Unlike [`crate::data::latent`] there are no views and no nuisance: pairs are
//! samples of one class.

use serde::{Deserialize, Serialize};

use crate::rng::CounterRng;

/// Settings; the default is the notebook's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SphericalOptions {
    /// Relative size of each class; also says how many there are.
    pub class_weights: Vec<f64>,
    /// Samples.
    pub samples: usize,
    /// Dimension of the latents' space.
    pub latent_dim: usize,
    /// Length of an observation.
    pub observed_dim: usize,
    /// Standard deviation of a class around its centre, in each coordinate, before normalising.
    pub class_std: f64,
    /// Standard deviation of the map's entries.
    pub map_std: f64,
}

impl Default for SphericalOptions {
    fn default() -> Self {
        SphericalOptions {
            class_weights: vec![1.0, 2.0, 4.0, 8.0],
            samples: 2000,
            latent_dim: 10,
            observed_dim: 64,
            class_std: 1.0,
            map_std: 10.0,
        }
    }
}

/// The samples, class by class.
#[derive(Clone, Debug, PartialEq)]
pub struct Spherical {
    /// `[n, latent_dim]`, of norm 1.
    pub latents: Vec<f32>,
    /// `[n, observed_dim]`.
    pub observations: Vec<f32>,
    /// Class of each, `[n]`.
    pub labels: Vec<u16>,
    /// Dimension of the latents.
    pub latent_dim: usize,
    /// Length of an observation.
    pub observed_dim: usize,
    /// Classes.
    pub classes: usize,
}

impl Spherical {
    /// Draws centres, map and samples.
    pub fn draw(options: &SphericalOptions, rng: &mut CounterRng) -> Spherical {
        let (k, d) = (options.latent_dim, options.observed_dim);
        let direction = |rng: &mut CounterRng| {
            let mut out = vec![0.0; k];
            rng.unit_vector(&mut out);
            out
        };
        let centres: Vec<Vec<f32>> = options.class_weights.iter().map(|_| direction(rng)).collect();
        let map: Vec<f32> = (0..k * d).map(|_| options.map_std as f32 * rng.normal()).collect();
        let labels = labels(options);
        let mut latents = Vec::with_capacity(labels.len() * k);
        let mut observations = Vec::with_capacity(labels.len() * d);
        for label in &labels {
            let centre = &centres[usize::from(*label)];
            let mut latent: Vec<f32> = centre.iter().map(|c| c + options.class_std as f32 * rng.normal()).collect();
            let length = latent.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
            latent.iter_mut().for_each(|value| *value /= length);
            observations
                .extend(map.chunks_exact(k).map(|row| row.iter().zip(&latent).map(|(m, l)| m * l).sum::<f32>()));
            latents.extend(latent);
        }
        let classes = options.class_weights.len();
        Spherical { latents, observations, labels, latent_dim: k, observed_dim: d, classes }
    }

    /// Samples.
    pub fn n(&self) -> usize {
        self.labels.len()
    }
}

/// For each row of `x: [n, d]`, the Euclidean distance to its `k`-th nearest other row, `[n]`: large where rows are
/// sparse. Needs more than `k` rows and `k` of at least 1.
pub fn neighbour_distances(x: &[f32], d: usize, k: usize) -> Vec<f64> {
    let rows: Vec<&[f32]> = x.chunks_exact(d).collect();
    let one = |i: usize| {
        let square = |j: usize| rows[i].iter().zip(rows[j]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let mut squares: Vec<f32> = (0..rows.len()).filter(|&j| j != i).map(square).collect();
        let (_, kth, _) = squares.select_nth_unstable_by(k - 1, f32::total_cmp);
        f64::from(*kth).sqrt()
    };
    (0..rows.len()).map(one).collect()
}

/// The class of each sample: as many of each as its weight says, rounded down, the rest to the last class.
fn labels(options: &SphericalOptions) -> Vec<u16> {
    let total: f64 = options.class_weights.iter().sum();
    let count = |weight: &f64| (options.samples as f64 * weight / total).floor() as usize;
    let mut labels: Vec<u16> = options
        .class_weights
        .iter()
        .enumerate()
        .flat_map(|(class, weight)| std::iter::repeat_n(class as u16, count(weight)))
        .collect();
    labels.resize(options.samples, options.class_weights.len().saturating_sub(1) as u16);
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;

    fn draw(options: &SphericalOptions) -> Spherical {
        Spherical::draw(options, &mut CounterRng::new(Domain::Probe, 1, 0, 0, 0))
    }

    #[test]
    fn classes_have_the_sizes_of_their_weights() {
        let data = draw(&SphericalOptions::default());
        let size = |class: u16| data.labels.iter().filter(|label| **label == class).count();
        assert_eq!([size(0), size(1), size(2), size(3)], [133, 266, 533, 1068]);
        assert_eq!((data.latents.len(), data.observations.len()), (20_000, 128_000));
    }

    #[test]
    fn an_observation_is_about_eighty_long() {
        // |M l|^2 has mean 64 * 10^2 for unit l.
        let data = draw(&SphericalOptions::default());
        let square = data.observations.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / 2000.0;
        assert!((square.sqrt() - 80.0).abs() < 10.0, "{square}");
    }

    #[test]
    fn the_neighbour_distance_of_a_regular_polygon_is_its_side() {
        // Twelve points on a circle: the first and second neighbours are 30 degrees away, the third is 60.
        let angle = |i: usize| (i as f32) * std::f32::consts::TAU / 12.0;
        let points: Vec<f32> = (0..12).flat_map(|i| [angle(i).cos(), angle(i).sin()]).collect();
        for (k, side) in [(1, 30.0_f64), (2, 30.0), (3, 60.0)] {
            let expected = 2.0 * (side.to_radians() / 2.0).sin();
            assert!(neighbour_distances(&points, 2, k).iter().all(|d| (d - expected).abs() < 1e-6));
        }
    }
}
