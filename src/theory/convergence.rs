//! Steps until two points agree: quadratic in the norm, logarithmic near opposition.
//!
//! Both points of norm rho move with L = -cos at rate gamma; small steps follow the flow
//!
//! ```text
//! dphi/dt = -2 gamma rho^p sin(phi)/rho^2      =>      tan(phi(t)/2) = tan(phi(0)/2) exp(-2 gamma rho^(p-2) t)
//! T = rho^(2-p)/(2 gamma) ln[tan(phi_0/2)/tan(phi_eps/2)]
//! ```
//!
//! p is GradScale's power: 0 for plain training (T goes as rho^2), 1 (as rho), 2 (not at all). It is for free
//! embeddings; in a network with shared weights GradScale also changes what the weights do. The norm is taken as
//! constant, which is good while gamma is small against rho^2: its growth over the whole way is about gamma (1 -
//! cos(phi_0))/rho^2 of rho^2. T diverges for phi_0 -> pi, but only as -ln(pi - phi_0): opposite halves cost a few time
//! constants, not an order of magnitude. Derived here from Draganov et al. 2025's per-step change ([`super::steps`]).

use super::steps;

/// How two free points approach each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approach {
    /// Norm of both points.
    pub rho: f64,
    /// Learning rate of each point's own loss -cos.
    pub gamma: f64,
    /// GradScale's power p.
    pub power: f64,
}

impl Approach {
    /// Exponent of tan(phi/2) per step: 2 gamma rho^(p-2).
    pub fn rate(self) -> f64 {
        2.0 * self.gamma * self.rho.powf(self.power - 2.0)
    }

    /// The angle in radians after `steps` steps of the flow.
    pub fn angle(self, start: f64, steps: f64) -> f64 {
        2.0 * ((start / 2.0).tan() * (-self.rate() * steps).exp()).atan()
    }

    /// Steps of the flow from angle `start` to angle `end`; 0 when it is there already, infinite for `start` = pi.
    pub fn steps(self, start: f64, end: f64) -> f64 {
        if start >= std::f64::consts::PI {
            return f64::INFINITY;
        }
        (((start / 2.0).tan() / (end / 2.0).tan()).ln() / self.rate()).max(0.0)
    }

    /// Steps of the flow until many pairs with the given start angles have mean cosine `target` (below 1), by
    /// bisection.
    pub fn steps_of_many(self, starts: &[f64], target: f64) -> f64 {
        let reached = |t: f64| {
            let sum: f64 = starts.iter().map(|start| self.angle(*start, t).cos()).sum();
            sum >= target * starts.len() as f64
        };
        if reached(0.0) {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, 1.0 / self.rate());
        while !reached(high) && high.is_finite() {
            (low, high) = (high, 2.0 * high);
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if reached(middle) { high = middle } else { low = middle }
        }
        high
    }

    /// Steps from `start` until the cosine is at least `target`, exactly: the recurrence of angle and norm, with
    /// growth. `None` when `limit` steps are not enough.
    pub fn exact_steps(self, start: f64, target: f64, limit: u32) -> Option<u32> {
        let (mut rho, mut phi) = (self.rho, start);
        for step in 0..=limit {
            if phi.cos() >= target {
                return Some(step);
            }
            let gamma = self.gamma * rho.powf(self.power);
            let next = phi - 2.0 * steps::turn(rho, phi, gamma);
            rho = steps::norm_after(rho, gamma, phi.sin() / rho);
            phi = next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: f64 = 1.0 - 1e-3;

    fn plain(rho: f64) -> Approach {
        Approach { rho, gamma: 0.02, power: 0.0 }
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "an angle near pi, not pi")]
    fn the_flow_gives_the_steps_of_the_recurrence() {
        // numpy, gamma = 0.02, rho = 1: steps of a simulated pair and of the flow.
        let end = TARGET.acos();
        for (start, simulated, flow) in [
            (0.5, 60, 60.9),
            (1.0, 79, 79.9),
            (1.571, 95, 95.0),
            (2.5, 123, 122.5),
            (3.0, 163, 161.2),
            (3.1, 194, 191.8),
            (3.14, 277, 273.4),
        ] {
            assert!((plain(1.0).steps(start, end) - flow).abs() < 0.06, "{start}");
            assert_eq!(plain(1.0).exact_steps(start, TARGET, 10_000), Some(simulated), "{start}");
        }
    }

    #[test]
    fn the_angle_after_the_steps_is_the_angle_asked_for() {
        for power in [0.0, 1.0, 2.0] {
            let approach = Approach { rho: 3.0, gamma: 0.05, power };
            let steps = approach.steps(2.0, 0.1);
            assert!((approach.angle(2.0, steps) - 0.1).abs() < 1e-12);
            assert!((approach.steps_of_many(&[2.0, 2.0], 0.1_f64.cos()) / steps - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn time_goes_as_the_norm_to_the_power_two_minus_p() {
        for (power, expected) in [(0.0, 2.0), (1.0, 1.0), (2.0, 0.0)] {
            let steps = |rho: f64| Approach { rho, gamma: 0.02, power }.exact_steps(1.5, TARGET, 100_000).unwrap();
            let slope = (f64::from(steps(16.0)) / f64::from(steps(4.0))).ln() / 4_f64.ln();
            assert!((slope - expected).abs() < 0.01, "p = {power}: slope {slope}");
        }
    }

    #[test]
    fn opposite_halves_cost_only_a_logarithm() {
        // Each factor ten nearer to pi costs ln(10)/(2 gamma) steps more.
        let steps = |gap: f64| plain(1.0).steps(std::f64::consts::PI - gap, 0.1);
        for gap in [1e-2, 1e-4, 1e-6] {
            assert!((steps(gap / 10.0) - steps(gap) - 10_f64.ln() / 0.04).abs() < 0.01);
        }
        assert_eq!(plain(1.0).steps(std::f64::consts::PI, 0.1), f64::INFINITY);
        assert_eq!(plain(1.0).exact_steps(3.0, TARGET, 10), None);
        assert_eq!(plain(1.0).steps(0.05, 0.1), 0.0);
    }
}
