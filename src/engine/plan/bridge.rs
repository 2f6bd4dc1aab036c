//! Burn's tensors as wgpu buffers: a plan's parameters reach burn, for evaluations, without leaving the GPU.

use burn::backend::wgpu::{CubeBackend, into_contiguous};
use burn::cubecl::wgpu::{AutoCompiler, WgpuServer};
use burn::tensor::Tensor;

/// The memory of a contiguous tensor, `(buffer, offset in bytes)`, with everything that burn was asked for before submitted:
/// a copy into or out of it that is submitted next sees, and is seen by, the operations in the order of the program.
///
/// The tensor must outlive the copy's submission.
///
/// # Errors
/// In words, when the tensor isn't on a GPU.
pub fn memory(tensor: &Tensor<1>) -> Result<(wgpu::Buffer, u64), String> {
    let failed = |error: &dyn std::fmt::Debug| format!("A tensor's memory could not be reached: {error:?}");
    let primitive = tensor.clone().try_into_primitive::<CubeBackend>().map_err(|error| failed(&error))?;
    let primitive = into_contiguous(primitive);
    let resource = primitive
        .client
        .get_resource::<WgpuServer<AutoCompiler>>(primitive.handle.clone())
        .map_err(|error| failed(&error))?;
    primitive.client.flush().map_err(|error| failed(&error))?;
    let resource = resource.resource();
    Ok((resource.buffer.clone(), resource.offset))
}
