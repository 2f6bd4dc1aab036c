//! The custom operations on GPUs: hand-written WGSL from `shaders/`, launched through cubecl.

use burn::backend::wgpu::{
    CubeBackend, CubeDim, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous,
};
use burn::cubecl::prelude::{CubeCount, KernelId};
use burn::cubecl::server::KernelArguments;

use super::normalize::{MIN_NORM, NormalizeKernels, NormalizeOps};

/// Invocations of one workgroup: one subgroup or two on every GPU.
const WORKGROUP: u32 = 64;

const FORWARD_SOURCE: &str = include_str!("../../../shaders/normalize.wgsl");
const BACKWARD_SOURCE: &str = include_str!("../../../shaders/normalize_backward.wgsl");

/// A kernel over the rows of a matrix; its size is compiled in.
#[derive(Debug)]
struct RowKernel<const BACKWARD: bool> {
    rows: usize,
    cols: usize,
}

impl<const BACKWARD: bool> KernelSource for RowKernel<BACKWARD> {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(if BACKWARD { BACKWARD_SOURCE } else { FORWARD_SOURCE })
            .register("rows", self.rows.to_string())
            .register("cols", self.cols.to_string())
            .register("min_norm", format!("{MIN_NORM:e}"))
            .register("workgroup", WORKGROUP.to_string())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.rows, self.cols))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Runs a row kernel on `inputs`, the first of which has the output's shape `[n, d]`.
fn launch<const BACKWARD: bool>(inputs: Vec<CubeTensor>) -> CubeTensor {
    let inputs: Vec<CubeTensor> = inputs.into_iter().map(into_contiguous).collect();
    let like = &inputs[0];
    let shape = like.meta.shape().clone();
    let (rows, cols) = (shape[0], shape[1]);
    let buffer = like.client.empty(rows * cols * size_of::<f32>());
    let out = CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), shape, buffer, like.dtype);
    let mut buffers: Vec<_> = inputs.iter().map(|input| input.handle.clone().binding()).collect();
    buffers.push(out.handle.clone().binding());
    let kernel = SourceKernel::new(RowKernel::<BACKWARD> { rows, cols }, CubeDim::new_1d(WORKGROUP));
    let groups = CubeCount::Static((rows as u32).div_ceil(WORKGROUP), 1, 1);
    out.client.launch(Box::new(kernel), groups, KernelArguments::new().with_buffers(buffers));
    out
}

impl NormalizeKernels for CubeBackend {
    fn forward_kernel(x: CubeTensor) -> CubeTensor {
        launch::<false>(vec![x])
    }

    fn backward_kernel(x: CubeTensor, scale: CubeTensor, grad: CubeTensor) -> CubeTensor {
        launch::<true>(vec![x, scale, grad])
    }
}

impl NormalizeOps for CubeBackend {
    fn normalize_scaled(x: CubeTensor, _scale: CubeTensor) -> CubeTensor {
        Self::forward_kernel(x)
    }
}
