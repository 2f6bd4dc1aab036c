//! The scene as an SVG document: what the painter paints, as vectors, for papers and slides.

use std::fmt::Write;

use glam::Vec3;

use super::palette::{Rgb, background, ink, mix};
use super::scene::{self, Cloud, project};
use crate::protocol::Frame;
use crate::text::escape;

/// A sphere and what is written under it.
pub struct Part<'a> {
    /// Camera and looks.
    pub frame: Frame,
    /// The points.
    pub cloud: &'a Cloud,
    /// Lines under the sphere, the first one larger.
    pub captions: Vec<String>,
}

/// Height of a line under a sphere, SVG units.
const LINE: f32 = 19.0;
/// Room under the last line.
const FOOT: f32 = 12.0;
/// Width of a letter of the line below all, as a share of its size, at most.
const LETTER: f32 = 0.62;

/// The parts side by side, each as large as its frame, on the page's ground or on none. `source` says below all of them what
/// it is a picture of.
pub fn draw(parts: &[Part<'_>], source: &str, transparent: bool) -> String {
    let scale = |part: &Part<'_>| part.frame.pixel_ratio.max(0.1);
    let width = |part: &Part<'_>| part.frame.width as f32 / scale(part);
    let height = parts.iter().map(|part| part.frame.height as f32 / scale(part)).fold(0.0, f32::max);
    let whole: f32 = parts.iter().map(width).sum();
    let lines = parts.iter().map(|part| part.captions.len()).max().unwrap_or_default();
    let total = height + (lines + 1) as f32 * LINE + FOOT;
    let dark = parts.first().is_some_and(|part| part.frame.dark);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole:.1} {0:.1}\" width=\"{whole:.0}\" height=\"{0:.0}\" font-family=\"system-ui, sans-serif\">\n\
         <desc>{1}</desc>\n",
        total,
        escape(source),
    );
    if !transparent {
        let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" {}/>", with("fill", background(dark), 1.0));
    }
    let mut left = 0.0;
    for (index, part) in parts.iter().enumerate() {
        let frame =
            Frame { width: width(part).round() as u32, height: height.round() as u32, pixel_ratio: 1.0, ..part.frame };
        let _ = writeln!(svg, "<g transform=\"translate({left:.1} 0)\">");
        sphere(&mut svg, &frame, part.cloud, index);
        for (at, caption) in part.captions.iter().enumerate() {
            let (x, y) = (frame.width as f32 / 2.0, height + (at + 1) as f32 * LINE);
            line(&mut svg, [x, y], if at == 0 { 14.0 } else { 12.5 }, dark, caption);
        }
        svg.push_str("</g>\n");
        left += frame.width as f32;
    }
    // As large as the width allows: a link may be long.
    let size = (whole / (source.chars().count().max(1) as f32 * LETTER)).clamp(4.0, 11.0);
    line(&mut svg, [whole / 2.0, total - FOOT], size, dark, source);
    svg.push_str("</svg>\n");
    svg
}

/// A line of text, centred.
fn line(svg: &mut String, [x, y]: [f32; 2], size: f32, dark: bool, text: &str) {
    let fill = with("fill", ink(dark), 1.0);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.1}\" text-anchor=\"middle\" {fill}>{}</text>",
        escape(text),
    );
}

fn sphere(svg: &mut String, frame: &Frame, cloud: &Cloud, index: usize) {
    let (x, y) = (frame.width as f32 / 2.0, frame.height as f32 / 2.0);
    let radius = scene::outline(frame, scene::shell(frame));
    let (page, ink) = (background(frame.dark), ink(frame.dark));
    let stops = [(0.0, 0.04, 0.5), (0.7, 0.12, 0.5), (1.0, 0.26, 0.75)];
    let _ = write!(svg, "<radialGradient id=\"light{index}\" cx=\"0.32\" cy=\"0.28\" r=\"0.8\">");
    for (at, shade, alpha) in stops {
        let _ = write!(svg, "<stop offset=\"{at}\" {}/>", stop(mix(page, ink, shade), alpha));
    }
    let _ = writeln!(svg, "</radialGradient>");
    let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.2}\" fill=\"url(#light{index})\"/>");
    graticule(svg, frame, false);
    for dot in cloud.dots(frame) {
        let (at, radius) = cloud.disc(frame, &dot);
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.2}\" {}/>",
            at.x,
            at.y,
            radius.max(0.0),
            with("fill", dot.colour, 1.0)
        );
    }
    graticule(svg, frame, true);
    rings(svg, frame);
}

