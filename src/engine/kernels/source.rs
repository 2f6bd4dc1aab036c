//! The kernels of a training step and their WGSL, from `shaders/train`. Nothing here needs a GPU: tests/shaders.rs includes this
//! file to have every kernel parsed and validated.

/// A kernel; what it computes is told at the top of its WGSL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the WGSL file of its name; tests include this file, where nothing needs docs")]
pub enum Kernel {
    Linear,
    LinearInput,
    LinearWeight,
    Linear4,
    LinearInput4,
    LinearWeight4,
    Conv,
    ConvInput,
    ConvWeight,
    BatchNorm,
    BatchNormPartial,
    BatchNormApply,
    BatchNormEvaluate,
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
    GreyViews,
    ColourViews,
    LatentViews,
    Vote,
    CrossEntropy,
}

macro_rules! wgsl {
    ($($file:literal),+) => { concat!($(include_str!(concat!("../../../shaders/train/", $file, ".wgsl")), "\n"),+) };
}

const BATCH_NORM: &str = wgsl!("batch_norm");
const BATCH_NORM_BACKWARD: &str = wgsl!("batch_norm_backward");
const POOL: &str = wgsl!("pool");
const VIEWS: &str = wgsl!("random", "views");

impl Kernel {
    /// All of them, in the order of the pipelines.
    pub const ALL: [Kernel; 30] = [
        Kernel::Linear,
        Kernel::LinearInput,
        Kernel::LinearWeight,
        Kernel::Linear4,
        Kernel::LinearInput4,
        Kernel::LinearWeight4,
        Kernel::Conv,
        Kernel::ConvInput,
        Kernel::ConvWeight,
        Kernel::BatchNorm,
        Kernel::BatchNormPartial,
        Kernel::BatchNormApply,
        Kernel::BatchNormEvaluate,
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
        Kernel::GreyViews,
        Kernel::ColourViews,
        Kernel::LatentViews,
        Kernel::Vote,
        Kernel::CrossEntropy,
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
        use Kernel::{Conv, ConvInput, ConvWeight, Linear, LinearInput, LinearWeight, Similarity};
        matches!(self, Linear | LinearInput | LinearWeight | Conv | ConvInput | ConvWeight | Similarity)
    }

    fn file(self) -> (&'static str, &'static str) {
        match self {
            Kernel::Linear => (wgsl!("linear", "flat", "tile"), "main"),
            Kernel::LinearInput => (wgsl!("linear_input", "flat", "tile"), "main"),
            Kernel::LinearWeight => (wgsl!("linear_weight", "tile"), "main"),
            Kernel::Linear4 => (wgsl!("linear4"), "main"),
            Kernel::LinearInput4 => (wgsl!("linear_input4"), "main"),
            Kernel::LinearWeight4 => (wgsl!("linear_weight4"), "main"),
            Kernel::Conv => (wgsl!("conv", "tile"), "main"),
            Kernel::ConvInput => (wgsl!("conv_input", "tile"), "main"),
            Kernel::ConvWeight => (wgsl!("conv_weight", "tile"), "main"),
            Kernel::BatchNorm => (BATCH_NORM, "whole"),
            Kernel::BatchNormPartial => (BATCH_NORM, "partial"),
            Kernel::BatchNormApply => (BATCH_NORM, "apply"),
            Kernel::BatchNormEvaluate => (BATCH_NORM, "evaluate"),
            Kernel::BatchNormBackward => (BATCH_NORM_BACKWARD, "whole"),
            Kernel::BatchNormBackwardPartial => (BATCH_NORM_BACKWARD, "partial"),
            Kernel::BatchNormBackwardApply => (BATCH_NORM_BACKWARD, "apply"),
            Kernel::Pool => (POOL, "forward"),
            Kernel::PoolBackward => (POOL, "backward"),
            Kernel::Rows => (wgsl!("rows"), "main"),
            Kernel::Similarity => (wgsl!("hyper", "similarity", "flat", "tile"), "main"),
            Kernel::Softmax => (wgsl!("hyper", "softmax"), "main"),
            Kernel::Pull => (wgsl!("hyper", "pull"), "main"),
            Kernel::UnitBackward => (wgsl!("hyper", "unit_backward", "sphere"), "main"),
            Kernel::Prediction => (wgsl!("hyper", "prediction", "sphere"), "main"),
            Kernel::Optimizer => (wgsl!("hyper", "optimizer"), "main"),
            Kernel::GreyViews => (VIEWS, "grey"),
            Kernel::ColourViews => (VIEWS, "colour"),
            Kernel::CrossEntropy => (wgsl!("cross_entropy"), "main"),
            Kernel::Vote => (wgsl!("vote"), "main"),
            Kernel::LatentViews => (wgsl!("random", "latent_views"), "main"),
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
