//! The gradients of [`super::losses`] with respect to un-normalised embeddings, and what GradScale does to them.
//!
//! Every one of these losses sees an embedding z only through its direction u = z/|z|. The chain rule through the
//! normalisation therefore decides what its gradient looks like (Draganov et al. 2025; for one cosine, Zhang et al.
//! 2020, "Deep Metric Learning with Spherical Embedding", eq. 1):
//!
//! ```text
//! dL/dz = (I - u u^T) dL/du / |z|
//! ```
//!
//! It is tangent to the sphere (orthogonal to z), its length goes as 1/|z|, and rescaling one sample changes the
//! gradient of no other. GradScale multiplies it by |z|^p, so that its length goes as |z|^(p-1).

use super::losses::Rows;
use super::vector::{add_scaled, dot, norm, unit};

/// The part of `v` that is orthogonal to `z`; `v` itself when z is 0.
///
/// Projected twice, because one projection leaves a radial rest of the size of v's rounding error, which is not small
/// against the result when `v` is nearly parallel to `z`.
pub fn tangent(z: &[f64], v: &[f64]) -> Vec<f64> {
    let direction = unit(z);
    let mut v = v.to_vec();
    for _ in 0..2 {
        let radial = dot(&v, &direction);
        add_scaled(&mut v, -radial, &direction);
    }
    v
}

/// dL/dz from dL/du, where u = z/|z|: the tangent part, divided by |z|; 0 when z is 0, as the losses are constant
/// there.
pub fn through_normalisation(z: &[f64], gradient: &[f64]) -> Vec<f64> {
    let length = norm(z);
    let inverse = if length > 0.0 { 1.0 / length } else { 0.0 };
    tangent(z, gradient).iter().map(|value| value * inverse).collect()
}

/// d cos(a, b)/da = (b/|b| - cos(a, b) a/|a|)/|a|, of length sin(angle)/|a|.
pub fn cosine(a: &[f64], b: &[f64]) -> Vec<f64> {
    through_normalisation(a, &unit(b))
}

/// The gradient of [`super::losses::nt_xent`], `[2n, d]` as `z`.
pub fn nt_xent(z: &Rows, tau: f64) -> Rows {
    contrastive(z, tau, true)
}

/// The gradient of [`super::losses::dcl`], `[2n, d]` as `z`.
pub fn dcl(z: &Rows, tau: f64) -> Rows {
    contrastive(z, tau, false)
}

/// The gradient of [`super::losses::prediction`] with respect to the predictions, `[2n, d]`. Targets get none
/// (stop-gradient), and their norms do not matter.
pub fn prediction(predictions: &Rows, targets: &Rows) -> Rows {
    let rows = predictions.len();
    let one = |i: usize| cosine(&predictions[i], &targets[(i + rows / 2) % rows]);
    (0..rows).map(|i| one(i).iter().map(|value| -value / rows as f64).collect()).collect()
}

/// GradScale's factor |z|^p.
pub fn gradscale(norm: f64, power: f64) -> f64 {
    norm.powf(power)
}

/// Gradients `[n, d]` after GradScale: row i times |z_i|^p.
pub fn scaled(gradients: &Rows, z: &Rows, power: f64) -> Rows {
    let one = |(gradient, z): (&Vec<f64>, &Vec<f64>)| {
        let factor = gradscale(norm(z), power);
        gradient.iter().map(|value| value * factor).collect()
    };
    gradients.iter().zip(z).map(one).collect()
}

/// With c_ik = cos(z_i, z_k), dL/dz_i = sum_k (w_ik + w_ki) dc_ik/dz_i: z_i is a query once and a key 2n - 1 times.
fn contrastive(z: &Rows, tau: f64, positive_counts: bool) -> Rows {
    let directions: Rows = z.iter().map(|row| unit(row)).collect();
    let weights = pair_weights(&directions, tau, positive_counts);
    let one = |i: usize| {
        let mut pull = vec![0.0; z[i].len()];
        for (k, direction) in directions.iter().enumerate() {
            add_scaled(&mut pull, weights[i][k] + weights[k][i], direction);
        }
        through_normalisation(&z[i], &pull)
    };
    (0..z.len()).map(one).collect()
}

