//! What holds exactly, in the engine's f32: gradients against norms, GradScale's forward pass, cut-initialization.

use burn::tensor::{Device, Tensor};
use normscope::config::{ArmConfig, DataName, GradMode, LossKind, Method, OptimizerKind};
use normscope::engine::arm::upload_rows;
use normscope::engine::layers::Norm;
use normscope::engine::losses::{Contrastive, prediction_loss};
use normscope::engine::network::Network;
use normscope::engine::ops::grad_scale;
use normscope::engine::optimizer::{Optimizer, learning_rate};
use normscope::engine::params;
use normscope::metrics::Embeddings;
use normscope::metrics::knn::{K, Knn};
use normscope::metrics::stats;
use normscope::theory::losses::cosine;
use normscope::theory::vector::{dot, norm};

use super::bench::Bench;

const ROWS: usize = 16;
const DIM: usize = 8;
const OWN: usize = 3;

/// Embeddings of very different norms; `which` tells sets apart.
fn embeddings(which: usize) -> Vec<Vec<f64>> {
    let value = |i: usize, k: usize| ((i * DIM + k) as f64 * 1.7 + 0.9 * which as f64).sin();
    (0..ROWS).map(|i| (0..DIM).map(|k| value(i, k) * (0.3 + i as f64)).collect()).collect()
}

fn rescaled(mut z: Vec<Vec<f64>>, row: usize, factor: f64) -> Vec<Vec<f64>> {
    z[row].iter_mut().for_each(|value| *value *= factor);
    z
}

fn tensor(rows: &[Vec<f64>]) -> Tensor<2> {
    let values: Vec<f32> = rows.iter().flatten().map(|value| *value as f32).collect();
    upload_rows(&values, rows.len(), &Device::flex())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.inner().into_data().convert::<f64>().try_to_vec().unwrap()
}

/// The engine's losses by name, as functions of z and GradScale's factors; targets of the prediction loss are fixed.
type Loss = fn(Tensor<2>, Tensor<2>) -> Tensor<1>;
const LOSSES: [(&str, Loss); 3] = [
    ("NT-Xent", |z, scale| Contrastive::new(LossKind::NtXent, 0.5, ROWS / 2, &Device::flex()).loss(z, scale)),
    ("DCL", |z, scale| Contrastive::new(LossKind::Dcl, 0.5, ROWS / 2, &Device::flex()).loss(z, scale)),
    ("prediction", |z, scale| prediction_loss(z, tensor(&embeddings(1)), scale)),
];

/// A loss at `z` and its gradient, row by row, with GradScale's power.
fn at(loss: Loss, z: &[Vec<f64>], power: f64) -> (f64, Vec<Vec<f64>>) {
    let leaf = tensor(z).autodiff().require_grad();
    let out = loss(leaf.clone(), grad_scale(&leaf, power, GradMode::Sample));
    let mut grads = out.backward();
    let gradient = values(leaf.grad_remove(&mut grads).unwrap());
    (values(out)[0], gradient.chunks(DIM).map(<[f64]>::to_vec).collect())
}

#[test]
fn item_1_every_gradient_is_orthogonal_to_its_embedding() {
    for (name, loss) in LOSSES {
        for power in [0.0, 1.0, 2.0] {
            let z = embeddings(0);
            for (z, g) in z.iter().zip(at(loss, &z, power).1) {
                let radial = dot(z, &g).abs() / (norm(z) * norm(&g));
                assert!(radial < 1e-6, "{name}, p = {power}: {radial:e}");
            }
        }
    }
}

