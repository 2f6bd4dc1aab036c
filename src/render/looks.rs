//! How the sphere looks on a canvas and in an SVG document: what the two painters share. (WebGPU shades the sphere pixel by pixel;
//! its own numbers stand in shaders/shell.wgsl and lines.wgsl.)

use glam::Vec3;

use super::scene::{self, EYE};
use crate::protocol::Frame;

/// The light on the sphere from its middle to its edge: place, share of ink in the page's colour, opacity.
pub const LIGHT: [(f32, f32, f32); 3] = [(0.0, 0.04, 0.5), (0.7, 0.12, 0.5), (1.0, 0.26, 0.75)];
/// Size of a ring's label, CSS pixels.
pub const LABEL: f32 = 10.5;
/// Opacity of the ground under a label, and of its letters.
pub const LABEL_INK: [f32; 2] = [0.85, 0.95];
/// Labels nearer than this, CSS pixels, would touch.
const APART: f32 = 13.0;

/// Opacity of a line of the graticule, on the side towards the reader or on the other one.
pub fn graticule(near: bool) -> f32 {
    if near { 0.26 } else { 0.09 }
}

/// Whether a point of the sphere, in camera coordinates, is on the side towards the reader: the limb of a sphere seen from a
/// finite distance lies a little in front of its centre.
pub fn is_near(point: Vec3, radius: f32) -> bool {
    point.z >= radius * radius / EYE
}

/// A ring: the outline of the sphere of a round norm.
pub struct Ring {
    /// Pixels.
    pub radius: f32,
    /// Opacity.
    pub ink: f32,
    /// What stands at its top.
    pub label: Option<String>,
}

/// The rings of a frame, the largest first; none where the length is not shown. Labels that would touch are left out, the
/// unit's never.
pub fn rings(frame: &Frame) -> impl Iterator<Item = Ring> {
    let ticks = if frame.morph < 0.05 { Vec::new() } else { scene::ticks(frame.norm_range) };
    let (frame, mut last) = (*frame, f32::MAX);
    ticks.into_iter().rev().map(move |tick| {
        let radius = scene::outline(&frame, scene::radius(tick, frame.norm_range));
        let unit = tick == 1.0;
        let labelled = unit || last - radius >= APART * frame.pixel_ratio;
        if labelled {
            last = radius;
        }
        let text = || if unit { "|z| = 1".to_owned() } else { format!("{tick}") };
        Ring { radius, ink: if unit { 0.55 } else { 0.20 }, label: labelled.then(text) }
    })
}
