//! The URL codec: an [`Experiment`](super::Experiment) as a short query string and back.
//!
//! [`encode`] writes only what differs from the preset (or from the defaults of the method and data); [`decode`] reads
//! any query string, keeps everything that is valid and returns a [`Complaint`](super::Complaint) for everything that is not.
//! Plain keys belong to the experiment, `a.` and `b.` prefix the keys of [`ARM_PARAMS`](super::ARM_PARAMS).
//!
//! ```text
//! keys      the plain keys: how each is read and written
//! pairs     a query as it was meant, in spite of mail and chat programs;  version: in the keys of today
//! read      a query as an experiment, with complaints
//! write     an experiment as a query
//! ```

mod keys;
mod pairs;
mod read;
mod version;
mod write;

pub use read::{MAX_QUERY, decode, decode_onto, query_of, rebase};
pub use version::VERSION;
pub use write::{encode, encode_for_keeps, link};

#[cfg(test)]
mod tests;
