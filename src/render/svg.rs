//! The scene as an SVG document: what the painter paints, as vectors, for papers and slides.

use std::fmt::Write;

use glam::Vec3;

use super::looks;
use super::palette::{self, Rgb, background, ink, mix};
use super::scene::{self, Cloud, project};
use crate::config::ArmId;
use crate::figure::scale::short;
use crate::protocol::Frame;
use crate::text::escape;

/// A sphere and what is written over and under it.
pub struct Part<'a> {
    /// Camera and looks.
    pub frame: Frame,
    /// The points.
    pub cloud: &'a Cloud,
    /// Which arm it is.
    pub arm: ArmId,
    /// What the arm is called.
    pub name: String,
    /// What tells it from the other arm, each as `Learning rate = 0.1`.
    pub settings: Vec<String>,
    /// Lines under the sphere, the first one larger.
    pub captions: Vec<String>,
}

/// What the whole picture says.
pub struct Sheet<'a> {
    /// Spheres side by side, each as large as its frame.
    pub parts: &'a [Part<'a>],
    /// What was trained, over all.
    pub title: String,
    /// Names of the classes, for the legend; with frames that show norms their scale stands there instead.
    pub classes: &'a [String],
    /// Where it comes from, below all.
    pub source: String,
}

/// Room round the words.
const EDGE: f32 = 16.0;
/// Height of the title's line, SVG units.
const TITLE: f32 = 34.0;
/// Height of the line with an arm's name.
const NAME: f32 = 26.0;
/// Height of a line of settings, of a caption, of the legend.
const LINE: f32 = 19.0;
/// Room under the last line.
const FOOT: f32 = 12.0;
/// Width of a letter as a share of its size: a little more than in usual fonts, so that nothing is cut off.
const LETTER: f32 = 0.56;
/// Size of the smaller letters.
const SMALL: f32 = 12.5;

/// The sheet as a document, on the page's ground or on none.
pub fn draw(sheet: &Sheet<'_>, transparent: bool) -> String {
    let parts = sheet.parts;
    let scale = |part: &Part<'_>| part.frame.pixel_ratio.max(0.1);
    let width = |part: &Part<'_>| part.frame.width as f32 / scale(part);
    let sphere_height = parts.iter().map(|part| part.frame.height as f32 / scale(part)).fold(0.0, f32::max);
    let whole: f32 = parts.iter().map(width).sum();
    let dark = parts.first().is_some_and(|part| part.frame.dark);
    let settings: Vec<Vec<String>> = parts.iter().map(|part| lines(&part.settings, width(part) - 2.0 * EDGE)).collect();
    let legend = legend(sheet, whole - 2.0 * EDGE);
    let most = |counts: &mut dyn Iterator<Item = usize>| counts.max().unwrap_or_default() as f32;
    let (told, captions) =
        (most(&mut settings.iter().map(Vec::len)), most(&mut parts.iter().map(|part| part.captions.len())));
    let top = TITLE + NAME + told * LINE;
    let below = top + sphere_height;
    let legend_at = below + captions * LINE + 14.0;
    let total = legend_at + legend.len() as f32 * LINE + LINE + FOOT;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole:.1} {total:.1}\" width=\"{whole:.0}\" height=\"{total:.0}\" font-family=\"system-ui, sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n",
        escape(&sheet.title),
        escape(&sheet.source),
    );
    if !transparent {
        let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" {}/>", with("fill", background(dark), 1.0));
    }
    Text { at: [EDGE, 23.0], size: 16.0, bold: true, centred: false }.write(&mut svg, dark, &sheet.title);
    let mut left = 0.0;
    for (index, part) in parts.iter().enumerate() {
        let (width, height) = (width(part).round() as u32, sphere_height.round() as u32);
        let frame = Frame { width, height, pixel_ratio: 1.0, ..part.frame };
        let _ = writeln!(svg, "<g transform=\"translate({left:.1} {top:.1})\">");
        sphere(&mut svg, &frame, part.cloud, index);
        svg.push_str("</g>\n");
        heading(&mut svg, part, &settings[index], left + EDGE);
        for (at, caption) in part.captions.iter().enumerate() {
            let (x, y) = (left + frame.width as f32 / 2.0, below + (at + 1) as f32 * LINE);
            let size = if at == 0 { 14.0 } else { SMALL };
            Text { at: [x, y], size, bold: false, centred: true }.write(&mut svg, dark, caption);
        }
        left += frame.width as f32;
    }
    for (at, row) in legend.iter().enumerate() {
        let y = legend_at + (at as f32 + 0.7) * LINE;
        let mut x = (whole - row.iter().map(Key::width).sum::<f32>()) / 2.0;
        for key in row {
            key.write(&mut svg, dark, [x, y]);
            x += key.width();
        }
    }
    // As large as the width allows: a link may be long.
    let size = ((whole - EDGE) / (sheet.source.chars().count().max(1) as f32 * LETTER)).clamp(4.0, 11.0);
    Text { at: [whole / 2.0, total - FOOT], size, bold: false, centred: true }.write(&mut svg, dark, &sheet.source);
    svg.push_str("</svg>\n");
    svg
}

