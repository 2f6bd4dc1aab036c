//! The gradient that each embedding receives, in closed form and f64.
//!
//! The loss is the sum over the batch of each row's own term, so that the length does not depend on the batch size. With
//! unit rows zh, the other view +, and p_ik the softmax over row i's keys (0 for a key that is left out):
//!
//! ```text
//! prediction   L_i = -cos(z_i, stop_gradient(z_+))
//!              dL/dz_i = -(zh_+ - c zh_i) / |z_i|                               length sin(phi) / |z_i|
//! contrastive  L_i = -s_i+ / tau + log sum_k exp(s_ik / tau)
//!              dL/dzh_i = (1/tau) [ -2 zh_+ + sum_k (p_ik + p_ki) zh_k ]        own term and as the others' key
//!              dL/dz_i  = (I - zh_i zh_i^T) dL/dzh_i / |z_i|
//! GradScale    multiplies dL/dz_i by |z_i|^p
//! ```
//!
//! Sources: paper section 1.1-1.3; NT-Xent as in Chen et al. 2020, eq. 1; DCL (Yeh et al. 2022) leaves the positive out of
//! the sum. The numeric twin is [`crate::theory::losses`].

use serde::{Deserialize, Serialize};

use crate::config::{LossKind, Method};
use crate::theory::vector::{dot, norm};

/// The loss that embeddings are trained with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Minus the cosine to the other view's target (BYOL, SimSiam); rows stand for predictions and for targets.
    Prediction,
    /// NT-Xent (SimCLR).
    NtXent {
        /// Temperature.
        tau: f64,
    },
    /// NT-Xent without the positive in the denominator.
    Dcl {
        /// Temperature.
        tau: f64,
    },
}

impl Loss {
    /// The loss of a method.
    pub fn of(method: Method, kind: LossKind, tau: f64) -> Loss {
        match (method, kind) {
            (Method::Byol | Method::SimSiam, _) => Loss::Prediction,
            (Method::SimClr, LossKind::NtXent) => Loss::NtXent { tau },
            (Method::SimClr, LossKind::Dcl) => Loss::Dcl { tau },
        }
    }

    /// The name for people.
    pub fn label(self) -> String {
        match self {
            Loss::Prediction => "negative cosine (BYOL, SimSiam)".to_owned(),
            Loss::NtXent { tau } => format!("NT-Xent, temperature {tau}"),
            Loss::Dcl { tau } => format!("DCL, temperature {tau}"),
        }
    }
}

/// Length of each row's gradient after GradScale, `[2n]`, for a batch `z: [2n, d]`: rows i and i + n are views of one
/// sample.
pub fn lengths(z: &[f64], d: usize, loss: Loss, gradscale: f64) -> Vec<f64> {
    let gradient = gradient(z, d, loss);
    gradient.chunks_exact(d).zip(z.chunks_exact(d)).map(|(g, z)| norm(g) * norm(z).powf(gradscale)).collect()
}

/// The gradient of the summed loss at `z: [2n, d]`, before GradScale; rows must have a direction.
pub fn gradient(z: &[f64], d: usize, loss: Loss) -> Vec<f64> {
    let norms: Vec<f64> = z.chunks_exact(d).map(norm).collect();
    let unit: Vec<f64> =
        z.chunks_exact(d).zip(&norms).flat_map(|(row, norm)| row.iter().map(move |v| v / norm)).collect();
    let mut gradient = match loss {
        Loss::Prediction => towards_targets(&unit, d),
        Loss::NtXent { tau } => contrastive(&unit, d, tau, false),
        Loss::Dcl { tau } => contrastive(&unit, d, tau, true),
    };
    for ((row, unit), norm) in gradient.chunks_exact_mut(d).zip(unit.chunks_exact(d)).zip(&norms) {
        let radial = dot(row, unit);
        row.iter_mut().zip(unit).for_each(|(g, u)| *g = (*g - radial * u) / norm);
    }
    gradient
}

/// dL/dzh of the prediction loss: minus the other view's direction.
fn towards_targets(unit: &[f64], d: usize) -> Vec<f64> {
    let half = unit.len() / d / 2 * d;
    unit[half..].iter().chain(&unit[..half]).map(|v| -v).collect()
}

