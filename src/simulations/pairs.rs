//! Many pairs of free points that approach each other by gradient steps on minus their cosine.
//!
//! `a, b: [n, d]`; pair i moves by `a_i += gamma |a_i|^p (b_i^ - cos a_i^)/|a_i|` and likewise b_i, where gamma is the
//! learning rate of the mean over all pairs divided by n. Used by [`super::norm_sweep`] and [`super::opposite_halves`].

use crate::rng::CounterRng;
use crate::theory::vector::dot;

/// How the very first step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    /// As every other step: along the tangent.
    Tangent,
    /// As in the paper's notebook, which differentiates the plain dot product over rho^2 once before it switches to the
    /// cosine: `a_i += gamma b_i/rho^2`, radial part included.
    Notebook,
}

/// The rules of an approach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Learning rate of each pair's own loss -cos.
    pub gamma: f64,
    /// GradScale's power p.
    pub power: f64,
    /// How to begin.
    pub first: FirstStep,
    /// Stop when the mean cosine is at least this.
    pub target: f64,
    /// Give up after so many steps.
    pub limit: u32,
}

/// The pairs, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    a: Vec<f64>,
    b: Vec<f64>,
    dim: usize,
}

impl Pairs {
    /// `n` pairs of independent directions, uniform on the sphere of radius `norm`.
    pub fn independent(n: usize, dim: usize, norm: f64, rng: &mut CounterRng) -> Pairs {
        let mut points = || (0..n).flat_map(|_| direction(dim, rng)).map(|value| norm * value).collect();
        Pairs { a: points(), b: points(), dim }
    }

    /// `n` pairs of unit vectors: a uniform, and b = normalise((1 - |k|) r - k a) with r uniform. k = -1 puts b onto a,
    /// k = 0 makes them independent, k = 1 makes them opposite.
    pub fn interpolated(n: usize, dim: usize, k: f64, rng: &mut CounterRng) -> Pairs {
        let mut pairs = Pairs::independent(n, dim, 1.0, rng);
        for (a, b) in pairs.a.chunks_exact(dim).zip(pairs.b.chunks_exact_mut(dim)) {
            b.iter_mut().zip(a).for_each(|(b, a)| *b = (1.0 - k.abs()) * *b - k * a);
            let length = dot(b, b).sqrt();
            b.iter_mut().for_each(|value| *value /= length);
        }
        pairs
    }

    /// One pair of norm `norm` at an angle of `phi` radians, in a random plane of `dim` dimensions.
    pub fn at_angle(phi: f64, dim: usize, norm: f64, rng: &mut CounterRng) -> Pairs {
        let (a, mut b) = (direction(dim, rng), direction(dim, rng));
        let along = dot(&a, &b);
        b.iter_mut().zip(&a).for_each(|(b, a)| *b -= along * a);
        let length = dot(&b, &b).sqrt();
        let turned = a.iter().zip(&b).map(|(a, b)| norm * (phi.cos() * a + phi.sin() * b / length)).collect();
        Pairs { a: a.iter().map(|value| norm * value).collect(), b: turned, dim }
    }

    /// Angles in radians, `[n]`.
    pub fn angles(&self) -> Vec<f64> {
        self.rows().map(|(a, b)| (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).clamp(-1.0, 1.0).acos()).collect()
    }

    /// Steps until the mean cosine reaches the target: `Some(None)` beyond the limit, `None` when cancelled.
    /// `go_on` hears the number of steps from time to time and says whether to continue.
    pub fn steps(mut self, rules: Rules, go_on: &mut dyn FnMut(u32) -> bool) -> Option<Option<u32>> {
        for step in 0..=rules.limit {
            if self.mean_cosine() >= rules.target {
                return Some(Some(step));
            }
            if step % 256 == 0 && !go_on(step) {
                return None;
            }
            match rules.first {
                FirstStep::Notebook if step == 0 => self.step_of_notebook(rules.gamma),
                _ => self.step(rules.gamma, rules.power),
            }
        }
        Some(None)
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.a.chunks_exact(self.dim).zip(self.b.chunks_exact(self.dim))
    }

    fn mean_cosine(&self) -> f64 {
        let sum: f64 = self.rows().map(|(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).sum();
        sum / (self.a.len() / self.dim) as f64
    }

    fn step(&mut self, gamma: f64, power: f64) {
        for (a, b) in self.a.chunks_exact_mut(self.dim).zip(self.b.chunks_exact_mut(self.dim)) {
            let (square_a, square_b, ab) = (dot(a, a), dot(b, b), dot(a, b));
            let product = (square_a * square_b).sqrt();
            let scale = |square: f64| if power == 0.0 { gamma } else { gamma * square.powf(power / 2.0) };
            let (scale_a, scale_b) = (scale(square_a), scale(square_b));
            for (a, b) in a.iter_mut().zip(b) {
                let (x, y) = (*a, *b);
                *a += scale_a * (y / product - x * ab / (product * square_a));
                *b += scale_b * (x / product - y * ab / (product * square_b));
            }
        }
    }

    fn step_of_notebook(&mut self, gamma: f64) {
        for (a, b) in self.a.chunks_exact_mut(self.dim).zip(self.b.chunks_exact_mut(self.dim)) {
            let factor = gamma / dot(a, a);
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (*a + factor * *b, *b + factor * *a);
            }
        }
    }
}

/// A uniform direction.
fn direction(dim: usize, rng: &mut CounterRng) -> Vec<f64> {
    let mut direction: Vec<f64> = (0..dim).map(|_| f64::from(rng.normal())).collect();
    let length = dot(&direction, &direction).sqrt();
    direction.iter_mut().for_each(|value| *value /= length);
    direction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;
    use crate::theory::convergence::Approach;
    use crate::theory::gradients;

    fn rng() -> CounterRng {
        CounterRng::new(Domain::Probe, 3, 0, 0, 0)
    }

    #[test]
    fn a_step_follows_the_analytic_gradient() {
        for power in [0.0, 1.0, 2.0] {
            let mut pairs = Pairs::independent(1, 7, 1.7, &mut rng());
            let (a, b) = (pairs.a.clone(), pairs.b.clone());
            pairs.step(0.1, power);
            let expected = |z: &[f64], other: &[f64]| -> Vec<f64> {
                let factor = 0.1 * gradients::gradscale(1.7, power);
                z.iter().zip(gradients::cosine(z, other)).map(|(z, g)| z + factor * g).collect()
            };
            for (got, expected) in [(&pairs.a, expected(&a, &b)), (&pairs.b, expected(&b, &a))] {
                assert!(got.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-15));
            }
        }
    }

    #[test]
    fn a_single_pair_takes_the_steps_of_the_exact_recurrence() {
        let rules = Rules { gamma: 0.02, power: 0.0, first: FirstStep::Tangent, target: 0.999, limit: 10_000 };
        for phi in [0.5, 1.571, 3.1] {
            let steps = Pairs::at_angle(phi, 20, 1.0, &mut rng()).steps(rules, &mut |_| true).unwrap();
            let approach = Approach { rho: 1.0, gamma: 0.02, power: 0.0 };
            assert_eq!(steps, approach.exact_steps(phi, 0.999, 10_000));
        }
    }

    #[test]
    fn interpolation_goes_from_equal_to_opposite() {
        let mean = |k: f64| {
            let angles = Pairs::interpolated(200, 20, k, &mut rng()).angles();
            angles.iter().sum::<f64>() / angles.len() as f64
        };
        assert!(mean(-0.96) < 0.1 && (mean(0.0) - 1.57).abs() < 0.1 && mean(0.96) > 3.0);
    }
}
