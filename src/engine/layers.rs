//! Layers and stacks of layers over flat parameters.
//!
//! A [`Stack`] only knows which parameters it uses; the values come in with each call. Training, evaluation and BYOL's
//! target network are therefore the same code on different tensors.

use burn::tensor::activation::relu;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

use super::ops::{Grid, norm_relu, unfold};
use super::params::{Init, ParamInfo, ParamTable, Part};

/// Added to the variance in batch norm.
pub(super) const BN_EPSILON: f64 = 1e-5;
/// Share of a batch's statistics that enters the running statistics at each training step.
pub(super) const BN_MOMENTUM: f32 = 0.1;

/// One layer; parameters are given by their places in the network's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `[n, inputs] -> [n, outputs]`.
    Linear {
        /// Its weights, `[inputs, outputs]`.
        weight: usize,
        /// Its biases, `[outputs]`.
        bias: usize,
        /// Columns that come in.
        inputs: usize,
        /// Columns that come out.
        outputs: usize,
    },
    /// `[n, inputs, h, w] -> [n, outputs, h/2, w/2]` (rounded up): 3x3, stride 2, padding 1.
    Conv {
        /// Its weights, `[outputs, inputs, 3, 3]`.
        weight: usize,
        /// Its biases, `[outputs]`.
        bias: usize,
        /// Channels that come in.
        inputs: usize,
        /// Channels that come out.
        outputs: usize,
    },
    /// Over every dimension but the channels.
    BatchNorm {
        /// What each channel is multiplied by.
        gain: usize,
        /// What is added to each channel.
        shift: usize,
        /// Its place among the batch-norm layers.
        stats: usize,
        /// Channels.
        channels: usize,
    },
    /// max(x, 0).
    Relu,
    /// `[n, c*h*w] -> [n, c, h, w]`.
    ToImage {
        /// Channels c.
        channels: usize,
        /// Lines h.
        height: usize,
        /// Columns w.
        width: usize,
    },
    /// Mean over height and width: `[n, c, h, w] -> [n, c]`.
    GlobalPool,
}

/// The running statistics of one batch-norm layer.
#[derive(Clone, Debug)]
pub struct RunningStats {
    /// Mean of each channel, `[c]`.
    pub mean: Tensor<1>,
    /// Population variance of each channel, `[c]`.
    pub variance: Tensor<1>,
}

/// How batch norm gets its statistics.
pub enum Norm<'a> {
    /// From the batch; the running statistics move towards them by `BN_MOMENTUM`.
    Train(&'a mut [RunningStats]),
    /// From the batch, which replaces the running statistics: so that an untrained network can be evaluated.
    Calibrate(&'a mut [RunningStats]),
    /// From the batch; the running statistics stay (BYOL's target network).
    Batch,
    /// From the running statistics.
    Eval(&'a [RunningStats]),
}

/// A sequence of layers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    layers: Vec<Layer>,
}

/// Declares the layers of a stack and their parameters.
pub struct StackBuilder<'a> {
    table: &'a mut ParamTable,
    channels: &'a mut Vec<usize>,
    part: Part,
    prefix: &'static str,
    stack: Stack,
}

