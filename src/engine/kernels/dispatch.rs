//! One kernel on some buffers: how it is made, spread out and encoded.

use wgpu::util::DeviceExt;

use super::layout::{EIGHTS, Words};
use super::pipelines::Kernels;
use super::source::{Kernel, Tile};

/// One dispatch, ready to be encoded.
pub struct Dispatch {
    /// What runs.
    pub kernel: Kernel,
    /// On what.
    pub group: wgpu::BindGroup,
    /// Workgroups.
    pub grid: [u32; 3],
    /// The shape of a workgroup, for kernels that work in tiles.
    pub tile: Tile,
}

/// How a dispatch is spread out.
pub struct Grid {
    /// Workgroups.
    pub groups: [u32; 3],
    /// The shape of each, for kernels that work in tiles.
    pub tile: Tile,
}

impl From<[u32; 3]> for Grid {
    fn from(groups: [u32; 3]) -> Grid {
        Grid { groups, tile: Tile::Square }
    }
}

/// Workgroups of a tile kernel for an `[m, n]` product.
pub fn tiles(m: u32, n: u32, layers: u32) -> Grid {
    let tile = Tile::for_columns(n);
    let [x, y] = tile.lanes();
    Grid { groups: [n.div_ceil(4 * x), m.div_ceil(4 * y), layers], tile }
}

/// Workgroups of an `[m, n]` product with 8 rows and 4 columns an invocation.
pub fn eights(m: u32, n: u32, layers: u32) -> [u32; 3] {
    let [x, y] = EIGHTS;
    [n.div_ceil(4 * x), m.div_ceil(8 * y), layers]
}

/// The sizes of a dispatch, as its WGSL names them.
pub fn dims(device: &wgpu::Device, sizes: &impl Words) -> wgpu::Buffer {
    let mut words = sizes.words();
    words.resize(words.len().next_multiple_of(4), 0);
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some("dims"),
        contents: bytemuck::cast_slice(&words),
        usage: wgpu::BufferUsages::UNIFORM,
    })
}

/// A kernel with its buffers.
pub fn dispatch(
    device: &wgpu::Device,
    kernels: &Kernels,
    kernel: Kernel,
    buffers: &[(u32, &wgpu::Buffer)],
    grid: Grid,
) -> Dispatch {
    let Grid { groups, tile } = grid;
    let entries: Vec<wgpu::BindGroupEntry<'_>> = buffers
        .iter()
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
        .collect();
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &kernels.get(kernel, tile).get_bind_group_layout(0),
        entries: &entries,
    });
    Dispatch { kernel, group, grid: groups, tile }
}

/// Encodes dispatches as one compute pass.
pub fn encode<'d>(
    kernels: &Kernels,
    encoder: &mut wgpu::CommandEncoder,
    dispatches: impl Iterator<Item = &'d Dispatch>,
) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for dispatch in dispatches {
        let [x, y, z] = dispatch.grid;
        pass.set_pipeline(kernels.get(dispatch.kernel, dispatch.tile));
        pass.set_bind_group(0, &dispatch.group, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}
