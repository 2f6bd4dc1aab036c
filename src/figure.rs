//! What a figure shows, without how it is drawn.
//!
//! Simulations, studies and reports give figures as plain data; the page's charts and the native SVG writer draw the
//! same ones. Values are in the units that the axis labels name.
//!
//! ```text
//! scale    from values to places in a picture, round ticks, short numbers
//! curves   a training run's metrics as figures
//! ```

pub mod curves;
pub mod scale;

use scale::Scale;
use serde::{Deserialize, Serialize};

/// A figure: some series over two axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Short name for files and links: small letters and hyphens.
    pub name: String,
    /// One line above the figure.
    pub title: String,
    /// What to see in it, in whole sentences.
    pub caption: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, from back to front.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Quantity and unit.
    pub label: String,
    /// Logarithmic. Points that are not positive on such an axis are left out when it is drawn.
    pub log: bool,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The legend's text.
    pub label: String,
    /// How it is drawn.
    pub kind: Kind,
    /// What it stands for, which decides its colour and dash.
    pub role: Role,
    /// `[x, y]`, in drawing order; every value is finite.
    pub points: Vec<[f64; 2]>,
}

/// How a series is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A line through the points.
    Line,
    /// One mark a point.
    Points,
    /// One bar a point, from 0 (or the lower edge of a logarithmic axis) up to y.
    Bars,
    /// An interval at each point (a standard error, a range): `[low, high]` for each of the points, whose y is the
    /// middle.
    Band(Vec<[f64; 2]>),
}

/// What a series stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Came out of a simulation or a training.
    Measured,
    /// Came out of a formula.
    Predicted,
    /// Arm A, standard.
    A,
    /// Arm B, norm-decoupled.
    B,
    /// One of several of a kind, counted from 0.
    Other(u8),
    /// Came out of the formula for `Other(n)` (0: for the measured one): its colour, dashed.
    PredictedFor(u8),
}

impl Figure {
    /// The axes that everything drawn fits, from `x[0]` to `x[1]` and from `y[0]` (below) to `y[1]`. Bars stand on the axis
    /// where none hangs below zero.
    pub fn scales(&self, x: [f64; 2], y: [f64; 2]) -> [Scale; 2] {
        let points = || self.series.iter().flat_map(|series| series.points.iter());
        let bounds = self.series.iter().filter_map(|series| match &series.kind {
            Kind::Band(bounds) => Some(bounds.iter().flatten().copied()),
            _ => None,
        });
        let bars = self.series.iter().any(|series| series.kind == Kind::Bars);
        let zero = (bars && !self.y.log).then_some(0.0);
        let heights: Vec<f64> = points().map(|point| point[1]).chain(bounds.flatten()).chain(zero).collect();
        let across = Scale::covering(points().map(|point| point[0]), self.x.log, 0.04, x);
        let up = Scale::covering(heights.iter().copied(), self.y.log, 0.06, y);
        // Percentages that are no shares (a saving, a change) may lie beyond 0 and 100.
        let mut drawn = heights.iter().filter(|height| height.is_finite());
        let shares = self.y.label.ends_with('%') && !self.y.log && drawn.all(|height| (0.0..=100.0).contains(height));
        let up = if shares { up.of_shares(100.0) } else { up };
        let stands = zero.is_some() && heights.iter().all(|height| *height >= 0.0);
        [across, if stands { up.from(0.0) } else { up }]
    }
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: &str) -> Axis {
        Axis { label: label.to_owned(), log: false }
    }

    /// A logarithmic axis.
    pub fn log(label: &str) -> Axis {
        Axis { label: label.to_owned(), log: true }
    }
}

impl Series {
    /// A line through `points`; points that are not finite are left out, here and in [`Series::marks`].
    pub fn line(label: impl Into<String>, role: Role, points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        Series::new(label, Kind::Line, role, points)
    }

    /// One mark for each of `points`.
    pub fn marks(label: impl Into<String>, role: Role, points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        Series::new(label, Kind::Points, role, points)
    }

    /// Intervals, `[x, middle, half the width]` each.
    pub fn intervals(label: impl Into<String>, role: Role, rows: impl IntoIterator<Item = [f64; 3]>) -> Series {
        let rows: Vec<[f64; 3]> = rows.into_iter().filter(|row| row.iter().all(|value| value.is_finite())).collect();
        let bounds = rows.iter().map(|[_, middle, half]| [middle - half, middle + half]).collect();
        Series::new(label, Kind::Band(bounds), role, rows.iter().map(|[x, middle, _]| [*x, *middle]))
    }

    fn new(label: impl Into<String>, kind: Kind, role: Role, points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        let points = points.into_iter().filter(|point| point.iter().all(|value| value.is_finite())).collect();
        Series { label: label.into(), kind, role, points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_finite_are_left_out() {
        let line = Series::line("a", Role::A, [[1.0, 2.0], [f64::NAN, 1.0], [2.0, f64::INFINITY], [3.0, 4.0]]);
        assert_eq!(line.points, [[1.0, 2.0], [3.0, 4.0]]);
        let band = Series::intervals("b", Role::B, [[1.0, 2.0, 0.5], [2.0, 2.0, f64::NAN]]);
        assert_eq!(band.points, [[1.0, 2.0]]);
        assert_eq!(band.kind, Kind::Band(vec![[1.5, 2.5]]));
    }

    #[test]
    fn percentages_end_at_100_unless_they_go_beyond() {
        let up = |heights: [f64; 2]| {
            let points = [[0.0, heights[0]], [1.0, heights[1]]];
            let (x, y, series) =
                (Axis::linear("step"), Axis::linear("kNN, %"), vec![Series::line("a", Role::A, points)]);
            let figure = Figure { name: String::new(), title: String::new(), caption: String::new(), x, y, series };
            figure.scales([0.0, 1.0], [0.0, 1.0])[1]
        };
        let margin = |heights: [f64; 2]| Scale::covering(heights.into_iter(), false, 0.06, [0.0, 1.0]);
        assert_eq!(up([50.0, 100.0]).at(100.0), 1.0);
        assert_eq!(up([50.0, 120.0]), margin([50.0, 120.0]));
        assert_eq!(up([-5.0, 50.0]), margin([-5.0, 50.0]));
    }

    #[test]
    fn a_figure_is_plain_json() {
        let series = vec![Series::marks("m", Role::Other(2), [[1.0, 2.0]])];
        let (x, y) = (Axis::log("norm"), Axis::linear("steps"));
        let figure = Figure { name: "f".into(), title: "F".into(), caption: "C.".into(), x, y, series };
        let json = serde_json::to_value(&figure).unwrap();
        assert_eq!(json["series"][0]["kind"], "points");
        assert_eq!(json["series"][0]["role"]["other"], 2);
        assert_eq!(json["x"]["log"], true);
        assert_eq!(serde_json::from_value::<Figure>(json).unwrap(), figure);
    }
}