impl<'a> StackBuilder<'a> {
    /// `channels` collects the channel count of each batch-norm layer of the whole network.
    pub fn new(
        table: &'a mut ParamTable,
        channels: &'a mut Vec<usize>,
        part: Part,
        prefix: &'static str,
    ) -> StackBuilder<'a> {
        StackBuilder { table, channels, part, prefix, stack: Stack::default() }
    }

    fn declare(&mut self, what: &str, shape: &[usize], init: Init) -> usize {
        let name = format!("{}.{}.{what}", self.prefix, self.stack.layers.len());
        self.table.declare(ParamInfo { name, part: self.part, last: false, shape: shape.to_vec() }, init)
    }

    /// A fully connected layer.
    pub fn linear(mut self, inputs: usize, outputs: usize) -> Self {
        let init = Init::Uniform { fan_in: inputs };
        let weight = self.declare("weight", &[inputs, outputs], init);
        let bias = self.declare("bias", &[outputs], init);
        self.stack.layers.push(Layer::Linear { weight, bias, inputs, outputs });
        self
    }

    /// A fully connected layer that cut-initialization knows as the last one.
    pub fn last_linear(self, inputs: usize, outputs: usize) -> Self {
        let first = self.table.len();
        let builder = self.linear(inputs, outputs);
        builder.table.mark_last(first);
        builder
    }

    /// A 3x3 convolution with stride 2.
    pub fn conv(mut self, inputs: usize, outputs: usize) -> Self {
        let init = Init::Uniform { fan_in: inputs * 9 };
        let weight = self.declare("weight", &[outputs, inputs, 3, 3], init);
        let bias = self.declare("bias", &[outputs], init);
        self.stack.layers.push(Layer::Conv { weight, bias, inputs, outputs });
        self
    }

    /// Batch norm (if wanted) and ReLU.
    pub fn norm_relu(mut self, channels: usize, batch_norm: bool) -> Self {
        if batch_norm {
            let gain = self.declare("gain", &[channels], Init::Constant(1.0));
            let shift = self.declare("shift", &[channels], Init::Constant(0.0));
            self.stack.layers.push(Layer::BatchNorm { gain, shift, stats: self.channels.len(), channels });
            self.channels.push(channels);
        }
        self.stack.layers.push(Layer::Relu);
        self
    }

    /// Rows become images.
    pub fn to_image(mut self, channels: usize, height: usize, width: usize) -> Self {
        self.stack.layers.push(Layer::ToImage { channels, height, width });
        self
    }

    /// Mean over the image.
    pub fn global_pool(mut self) -> Self {
        self.stack.layers.push(Layer::GlobalPool);
        self
    }

    /// The finished stack.
    pub fn build(self) -> Stack {
        self.stack
    }
}

/// Running statistics before any batch: mean 0, variance 1.
pub fn fresh_stats(channels: &[usize], device: &Device) -> Vec<RunningStats> {
    channels
        .iter()
        .map(|&c| RunningStats { mean: Tensor::zeros([c], device), variance: Tensor::ones([c], device) })
        .collect()
}

/// What flows between layers.
enum Flow {
    Rows(Tensor<2>),
    Maps(Tensor<4>),
    /// Images on the CPU, as the rows of a matrix.
    Pixels(Tensor<2>, Grid),
}

impl Stack {
    /// Its layers, first to last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// `x: [n, inputs]` to `[n, outputs]` with the parameters `p` (the whole network's, flat).
    pub fn forward(&self, p: &[Tensor<1>], x: Tensor<2>, norm: &mut Norm<'_>) -> Tensor<2> {
        let mut flow = Flow::Rows(x);
        let mut layers = self.layers.iter().peekable();
        while let Some(layer) = layers.next() {
            let (next, rectified) = layer.apply(p, flow, norm);
            if rectified {
                layers.next_if_eq(&&Layer::Relu);
            }
            flow = next;
        }
        match flow {
            Flow::Rows(x) => x,
            Flow::Maps(x) => x.flatten(1, 3),
            Flow::Pixels(x, _) => x,
        }
    }
}

impl Layer {
    /// The layer's output, and whether the ReLU after it is already in it.
    fn apply(&self, p: &[Tensor<1>], flow: Flow, norm: &mut Norm<'_>) -> (Flow, bool) {
        if let &Layer::BatchNorm { gain, shift, stats, .. } = self {
            let scales = [p[gain].clone(), p[shift].clone()];
            return match flow {
                Flow::Rows(x) => {
                    let (y, rectified) = row_norm(x, scales, stats, norm);
                    (Flow::Rows(y), rectified)
                }
                Flow::Pixels(x, grid) => {
                    let (y, rectified) = row_norm(x, scales, stats, norm);
                    (Flow::Pixels(y, grid), rectified)
                }
                Flow::Maps(x) => (Flow::Maps(batch_norm(x, scales, stats, norm, burns_norm)), false),
            };
        }
        (self.apply_plain(p, flow), false)
    }

