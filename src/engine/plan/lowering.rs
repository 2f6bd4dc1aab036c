//! From a network to the list of dispatches that is its training step: forward, loss, backward, update.
//!
//! Activations are matrices `[rows, channels]`; maps are `[image, y, x, channel]`, so that a convolution's output is such a
//! matrix as well and batch norm is the same for both. Every matrix has a buffer of its own, every dispatch a bind group of
//! its own; both are made once and used in every step.

use crate::config::Method;
use crate::engine::error::EngineError;
use crate::engine::kernels::Kernels;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::dispatch::{Dispatch, Grid, dims, dispatch, eights, tiles};
use crate::engine::kernels::layout::{self, CHANNELS, LANES, PULL_COLUMNS, SHARED_ROWS, Words};
use crate::engine::kernels::source::Kernel;
use crate::engine::layers::{BN_EPSILON, BN_MOMENTUM, Layer};
use crate::engine::network::Layers;

/// With more rows batch norm goes block by block, in two dispatches.
const WHOLE_ROWS: u32 = 1024;
/// Rows of such a block, at least, and the most blocks.
const BLOCK_ROWS: u32 = 256;
const MOST_BLOCKS: u32 = 64;
/// Rows that one slice of a linear layer's weight gradient sums over, and images of a convolution's.
const SLICE_ROWS: u32 = 128;
const SLICE_IMAGES: u32 = 8;
/// The most slices of a gradient, and the most scalars of all slices together.
const MOST_SLICES: u32 = 64;
const SLICE_SCALARS: u32 = 1 << 20;
/// Workgroups in one direction that every device allows.
const MOST_GROUPS: u32 = 65_535;
/// Parameters that an invocation of the optimizer updates.
const PARAMETERS_EACH: u32 = 4;

/// An activation.
#[derive(Clone)]
struct Value {
    buffer: wgpu::Buffer,
    shape: Shape,
    /// Came out of a ReLU whose mask the next layer's backward applies.
    rectified: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Rows { cols: u32 },
    Maps { channels: u32, height: u32, width: u32, channels_first: bool },
}

impl Shape {
    /// (rows a sample, channels).
    fn matrix(self) -> (u32, u32) {
        match self {
            Shape::Rows { cols } => (1, cols),
            Shape::Maps { channels, height, width, .. } => (height * width, channels),
        }
    }
}

/// What the backward pass needs of a layer.
enum Done {
    Linear { x: Value, inputs: u32, outputs: u32, offset: u32 },
    Conv { x: Value, conv: Conv, offset: u32 },
    BatchNorm { x: Value, stats: wgpu::Buffer, offset: u32 },
    Pool { maps: Value },
}

#[derive(Clone, Copy)]
struct Conv {
    inputs: u32,
    outputs: u32,
    height: u32,
    width: u32,
    /// Of the input: image, y, x, channel.
    strides: [u32; 4],
}

impl Conv {
    fn out(self) -> [u32; 2] {
        [self.height.div_ceil(2), self.width.div_ceil(2)]
    }
}

/// What is trained for.
#[derive(Clone, Debug)]
pub enum Objective {
    /// Two views of a sample.
    Views(Method),
    /// The class of each row, `[rows]` as u32.
    Classes(wgpu::Buffer),
}

/// Whose statistics batch norm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// The batch's, which enter the running ones.
    Train,
    /// The batch's.
    Batch,
    /// The running ones.
    Running,
}

/// The buffers that all of a step's dispatches share.
#[derive(Clone)]
pub struct Shared {
    /// Two views of each sample, `[rows, len]`.
    pub views: wgpu::Buffer,
    /// All parameters, flat.
    pub params: wgpu::Buffer,
    /// BYOL's target parameters; a stand-in for the other methods.
    pub slow: wgpu::Buffer,
    /// (first, second) moment of each parameter.
    pub moments: wgpu::Buffer,
    /// Running mean and variance of each batch-norm layer.
    pub running: Vec<wgpu::Buffer>,
    /// One loss a step.
    pub losses: wgpu::Buffer,
    /// The step's numbers; see hyper.wgsl.
    pub hyper: wgpu::Buffer,
}

/// Records the dispatches of a step.
pub struct Tape<'a> {
    device: &'a wgpu::Device,
    kernels: &'a Kernels,
    shared: &'a Shared,
    /// Where each parameter tensor begins in the flat ones.
    offsets: &'a [u32],
    rows: u32,
    /// `[slices, scalars]`.
    grads: wgpu::Buffer,
    scalars: u32,
    dispatches: Vec<Dispatch>,
}

