//! How norms grow under a tangent gradient that never ends, and where weight decay stops them.
//!
//! On the sphere the gradient has length G, with respect to z it has G |z|^(p-1), p being GradScale's power. One step
//! is `r^2 -> r^2 + gamma^2 G^2 r^(2p-2)` (Pythagoras); summed up as an integral over t steps,
//!
//! ```text
//! r^(4-2p) = r0^(4-2p) + (2 - p) gamma^2 G^2 t        p = 0: r ~ t^(1/4); p = 1: r ~ t^(1/2), exact
//! r = r0 (1 + gamma^2 G^2)^(t/2)                      p = 2, exact: exponential
//! ```
//!
//! With weight decay lambda in the gradient, one step is z -> (1 - gamma lambda) z - gamma g, and growth and decay
//! balance at `r^(4-2p) = gamma G^2/(2 lambda)` (to first order in gamma lambda). There, one step turns z by sqrt(2
//! gamma lambda), whatever G, p and the norm are (Wan et al. 2021, "Spherical Motion Dynamics", who have p = 0). The
//! same holds for every scale-invariant weight. Derived here; tested below and drawn by [`crate::simulations::growth`].

/// A gradient that never ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// Learning rate.
    pub gamma: f64,
    /// Length of the gradient with respect to the direction z/|z|.
    pub gradient: f64,
    /// GradScale's power p, at most 2.
    pub power: f64,
}

impl Drive {
    /// The norm after `steps` steps from `start`, without weight decay.
    pub fn norm(self, start: f64, steps: f64) -> f64 {
        if self.power >= 2.0 {
            let push = (self.gamma * self.gradient).powi(2);
            return start * (push.ln_1p() * steps / 2.0).exp();
        }
        norm_after_exposure(start, self.gamma, self.power, self.gradient.powi(2) * steps)
    }

    /// The norm at which growth and the weight decay `lambda` balance; `None` for p = 2, where no norm is special.
    pub fn equilibrium(self, lambda: f64) -> Option<f64> {
        let exponent = 4.0 - 2.0 * self.power;
        (exponent > 0.0 && lambda > 0.0)
            .then(|| (self.gamma * self.gradient.powi(2) / (2.0 * lambda)).powf(1.0 / exponent))
    }
}

/// The norm after steps whose squared gradient lengths G^2 sum to `squares`: r^(4-2p) = r0^(4-2p) + (2-p) gamma^2
/// squares. The norm is thus a count of exposures; with p = 0, r = (r0^4 + 2 gamma^2 sum G^2)^(1/4). For p below 2.
pub fn norm_after_exposure(start: f64, gamma: f64, power: f64, squares: f64) -> f64 {
    let exponent = 4.0 - 2.0 * power;
    (start.powf(exponent) + (2.0 - power) * gamma * gamma * squares).powf(1.0 / exponent)
}

/// The angle in radians by which one step turns an embedding at the equilibrium: sqrt(2 gamma lambda).
pub fn equilibrium_turn(gamma: f64, lambda: f64) -> f64 {
    (2.0 * gamma * lambda).sqrt()
}

/// One step of the norm alone, with weight decay: exact for a tangent gradient. Also gives the angle turned, in
/// radians.
pub fn step(norm: f64, drive: Drive, lambda: f64) -> (f64, f64) {
    let side = drive.gamma * drive.gradient * norm.powf(drive.power - 1.0);
    let kept = (1.0 - drive.gamma * lambda) * norm;
    (kept.hypot(side), side.atan2(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(power: f64) -> Drive {
        Drive { gamma: 0.1, gradient: 1.0, power }
    }

    fn iterate(mut norm: f64, drive: Drive, lambda: f64, steps: u32) -> f64 {
        (0..steps).for_each(|_| norm = step(norm, drive, lambda).0);
        norm
    }

    #[test]
    fn the_growth_laws_are_the_steps_summed_up() {
        // p = 1 and p = 2 are exact; p = 0 drops a term of relative size gamma^2 G^2/r^4 per step.
        for (power, tolerance) in [(0.0, 1e-3), (0.5, 1e-3), (1.0, 1e-12), (2.0, 1e-10)] {
            let simulated = iterate(1.0, drive(power), 0.0, 2000);
            let law = drive(power).norm(1.0, 2000.0);
            assert!((simulated / law - 1.0).abs() < tolerance, "p = {power}: {simulated} against {law}");
        }
        // 7.1414 = sqrt(51), as in a numpy run.
        assert!((drive(1.0).norm(1.0, 5000.0) - 7.1414).abs() < 1e-4);
    }

    #[test]
    fn long_after_the_start_the_norm_goes_as_the_fourth_root_or_the_square_root_of_time() {
        for (power, exponent) in [(0.0, 0.25), (1.0, 0.5)] {
            let slope =
                (iterate(0.1, drive(power), 0.0, 100_000) / iterate(0.1, drive(power), 0.0, 1000)).log10() / 2.0;
            assert!((slope - exponent).abs() < 0.01, "p = {power}: {slope}");
        }
    }

    #[test]
    fn weight_decay_stops_the_norm_where_the_formula_says() {
        // Predictions 2.6591, 1.4953, 2.1147, 1.8803 as in a numpy run; within 0.2 percent.
        for (gamma, lambda, gradient, expected) in
            [(0.1, 1e-3, 1.0, 2.6591), (0.1, 1e-2, 1.0, 1.4953), (0.04, 1e-3, 1.0, 2.1147), (0.1, 1e-3, 0.5, 1.8803)]
        {
            let drive = Drive { gamma, gradient, power: 0.0 };
            let formula = drive.equilibrium(lambda).unwrap();
            assert!((formula - expected).abs() < 1e-4);
            assert!((iterate(1.0, drive, lambda, 100_000) / formula - 1.0).abs() < 2e-3);
        }
        assert_eq!(drive(2.0).equilibrium(1e-3), None);
        assert_eq!(drive(0.0).equilibrium(0.0), None);
    }

    #[test]
    fn at_the_equilibrium_the_angular_step_depends_on_the_rates_only() {
        for (power, gradient) in [(0.0, 0.3), (0.0, 3.0), (1.0, 1.0)] {
            let drive = Drive { gamma: 0.1, gradient, power };
            let norm = iterate(drive.equilibrium(1e-3).unwrap(), drive, 1e-3, 50_000);
            let turn = step(norm, drive, 1e-3).1;
            assert!((turn / equilibrium_turn(0.1, 1e-3) - 1.0).abs() < 2e-3, "p = {power}, G = {gradient}: {turn}");
        }
    }
}
