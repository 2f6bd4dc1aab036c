//! The canvas. plotters draws on whole numbers, so it is [`UNIT`] times as fine as the picture.

/// Canvas units in one unit of the picture.
pub const UNIT: u32 = 10;
/// A place on the canvas.
pub type Place = (i32, i32);
