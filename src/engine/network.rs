//! The networks: an encoder for the data, a projector, and a predictor where the method needs one.
//!
//! Vectors and small pictures (at most [`MLP_LIMIT`] values) go through a two-layer perceptron, larger pictures through
//! three strided convolutions with global average pooling. Weights start as PyTorch would start them.

use burn::tensor::{Device, Tensor};

use super::layers::{Layer, Norm, RunningStats, Stack, StackBuilder, fresh_stats};
use super::params::{ParamTable, Part};
use crate::config::{ArmConfig, Method};
use crate::data::Kind;

/// The most input values that the perceptron encoder takes.
pub const MLP_LIMIT: usize = 256;

/// The architecture of one arm: which layers, which parameters; no values.
#[derive(Clone, Debug)]
pub struct Network {
    /// Every parameter of encoder, projector and predictor.
    pub table: ParamTable,
    encoder: Stack,
    projector: Stack,
    predictor: Option<Stack>,
    norm_channels: Vec<usize>,
    /// Values of a sample.
    inputs: usize,
}

/// The layers of encoder, projector and predictor, one after the other.
pub struct Layers {
    /// Encoder and projector.
    pub embed: Vec<Layer>,
    /// Predictor; empty for SimCLR.
    pub predict: Vec<Layer>,
    /// Values of a sample.
    pub inputs: u32,
}

/// What a forward pass gives.
pub struct Output {
    /// Encoder features h, `[n, width]`.
    pub features: Tensor<2>,
    /// Embeddings z (projector output, not normalised), `[n, dim]`.
    pub embeddings: Tensor<2>,
}

impl Network {
    /// The network for a data set, a method and an arm's settings.
    pub fn new(kind: &Kind, method: Method, config: &ArmConfig) -> Network {
        let mut table = ParamTable::default();
        let mut channels = Vec::new();
        let (width, dim, bn) = (config.width as usize, config.dim as usize, config.bn);
        let encoder = encoder(&mut table, &mut channels, kind, width, bn);
        let projector = StackBuilder::new(&mut table, &mut channels, Part::Projector, "projector")
            .linear(width, width)
            .norm_relu(width, bn)
            .last_linear(width, dim)
            .build();
        let predictor = (method != Method::SimClr).then(|| {
            StackBuilder::new(&mut table, &mut channels, Part::Predictor, "predictor")
                .linear(dim, width)
                .norm_relu(width, bn)
                .linear(width, dim)
                .build()
        });
        Network { table, encoder, projector, predictor, norm_channels: channels, inputs: kind.len() }
    }

    /// A classifier without batch norm: linear layers of these sizes, from the inputs to the classes, with ReLU between them.
    pub fn classifier(sizes: &[usize]) -> Network {
        let mut table = ParamTable::default();
        let mut channels = Vec::new();
        let (&inputs, rest) = sizes.split_first().unwrap_or((&1, &[1]));
        let (&classes, hidden) = rest.split_last().unwrap_or((&1, &[]));
        let mut builder = StackBuilder::new(&mut table, &mut channels, Part::Encoder, "encoder");
        let mut from = inputs;
        for &to in hidden {
            builder = builder.linear(from, to).norm_relu(to, false);
            from = to;
        }
        let encoder = builder.build();
        let projector = StackBuilder::new(&mut table, &mut channels, Part::Projector, "classifier")
            .last_linear(from, classes)
            .build();
        Network { table, encoder, projector, predictor: None, norm_channels: channels, inputs }
    }

    /// All layers in order, for a device that runs them itself.
    pub fn layers(&self) -> Layers {
        let predict = self.predictor.as_ref().map(|stack| stack.layers().to_vec());
        Layers {
            embed: [self.encoder.layers(), self.projector.layers()].concat(),
            predict: predict.unwrap_or_default(),
            inputs: self.inputs as u32,
        }
    }

    /// Channels of each batch-norm layer.
    pub fn norm_channels(&self) -> &[usize] {
        &self.norm_channels
    }

    /// Running statistics for all of its batch-norm layers.
    pub fn fresh_stats(&self, device: &Device) -> Vec<RunningStats> {
        fresh_stats(&self.norm_channels, device)
    }

    /// Encoder and projector: `x: [n, inputs]`.
    pub fn embed(&self, p: &[Tensor<1>], x: Tensor<2>, norm: &mut Norm<'_>) -> Output {
        let features = self.encoder.forward(p, x, norm);
        let embeddings = self.projector.forward(p, features.clone(), norm);
        Output { features, embeddings }
    }

    /// The predictor on `z: [n, dim]`; without a predictor z itself.
    pub fn predict(&self, p: &[Tensor<1>], z: Tensor<2>, norm: &mut Norm<'_>) -> Tensor<2> {
        match &self.predictor {
            Some(predictor) => predictor.forward(p, z, norm),
            None => z,
        }
    }
}

fn encoder(table: &mut ParamTable, norms: &mut Vec<usize>, kind: &Kind, width: usize, bn: bool) -> Stack {
    let builder = StackBuilder::new(table, norms, Part::Encoder, "encoder");
    match *kind {
        Kind::Image { channels, height, width: columns } if kind.len() > MLP_LIMIT => {
            let (first, second) = (width.div_ceil(4), width.div_ceil(2));
            builder
                .to_image(channels, height, columns)
                .conv(channels, first)
                .norm_relu(first, bn)
                .conv(first, second)
                .norm_relu(second, bn)
                .conv(second, width)
                .norm_relu(width, bn)
                .global_pool()
                .build()
        }
        _ => builder.linear(kind.len(), width).norm_relu(width, bn).linear(width, width).norm_relu(width, bn).build(),
    }
}
