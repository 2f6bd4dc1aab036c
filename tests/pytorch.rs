//! What the engine computes, as numbers that tests/python/pytorch_script.py holds the exported PyTorch script against.
//!
//! Losses, gradients, training steps and metrics come from the very functions that train and evaluate, on the CPU in f32.
//! The file is `pytorch.json` in cargo's folder for test files (`$CARGO_TARGET_DIR/tmp`). Each case carries the query of its
//! experiment; its settings are those of arm B.

#[path = "common/runs.rs"]
mod runs;

use burn::tensor::{Device, Tensor};
use normscope::config::{ArmId, Method};
use normscope::data::augment::{Augmentation, ColourOptions};
use normscope::data::{Dataset, Kind, Split};
use normscope::engine::arm::{Arm, upload_rows};
use normscope::engine::device::Compute;
use normscope::engine::losses::{Contrastive, prediction_loss};
use normscope::engine::ops::grad_scale;
use normscope::engine::optimizer::learning_rate;
use normscope::engine::samples::Samples;
use normscope::engine::views::Views;
use normscope::engine::weights::{self, Weight};
use normscope::metrics::{Embeddings, geometry, knn::Knn, stats};
use runs::experiment;
use serde_json::{Map, Value, json};

/// Samples a batch, embedding dimension.
const N: usize = 5;
const DIM: usize = 4;
/// Training steps that are followed.
const STEPS: u32 = 4;
/// Of the training cases: small, with everything that can differ set.
const SMALL: &str = "data=shapes&b.width=8&b.dim=6&b.batch=5&steps=6&b.warmup=2&b.schedule=cosine";

/// Rows of very different lengths, `[rows, DIM]`.
fn rows(rows: usize, phase: f64) -> Vec<f32> {
    (0..rows * DIM).map(|i| ((i as f64 * 1.7 + phase).sin() * (0.2 + (i / DIM) as f64)) as f32).collect()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.inner().into_data().try_to_vec().unwrap()
}

/// The loss and its gradient with respect to z (SimCLR) or the predictions.
fn loss(query: &str) -> Value {
    let experiment = experiment(query);
    let arm = experiment.arm(ArmId::B);
    let (device, z, targets) = (Device::flex(), rows(2 * N, 0.3), rows(2 * N, 1.1));
    let leaf = upload_rows(&z, 2 * N, &device).autodiff().require_grad();
    let scale = grad_scale(&leaf, arm.gradscale, arm.grad_mode);
    let loss = match experiment.run.method {
        Method::SimClr => Contrastive::new(arm.loss, arm.tau, N, &device).loss(leaf.clone(), scale),
        _ => prediction_loss(leaf.clone(), upload_rows(&targets, 2 * N, &device), scale),
    };
    let mut grads = loss.backward();
    let grad = values(leaf.grad_remove(&mut grads).unwrap());
    let loss = values(loss)[0];
    assert!(loss.is_finite() && grad.iter().all(|g| g.is_finite()) && grad.iter().any(|g| *g != 0.0), "{query}");
    json!({"query": query, "z": z, "targets": targets, "loss": loss, "grad": grad})
}

fn losses() -> Vec<Value> {
    let mut cases = Vec::new();
    for method in ["simclr&b.tau=0.2", "simclr&b.loss=dcl&b.tau=0.7", "byol", "simsiam"] {
        for power in [0.0, 0.5, 1.0, 2.0] {
            for mode in ["sample", "batch"] {
                cases.push(loss(&format!("method={method}&b.batch=5&b.gradscale={power}&b.gradmode={mode}")));
            }
        }
    }
    cases
}

/// Learning rates of some steps: before, at and after the end of warm-up and run.
fn schedule(query: &str) -> Value {
    let experiment = experiment(query);
    let rate = |step: u32| (step, learning_rate(experiment.arm(ArmId::B), step, experiment.run.steps));
    let rates = [0, 1, 6, 7, 8, 50, 98, 99, 100, 250].map(rate);
    json!({"query": query, "rates": rates})
}

/// A data set of pictures with some structure.
fn data() -> Dataset {
    let kind = Kind::Image { channels: 3, height: 32, width: 32 };
    // Each picture and channel has a brightness of its own, so that embeddings differ.
    let pixel = |i: usize| {
        let (wave, level) = ((i as f64 * 0.013).sin(), ((i / 1024) as f64 * 1.9).sin());
        (0.5 + 0.3 * level + 0.2 * wave) as f32
    };
    let split = Split { inputs: (0..12 * kind.len()).map(pixel).collect(), labels: vec![0; 12] };
    Dataset {
        name: "waves".into(),
        kind,
        classes: vec!["wave".into()],
        train: split.clone(),
        test: split,
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: String::new(),
        augmentation: Augmentation::Colour(ColourOptions::default()),
        notes: Vec::new(),
    }
}

fn samples() -> Samples {
    Samples::new(data(), &Compute::cpu("test"))
}

/// Both views of a step's batch, `[2N, 3072]`, first all first views.
fn views(data: &Dataset, step: u32) -> Vec<f32> {
    let mut all = vec![0.0; 2 * N * data.kind.len()];
    for (row, out) in all.chunks_exact_mut(data.kind.len()).enumerate() {
        data.view(7, step, row % N + step as usize, (row / N) as u8, out);
    }
    all
}