#[test]
fn item_2_a_gradients_length_goes_as_the_norm_to_the_power_p_minus_one() {
    let exponents = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
    for (name, loss) in LOSSES {
        for power in [0.0, 1.0, 2.0] {
            let own = |z: Vec<Vec<f64>>| norm(&at(loss, &z, power).1[OWN]);
            let lengths = exponents.map(|e| own(rescaled(embeddings(0), OWN, 10_f64.powf(e))));
            let slope = stats::slope(&exponents, &lengths.map(f64::log10));
            assert!((slope - (power - 1.0)).abs() < 1e-3, "{name}, p = {power}: slope {slope}");
            // Not the slope of a curve that only averages out: times |z|^(1-p) it is one number.
            for (exponent, length) in exponents.iter().zip(lengths) {
                let constant = length * 10_f64.powf(exponent * (1.0 - power)) / lengths[3];
                assert!((constant - 1.0).abs() < 1e-4, "{name}, p = {power}: {lengths:?}");
            }
        }
    }
}

#[test]
fn items_2_and_3_no_other_gradient_and_no_loss_sees_a_samples_norm() {
    for (name, loss) in LOSSES {
        for power in [0.0, 1.0, 2.0] {
            let (value, gradient) = at(loss, &embeddings(0), power);
            for factor in [1e-3, 0.7, 1e3] {
                let (other_value, other) = at(loss, &rescaled(embeddings(0), OWN, factor), power);
                assert!((value - other_value).abs() < 1e-6, "{name}: {value} {other_value}");
                let largest = gradient.iter().flatten().fold(0.0_f64, |top, g| top.max(g.abs()));
                for row in (0..ROWS).filter(|row| *row != OWN) {
                    for (a, b) in gradient[row].iter().zip(&other[row]) {
                        assert!((a - b).abs() < 1e-6 * largest, "{name}, p = {power}, row {row}: {a} {b}");
                    }
                }
            }
        }
    }
}

#[test]
fn item_4_a_step_lengthens_every_embedding_by_pythagoras() {
    for (name, loss) in LOSSES {
        let z = embeddings(0);
        let lengthened = z.iter().zip(at(loss, &z, 0.0).1).map(|(z, g)| {
            let step: Vec<f64> = z.iter().zip(&g).map(|(z, g)| z - 10.0 * g).collect();
            (norm(&step), norm(z).hypot(10.0 * norm(&g)), norm(z))
        });
        for (after, expected, before) in lengthened {
            assert!(
                (after / expected - 1.0).abs() < 1e-6 && after >= before * (1.0 - 1e-7),
                "{name}: {after} {before}"
            );
        }
    }
}

