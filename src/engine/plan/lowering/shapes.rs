//! Activations, and what the backward pass needs of each layer.

use crate::engine::kernels::layout;

/// An activation.
#[derive(Clone)]
pub struct Value {
    /// One matrix, `[rows, channels]`.
    pub buffer: wgpu::Buffer,
    /// What a sample's part of it is.
    pub shape: Shape,
    /// Came out of a ReLU whose mask the next layer's backward applies.
    pub rectified: bool,
}

impl Value {
    /// Rows of `cols` values that no ReLU made.
    pub fn rows(buffer: &wgpu::Buffer, cols: u32) -> Value {
        Value { buffer: buffer.clone(), shape: Shape::Rows { cols }, rectified: false }
    }
}

/// What a sample's part of an activation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A row.
    Rows {
        /// Values of it.
        cols: u32,
    },
    /// Maps: a row a pixel, unless the channels come first.
    Maps {
        /// Channels.
        channels: u32,
        /// Rows of a map.
        height: u32,
        /// Columns of a map.
        width: u32,
        /// Each map as a whole, as pictures come in.
        channels_first: bool,
    },
}

impl Shape {
    /// (rows a sample, channels).
    pub fn matrix(self) -> (u32, u32) {
        match self {
            Shape::Rows { cols } => (1, cols),
            Shape::Maps { channels, height, width, .. } => (height * width, channels),
        }
    }
}

/// What the backward pass needs of a layer: its input, its sizes, and where its parameters begin.
pub enum Done {
    /// `y = x W + b`.
    Linear {
        /// Its input.
        x: Value,
        /// Columns of x.
        inputs: u32,
        /// Columns of y.
        outputs: u32,
        /// Where W begins.
        offset: u32,
    },
    /// A convolution.
    Conv {
        /// Its input.
        x: Value,
        /// Its sizes.
        conv: Conv,
        /// Where its weights begin.
        offset: u32,
    },
    /// Batch norm, with the ReLU behind it.
    BatchNorm {
        /// Its input.
        x: Value,
        /// Mean and inverse deviation of each channel.
        stats: wgpu::Buffer,
        /// Where its gain begins.
        offset: u32,
    },
    /// The mean over each map.
    Pool {
        /// Its input.
        maps: Value,
    },
}

/// A convolution's sizes: 3 x 3 taps, stride 2.
#[derive(Clone, Copy)]
pub struct Conv {
    /// Channels of the input.
    pub in_channels: u32,
    /// Rows of the input.
    pub in_height: u32,
    /// Columns of the input.
    pub in_width: u32,
    /// Channels of the output.
    pub out_channels: u32,
    /// Rows of the output.
    pub out_height: u32,
    /// Columns of the output.
    pub out_width: u32,
    /// Of the input: image, y, x, channel.
    strides: [u32; 4],
}

impl Conv {
    /// Of `inputs` channels of an activation, to `outputs`.
    pub fn new(x: &Value, inputs: usize, outputs: usize) -> Conv {
        let (in_channels, out_channels) = (inputs as u32, outputs as u32);
        let (in_height, in_width, strides) = match x.shape {
            Shape::Maps { height, width, channels_first: true, .. } => {
                (height, width, [in_channels * height * width, width, 1, height * width])
            }
            Shape::Maps { height, width, channels_first: false, .. } => {
                (height, width, [in_channels * height * width, width * in_channels, in_channels, 1])
            }
            // Builders put ToImage before convolutions.
            Shape::Rows { .. } => (1, 1, [in_channels, in_channels, in_channels, 1]),
        };
        let (out_height, out_width) = (in_height.div_ceil(2), in_width.div_ceil(2));
        Conv { in_channels, in_height, in_width, out_channels, out_height, out_width, strides }
    }

    /// The uniform of conv.wgsl, for weights that begin at `weight`.
    pub fn dims(self, images: u32, weight: u32, relu: u32) -> layout::Conv {
        let Conv { in_channels, in_height, in_width, out_channels, out_height, out_width, strides } = self;
        let [stride_image, stride_y, stride_x, stride_channel] = strides;
        layout::Conv {
            images,
            in_channels,
            in_height,
            in_width,
            out_channels,
            out_height,
            out_width,
            stride_image,
            stride_y,
            stride_x,
            stride_channel,
            weight,
            relu,
        }
    }

    /// The uniform of conv_weight.wgsl, for gradients of `count` scalars, of which those of the weights begin at `base`.
    pub fn weight_dims(self, images: u32, base: u32, slice: u32, count: u32) -> layout::ConvWeight {
        let Conv { in_channels, in_height, in_width, out_channels, out_height, out_width, strides } = self;
        let [stride_image, stride_y, stride_x, stride_channel] = strides;
        layout::ConvWeight {
            images,
            in_channels,
            in_height,
            in_width,
            out_channels,
            out_height,
            out_width,
            stride_image,
            stride_y,
            stride_x,
            stride_channel,
            base,
            slice,
            count,
        }
    }

    /// The uniform of conv_input.wgsl, for weights that begin at `weight`.
    pub fn input_dims(self, images: u32, weight: u32, mask: u32) -> layout::ConvInput {
        let Conv { in_channels, in_height, in_width, out_channels, out_height, out_width, .. } = self;
        layout::ConvInput {
            images,
            in_channels,
            in_height,
            in_width,
            out_channels,
            out_height,
            out_width,
            weight,
            mask,
        }
    }
}
