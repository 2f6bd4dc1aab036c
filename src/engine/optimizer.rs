//! SGD with momentum, AdamW and the learning-rate schedule, over flat parameters.

use burn::tensor::Tensor;

use crate::config::fixed::{BETA1, BETA2, EPSILON};
use crate::config::{ArmConfig, OptimizerKind, Schedule};

/// The cosine schedule ends at this share of the peak.
const COSINE_FLOOR: f64 = 1e-3;

/// The learning rate of training step `step` (0 is the first): linear warm-up to the peak, then constant or a half
/// cosine down to 1/1000 of the peak at step `steps`.
pub fn learning_rate(config: &ArmConfig, step: u32, steps: u32) -> f64 {
    if step < config.warmup {
        return config.lr * f64::from(step + 1) / f64::from(config.warmup);
    }
    match config.schedule {
        Schedule::Constant => config.lr,
        Schedule::Cosine => {
            let span = f64::from(steps.saturating_sub(config.warmup).max(1));
            let done = (f64::from(step - config.warmup) / span).min(1.0);
            let fall = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
            config.lr * (COSINE_FLOOR + (1.0 - COSINE_FLOOR) * fall)
        }
    }
}

/// An optimizer.
#[derive(Clone, Debug)]
pub struct Optimizer {
    kind: OptimizerKind,
    momentum: f64,
    weight_decay: f64,
    memory: Memory,
}

/// What an optimizer remembers: one entry a parameter.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Velocity (SGD) or first moment (AdamW).
    pub first: Vec<Option<Tensor<1>>>,
    /// Second moment (AdamW).
    pub second: Vec<Option<Tensor<1>>>,
    /// Updates done.
    pub steps: i32,
}

impl Optimizer {
    /// For `parameters` tensors.
    pub fn new(config: &ArmConfig, parameters: usize) -> Optimizer {
        Optimizer {
            kind: config.optimizer,
            momentum: config.momentum,
            weight_decay: config.wd,
            memory: Memory { first: vec![None; parameters], second: vec![None; parameters], steps: 0 },
        }
    }

    /// Adam without weight decay, for `parameters` tensors.
    pub fn adam(parameters: usize) -> Optimizer {
        Optimizer {
            kind: OptimizerKind::AdamW,
            momentum: 0.0,
            weight_decay: 0.0,
            memory: Memory { first: vec![None; parameters], second: vec![None; parameters], steps: 0 },
        }
    }

    /// What it remembers.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Goes on from what another one remembered.
    pub fn remember(&mut self, memory: Memory) {
        self.memory = memory;
    }

    /// Takes over momentum and weight decay; what it remembers stays.
    pub fn adjust(&mut self, config: &ArmConfig) {
        self.momentum = config.momentum;
        self.weight_decay = config.wd;
    }

    /// AdamW's `1 - beta^t` of both moments at update `t`, counted from 1.
    pub fn corrections(t: i32) -> [f32; 2] {
        [BETA1, BETA2].map(|beta| 1.0 - beta.powi(t))
    }

    /// Starts an update of all parameters; call [`Optimizer::update`] once for each.
    pub fn begin_step(&mut self) {
        self.memory.steps += 1;
    }

    /// The new value of parameter `index`.
    ///
    /// SGD as in PyTorch: `g += wd*w; v = momentum*v + g; w -= lr*v`.
    /// AdamW: `w -= lr*(m^/(sqrt(v^) + eps) + wd*w)`.
    pub fn update(&mut self, index: usize, value: Tensor<1>, grad: Tensor<1>, lr: f64) -> Tensor<1> {
        match self.kind {
            OptimizerKind::Sgd => self.sgd(index, value, grad, lr),
            OptimizerKind::AdamW => self.adamw(index, value, grad, lr),
        }
    }

    fn sgd(&mut self, index: usize, value: Tensor<1>, grad: Tensor<1>, lr: f64) -> Tensor<1> {
        let grad = match self.weight_decay {
            0.0 => grad,
            decay => grad + value.clone() * decay,
        };
        let velocity = match self.memory.first[index].take() {
            Some(velocity) if self.momentum > 0.0 => velocity * self.momentum + grad,
            _ => grad,
        };
        self.memory.first[index] = Some(velocity.clone());
        value - velocity * lr
    }