fn read(arm: &Arm) -> Vec<Weight> {
    pollster::block_on(weights::read(arm)).unwrap()
}

fn named(weights: &[Weight]) -> Map<String, Value> {
    let entry = |weight: &Weight| (weight.name.clone(), json!({"shape": weight.shape, "values": weight.values}));
    weights.iter().map(entry).collect()
}

/// What cut-initialization multiplies each parameter with; parameters that start at 0 have no factor.
fn cut(query: &str) -> Value {
    let cut = experiment(query);
    let mut whole = cut.clone();
    whole.run.arms[1].cut = 1.0;
    let [whole, cut] =
        [whole, cut].map(|experiment| read(&Arm::new(ArmId::B, &experiment, &samples(), &Compute::cpu("test"))));
    let factors: Map<String, Value> = whole
        .iter()
        .zip(&cut)
        .filter(|(whole, _)| !whole.name.contains("running") && whole.values.iter().any(|v| *v != 0.0))
        .map(|(whole, cut)| {
            let factor = cut.values[0] / whole.values[0];
            assert!(whole.values.iter().zip(&cut.values).all(|(w, c)| (w * factor - c).abs() <= 1e-6 * w.abs()));
            (whole.name.clone(), factor.into())
        })
        .collect();
    json!({"query": query, "factors": factors})
}

/// Some training steps: parameters and running statistics before and after, the loss of each step.
fn training(settings: &str) -> Value {
    let query = format!("{settings}&{SMALL}");
    let experiment = experiment(&query);
    let (data, compute) = (samples(), Compute::cpu("test"));
    let mut arm = Arm::new(ArmId::B, &experiment, &data, &compute);
    let before = named(&read(&arm));
    for step in 0..STEPS {
        arm.train(&Views::new(views(&data, step), 2 * N, &compute.device)).unwrap();
    }
    let losses: Vec<f64> = pollster::block_on(arm.take_losses()).unwrap().into_iter().map(|(_, loss)| loss).collect();
    assert!(losses.iter().all(|loss| loss.is_finite()), "{query}: {losses:?}");
    json!({"query": query, "before": before, "losses": losses, "after": named(&read(&arm))})
}

/// The measures of embeddings that the script logs as well; two views for the pairs, a bank for kNN.
fn metrics() -> Value {
    let (z, bank) = (rows(2 * N, 0.3), rows(40, 2.0));
    let labels: Vec<u16> = (0..40).map(|i| i % 3).collect();
    let e = Embeddings::new(&z, DIM).unwrap();
    let (norms, pairs) = (e.norms(), geometry::pairs(e));
    let knn = Knn::new(Embeddings::new(&bank, DIM).unwrap(), &labels);
    json!({
        "z": z, "bank": bank, "labels": labels, "dim": DIM,
        "values": {
            "norm_mean": stats::mean(&norms),
            "norm_q05": stats::quantile(&norms, 0.05),
            "norm_q50": stats::quantile(&norms, 0.5),
            "norm_q95": stats::quantile(&norms, 0.95),
            "spread": geometry::spread(e),
            "effective_rank": geometry::effective_rank(e),
            "alignment": pairs.alignment,
            "uniformity": pairs.uniformity,
            "opposite_share": pairs.opposite_share,
            "knn": knn.accuracy(e, &labels[..2 * N]),
        },
    })
}

#[test]
fn the_pytorch_fixture_is_written() {
    let schedules = ["constant", "cosine"].map(|kind| format!("b.schedule={kind}&b.warmup=7&b.lr=0.3&steps=100"));
    let cuts = ["all", "encoder", "projector", "last"].map(|layers| format!("b.cut=3&b.cutlayers={layers}"));
    let fixture = json!({
        "losses": losses(),
        "schedules": schedules.iter().map(|query| schedule(query)).collect::<Vec<_>>(),
        "cuts": cuts.iter().map(|query| cut(&format!("method=simsiam&{query}&{SMALL}"))).collect::<Vec<_>>(),
        "metrics": metrics(),
        "views": (0..STEPS).map(|step| views(&data(), step)).collect::<Vec<_>>(),
        "training": [
            training("method=simclr&b.opt=sgd&b.lr=0.05&b.wd=0.01&b.gradscale=1&b.cut=2"),
            training("method=simclr&b.loss=dcl&b.opt=adamw&b.lr=0.01&b.wd=0.05&b.bn=off&b.tau=0.2&b.gradscale=0.5&b.gradmode=batch&b.cut=0.3"),
            training("method=byol&b.opt=sgd&b.lr=0.02&b.wd=0.01&b.ema=0.9&b.gradscale=2&b.cut=0.5&b.cutlayers=projector"),
            training("method=byol&b.opt=adamw&b.lr=0.01&b.wd=0.05&b.bn=off&b.ema=0.5&b.gradscale=0&b.cut=0.3"),
            training("method=simsiam&b.opt=sgd&b.lr=0.03&b.momentum=0&b.gradscale=1&b.gradmode=batch&b.cut=3&b.cutlayers=last"),
        ],
    });
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pytorch.json");
    std::fs::write(path, fixture.to_string()).unwrap();
}
