//! The norms of single rows and of classes: which are the shortest, which the longest.

use super::pass::Seen;
use super::report::{ClassNorms, Report, Sample};
use super::request::About;
use crate::metrics::stats;

/// Rows listed at each end, and classes where there are too many to show all of them.
pub const LISTED: usize = 10;
/// Most classes that are shown one by one.
pub const MOST_CLASSES: usize = 20;

/// Fills in the classes and both ends.
pub(super) fn fill(report: &mut Report, seen: &Seen, about: About<'_>) {
    report.classes = by_class(&seen.lengths, about);
    (report.shortest, report.longest) = ends(seen, about);
}

/// The norms of each class that has a row with one, in the order of the classes.
fn by_class(lengths: &[f32], about: About<'_>) -> Vec<ClassNorms> {
    let Some(labels) = about.labels else { return Vec::new() };
    let mut rows: Vec<(u16, f32)> =
        labels.iter().copied().zip(lengths.iter().copied()).filter(|(_, length)| !length.is_nan()).collect();
    rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let of = |class: &[(u16, f32)]| {
        let sorted: Vec<f32> = class.iter().map(|row| row.1).collect();
        let [lower, median, upper] = [0.25, 0.5, 0.75].map(|q| stats::quantile_sorted(&sorted, q));
        ClassNorms { class: about.class(class[0].0), count: sorted.len(), lower, median, upper }
    };
    rows.chunk_by(|a, b| a.0 == b.0).map(of).collect()
}

/// The shortest rows, shortest first, and the longest of the others, longest first. Of copies only the first one.
fn ends(seen: &Seen, about: About<'_>) -> (Vec<Sample>, Vec<Sample>) {
    let mut rows: Vec<usize> = (0..seen.lengths.len())
        .filter(|row| !seen.lengths[*row].is_nan() && seen.copies.original(*row) == *row)
        .collect();
    let order = |a: &usize, b: &usize| seen.lengths[*a].total_cmp(&seen.lengths[*b]).then(a.cmp(b));
    let sample = |row: &usize| Sample {
        row: *row,
        name: about.names.map(|names| names[*row].clone()),
        norm: f64::from(seen.lengths[*row]),
        label: about.labels.map(|labels| about.class(labels[*row])),
    };
    let short = LISTED.min(rows.len());
    if short < rows.len() {
        rows.select_nth_unstable_by(short, order);
    }
    let (shortest, rest) = rows.split_at_mut(short);
    shortest.sort_unstable_by(order);
    let long = LISTED.min(rest.len());
    if long < rest.len() {
        let from = rest.len() - long;
        rest.select_nth_unstable_by(from, order);
    }
    let from = rest.len() - long;
    let longest = &mut rest[from..];
    longest.sort_unstable_by(order);
    (shortest.iter().map(sample).collect(), longest.iter().rev().map(sample).collect())
}

/// Classes to show, by median norm, shortest first: all, or as many from both ends as are listed; and how many are left out.
pub fn shown(classes: &[ClassNorms]) -> (Vec<&ClassNorms>, usize) {
    let mut sorted: Vec<&ClassNorms> = classes.iter().collect();
    sorted.sort_by(|a, b| a.median.total_cmp(&b.median));
    let left_out = if sorted.len() > MOST_CLASSES { sorted.len() - 2 * LISTED } else { 0 };
    if left_out > 0 {
        sorted.drain(LISTED..LISTED + left_out);
    }
    (sorted, left_out)
}