/// dL/dzh of the contrastive losses.
fn contrastive(unit: &[f64], d: usize, tau: f64, without_positive: bool) -> Vec<f64> {
    let rows = unit.len() / d;
    let row = |i: usize| &unit[i * d..(i + 1) * d];
    let positive = |i: usize| (i + rows / 2) % rows;
    let mut weights = vec![0.0; rows * rows];
    for i in 0..rows {
        let p = &mut weights[i * rows..(i + 1) * rows];
        let is_key = |k: usize| k != i && !(without_positive && k == positive(i));
        // exp((s - 1) / tau): the largest cosine is 1, so nothing overflows.
        (0..rows).filter(|k| is_key(*k)).for_each(|k| p[k] = ((dot(row(i), row(k)) - 1.0) / tau).exp());
        let total: f64 = p.iter().sum();
        if total > 0.0 {
            p.iter_mut().for_each(|weight| *weight /= total);
        }
    }
    let mut gradient = vec![0.0; unit.len()];
    for i in 0..rows {
        let out = &mut gradient[i * d..(i + 1) * d];
        for k in 0..rows {
            let pull = if k == positive(i) { 2.0 } else { 0.0 };
            let weight = (weights[i * rows + k] + weights[k * rows + i] - pull) / tau;
            out.iter_mut().zip(row(k)).for_each(|(g, v)| *g += weight * v);
        }
    }
    gradient
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{CounterRng, Domain};
    use crate::theory::losses::{Rows, dcl, nt_xent, numeric_gradient, prediction};

    fn batch(rows: usize, d: usize) -> Vec<f64> {
        let mut rng = CounterRng::new(Domain::Probe, 31, 0, 0, 0);
        (0..rows * d).map(|_| f64::from(rng.normal())).collect()
    }

    #[test]
    fn the_closed_forms_are_the_gradients_of_the_losses() {
        let (rows, d) = (10, 4);
        let z = batch(rows, d);
        let nested: Rows = z.chunks(d).map(<[f64]>::to_vec).collect();
        let sum = rows as f64;
        for loss in [Loss::Prediction, Loss::NtXent { tau: 0.5 }, Loss::Dcl { tau: 0.2 }] {
            let numeric = match loss {
                // The targets are constants.
                Loss::Prediction => numeric_gradient(|p| sum * prediction(p, &nested), &nested, 1e-5),
                Loss::NtXent { tau } => numeric_gradient(|z| sum * nt_xent(z, tau), &nested, 1e-5),
                Loss::Dcl { tau } => numeric_gradient(|z| sum * dcl(z, tau), &nested, 1e-5),
            };
            for (closed, numeric) in gradient(&z, d, loss).iter().zip(numeric.concat()) {
                assert!((closed - numeric).abs() < 1e-7, "{loss:?}: {closed} {numeric}");
            }
        }
    }

    #[test]
    fn every_gradient_is_orthogonal_to_its_embedding() {
        let z = batch(12, 5);
        for loss in [Loss::Prediction, Loss::NtXent { tau: 0.1 }, Loss::Dcl { tau: 1.0 }] {
            for (g, z) in gradient(&z, 5, loss).chunks(5).zip(z.chunks(5)) {
                assert!(dot(g, z).abs() < 1e-12 * (dot(g, g) * dot(z, z)).sqrt().max(1.0));
            }
        }
    }

    #[test]
    fn a_prediction_is_pulled_by_the_sine_over_its_norm() {
        // 60 degrees apart; lengths 2 and 5.
        let z = [2.0, 0.0, 2.5, 2.5 * 3_f64.sqrt()];
        let sine = 3_f64.sqrt() / 2.0;
        let found = lengths(&z, 2, Loss::Prediction, 0.0);
        assert!((found[0] - sine / 2.0).abs() < 1e-12 && (found[1] - sine / 5.0).abs() < 1e-12);
        let scaled = lengths(&z, 2, Loss::Prediction, 1.0);
        assert!((scaled[0] - sine).abs() < 1e-12 && (scaled[1] - sine).abs() < 1e-12);
    }

    #[test]
    fn a_tiny_temperature_stays_finite() {
        assert!(gradient(&batch(8, 3), 3, Loss::Dcl { tau: 1e-4 }).iter().all(|value| value.is_finite()));
    }
}
