//! A supervised classifier with softmax cross-entropy and Adam: no method of this project, but the model that other
//! engines show their speed with, for the benchmark.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::device::Compute;
use super::error::EngineError;
use super::layers::Norm;
use super::network::Network;
use super::optimizer::Optimizer;
use super::params;
use super::plan::ClassifierByPlan;
use super::tensors::{gradients, read, upload_rows};

/// Learning rate of Adam.
const RATE: f64 = 1e-3;

/// A perceptron in training.
pub struct Classifier {
    network: Network,
    /// Steps done.
    steps: u32,
    trainer: Trainer,
}

/// Who trains it.
enum Trainer {
    /// Burn's autodiff.
    Burn(Box<ByBurn>),
    /// Our own kernels on a GPU.
    Plan(Box<ClassifierByPlan>),
}

impl Classifier {
    /// Linear layers of these sizes, from inputs to classes, with ReLU between them; for batches of `rows`.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it.
    pub fn new(sizes: &[usize], rows: usize, compute: &Compute) -> Result<Classifier, EngineError> {
        let network = Network::classifier(sizes);
        let drawn = network.table.draw(1);
        let trainer = match compute.context() {
            Some(context) => Trainer::Plan(Box::new(ClassifierByPlan::new(context, &network, rows, &drawn)?)),
            None => Trainer::Burn(Box::new(ByBurn {
                device: compute.device.clone(),
                values: params::upload(&drawn, &compute.device),
                optimizer: Optimizer::adam(drawn.len()),
                loss: None,
            })),
        };
        Ok(Classifier { network, steps: 0, trainer })
    }

    /// Trainable scalars.
    pub fn scalars(&self) -> usize {
        self.network.table.scalars()
    }

    /// One step on inputs `x: [rows, inputs]`, flat, of these classes.
    ///
    /// # Errors
    /// When a parameter takes no part in the loss.
    pub fn train(&mut self, x: &[f32], labels: &[u32]) -> Result<(), EngineError> {
        match &mut self.trainer {
            Trainer::Burn(burn) => burn.train(&self.network, x, labels)?,
            Trainer::Plan(plan) => plan.train(self.steps, RATE, x, labels),
        }
        self.steps += 1;
        Ok(())
    }

    /// The loss of the last step; NaN before the first.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn loss(&self) -> Result<f32, EngineError> {
        match (&self.trainer, self.steps.checked_sub(1)) {
            (Trainer::Burn(burn), _) => burn.loss().await,
            (Trainer::Plan(plan), Some(last)) => plan.loss(last).await,
            (Trainer::Plan(_), None) => Ok(f32::NAN),
        }
    }

    /// Waits until the device is at most a few steps behind.
    pub async fn pace(&self) {
        match &self.trainer {
            Trainer::Burn(_) => {}
            Trainer::Plan(plan) => plan.pace().await,
        }
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        match &self.trainer {
            Trainer::Burn(_) => {}
            Trainer::Plan(plan) => plan.settle().await,
        }
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step, where a plan runs it.
    pub async fn profile(&self, rounds: u32) -> Option<Vec<(String, [u32; 3], f64)>> {
        match &self.trainer {
            Trainer::Burn(_) => None,
            Trainer::Plan(plan) => Some(plan.profile(rounds).await),
        }
    }
}

/// What burn changes with each step.
struct ByBurn {
    device: Device,
    values: Vec<Tensor<1>>,
    optimizer: Optimizer,
    /// Of the last step.
    loss: Option<Tensor<1>>,
}

impl ByBurn {
    fn train(&mut self, network: &Network, x: &[f32], labels: &[u32]) -> Result<(), EngineError> {
        self.optimizer.begin_step();
        let leaves: Vec<Tensor<1>> = self.values.iter().map(|value| value.clone().autodiff().require_grad()).collect();
        let rows = labels.len();
        let x = upload_rows(x, rows, &self.device).autodiff();
        let logits = network.embed(&leaves, x, &mut Norm::Batch).embeddings;
        let classes: Vec<i32> = labels.iter().map(|label| *label as i32).collect();
        let classes = Tensor::<2, Int>::from_data(TensorData::new(classes, [rows, 1]), &self.device);
        let loss = log_softmax(logits, 1).gather(1, classes.autodiff()).mean().neg();
        let names = network.table.infos().iter().map(|info| info.name.as_str());
        for (index, gradient) in gradients(&loss, names, &leaves)?.into_iter().enumerate() {
            self.values[index] = self.optimizer.update(index, self.values[index].clone(), gradient, RATE);
        }
        self.loss = Some(loss.inner());
        Ok(())
    }

    async fn loss(&self) -> Result<f32, EngineError> {
        let Some(loss) = &self.loss else { return Ok(f32::NAN) };
        let [loss] = read([("the loss", loss.clone())]).await?;
        Ok(loss[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_what_can_be_learned() {
        let mut classifier = Classifier::new(&[4, 16, 3], 60, &Compute::cpu("test")).unwrap();
        let x: Vec<f32> = (0..240).map(|at| if at % 4 == at / 4 % 3 { 1.0 } else { 0.0 }).collect();
        let labels: Vec<u32> = (0..60).map(|row| row % 3).collect();
        classifier.train(&x, &labels).unwrap();
        let first = pollster::block_on(classifier.loss()).unwrap();
        (0..400).for_each(|_| classifier.train(&x, &labels).unwrap());
        let last = pollster::block_on(classifier.loss()).unwrap();
        assert!((first - 3.0_f32.ln()).abs() < 0.3 && last < 0.4 * first, "{first} {last}");
    }
}
