//! A perceptron with one hidden layer in f32, with its backward pass written out: z = W2 relu(W1 x + b1) + b2.
//!
//! Weights start as PyTorch's `Linear` does, uniform within 1/sqrt(inputs), and are kept as `[inputs, outputs]`, so
//! that both passes are sums of scaled rows ([`add_row`]).

use glam::Vec4;

use crate::rng::CounterRng;

/// The network, or a gradient of the same shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    hidden: Linear,
    output: Linear,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
struct Linear {
    /// `[inputs, outputs]`.
    weights: Vec<f32>,
    /// `[outputs]`.
    bias: Vec<f32>,
}

/// What the forward pass leaves for the backward pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// relu(W1 x + b1), `[n, hidden]`.
    hidden: Vec<f32>,
    /// z, `[n, outputs]`.
    pub z: Vec<f32>,
}

impl Perceptron {
    /// A fresh network.
    pub fn draw(inputs: usize, hidden: usize, outputs: usize, rng: &mut CounterRng) -> Perceptron {
        Perceptron { hidden: Linear::draw(inputs, hidden, rng), output: Linear::draw(hidden, outputs, rng) }
    }

    /// The embeddings of rows `x: [n, inputs]`.
    pub fn forward(&self, x: &[f32]) -> Pass {
        let mut hidden = self.hidden.forward(x);
        hidden.iter_mut().for_each(|value| *value = value.max(0.0));
        let z = self.output.forward(&hidden);
        Pass { hidden, z }
    }

    /// The gradient with respect to all weights from `dz: [n, outputs]`.
    pub fn backward(&self, x: &[f32], pass: &Pass, dz: &[f32]) -> Perceptron {
        let mut d_hidden = self.output.pull_back(dz);
        d_hidden.iter_mut().zip(&pass.hidden).for_each(|(d, h)| *d = if *h > 0.0 { *d } else { 0.0 });
        Perceptron { hidden: self.hidden.gradient(x, &d_hidden), output: self.output.gradient(&pass.hidden, dz) }
    }

    /// One step of gradient descent.
    pub fn descend(&mut self, gradient: &Perceptron, rate: f32) {
        for (layer, gradient) in [(&mut self.hidden, &gradient.hidden), (&mut self.output, &gradient.output)] {
            add_row(&mut layer.weights, -rate, &gradient.weights);
            add_row(&mut layer.bias, -rate, &gradient.bias);
        }
    }
}

impl Linear {
    fn draw(inputs: usize, outputs: usize, rng: &mut CounterRng) -> Linear {
        let bound = 1.0 / (inputs as f32).sqrt();
        let mut uniform = |count: usize| (0..count).map(|_| rng.range(-bound, bound)).collect();
        Linear { weights: uniform(inputs * outputs), bias: uniform(outputs) }
    }

    fn inputs(&self) -> usize {
        self.weights.len() / self.bias.len()
    }

    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let (inputs, outputs) = (self.inputs(), self.bias.len());
        let mut out = self.bias.repeat(x.len() / inputs);
        for (out, x) in out.chunks_exact_mut(outputs).zip(x.chunks_exact(inputs)) {
            for (x, row) in x.iter().zip(self.weights.chunks_exact(outputs)).filter(|(x, _)| **x != 0.0) {
                add_row(out, *x, row);
            }
        }
        out
    }

    /// Gradient with respect to the inputs, `[n, inputs]`.
    fn pull_back(&self, dz: &[f32]) -> Vec<f32> {
        let outputs = self.bias.len();
        let dot = |row: &[f32], dz: &[f32]| row.iter().zip(dz).map(|(a, b)| a * b).sum::<f32>();
        let one = |dz| self.weights.chunks_exact(outputs).map(move |row| dot(row, dz));
        dz.chunks_exact(outputs).flat_map(one).collect()
    }

    /// Gradient with respect to weights and bias.
    fn gradient(&self, x: &[f32], dz: &[f32]) -> Linear {
        let (inputs, outputs) = (self.inputs(), self.bias.len());
        let mut gradient = Linear { weights: vec![0.0; inputs * outputs], bias: vec![0.0; outputs] };
        for (x, dz) in x.chunks_exact(inputs).zip(dz.chunks_exact(outputs)) {
            for (x, row) in x.iter().zip(gradient.weights.chunks_exact_mut(outputs)).filter(|(x, _)| **x != 0.0) {
                add_row(row, *x, dz);
            }
            add_row(&mut gradient.bias, 1.0, dz);
        }
        gradient
    }
}