/// w_ik = dL/dc_ik = (p_ik - [k is i's positive]) / (2n tau), where p_i is the softmax over the denominator's terms.
fn pair_weights(directions: &Rows, tau: f64, positive_counts: bool) -> Rows {
    let rows = directions.len();
    let one = |i: usize| {
        let positive = (i + rows / 2) % rows;
        let counts = |k: usize| k != i && (positive_counts || k != positive);
        let cosines: Vec<f64> = directions.iter().map(|other| dot(&directions[i], other)).collect();
        // Shifted by the largest cosine that counts, so that a small tau neither overflows nor leaves an empty sum.
        let largest = (0..rows).filter(|&k| counts(k)).map(|k| cosines[k]).fold(-1.0, f64::max);
        let term = |k: usize| if counts(k) { ((cosines[k] - largest) / tau).exp() } else { 0.0 };
        let terms: Vec<f64> = (0..rows).map(term).collect();
        let sum: f64 = terms.iter().sum();
        let weight = |(k, term): (usize, &f64)| (term / sum - f64::from(u8::from(k == positive))) / (rows as f64 * tau);
        terms.iter().enumerate().map(weight).collect()
    };
    (0..rows).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::losses::{self, numeric_gradient};
    use super::*;
    use crate::rng::{CounterRng, Domain};

    const ROWS: usize = 8;
    const DIM: usize = 5;
    const TAU: f64 = 0.5;

    /// Directions at random, norms between 0.3 and 3.
    fn embeddings(seed: u32) -> Rows {
        let mut rng = CounterRng::new(Domain::Probe, 11, seed, 0, 0);
        let mut row = || {
            let scale = f64::from(rng.range(0.3, 3.0));
            let mut direction = [0.0; DIM];
            rng.unit_vector(&mut direction);
            direction.map(|value| scale * f64::from(value)).to_vec()
        };
        (0..ROWS).map(|_| row()).collect()
    }

    fn assert_close(a: &Rows, b: &Rows, tolerance: f64) {
        for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
            assert!((a - b).abs() < tolerance, "{a} against {b}");
        }
    }

    type Gradient = fn(&Rows) -> Rows;
    type Loss = fn(&Rows) -> f64;

    /// Each loss of one argument with its gradient; the prediction loss has fixed targets.
    fn cases() -> [(Loss, Gradient); 3] {
        [
            (|z| losses::nt_xent(z, TAU), |z| nt_xent(z, TAU)),
            (|z| losses::dcl(z, TAU), |z| dcl(z, TAU)),
            (|z| losses::prediction(z, &embeddings(99)), |z| prediction(z, &embeddings(99))),
        ]
    }

    fn rescaled(z: &Rows, row: usize, factor: f64) -> Rows {
        let mut z = z.clone();
        z[row].iter_mut().for_each(|value| *value *= factor);
        z
    }

    #[test]
    fn every_gradient_agrees_with_finite_differences() {
        // Central differences with h = 1e-5 are good to about 1e-10 here.
        for (loss, gradient) in cases() {
            for seed in 0..5 {
                let z = embeddings(seed);
                assert_close(&gradient(&z), &numeric_gradient(loss, &z, 1e-5), 1e-8);
            }
        }
        let z = embeddings(7);
        let numeric = numeric_gradient(|a| losses::cosine(&a[0], &z[1]), &vec![z[0].clone()], 1e-5);
        assert_close(&vec![cosine(&z[0], &z[1])], &numeric, 1e-8);
    }

    #[test]
    fn a_small_temperature_neither_overflows_nor_breaks_the_gradient() {
        let z = embeddings(3);
        assert_close(&nt_xent(&z, 0.05), &numeric_gradient(|z| losses::nt_xent(z, 0.05), &z, 1e-6), 1e-6);
        assert!(nt_xent(&z, 1e-4).iter().flatten().all(|value| value.is_finite()));
    }

    #[test]
    fn the_gradient_is_orthogonal_to_the_embedding() {
        for (_, gradient) in cases() {
            for seed in 0..50 {
                let z = embeddings(seed);
                for (z, g) in z.iter().zip(gradient(&z)) {
                    let relative = dot(z, &g).abs() / (norm(z) * norm(&g));
                    assert!(relative < 1e-15, "{relative:e}");
                }
            }
        }
    }

    #[test]
    fn the_gradients_length_goes_as_the_norm_to_the_power_p_minus_one() {
        // Six decades of one sample's norm; the slope between the ends is exact but for rounding.
        for (_, gradient) in cases() {
            for (power, expected) in [(0.0, -1.0), (1.0, 0.0), (2.0, 1.0)] {
                let length = |factor: f64| {
                    let z = rescaled(&embeddings(2), 3, factor);
                    norm(&scaled(&gradient(&z), &z, power)[3])
                };
                let slope = (length(1e3) / length(1e-3)).log10() / 6.0;
                assert!((slope - expected).abs() < 1e-12, "p = {power}: slope {slope}");
            }
        }
    }

    #[test]
    fn rescaling_one_sample_changes_no_other_gradient() {
        for (_, gradient) in cases() {
            let (before, after) = (gradient(&embeddings(4)), gradient(&rescaled(&embeddings(4), 2, 37.0)));
            for row in (0..ROWS).filter(|row| *row != 2) {
                assert_close(&vec![before[row].clone()], &vec![after[row].clone()], 1e-15);
            }
            assert!((norm(&before[2]) / norm(&after[2]) - 37.0).abs() < 1e-10);
        }
    }

    #[test]
    fn the_losses_do_not_see_a_samples_norm() {
        for (loss, _) in cases() {
            for factor in [1e-3, 0.5, 1e3] {
                assert!((loss(&embeddings(5)) - loss(&rescaled(&embeddings(5), 6, factor))).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn a_cosines_gradient_has_length_sine_over_norm_and_vanishes_at_both_poles() {
        for (angle, length) in [(0.0, 0.3), (0.4, 2.0), (1.5, 1.0), (3.0, 7.0), (std::f64::consts::PI, 1.0)] {
            let a = [length, 0.0];
            let b = [5.0 * f64::cos(angle), 5.0 * f64::sin(angle)];
            assert!((norm(&cosine(&a, &b)) - angle.sin() / length).abs() < 1e-15);
        }
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), [0.0, 0.0]);
    }

    #[test]
    fn the_prediction_loss_does_not_see_the_targets_norm() {
        let (p, t) = (embeddings(8), embeddings(9));
        let longer = rescaled(&rescaled(&t, 0, 100.0), 5, 0.01);
        assert!((losses::prediction(&p, &t) - losses::prediction(&p, &longer)).abs() < 1e-15);
        assert_close(&prediction(&p, &t), &prediction(&p, &longer), 1e-15);
    }

    #[test]
    fn keys_get_their_share_of_the_gradient() {
        // Two samples at tau = 1, all rows along x but the third, which can therefore turn towards x only. As a query
        // it sees three equal cosines (p = 1/3); as a key it is one of (e, e, 1) to each other row, and row 0's
        // positive.
        let z = vec![vec![1.0, 0.0], vec![1.0, 0.0], vec![0.0, 1.0], vec![1.0, 0.0]];
        let total = nt_xent(&z, 1.0)[2][0];
        let (e, p) = (1_f64.exp(), 1.0 / 3.0);
        let as_query = (3.0 * p - 1.0) / 4.0;
        let as_key = ((1.0 / (2.0 * e + 1.0) - 1.0) + 2.0 / (2.0 * e + 1.0)) / 4.0;
        assert!((total - (as_query + as_key)).abs() < 1e-15, "{total}");
    }
}
