//! The lab: what the rooms besides the playground ask for and what needs no engine. In the browser it runs in a worker of its
//! own, which is ended to cancel it; natively it is called directly.
//!
//! A [`Job`] goes in, [`JobEvent`] comes out: progress, then one answer. An [`example`] is an answer that was recorded, for a room to
//! open with. Studies train models, so they are jobs of the engine's
//! module ([`crate::studies::job`]); it says the same.

mod answer;
// Where there is postcard.
#[cfg(any(feature = "web", feature = "cli"))]
pub mod example;
mod job;
// What only asks for jobs, the page, has neither the readers of files nor plotters.
#[cfg(all(feature = "tables", feature = "svg"))]
pub mod work;

pub use answer::{Answer, GalleryItem, JobEvent, Placed, Sheet};
pub use job::{ArmRows, Export, Job};
