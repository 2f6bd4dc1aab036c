//! The training step of one arm on a GPU: recorded once, then submitted again and again.

use std::cell::RefCell;
use std::collections::VecDeque;

use wgpu::util::DeviceExt;

use super::lowering::{Lowering, Objective, Shared};
use crate::config::Method;
use crate::engine::error::EngineError;
use crate::engine::kernels::Context;
use crate::engine::kernels::Resident;
use crate::engine::kernels::buffers::{Part, floats, read, read_lists, storage};
use crate::engine::kernels::dispatch::{Dispatch, encode};
use crate::engine::kernels::drawing::drawing;
use crate::engine::kernels::layout::Hyper;
use crate::engine::network::Network;

/// Losses that wait on the GPU at most; older ones are overwritten.
pub const LOSS_SLOTS: u32 = 1 << 14;

/// Steps that a GPU may have queued: the next one is there when it has done one, and a pause waits for two.
pub const QUEUE_DEPTH: usize = 2;

/// Everything that training changes, on the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// All parameters, flat, in the order of the network's table.
    pub params: Vec<f32>,
    /// BYOL's target, flat; empty for the other methods.
    pub target: Vec<f32>,
    /// First moments.
    pub first: Vec<f32>,
    /// Second moments.
    pub second: Vec<f32>,
    /// Running mean, then variance, of each batch-norm layer.
    pub running: Vec<Vec<f32>>,
}

/// One arm's training step on a GPU.
pub struct Plan {
    context: Context,
    shared: Shared,
    /// What draws the views of a batch, and where it finds their recipes.
    drawing: Option<(Dispatch, wgpu::Buffer)>,
    dispatches: Vec<Dispatch>,
    /// Views of a batch, two a sample.
    rows: u32,
    scalars: u32,
    channels: Vec<u32>,
    has_target: bool,
    /// Steps that were submitted and not yet waited for.
    queue: RefCell<VecDeque<InFlight>>,
}

/// A submitted step.
struct InFlight {
    done: futures_channel::oneshot::Receiver<()>,
    index: wgpu::SubmissionIndex,
}

impl Plan {
    /// The step of `network` on batches of `rows` views (two a sample), with zeroed state; views are drawn from `resident`, if
    /// there are any samples.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it.
    pub fn new(
        context: &Context,
        network: &Network,
        method: Method,
        rows: u32,
        resident: Option<&Resident>,
    ) -> Result<Plan, EngineError> {
        Plan::record(context, network, &Objective::Views(method), rows, resident)
    }

    /// The step of a classifier on batches of `rows` inputs, with their labels, `[rows]`, in `labels`.
    ///
    /// # Errors
    /// When the GPU's limits are too small for it.
    pub fn classifier(
        context: &Context,
        network: &Network,
        rows: u32,
        labels: &wgpu::Buffer,
    ) -> Result<Plan, EngineError> {
        Plan::record(context, network, &Objective::Classes(labels.clone()), rows, None)
    }

