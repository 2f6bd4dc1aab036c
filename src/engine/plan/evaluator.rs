//! An evaluation on the GPU: embeddings of bank, held-out points and probe, the kNN's classes, the probe's gradient. One submit,
//! one read.

use wgpu::util::DeviceExt;

use super::lowering::{Lowering, Probe, Shared};
use super::step::{LOSS_SLOTS, Plan};
use crate::config::Method;
use crate::engine::error::EngineError;
use crate::engine::inputs::EvalInputs;
use crate::engine::kernels::buffers::{floats, read, storage};
use crate::engine::kernels::dispatch::{Dispatch, encode};
use crate::engine::kernels::layout::Hyper;
use crate::engine::network::Network;
use crate::metrics::knn::TEMPERATURE;

/// Rows that go through the network at once.
const CHUNK: u32 = 512;

/// What an evaluation found, row by row.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// Embeddings of the bank, `[bank, dim]`.
    pub bank: Vec<f32>,
    /// Embeddings of the held-out points, `[points, dim]`.
    pub points: Vec<f32>,
    /// The class that kNN gives each point, `[points]`.
    pub classes: Vec<u16>,
    /// Embeddings of the probe, `[2n, dim]`.
    pub probe: Vec<f32>,
    /// What the gradients are about, `[2n, dim]`.
    pub outputs: Vec<f32>,
    /// The loss's gradient with respect to them, `[2n, dim]`.
    pub gradients: Vec<f32>,
    /// All slots of losses.
    pub losses: Vec<f32>,
}

/// Held-out embeddings in a GPU's memory.
pub struct Points<'a> {
    /// `[rows, dim]`.
    pub buffer: &'a wgpu::Buffer,
    /// Row of the first point.
    pub first: u32,
    /// Number of points.
    pub count: u32,
    /// Dimension.
    pub dim: u32,
}

/// Evaluates an arm that trains by a plan.
pub struct Evaluator {
    /// Bank, points and probe, flat.
    inputs: [wgpu::Buffer; 3],
    /// Rows of bank, points and probe.
    rows: [u32; 3],
    /// Values of a sample.
    len: u32,
    dim: u32,
    /// Where the inputs of a chunk, or of the probe, go.
    stage: wgpu::Buffer,
    hyper: wgpu::Buffer,
    embed: Vec<Dispatch>,
    /// The embeddings of a chunk.
    z: wgpu::Buffer,
    /// The embeddings of bank and points, `[bank + points, dim]`.
    all: wgpu::Buffer,
    vote: Vec<Dispatch>,
    classes: wgpu::Buffer,
    probing: Vec<Dispatch>,
    probe: Probe,
}

impl Evaluator {
    /// Records the dispatches for these inputs.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it.
    pub fn new(plan: &Plan, network: &Network, method: Method, inputs: &EvalInputs) -> Result<Evaluator, EngineError> {
        let (device, kernels) = (&plan.context().gpu.device, &*plan.context().kernels);
        let [(bank, len), (points, _), (probe, _)] = inputs.all().map(|rows| {
            let [rows, len] = rows.dims();
            (rows as u32, len as u32)
        });
        let layers = network.layers();
        let offsets = network.table.offsets();
        let uniform = |hyper: Hyper| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("hyper"),
                contents: bytemuck::bytes_of(&hyper),
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            })
        };
        let stage = storage(device, "samples", CHUNK.max(probe) * len)?;
        let hyper = uniform(Hyper::default());
        let shared = Shared { views: stage.clone(), hyper: hyper.clone(), ..plan.shared().clone() };
        let (embed, z) = Lowering::record_embedding(device, kernels, &shared, &offsets, CHUNK, &layers)?;
        let dim = floats(&z) / CHUNK;
        let all = storage(device, "embeddings", (bank + points) * dim)?;
        let labels = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("labels"),
            contents: bytemuck::cast_slice(&inputs.labels),
            usage: wgpu::BufferUsages::STORAGE,
        });
        let votes = Hyper { inverse_tau: (1.0 / TEMPERATURE) as f32, ..Hyper::default() };
        let voting = Shared { hyper: uniform(votes), ..shared.clone() };
        let (vote, classes) = Lowering::record_vote(device, kernels, &voting, &all, [bank, points, dim], &labels)?;
        let (probing, probe_values) =
            Lowering::record_probe(device, kernels, &shared, &offsets, probe, &layers, method)?;
        let inputs = inputs.resident.clone().ok_or(EngineError::NotResident)?;
        Ok(Evaluator {
            inputs,
            rows: [bank, points, probe],
            len,
            dim,
            stage,
            hyper,
            embed,
            z,
            all,
            vote,
            classes,
            probing,
            probe: probe_values,
        })
    }

    /// The held-out embeddings that the last evaluation found.
    pub fn points(&self) -> Points<'_> {
        let [bank, points, _] = self.rows;
        Points { buffer: &self.all, first: bank, count: points, dim: self.dim }
    }

    /// Evaluates the plan's arm as it stands, with the loss and GradScale of `hyper`.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn run(&self, plan: &Plan, hyper: &Hyper) -> Result<Evaluated, EngineError> {
        let (gpu, kernels) = (&plan.context().gpu, &*plan.context().kernels);
        gpu.queue.write_buffer(&self.hyper, 0, bytemuck::bytes_of(hyper));
        let [bank, points, probe] = self.rows;
        let mut encoder = plan.encoder();
        let row = u64::from(self.len) * 4;
        let mut at = 0;
        for (buffer, rows) in self.inputs.iter().zip([bank, points]) {
            for first in (0..rows).step_by(CHUNK as usize) {
                let count = CHUNK.min(rows - first);
                encoder.copy_buffer_to_buffer(buffer, u64::from(first) * row, &self.stage, 0, u64::from(count) * row);
                encode(kernels, &mut encoder, self.embed.iter());
                let bytes = u64::from(count * self.dim) * 4;
                encoder.copy_buffer_to_buffer(&self.z, 0, &self.all, at, bytes);
                at += bytes;
            }
        }
        encoder.copy_buffer_to_buffer(&self.inputs[2], 0, &self.stage, 0, u64::from(probe) * row);
        encode(kernels, &mut encoder, self.probing.iter().chain(&self.vote));
        let dim = self.dim;
        let Probe { z, outputs, gradient } = &self.probe;
        let [mut embeddings, classes, probe, outputs, gradients, losses] = read(
            gpu,
            encoder,
            [
                ("the embeddings of bank and points", (&self.all, (bank + points) * dim)),
                ("the points' classes", (&self.classes, points)),
                ("the probe's embeddings", (z, probe * dim)),
                ("the probe's outputs", (outputs, floats(outputs))),
                ("the probe's gradients", (gradient, floats(gradient))),
                ("the losses", (&plan.shared().losses, LOSS_SLOTS)),
            ],
        )
        .await?;
        let points = embeddings.split_off((bank * dim) as usize);
        Ok(Evaluated {
            bank: embeddings,
            points,
            classes: classes.into_iter().map(|class| class.to_bits() as u16).collect(),
            probe,
            outputs,
            gradients,
            losses,
        })
    }
}
