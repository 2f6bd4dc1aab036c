//! One gradient step for a pair of vectors: -cos, scaled by GradScale.

use crate::theory::convergence::Approach;
use crate::theory::{gradients, losses, steps};
use crate::words::rooms::gradient as words;

/// The pair has converged at this angle, radians: cosine 0.999.
const CONVERGED: f64 = 0.044_725;
/// Steps that are tried before a pair counts as stuck.
const PATIENCE: u32 = 20_000;

/// An embedding in the plane.
pub type Point = [f64; 2];

/// One gradient step for both vectors.
#[derive(Clone, Copy, PartialEq)]
pub struct Step {
    /// Between the two before the step, radians.
    pub angle: f64,
    /// |z| before.
    pub norms: [f64; 2],
    /// |gradient|.
    pub lengths: [f64; 2],
    /// The larger |gradient . z|: 0, but for rounding.
    pub radial: f64,
    /// |z| after, by Pythagoras.
    pub grown: [f64; 2],
    /// Both points after.
    pub after: [Point; 2],
    /// Their cosine.
    pub after_cosine: f64,
    power: f64,
    rate: f64,
    start: [Point; 2],
}

impl Step {
    /// The step of size `rate` from these points; `power`: GradScale's p.
    pub fn new(first: Point, second: Point, power: f64, rate: f64) -> Step {
        let start = [first, second];
        let norms = start.map(|z| z[0].hypot(z[1]));
        let (after, gradients) = take(start, power, rate);
        let lengths = gradients.map(|g| g[0].hypot(g[1]));
        let radial =
            (0..2).map(|i| (gradients[i][0] * start[i][0] + gradients[i][1] * start[i][1]).abs()).fold(0.0, f64::max);
        Step {
            angle: cosine(start).acos(),
            norms,
            lengths,
            radial,
            grown: [0, 1].map(|i| steps::norm_after(norms[i], rate, lengths[i])),
            after,
            after_cosine: cosine(after),
            power,
            rate,
            start,
        }
    }

    /// Predicted and counted steps until the two agree.
    pub fn race(&self) -> String {
        // For two norms the flow's rate is the mean of both points' rates.
        let rate = |rho: f64| Approach { rho, gamma: self.rate, power: self.power }.rate();
        let mean = 0.5 * (rate(self.norms[0]) + rate(self.norms[1]));
        let predicted = (((self.angle / 2.0).tan() / (CONVERGED / 2.0).tan()).ln() / mean).max(0.0);
        let mut z = self.start;
        let mut counted = 0;
        while cosine(z) < CONVERGED.cos() && counted < PATIENCE {
            z = take(z, self.power, self.rate).0;
            counted += 1;
        }
        let counted = if counted < PATIENCE { format!("{counted}") } else { words::over(PATIENCE) };
        if predicted.is_finite() {
            words::predicted_and_counted(predicted, &counted)
        } else {
            words::never_and_counted(&counted)
        }
    }
}

/// Both points after a step against GradScale's gradient of -cos, and those gradients.
fn take(z: [Point; 2], power: f64, rate: f64) -> ([Point; 2], [Point; 2]) {
    let gradient = |own: Point, other: Point| -> Point {
        let g = gradients::cosine(&own, &other);
        let scale = -gradients::gradscale(own[0].hypot(own[1]), power);
        [g[0] * scale, g[1] * scale]
    };
    let g = [gradient(z[0], z[1]), gradient(z[1], z[0])];
    ([0, 1].map(|i| [0, 1].map(|k| z[i][k] - rate * g[i][k])), g)
}

fn cosine(z: [Point; 2]) -> f64 {
    losses::cosine(&z[0], &z[1]).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_orthogonal_and_lengthens_by_pythagoras() {
        for power in [0.0, 1.0, 2.0] {
            let step = Step::new([2.0, 0.5], [-1.0, 1.5], power, 0.3);
            assert!(step.radial < 1e-12);
            for i in 0..2 {
                assert!((step.after[i][0].hypot(step.after[i][1]) - step.grown[i]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn equal_norms_follow_the_exact_formula() {
        let step = Step::new([1.5, 0.0], [0.0, 1.5], 0.0, 0.2);
        let change = steps::cosine_change(1.5, std::f64::consts::FRAC_PI_2, 0.2);
        assert!((step.after_cosine - change).abs() < 1e-12);
    }
}
