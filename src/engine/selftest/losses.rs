//! Every custom operation and every loss on a device against the CPU, and what a sample's norm does to gradients there.

use burn::tensor::{Device, Tensor, TensorData};

use super::difference::difference;
use crate::config::{GradMode, LossKind};
use crate::engine::error::EngineError;
use crate::engine::kernels::Context;
use crate::engine::losses::{Contrastive, prediction_loss};
use crate::engine::ops::{grad_scale, normalize_rows};
use crate::engine::plan;
use crate::engine::tensors::{gradient, read};
use crate::metrics::stats;
use crate::protocol::Check;
use crate::rng::{CounterRng, Domain};

/// What f32 sums in another order may differ by, relative to the largest value.
const TOLERANCE: f64 = 1e-4;
/// The smallest batch there is (two samples, four views; a single one has no negatives, so its loss is 0 or minus
/// infinity), one that does not fill its workgroups, and one of training.
const SIZES: [(usize, usize); 3] = [(4, 1), (70, 3), (256, 16)];
const POWERS: [f64; 3] = [0.0, 1.0, 2.0];

/// The embeddings of the slope measurement, `[2n, d]`...
const SLOPE_SIZE: (usize, usize) = (16, 8);
/// ...the row among them whose norm is changed...
const SLOPE_ROW: usize = 3;
/// ...and the factors on its norm, as powers of ten.
const SLOPE_EXPONENTS: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];
/// How far the slope may be from p - 1.
const SLOPE_TOLERANCE: f64 = 1e-3;
/// How far another sample's gradient may move, relative to the largest value: rounding only.
const OTHERS_TOLERANCE: f64 = 1e-5;

/// What is compared, as a function of z, a second matrix of the same size and GradScale's power.
struct Case {
    name: &'static str,
    loss: fn(Tensor<2>, Tensor<2>, f64) -> Tensor<1>,
    /// Our kernels for it, if there are any.
    kernels: Option<Kernels>,
}

/// Which of our kernels work out a loss.
#[derive(Clone, Copy)]
enum Kernels {
    Contrastive(LossKind),
    Prediction,
}

const CASES: [Case; 4] = [
    Case { name: "unit rows", loss: unit_rows, kernels: None },
    Case {
        name: "NT-Xent",
        loss: |z, _, power| contrastive(LossKind::NtXent, z, power),
        kernels: Some(Kernels::Contrastive(LossKind::NtXent)),
    },
    Case {
        name: "DCL",
        loss: |z, _, power| contrastive(LossKind::Dcl, z, power),
        kernels: Some(Kernels::Contrastive(LossKind::Dcl)),
    },
    Case {
        name: "prediction loss",
        loss: |z, other, power| prediction_loss(z.clone(), other, scale(&z, power)),
        kernels: Some(Kernels::Prediction),
    },
];

/// What works a case out.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// Burn, on a device.
    Burn(&'a Device),
    /// Our kernels.
    Kernels(&'a Context),
}

impl By<'_> {
    /// Whether it can.
    fn can(self, case: &Case) -> bool {
        match self {
            By::Burn(_) => true,
            By::Kernels(_) => case.kernels.is_some(),
        }
    }

    /// What a check's name begins with.
    fn prefix(self) -> &'static str {
        match self {
            By::Burn(_) => "",
            By::Kernels(_) => "kernels of ",
        }
    }
}

/// Temperature of the contrastive losses.
const TAU: f64 = 0.5;

fn unit_rows(z: Tensor<2>, other: Tensor<2>, power: f64) -> Tensor<1> {
    let unit = normalize_rows(z.clone(), scale(&z, power));
    (unit.clone() * unit * other.autodiff()).sum()
}

fn contrastive(kind: LossKind, z: Tensor<2>, power: f64) -> Tensor<1> {
    let [rows, _] = z.dims();
    let factors = scale(&z, power);
    Contrastive::new(kind, TAU, rows / 2, &z.device().inner()).loss(z, factors)
}

fn scale(z: &Tensor<2>, power: f64) -> Tensor<2> {
    grad_scale(z, power, GradMode::Sample)
}

/// Runs every comparison and every measurement of operations and losses.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn run(by: By<'_>) -> Result<Vec<Check>, EngineError> {
    let mut checks = Vec::new();
    let cases = || CASES.iter().filter(|case| by.can(case));
    for case in cases() {
        for size in SIZES {
            for power in POWERS {
                let z = numbers(size, 1);
                let here = value_and_gradient(case, &z, size, power, by).await?;
                let twin = value_and_gradient(case, &z, size, power, By::Burn(&Device::flex())).await?;
                let name = format!("{}{} {}x{} p={power}", by.prefix(), case.name, size.0, size.1);
                checks.push(Check { name, error: difference(&here, &twin), tolerance: TOLERANCE });
            }
        }
    }
    for case in cases() {
        for power in POWERS {
            checks.extend(norm_checks(case, power, by).await?);
        }
    }
    Ok(checks)
}

