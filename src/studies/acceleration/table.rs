//! The tables of an acceleration report.

use super::estimate::{Estimate, range};
use super::report::{Outcome, Report};
use crate::studies::intervals::FEWEST;
use crate::table::{Table, number, plain};

/// One row for each variant and level.
pub fn outcomes(report: &Report) -> Table {
    let header = vec![
        "variant",
        "level",
        "knn",
        "rate",
        "at_edge",
        "steps",
        "steps_low",
        "steps_high",
        "runs",
        "censored",
        "diverged",
        "best_rate_ratio",
        "best_rate_low",
        "best_rate_high",
        "same_rate_ratio",
        "same_rate_low",
        "same_rate_high",
        "same_rate_missing",
        "time_ratio",
        "millis_per_step",
    ];
    let row = |outcome: &Outcome| {
        let level = report.levels.iter().find(|level| level.fraction == outcome.fraction);
        let mut row = vec![
            outcome.variant.clone(),
            outcome.fraction.to_string(),
            number(level.map(|level| level.test), 4),
            plain(outcome.rate),
            outcome.at_edge.to_string(),
        ];
        row.extend(estimate(outcome.steps, 1));
        row.extend([outcome.runs, outcome.censored, outcome.diverged].map(|count| count.to_string()));
        row.extend(estimate(outcome.best_rate, 3));
        row.extend(estimate(outcome.same_rate, 3));
        row.push(outcome.same_rate_missing.to_string());
        row.extend([number(outcome.time_ratio, 3), number(outcome.millis, 3)]);
        row
    };
    Table { header, rows: report.outcomes.iter().map(row).collect() }
}

/// The columns of [`level_rows`].
pub const LEVEL_HEADER: [&str; 8] =
    ["variant", "best lr", "steps", "missed", "speed", "speed at same lr", "missed at same lr", "speed in time"];

/// What the columns and marks of [`level_rows`] mean, for a note under the table.
pub fn level_note(report: &Report, fraction: f64) -> String {
    let rows = || report.outcomes.iter().filter(|outcome| outcome.fraction == fraction);
    let mut note = vec![
        "Speed: the standard's steps over the variant's, each at its best rate (same lr: both at the standard's; in time: times \
         what a step takes); above 1 the variant is faster. Missed: runs that did not get there or diverged."
            .to_owned(),
    ];
    let estimates = || rows().flat_map(|row| [row.steps, row.best_rate, row.same_rate]).filter(|one| one.has_interval);
    if estimates().next().is_some() {
        note.push("In brackets: 95 % intervals over seeds.".to_owned());
    } else {
        note.push(format!("There are no intervals with fewer than {FEWEST} seeds."));
    }
    if estimates().any(|one| one.value.is_some() && (one.low.is_none() || one.high.is_none())) {
        note.push("?: an end that is open, since some runs do not get there.".to_owned());
    }
    if rows().any(|row| row.at_edge) {
        note.push("*: the best rate lies at the grid's edge; a better one may lie outside.".to_owned());
    }
    note.join(" ")
}

/// One row for each variant at one level, for reading; `*` marks a rate at the grid's edge.
pub fn level_rows(report: &Report, fraction: f64) -> Vec<Vec<String>> {
    report.outcomes.iter().filter(|outcome| outcome.fraction == fraction).map(level_row).collect()
}

fn level_row(outcome: &Outcome) -> Vec<String> {
    let edge = if outcome.at_edge { "*" } else { "" };
    let missed = outcome.censored + outcome.diverged;
    vec![
        outcome.variant.clone(),
        format!("{}{edge}", plain(outcome.rate)),
        range(outcome.steps, 0),
        format!("{missed}/{}", outcome.runs),
        range(outcome.best_rate, 2),
        range(outcome.same_rate, 2),
        outcome.same_rate_missing.to_string(),
        outcome.time_ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
    ]
}

/// One row for each variant, rate and level.
pub fn grid(report: &Report) -> Table {
    let header = vec![
        "variant",
        "rate",
        "level",
        "runs",
        "diverged",
        "censored",
        "steps",
        "same_rate_ratio",
        "knn_validation",
        "knn_test",
        "norm",
    ];
    let mut rows = Vec::new();
    for place in &report.grid {
        for (at, level) in report.levels.iter().enumerate() {
            rows.push(vec![
                place.variant.clone(),
                plain(Some(place.rate)),
                level.fraction.to_string(),
                place.runs.to_string(),
                place.diverged.to_string(),
                place.censored[at].to_string(),
                number(place.steps[at], 1),
                number(place.same_rate[at], 3),
                number(place.validation, 4),
                number(place.test, 4),
                number(place.norm, 4),
            ]);
        }
    }
    Table { header, rows }
}

/// One row for each evaluation of each run.
pub fn curves(report: &Report) -> Table {
    let header = vec!["variant", "rate", "seed", "step", "knn_validation", "knn_test", "norm_q50", "spread"];
    let mut rows = Vec::new();
    for cell in &report.cells {
        let name = report.options.variants.get(cell.variant as usize).map_or("", |variant| variant.name.as_str());
        for (at, step) in cell.curve.steps.iter().enumerate() {
            let value = |values: &[f32]| number(values.get(at).map(|v| f64::from(*v)), 5);
            let curve = &cell.curve;
            let mut row = vec![name.to_owned(), plain(Some(cell.lr)), cell.seed.to_string(), step.to_string()];
            row.extend([&curve.validation, &curve.test, &curve.norm, &curve.spread].map(|values| value(values)));
            rows.push(row);
        }
    }
    Table { header, rows }
}

fn estimate(estimate: Estimate, digits: usize) -> [String; 3] {
    [estimate.value, estimate.low, estimate.high].map(|value| number(value, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_have_one_name() {
        let names: std::collections::BTreeSet<&str> = LEVEL_HEADER.into_iter().collect();
        assert_eq!(names.len(), LEVEL_HEADER.len());
    }
}