/// What a probe batch comes to, `[rows, dim]` each.
pub struct Probe {
    /// Embeddings.
    pub z: wgpu::Buffer,
    /// What the gradient is about: z, or the predictions.
    pub outputs: wgpu::Buffer,
    /// The loss's gradient with respect to the outputs.
    pub gradient: wgpu::Buffer,
}

impl<'a> Tape<'a> {
    /// Records a whole step; the dispatches in their order.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        [rows, scalars]: [u32; 2],
        layers: &Layers,
        objective: &Objective,
    ) -> Result<Vec<Dispatch>, EngineError> {
        let slices = gradient_slices(layers.embed.iter().chain(&layers.predict), rows, most_slices(scalars));
        let grads = storage(device, "gradients", slices.saturating_mul(scalars))?;
        let mut tape = Tape { device, kernels, shared, offsets, rows, grads, scalars, dispatches: Vec::new() };
        let views = tape.views(layers);
        let targets = match objective {
            Objective::Views(Method::Byol) => {
                Some(tape.forward(&layers.embed, views.clone(), &shared.slow, Statistics::Batch)?.0)
            }
            Objective::Views(Method::SimClr | Method::SimSiam) | Objective::Classes(_) => None,
        };
        let (z, mut done) = tape.forward(&layers.embed, views, &shared.params, Statistics::Train)?;
        let (outputs, more) = tape.forward(&layers.predict, z.clone(), &shared.params, Statistics::Train)?;
        done.extend(more);
        let row_losses = storage(device, "row losses", rows)?;
        let gradient = match objective {
            Objective::Views(Method::SimClr) => tape.contrastive(&outputs, &row_losses)?,
            Objective::Views(Method::Byol | Method::SimSiam) => {
                tape.prediction(&outputs, &targets.unwrap_or(z), &row_losses)?
            }
            Objective::Classes(labels) => tape.cross_entropy(&outputs, labels, &row_losses)?,
        };
        tape.backward(done, gradient)?;
        tape.update(slices, &row_losses, matches!(objective, Objective::Views(Method::Byol)));
        Ok(tape.dispatches)
    }

    /// Records how `rows` samples in the shared views become embeddings, with running statistics.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record_embedding(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
        layers: &Layers,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut tape = Tape::bare(device, kernels, shared, offsets, rows)?;
        let (z, _) = tape.forward(&layers.embed, tape.views(layers), &shared.params, Statistics::Running)?;
        Ok((tape.dispatches, z.buffer))
    }

    /// Records what the loss's gradient is on the shared views, two a sample, with running statistics.
    ///
    /// # Errors
    /// When the device's limits are too small for the network.
    pub fn record_probe(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
        layers: &Layers,
        method: Method,
    ) -> Result<(Vec<Dispatch>, Probe), EngineError> {
        let mut tape = Tape::bare(device, kernels, shared, offsets, rows)?;
        let views = tape.views(layers);
        let (z, _) = tape.forward(&layers.embed, views.clone(), &shared.params, Statistics::Running)?;
        let (outputs, _) = tape.forward(&layers.predict, z.clone(), &shared.params, Statistics::Running)?;
        let row_losses = storage(device, "row losses", rows)?;
        let gradient = match method {
            Method::SimClr => tape.contrastive(&outputs, &row_losses)?,
            Method::SimSiam => tape.prediction(&outputs, &z, &row_losses)?,
            Method::Byol => {
                let (targets, _) = tape.forward(&layers.embed, views, &shared.slow, Statistics::Running)?;
                tape.prediction(&outputs, &targets, &row_losses)?
            }
        };
        Ok((tape.dispatches, Probe { z: z.buffer, outputs: outputs.buffer, gradient }))
    }

    /// Records the kNN classes of the last `queries` rows of `z: [bank + queries, dim]` among its first `bank`, whose labels
    /// are given. The shared numbers' `inverse_tau` is that of the votes.
    ///
    /// # Errors
    /// When the device's limits are too small.
    pub fn record_vote(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        z: &wgpu::Buffer,
        [bank, queries, dim]: [u32; 3],
        labels: &wgpu::Buffer,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut tape = Tape::bare(device, kernels, shared, &[], bank + queries)?;
        let all = Value { buffer: z.clone(), shape: Shape::Rows { cols: dim }, rectified: false };
        let (unit, _) = tape.unit_rows(&all)?;
        let similarity = tape.similarity(&unit, dim, [bank, queries, bank])?;
        let classes = storage(device, "classes", queries)?;
        let dims = tape.dims(&layout::Vote { bank, queries });
        tape.add(Kernel::Vote, &[&dims, &similarity, labels, &classes], [queries.div_ceil(LANES), 1, 1]);
        Ok((tape.dispatches, classes))
    }

    /// Records a loss of `z: [rows, dim]` and its gradient; what is bound are z, the targets and where each row's loss goes.
    ///
    /// # Errors
    /// When the device's limits are too small.
    pub fn record_loss(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        [z, targets, row_losses]: [&wgpu::Buffer; 3],
        [rows, dim]: [u32; 2],
        contrastive: bool,
    ) -> Result<(Vec<Dispatch>, wgpu::Buffer), EngineError> {
        let mut tape = Tape::bare(device, kernels, shared, &[], rows)?;
        let value = |buffer: &wgpu::Buffer| Value {
            buffer: buffer.clone(),
            shape: Shape::Rows { cols: dim },
            rectified: false,
        };
        let gradient = match contrastive {
            true => tape.contrastive(&value(z), row_losses)?,
            false => tape.prediction(&value(z), &value(targets), row_losses)?,
        };
        Ok((tape.dispatches, gradient))
    }

    /// A tape without gradients.
    fn bare(
        device: &'a wgpu::Device,
        kernels: &'a Kernels,
        shared: &'a Shared,
        offsets: &'a [u32],
        rows: u32,
    ) -> Result<Tape<'a>, EngineError> {
        let grads = storage(device, "gradients", 1)?;
        Ok(Tape { device, kernels, shared, offsets, rows, grads, scalars: 0, dispatches: Vec::new() })
    }

    fn views(&self, layers: &Layers) -> Value {
        Value { buffer: self.shared.views.clone(), shape: Shape::Rows { cols: layers.inputs }, rectified: false }
    }

    fn forward(
        &mut self,
        layers: &[Layer],
        input: Value,
        params: &wgpu::Buffer,
        statistics: Statistics,
    ) -> Result<(Value, Vec<Done>), EngineError> {
        let mut value = input;
        let mut done = Vec::new();
        let mut at = 0;
        while let Some(layer) = layers.get(at) {
            let relu = layers.get(at + 1) == Some(&Layer::Relu);
            match *layer {
                Layer::Linear { weight, inputs, outputs, .. } => {
                    let (inputs, outputs, offset) = (inputs as u32, outputs as u32, self.offsets[weight]);
                    let y = self.value(Shape::Rows { cols: outputs }, relu)?;
                    let (rows, relu) = (self.rows, u32::from(relu));
                    let dims = self.dims(&layout::Linear { rows, inputs, outputs, weight: offset, relu });
                    let bound = [&dims, &value.buffer, params, &y.buffer];
                    if in_fours(&[inputs, outputs, offset]) {
                        self.add(Kernel::Linear4, &bound, eights(self.rows, outputs, 1));
                    } else {
                        self.add(Kernel::Linear, &bound, tiles(self.rows, outputs, 1));
                    }
                    done.push(Done::Linear { x: value, inputs, outputs, offset });
                    value = y;
                }
                Layer::Conv { weight, inputs, outputs, .. } => {
                    let (conv, offset) = (conv(&value, inputs, outputs), self.offsets[weight]);
                    let y = self.conv(conv, &value, params, offset, relu)?;
                    done.push(Done::Conv { x: value, conv, offset });
                    value = y;
                }
                Layer::BatchNorm { gain, stats, .. } => {
                    let (offset, running) = (self.offsets[gain], self.shared.running[stats].clone());
                    let (y, kept) = self.batch_norm(&value, params, offset, &running, statistics)?;
                    done.push(Done::BatchNorm { x: value, stats: kept, offset });
                    value = y;
                }
                // Part of the layer before it.
                Layer::Relu => {}
                Layer::ToImage { channels, height, width } => {
                    let [channels, height, width] = [channels, height, width].map(|side| side as u32);
                    value.shape = Shape::Maps { channels, height, width, channels_first: true };
                }
                Layer::GlobalPool => {
                    let (pixels, channels) = value.shape.matrix();
                    let y = self.value(Shape::Rows { cols: channels }, false)?;
                    let dims = self.dims(&layout::Pool { images: self.rows, pixels, channels, mask: 0 });
                    let grid = [channels.div_ceil(LANES), self.rows, 1];
                    self.add(Kernel::Pool, &[&dims, &value.buffer, &y.buffer], grid);
                    done.push(Done::Pool { maps: value });
                    value = y;
                }
            }
            at += 1;
        }
        Ok((value, done))
    }

    fn conv(
        &mut self,
        conv: Conv,
        x: &Value,
        params: &wgpu::Buffer,
        offset: u32,
        relu: bool,
    ) -> Result<Value, EngineError> {
        let [height, width] = conv.out();
        let y = self.value(Shape::Maps { channels: conv.outputs, height, width, channels_first: false }, relu)?;
        let [stride_image, stride_y, stride_x, stride_channel] = conv.strides;
        let dims = self.dims(&layout::Conv {
            images: self.rows,
            in_channels: conv.inputs,
            in_height: conv.height,
            in_width: conv.width,
            out_channels: conv.outputs,
            out_height: height,
            out_width: width,
            stride_image,
            stride_y,
            stride_x,
            stride_channel,
            weight: offset,
            relu: u32::from(relu),
        });
        let grid = tiles(self.rows * height * width, conv.outputs, 1);
        self.add(Kernel::Conv, &[&dims, &x.buffer, params, &y.buffer], grid);
        Ok(y)
    }

    /// Batch norm and ReLU; also what the backward pass needs of the statistics.
    fn batch_norm(
        &mut self,
        x: &Value,
        params: &wgpu::Buffer,
        offset: u32,
        running: &wgpu::Buffer,
        statistics: Statistics,
    ) -> Result<(Value, wgpu::Buffer), EngineError> {
        let (per_sample, channels) = x.shape.matrix();
        let (rows, blocks) = self.blocks(per_sample);
        // The mask of this ReLU is applied by batch norm's own backward pass.
        let y = self.value(x.shape, false)?;
        let stats = storage(self.device, "statistics", 2 * channels)?;
        let momentum = if statistics == Statistics::Train { BN_MOMENTUM } else { 0.0 };
        let epsilon = BN_EPSILON as f32;
        let dims = self.dims(&layout::BatchNorm { rows, channels, gain: offset, blocks, momentum, epsilon });
        let groups = channels.div_ceil(CHANNELS);
        if statistics == Statistics::Running {
            let bound = [(0, &dims), (1, &x.buffer), (2, params), (3, &y.buffer), (5, running)];
            self.add_at(Kernel::BatchNormEvaluate, &bound, [groups, blocks, 1]);
        } else if blocks == 1 {
            self.add(Kernel::BatchNorm, &[&dims, &x.buffer, params, &y.buffer, &stats, running], [groups, 1, 1]);
        } else {
            let partials = storage(self.device, "partial moments", 2 * channels * blocks)?;
            let grid = [groups, blocks, 1];
            self.add_at(Kernel::BatchNormPartial, &[(0, &dims), (1, &x.buffer), (6, &partials)], grid);
            let all = [&dims, &x.buffer, params, &y.buffer, &stats, running, &partials];
            self.add(Kernel::BatchNormApply, &all, grid);
        }
        Ok((y, stats))
    }

    /// (rows, blocks) of a batch norm over `per_sample` rows a sample.
    fn blocks(&self, per_sample: u32) -> (u32, u32) {
        let rows = self.rows * per_sample;
        let blocks = if rows <= WHOLE_ROWS { 1 } else { (rows / BLOCK_ROWS).clamp(1, MOST_BLOCKS) };
        (rows, blocks)
    }

    /// NT-Xent or DCL: the gradient with respect to z.
    fn contrastive(&mut self, z: &Value, row_losses: &wgpu::Buffer) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, dim)) = (self.rows, z.shape.matrix());
        let (unit, norms) = self.unit_rows(z)?;
        let hyper = self.shared.hyper.clone();
        let similarity = self.similarity(&unit, dim, [rows, rows, 0])?;
        let dims = self.dims(&layout::Rows { rows, cols: dim });
        let logs = storage(self.device, "denominators", rows)?;
        let lanes = [rows.div_ceil(LANES), 1, 1];
        let shared = rows.div_ceil(SHARED_ROWS);
        self.add(Kernel::Softmax, &[&dims, &hyper, &similarity, &logs, row_losses], [shared, 1, 1]);
        let pull = storage(self.device, "gradient on the sphere", rows * dim)?;
        let grid = [shared, dim.div_ceil(PULL_COLUMNS), 1];
        self.add(Kernel::Pull, &[&dims, &hyper, &similarity, &logs, &unit, &pull], grid);
        let gradient = storage(self.device, "gradient of z", rows * dim)?;
        self.add(Kernel::UnitBackward, &[&dims, &hyper, &unit, &norms, &pull, &gradient], lanes);
        Ok(gradient)
    }

    /// cos/tau of the first `rows` unit rows with the `others` from `from_row` on, `[rows, others]`.
    fn similarity(
        &mut self,
        unit: &wgpu::Buffer,
        dim: u32,
        [rows, others, from_row]: [u32; 3],
    ) -> Result<wgpu::Buffer, EngineError> {
        let dims = self.dims(&layout::Similarity { rows, cols: dim, others, from_row });
        let similarity = storage(self.device, "similarities", rows.saturating_mul(others))?;
        let hyper = self.shared.hyper.clone();
        self.add(Kernel::Similarity, &[&dims, &hyper, unit, &similarity], tiles(rows, others, 1));
        Ok(similarity)
    }

    /// BYOL's and SimSiam's loss: the gradient with respect to the predictions.
    fn prediction(
        &mut self,
        q: &Value,
        targets: &Value,
        row_losses: &wgpu::Buffer,
    ) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, dim)) = (self.rows, q.shape.matrix());
        let (unit, norms) = self.unit_rows(q)?;
        let hyper = self.shared.hyper.clone();
        let dims = self.dims(&layout::Rows { rows, cols: dim });
        let gradient = storage(self.device, "gradient of q", rows * dim)?;
        let bound = [&dims, &hyper, &unit, &norms, &targets.buffer, &gradient, row_losses];
        self.add(Kernel::Prediction, &bound, [rows.div_ceil(LANES), 1, 1]);
        Ok(gradient)
    }

    /// Softmax cross-entropy: the gradient with respect to the logits.
    fn cross_entropy(
        &mut self,
        logits: &Value,
        labels: &wgpu::Buffer,
        row_losses: &wgpu::Buffer,
    ) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, classes)) = (self.rows, logits.shape.matrix());
        let dims = self.dims(&layout::CrossEntropy { rows, classes });
        let gradient = storage(self.device, "gradient of logits", rows * classes)?;
        let bound = [&dims, &logits.buffer, labels, &gradient, row_losses];
        self.add(Kernel::CrossEntropy, &bound, [rows.div_ceil(LANES), 1, 1]);
        Ok(gradient)
    }

    fn unit_rows(&mut self, z: &Value) -> Result<(wgpu::Buffer, wgpu::Buffer), EngineError> {
        let (_, dim) = z.shape.matrix();
        let unit = storage(self.device, "unit rows", self.rows * dim)?;
        let norms = storage(self.device, "norms", self.rows)?;
        let dims = self.dims(&layout::Rows { rows: self.rows, cols: dim });
        self.add(Kernel::Rows, &[&dims, &z.buffer, &unit, &norms], [self.rows.div_ceil(LANES), 1, 1]);
        Ok((unit, norms))
    }

    /// From the last layer to the first; the first one's input needs no gradient.
    fn backward(&mut self, done: Vec<Done>, mut gradient: wgpu::Buffer) -> Result<(), EngineError> {
        for (at, layer) in done.iter().enumerate().rev() {
            let needed = at > 0;
            gradient = match layer {
                Done::Linear { x, inputs, outputs, offset } => {
                    self.linear_backward(x, [*inputs, *outputs, *offset], &gradient, needed)?
                }
                Done::Conv { x, conv, offset } => self.conv_backward(x, *conv, *offset, &gradient, needed)?,
                Done::BatchNorm { x, stats, offset } => self.batch_norm_backward(x, stats, *offset, &gradient)?,
                Done::Pool { maps } => {
                    let (pixels, channels) = maps.shape.matrix();
                    let dmaps = storage(self.device, "gradient of maps", self.rows * pixels * channels)?;
                    let (images, mask) = (self.rows, u32::from(maps.rectified));
                    let dims = self.dims(&layout::Pool { images, pixels, channels, mask });
                    let grid = [channels.div_ceil(LANES), self.rows, 1];
                    let bound = [(0, &dims), (1, &maps.buffer), (3, &gradient), (4, &dmaps)];
                    self.add_at(Kernel::PoolBackward, &bound, grid);
                    dmaps
                }
            };
        }
        Ok(())
    }

    fn linear_backward(
        &mut self,
        x: &Value,
        [inputs, outputs, offset]: [u32; 3],
        dy: &wgpu::Buffer,
        needed: bool,
    ) -> Result<wgpu::Buffer, EngineError> {
        let rows = self.rows;
        let (slice, slices) = slices(rows, SLICE_ROWS, most_slices(self.scalars));
        let count = self.scalars;
        let dims = self.dims(&layout::LinearWeight { rows, inputs, outputs, base: offset, slice, count });
        let grads = self.grads.clone();
        let bound = [&dims, &x.buffer, dy, &grads];
        if in_fours(&[inputs, outputs]) {
            self.add(Kernel::LinearWeight4, &bound, eights(inputs, outputs, slices));
        } else {
            self.add(Kernel::LinearWeight, &bound, tiles(inputs, outputs, slices));
        }
        if !needed {
            return Ok(dy.clone());
        }
        let dx = storage(self.device, "gradient of rows", rows * inputs)?;
        let mask = u32::from(x.rectified);
        let dims = self.dims(&layout::LinearInput { rows, inputs, outputs, weight: offset, mask });
        let params = self.shared.params.clone();
        let bound = [&dims, dy, &params, &x.buffer, &dx];
        if in_fours(&[inputs, outputs, offset]) {
            self.add(Kernel::LinearInput4, &bound, eights(rows, inputs, 1));
        } else {
            self.add(Kernel::LinearInput, &bound, tiles(rows, inputs, 1));
        }
        Ok(dx)
    }

    fn conv_backward(
        &mut self,
        x: &Value,
        conv: Conv,
        offset: u32,
        dy: &wgpu::Buffer,
        needed: bool,
    ) -> Result<wgpu::Buffer, EngineError> {
        let [height, width] = conv.out();
        let (slice, slices) = slices(self.rows, SLICE_IMAGES, most_slices(self.scalars));
        let taps = conv.inputs * 9;
        let [stride_image, stride_y, stride_x, stride_channel] = conv.strides;
        let dims = self.dims(&layout::ConvWeight {
            images: self.rows,
            in_channels: conv.inputs,
            in_height: conv.height,
            in_width: conv.width,
            out_channels: conv.outputs,
            out_height: height,
            out_width: width,
            stride_image,
            stride_y,
            stride_x,
            stride_channel,
            base: offset,
            slice,
            count: self.scalars,
        });
        let grads = self.grads.clone();
        let grid = tiles(taps, conv.outputs, slices);
        self.add(Kernel::ConvWeight, &[&dims, &x.buffer, dy, &grads], grid);
        if !needed {
            return Ok(dy.clone());
        }
        let pixels = self.rows * conv.height * conv.width;
        let dx = storage(self.device, "gradient of maps", pixels * conv.inputs)?;
        let dims = self.dims(&layout::ConvInput {
            images: self.rows,
            in_channels: conv.inputs,
            in_height: conv.height,
            in_width: conv.width,
            out_channels: conv.outputs,
            out_height: height,
            out_width: width,
            weight: offset,
            mask: u32::from(x.rectified),
        });
        let params = self.shared.params.clone();
        let most = self.rows * height * width;
        self.add(Kernel::ConvInput, &[&dims, dy, &params, &x.buffer, &dx], tiles(most, conv.inputs, 4));
        Ok(dx)
    }

    fn batch_norm_backward(
        &mut self,
        x: &Value,
        stats: &wgpu::Buffer,
        offset: u32,
        dy: &wgpu::Buffer,
    ) -> Result<wgpu::Buffer, EngineError> {
        let (per_sample, channels) = x.shape.matrix();
        let (rows, blocks) = self.blocks(per_sample);
        let dims = self.dims(&layout::BatchNormBackward { rows, channels, gain: offset, blocks });
        let dx = storage(self.device, "gradient before batch norm", rows * channels)?;
        let (params, grads) = (self.shared.params.clone(), self.grads.clone());
        let groups = channels.div_ceil(CHANNELS);
        if blocks == 1 {
            let bound = [&dims, &x.buffer, dy, &params, stats, &dx, &grads];
            self.add(Kernel::BatchNormBackward, &bound, [groups, 1, 1]);
        } else {
            let partials = storage(self.device, "partial sums", 2 * channels * blocks)?;
            let grid = [groups, blocks, 1];
            let bound = [(0, &dims), (1, &x.buffer), (2, dy), (3, &params), (4, stats), (7, &partials)];
            self.add_at(Kernel::BatchNormBackwardPartial, &bound, grid);
            let bound = [&dims, &x.buffer, dy, &params, stats, &dx, &grads, &partials];
            self.add(Kernel::BatchNormBackwardApply, &bound, grid);
        }
        Ok(dx)
    }

    fn update(&mut self, slices: u32, row_losses: &wgpu::Buffer, has_target: bool) {
        let (count, rows, target_count) = (self.scalars, self.rows, u32::from(has_target));
        let dims = self.dims(&layout::Optimizer { count, rows, slices, target_count });
        let Shared { hyper, params, moments, slow, losses, .. } = self.shared;
        let grads = self.grads.clone();
        let bound = [&dims, hyper, &grads, params, moments, slow, row_losses, losses];
        let groups = self.scalars.div_ceil(LANES * PARAMETERS_EACH).min(MOST_GROUPS);
        self.add(Kernel::Optimizer, &bound, [groups, 1, 1]);
    }

    fn value(&self, shape: Shape, rectified: bool) -> Result<Value, EngineError> {
        let (per_sample, channels) = shape.matrix();
        Ok(Value { buffer: storage(self.device, "activations", self.rows * per_sample * channels)?, shape, rectified })
    }

    fn dims(&self, sizes: &impl Words) -> wgpu::Buffer {
        dims(self.device, sizes)
    }

    /// Records a dispatch with its buffers at bindings 0, 1, ...
    fn add(&mut self, kernel: Kernel, buffers: &[&wgpu::Buffer], grid: impl Into<Grid>) {
        let bound: Vec<(u32, &wgpu::Buffer)> = (0..).zip(buffers.iter().copied()).collect();
        self.add_at(kernel, &bound, grid);
    }

    fn add_at(&mut self, kernel: Kernel, buffers: &[(u32, &wgpu::Buffer)], grid: impl Into<Grid>) {
        self.dispatches.push(dispatch(self.device, self.kernels, kernel, buffers, grid.into()));
    }
}