/// `sum += factor * row`, four values at a time: the browser's build optimises for size and would not vectorise it.
pub fn add_row(sum: &mut [f32], factor: f32, row: &[f32]) {
    let (mut sums, mut rows) = (sum.chunks_exact_mut(4), row.chunks_exact(4));
    for (sum, row) in sums.by_ref().zip(rows.by_ref()) {
        (Vec4::from_slice(sum) + factor * Vec4::from_slice(row)).write_to_slice(sum);
    }
    sums.into_remainder().iter_mut().zip(rows.remainder()).for_each(|(sum, row)| *sum += factor * row);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;

    fn rng() -> CounterRng {
        CounterRng::new(Domain::Probe, 1, 0, 0, 0)
    }

    #[test]
    fn rows_of_any_length_are_added() {
        for length in [0, 3, 4, 10] {
            let row: Vec<f32> = (0..length).map(|i| i as f32).collect();
            let mut sum = vec![1.0; length];
            add_row(&mut sum, 2.0, &row);
            assert!(sum.iter().zip(&row).all(|(sum, row)| *sum == 1.0 + 2.0 * row));
        }
    }

    #[test]
    fn a_network_by_hand() {
        // x = (1, 2): hidden relu(1*1 + 2*(-1) + 0.5) = 0 and relu(2*1 + 0.5*2 - 1) = 2; z = 3*0 - 1.5*2 + 0.25.
        let hidden = Linear { weights: vec![1.0, 2.0, -1.0, 0.5], bias: vec![0.5, -1.0] };
        let output = Linear { weights: vec![3.0, -1.5], bias: vec![0.25] };
        let network = Perceptron { hidden, output };
        let pass = network.forward(&[1.0, 2.0]);
        assert_eq!(pass.z, [-2.75]);
        let gradient = network.backward(&[1.0, 2.0], &pass, &[2.0]);
        assert_eq!(gradient.output, Linear { weights: vec![0.0, 4.0], bias: vec![2.0] });
        assert_eq!(gradient.hidden, Linear { weights: vec![0.0, -3.0, 0.0, -6.0], bias: vec![0.0, -3.0] });
    }

    #[test]
    fn the_backward_pass_agrees_with_finite_differences() {
        // The loss sum(c z) is linear in every single weight between the kinks of ReLU, so a large step is exact in
        // f32 up to rounding; a step of 1e-3 rarely meets a kink.
        let network = Perceptron::draw(6, 8, 3, &mut rng());
        let mut normals = rng();
        let x: Vec<f32> = (0..30).map(|_| normals.normal()).collect();
        let c: Vec<f32> = (0..15).map(|_| normals.normal()).collect();
        let loss = |network: &Perceptron| -> f64 {
            network.forward(&x).z.iter().zip(&c).map(|(z, c)| f64::from(*z) * f64::from(*c)).sum()
        };
        let gradient = network.backward(&x, &network.forward(&x), &c);
        let check = |change: &dyn Fn(&mut Perceptron, f32), expected: f32| {
            let at = |shift: f32| {
                let mut network = network.clone();
                change(&mut network, shift);
                loss(&network)
            };
            let numeric = (at(1e-3) - at(-1e-3)) / 2e-3;
            assert!((numeric - f64::from(expected)).abs() < 5e-3, "{numeric} against {expected}");
        };
        for i in 0..48 {
            check(&|network, shift| network.hidden.weights[i] += shift, gradient.hidden.weights[i]);
        }
        for i in 0..24 {
            check(&|network, shift| network.output.weights[i] += shift, gradient.output.weights[i]);
        }
        for i in 0..8 {
            check(&|network, shift| network.hidden.bias[i] += shift, gradient.hidden.bias[i]);
        }
    }
}