    fn record(
        context: &Context,
        network: &Network,
        objective: &Objective,
        rows: u32,
        resident: Option<&Resident>,
    ) -> Result<Plan, EngineError> {
        let layers = network.layers();
        let offsets = network.table.offsets();
        let scalars = network.table.scalars() as u32;
        let channels: Vec<u32> = network.norm_channels().iter().map(|channels| *channels as u32).collect();
        let has_target = matches!(objective, Objective::Views(Method::Byol));
        let (device, kernels) = (&context.gpu.device, &*context.kernels);
        let buffer = |label: &str, floats: u32| storage(device, label, floats);
        let shared = Shared {
            views: buffer("views", rows * layers.inputs)?,
            params: buffer("parameters", scalars)?,
            target: buffer("target parameters", if has_target { scalars } else { 1 })?,
            moments: buffer("moments", 2 * scalars)?,
            running: channels
                .iter()
                .map(|channels| buffer("running statistics", 2 * channels))
                .collect::<Result<_, _>>()?,
            losses: buffer("losses", LOSS_SLOTS)?,
            hyper: device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("hyper"),
                contents: &[0; size_of::<Hyper>()],
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            }),
        };
        let dispatches = Lowering::record(device, kernels, &shared, &offsets, [rows, scalars], &layers, objective)?;
        let drawing = resident.map(|resident| drawing(device, kernels, resident, &shared.views, rows)).transpose()?;
        Ok(Plan {
            context: context.clone(),
            shared,
            drawing,
            dispatches,
            rows,
            scalars,
            channels,
            has_target,
            queue: RefCell::default(),
        })
    }

    /// The GPU and its pipelines.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The buffers that its dispatches share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Views of a batch, two a sample.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Takes over a state. Moments may be absent: zero.
    pub fn write(&self, state: &State) {
        let queue = &self.context.gpu.queue;
        let put = |buffer: &wgpu::Buffer, values: &[f32]| {
            if !values.is_empty() {
                queue.write_buffer(buffer, 0, bytemuck::cast_slice(values));
            }
        };
        put(&self.shared.params, &state.params);
        if self.has_target {
            put(&self.shared.target, &state.target);
        }
        let at = |values: &[f32], index: usize| values.get(index).copied().unwrap_or(0.0);
        let moments: Vec<f32> =
            (0..self.scalars as usize).flat_map(|index| [at(&state.first, index), at(&state.second, index)]).collect();
        put(&self.shared.moments, &moments);
        for (buffer, values) in self.shared.running.iter().zip(&state.running) {
            put(buffer, values);
        }
    }

    /// One training step on the views of these recipes, or on given ones: one compute pass, one submit, nothing read.
    pub fn train(&self, batch: Batch<'_>, hyper: &Hyper) {
        let queue = &self.context.gpu.queue;
        queue.write_buffer(&self.shared.hyper, 0, bytemuck::bytes_of(hyper));
        let drawing = match (batch, &self.drawing) {
            (Batch::Recipes(words), Some((drawing, recipes))) => {
                queue.write_buffer(recipes, 0, bytemuck::cast_slice(words));
                Some(drawing)
            }
            (Batch::Views(values), _) => {
                queue.write_buffer(&self.shared.views, 0, bytemuck::cast_slice(values));
                None
            }
            (Batch::Recipes(_), None) => None,
        };
        let index = self.submit(drawing.into_iter().chain(&self.dispatches));
        self.queue.borrow_mut().push_back(InFlight { done: self.context.gpu.all_done(), index });
    }

    /// Whether the GPU draws views by itself.
    pub fn draws(&self) -> bool {
        self.drawing.is_some()
    }

    /// Waits until at most `depth` steps are in the GPU's queue: enough to keep it busy, few enough to pause at once.
    pub async fn pace(&self, depth: usize) {
        loop {
            let oldest = {
                let mut queue = self.queue.borrow_mut();
                if queue.len() <= depth {
                    return;
                }
                queue.pop_front()
            };
            if let Some(InFlight { done, index }) = oldest {
                self.context.gpu.wait_for(Some(index));
                // Cancelled only when the device is gone, and then there is nothing to wait for.
                let _ = done.await;
            }
        }
    }

    /// Encodes these dispatches as one compute pass and submits it.
    fn submit<'d>(&self, dispatches: impl Iterator<Item = &'d Dispatch>) -> wgpu::SubmissionIndex {
        let mut encoder = self.encoder();
        encode(&self.context.kernels, &mut encoder, dispatches);
        self.context.gpu.queue.submit([encoder.finish()])
    }

    /// Name, workgroups and milliseconds of each dispatch of a step, each repeated in one pass until the wait at its end hardly counts: the best of
    /// `rounds`. Leaves the state behind that so many updates make.
    pub async fn profile(&self, rounds: u32) -> Vec<(String, [u32; 3], f64)> {
        const LONG: f64 = 0.02;
        let all: Vec<&Dispatch> = self.drawing.iter().map(|(drawing, _)| drawing).chain(&self.dispatches).collect();
        let mut times = Vec::new();
        for one in all {
            let once = self.time(one, 1).await;
            let repeats = (LONG / once).clamp(1.0, 1000.0) as u32;
            let mut best = once;
            for _ in 0..rounds {
                best = best.min(self.time(one, repeats).await / f64::from(repeats));
            }
            times.push((format!("{:?}", one.kernel), one.grid, best * 1e3));
        }
        times
    }

    /// Seconds of a dispatch, so many times in one pass, waited for.
    async fn time(&self, dispatch: &Dispatch, repeats: u32) -> f64 {
        let begun = web_time::Instant::now();
        self.submit(std::iter::repeat_n(dispatch, repeats as usize));
        self.settle().await;
        begun.elapsed().as_secs_f64()
    }

    /// Reads the whole state.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn read(&self) -> Result<State, EngineError> {
        let Shared { params, moments, target, running, .. } = &self.shared;
        let target = if self.has_target { vec![(target, self.scalars)] } else { Vec::new() };
        let running = running.iter().zip(&self.channels).map(|(buffer, channels)| (buffer, 2 * channels)).collect();
        let [params, moments, target, running] = self
            .read_lists([
                ("the parameters", vec![(params, self.scalars)]),
                ("the moments", vec![(moments, 2 * self.scalars)]),
                ("the target's parameters", target),
                ("the running statistics", running),
            ])
            .await?;
        let every_other = |first: usize| moments.iter().flatten().skip(first).step_by(2).copied().collect();
        Ok(State {
            params: params.concat(),
            target: target.concat(),
            first: every_other(0),
            second: every_other(1),
            running,
        })
    }

    /// Reads the views of the last step, `[rows, len]`.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn read_views(&self) -> Result<Vec<f32>, EngineError> {
        let views = &self.shared.views;
        let [views] = read(&self.context.gpu, self.encoder(), [("the views", (views, floats(views)))]).await?;
        Ok(views)
    }

    /// Reads all losses, slot by slot.
    ///
    /// # Errors
    /// When the device fails or gives too little.
    pub async fn read_losses(&self) -> Result<Vec<f32>, EngineError> {
        let named = [("the losses", (&self.shared.losses, LOSS_SLOTS))];
        let [losses] = read(&self.context.gpu, self.encoder(), named).await?;
        Ok(losses)
    }

    /// Puts losses back into their slots.
    pub fn write_losses(&self, losses: impl Iterator<Item = (u32, f32)>) {
        for (slot, loss) in losses {
            self.context.gpu.queue.write_buffer(&self.shared.losses, u64::from(slot) * 4, bytemuck::bytes_of(&loss));
        }
    }

    /// Waits until the GPU has done what it was given. Nothing is read.
    pub async fn settle(&self) {
        self.pace(0).await;
        self.context.gpu.finish().await;
    }

    async fn read_lists<const N: usize>(
        &self,
        named: [(&str, Vec<Part<'_>>); N],
    ) -> Result<[Vec<Vec<f32>>; N], EngineError> {
        read_lists(&self.context.gpu, self.encoder(), named).await
    }

    /// For what is done and read in one go.
    pub fn encoder(&self) -> wgpu::CommandEncoder {
        self.context.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("training step") })
    }
}

/// A training batch as a plan takes it.
#[derive(Clone, Copy, Debug)]
pub enum Batch<'a> {
    /// The views' recipes (see [`Resident::recipes`]); the GPU draws them.
    Recipes(&'a [u32]),
    /// The views themselves, `[rows, len]`.
    Views(&'a [f32]),
}