fn conv(x: &Value, inputs: usize, outputs: usize) -> Conv {
    let (inputs, outputs) = (inputs as u32, outputs as u32);
    let Shape::Maps { height, width, channels_first, .. } = x.shape else {
        // Builders put ToImage before convolutions.
        return Conv { inputs, outputs, height: 1, width: 1, strides: [inputs, inputs, inputs, 1] };
    };
    let image = inputs * height * width;
    let strides = match channels_first {
        true => [image, width, 1, height * width],
        false => [image, width * inputs, inputs, 1],
    };
    Conv { inputs, outputs, height, width, strides }
}

/// Whether four values can be loaded at once.
fn in_fours(sizes: &[u32]) -> bool {
    sizes.iter().all(|size| size.is_multiple_of(4))
}

/// (length of a slice, number of slices) of a sum over `length`, at most `most`; lengths are multiples of 4, as the kernels go.
fn slices(length: u32, wanted: u32, most: u32) -> (u32, u32) {
    let count = length.div_ceil(wanted).clamp(1, most);
    let slice = length.div_ceil(count).next_multiple_of(4);
    (slice, length.div_ceil(slice))
}

/// The most slices of a gradient of so many scalars: the update reads all of them.
fn most_slices(scalars: u32) -> u32 {
    (SLICE_SCALARS / scalars.max(1)).clamp(1, MOST_SLICES)
}

/// The most slices of a layer's gradient.
fn gradient_slices<'l>(layers: impl Iterator<Item = &'l Layer>, rows: u32, most: u32) -> u32 {
    let of = |layer: &Layer| match layer {
        Layer::Linear { .. } => slices(rows, SLICE_ROWS, most).1,
        Layer::Conv { .. } => slices(rows, SLICE_IMAGES, most).1,
        Layer::BatchNorm { .. } | Layer::ToImage { .. } | Layer::Relu | Layer::GlobalPool => 1,
    };
    layers.map(of).max().unwrap_or(1)
}