/// The arm's letter in its colour, its name and its settings.
fn heading(svg: &mut String, part: &Part<'_>, settings: &[String], x: f32) {
    let dark = part.frame.dark;
    let (colour, page) = (palette::arm(part.arm.index(), dark), background(dark));
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"20\" height=\"20\" rx=\"5\" {}/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"13\" font-weight=\"700\" text-anchor=\"middle\" {}>{}</text>",
        TITLE,
        with("fill", colour, 1.0),
        x + 10.0,
        TITLE + 14.7,
        with("fill", page, 1.0),
        part.arm.letter(),
    );
    Text { at: [x + 28.0, TITLE + 15.0], size: 14.5, bold: true, centred: false }.write(svg, dark, &part.name);
    for (at, line) in settings.iter().enumerate() {
        let y = TITLE + NAME + (at as f32 + 0.6) * LINE;
        Text { at: [x, y], size: SMALL, bold: false, centred: false }.write(svg, dark, line);
    }
}

/// Words as lines of at most that width, broken between them.
fn lines(words: &[String], width: f32) -> Vec<String> {
    let most = (width / (SMALL * LETTER)).max(1.0) as usize;
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + word.chars().count() <= most => {
                line.push_str(" · ");
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

/// A line of text.
struct Text {
    /// Where its base line begins, or its middle.
    at: [f32; 2],
    size: f32,
    bold: bool,
    centred: bool,
}

impl Text {
    fn write(&self, svg: &mut String, dark: bool, text: &str) {
        let [x, y] = self.at;
        let anchor = if self.centred { " text-anchor=\"middle\"" } else { "" };
        let weight = if self.bold { " font-weight=\"650\"" } else { "" };
        let (size, fill) = (self.size, with("fill", ink(dark), 1.0));
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.1}\"{anchor}{weight} {fill}>{}</text>",
            escape(text),
        );
    }
}

/// A part of the legend.
enum Key {
    /// A class: its colour and its name.
    Class(Rgb, String),
    /// The scale of norms between its ends.
    Scale([f32; 2]),
    /// A remark.
    Note(String),
}

/// Width of the scale of norms.
const SCALE: f32 = 180.0;

impl Key {
    fn width(&self) -> f32 {
        let text = |text: &str| text.chars().count() as f32 * SMALL * LETTER;
        match self {
            Key::Class(_, name) => 10.0 + 5.0 + text(name) + 14.0,
            Key::Scale(ends) => SCALE + 16.0 + text(&low_end(*ends)) + text(&short(ends[1].into())),
            Key::Note(note) => text(note),
        }
    }

    fn write(&self, svg: &mut String, dark: bool, [x, y]: [f32; 2]) {
        let words = |svg: &mut String, x: f32, text: &str| {
            Text { at: [x, y], size: SMALL, bold: false, centred: false }.write(svg, dark, text);
        };
        match self {
            Key::Class(colour, name) => {
                let fill = with("fill", *colour, 1.0);
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\" rx=\"5\" {fill}/>",
                    y - 9.5
                );
                words(svg, x + 15.0, name);
            }
            Key::Scale(ends) => {
                let low = low_end(*ends);
                words(svg, x, &low);
                let from = x + low.chars().count() as f32 * SMALL * LETTER + 8.0;
                svg.push_str("<linearGradient id=\"norms\">");
                for at in 0..=8 {
                    let t = at as f32 / 8.0;
                    let _ = write!(svg, "<stop offset=\"{t}\" {}/>", stop(palette::scale(t, dark), 1.0));
                }
                let _ = writeln!(
                    svg,
                    "</linearGradient><rect x=\"{from:.1}\" y=\"{:.1}\" width=\"{SCALE}\" height=\"10\" rx=\"5\" fill=\"url(#norms)\"/>",
                    y - 9.5,
                );
                words(svg, from + SCALE + 8.0, &short(ends[1].into()));
            }
            Key::Note(note) => words(svg, x, note),
        }
    }
}

fn low_end(ends: [f32; 2]) -> String {
    format!("|z| from {}", short(ends[0].into()))
}

/// What the colours mean, in rows of at most that width.
fn legend(sheet: &Sheet<'_>, width: f32) -> Vec<Vec<Key>> {
    let Some(frame) = sheet.parts.first().map(|part| part.frame) else { return Vec::new() };
    if frame.by_norm {
        return vec![vec![Key::Scale(frame.norm_range)]];
    }
    let colours = palette::classes(frame.dark).len();
    if sheet.classes.len() > colours {
        let note = format!("{} classes; the {colours} colours begin again", sheet.classes.len());
        return vec![vec![Key::Note(note)]];
    }
    let mut rows: Vec<Vec<Key>> = Vec::new();
    for (label, name) in sheet.classes.iter().enumerate() {
        let key = Key::Class(palette::class(label as u16, frame.dark), name.clone());
        match rows.last_mut() {
            Some(row) if row.iter().map(Key::width).sum::<f32>() + key.width() <= width => row.push(key),
            _ => rows.push(vec![key]),
        }
    }
    rows
}

