//! The backward pass: the gradients of all parameters, and the update that applies them.

use super::shapes::{Conv, Done, Value};
use super::slices::{SLICE_IMAGES, SLICE_ROWS, most_slices, slices};
use super::{Lowering, Shared, in_fours};
use crate::engine::error::EngineError;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::dispatch::{eights, tiles};
use crate::engine::kernels::layout::{self, CHANNELS, LANES};
use crate::engine::kernels::source::Kernel;

/// Workgroups in one direction that every device allows.
const MOST_GROUPS: u32 = 65_535;
/// Parameters that an invocation of the optimizer updates.
const PARAMETERS_EACH: u32 = 4;

impl Lowering<'_> {
    /// From the last layer to the first; the first one's input needs no gradient.
    pub(super) fn backward(&mut self, done: Vec<Done>, mut gradient: wgpu::Buffer) -> Result<(), EngineError> {
        for (at, layer) in done.iter().enumerate().rev() {
            let needed = at > 0;
            gradient = match layer {
                Done::Linear { x, inputs, outputs, offset } => {
                    self.linear_backward(x, [*inputs, *outputs, *offset], &gradient, needed)?
                }
                Done::Conv { x, conv, offset } => self.conv_backward(x, *conv, *offset, &gradient, needed)?,
                Done::BatchNorm { x, stats, offset } => self.batch_norm_backward(x, stats, *offset, &gradient)?,
                Done::Pool { maps } => self.pool_backward(maps, &gradient)?,
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
        let (slice, slices) = slices(self.rows, SLICE_IMAGES, most_slices(self.scalars));
        let taps = conv.in_channels * 9;
        let dims = self.dims(&conv.weight_dims(self.rows, offset, slice, self.scalars));
        let grads = self.grads.clone();
        let grid = tiles(taps, conv.out_channels, slices);
        self.add(Kernel::ConvWeight, &[&dims, &x.buffer, dy, &grads], grid);
        if !needed {
            return Ok(dy.clone());
        }
        let pixels = self.rows * conv.in_height * conv.in_width;
        let dx = storage(self.device, "gradient of maps", pixels * conv.in_channels)?;
        let dims = self.dims(&conv.input_dims(self.rows, offset, u32::from(x.rectified)));
        let params = self.shared.params.clone();
        let grid = tiles(self.rows * conv.out_height * conv.out_width, conv.in_channels, 4);
        self.add(Kernel::ConvInput, &[&dims, dy, &params, &x.buffer, &dx], grid);
        Ok(dx)
    }

    fn pool_backward(&mut self, maps: &Value, dy: &wgpu::Buffer) -> Result<wgpu::Buffer, EngineError> {
        let (pixels, channels) = maps.shape.matrix();
        let dmaps = storage(self.device, "gradient of maps", self.rows * pixels * channels)?;
        let (images, mask) = (self.rows, u32::from(maps.rectified));
        let dims = self.dims(&layout::Pool { images, pixels, channels, mask });
        let grid = [channels.div_ceil(LANES), self.rows, 1];
        self.add_at(Kernel::PoolBackward, &[(0, &dims), (1, &maps.buffer), (3, dy), (4, &dmaps)], grid);
        Ok(dmaps)
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

    /// The optimizer: adds up the gradients of all slices and updates every parameter.
    pub(super) fn update(&mut self, slices: u32, row_losses: &wgpu::Buffer, has_target: bool) {
        let (count, rows, target_count) = (self.scalars, self.rows, u32::from(has_target));
        let dims = self.dims(&layout::Optimizer { count, rows, slices, target_count });
        let Shared { hyper, params, moments, target, losses, .. } = self.shared;
        let grads = self.grads.clone();
        let bound = [&dims, hyper, &grads, params, moments, target, row_losses, losses];
        let groups = self.scalars.div_ceil(LANES * PARAMETERS_EACH).min(MOST_GROUPS);
        self.add(Kernel::Optimizer, &bound, [groups, 1, 1]);
    }
}
