//! The compute pipelines of a training step, compiled once a device.

use super::source::{Kernel, Tile};

/// The pipelines of one device. A browser compiles them in the background from the moment they are made, so they are made
/// with the device and not with the first step.
#[derive(Debug)]
pub struct Kernels {
    square: Vec<wgpu::ComputePipeline>,
    /// Of kernels that work in tiles.
    narrow: Vec<Option<wgpu::ComputePipeline>>,
}

impl Kernels {
    /// Compiles all kernels.
    pub fn new(device: &wgpu::Device) -> Kernels {
        let narrow = |kernel: Kernel| kernel.in_tiles().then(|| compile(device, kernel, Tile::Narrow));
        Kernels {
            square: Kernel::ALL.into_iter().map(|kernel| compile(device, kernel, Tile::Square)).collect(),
            narrow: Kernel::ALL.into_iter().map(narrow).collect(),
        }
    }

    /// A kernel's pipeline; the tile's shape matters only to those that work in tiles.
    pub fn get(&self, kernel: Kernel, tile: Tile) -> &wgpu::ComputePipeline {
        match &self.narrow[kernel as usize] {
            Some(narrow) if tile == Tile::Narrow => narrow,
            _ => &self.square[kernel as usize],
        }
    }
}

fn compile(device: &wgpu::Device, kernel: Kernel, tile: Tile) -> wgpu::ComputePipeline {
    let (source, entry) = kernel.source(tile);
    let label = format!("{kernel:?}");
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(&label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(&label),
        layout: None,
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            // Every variable that is read was written before.
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        },
        cache: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_are_in_the_order_of_the_list() {
        for (at, kernel) in Kernel::ALL.into_iter().enumerate() {
            assert_eq!(kernel as usize, at, "{kernel:?}");
        }
    }
}