fn graticule(svg: &mut String, frame: &Frame, near: bool) {
    let (view, radius) = (scene::view(frame), scene::shell(frame));
    let mut path = String::new();
    for line in scene::graticule() {
        let mut drawing = false;
        for point in line {
            let p: Vec3 = view * (point * radius);
            let visible = (p.z >= radius * radius / scene::EYE) == near;
            if visible {
                let (at, _) = project(frame, p);
                let _ = write!(path, "{}{:.1} {:.1}", if drawing { 'L' } else { 'M' }, at.x, at.y);
            }
            drawing = visible;
        }
    }
    let colour = with("stroke", ink(frame.dark), if near { 0.26 } else { 0.09 });
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" {colour}/>");
}

fn rings(svg: &mut String, frame: &Frame) {
    if frame.morph < 0.05 {
        return;
    }
    let (x, y) = (frame.width as f32 / 2.0, frame.height as f32 / 2.0);
    let mut last = f32::MAX;
    for tick in scene::ticks(frame.norm_range).into_iter().rev() {
        let radius = scene::outline(frame, scene::radius(tick, frame.norm_range));
        let unit = tick == 1.0;
        let stroke = with("stroke", ink(frame.dark), if unit { 0.55 } else { 0.20 });
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.2}\" fill=\"none\" {stroke}/>");
        if !unit && last - radius < 13.0 {
            continue;
        }
        last = radius;
        let text = if unit { "|z| = 1".to_owned() } else { format!("{tick}") };
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"10.5\" text-anchor=\"middle\" {} stroke-width=\"3\" \
             paint-order=\"stroke\" {}>{text}</text>",
            y - radius + 3.5,
            with("stroke", background(frame.dark), 0.85),
            with("fill", ink(frame.dark), 0.95),
        );
    }
}

/// A colour as every reader of SVG takes it: `fill="#aabbcc"`, the opacity apart.
fn with(what: &str, colour: Rgb, alpha: f32) -> String {
    let opacity = if alpha < 1.0 { format!(" {what}-opacity=\"{alpha}\"") } else { String::new() };
    format!("{what}=\"{}\"{opacity}", hex(colour))
}

fn stop(colour: Rgb, alpha: f32) -> String {
    format!("stop-color=\"{}\" stop-opacity=\"{alpha}\"", hex(colour))
}

fn hex(colour: Rgb) -> String {
    let [r, g, b] = colour.map(|c| (c.clamp(0.0, 1.0) * 255.0).round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_well_formed_and_has_every_point() {
        let mut cloud = Cloud::with_labels(vec![0, 1, 2]);
        cloud.update(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], &[0.5, 1.0, 4.0], 1.0);
        let frame = Frame { pixel_ratio: 2.0, norm_range: [0.3, 6.0], ..Frame::still(600, 500) };
        let part = |title: &str| Part { frame, cloud: &cloud, captions: vec![title.to_owned(), "3 of 16".to_owned()] };
        let svg = draw(&[part("A & <b>"), part("B")], "steps < 3", false);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let circles = document.descendants().filter(|node| node.has_tag_name("circle")).count();
        // Two shells, two times three points, and the rings.
        assert!(circles >= 2 + 6 + 2, "{circles}");
        assert!(svg.contains("|z| = 1") && svg.contains("A &amp; &lt;b&gt;"));
        // Two lines under each sphere, and what it is a picture of.
        let texts: Vec<&str> =
            document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect();
        assert_eq!(texts.iter().filter(|text| **text == "3 of 16").count(), 2);
        assert_eq!(texts.last(), Some(&"steps < 3"));
    }
}
