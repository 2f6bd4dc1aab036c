//! Figures as SVG files, for papers and slides: real text, a white ground, colours that colour-blind readers can tell
//! apart (Okabe and Ito 2008), and other marks for each of them, so that a grey print works as well.
//!
//! ```text
//! title                       words that don't fit a line go on in the next one
//! y label | axes and series
//!         | x label
//! legend                      as many rows as it needs
//! caption
//! ```
//!
//! plotters draws on whole numbers, on a canvas that is finer than the picture.

mod canvas;
mod ink;
mod layout;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;

use self::canvas::{Place, UNIT};
use self::ink::{Ink, Mark};
use self::layout::{CAPTION, Frame, LABEL, Layout, TITLE, label_size, text};
use crate::figure::{Figure, Kind, Series};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Points above which marks are small and let others shine through.
const CROWD: usize = 60;
/// Points up to which a line shows them.
const FEW: usize = 12;
/// Widest bar.
const WIDEST_BAR: f64 = 60.0;
/// Share of the gap between two points that a bar takes.
const BAR_SHARE: f64 = 0.82;

/// Why a figure can't be drawn; the message names the figure.
#[derive(Debug, thiserror::Error)]
#[error("{figure}: {problem}")]
pub struct DrawError {
    figure: String,
    problem: DrawingAreaErrorKind<std::io::Error>,
}

/// The figure as a whole SVG document.
///
/// # Errors
/// A [`DrawError`] when plotters can't draw it.
pub fn draw(figure: &Figure) -> Result<String, DrawError> {
    let layout = Layout::new(figure);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, layout.canvas()).into_drawing_area();
        paint(&root, figure, &layout).map_err(|problem| DrawError { figure: figure.name.clone(), problem })?;
    }
    Ok(layout.finish(&svg))
}

type Painted = Result<(), DrawingAreaErrorKind<std::io::Error>>;

fn paint(root: &Area<'_>, figure: &Figure, layout: &Layout) -> Painted {
    root.fill(&WHITE)?;
    for (line, place) in &layout.title {
        root.draw(&Text::new(line.clone(), *place, text(TITLE, true)))?;
    }
    axes(root, figure, layout)?;
    for series in &figure.series {
        paint_series(root, series, &layout.frame)?;
    }
    for (at, place) in layout.legend.iter().enumerate() {
        legend_entry(root, &figure.series[at], &place.label, place.at)?;
    }
    for (line, place) in &layout.caption {
        root.draw(&Text::new(line.clone(), *place, text(CAPTION, false)))?;
    }
    root.present()?;
    Ok(())
}

/// Grid, axes, ticks and labels.
fn axes(root: &Area<'_>, figure: &Figure, layout: &Layout) -> Painted {
    let frame = &layout.frame;
    for tick in frame.ticks() {
        root.draw(&PathElement::new(tick.grid.to_vec(), ink::GRID.stroke_width(UNIT)))?;
        root.draw(&PathElement::new(tick.mark.to_vec(), ink::FRAME.stroke_width(UNIT)))?;
        root.draw(&Text::new(tick.label, tick.at, tick.style))?;
    }
    root.draw(&PathElement::new(frame.axes().to_vec(), ink::FRAME.stroke_width(UNIT)))?;
    let [across, up] = frame.size;
    let style = |label: &str, room: f64| layout::centred(text(label_size(label, room), false));
    let x = style(&figure.x.label, across);
    let y = style(&figure.y.label, up).transform(FontTransform::Rotate270);
    root.draw(&Text::new(layout::clean(&figure.x.label), frame.x_label(), x))?;
    root.draw(&Text::new(layout::clean(&figure.y.label), frame.y_label(), y))?;
    Ok(())
}

fn paint_series(root: &Area<'_>, series: &Series, frame: &Frame) -> Painted {
    let ink = Ink::of(series.role);
    let places: Vec<Place> = series.points.iter().filter_map(|point| frame.place(*point)).collect();
    match &series.kind {
        Kind::Line => line(root, ink, &places),
        Kind::Points => {
            let crowd = places.len() > CROWD;
            let (size, opacity) = if crowd { (2.2, 0.6) } else { (4.0, 1.0) };
            places.iter().try_for_each(|place| mark(root, ink, *place, size, opacity))
        }
        Kind::Bars => bars(root, ink, &places, frame.base()),
        Kind::Band(bounds) => {
            let rows = series.points.iter().zip(bounds);
            rows.filter_map(|(point, bounds)| frame.whisker(*point, *bounds)).try_for_each(|(place, [low, high])| {
                whisker(root, ink, place.0, [low, high])?;
                mark(root, ink, place, 3.6, 1.0)
            })
        }
    }
}

