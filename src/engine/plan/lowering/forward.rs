//! The forward pass: what each layer dispatches.

use super::shapes::{Conv, Done, Shape, Value};
use super::{Lowering, Statistics, in_fours};
use crate::engine::error::EngineError;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::dispatch::{eights, tiles};
use crate::engine::kernels::layout::{self, CHANNELS, LANES};
use crate::engine::kernels::source::Kernel;
use crate::engine::layers::{BN_EPSILON, BN_MOMENTUM, Layer};

impl Lowering<'_> {
    /// The layers' dispatches; their output, and what the backward pass needs of each.
    pub(super) fn forward(
        &mut self,
        layers: &[Layer],
        input: Value,
        params: &wgpu::Buffer,
        statistics: Statistics,
    ) -> Result<(Value, Vec<Done>), EngineError> {
        let mut value = input;
        let mut done = Vec::new();
        for (at, layer) in layers.iter().enumerate() {
            let relu = layers.get(at + 1) == Some(&Layer::Relu);
            match *layer {
                Layer::Linear { weight, inputs, outputs, .. } => {
                    let (inputs, outputs, offset) = (inputs as u32, outputs as u32, self.offsets[weight]);
                    let y = self.linear(&value, [inputs, outputs, offset], params, relu)?;
                    done.push(Done::Linear { x: value, inputs, outputs, offset });
                    value = y;
                }
                Layer::Conv { weight, inputs, outputs, .. } => {
                    let (conv, offset) = (Conv::new(&value, inputs, outputs), self.offsets[weight]);
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
                    let y = self.pool(&value)?;
                    done.push(Done::Pool { maps: value });
                    value = y;
                }
            }
        }
        Ok((value, done))
    }

    fn linear(
        &mut self,
        x: &Value,
        [inputs, outputs, weight]: [u32; 3],
        params: &wgpu::Buffer,
        relu: bool,
    ) -> Result<Value, EngineError> {
        let y = self.value(Shape::Rows { cols: outputs }, relu)?;
        let dims = self.dims(&layout::Linear { rows: self.rows, inputs, outputs, weight, relu: u32::from(relu) });
        let bound = [&dims, &x.buffer, params, &y.buffer];
        if in_fours(&[inputs, outputs, weight]) {
            self.add(Kernel::Linear4, &bound, eights(self.rows, outputs, 1));
        } else {
            self.add(Kernel::Linear, &bound, tiles(self.rows, outputs, 1));
        }
        Ok(y)
    }

    fn conv(
        &mut self,
        conv: Conv,
        x: &Value,
        params: &wgpu::Buffer,
        offset: u32,
        relu: bool,
    ) -> Result<Value, EngineError> {
        let Conv { out_channels: channels, out_height: height, out_width: width, .. } = conv;
        let y = self.value(Shape::Maps { channels, height, width, channels_first: false }, relu)?;
        let dims = self.dims(&conv.dims(self.rows, offset, u32::from(relu)));
        let grid = tiles(self.rows * height * width, channels, 1);
        self.add(Kernel::Conv, &[&dims, &x.buffer, params, &y.buffer], grid);
        Ok(y)
    }

    fn pool(&mut self, maps: &Value) -> Result<Value, EngineError> {
        let (pixels, channels) = maps.shape.matrix();
        let y = self.value(Shape::Rows { cols: channels }, false)?;
        let dims = self.dims(&layout::Pool { images: self.rows, pixels, channels, mask: 0 });
        let grid = [channels.div_ceil(LANES), self.rows, 1];
        self.add(Kernel::Pool, &[&dims, &maps.buffer, &y.buffer], grid);
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
}
