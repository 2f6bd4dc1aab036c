//! A report in sentences: the answer, and what a reader must know to read the numbers.

use super::estimate;
use super::levels::Half;
use super::report::{Level, Outcome, Report};
use crate::metrics::stats::median;
use crate::studies::intervals::FEWEST;

impl Report {
    /// The result in words, if there is one: the fastest variant at the highest level that any reaches, and whether that is
    /// sure. There is none before the last run, from fewer than [`FEWEST`] seeds, where the standard fails, and where a
    /// better rate may lie outside of the grid.
    pub fn verdict(&self) -> String {
        if self.cells_done < self.cells_planned {
            return format!("{} of {} runs done; the answer comes with the last.", self.cells_done, self.cells_planned);
        }
        let Some(highest) = self.levels.last() else {
            return "That can't be answered: the standard diverges at every rate.".to_owned();
        };
        if self.seeds.len() < FEWEST {
            return format!("That can't be answered with fewer than {FEWEST} seeds.");
        }
        if is_flat(self) {
            return "That can't be answered: the standard hardly improves on the untrained network.".to_owned();
        }
        match self.levels.iter().rev().find_map(|level| self.fastest(level).map(|found| (level, found))) {
            Some((level, (row, ratio))) => self.ranked(level, row, ratio),
            None => format!("Not even to {} do more than half of a variant's runs get, at any rate.", goal(highest)),
        }
    }

    fn ranked(&self, level: &Level, row: &Outcome, ratio: f64) -> String {
        let goal = goal(level);
        let rows = || self.outcomes.iter().filter(|row| row.fraction == level.fraction);
        if let Some(standard) = rows().find(|row| row.variant == self.standard()).filter(|row| is_failure(row)) {
            return format!("That can't be answered: most runs of {} fail after they got to {goal}.", standard.variant);
        }
        let at_edge: Vec<&str> = rows().filter(|row| row.at_edge).map(|row| row.variant.as_str()).collect();
        if !at_edge.is_empty() {
            let (rate, lies) = if at_edge.len() == 1 { ("rate", "lies") } else { ("rates", "lie") };
            return format!(
                "Which variant gets to {goal} soonest can't be answered: the best {rate} of {} {lies} at the grid's edge, so \
                 better ones may lie outside. Widen the grid.",
                at_edge.join(", ")
            );
        }
        let sure = match (row.best_rate.low, row.best_rate.high) {
            (Some(low), _) if low > 1.0 => "all of it above 1",
            (_, Some(high)) if high < 1.0 => "all of it below 1",
            _ => "which includes 1: no sure difference",
        };
        let rates = if self.options.rates.values().len() > 1 { "each at its own best learning rate" } else { "as set" };
        let (variant, standard) = (&row.variant, self.standard());
        let [low, high] = [row.best_rate.low, row.best_rate.high].map(|end| estimate::end(end, 2));
        let speed = format!("times the speed of {standard} (95 % interval {low} to {high}, {sure})");
        if ratio > 1.0 {
            format!("To {goal}, {rates}, the fastest variant is {variant}: {ratio:.2} {speed}.")
        } else {
            format!("To {goal}, {rates}, no variant is faster; {variant} comes nearest: {ratio:.2} {speed}.")
        }
    }

    fn standard(&self) -> &str {
        self.options.variants.first().map_or("", |variant| variant.name.as_str())
    }

    /// The variant (not the standard) with the largest ratio at `level` whose runs do not fail; `None` when none has one.
    fn fastest(&self, level: &Level) -> Option<(&Outcome, f64)> {
        let rows = self.outcomes.iter().filter(|row| row.fraction == level.fraction && row.variant != self.standard());
        let ranked = rows.filter(|row| !is_failure(row)).filter_map(|row| Some((row, row.best_rate.value?)));
        ranked.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Whether most of a variant's runs at its best rate end in a way that is nothing to rank.
fn is_failure(row: &Outcome) -> bool {
    2 * (row.failed + row.diverged) > row.runs
}

/// Whether a level is hardly above the untrained network.
fn is_flat(report: &Report) -> bool {
    let least = level_zero(report) + 2.0 / f64::from(report.test_samples.max(1));
    report.levels.iter().any(|level| level.test <= least)
}

/// "kNN 93.5 % (level 0.95)"
fn goal(level: &Level) -> String {
    format!("kNN {:.1} % (level {})", 100.0 * level.test, level.fraction)
}

/// What a reader must know to read the numbers.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.cells_done < report.cells_planned {
        remarks.push(format!(
            "Not finished: {} of {} runs; results are about {} of {} seeds.",
            report.cells_done,
            report.cells_planned,
            report.seeds.len(),
            report.options.seeds.len()
        ));
    }
    if report.levels.is_empty() {
        if !report.seeds.is_empty() {
            remarks.push("The standard diverges at every rate, so there is no level to reach.".to_owned());
        }
        return remarks;
    }
    remarks.push(format!(
        "Step counts are multiples of {} steps; accuracies are multiples of 1/{}.",
        report.resolution,
        report.test_samples.max(1)
    ));
    if is_flat(report) {
        remarks.push("The standard hardly improves on the untrained network: the levels say little.".to_owned());
    }
    let places = |what: &dyn Fn(&Outcome) -> bool| {
        let mut by_variant: Vec<(&str, Vec<String>)> = Vec::new();
        for outcome in report.outcomes.iter().filter(|outcome| what(outcome)) {
            match by_variant.last_mut().filter(|(variant, _)| *variant == outcome.variant) {
                Some((_, levels)) => levels.push(outcome.fraction.to_string()),
                None => by_variant.push((&outcome.variant, vec![outcome.fraction.to_string()])),
            }
        }
        let name = |(variant, levels): &(&str, Vec<String>)| format!("{variant} at {}", levels.join(", "));
        by_variant.iter().map(name).collect::<Vec<_>>().join("; ")
    };
    let missed = |outcome: &Outcome| outcome.rate.is_some() && 2 * (outcome.censored + outcome.diverged) > outcome.runs;
    let kinds: [(&str, String); 4] = [
        ("At no rate do more than half of the runs get there on validation", places(&|outcome| outcome.rate.is_none())),
        ("More than half of the runs do not get there on test, so there is no median", places(&missed)),
        ("The best rate is at the grid's edge, a better one may lie outside", places(&|outcome| outcome.at_edge)),
        ("Most runs end collapsed, with norms that run away, or below their start", places(&is_failure)),
    ];
    remarks.extend(kinds.into_iter().filter(|(_, at)| !at.is_empty()).map(|(what, at)| format!("{what}: {at}.")));
    remarks
}

/// Median untrained accuracy of the standard on test.
fn level_zero(report: &Report) -> f64 {
    let firsts: Vec<f64> =
        report.cells.iter().filter(|cell| cell.variant == 0).map(|cell| cell.first(Half::Test)).collect();
    median(&firsts)
}
