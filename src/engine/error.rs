//! What can go wrong in the engine, in words for people.

use burn::tensor::{DataError, ExecutionError};

/// It asks for the files that an experiment is about.
pub const ASK_FOR_FILES: &str =
    "The files of this run are not open any more, so nothing is trained. Open them again, or choose other data.";

/// Why the engine could not do something.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Burn's device failed.
    #[error("{0:?}")]
    Device(#[from] ExecutionError),
    /// A read gave another number of values than was asked for.
    #[error("{found} of the {wanted} values of {tensor} came, so this device can't be trusted: choose another one.")]
    Read {
        /// What was read.
        tensor: String,
        /// Values that came.
        found: usize,
        /// Values that should have come.
        wanted: usize,
    },
    /// A read gave something else than numbers.
    #[error("No numbers came for {tensor} ({problem}), so this device can't be trusted: choose another one.")]
    Values {
        /// What was read.
        tensor: String,
        /// Why they can't be taken for numbers.
        problem: DataError,
    },
    /// A tensor took no part in the loss.
    #[error(
        "The loss has no gradient for {tensor} ({values} values), so nothing can be trained: choose another device."
    )]
    Gradient {
        /// The tensor's name.
        tensor: String,
        /// Its values.
        values: usize,
    },

    /// This build can't compute on GPUs.
    #[error("This build has no GPU support.")]
    NoGpuSupport,
    /// There is no adapter.
    #[error("This browser offers no WebGPU adapter, so the CPU computes.")]
    NoAdapter,
    /// The adapter, which is named, is a software one, and no one asked for it.
    #[error("The only WebGPU adapter ({0}) is a software one, slower than the CPU path.")]
    SoftwareAdapter(String),
    /// The adapter gives no device.
    #[error("The WebGPU device could not be opened ({0}).")]
    DeviceUnopened(String),
    /// Burn can't take over the device.
    #[error("The GPU could not be set up: {0}.")]
    BurnUnopened(String),
    /// The device was lost.
    #[error("The GPU is gone.")]
    GpuGone,
    /// The device's memory can't be mapped.
    #[error("The GPU's memory could not be read: {0}.")]
    Unmapped(String),
    /// The mapped memory is not there.
    #[error("{0}")]
    NoRange(String),
    /// A shader or its use is invalid.
    #[error("{0}")]
    Invalid(String),

    /// A buffer would be larger than the GPU binds.
    #[error("The {what} need {megabytes} MB, more than this GPU can bind.")]
    TooLarge {
        /// What it holds.
        what: String,
        /// Its size.
        megabytes: u64,
    },
    /// No kernel draws views of such data.
    #[error("{0}")]
    Undrawn(String),
    /// The inputs of an evaluation are on the host only.
    #[error("The samples of the evaluation are not on the GPU.")]
    NotResident,
    /// A batch does not fit the plan.
    #[error("A batch has {views} views, and the plan takes {rows}.")]
    BatchSize {
        /// Views of the batch.
        views: usize,
        /// Views that the plan takes.
        rows: u32,
    },

    /// The second worker has ended.
    #[error("The second worker, which trains arm B, is gone. Reset the run to begin again.")]
    SecondGone,
    /// What the second worker says went wrong there.
    #[error("{0}")]
    SecondFailed(String),
    /// The second worker answers something else than what it was asked for.
    #[error("The helper gave another answer than {0}.")]
    OtherAnswer(&'static str),
    /// The second worker is asked before it has an arm.
    #[error("The helper has no arm yet.")]
    NoArm,

    /// The files that the experiment is about are not open.
    #[error("{ASK_FOR_FILES}")]
    NoFiles,
    /// A saved state is of another network.
    #[error("The saved run belongs to another network.")]
    OtherNetwork,
    /// A saved run trained on files that are not open.
    #[error("The saved run trained on files that are not open any more. Open them again.")]
    SavedWithoutFiles,
    /// A saved run is no saved run, or not whole.
    #[error("The saved run is damaged and can't be resumed.")]
    SavedDamaged,
    /// A saved run is of a later version.
    #[error("The run was saved by a newer Normscope. Reload the page to get the newest.")]
    SavedByNewer,
    /// A saved run is of a version that can't be read any more.
    #[error("The run was saved by an older Normscope, and this one can't go on with it.")]
    SavedByOlder,
    /// Something can't be written as bytes.
    #[error("{0}")]
    Unwritten(#[from] postcard::Error),
    /// A tensor of the model's file can't be written.
    #[error("{name}: {problem}")]
    TensorUnwritten {
        /// The tensor's name.
        name: String,
        /// What is wrong with it.
        problem: safetensors::SafeTensorError,
    },
    /// The model's file can't be written.
    #[error("model.safetensors: {0}")]
    ModelUnwritten(String),
}
