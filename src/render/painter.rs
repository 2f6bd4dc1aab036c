//! The scene on a 2D canvas: all of it where there is no WebGPU, and the rings, labels and highlight everywhere.

use std::f64::consts::TAU;

use glam::Vec3;
use web_sys::CanvasRenderingContext2d;

use super::looks;
use super::palette::{self, background, css, ink};
use super::scene::{self, Cloud, project};
use crate::protocol::Frame;

/// The whole picture.
pub fn paint(context: &CanvasRenderingContext2d, frame: &Frame, cloud: &Cloud) {
    let (width, height) = (f64::from(frame.width), f64::from(frame.height));
    if frame.clear {
        context.clear_rect(0.0, 0.0, width, height);
    } else {
        context.set_fill_style_str(&css(background(frame.dark), 1.0));
        context.fill_rect(0.0, 0.0, width, height);
    }
    shell(context, frame);
    graticule(context, frame, false);
    points(context, frame, cloud);
    graticule(context, frame, true);
    marks(context, frame, cloud);
}

/// Only what lies over the engine's picture.
pub fn overlay(context: &CanvasRenderingContext2d, frame: &Frame, cloud: &Cloud) {
    context.clear_rect(0.0, 0.0, f64::from(frame.width), f64::from(frame.height));
    marks(context, frame, cloud);
}

fn centre(frame: &Frame) -> (f64, f64) {
    (f64::from(frame.width) * 0.5, f64::from(frame.height) * 0.5)
}

fn circle(context: &CanvasRenderingContext2d, x: f64, y: f64, radius: f64) {
    context.begin_path();
    // An arc over a full turn with a finite radius is always valid.
    let _ = context.arc(x, y, radius.max(0.0), 0.0, TAU);
}

fn shell(context: &CanvasRenderingContext2d, frame: &Frame) {
    let (x, y) = centre(frame);
    let radius = f64::from(scene::outline(frame, scene::shell(frame)));
    let (page, ink) = (background(frame.dark), ink(frame.dark));
    let Ok(light) = context.create_radial_gradient(x - 0.35 * radius, y - 0.45 * radius, 0.1 * radius, x, y, radius)
    else {
        return;
    };
    for (stop, shade, alpha) in looks::LIGHT {
        let _ = light.add_color_stop(stop, &css(palette::mix(page, ink, shade), alpha));
    }
    context.set_fill_style_canvas_gradient(&light);
    circle(context, x, y, radius);
    context.fill();
}

/// One side of the graticule: the near or the far one.
fn graticule(context: &CanvasRenderingContext2d, frame: &Frame, near: bool) {
    let view = scene::view(frame);
    let radius = scene::shell(frame);
    context.begin_path();
    for line in scene::graticule() {
        let mut drawing = false;
        for point in line {
            let p: Vec3 = view * (point * radius);
            let (at, _) = project(frame, p);
            let (x, y) = (f64::from(at.x), f64::from(at.y));
            let visible = looks::is_near(p, radius) == near;
            match (visible, drawing) {
                (true, true) => context.line_to(x, y),
                (true, false) => context.move_to(x, y),
                (false, _) => {}
            }
            drawing = visible;
        }
    }
    context.set_line_width(f64::from(frame.pixel_ratio));
    context.set_stroke_style_str(&css(ink(frame.dark), looks::graticule(near)));
    context.stroke();
}

/// Farthest first. Dots that follow each other in one slice of depth and share a colour are one path: far fewer calls
/// than a path a dot, and nothing that a reader could see.
fn points(context: &CanvasRenderingContext2d, frame: &Frame, cloud: &Cloud) {
    const SLICES: usize = 20;
    let mut dots = cloud.dots(frame);
    let slice = dots.len().div_ceil(SLICES).max(1);
    for dots in dots.chunks_mut(slice) {
        dots.sort_unstable_by_key(|dot| dot.colour.map(f32::to_bits));
        for same in dots.chunk_by(|a, b| a.colour == b.colour) {
            context.set_fill_style_str(&css(same[0].colour, 1.0));
            context.begin_path();
            for dot in same {
                let (at, radius) = cloud.disc(frame, dot);
                let (x, y, radius) = (f64::from(at.x), f64::from(at.y), f64::from(radius.max(0.0)));
                context.move_to(x + radius, y);
                // An arc over a full turn with a finite radius is always valid.
                let _ = context.arc(x, y, radius, 0.0, TAU);
            }
            context.fill();
        }
    }
}

/// Rings at round norms, the highlighted point and its spoke.
fn marks(context: &CanvasRenderingContext2d, frame: &Frame, cloud: &Cloud) {
    rings(context, frame);
    let Some(index) = frame.highlight else { return };
    let Some((at, radius)) = cloud.locate(frame, index as usize) else { return };
    let (x, y) = centre(frame);
    let ratio = f64::from(frame.pixel_ratio);
    context.set_stroke_style_str(&css(ink(frame.dark), 0.85));
    context.set_line_width(1.25 * ratio);
    context.begin_path();
    context.move_to(x, y);
    context.line_to(f64::from(at.x), f64::from(at.y));
    context.stroke();
    context.set_line_width(2.0 * ratio);
    circle(context, f64::from(at.x), f64::from(at.y), f64::from(radius) + 3.5 * ratio);
    context.stroke();
}

/// Outlines of the spheres of round norms, with their labels: only while the length is shown.
fn rings(context: &CanvasRenderingContext2d, frame: &Frame) {
    let (x, y) = centre(frame);
    let ratio = f64::from(frame.pixel_ratio);
    let strength = frame.morph.powi(2);
    let [ground, letters] = looks::LABEL_INK;
    context.set_font(&format!("{}px system-ui, sans-serif", (looks::LABEL * frame.pixel_ratio).round()));
    context.set_text_align("center");
    context.set_text_baseline("middle");
    for ring in looks::rings(frame) {
        let radius = f64::from(ring.radius);
        context.set_stroke_style_str(&css(ink(frame.dark), strength * ring.ink));
        context.set_line_width(ratio);
        circle(context, x, y, radius);
        context.stroke();
        let Some(text) = ring.label else { continue };
        let half = context.measure_text(&text).map_or(10.0, |metrics| metrics.width() * 0.5) + 3.0 * ratio;
        context.set_fill_style_str(&css(background(frame.dark), ground * strength));
        context.fill_rect(x - half, y - radius - 7.0 * ratio, 2.0 * half, 14.0 * ratio);
        context.set_fill_style_str(&css(ink(frame.dark), strength * letters));
        let _ = context.fill_text(&text, x, y - radius);
    }
}
