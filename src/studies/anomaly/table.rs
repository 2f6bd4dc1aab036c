//! The tables of an anomaly report.

use super::report::Report;
use super::score::{Features, Score};
use crate::data::Ood;
use crate::metrics::bootstrap::Interval;
use crate::table::Table;

/// One row for each variant, features, score and kind (`all`: the mean over kinds).
pub fn areas(report: &Report) -> Table {
    let header = vec!["variant", "features", "score", "kind", "auroc", "auroc_low", "auroc_high"];
    let row = |row: &super::report::Row| {
        let mut cells = vec![row.variant.clone(), row.features.key().to_owned(), row.score.key().to_owned()];
        cells.push(kind(row.kind).to_owned());
        cells.extend(interval(row.auroc, 4));
        cells
    };
    Table { header, rows: report.rows.iter().map(row).collect() }
}

/// One row for each comparison. The baseline `standard` is the same score of the standard variant.
pub fn gains(report: &Report) -> Table {
    let header =
        vec!["variant", "features", "kind", "score", "baseline", "points", "points_low", "points_high", "percent"];
    let row = |gain: &super::report::Gain| {
        let mut cells = vec![gain.variant.clone(), gain.features.key().to_owned(), kind(gain.kind).to_owned()];
        cells.push(gain.score.key().to_owned());
        cells.push(gain.baseline.map_or("standard", Score::key).to_owned());
        cells.extend(interval(gain.points, 3));
        cells.push(format!("{:.3}", gain.percent));
        cells
    };
    Table { header, rows: report.gains.iter().map(row).collect() }
}

/// Scores down, kinds across, of one variant and output: `0.912 [0.88, 0.94]`.
pub fn matrix(report: &Report, variant: &str, features: Features) -> (Vec<String>, Vec<Vec<String>>) {
    let mut header = vec!["AUROC".to_owned()];
    header.extend(report.kinds.iter().map(|kind| kind.label().to_owned()));
    header.push("Mean".to_owned());
    let cell = |score: Score, kind: Option<Ood>| {
        let mark = |below: bool| if below { " ↓" } else { "" };
        let text = |row: &super::report::Row| format!("{}{}", range(row.auroc), mark(row.below));
        report.row(variant, features, score, kind).map_or_else(String::new, text)
    };
    let row = |score: Score| {
        let kinds = report.kinds.iter().copied().map(Some).chain([None]);
        std::iter::once(score.label().to_owned()).chain(kinds.map(|kind| cell(score, kind))).collect()
    };
    let is_there = |score: &Score| !cell(*score, None).is_empty();
    (header, Score::ALL.into_iter().filter(is_there).map(row).collect())
}

/// What the mark of [`matrix`] means; empty where nothing is marked.
pub fn note(report: &Report) -> String {
    let marked = report.rows.iter().any(|row| row.below);
    let text = "↓: clearly below 0.5; turned round, the score tells outliers with one minus that.";
    String::from(if marked { text } else { "" })
}

/// What a gain is counted against, for reading; `standard` stands for the same score of the standard variant.
pub fn against(gain: &super::report::Gain, standard: &str) -> String {
    let turned = if gain.turned { ", turned round" } else { "" };
    format!("{}{turned}", gain.baseline.map_or(standard, |score| score.label()))
}

/// The comparisons as means over kinds, for reading: header and rows.
pub fn gain_rows(report: &Report) -> (Vec<String>, Vec<Vec<String>>) {
    let header = ["models", "score", "against", "points", "relative"].map(str::to_owned).to_vec();
    let row = |gain: &super::report::Gain| {
        vec![
            format!("{}, {}", gain.variant, gain.features.key()),
            gain.score.label().to_owned(),
            against(gain, "the standard's"),
            points(gain.points),
            format!("{:+.1} %", gain.percent),
        ]
    };
    (header, report.gains.iter().filter(|gain| gain.kind.is_none()).map(row).collect())
}

/// `+1.2 [-0.3, +2.5]`, without brackets where there is no interval.
pub fn points(value: Interval) -> String {
    match value.low.is_finite() {
        true => format!("{:+.1} [{:+.1}, {:+.1}]", value.estimate, value.low, value.high),
        false => format!("{:+.1}", value.estimate),
    }
}

/// `0.912 [0.88, 0.94]`, without brackets where there is no interval; empty for no number.
pub fn range(value: Interval) -> String {
    match (value.estimate.is_finite(), value.low.is_finite() && value.high.is_finite()) {
        (false, _) => String::new(),
        (true, false) => format!("{:.3}", value.estimate),
        (true, true) => format!("{:.3} [{:.2}, {:.2}]", value.estimate, value.low, value.high),
    }
}

fn kind(kind: Option<Ood>) -> &'static str {
    kind.map_or("all", Ood::key)
}

fn interval(value: Interval, digits: usize) -> [String; 3] {
    [value.estimate, value.low, value.high]
        .map(|number| if number.is_finite() { format!("{number:.digits$}") } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::super::finished::tests::report;
    use super::*;

    #[test]
    fn every_row_has_the_headers_cells() {
        let report = report(6);
        for table in [areas(&report), gains(&report)] {
            assert!(!table.rows.is_empty() && table.rows.iter().all(|row| row.len() == table.header.len()));
        }
        let (header, rows) = matrix(&report, "standard", Features::Projector);
        assert_eq!((header.len(), rows.len()), (4, Score::ALL.len()));
        assert_eq!(rows[0][3], range(Interval { estimate: 0.75, low: 0.7, high: 0.8 }));
    }

    #[test]
    fn missing_numbers_are_empty() {
        let none = Interval { estimate: f64::NAN, low: f64::NAN, high: f64::NAN };
        assert_eq!(range(none), "");
        assert_eq!(range(Interval { estimate: 0.5, ..none }), "0.500");
        assert_eq!(interval(none, 3), ["", "", ""]);
    }
}
