//! Where everything in a picture stands. What reads the picture chooses the font, so widths of text are estimates on the
//! large side.

use plotters::prelude::{IntoFont, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Place, UNIT};
use super::ink;
use crate::figure::Figure;
use crate::figure::scale::{Scale, labels, short};

/// Font sizes, in units of the picture.
pub const TITLE: f64 = 17.0;
pub const LABEL: f64 = 13.0;
pub const CAPTION: f64 = 12.5;
/// Length of a legend's sample and the gap behind it, on the canvas.
pub const SAMPLE: i32 = 26 * UNIT as i32;
pub const SAMPLE_GAP: i32 = 7 * UNIT as i32;

/// Sizes of the picture.
const WIDTH: f64 = 760.0;
const MARGIN: f64 = 18.0;
const PLOT_HEIGHT: f64 = 350.0;
/// Room under the axis for the tick labels and the axis label.
const BOTTOM: f64 = 50.0;
/// How many ticks the axes have, about.
const TICKS: [usize; 2] = [8, 7];
/// Height of a legend's row.
const ROW: f64 = 21.0;
/// Between two legend entries.
const ENTRY_GAP: f64 = 20.0;
/// Height of a line of text, as a multiple of its font size.
const LINE_HEIGHT: f64 = 1.4;
/// Width of a character, as a multiple of the font size: about that of a wide sans-serif font.
const CHARACTER: f64 = 0.58;
/// How much wider bold text is.
const BOLD: f64 = 1.12;
/// The fonts, the first one that is there.
const FONTS: &str = "Helvetica, Arial, sans-serif";
/// plotters writes font sizes divided by this.
const PLOTTERS_FONT: f64 = 1.24;

/// A line of text and where it stands.
pub type Line = (String, Place);

/// A legend entry.
pub struct Entry {
    /// Its text.
    pub label: String,
    /// The middle of its left end.
    pub at: Place,
}

/// Where everything stands, on the canvas.
pub struct Layout {
    pub title: Vec<Line>,
    pub frame: Frame,
    /// One entry a series.
    pub legend: Vec<Entry>,
    pub caption: Vec<Line>,
    height: f64,
}

/// The rectangle of the axes.
pub struct Frame {
    pub x: Scale,
    pub y: Scale,
    /// In units of the picture.
    corner: [f64; 2],
    /// In units of the picture.
    pub size: [f64; 2],
    /// Room for what stands on the left of the y-axis.
    left: f64,
}

/// A tick of an axis, on the canvas.
pub struct Tick {
    pub label: String,
    pub grid: [Place; 2],
    pub mark: [Place; 2],
    /// Where the label stands, and how.
    pub at: Place,
    pub style: TextStyle<'static>,
}

impl Layout {
    /// The places for a figure.
    pub fn new(figure: &Figure) -> Layout {
        let (title, below) = lines(&figure.title, TITLE, BOLD, MARGIN);
        let frame = Frame::new(figure, below + 8.0);
        let below = frame.corner[1] + frame.size[1] + BOTTOM + 8.0;
        let (legend, below) = legend(figure, below);
        let (caption, below) = lines(&figure.caption, CAPTION, 1.0, below + 9.0);
        Layout { title, frame, legend, caption, height: (below + MARGIN - 4.0).ceil() }
    }

    /// Width and height of the canvas.
    pub fn canvas(&self) -> (u32, u32) {
        (WIDTH as u32 * UNIT, self.height as u32 * UNIT)
    }

