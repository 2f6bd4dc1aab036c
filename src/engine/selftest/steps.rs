//! Whole training steps in our own WGSL against their twins through burn on the CPU: views, losses, gradients (by the
//! optimizer's moments), parameters, running statistics, target; then an evaluation.

use super::difference::difference;
use crate::config::{ArmId, Experiment, url};
use crate::engine::arm::Arm;
use crate::engine::classifier::Classifier;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::engine::evaluate;
use crate::engine::feed::Feed;
use crate::engine::inputs::{EvalInputs, Snapshot, load};
use crate::engine::samples::Samples;
use crate::metrics::{Embeddings, geometry};
use crate::protocol::Check;

/// What f32 sums in another order may differ by, relative to the largest value of the same kind.
const TOLERANCE: f64 = 1e-3;
/// Directions that spread more than this have neighbours.
const MIN_SPREAD: f64 = 2e-2;
/// Steps of each case: the first has no moments yet, the second has.
const STEPS: u32 = 2;

/// What is compared. Sizes are odd on purpose: nothing fills its workgroups. AdamW goes without batch norm: a bias before it
/// has no gradient but rounding, of which AdamW makes a whole step.
const CASES: [(&str, &str); 10] = [
    ("SimCLR, perceptron", "data=digits&method=simclr&a.width=36&a.dim=10&a.batch=10"),
    ("SimCLR without batch norm", "data=digits&method=simclr&a.width=36&a.dim=10&a.batch=10&a.bn=off"),
    (
        "DCL, GradScale 1, AdamW",
        "data=digits&method=simclr&a.width=20&a.dim=3&a.batch=17&a.loss=dcl&a.gradscale=1&a.opt=adamw&a.bn=off",
    ),
    ("GradScale by the batch", "data=latent&method=simclr&a.width=20&a.dim=5&a.batch=9&a.gradscale=2&a.gradmode=batch"),
    ("BYOL", "data=digits&method=byol&a.width=36&a.dim=10&a.batch=10&a.gradscale=1"),
    ("SimSiam", "data=digits&method=simsiam&a.width=20&a.dim=7&a.batch=12&a.bn=off"),
    ("SimCLR, convolutions", "data=shapes&method=simclr&a.width=20&a.dim=6&a.batch=5&a.opt=sgd"),
    ("SimCLR, convolutions without batch norm", "data=shapes&method=simclr&a.width=20&a.dim=6&a.batch=3&a.bn=off"),
    ("BYOL, convolutions", "data=shapes&method=byol&a.width=12&a.dim=6&a.batch=3"),
    ("SimCLR, a whole batch", "data=latent&method=simclr&a.width=64&a.dim=16&a.batch=64"),
];

/// Runs every comparison; nothing where the device has no plan of its own.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn run(compute: &Compute) -> Result<Vec<Check>, EngineError> {
    let mut checks = Vec::new();
    if compute.context().is_none() {
        return Ok(checks);
    }
    for (name, query) in CASES {
        let (experiment, complaints) = url::decode(query);
        debug_assert!(complaints.is_empty(), "{query}: {complaints:?}");
        let data = load(&experiment, None)?;
        let cpu = Compute::cpu("the twin");
        let [samples, twins] = [compute, &cpu].map(|compute| Samples::new(data.clone(), compute));
        let (here, found) = train(&experiment, &samples, compute).await?;
        let (twin, expected) = train(&experiment, &twins, &cpu).await?;
        for (step, (here, twin)) in here.iter().zip(&twin).enumerate() {
            compare(here, twin, &format!("{name}: step {}", step + 1), &mut checks);
        }
        compare(&parts(&found), &parts(&expected), &format!("{name}: evaluation"), &mut checks);
        // Where all directions are the same up to rounding, neighbours are chance.
        if geometry::spread(Embeddings::or_empty(&expected.points, experiment.run.arms[0].dim as usize)) > MIN_SPREAD {
            let [found, expected] = [found, expected].map(|snapshot| evaluate::classes(&snapshot, &data));
            let others = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
            let error = others as f64 / expected.len() as f64;
            checks.push(Check { name: format!("{name}: evaluation, kNN classes"), error, tolerance: 0.01 });
        }
    }
    checks.push(classifier(compute, &Compute::cpu("the twin")).await?);
    Ok(checks)
}

/// The losses of a few steps of a classifier.
async fn classifier(compute: &Compute, cpu: &Compute) -> Result<Check, EngineError> {
    const ROWS: usize = 37;
    let x: Vec<f32> = (0..ROWS * 20).map(|at| (at as f32 * 0.7).sin()).collect();
    let labels: Vec<u32> = (0..ROWS as u32).map(|row| row * row % 7).collect();
    let mut losses = [Vec::new(), Vec::new()];
    for (losses, compute) in losses.iter_mut().zip([compute, cpu]) {
        let mut classifier = Classifier::new(&[20, 30, 11, 7], ROWS, compute)?;
        for _ in 0..5 {
            classifier.train(&x, &labels)?;
            losses.push(classifier.loss().await?);
        }
    }
    let error = difference(&losses[0], &losses[1]);
    Ok(Check { name: "Classifier: losses of five steps".to_owned(), error, tolerance: TOLERANCE })
}

/// Values by what they are.
type Parts = Vec<(&'static str, Vec<f32>)>;

/// One check for each kind of value.
fn compare(here: &Parts, twin: &Parts, what: &str, checks: &mut Vec<Check>) {
    for ((kind, here), (_, twin)) in here.iter().zip(twin) {
        // SGD has no second moments, SimCLR no target.
        if !here.is_empty() || !twin.is_empty() {
            let name = format!("{what}, {kind}");
            checks.push(Check { name, error: difference(here, twin), tolerance: TOLERANCE });
        }
    }
}

/// An arm's state after each of a few steps, with the views that it was trained on, and its evaluation after the last.
async fn train(
    experiment: &Experiment,
    samples: &Samples,
    compute: &Compute,
) -> Result<(Vec<Parts>, Snapshot), EngineError> {
    let mut arm = Arm::new(ArmId::A, experiment, samples, compute);
    let mut feed = Feed::new(experiment.run.seed, samples);
    let mut states = Vec::new();
    for step in 0..STEPS {
        let (_, views) = feed.next(samples, step, arm.config().batch, &compute.device);
        arm.train(&views)?;
        let mut parts = arm.save().await?.parts();
        let drawn = arm.read_views().await?.unwrap_or_else(|| views.values().to_vec());
        parts.push(("views", drawn));
        states.push(parts);
    }
    let inputs = EvalInputs::new(samples, experiment.run.seed, compute);
    Ok((states, arm.snapshot(&inputs).await?))
}

fn parts(snapshot: &Snapshot) -> Parts {
    let losses = snapshot.losses.iter().map(|(_, loss)| *loss as f32).collect();
    vec![
        ("losses", losses),
        ("bank", snapshot.bank.clone()),
        ("points", snapshot.points.clone()),
        ("probe", snapshot.probe.clone()),
        ("outputs", snapshot.probe_outputs.clone()),
        ("gradients", snapshot.probe_gradients.clone()),
    ]
}
