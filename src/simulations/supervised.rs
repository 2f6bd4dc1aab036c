//! The loss and the training of the paper's class simulations: supervised InfoNCE with pairs from within the batch.
//!
//! In each batch every sample picks one other sample of its class; picks count both ways. With s_ij = cos(z_i,
//! z_j)/tau, the loss of a sample with at least one pick is `-ln(sum over picks exp(s_ij) / sum over j != i
//! exp(s_ij))`, the mean is over those samples. With one pick each way for fixed couples it is NT-Xent.

use serde::{Deserialize, Serialize};

use super::perceptron::{Perceptron, add_row};
use super::simulation::Progress;
use super::spherical::Spherical;
use crate::metrics::Embeddings;
use crate::rng::CounterRng;

/// Settings; the default is the notebook's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Hidden width.
    pub hidden: usize,
    /// Samples of a batch; the last batch of an epoch is smaller.
    pub batch: usize,
    /// Passes over the data.
    pub epochs: u32,
    /// Learning rate of plain SGD.
    pub rate: f64,
    /// Temperature.
    pub tau: f64,
}

impl Default for Training {
    fn default() -> Self {
        Training { hidden: 64, batch: 128, epochs: 100, rate: 0.01, tau: 1.0 }
    }
}

/// What a training leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Mean norm of each class before training and after each epoch, `[epochs + 1, classes]`.
    pub history: Vec<Vec<f64>>,
    /// Each sample's embedding at the end, `[n, d]`, with d as the latents'.
    pub embeddings: Vec<f32>,
}

impl Training {
    /// Trains a network with as many outputs as latents have dimensions; `None` when `progress` said stop.
    pub fn run(&self, data: &Spherical, rng: &mut CounterRng, progress: Progress<'_>) -> Option<Trained> {
        let mut network = Perceptron::draw(data.observed_dim, self.hidden, data.latent_dim, rng);
        let mut order: Vec<usize> = (0..data.n()).collect();
        let mut embeddings = network.forward(&data.observations).z;
        let mut history = vec![class_means(&embeddings, data)];
        for epoch in 0..self.epochs {
            if !progress(f64::from(epoch) / f64::from(self.epochs)) {
                return None;
            }
            rng.shuffle(&mut order);
            for batch in order.chunks(self.batch.max(1)) {
                self.step(&mut network, data, batch, rng);
            }
            embeddings = network.forward(&data.observations).z;
            history.push(class_means(&embeddings, data));
        }
        Some(Trained { history, embeddings })
    }

    fn step(&self, network: &mut Perceptron, data: &Spherical, batch: &[usize], rng: &mut CounterRng) {
        let d = data.observed_dim;
        let x: Vec<f32> = batch.iter().flat_map(|i| &data.observations[i * d..(i + 1) * d]).copied().collect();
        let labels: Vec<u16> = batch.iter().map(|i| data.labels[*i]).collect();
        let pass = network.forward(&x);
        let picks = picks(&labels, rng);
        let dz = gradient(&pass.z, data.latent_dim, &picks, self.tau as f32);
        let gradient = network.backward(&x, &pass, &dz);
        network.descend(&gradient, self.rate as f32);
    }
}

/// Which pairs attract each other, `[n, n]`, symmetric.
fn picks(labels: &[u16], rng: &mut CounterRng) -> Vec<bool> {
    let n = labels.len();
    let mut picks = vec![false; n * n];
    for i in 0..n {
        let others: Vec<usize> = (0..n).filter(|&j| j != i && labels[j] == labels[i]).collect();
        if !others.is_empty() {
            let j = others[rng.below(others.len() as u32) as usize];
            picks[i * n + j] = true;
            picks[j * n + i] = true;
        }
    }
    picks
}

/// dL/dz, `[n, d]`, by the pair weights w_ij = dL/ds_ij = (p_ij - q_ij)/m: p is the softmax over all others, q the
/// softmax over the picks, m the number of samples with a pick.
fn gradient(z: &[f32], d: usize, picks: &[bool], tau: f32) -> Vec<f32> {
    let n = z.len() / d;
    let embeddings = Embeddings::or_empty(z, d);
    let (units, norms) = (embeddings.unit(), embeddings.norms());
    let unit = |i: usize| &units[i * d..(i + 1) * d];
    let exps = exponentials(&units, d, tau);
    let mut weights = vec![0.0_f32; n * n];
    let counted = picks.chunks_exact(n.max(1)).filter(|row| row.contains(&true)).count().max(1) as f32;
    for ((weights, exps), picks) in weights.chunks_exact_mut(n).zip(exps.chunks_exact(n)).zip(picks.chunks_exact(n)) {
        let all: f32 = exps.iter().sum();
        let picked: f32 = exps.iter().zip(picks).filter(|(_, pick)| **pick).map(|(exp, _)| exp).sum();
        if picked > 0.0 {
            for ((weight, exp), pick) in weights.iter_mut().zip(exps).zip(picks) {
                *weight = (exp / all - if *pick { exp / picked } else { 0.0 }) / (counted * tau);
            }
        }
    }
    let mut dz = vec![0.0; z.len()];
    for (i, row) in dz.chunks_exact_mut(d).enumerate() {
        (0..n).for_each(|j| add_row(row, weights[i * n + j] + weights[j * n + i], unit(j)));
        let radial: f32 = row.iter().zip(unit(i)).map(|(g, u)| g * u).sum();
        add_row(row, -radial, unit(i));
        let inverse = if norms[i] > 0.0 { 1.0 / norms[i] } else { 0.0 };
        row.iter_mut().for_each(|value| *value *= inverse);
    }
    dz
}

