//! The rooms besides the playground. Each is made when it is first opened and stays, so that nothing in it is lost.

pub mod diagnostics;
pub mod gradient;
mod job;

use crate::config::Room;

/// The rooms that this version has, in the order of the page and of the keys 1, 2, ...
pub const OPEN: &[Room] = &[Room::Playground, Room::Gradient, Room::Diagnostics];
