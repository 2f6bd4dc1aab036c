//! The second worker: the same module, started once more by the page (`worker.js?arm`), trains arm B. The page gives each of the
//! two workers an end of a channel (`load.js`), over which tasks go one way and answers the other.
//!
//! ```text
//! client   in the engine: reaching it, asking it
//! server   in the second worker: doing what is asked
//! ```

mod client;
mod server;

pub use client::SecondWorker;
pub use server::serve;