fn sphere(svg: &mut String, frame: &Frame, cloud: &Cloud, index: usize) {
    let (x, y) = (frame.width as f32 / 2.0, frame.height as f32 / 2.0);
    let radius = scene::outline(frame, scene::shell(frame));
    let (page, ink) = (background(frame.dark), ink(frame.dark));
    let _ = write!(svg, "<radialGradient id=\"light{index}\" cx=\"0.32\" cy=\"0.28\" r=\"0.8\">");
    for (at, shade, alpha) in looks::LIGHT {
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
            let visible = looks::is_near(p, radius) == near;
            if visible {
                let (at, _) = project(frame, p);
                let _ = write!(path, "{}{:.1} {:.1}", if drawing { 'L' } else { 'M' }, at.x, at.y);
            }
            drawing = visible;
        }
    }
    let colour = with("stroke", ink(frame.dark), looks::graticule(near));
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" {colour}/>");
}

fn rings(svg: &mut String, frame: &Frame) {
    let (x, y) = (frame.width as f32 / 2.0, frame.height as f32 / 2.0);
    let [ground, letters] = looks::LABEL_INK;
    for looks::Ring { radius, ink: strength, label } in looks::rings(frame) {
        let stroke = with("stroke", ink(frame.dark), strength);
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.2}\" fill=\"none\" {stroke}/>");
        let Some(text) = label else { continue };
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{}\" text-anchor=\"middle\" {} stroke-width=\"3\" \
             paint-order=\"stroke\" {}>{text}</text>",
            y - radius + 3.5,
            looks::LABEL,
            with("stroke", background(frame.dark), ground),
            with("fill", ink(frame.dark), letters),
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

    fn cloud() -> Cloud {
        let mut cloud = Cloud::with_labels(vec![0, 1, 2]);
        cloud.update(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], &[0.5, 1.0, 4.0], 1.0);
        cloud
    }

    fn part(cloud: &Cloud, arm: ArmId, by_norm: bool) -> Part<'_> {
        Part {
            frame: Frame { pixel_ratio: 2.0, norm_range: [0.3, 6.0], by_norm, ..Frame::still(600, 500) },
            cloud,
            arm,
            name: "A & <b>".to_owned(),
            settings: (0..9).map(|at| format!("Learning rate {at} = 0.12345")).collect(),
            captions: vec!["step 7".to_owned(), "3 of 16".to_owned()],
        }
    }

    fn texts(svg: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(svg).unwrap();
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        texts.filter_map(|node| node.text().map(str::to_owned)).collect()
    }

    #[test]
    fn a_picture_is_well_formed_and_has_every_point_and_every_word() {
        let cloud = cloud();
        let parts = [part(&cloud, ArmId::A, false), part(&cloud, ArmId::B, false)];
        let classes = ["cat", "dog", "a very long name of a class"].map(str::to_owned);
        let sheet =
            Sheet { parts: &parts, title: "SimCLR".to_owned(), classes: &classes, source: "steps < 3".to_owned() };
        let svg = draw(&sheet, false);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let circles = document.descendants().filter(|node| node.has_tag_name("circle")).count();
        // Two shells, two times three points, and the rings.
        assert!(circles >= 2 + 6 + 2, "{circles}");
        assert!(svg.contains("|z| = 1") && svg.contains("A &amp; &lt;b&gt;"));
        let texts = texts(&svg);
        for (word, times) in
            [("3 of 16", 2), ("step 7", 2), ("A & <b>", 2), ("SimCLR", 1), ("dog", 1), ("A", 1), ("B", 1)]
        {
            assert_eq!(texts.iter().filter(|text| *text == word).count(), times, "{word}");
        }
        // No setting is left out, whatever the width.
        let all = texts.join(" ");
        assert!((0..9).all(|at| all.matches(&format!("rate {at} = 0.12345")).count() == 2), "{all}");
        assert_eq!(texts.last().map(String::as_str), Some("steps < 3"));
    }

    #[test]
    fn the_legend_is_the_scale_of_norms_where_colours_are_norms_and_a_remark_where_classes_are_many() {
        let cloud = cloud();
        let many: Vec<String> = (0..100).map(|class| format!("class {class}")).collect();
        let texts = |by_norm: bool| {
            let parts = [part(&cloud, ArmId::A, by_norm)];
            let sheet = Sheet { parts: &parts, title: String::new(), classes: &many, source: String::new() };
            texts(&draw(&sheet, false))
        };
        assert!(texts(true).iter().any(|text| text == "|z| from 0.3"));
        assert!(texts(false).iter().any(|text| text == "100 classes; the 12 colours begin again"));
    }
}
