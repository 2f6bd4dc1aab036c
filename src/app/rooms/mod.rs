//! The rooms besides the playground. Each is made when it is first opened and stays, so that nothing in it is lost.
//!
//! ```text
//! gradient      two vectors to drag, and the simulations
//! diagnostics   what the norms of a model or of a file do
//! anomalies     what tells outliers from known samples;  pad: draw one
//! experiments   the acceleration study
//! job           start, cancel, progress, the answer;  sheet: tables;  study: what studies in the page share
//! ```

pub mod anomalies;
pub mod diagnostics;
pub mod experiments;
pub mod gradient;
mod job;
mod pad;
mod sheet;
mod study;

use crate::config::Room;

/// Every room, in the order of the page and of the keys 1, 2, ...
pub const OPEN: &[Room] = &[Room::Playground, Room::Gradient, Room::Diagnostics, Room::Anomalies, Room::Experiments];
