//! The dispatch that draws a batch's views from the resident data set.

use super::buffers::storage;
use super::dispatch::{Dispatch, dims, dispatch};
use super::layout::{self, LANES};
use super::pipelines::Kernels;
use super::resident::{Resident, ViewSizes};
use super::source::Kernel;
use crate::engine::error::EngineError;

/// What draws `rows` views of a data set into `views`, and the buffer that it finds their recipes in.
///
/// # Errors
/// When the device can't bind the recipes.
pub fn drawing(
    device: &wgpu::Device,
    kernels: &Kernels,
    resident: &Resident,
    views: &wgpu::Buffer,
    rows: u32,
) -> Result<(Dispatch, wgpu::Buffer), EngineError> {
    let recipes = storage(device, "recipes", rows * resident.words as u32)?;
    let dims = match resident.sizes {
        ViewSizes::Pictures(sizes) => dims(device, &layout::Views { rows, ..sizes }),
        ViewSizes::Latents(sizes) => dims(device, &layout::LatentViews { rows, ..sizes }),
    };
    let mut bound = vec![(0, &dims), (1, &recipes), (2, &resident.inputs), (3, views)];
    if resident.kernel == Kernel::LatentViews {
        bound.push((4, &resident.mixing));
    }
    let grid = match resident.kernel {
        Kernel::LatentViews => [rows.div_ceil(LANES), 1, 1],
        Kernel::GreyViews => [resident.len.div_ceil(LANES), rows, 1],
        _ => [rows, 1, 1],
    };
    let drawing = dispatch(device, kernels, resident.kernel, &bound, grid.into());
    Ok((drawing, recipes))
}
