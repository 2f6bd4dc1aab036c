//! How the latent data set's observations come about: `M [latent; nuisance]`, scaled to one norm; and their views.

use crate::rng::CounterRng;

/// Standard deviation of a view's latent around its sample's.
pub const VIEW_STD: f32 = 0.08;
/// Every observation has this norm.
pub const OBSERVED_NORM: f32 = 8.0;

/// How observations come about. The columns are orthonormal, so an observation gives its latent back.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixing {
    /// `[observed, latent + nuisance]`, columns orthonormal.
    pub matrix: Vec<f32>,
    /// Rows that give the latent back, `[latent, observed]`.
    pub unmix: Vec<f32>,
    /// Dimension of the latent sphere's space.
    pub latent_dim: usize,
    /// Nuisance dimensions.
    pub nuisance_dim: usize,
}

impl Mixing {
    /// A random one for observations of `rows` values. Columns are orthonormal, so the latent comes back by a transpose.
    pub(super) fn draw(rows: usize, latent_dim: usize, nuisance_dim: usize, rng: &mut CounterRng) -> Mixing {
        let columns = latent_dim + nuisance_dim;
        let mut basis: Vec<Vec<f32>> = Vec::with_capacity(columns);
        while basis.len() < columns.min(rows) {
            let mut column: Vec<f32> = (0..rows).map(|_| rng.normal()).collect();
            for other in &basis {
                let dot: f32 = column.iter().zip(other).map(|(a, b)| a * b).sum();
                column.iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
            }
            normalise(&mut column);
            basis.push(column);
        }
        let matrix = (0..rows).flat_map(|r| basis.iter().map(move |column| column[r])).collect();
        let unmix = basis.iter().take(latent_dim).flatten().copied().collect();
        Mixing { matrix, unmix, latent_dim, nuisance_dim: basis.len() - latent_dim }
    }

    /// Standard deviation of each nuisance dimension.
    pub fn nuisance_std(&self) -> f32 {
        1.2 / (self.nuisance_dim.max(1) as f32).sqrt()
    }

    /// The observation of a latent with freshly drawn nuisance, into `out: [observed]`.
    pub(super) fn observe(&self, latent: &[f32], rng: &mut CounterRng, out: &mut [f32]) {
        let columns = self.latent_dim + self.nuisance_dim;
        let strength = self.nuisance_std();
        let mut full = latent.to_vec();
        full.extend((0..self.nuisance_dim).map(|_| rng.normal() * strength));
        for (value, row) in out.iter_mut().zip(self.matrix.chunks_exact(columns)) {
            *value = row.iter().zip(&full).map(|(a, b)| a * b).sum();
        }
        normalise(out);
        out.iter_mut().for_each(|value| *value *= OBSERVED_NORM);
    }

    /// The latent of an observed row, as a direction.
    pub(super) fn latent(&self, row: &[f32]) -> Vec<f32> {
        let along = |direction: &[f32]| direction.iter().zip(row).map(|(a, b)| a * b).sum();
        let mut latent: Vec<f32> = self.unmix.chunks_exact(row.len()).map(along).collect();
        normalise(&mut latent);
        latent
    }

    /// A view: the latent of `row` moved a little, with other nuisance.
    pub(super) fn view(&self, row: &[f32], rng: &mut CounterRng, out: &mut [f32]) {
        let mut latent = self.latent(row);
        latent.iter_mut().for_each(|value| *value += rng.normal() * VIEW_STD);
        normalise(&mut latent);
        self.observe(&latent, rng, out);
    }
}

/// Scales to length 1.
pub(super) fn normalise(values: &mut [f32]) {
    let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
    values.iter_mut().for_each(|value| *value /= norm);
}
