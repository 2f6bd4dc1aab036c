//! A supervised classifier with softmax cross-entropy and Adam: no method of this project, but the model that other
//! engines show their speed with, for the benchmark.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};

use super::arm::upload_rows;
use super::device::Compute;
use super::layers::Norm;
use super::network::Network;
use super::optimizer::Optimizer;
use super::params;
#[cfg(feature = "gpu")]
use super::plan::{Batch, Hyper, LOSS_SLOTS, Plan, State, storage};

/// Learning rate of Adam.
const RATE: f64 = 1e-3;

/// A perceptron in training: by a plan on a GPU, through burn on the CPU.
pub struct Classifier {
    network: Network,
    compute: Compute,
    values: Vec<Tensor<1>>,
    optimizer: Optimizer,
    steps: u32,
    losses: Vec<Tensor<1>>,
    #[cfg(feature = "gpu")]
    planned: Option<(Plan, wgpu::Buffer)>,
}

impl Classifier {
    /// Linear layers of these sizes, from inputs to classes, with ReLU between them; for batches of `rows`.
    ///
    /// # Errors
    /// In words, when the GPU's limits are too small for it.
    pub fn new(sizes: &[usize], rows: usize, compute: &Compute) -> Result<Classifier, String> {
        let network = Network::classifier(sizes);
        let drawn = network.table.draw(1);
        #[cfg(feature = "gpu")]
        let planned = match &compute.gpu {
            Some(gpu) => {
                let labels = storage(&gpu.device, "labels", rows as u32)?;
                let plan = Plan::classifier(gpu, &network, rows as u32, &labels)?;
                plan.write(&State { params: drawn.concat(), ..State::default() });
                Some((plan, labels))
            }
            None => None,
        };
        #[cfg(not(feature = "gpu"))]
        let _ = rows;
        Ok(Classifier {
            values: params::upload(&drawn, &compute.device),
            optimizer: Optimizer::adam(drawn.len()),
            network,
            compute: compute.clone(),
            steps: 0,
            losses: Vec::new(),
            #[cfg(feature = "gpu")]
            planned,
        })
    }

    /// Trainable scalars.
    pub fn parameters(&self) -> usize {
        self.network.table.scalars()
    }

    /// One step on inputs `x: [rows, inputs]`, flat, of these classes.
    pub fn train(&mut self, x: &[f32], labels: &[u32]) {
        self.optimizer.begin_step();
        #[cfg(feature = "gpu")]
        if let Some((plan, to)) = &self.planned {
            let [correction1, correction2] = Optimizer::corrections(self.steps as i32 + 1);
            let slot = self.steps % LOSS_SLOTS;
            let hyper = Hyper { lr: RATE as f32, adam: 1, correction1, correction2, slot, ..Hyper::default() };
            if let Some(gpu) = &self.compute.gpu {
                gpu.queue.write_buffer(to, 0, bytemuck::cast_slice(labels));
            }
            plan.train(Batch::Views(x), &hyper);
            self.steps += 1;
            return;
        }
        let leaves: Vec<Tensor<1>> = self.values.iter().map(|value| value.clone().autodiff().require_grad()).collect();
        let rows = labels.len();
        let x = upload_rows(x, rows, &self.compute.device).autodiff();
        let logits = self.network.embed(&leaves, x, &mut Norm::Batch).embeddings;
        let classes: Vec<i32> = labels.iter().map(|label| *label as i32).collect();
        let classes = Tensor::<2, Int>::from_data(TensorData::new(classes, [rows, 1]), &self.compute.device);
        let loss = log_softmax(logits, 1).gather(1, classes.autodiff()).mean().neg();
        let mut grads = loss.backward();
        for (index, leaf) in leaves.iter().enumerate() {
            if let Some(grad) = leaf.grad_remove(&mut grads) {
                let value = self.values[index].clone();
                self.values[index] = self.optimizer.update(index, value, grad, RATE);
            }
        }
        self.losses = vec![loss.inner()];
        self.steps += 1;
    }

    /// The loss of the last step.
    ///
    /// # Errors
    /// The device's message when the read fails.
    pub async fn loss(&self) -> Result<f32, String> {
        #[cfg(feature = "gpu")]
        if let Some((plan, _)) = &self.planned {
            let slot = self.steps.saturating_sub(1) % LOSS_SLOTS;
            return Ok(plan.read_losses(&[slot]).await?.first().copied().unwrap_or(f32::NAN));
        }
        let Some(loss) = self.losses.last() else { return Ok(f32::NAN) };
        let data = loss.clone().into_data_async().await.map_err(|error| format!("{error:?}"))?;
        Ok(super::arm::floats(data).first().copied().unwrap_or(f32::NAN))
    }

    /// Waits until the device is at most a few steps behind.
    pub async fn pace(&self) {
        #[cfg(feature = "gpu")]
        if let Some((plan, _)) = &self.planned {
            plan.pace(super::arm::QUEUE_DEPTH).await;
        }
    }

    /// Name, workgroups and milliseconds of each dispatch of a training step, where a plan runs it.
    #[cfg(feature = "gpu")]
    pub async fn profile(&self, rounds: u32) -> Option<Vec<(String, [u32; 3], f64)>> {
        let times = self.planned.as_ref()?.0.profile(rounds).await;
        Some(times.into_iter().map(|(kernel, grid, millis)| (format!("{kernel:?}"), grid, millis)).collect())
    }

    /// Waits for the last step.
    pub async fn settle(&self) {
        #[cfg(feature = "gpu")]
        if let Some((plan, _)) = &self.planned {
            plan.settle().await;
        }
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
        classifier.train(&x, &labels);
        let first = pollster::block_on(classifier.loss()).unwrap();
        (0..400).for_each(|_| classifier.train(&x, &labels));
        let last = pollster::block_on(classifier.loss()).unwrap();
        assert!((first - 3.0_f32.ln()).abs() < 0.3 && last < 0.4 * first, "{first} {last}");
    }
}
