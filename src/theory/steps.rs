//! What one gradient step does to a norm, an angle and a cosine: exact, and the paper's bound with its domain.
//!
//! Two points of norm rho at an angle phi, loss L = -cos, learning rate gamma. Each gradient is tangent and lies in the
//! plane of the two points, with length sin(phi)/rho, so a step turns its point by `atan(gamma sin(phi)/rho^2)` towards
//! the other and lengthens it by Pythagoras. With both points moving and a = gamma/rho^2, writing out the inner product
//! of the new points gives
//!
//! ```text
//! delta cos = 2 a sin^2(phi) (1 - a cos(phi)) / (1 + a^2 sin^2(phi))
//! ```
//!
//! Draganov et al. 2025 state the bound `delta cos <= a sin^2(phi) (2 - a cos(phi))`. It follows from the exact formula
//! by taking rho for the new norms, which makes the new cosine larger in magnitude: it holds exactly when the new
//! cosine is not negative, and fails otherwise.

/// The norm after a step against a tangent gradient, as |z - gamma g|^2 = |z|^2 + gamma^2 |g|^2.
pub fn norm_after(norm: f64, gamma: f64, gradient_length: f64) -> f64 {
    norm.hypot(gamma * gradient_length)
}

/// The angle in radians by which one step turns one point: atan(gamma sin(phi)/rho^2).
pub fn turn(rho: f64, phi: f64, gamma: f64) -> f64 {
    (gamma * phi.sin() / (rho * rho)).atan()
}

/// The exact change of the cosine when both points take a step.
pub fn cosine_change(rho: f64, phi: f64, gamma: f64) -> f64 {
    let (sine, cosine) = phi.sin_cos();
    let a = gamma / (rho * rho);
    2.0 * a * sine * sine * (1.0 - a * cosine) / (1.0 + (a * sine).powi(2))
}

/// The bound on [`cosine_change`], or `None` outside of its domain, where the cosine after the step is negative.
pub fn cosine_change_bound(rho: f64, phi: f64, gamma: f64) -> Option<f64> {
    (phi.cos() + cosine_change(rho, phi, gamma) >= 0.0).then(|| unchecked_bound(rho, phi, gamma))
}

/// The bound's formula, whether or not it holds.
pub fn unchecked_bound(rho: f64, phi: f64, gamma: f64) -> f64 {
    let (sine, cosine) = phi.sin_cos();
    let a = gamma / (rho * rho);
    a * sine * sine * (2.0 - a * cosine)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::super::gradients;
    use super::super::losses::cosine;
    use super::super::vector::{add_scaled, norm};
    use super::*;
    use crate::rng::{CounterRng, Domain};

    /// Two points of norm rho at an angle phi in six dimensions, after a step each.
    fn stepped(rho: f64, phi: f64, gamma: f64, rng: &mut CounterRng) -> (Vec<f64>, Vec<f64>) {
        let mut axes = [[0.0_f32; 6]; 2];
        axes.iter_mut().for_each(|axis| rng.unit_vector(axis));
        let first: Vec<f64> = super::super::vector::unit(&axes[0].map(f64::from));
        let second = super::super::vector::unit(&gradients::tangent(&first, &axes[1].map(f64::from)));
        let a: Vec<f64> = first.iter().map(|value| rho * value).collect();
        let b: Vec<f64> = first.iter().zip(&second).map(|(x, y)| rho * (phi.cos() * x + phi.sin() * y)).collect();
        let (mut next_a, mut next_b) = (a.clone(), b.clone());
        add_scaled(&mut next_a, gamma, &gradients::cosine(&a, &b));
        add_scaled(&mut next_b, gamma, &gradients::cosine(&b, &a));
        (next_a, next_b)
    }

    /// A random norm, angle and learning rate, wide enough for steps that overshoot.
    fn case(rng: &mut CounterRng) -> (f64, f64, f64) {
        let draw = |rng: &mut CounterRng, low: f64, high: f64| low + (high - low) * f64::from(rng.uniform());
        (draw(rng, 0.2, 3.0), draw(rng, 0.01, PI - 0.01), draw(rng, 0.001, 1.0))
    }

    #[test]
    fn the_change_of_the_cosine_is_that_of_two_stepped_vectors() {
        let mut rng = CounterRng::new(Domain::Probe, 1, 0, 0, 0);
        for _ in 0..5000 {
            let (rho, phi, gamma) = case(&mut rng);
            let (a, b) = stepped(rho, phi, gamma, &mut rng);
            let error = cosine(&a, &b) - phi.cos() - cosine_change(rho, phi, gamma);
            assert!(error.abs() < 1e-13, "rho {rho}, phi {phi}, gamma {gamma}: {error:e}");
        }
    }

    #[test]
    fn each_point_turns_by_the_arc_tangent_and_grows_by_pythagoras() {
        let mut rng = CounterRng::new(Domain::Probe, 2, 0, 0, 0);
        for _ in 0..2000 {
            let (rho, phi, gamma) = case(&mut rng);
            let (a, b) = stepped(rho, phi, gamma, &mut rng);
            assert!((cosine(&a, &b) - (phi - 2.0 * turn(rho, phi, gamma)).cos()).abs() < 1e-13);
            let expected = norm_after(rho, gamma, phi.sin() / rho);
            assert!(expected >= rho);
            assert!((norm(&a) / expected - 1.0).abs() < 1e-14 && (norm(&b) / expected - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn the_bound_holds_exactly_where_the_new_cosine_is_not_negative() {
        let mut rng = CounterRng::new(Domain::Probe, 3, 0, 0, 0);
        let (mut inside, mut outside) = (0, 0);
        for _ in 0..20_000 {
            let (rho, phi, gamma) = case(&mut rng);
            let (a, b) = stepped(rho, phi, gamma, &mut rng);
            let after = cosine(&a, &b);
            let change = after - phi.cos();
            if after.abs() < 1e-6 {
                continue;
            }
            if after > 0.0 {
                inside += 1;
                let bound = cosine_change_bound(rho, phi, gamma).expect("in its domain");
                assert!(change <= bound + 1e-12, "rho {rho}, phi {phi}, gamma {gamma}");
            } else {
                outside += 1;
                assert_eq!(cosine_change_bound(rho, phi, gamma), None);
                assert!(change > unchecked_bound(rho, phi, gamma) - 1e-12, "rho {rho}, phi {phi}, gamma {gamma}");
            }
        }
        // Both kinds are common, so that neither branch is empty.
        assert!(inside > 5000 && outside > 1000, "{inside} inside, {outside} outside");
    }

    #[test]
    fn outside_of_its_domain_the_bound_is_wrong_by_a_visible_amount() {
        // rho = 1, phi = 3, gamma = 1: the exact change exceeds the formula by 2 percent of itself.
        let (change, formula) = (cosine_change(1.0, 3.0, 1.0), unchecked_bound(1.0, 3.0, 1.0));
        assert!(3_f64.cos() + change < 0.0 && change > 1.01 * formula, "{change} against {formula}");
    }
}