    fn adamw(&mut self, index: usize, value: Tensor<1>, grad: Tensor<1>, lr: f64) -> Tensor<1> {
        let square = grad.clone() * grad.clone();
        let mean = match self.memory.first[index].take() {
            Some(mean) => mean * BETA1 + grad * (1.0 - BETA1),
            None => grad * (1.0 - BETA1),
        };
        let variance = match self.memory.second[index].take() {
            Some(variance) => variance * BETA2 + square * (1.0 - BETA2),
            None => square * (1.0 - BETA2),
        };
        self.memory.first[index] = Some(mean.clone());
        self.memory.second[index] = Some(variance.clone());
        let [first, second] = Optimizer::corrections(self.memory.steps);
        let direction = mean / first / ((variance / second).sqrt() + EPSILON);
        value.clone() * (1.0 - lr * self.weight_decay) - direction * lr
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DataName, Method};
    use burn::tensor::{Device, TensorData};

    fn config() -> ArmConfig {
        ArmConfig { warmup: 4, lr: 0.8, ..ArmConfig::standard(Method::SimClr, DataName::Digits) }
    }

    fn run(config: &ArmConfig, grads: &[f32]) -> Vec<f32> {
        let tensor = |x: f32| Tensor::<1>::from_data(TensorData::from([x]), &Device::flex());
        let mut optimizer = Optimizer::new(config, 1);
        let mut value = tensor(1.0);
        let mut path = Vec::new();
        for grad in grads {
            optimizer.begin_step();
            value = optimizer.update(0, value, tensor(*grad), 0.1);
            path.push(value.clone().into_data().try_to_vec::<f32>().unwrap()[0]);
        }
        path
    }

    fn close(a: &[f32], b: &[f32]) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} {b:?}");
    }

    #[test]
    fn warm_up_rises_linearly_and_cosine_falls_to_a_thousandth() {
        let rates: Vec<f64> = (0..5).map(|step| learning_rate(&config(), step, 100)).collect();
        assert_eq!(rates, [0.2, 0.4, 0.600_000_000_000_000_1, 0.8, 0.8]);
        let cosine = ArmConfig { schedule: Schedule::Cosine, ..config() };
        assert!((learning_rate(&cosine, 4, 100) - 0.8).abs() < 1e-12);
        assert!((learning_rate(&cosine, 52, 100) - 0.8 * 0.5005).abs() < 1e-9);
        assert!((learning_rate(&cosine, 100, 100) - 0.0008).abs() < 1e-12);
        assert_eq!(learning_rate(&cosine, 5000, 100), learning_rate(&cosine, 100, 100));
    }

    #[test]
    fn sgd_follows_the_hand_computed_path() {
        // v: 1, 1.9, 2.71 with momentum 0.9; w: 1 - 0.1 v each step.
        let sgd = ArmConfig { wd: 0.0, ..config() };
        close(&run(&sgd, &[1.0, 1.0, 1.0]), &[0.9, 0.71, 0.439]);
        // With weight decay 0.5: g = 1.5, v = 1.5, w = 0.85; g = 1.425, v = 2.775, w = 0.5725.
        close(&run(&ArmConfig { wd: 0.5, ..config() }, &[1.0, 1.0]), &[0.85, 0.5725]);
    }

    #[test]
    fn adamw_steps_by_the_learning_rate_at_first_whatever_the_gradients_size() {
        let adam = ArmConfig { optimizer: OptimizerKind::AdamW, wd: 0.0, ..config() };
        // 1 - 0.1 * 1e-3 / (1e-3 + 1e-8)
        close(&run(&adam, &[1e-3]), &[0.900_001]);
        close(&run(&adam, &[1e3, 1e3]), &[0.9, 0.8]);
        close(&run(&ArmConfig { wd: 0.1, ..adam }, &[0.0]), &[0.99]);
    }
}
