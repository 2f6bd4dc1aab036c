//! Data sets: the built-in ones, the reader's own files, their augmentations and the order of batches.
//!
//! Everything is drawn from the counter-based generator in [`crate::rng`], keyed by (seed, step, sample, view): both arms, every
//! device and tomorrow's replay see the same.

pub mod account;
pub mod augment;
pub mod batches;
mod dataset;
pub mod digits;
mod file_error;
#[cfg(feature = "pictures")]
mod files;
pub mod latent;
pub mod limits;
pub mod mixing;
pub mod ood;
mod sample;
pub mod shapes;
#[cfg(feature = "tables")]
pub mod tables;
pub mod what;

pub use augment::Augmentation;
pub use batches::{BatchHash, BatchOrder, fnv1a};
pub use dataset::{Dataset, Split};
pub use file_error::FileError;
pub use latent::LatentOptions;
pub use ood::Ood;
pub use sample::Kind;
