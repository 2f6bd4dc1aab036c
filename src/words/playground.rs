//! The playground: what the reader sets, plays and watches, and what the page says around it.

mod around;
mod experiment;

pub use around::{background, link, model, notices, page, parts_files, recovery, replay, resume};
pub use experiment::{chart, charts, controls, files, inspector, race, runs, sphere, timeline};
