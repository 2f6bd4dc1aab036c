//! Cut-initialization is a change of the learning rate.
//!
//! Cutting divides all weights by c once, before training (Draganov et al. 2025). In a bias-free ReLU perceptron the
//! output of L layers is then divided by c^L and keeps its direction, and a loss that sees directions only is the same
//! function of W and of W/c: it is scale-invariant in every layer. Hence its gradient at W/c is c times that at W, and
//!
//! ```text
//! SGD:   W/c - gamma (c g + lambda W/c) = [W - (c^2 gamma) (g + (lambda/c^2) W)] / c
//! Adam:  W/c - gamma (u + lambda W/c)   = [W - (c gamma) (u + (lambda/c) W)] / c      u = Adam's direction, decay decoupled
//! ```
//!
//! Training from W/c with (gamma, lambda) is, step for step, training from W with (c^2 gamma, lambda/c^2) under SGD
//! with momentum or without, and with (c gamma, lambda/c) under Adam (but for its epsilon). Biases break the identity,
//! as do the affine parameters of normalisation layers and schedules that act on one of the two only. Derived here;
//! [`loss_difference`] trains both ways and compares.

use super::gradients;
use super::losses::{self, Rows};
use super::vector::{add_scaled, dot};

/// A perceptron with ReLU between its layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    layers: Vec<Layer>,
}

/// z = W x + b.
#[derive(Clone, Debug, PartialEq)]
struct Layer {
    /// W by rows, `[outputs, inputs]`.
    weights: Rows,
    /// b, `[outputs]`; all 0 and never trained in a bias-free network.
    bias: Vec<f64>,
}

/// The loss, on 2n rows of which i and i + n belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// Minus the mean cosine of the pairs, without stop-gradient.
    Cosine,
    /// NT-Xent with its temperature.
    NtXent {
        /// The temperature.
        tau: f64,
    },
}

/// The update rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// SGD with heavy-ball momentum (0 for none); weight decay is part of the gradient.
    Sgd {
        /// The momentum.
        momentum: f64,
    },
    /// Adam with (0.9, 0.999, 1e-8); weight decay is decoupled.
    Adam,
}

/// One of the two trainings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// All parameters are divided by this before training.
    pub cut: f64,
    /// Learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
}

impl Arm {
    /// The uncut training that equals this one in a bias-free network: rate times c^2 (Adam: c), decay over the same.
    pub fn without_cut(self, rule: Rule) -> Arm {
        let factor = match rule {
            Rule::Sgd { .. } => self.cut * self.cut,
            Rule::Adam => self.cut,
        };
        Arm { cut: 1.0, rate: self.rate * factor, decay: self.decay / factor }
    }
}

/// What both trainings share.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// The network before any cut.
    pub network: Perceptron,
    /// Whether biases are trained.
    pub biases: bool,
    /// The inputs, `[2n, inputs]`; all of them make up every batch.
    pub inputs: Rows,
    /// The loss.
    pub loss: Loss,
    /// The update rule.
    pub rule: Rule,
    /// Steps.
    pub steps: u32,
}

/// The largest difference between the two trainings' losses at any step, counted before each step and after the last.
pub fn loss_difference(training: &Training, a: Arm, b: Arm) -> f64 {
    let (a, b) = (training.losses(a), training.losses(b));
    a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

impl Training {
    /// The loss before each step and after the last, `[steps + 1]`.
    pub fn losses(&self, arm: Arm) -> Vec<f64> {
        let mut network = self.network.cut(arm.cut);
        let mut state = State::default();
        let mut losses = Vec::with_capacity(self.steps as usize + 1);
        for _ in 0..=self.steps {
            let (loss, gradient) = network.loss_and_gradient(&self.inputs, self.loss);
            losses.push(loss);
            state.step(self.rule, arm, &mut network, &gradient, self.biases);
        }
        losses
    }
}

impl Perceptron {
    /// A network of the given widths (inputs first) with weights and biases from `draw`: standard normals in, He-scaled
    /// weights and biases of deviation `bias` out (0 for a bias-free network).
    pub fn draw(widths: &[usize], bias: f64, mut draw: impl FnMut() -> f64) -> Perceptron {
        let mut layer = |inputs: usize, outputs: usize| {
            let scale = (2.0 / inputs as f64).sqrt();
            let weights = (0..outputs).map(|_| (0..inputs).map(|_| scale * draw()).collect()).collect();
            Layer { weights, bias: (0..outputs).map(|_| bias * draw()).collect() }
        };
        Perceptron { layers: widths.windows(2).map(|pair| layer(pair[0], pair[1])).collect() }
    }

    /// All parameters divided by `c`.
    pub fn cut(&self, c: f64) -> Perceptron {
        let mut network = self.clone();
        network.parameters().for_each(|value| *value /= c);
        network
    }

    /// The outputs, `[n, outputs]`.
    pub fn forward(&self, inputs: &Rows) -> Rows {
        inputs.iter().map(|input| self.activations(input).pop().unwrap_or_default()).collect()
    }

    /// The loss at the outputs and its gradient with respect to all parameters, in the shape of the network.
    pub fn loss_and_gradient(&self, inputs: &Rows, loss: Loss) -> (f64, Perceptron) {
        let activations: Vec<Rows> = inputs.iter().map(|input| self.activations(input)).collect();
        let outputs: Rows = activations.iter().filter_map(|layers| layers.last().cloned()).collect();
        let (value, output_gradient) = loss.at(&outputs);
        let mut gradient = self.cut(f64::INFINITY);
        for (activations, mut upstream) in activations.iter().zip(output_gradient) {
            for (index, layer) in self.layers.iter().enumerate().rev() {
                let below = &activations[index];
                gradient.layers[index].add_outer(&upstream, below);
                upstream = layer.pull_back(&upstream);
                if index > 0 {
                    upstream.iter_mut().zip(below).for_each(|(up, x)| *up = if *x > 0.0 { *up } else { 0.0 });
                }
            }
        }
        (value, gradient)
    }

    /// The input and every layer's output after its ReLU (the last has none).
    fn activations(&self, input: &[f64]) -> Rows {
        let mut all = vec![input.to_vec()];
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            let sums = layer.weights.iter().zip(&layer.bias).map(|(row, bias)| dot(row, &all[index]) + bias);
            let output = sums.map(|sum| if last { sum } else { sum.max(0.0) }).collect();
            all.push(output);
        }
        all
    }

    /// Every parameter, layer by layer, weights before biases.
    fn parameters(&mut self) -> impl Iterator<Item = &mut f64> {
        self.layers.iter_mut().flat_map(|layer| layer.weights.iter_mut().flatten().chain(layer.bias.iter_mut()))
    }

    /// Which parameters are weights, in the order of [`Perceptron::parameters`].
    fn is_weight(&self) -> Vec<bool> {
        let count = |layer: &Layer| (layer.weights.iter().map(Vec::len).sum(), layer.bias.len());
        let flags = |(weights, biases)| std::iter::repeat_n(true, weights).chain(std::iter::repeat_n(false, biases));
        self.layers.iter().map(count).flat_map(flags).collect()
    }
}

