//! The acceleration study: steps to the same held-out kNN accuracy, with a learning-rate grid for every variant.
//!
//! Norms divide gradients (paper, section 1), so much that looks like acceleration is a learning-rate change: the study
//! therefore reports the ratio at the same rate *and* at each variant's own best rate, and holds a control that scales by
//! the batch's mean norm. Rates are chosen on one half of the held-out samples, steps are read off the other half.
//!
//! ```text
//! options   what is compared: Options, Rates; checked into a Plan       plain data
//! cell      the record of one run: its two kNN curves, or where it diverged      plain data
//! estimate  numbers with intervals over seeds                                    plain data
//! levels    steps to a level, medians with runs that never get there             plain maths
//! report    levels, best rates, ratios with intervals, the whole grid            plain data
//! finished  finished runs made into a report                                     plain maths
//! words     the report in sentences                                              plain data
//! table     the report's rows as text, for terminals, CSV and the page           plain data
//! figures   the report as figures, for the page and SVG files                    plain data
//! halves    the stratified halves of the held-out samples                        plain data
//! runs/     one cell in training; all cells, slice by slice; checkpoints         burn
//! ```
//!
//! Flow: [`Options`] -> [`Plan`] -> `Study` -> [`Cell`]s -> [`Report`].

pub mod cell;
pub mod estimate;
pub mod figures;
pub mod finished;
pub mod halves;
pub mod levels;
pub mod options;
pub mod report;
pub mod table;
mod words;

#[cfg(feature = "engine")]
pub mod runs;

pub use cell::{Cell, Curve, Progress};
pub use estimate::Estimate;
pub use options::{Options, Plan, Rates};
pub use report::{GridCell, Level, Outcome, Report};

pub use super::variant::Variant;
