//! A training step as a fixed list of dispatches in our own WGSL: what a GPU runs instead of burn's autodiff.
//!
//! At our sizes a step costs its dispatches, not its flops. So nothing is decided while training: buffers, bind groups and
//! grids are made once ([`tape`]), a step writes a few numbers, encodes one compute pass and submits it. Gradients are
//! reduced and applied by a single dispatch over all parameters; losses stay on the GPU until somebody asks.
//!
//! ```text
//! source     the kernels' WGSL;  kernels: their pipelines;  layout: what both sides agree on
//! tape       from a network to the dispatches of a step, of an evaluation, of a vote
//! resident   the data set on the GPU, and the views drawn from it
//! evaluator  an evaluation: one submit, one read
//! alone      a loss by itself, for the self-test
//! ```
//!
//! The CPU twin is the same step through burn ([`super::arm`]); tests/plan.rs and the self-test compare the two.

mod alone;
mod evaluator;
mod kernels;
mod layout;
mod resident;
mod source;
mod tape;

pub use alone::Alone;
pub use evaluator::{Evaluated, Evaluator, Points};
pub use kernels::Kernels;
pub use layout::{Hyper, OPERATIONS, WIDE};
pub use resident::Resident;
pub use source::Kernel;
pub use tape::{Layers, storage};

use std::cell::RefCell;
use std::collections::VecDeque;

use wgpu::util::DeviceExt;

use self::tape::{Dispatch, Objective, Shared, Tape};
use super::device::Gpu;
use super::network::Network;
use crate::config::Method;

/// Losses that wait on the GPU at most; older ones are overwritten.
pub const LOSS_SLOTS: u32 = 1 << 14;

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
    gpu: Gpu,
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
    /// In words, when the GPU's limits are too small for it.
    pub fn new(
        gpu: &Gpu,
        network: &Network,
        method: Method,
        rows: u32,
        resident: Option<&Resident>,
    ) -> Result<Plan, String> {
        Plan::record(gpu, network, &Objective::Views(method), rows, resident)
    }

    /// The step of a classifier on batches of `rows` inputs, with their labels, `[rows]`, in `labels`.
    ///
    /// # Errors
    /// In words, when the GPU's limits are too small for it.
    pub fn classifier(gpu: &Gpu, network: &Network, rows: u32, labels: &wgpu::Buffer) -> Result<Plan, String> {
        Plan::record(gpu, network, &Objective::Classes(labels.clone()), rows, None)
    }

    fn record(
        gpu: &Gpu,
        network: &Network,
        objective: &Objective,
        rows: u32,
        resident: Option<&Resident>,
    ) -> Result<Plan, String> {
        let layers = network.layers();
        let offsets = network.table.offsets();
        let scalars = network.table.scalars() as u32;
        let channels: Vec<u32> = network.norm_channels().iter().map(|channels| *channels as u32).collect();
        let has_target = matches!(objective, Objective::Views(Method::Byol));
        let device = &gpu.device;
        let buffer = |label: &str, floats: u32| storage(device, label, floats);
        let shared = Shared {
            views: buffer("views", rows * layers.inputs)?,
            params: buffer("parameters", scalars)?,
            slow: buffer("target parameters", if has_target { scalars } else { 1 })?,
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
        let dispatches = Tape::record(device, &gpu.kernels, &shared, &offsets, [rows, scalars], &layers, objective)?;
        let drawing =
            resident.map(|resident| tape::drawing(device, &gpu.kernels, resident, &shared.views, rows)).transpose()?;
        Ok(Plan {
            gpu: gpu.clone(),
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

    /// Views of a batch, two a sample.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Takes over a state. Moments may be absent: zero.
    pub fn write(&self, state: &State) {
        let queue = &self.gpu.queue;
        let put = |buffer: &wgpu::Buffer, values: &[f32]| {
            if !values.is_empty() {
                queue.write_buffer(buffer, 0, bytemuck::cast_slice(values));
            }
        };
        put(&self.shared.params, &state.params);
        if self.has_target {
            put(&self.shared.slow, &state.target);
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
        let queue = &self.gpu.queue;
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
        self.queue.borrow_mut().push_back(InFlight { done: self.gpu.all_done(), index });
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
                self.gpu.wait_for(Some(index));
                // Cancelled only when the device is gone, and then there is nothing to wait for.
                let _ = done.await;
            }
        }
    }

    /// Encodes these dispatches as one compute pass and submits it.
    fn submit<'d>(&self, dispatches: impl Iterator<Item = &'d Dispatch>) -> wgpu::SubmissionIndex {
        let mut encoder = self.encoder();
        encode(&self.gpu, &mut encoder, dispatches);
        self.gpu.queue.submit([encoder.finish()])
    }

    /// Milliseconds of each dispatch of a step, each repeated in one pass until the wait at its end hardly counts: the best of
    /// `rounds`. Leaves the state behind that so many updates make.
    pub async fn profile(&self, rounds: u32) -> Vec<(Kernel, [u32; 3], f64)> {
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
            times.push((one.kernel, one.grid, best * 1e3));
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
    /// In words, when the device fails.
    pub async fn read(&self) -> Result<State, String> {
        let mut parts = vec![(&self.shared.params, self.scalars), (&self.shared.moments, 2 * self.scalars)];
        if self.has_target {
            parts.push((&self.shared.slow, self.scalars));
        }
        parts.extend(self.shared.running.iter().zip(&self.channels).map(|(buffer, channels)| (buffer, 2 * channels)));
        let mut values = self.read_buffers(&parts).await?.into_iter();
        let mut next = || values.next().unwrap_or_default();
        let (params, moments) = (next(), next());
        let target = if self.has_target { next() } else { Vec::new() };
        let every_other = |first: usize| moments.iter().skip(first).step_by(2).copied().collect();
        Ok(State {
            params,
            target,
            first: every_other(0),
            second: every_other(1),
            running: self.channels.iter().map(|_| next()).collect(),
        })
    }

    /// Reads the views of the last step, `[rows, len]`.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn read_views(&self) -> Result<Vec<f32>, String> {
        let floats = (self.shared.views.size() / 4) as u32;
        Ok(self.read_buffers(&[(&self.shared.views, floats)]).await?.into_iter().next().unwrap_or_default())
    }

    /// Reads the losses in these slots.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn read_losses(&self, slots: &[u32]) -> Result<Vec<f32>, String> {
        let all = self.read_buffers(&[(&self.shared.losses, LOSS_SLOTS)]).await?.into_iter().next().unwrap_or_default();
        Ok(slots.iter().map(|slot| all.get(*slot as usize).copied().unwrap_or(f32::NAN)).collect())
    }

    /// Puts losses back into their slots.
    pub fn write_losses(&self, losses: impl Iterator<Item = (u32, f32)>) {
        for (slot, loss) in losses {
            self.gpu.queue.write_buffer(&self.shared.losses, u64::from(slot) * 4, bytemuck::bytes_of(&loss));
        }
    }

    /// Waits until the GPU has done what it was given. Nothing is read.
    pub async fn settle(&self) {
        self.pace(0).await;
        self.gpu.finish().await;
    }

    async fn read_buffers(&self, parts: &[(&wgpu::Buffer, u32)]) -> Result<Vec<Vec<f32>>, String> {
        read(&self.gpu, self.encoder(), parts).await
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("training step") })
    }
}