impl Layer {
    /// Adds the gradient of one sample.
    fn add_outer(&mut self, upstream: &[f64], input: &[f64]) {
        self.weights.iter_mut().zip(upstream).for_each(|(row, up)| add_scaled(row, *up, input));
        add_scaled(&mut self.bias, 1.0, upstream);
    }

    /// W^T upstream.
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.weights.first().map_or(0, Vec::len)];
        self.weights.iter().zip(upstream).for_each(|(row, up)| add_scaled(&mut out, *up, row));
        out
    }
}

impl Loss {
    /// The loss and its gradient, `[2n, d]`.
    fn at(self, z: &Rows) -> (f64, Rows) {
        match self {
            Loss::Cosine => {
                // Every row is a prediction and a target, so it gets the prediction's gradient twice.
                let twice = |row: Vec<f64>| row.iter().map(|value| 2.0 * value).collect();
                (losses::prediction(z, z), gradients::prediction(z, z).into_iter().map(twice).collect())
            }
            Loss::NtXent { tau } => (losses::nt_xent(z, tau), gradients::nt_xent(z, tau)),
        }
    }
}

/// The optimizer's memory.
#[derive(Default)]
struct State {
    first: Vec<f64>,
    second: Vec<f64>,
    step: i32,
}

impl State {
    fn step(&mut self, rule: Rule, arm: Arm, network: &mut Perceptron, gradient: &Perceptron, biases: bool) {
        let trained: Vec<bool> = network.is_weight().iter().map(|weight| *weight || biases).collect();
        let mut gradient = gradient.clone();
        self.first.resize(trained.len(), 0.0);
        self.second.resize(trained.len(), 0.0);
        self.step += 1;
        for (index, (value, g)) in network.parameters().zip(gradient.parameters()).enumerate() {
            if trained[index] {
                *value -= arm.rate * self.direction(rule, arm.decay, index, *value, *g);
            }
        }
    }