/// What one sample's norm does to gradients, with GradScale's power p: the log-log slope of its own gradient's length,
/// p - 1 in theory, and how much the other samples' gradients move, which is not at all (Draganov et al. 2025, the
/// gradient of the cosine similarity; see [`crate::theory::gradients`]).
async fn norm_checks(case: &Case, power: f64, by: By<'_>) -> Result<[Check; 2], EngineError> {
    let (_, cols) = SLOPE_SIZE;
    let own = 1 + SLOPE_ROW * cols..1 + (SLOPE_ROW + 1) * cols;
    let (mut lengths, mut others) = (Vec::new(), Vec::new());
    for exponent in SLOPE_EXPONENTS {
        let z = with_norm(10_f64.powf(exponent));
        let values = value_and_gradient(case, &z, SLOPE_SIZE, power, by).await?;
        let square: f64 = values[own.clone()].iter().map(|v| f64::from(*v).powi(2)).sum();
        lengths.push(square.sqrt().log10());
        // The loss stays in front: it does not see the norm either.
        others.push(values.iter().enumerate().filter(|(at, _)| !own.contains(at)).map(|(_, v)| *v).collect::<Vec<_>>());
    }
    let slope = stats::slope(&SLOPE_EXPONENTS, &lengths);
    let moved = others.iter().map(|values| difference(values, &others[0])).fold(0.0, f64::max);
    Ok([
        Check {
            name: format!("slope of |g| against |z|, {}{}, p = {power}", by.prefix(), case.name),
            error: finite_or_infinite((slope - (power - 1.0)).abs()),
            tolerance: SLOPE_TOLERANCE,
        },
        Check {
            name: format!("loss and other gradients when one |z| changes, {}{}, p = {power}", by.prefix(), case.name),
            error: moved,
            tolerance: OTHERS_TOLERANCE,
        },
    ])
}

/// The slope measurement's embeddings with the norm of one row multiplied by `factor`.
fn with_norm(factor: f64) -> Vec<f32> {
    let (_, cols) = SLOPE_SIZE;
    let mut values = numbers(SLOPE_SIZE, 1);
    values[SLOPE_ROW * cols..(SLOPE_ROW + 1) * cols].iter_mut().for_each(|value| *value *= factor as f32);
    values
}

/// A NaN is no error that a tolerance could catch.
fn finite_or_infinite(error: f64) -> f64 {
    if error.is_finite() { error } else { f64::INFINITY }
}

/// The loss (first) and its gradient with respect to `z`, row by row.
async fn value_and_gradient(
    case: &Case,
    z: &[f32],
    (rows, cols): (usize, usize),
    power: f64,
    by: By<'_>,
) -> Result<Vec<f32>, EngineError> {
    let other = numbers((rows, cols), 2);
    match by {
        By::Burn(device) => {
            let upload =
                |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [rows, cols]), device);
            let (z, other) = (upload(z).autodiff().require_grad(), upload(&other));
            let loss = (case.loss)(z.clone(), other, power);
            let gradient = gradient(&loss, "the embeddings", &z)?;
            let [loss, gradient] =
                read([("the loss", loss.inner().reshape([1, 1])), ("the gradient", gradient)]).await?;
            Ok([loss, gradient].concat())
        }
        By::Kernels(context) => {
            let kind = match case.kernels {
                Some(Kernels::Contrastive(kind)) => Some(kind),
                Some(Kernels::Prediction) | None => None,
            };
            let size = [rows as u32, cols as u32];
            let (loss, gradient) = plan::loss(context, kind, [z, &other], size, [TAU, power]).await?;
            Ok([vec![loss], gradient].concat())
        }
    }
}

/// Gaussian rows of very different lengths, `[rows, cols]`.
fn numbers((rows, cols): (usize, usize), which: u32) -> Vec<f32> {
    let mut rng = CounterRng::new(Domain::Probe, 5, which, rows as u32, cols as u32);
    (0..rows * cols).map(|at| rng.normal() * (1.0 + (at / cols % 7) as f32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself() {
        let checks = pollster::block_on(run(By::Burn(&Device::flex()))).unwrap();
        let comparisons = CASES.len() * SIZES.len() * POWERS.len();
        assert_eq!(checks.len(), comparisons + 2 * CASES.len() * POWERS.len());
        assert!(checks[..comparisons].iter().all(|check| check.error == 0.0));
    }

    #[test]
    fn a_gradients_length_goes_as_the_norm_to_the_power_p_minus_one_and_no_other_moves() {
        for case in &CASES {
            for power in POWERS {
                for check in pollster::block_on(norm_checks(case, power, By::Burn(&Device::flex()))).unwrap() {
                    assert!(check.error <= check.tolerance, "{check:?}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_power_and_a_loss_that_sees_norms_are_caught() {
        let check = |loss| {
            let case = Case { name: "", loss, kernels: None };
            pollster::block_on(norm_checks(&case, 1.0, By::Burn(&Device::flex()))).unwrap()
        };
        let [slope, others] = check(|z, other, power| prediction_loss(z.clone(), other, scale(&z, power + 0.01)));
        assert!(slope.error > slope.tolerance && others.error <= others.tolerance, "{slope:?} {others:?}");
        let [slope, others] = check(|z, _, _| (z.clone() * z).sum());
        assert!(slope.error > 0.9 && others.error > others.tolerance, "{slope:?} {others:?}");
    }
}
