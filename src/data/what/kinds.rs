//! Kinds of files, and how to speak of them.

/// What to do with embeddings in another format.
pub const EMBEDDINGS: &str = "Save the embeddings as .npy, .npz, .csv or .safetensors.";
/// What to do with a MATLAB file.
pub const MAT: &str =
    "Save the matrix as .npy: np.save(\"z.npy\", scipy.io.loadmat(path)[\"z\"]), or in MATLAB as .csv.";
/// What to do with what torch.save wrote.
pub const TORCH: &str =
    "Save plain numbers: np.save(\"z.npy\", z.detach().cpu().float().numpy()), or safetensors.torch.save_file.";

/// A room of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Embeddings.
    Diagnostics,
    /// Pictures to train on.
    Playground,
    /// A recorded run.
    Replay,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No bytes.
    Empty,
    /// A stand-in for a file that is kept elsewhere.
    Pointer,
    /// A web page.
    Html,
    /// XML, SVG among it.
    Xml,
    /// JSON.
    Json,
    /// A picture.
    Picture,
    /// Numbers or words as text.
    Text,
    /// numpy's array.
    Npy,
    /// A zip archive of arrays.
    Npz,
    /// Any other zip archive.
    Zip,
    /// gzip around something.
    Gzip,
    /// safetensors.
    Tensors,
    /// Rows with their size before them, float32.
    Fvecs,
    /// The same with whole numbers of 32 bits.
    Ivecs,
    /// The same with bytes.
    Bvecs,
    /// IDX, as MNIST.
    Idx,
    /// CIFAR-10's binary batches.
    Cifar10,
    /// CIFAR-100's.
    Cifar100,
    /// A recorded run of ours.
    Trace,
    /// A known format that is not read here.
    Foreign,
    /// Nothing known.
    Unknown,
}

/// A file's kind, and how to speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The kind.
    pub kind: Kind,
    /// What it is, after "it is": "a Git LFS pointer".
    pub phrase: String,
    /// What to do about it, a sentence; empty where it is simply read.
    pub way_out: String,
    /// The room that takes it.
    pub room: Option<Takes>,
}

/// A file of this kind, and the room that takes it.
pub fn what(kind: Kind, phrase: impl Into<String>, way_out: impl Into<String>, room: Option<Takes>) -> What {
    What { kind, phrase: phrase.into(), way_out: way_out.into(), room }
}

/// A known format that is not read here.
pub fn foreign(phrase: impl Into<String>, way_out: impl Into<String>) -> What {
    what(Kind::Foreign, phrase, way_out, None)
}

/// Embeddings.
pub fn table(kind: Kind, phrase: &str) -> What {
    what(kind, phrase, "", Some(Takes::Diagnostics))
}

/// Pictures.
pub fn pictures(kind: Kind, phrase: &str) -> What {
    what(kind, phrase, "Open it in the playground, which trains on pictures.", Some(Takes::Playground))
}