    /// What is multiplied by the rate and subtracted.
    fn direction(&mut self, rule: Rule, decay: f64, index: usize, value: f64, gradient: f64) -> f64 {
        const BETA: [f64; 2] = [0.9, 0.999];
        const EPSILON: f64 = 1e-8;
        let (first, second) = (&mut self.first[index], &mut self.second[index]);
        match rule {
            Rule::Sgd { momentum } => {
                *first = momentum * *first + gradient + decay * value;
                *first
            }
            Rule::Adam => {
                *first += (1.0 - BETA[0]) * (gradient - *first);
                *second += (1.0 - BETA[1]) * (gradient * gradient - *second);
                let mean = *first / (1.0 - BETA[0].powi(self.step));
                let square = *second / (1.0 - BETA[1].powi(self.step));
                mean / (square.sqrt() + EPSILON) + decay * value
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::losses::cosine;
    use super::super::vector::norm;
    use super::*;
    use crate::rng::{CounterRng, Domain};

    const MOMENTUM: Rule = Rule::Sgd { momentum: 0.9 };

    /// Sixteen pairs of noisy views and a network of three layers.
    fn training(loss: Loss, rule: Rule, bias: f64) -> Training {
        let mut rng = CounterRng::new(Domain::Probe, 5, 0, 0, 0);
        let mut normal = || f64::from(rng.normal());
        let samples: Rows = (0..16).map(|_| (0..8).map(|_| normal()).collect()).collect();
        let views = samples.iter().cycle().take(32);
        let inputs = views.map(|sample| sample.iter().map(|value| value + 0.3 * normal()).collect()).collect();
        let network = Perceptron::draw(&[8, 16, 16, 6], bias, normal);
        Training { network, biases: bias > 0.0, inputs, loss, rule, steps: 60 }
    }

    fn nt_xent() -> Loss {
        Loss::NtXent { tau: 0.5 }
    }

    fn arm(cut: f64, rate: f64, decay: f64) -> Arm {
        Arm { cut, rate, decay }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        // Central differences with h = 1e-6 are good to about 1e-9 here.
        for loss in [Loss::Cosine, nt_xent()] {
            let Training { mut network, inputs, .. } = training(loss, MOMENTUM, 0.3);
            let gradient: Vec<f64> = network.loss_and_gradient(&inputs, loss).1.parameters().map(|g| *g).collect();
            for index in (0..gradient.len()).step_by(7) {
                let mut at = |shift: f64| {
                    *network.parameters().nth(index).unwrap() += shift;
                    let value = network.loss_and_gradient(&inputs, loss).0;
                    *network.parameters().nth(index).unwrap() -= shift;
                    value
                };
                let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
                assert!((numeric - gradient[index]).abs() < 1e-7, "{index}: {numeric} against {}", gradient[index]);
            }
        }
    }

    #[test]
    fn a_cut_divides_the_norm_by_c_for_each_layer_and_keeps_direction_and_loss() {
        // c = 3, three layers: 27.
        let Training { network, inputs, .. } = training(nt_xent(), MOMENTUM, 0.0);
        let (before, after) = (network.forward(&inputs), network.cut(3.0).forward(&inputs));
        for (before, after) in before.iter().zip(&after) {
            assert!((norm(before) / norm(after) - 27.0).abs() < 1e-11);
            assert!((cosine(before, after) - 1.0).abs() < 1e-14);
        }
        for loss in [Loss::Cosine, nt_xent()] {
            let value = |network: &Perceptron| network.loss_and_gradient(&inputs, loss).0;
            assert!((value(&network) - value(&network.cut(3.0))).abs() < 1e-14);
        }
    }

    #[test]
    fn cut_under_sgd_is_a_rate_c_squared_times_larger() {
        for loss in [Loss::Cosine, nt_xent()] {
            for momentum in [0.0, 0.9] {
                let rule = Rule::Sgd { momentum };
                let cut = arm(3.0, 0.01, 0.0);
                let difference = loss_difference(&training(loss, rule, 0.0), cut, cut.without_cut(rule));
                assert!(difference < 1e-12, "{loss:?}, momentum {momentum}: {difference:e}");
            }
        }
    }

    #[test]
    fn with_weight_decay_the_decay_goes_down_by_c_squared() {
        let training = training(nt_xent(), MOMENTUM, 0.0);
        let cut = arm(3.0, 0.01, 0.05);
        let same = loss_difference(&training, cut, arm(1.0, 0.09, 0.05 / 9.0));
        assert!(same < 1e-12, "{same:e}");
        let wrong_decay = loss_difference(&training, cut, arm(1.0, 0.09, 0.05));
        assert!(wrong_decay > 1e-3, "{wrong_decay:e}");
    }

    #[test]
    fn a_cut_by_sixteen_is_256_times_the_rate_to_the_last_bit() {
        // Powers of two scale without rounding. A repository that trains "256xLR and WD/256" does a cut by 16.
        let cut = arm(16.0, 0.0005, 0.01);
        assert_eq!(loss_difference(&training(nt_xent(), MOMENTUM, 0.0), cut, cut.without_cut(MOMENTUM)), 0.0);
    }

    #[test]
    fn cut_under_adam_is_a_rate_c_times_larger() {
        // Only Adam's epsilon differs; numpy saw 4.8e-10.
        let training = training(nt_xent(), Rule::Adam, 0.0);
        let cut = arm(3.0, 1e-3, 0.01);
        let same = loss_difference(&training, cut, cut.without_cut(Rule::Adam));
        assert!(same < 1e-6, "{same:e}");
        let squared = loss_difference(&training, cut, cut.without_cut(MOMENTUM));
        assert!(squared > 1e-2, "{squared:e}");
    }

    #[test]
    fn cut_at_the_same_rate_is_another_training() {
        let difference = loss_difference(&training(nt_xent(), MOMENTUM, 0.0), arm(3.0, 0.01, 0.0), arm(1.0, 0.01, 0.0));
        assert!(difference > 1e-2, "{difference:e}");
    }

    #[test]
    fn biases_break_the_identity() {
        let cut = arm(3.0, 0.01, 0.0);
        let difference = loss_difference(&training(nt_xent(), MOMENTUM, 0.3), cut, cut.without_cut(MOMENTUM));
        assert!(difference > 1e-2, "{difference:e}");
    }
}
