//! Colours, dashes and marks: what a series' role looks like.

use plotters::style::RGBColor;

use super::canvas::UNIT;
use crate::figure::Role;

/// Lines of the grid.
pub const GRID: RGBColor = RGBColor(226, 226, 226);
/// The axes.
pub const FRAME: RGBColor = RGBColor(70, 70, 70);
/// Text.
pub const TEXT: RGBColor = RGBColor(25, 25, 25);
/// Width of a series' line, on the canvas.
pub const LINE: u32 = 2 * UNIT;
/// Width of a whisker, on the canvas.
pub const THIN: u32 = UNIT + UNIT / 2;

/// Okabe and Ito's colours that show on white, in the order in which [`Role::Other`] takes them.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// Corners of marks in units of their size, y downwards; sizes chosen for like areas.
const SQUARE: &[[f64; 2]] = &[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]];
const TRIANGLE: &[[f64; 2]] = &[[0.0, -1.3], [1.15, 0.75], [-1.15, 0.75]];
const DIAMOND: &[[f64; 2]] = &[[0.0, -1.3], [1.3, 0.0], [0.0, 1.3], [-1.3, 0.0]];
const WEDGE: &[[f64; 2]] = &[[0.0, 1.3], [1.15, -0.75], [-1.15, -0.75]];
const FLAT: &[[f64; 2]] = &[[-1.4, -0.55], [1.4, -0.55], [1.4, 0.55], [-1.4, 0.55]];
const TALL: &[[f64; 2]] = &[[-0.55, -1.4], [0.55, -1.4], [0.55, 1.4], [-0.55, 1.4]];
const MARKS: [Mark; 7] = [
    Mark::Disc,
    Mark::Corners(SQUARE),
    Mark::Corners(TRIANGLE),
    Mark::Corners(DIAMOND),
    Mark::Corners(WEDGE),
    Mark::Corners(FLAT),
    Mark::Corners(TALL),
];

/// The shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// A circle.
    Disc,
    /// A polygon, in units of the mark's size.
    Corners(&'static [[f64; 2]]),
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// Colour of lines and marks.
    pub colour: RGBColor,
    /// Lines are dashed.
    pub dashed: bool,
    /// Shape of marks.
    pub mark: Mark,
}

impl Ink {
    /// What a role looks like.
    pub fn of(role: Role) -> Ink {
        let nth = |n: usize| Ink { colour: PALETTE[n % PALETTE.len()], dashed: false, mark: MARKS[n % MARKS.len()] };
        match role {
            Role::Measured | Role::A => nth(0),
            Role::B => nth(1),
            Role::Predicted => Ink { colour: FRAME, dashed: true, mark: Mark::Disc },
            Role::Other(n) => nth(n.into()),
            Role::PredictedFor(n) => Ink { dashed: true, ..nth(n.into()) },
        }
    }
}