#[test]
fn item_5_a_predictions_gradient_is_the_sine_over_the_norm_and_targets_do_not_count() {
    let plane = |angle: f64, length: f64| vec![length * angle.cos(), length * angle.sin()];
    let angles = [0.0, 0.4, 1.5, 3.0, std::f64::consts::PI];
    let lengths = [0.3, 2.0, 1.0, 7.0, 0.01];
    let upload = |rows: &[Vec<f64>]| tensor(&[rows, rows].concat());
    let predictions: Vec<_> = angles.iter().zip(lengths).map(|(angle, length)| plane(*angle, length)).collect();
    let mut seen = Vec::new();
    for target in [1.0, 1e3] {
        let targets = vec![plane(0.0, target); angles.len()];
        let leaf = upload(&predictions).autodiff().require_grad();
        let loss = prediction_loss(leaf.clone(), upload(&targets), grad_scale(&leaf, 0.0, GradMode::Sample));
        let gradient = values(leaf.grad_remove(&mut loss.backward()).unwrap());
        for (row, (angle, length)) in gradient.chunks(2).zip(angles.iter().cycle().zip(lengths.iter().cycle())) {
            // The loss is the mean over both views' rows.
            let expected = angle.sin() / length / (2 * angles.len()) as f64;
            assert!((norm(row) - expected).abs() < 1e-6 / length, "{angle}: {} {expected}", norm(row));
        }
        seen.push((values(loss)[0], gradient));
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn item_7_gradscale_changes_no_bit_of_the_first_loss_and_of_the_embeddings() {
    for method in ["simclr", "byol", "simsiam"] {
        let first = |settings: &str| {
            let mut bench = Bench::new(&format!("method={method}&a.width=32&a.batch=32{settings}"));
            let z = bench.embed(&bench.data.test.inputs);
            (z, bench.train(2))
        };
        let (z, losses) = first("&a.gradscale=0");
        for settings in ["&a.gradscale=1", "&a.gradscale=2", "&a.gradscale=1&a.gradmode=batch"] {
            let (other_z, other) = first(settings);
            assert_eq!((&z, losses[0]), (&other_z, other[0]), "{method} {settings}");
            // It does act from the first update on.
            assert_ne!(losses[1], other[1], "{method} {settings}");
        }
    }
}

/// The engine's perceptron for digits without biases: they are 0 and never trained, which no setting offers.
struct BiasFree {
    network: Network,
    config: ArmConfig,
    values: Vec<Tensor<1>>,
    optimizer: Optimizer,
    views: Tensor<2>,
}

/// Linear layers between the pictures and z.
const LAYERS: i32 = 4;

impl BiasFree {
    fn new(settings: ArmConfig) -> BiasFree {
        let config = ArmConfig { bn: false, batch: 32, width: 32, dim: 8, warmup: 0, ..settings };
        let mut bench = Bench::new("a.batch=32");
        let network = Network::new(&bench.data.kind, Method::SimClr, &config);
        let mut drawn = network.table.draw(7);
        for (info, values) in network.table.infos().iter().zip(&mut drawn) {
            if info.name.ends_with(".bias") {
                values.fill(0.0);
            }
        }
        network.table.cut(&mut drawn, config.cut_layers, config.cut);
        let values = params::upload(&drawn, &Device::flex());
        let optimizer = Optimizer::new(&config, values.len());
        BiasFree { network, config, values, optimizer, views: bench.views().tensor() }
    }

    fn embed(&self, x: Tensor<2>) -> Vec<f32> {
        let z = self.network.embed(&self.values, x, &mut Norm::Eval(&[])).embeddings;
        z.into_data().try_to_vec().unwrap()
    }

    /// Trains on the same views at every step; the losses, before each step.
    fn train(&mut self, steps: u32) -> Vec<f64> {
        (0..steps).map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: u32) -> f64 {
        let leaves: Vec<Tensor<1>> = self.values.iter().map(|value| value.clone().autodiff().require_grad()).collect();
        let z = self.network.embed(&leaves, self.views.clone().autodiff(), &mut Norm::Eval(&[])).embeddings;
        let scale = grad_scale(&z, 0.0, GradMode::Sample);
        let contrastive = Contrastive::new(LossKind::NtXent, 0.5, self.config.batch as usize, &Device::flex());
        let loss = contrastive.loss(z, scale);
        let mut grads = loss.backward();
        let lr = learning_rate(&self.config, step, 1000);
        self.optimizer.begin_step();
        for (index, info) in self.network.table.infos().iter().enumerate() {
            let grad = leaves[index].grad_remove(&mut grads).unwrap();
            if info.name.ends_with(".weight") {
                self.values[index] = self.optimizer.update(index, self.values[index].clone(), grad, lr);
            }
        }
        values(loss)[0]
    }
}

fn sgd(cut: f64, lr: f64, wd: f64) -> ArmConfig {
    ArmConfig { cut, lr, wd, ..ArmConfig::standard(Method::SimClr, DataName::Digits) }
}

fn adamw(cut: f64, lr: f64, wd: f64) -> ArmConfig {
    ArmConfig { optimizer: OptimizerKind::AdamW, ..sgd(cut, lr, wd) }
}

#[test]
fn item_8_a_cut_divides_norms_by_c_for_each_layer_and_changes_no_direction_loss_or_neighbour() {
    let data = Bench::new("").data;
    let upload = |n: usize, inputs: &[f32]| upload_rows(&inputs[..n * 64], n, &Device::flex());
    let (bank, held) = (upload(600, &data.train.inputs), upload(100, &data.test.inputs));
    let measure = |cut: f64| {
        let mut net = BiasFree::new(sgd(cut, 0.1, 0.0));
        let weights = net.network.table.infos().iter().filter(|info| info.name.ends_with(".weight")).count();
        assert_eq!(weights as i32, LAYERS);
        let (bank, held) = (net.embed(bank.clone()), net.embed(held.clone()));
        let knn = Knn::new(Embeddings::new(&bank, 8).unwrap(), &data.train.labels[..600]);
        let nearest: Vec<_> = held.chunks(8).map(|z| knn.nearest(z, K)).collect();
        let classes: Vec<u16> = nearest.iter().map(|near| knn.classify(near)).collect();
        (held, net.step(0), classes, nearest)
    };
    let (z, loss, classes, nearest) = measure(1.0);
    assert!(classes.iter().any(|class| *class != classes[0]));
    // Powers of two scale without rounding: every bit but the exponent stays.
    let (quarter, quarter_loss, _, quarter_nearest) = measure(4.0);
    assert!(z.iter().zip(&quarter).all(|(a, b)| *a == 256.0 * b));
    assert_eq!((loss, &nearest), (quarter_loss, &quarter_nearest));
    // c = 3: 81 for four layers.
    let (third, third_loss, third_classes, _) = measure(3.0);
    for (a, b) in z.chunks(8).zip(third.chunks(8)) {
        let [a, b] = [a, b].map(|row| row.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
        assert!((norm(&a) / norm(&b) / 3_f64.powi(LAYERS) - 1.0).abs() < 1e-5);
        assert!((cosine(&a, &b) - 1.0).abs() < 1e-6);
    }
    assert!((loss - third_loss).abs() < 1e-5, "{loss} {third_loss}");
    assert_eq!(classes, third_classes);
}

#[test]
fn item_9_a_cut_is_a_learning_rate_c_squared_times_larger_for_sgd_and_c_times_for_adam() {
    let losses = |config: ArmConfig| BiasFree::new(config).train(60);
    let worst = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    // c = 4 is exact in f32, momentum 0.9 and weight decay included, for as long as one likes.
    let cut = losses(sgd(4.0, 0.0005, 0.01));
    assert_eq!(cut, losses(sgd(1.0, 0.008, 0.01 / 16.0)));
    assert!(cut[0] - cut[59] > 0.2, "it trains: {cut:?}");
    assert!(worst(&cut, &losses(sgd(1.0, 0.0005, 0.01))) > 0.05);
    // c = 3 rounds.
    let difference = worst(&losses(sgd(3.0, 0.0005, 0.01)), &losses(sgd(1.0, 0.0045, 0.01 / 9.0)));
    assert!(difference < 1e-3, "{difference:e}");
    // Adam: but for its epsilon.
    let cut = losses(adamw(3.0, 1e-3, 0.01));
    let difference = worst(&cut, &losses(adamw(1.0, 3e-3, 0.01 / 3.0)));
    let squared = worst(&cut, &losses(adamw(1.0, 9e-3, 0.01 / 9.0)));
    assert!(difference < 1e-2 && squared > 0.05, "{difference:e} {squared:e}");
}

#[test]
fn item_9_biases_and_batch_norm_break_the_identity() {
    for bn in ["off", "on"] {
        let losses = |settings: &str| {
            let query = format!("a.bn={bn}&a.width=32&a.batch=32&a.warmup=0&a.wd=0{settings}");
            Bench::new(&query).train(40)
        };
        let (cut, rate) = (losses("&a.cut=4&a.lr=0.005"), losses("&a.cut=1&a.lr=0.08"));
        let worst = cut.iter().zip(&rate).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst > 0.05, "batch norm {bn}: {worst}");
    }
}