/// A line through places; a single one is a mark, since a line would have no length.
fn line(root: &Area<'_>, ink: Ink, places: &[Place]) -> Painted {
    if let [place] = places {
        return mark(root, ink, *place, 4.0, 1.0);
    }
    stroke(root, ink, places)?;
    let shown = if shows_points(ink, places.len()) { places } else { &[] };
    shown.iter().try_for_each(|place| mark(root, ink, *place, 3.0, 1.0))
}

/// Whether a line marks its points: measured ones, as long as they are few.
fn shows_points(ink: Ink, points: usize) -> bool {
    !ink.dashed && points <= FEW
}

fn stroke(root: &Area<'_>, ink: Ink, places: &[Place]) -> Painted {
    let style = ink.colour.stroke_width(ink::LINE);
    if ink.dashed {
        let (dash, gap) = (7 * UNIT, 5 * UNIT);
        root.draw(&plotters::element::DashedPathElement::new(places.iter().copied(), dash, gap, style))?;
    } else if !places.is_empty() {
        root.draw(&PathElement::new(places.to_vec(), style))?;
    }
    Ok(())
}

fn bars(root: &Area<'_>, ink: Ink, places: &[Place], base: i32) -> Painted {
    let gap = places.windows(2).map(|pair| f64::from((pair[1].0 - pair[0].0).abs())).fold(f64::MAX, f64::min);
    let half = (gap.min(WIDEST_BAR * f64::from(UNIT)) * BAR_SHARE / 2.0).max(f64::from(UNIT) / 2.0) as i32;
    places.iter().try_for_each(|(x, y)| bar(root, ink, [(x - half, *y.min(&base)), (x + half, *y.max(&base))]))
}

fn bar(root: &Area<'_>, ink: Ink, corners: [Place; 2]) -> Painted {
    root.draw(&Rectangle::new(corners, ink.colour.mix(0.85).filled()))?;
    Ok(())
}

/// A vertical line with caps.
fn whisker(root: &Area<'_>, ink: Ink, x: i32, [low, high]: [i32; 2]) -> Painted {
    let cap = 4 * UNIT as i32;
    let style = ink.colour.stroke_width(ink::THIN);
    for ends in [[(x, low), (x, high)], [(x - cap, low), (x + cap, low)], [(x - cap, high), (x + cap, high)]] {
        root.draw(&PathElement::new(ends.to_vec(), style))?;
    }
    Ok(())
}

/// A mark of about `size` picture units around its middle.
fn mark(root: &Area<'_>, ink: Ink, (x, y): Place, size: f64, opacity: f64) -> Painted {
    let style = ink.colour.mix(opacity).filled();
    let size = size * f64::from(UNIT);
    match ink.mark {
        Mark::Disc => root.draw(&Circle::new((x, y), size as i32, style))?,
        Mark::Corners(corners) => {
            let corner = |[dx, dy]: &[f64; 2]| (x + (dx * size) as i32, y + (dy * size) as i32);
            root.draw(&Polygon::new(corners.iter().map(corner).collect::<Vec<Place>>(), style))?;
        }
    }
    Ok(())
}

/// What a series looks like, and its name; `at` is the middle of the entry's left end.
fn legend_entry(root: &Area<'_>, series: &Series, name: &str, at: Place) -> Painted {
    let ink = Ink::of(series.role);
    let unit = UNIT as i32;
    let middle = (at.0 + layout::SAMPLE / 2, at.1);
    match series.kind {
        Kind::Line => {
            stroke(root, ink, &[at, (at.0 + layout::SAMPLE, at.1)])?;
            if shows_points(ink, series.points.len()) {
                mark(root, ink, middle, 3.0, 1.0)?;
            }
        }
        Kind::Points => mark(root, ink, middle, 4.0, 1.0)?,
        Kind::Bars => bar(root, ink, [(middle.0 - 6 * unit, at.1 - 5 * unit), (middle.0 + 6 * unit, at.1 + 5 * unit)])?,
        Kind::Band(_) => {
            whisker(root, ink, middle.0, [at.1 - 6 * unit, at.1 + 6 * unit])?;
            mark(root, ink, middle, 3.6, 1.0)?;
        }
    }
    let place = (at.0 + layout::SAMPLE + layout::SAMPLE_GAP, at.1);
    root.draw(&Text::new(name.to_owned(), place, layout::beside(text(LABEL, false))))?;
    Ok(())
}

#[cfg(test)]
mod tests;