    /// plotters' document at the size of the picture, its lines with round corners.
    pub fn finish(&self, svg: &str) -> String {
        let (width, height) = self.canvas();
        let size = |width: u32, height: u32| format!(r#"width="{width}" height="{height}""#);
        let fine = size(width / UNIT, height / UNIT);
        let with_corners = format!(r#"{fine} stroke-linejoin="round" stroke-linecap="round""#);
        svg.replacen(&size(width, height), &with_corners, 1)
    }
}

impl Frame {
    fn new(figure: &Figure, top: f64) -> Frame {
        let [x, y] = figure.scales([0.0, 1.0], [0.0, 1.0]);
        let ticks = tick_labels(&y.ticks(TICKS[1]));
        let widest = ticks.iter().map(|tick| width(tick, LABEL)).fold(0.0, f64::max);
        // Tick mark, tick labels, axis label.
        let left = 8.0 + widest + LABEL * LINE_HEIGHT + 6.0;
        let corner = [MARGIN + left, top];
        Frame { x, y, corner, size: [WIDTH - MARGIN - corner[0], PLOT_HEIGHT], left }
    }

    /// Where a point is drawn; `None` when an axis can't show it.
    pub fn place(&self, [x, y]: [f64; 2]) -> Option<Place> {
        (self.x.draws(x) && self.y.draws(y)).then(|| self.canvas(self.x.at(x), self.y.at(y)))
    }

    /// Where a point and the ends of its interval are drawn; an end that the axis can't show is at the axis.
    pub fn whisker(&self, point: [f64; 2], bounds: [f64; 2]) -> Option<(Place, [i32; 2])> {
        let place = self.place(point)?;
        let end = |value: f64| self.place([point[0], value]).map_or(self.canvas(0.0, 0.0).1, |(_, y)| y);
        Some((place, bounds.map(end)))
    }

    /// Where bars begin.
    pub fn base(&self) -> i32 {
        self.canvas(0.0, self.y.base()).1
    }

    fn canvas(&self, across: f64, up: f64) -> Place {
        let [left, top] = self.corner;
        let [width, height] = self.size;
        place(left + across * width, top + (1.0 - up) * height)
    }

    /// The ticks of both axes.
    pub fn ticks(&self) -> Vec<Tick> {
        let of = |scale: Scale, count: usize| {
            let ticks = scale.ticks(count);
            let labels = tick_labels(&ticks);
            ticks.into_iter().map(move |tick| scale.at(tick)).zip(labels)
        };
        let (mark, gap) = (4 * UNIT as i32, 7 * UNIT as i32);
        let across = of(self.x, TICKS[0]).map(|(share, label)| {
            let (x, y) = self.canvas(share, 0.0);
            let grid = [(x, y), self.canvas(share, 1.0)];
            Tick { label, grid, mark: [(x, y), (x, y + mark)], at: (x, y + gap), style: under(text(LABEL, false)) }
        });
        let up = of(self.y, TICKS[1]).map(|(share, label)| {
            let (x, y) = self.canvas(0.0, share);
            let grid = [(x, y), self.canvas(1.0, share)];
            Tick { label, grid, mark: [(x - mark, y), (x, y)], at: (x - gap, y), style: before(text(LABEL, false)) }
        });
        across.chain(up).collect()
    }

    /// The two axes, as one line.
    pub fn axes(&self) -> [Place; 3] {
        [self.canvas(0.0, 1.0), self.canvas(0.0, 0.0), self.canvas(1.0, 0.0)]
    }

    /// The middle of the x-axis' label.
    pub fn x_label(&self) -> Place {
        place(self.corner[0] + self.size[0] / 2.0, self.corner[1] + self.size[1] + BOTTOM - LABEL)
    }

    /// The middle of the y-axis' label.
    pub fn y_label(&self) -> Place {
        place(self.corner[0] - self.left + LABEL / 2.0, self.corner[1] + self.size[1] / 2.0)
    }
}

/// The entries in one row, or in columns, and where the next thing may begin.
fn legend(figure: &Figure, top: f64) -> (Vec<Entry>, f64) {
    let sample = f64::from(SAMPLE + SAMPLE_GAP) / f64::from(UNIT);
    let room = WIDTH - 2.0 * MARGIN;
    let labels: Vec<String> =
        figure.series.iter().map(|series| shortened(&clean(&series.label), room - sample)).collect();
    let widths: Vec<f64> = labels.iter().map(|label| sample + width(label, LABEL) + ENTRY_GAP).collect();
    let widest = widths.iter().copied().fold(1.0, f64::max);
    let columns = if widths.iter().sum::<f64>() <= room + ENTRY_GAP {
        labels.len().max(1)
    } else {
        (((room + ENTRY_GAP) / widest) as usize).max(1)
    };
    let rows = labels.len().div_ceil(columns);
    let left = |at: usize| match rows {
        1 => widths[..at].iter().sum(),
        _ => (at % columns) as f64 * widest,
    };
    let place = |at: usize| place(MARGIN + left(at), top + ((at / columns) as f64 + 0.5) * ROW);
    let entries = labels.iter().enumerate().map(|(at, label)| Entry { label: label.clone(), at: place(at) }).collect();
    (entries, top + rows as f64 * ROW)
}

/// A label that fits `room`, its end cut off if need be.
fn shortened(label: &str, room: f64) -> String {
    let most = (room / (LABEL * CHARACTER)) as usize;
    if label.chars().count() <= most {
        return label.to_owned();
    }
    label.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Text in lines over the width of the picture, and where the next thing may begin.
fn lines(text: &str, size: f64, wider: f64, top: f64) -> (Vec<Line>, f64) {
    let columns = ((WIDTH - 2.0 * MARGIN) / (size * CHARACTER * wider)) as usize;
    let text = clean(text);
    let wrapped = if text.trim().is_empty() { Vec::new() } else { textwrap::wrap(&text, columns) };
    let line = |(at, line): (usize, &std::borrow::Cow<'_, str>)| {
        (line.to_string(), place(MARGIN, top + at as f64 * size * LINE_HEIGHT))
    };
    let lines: Vec<Line> = wrapped.iter().enumerate().map(line).collect();
    let below = top + lines.len() as f64 * size * LINE_HEIGHT;
    (lines, below)
}

/// Width of text, about.
fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * CHARACTER
}

/// The font size at which an axis' label fits its axis.
pub fn label_size(label: &str, room: f64) -> f64 {
    LABEL.min(room / (label.chars().count().max(1) as f64 * CHARACTER)).max(6.0)
}

/// Text without what XML can't hold (control characters and two of Unicode's non-characters), on one line.
pub fn clean(text: &str) -> String {
    let fits = |c: char| match c {
        '\n' | '\t' | '\r' => ' ',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(fits).collect()
}

/// A text style: left-aligned, its top at the place.
pub fn text(size: f64, bold: bool) -> TextStyle<'static> {
    let font = (FONTS, size * f64::from(UNIT) * PLOTTERS_FONT).into_font();
    let font = if bold { font.style(plotters::style::FontStyle::Bold) } else { font };
    TextStyle::from(font).color(&ink::TEXT)
}

/// With its middle at the place.
pub fn centred(style: TextStyle<'_>) -> TextStyle<'_> {
    style.pos(Pos::new(HPos::Center, VPos::Center))
}

/// With the middle of its left end at the place.
pub fn beside(style: TextStyle<'_>) -> TextStyle<'_> {
    style.pos(Pos::new(HPos::Left, VPos::Center))
}

/// With the middle of its right end at the place.
fn before(style: TextStyle<'_>) -> TextStyle<'_> {
    style.pos(Pos::new(HPos::Right, VPos::Center))
}

/// With the middle of its top at the place.
fn under(style: TextStyle<'_>) -> TextStyle<'_> {
    style.pos(Pos::new(HPos::Center, VPos::Top))
}

/// From units of the picture to a place on the canvas.
fn place(x: f64, y: f64) -> Place {
    let canvas = |value: f64| (value * f64::from(UNIT)).round() as i32;
    (canvas(x), canvas(y))
}

/// Ticks as text: with as many decimals as tell them apart, large and small ones as multiples of powers of ten.
pub fn tick_labels(ticks: &[f64]) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |largest, tick| largest.max(tick.abs()));
    let step = ticks.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(f64::MAX, f64::min);
    let even = ticks.windows(2).all(|pair| ((pair[1] - pair[0]) / step - 1.0).abs() < 1e-6);
    if even && ticks.len() > 1 && largest < 1e5 && step >= 1e-5 {
        let decimals = (0..6).find(|d| is_whole(step * 10_f64.powi(*d))).unwrap_or(6) as usize;
        // -0 is 0.
        return ticks.iter().map(|tick| format!("{:.decimals$}", tick + 0.0)).collect();
    }
    // All in one manner: 10⁻³ next to 10⁻⁴, but 0.001 next to 0.01.
    let plain = ticks.iter().all(|tick| *tick == 0.0 || (0.999e-3..1e5).contains(&tick.abs()));
    if plain {
        return labels(ticks, 1.0);
    }
    let texts = |digits: usize| ticks.iter().map(|tick| power(*tick, digits)).collect::<Vec<String>>();
    let differ = |texts: &Vec<String>| texts.iter().enumerate().all(|(at, text)| !texts[..at].contains(text));
    (2..=17).map(texts).find(differ).unwrap_or_else(|| texts(2))
}

/// Whether a number is a whole one but for its rounding.
fn is_whole(value: f64) -> bool {
    value.round() >= 1.0 && (value - value.round()).abs() < 1e-6
}

/// As `2×10⁵`, with at most `digits` decimals; 1 to 9 as they are.
fn power(value: f64, digits: usize) -> String {
    if value == 0.0 || (1.0..10.0).contains(&value.abs()) {
        return short(value);
    }
    let text = format!("{value:.digits$e}");
    let (lead, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let lead = lead.trim_end_matches('0').trim_end_matches('.');
    let raised: String = exponent.chars().map(superscript).collect();
    match lead {
        "1" => format!("10{raised}"),
        _ => format!("{lead}×10{raised}"),
    }
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    c.to_digit(10).and_then(|digit| DIGITS.get(digit as usize)).copied().unwrap_or('⁻')
}
