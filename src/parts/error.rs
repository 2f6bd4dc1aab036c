//! Why the page can't have or do something.

use crate::trace::file::TraceError;
use crate::words::playground::{link, parts_files, replay};

/// Why the page can't have or do something, as its reader is told.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The browser has no workers, or refuses the engine's.
    #[error("{}", link::NO_WORKER)]
    NoWorker,
    /// A file of the page can't be fetched; the script's message names it.
    #[error("{0}")]
    Unfetched(String),
    /// A recorded run can't be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A folder that the reader chose can't be read: what the browser throws.
    #[error("{}", parts_files::no_folder(.0))]
    Folder(String),
    /// The browser can't compress a run.
    #[error("{}", replay::NO_GZIP)]
    NoGzip,
}

/// A file of the reader can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", parts_files::unreadable(.problem))]
pub struct UnreadFile {
    /// Its path.
    pub path: String,
    /// What the browser says.
    pub problem: gloo::file::FileReadError,
}
