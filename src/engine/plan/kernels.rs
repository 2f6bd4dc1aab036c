//! The compute pipelines of a training step: WGSL from `shaders/train`, compiled once a device.

/// A kernel; what it computes is told at the top of its WGSL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the WGSL file of its name")]
pub enum Kernel {
    Linear,
    LinearInput,
    LinearWeight,
    Conv,
    ConvInput,
    ConvWeight,
    BatchNorm,
    BatchNormPartial,
    BatchNormApply,
    BatchNormBackward,
    BatchNormBackwardPartial,
    BatchNormBackwardApply,
    Pool,
    PoolBackward,
    Rows,
    Similarity,
    Softmax,
    Pull,
    UnitBackward,
    Prediction,
    Optimizer,
}

macro_rules! wgsl {
    ($($file:literal),+) => { concat!($(include_str!(concat!("../../../shaders/train/", $file, ".wgsl")), "\n"),+) };
}

const BATCH_NORM: &str = wgsl!("batch_norm");
const BATCH_NORM_BACKWARD: &str = wgsl!("batch_norm_backward");
const POOL: &str = wgsl!("pool");

impl Kernel {
    /// All of them, in the order of the pipelines.
    pub const ALL: [Kernel; 21] = [
        Kernel::Linear,
        Kernel::LinearInput,
        Kernel::LinearWeight,
        Kernel::Conv,
        Kernel::ConvInput,
        Kernel::ConvWeight,
        Kernel::BatchNorm,
        Kernel::BatchNormPartial,
        Kernel::BatchNormApply,
        Kernel::BatchNormBackward,
        Kernel::BatchNormBackwardPartial,
        Kernel::BatchNormBackwardApply,
        Kernel::Pool,
        Kernel::PoolBackward,
        Kernel::Rows,
        Kernel::Similarity,
        Kernel::Softmax,
        Kernel::Pull,
        Kernel::UnitBackward,
        Kernel::Prediction,
        Kernel::Optimizer,
    ];

    /// (WGSL, entry point), for a tile of this shape where the kernel works in tiles.
    pub fn source(self, tile: Tile) -> (String, &'static str) {
        let (source, entry) = self.file();
        match self.in_tiles() {
            true => {
                let [x, y] = tile.lanes();
                (format!("const X: u32 = {x}u;\nconst Y: u32 = {y}u;\n{source}"), entry)
            }
            false => (source.to_owned(), entry),
        }
    }

    /// Whether it is a matrix product in register tiles (tile.wgsl).
    pub fn in_tiles(self) -> bool {
        use Kernel::{Conv, ConvInput, ConvWeight, Linear, LinearInput, LinearWeight, Pull, Similarity};
        matches!(self, Linear | LinearInput | LinearWeight | Conv | ConvInput | ConvWeight | Similarity | Pull)
    }

    fn file(self) -> (&'static str, &'static str) {
        match self {
            Kernel::Linear => (wgsl!("linear", "flat", "tile"), "main"),
            Kernel::LinearInput => (wgsl!("linear_input", "flat", "tile"), "main"),
            Kernel::LinearWeight => (wgsl!("linear_weight", "tile"), "main"),
            Kernel::Conv => (wgsl!("conv", "tile"), "main"),
            Kernel::ConvInput => (wgsl!("conv_input", "tile"), "main"),
            Kernel::ConvWeight => (wgsl!("conv_weight", "tile"), "main"),
            Kernel::BatchNorm => (BATCH_NORM, "whole"),
            Kernel::BatchNormPartial => (BATCH_NORM, "partial"),
            Kernel::BatchNormApply => (BATCH_NORM, "apply"),
            Kernel::BatchNormBackward => (BATCH_NORM_BACKWARD, "whole"),
            Kernel::BatchNormBackwardPartial => (BATCH_NORM_BACKWARD, "partial"),
            Kernel::BatchNormBackwardApply => (BATCH_NORM_BACKWARD, "apply"),
            Kernel::Pool => (POOL, "forward"),
            Kernel::PoolBackward => (POOL, "backward"),
            Kernel::Rows => (wgsl!("rows"), "main"),
            Kernel::Similarity => (wgsl!("hyper", "similarity", "flat", "tile"), "main"),
            Kernel::Softmax => (wgsl!("hyper", "softmax"), "main"),
            Kernel::Pull => (wgsl!("hyper", "pull", "flat", "tile"), "main"),
            Kernel::UnitBackward => (wgsl!("hyper", "unit_backward", "sphere"), "main"),
            Kernel::Prediction => (wgsl!("hyper", "prediction", "sphere"), "main"),
            Kernel::Optimizer => (wgsl!("hyper", "optimizer"), "main"),
        }
    }
}

/// The shape of a workgroup of a tile kernel; each invocation has 4x4 values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tile {
    /// 32 rows, 32 columns.
    Square,
    /// 64 rows, 16 columns: for narrow products.
    Narrow,
}

impl Tile {
    /// The one that wastes least on `columns`.
    pub fn for_columns(columns: u32) -> Tile {
        if columns <= 16 { Tile::Narrow } else { Tile::Square }
    }

    /// Invocations across and down.
    pub fn lanes(self) -> [u32; 2] {
        match self {
            Tile::Square => [8, 8],
            Tile::Narrow => [4, 16],
        }
    }
}

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

    #[test]
    fn every_kernel_is_valid_wgsl_and_has_its_entry_point() {
        use naga::valid::{Capabilities, ValidationFlags, Validator};
        for (kernel, tile) in
            Kernel::ALL.into_iter().flat_map(|kernel| [(kernel, Tile::Square), (kernel, Tile::Narrow)])
        {
            let (source, entry) = kernel.source(tile);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|error| panic!("{kernel:?}: {}", error.emit_to_string(&source)));
            Validator::new(ValidationFlags::all(), Capabilities::empty())
                .validate(&module)
                .unwrap_or_else(|error| panic!("{kernel:?}: {}", error.emit_to_string(&source)));
            assert!(module.entry_points.iter().any(|point| point.name == entry), "{kernel:?}");
        }
    }
}