/// exp((cos - 1)/tau) of every pair, 0 on the diagonal, `[n, n]`.
fn exponentials(units: &[f32], d: usize, tau: f32) -> Vec<f32> {
    let n = units.len() / d;
    let rows: Vec<&[f32]> = units.chunks_exact(d).collect();
    let mut exps = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            let cosine: f32 = rows[i].iter().zip(rows[j]).map(|(a, b)| a * b).sum();
            let exp = ((cosine - 1.0) / tau).exp();
            exps[i * n + j] = exp;
            exps[j * n + i] = exp;
        }
    }
    exps
}

/// Norm of each row of `z: [n, d]`, `[n]`.
pub fn norms(z: &[f32], d: usize) -> Vec<f64> {
    let embeddings = Embeddings::or_empty(z, d);
    embeddings.norms().into_iter().map(f64::from).collect()
}

fn class_means(z: &[f32], data: &Spherical) -> Vec<f64> {
    let mut sums = vec![[0.0; 2]; data.classes];
    for (norm, label) in norms(z, data.latent_dim).iter().zip(&data.labels) {
        sums[usize::from(*label)][0] += norm;
        sums[usize::from(*label)][1] += 1.0;
    }
    sums.iter().map(|[sum, count]| sum / count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;
    use crate::simulations::spherical::SphericalOptions;
    use crate::theory::gradients;

    fn rng() -> CounterRng {
        CounterRng::new(Domain::Probe, 1, 0, 0, 0)
    }

    #[test]
    fn with_fixed_couples_the_gradient_is_that_of_nt_xent() {
        // theory::gradients is f64 and checked by finite differences.
        let (n, d) = (10, 6);
        let mut rng = rng();
        let z: Vec<f32> = (0..n * d).map(|_| 2.0 * rng.normal()).collect();
        let labels: Vec<u16> = (0..n as u16).map(|i| i % 5).collect();
        let rows = z.chunks_exact(d).map(|row| row.iter().map(|v| f64::from(*v)).collect()).collect();
        let expected = gradients::nt_xent(&rows, 0.5);
        let got = gradient(&z, d, &picks(&labels, &mut rng), 0.5);
        for (got, expected) in got.iter().zip(expected.iter().flatten()) {
            assert!((f64::from(*got) - expected).abs() < 1e-6, "{got} against {expected}");
        }
    }

    #[test]
    fn picks_stay_within_the_class_and_a_lone_sample_has_none() {
        let labels = [0, 0, 1, 0, 2, 2];
        let picks = picks(&labels, &mut rng());
        for i in 0..6 {
            let row = &picks[i * 6..(i + 1) * 6];
            assert!((0..6).all(|j| !row[j] || (i != j && labels[i] == labels[j] && picks[j * 6 + i])));
            assert_eq!(row.contains(&true), i != 2);
        }
    }

    #[test]
    fn several_picks_share_the_attraction() {
        // Three samples of one class where 0 is picked by both others: by finite differences of the loss in f64.
        let z = [[1.0_f64, 0.3], [0.2, 1.0], [-0.5, 0.8]];
        let picks = [false, true, true, true, false, false, true, false, false];
        let loss = |z: &[[f64; 2]; 3]| {
            let cos = |i: usize, j: usize| crate::theory::losses::cosine(&z[i], &z[j]);
            let sum = |i: usize, all: bool| -> f64 {
                (0..3).filter(|&j| j != i && (all || picks[i * 3 + j])).map(|j| cos(i, j).exp()).sum()
            };
            -(0..3).map(|i| (sum(i, false) / sum(i, true)).ln()).sum::<f64>() / 3.0
        };
        let flat: Vec<f32> = z.iter().flatten().map(|v| *v as f32).collect();
        let got = gradient(&flat, 2, &picks, 1.0);
        for index in 0..6 {
            let at = |shift: f64| {
                let mut z = z;
                z[index / 2][index % 2] += shift;
                loss(&z)
            };
            let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((numeric - f64::from(got[index])).abs() < 1e-6, "{numeric} against {}", got[index]);
        }
    }

    #[test]
    fn training_lengthens_the_embeddings() {
        let data = Spherical::draw(&SphericalOptions { samples: 300, ..Default::default() }, &mut rng());
        let trained = Training { epochs: 10, rate: 0.05, ..Training::default() }.run(&data, &mut rng(), &mut |_| true);
        let trained = trained.unwrap();
        assert_eq!((trained.history.len(), trained.history[0].len(), trained.embeddings.len()), (11, 4, 3000));
        assert!(trained.history[10].iter().zip(&trained.history[0]).all(|(after, before)| after > before));
    }
}
