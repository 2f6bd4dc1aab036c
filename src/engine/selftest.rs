//! Compares this device with the CPU: every custom operation and every loss, values and gradients, on the same numbers.
//!
//! A driver that miscompiles a shader, or a browser that drops an invalid one, shows here and not as a strange curve.

use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::losses::{Contrastive, prediction_loss};
use super::ops::{grad_scale, normalize_rows};
use crate::config::{GradMode, LossKind};
use crate::data::rng::{CounterRng, Domain};
use crate::protocol::Check;

/// What f32 sums in another order may differ by, relative to the largest value.
const TOLERANCE: f64 = 1e-4;
/// The smallest batch there is (two samples, four views; a single one has no negatives, so its loss is 0 or minus
/// infinity), one that does not fill its workgroups, and one of training.
const SIZES: [(usize, usize); 3] = [(4, 1), (70, 3), (256, 16)];

/// What is compared, as a function of z, a second matrix of the same size and GradScale's power.
struct Case {
    name: &'static str,
    loss: fn(Tensor<2>, Tensor<2>, f64) -> Tensor<1>,
}

const CASES: [Case; 4] = [
    Case { name: "unit rows", loss: unit_rows },
    Case { name: "NT-Xent", loss: |z, _, power| contrastive(LossKind::NtXent, z, power) },
    Case { name: "DCL", loss: |z, _, power| contrastive(LossKind::Dcl, z, power) },
    Case { name: "prediction loss", loss: |z, other, power| prediction_loss(z.clone(), other, scale(&z, power)) },
];

fn unit_rows(z: Tensor<2>, other: Tensor<2>, power: f64) -> Tensor<1> {
    let unit = normalize_rows(z.clone(), scale(&z, power));
    (unit.clone() * unit * other.autodiff()).sum()
}

fn contrastive(kind: LossKind, z: Tensor<2>, power: f64) -> Tensor<1> {
    let [rows, _] = z.dims();
    let factors = scale(&z, power);
    Contrastive::new(kind, 0.5, rows / 2, &z.device().inner()).loss(z, factors)
}

fn scale(z: &Tensor<2>, power: f64) -> Tensor<2> {
    grad_scale(z, power, GradMode::Sample)
}

/// Runs every comparison.
///
/// # Errors
/// The device's message when a read fails.
pub async fn run(device: &Device) -> Result<Vec<Check>, String> {
    let mut checks = Vec::new();
    for case in &CASES {
        for (rows, cols) in SIZES {
            for power in [0.0, 1.0, 2.0] {
                let here = value_and_gradient(case, rows, cols, power, device).await?;
                let twin = value_and_gradient(case, rows, cols, power, &Device::flex()).await?;
                let name = format!("{} {rows}x{cols} p={power}", case.name);
                checks.push(Check { name, error: difference(&here, &twin), tolerance: TOLERANCE });
            }
        }
    }
    Ok(checks)
}

/// The loss (first) and its gradient with respect to z.
async fn value_and_gradient(
    case: &Case,
    rows: usize,
    cols: usize,
    power: f64,
    device: &Device,
) -> Result<Vec<f32>, String> {
    let z = numbers(rows, cols, 1, device).autodiff().require_grad();
    let loss = (case.loss)(z.clone(), numbers(rows, cols, 2, device), power);
    let mut grads = loss.backward();
    let gradient = z.grad_remove(&mut grads).unwrap_or_else(|| z.clone().inner().zeros_like());
    let data = Transaction::default()
        .register(loss.inner())
        .register(gradient)
        .execute_async()
        .await
        .map_err(|error| format!("{error:?}"))?;
    Ok(data.into_iter().flat_map(|part| part.convert::<f32>().try_to_vec().unwrap_or_default()).collect())
}

/// Gaussian rows of very different lengths.
fn numbers(rows: usize, cols: usize, which: u32, device: &Device) -> Tensor<2> {
    let mut rng = CounterRng::new(Domain::Probe, 5, which, rows as u32, cols as u32);
    let values: Vec<f32> = (0..rows * cols).map(|at| rng.normal() * (1.0 + (at / cols % 7) as f32)).collect();
    Tensor::from_data(TensorData::new(values, [rows, cols]), device)
}

/// Largest difference relative to the largest value; infinite when sizes differ or something is not finite.
fn difference(a: &[f32], b: &[f32]) -> f64 {
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    if a.len() != b.len() || a.is_empty() || !finite(a) || !finite(b) {
        return f64::INFINITY;
    }
    let largest = b.iter().fold(1e-6_f32, |top, v| top.max(v.abs()));
    let worst = a.iter().zip(b).fold(0.0_f32, |top, (x, y)| top.max((x - y).abs()));
    f64::from(worst / largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself_and_a_wrong_value_shows() {
        let checks = pollster::block_on(run(&Device::flex())).unwrap();
        assert_eq!(checks.len(), CASES.len() * SIZES.len() * 3);
        assert!(checks.iter().all(|check| check.error == 0.0));
        assert!(difference(&[1.0, 2.0], &[1.0, 2.1]) > 0.04);
        assert_eq!(difference(&[f32::NAN], &[1.0]), f64::INFINITY);
    }
}