/// Encodes dispatches as one compute pass.
fn encode<'d>(gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, dispatches: impl Iterator<Item = &'d Dispatch>) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for dispatch in dispatches {
        let [x, y, z] = dispatch.grid;
        pass.set_pipeline(gpu.kernels.get(dispatch.kernel, dispatch.tile));
        pass.set_bind_group(0, &dispatch.group, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

/// Submits what was encoded and reads the first so many floats of each buffer.
async fn read(
    gpu: &Gpu,
    mut encoder: wgpu::CommandEncoder,
    parts: &[(&wgpu::Buffer, u32)],
) -> Result<Vec<Vec<f32>>, String> {
    let bytes: u64 = parts.iter().map(|(_, floats)| u64::from(*floats) * 4).sum();
    let staging = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size: bytes.max(4),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut at = 0;
    for (buffer, floats) in parts {
        let size = u64::from(*floats) * 4;
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, at, size);
        at += size;
    }
    gpu.queue.submit([encoder.finish()]);
    let (done, waits) = futures_channel::oneshot::channel();
    staging.slice(..).map_async(wgpu::MapMode::Read, move |result| drop(done.send(result)));
    gpu.wait_for(None);
    let mapped = waits.await.map_err(|_| "The GPU is gone.".to_owned())?;
    mapped.map_err(|error| format!("The GPU's memory could not be read: {error}."))?;
    let view = staging.slice(..).get_mapped_range().map_err(|error| format!("{error:?}"))?;
    let floats: &[f32] = bytemuck::cast_slice(&view);
    let mut rest = floats;
    let values = parts.iter().map(|(_, count)| {
        let (part, after) = rest.split_at(*count as usize);
        rest = after;
        part.to_vec()
    });
    Ok(values.collect())
}

/// A training batch as a plan takes it.
#[derive(Clone, Copy, Debug)]
pub enum Batch<'a> {
    /// The views' recipes (see [`Resident::recipes`]); the GPU draws them.
    Recipes(&'a [u32]),
    /// The views themselves, `[rows, len]`.
    Views(&'a [f32]),
}