    fn apply_plain(&self, p: &[Tensor<1>], flow: Flow) -> Flow {
        match (self, flow) {
            (&Layer::Linear { weight, bias, inputs, outputs }, Flow::Rows(x)) => {
                let weight = p[weight].clone().reshape([inputs, outputs]);
                Flow::Rows(module::linear(x, weight, Some(p[bias].clone())))
            }
            (&Layer::Conv { weight, bias, inputs, outputs }, Flow::Maps(x)) => {
                let weight = p[weight].clone().reshape([outputs, inputs, 3, 3]);
                let options = ConvOptions::new([2, 2], [1, 1], [1, 1], 1);
                Flow::Maps(module::conv2d(x, weight, Some(p[bias].clone()), options))
            }
            (&Layer::Conv { weight, bias, inputs, outputs }, Flow::Pixels(x, grid)) => {
                // As the patches have it: tap, input channel.
                let weight = p[weight].clone().reshape([outputs, inputs, 3, 3]).permute([2, 3, 1, 0]);
                let weight = weight.reshape([9 * inputs, outputs]);
                let y = module::linear(unfold(x, grid), weight, Some(p[bias].clone()));
                let [height, width] = grid.halved();
                Flow::Pixels(y, Grid { channels: outputs, height, width, channels_first: false })
            }
            (Layer::Relu, Flow::Rows(x)) => Flow::Rows(relu(x)),
            (Layer::Relu, Flow::Pixels(x, grid)) => Flow::Pixels(relu(x), grid),
            (Layer::Relu, Flow::Maps(x)) => Flow::Maps(relu(x)),
            (&Layer::ToImage { channels, height, width }, Flow::Rows(x)) if x.device() == Device::flex() => {
                Flow::Pixels(x, Grid { channels, height, width, channels_first: true })
            }
            (&Layer::ToImage { channels, height, width }, Flow::Rows(x)) => {
                let [n, _] = x.dims();
                Flow::Maps(x.reshape([n, channels, height, width]))
            }
            (Layer::GlobalPool, Flow::Maps(x)) => {
                let [n, c, h, w] = x.dims();
                Flow::Rows(x.reshape([n, c, h * w]).mean_dim(2).reshape([n, c]))
            }
            (Layer::GlobalPool, Flow::Pixels(x, Grid { channels, height, width, .. })) => {
                let pixels = height * width;
                let [rows, _] = x.dims();
                Flow::Rows(x.reshape([rows / pixels, pixels, channels]).mean_dim(1).reshape([rows / pixels, channels]))
            }
            // Builders put ToImage before convolutions and GlobalPool after them, so nothing else meets.
            (_, flow) => flow,
        }
    }
}

/// Batch norm of rows, on the CPU with its ReLU, which the flag says.
fn row_norm(x: Tensor<2>, scales: [Tensor<1>; 2], index: usize, norm: &mut Norm<'_>) -> (Tensor<2>, bool) {
    let fused = x.device() == Device::flex() && !matches!(norm, Norm::Eval(_));
    let by_batch = if fused { norm_relu } else { burns_norm };
    (batch_norm(x, scales, index, norm, by_batch), fused)
}

/// Batch norm with the batch's statistics through burn: the result, mean and variance.
fn burns_norm<const D: usize>(
    x: Tensor<D>,
    gain: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f32,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let out = module::batch_norm_train(x, gain, shift, f64::from(epsilon));
    (out.output, out.mean.inner(), out.variance.inner())
}

/// Batch norm with the statistics that `norm` asks for, those of the batch by `by_batch`.
fn batch_norm<const D: usize>(
    x: Tensor<D>,
    [gain, shift]: [Tensor<1>; 2],
    index: usize,
    norm: &mut Norm<'_>,
    by_batch: fn(Tensor<D>, Tensor<1>, Tensor<1>, f32) -> (Tensor<D>, Tensor<1>, Tensor<1>),
) -> Tensor<D> {
    if let Norm::Eval(stats) = norm {
        let RunningStats { mean, variance } = stats[index].clone();
        return module::batch_norm(x, gain, shift, mean, variance, BN_EPSILON);
    }
    let (output, mean, variance) = by_batch(x, gain, shift, BN_EPSILON as f32);
    match norm {
        Norm::Train(stats) => {
            let old = &mut stats[index];
            old.mean = old.mean.clone() * (1.0 - BN_MOMENTUM) + mean * BN_MOMENTUM;
            old.variance = old.variance.clone() * (1.0 - BN_MOMENTUM) + variance * BN_MOMENTUM;
        }
        Norm::Calibrate(stats) => {
            stats[index] = RunningStats { mean, variance };
        }
        Norm::Batch | Norm::Eval(_) => {}
    }
    output
}
