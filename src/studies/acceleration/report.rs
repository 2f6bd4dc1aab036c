//! From finished runs to results: levels, each variant's best rate, steps and ratios with intervals, the whole grid.
//!
//! ```text
//! goal     = the standard's highest median last validation kNN over its rates (that rate is the standard's strongest)
//! level_f  = init + f (goal - init)          on each half with that half's own init and goal (medians over seeds)
//! best     = per variant and level: the rate with the fewest median steps on validation
//! ratio    = median steps of the standard / median steps of the variant, on test: above 1 the variant is faster
//! ```
//!
//! A median of runs of which more than half never arrive has no number: it is `None` and the counts say why. Results come
//! from seeds whose whole grid is done, so that every comparison is between the same seeds.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::estimate::{self, BOOTSTRAP_SEED, Estimate};
use super::levels::{self, Half};
use super::options::{Options, Plan};
use crate::config::Standing;
use crate::metrics::stats::median;
use crate::studies::intervals::{self, FEWEST};

/// A level of accuracy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Share of the way from untrained to the standard's goal.
    pub fraction: f64,
    /// The kNN accuracy on the validation half.
    pub validation: f64,
    /// The kNN accuracy on the test half.
    pub test: f64,
}

/// One variant at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The variant's name.
    pub variant: String,
    /// The level's fraction.
    pub fraction: f64,
    /// Its best learning rate for this level, chosen on validation; `None` when half of the runs arrive at no rate.
    pub rate: Option<f64>,
    /// Whether that is the grid's first or last rate, so that a better one may lie outside.
    pub at_edge: bool,
    /// Median steps to the level at that rate, on test.
    pub steps: Estimate,
    /// Runs at that rate.
    pub runs: u32,
    /// Those that stayed finite but did not reach the level on test.
    pub censored: u32,
    /// Those that diverged.
    pub diverged: u32,
    /// Those that ended collapsed, with norms that run away, or below their start.
    #[serde(default)]
    pub failed: u32,
    /// The standard's steps over this variant's, each at its own best rate.
    pub best_rate: Estimate,
    /// The standard's steps over this variant's, both at the standard's best rate (the same place in the grid).
    pub same_rate: Estimate,
    /// Runs of this variant at the standard's best rate that did not reach the level or diverged.
    pub same_rate_missing: u32,
    /// Median milliseconds of a training step at its best rate.
    pub millis: Option<f64>,
    /// As `best_rate`, in training time instead of steps.
    pub time_ratio: Option<f64>,
}

/// Where a variant ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Final {
    /// The variant's name.
    pub variant: String,
    /// The rate with the highest median last validation accuracy; `None` when more than half diverge at every rate.
    pub rate: Option<f64>,
    /// Its median last kNN accuracy on test.
    pub knn: Estimate,
    /// That minus the standard's at its own strongest rate.
    pub gain: Estimate,
}

/// One place of the grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridCell {
    /// The variant's name.
    pub variant: String,
    /// The learning rate.
    pub rate: f64,
    /// Runs so far.
    pub runs: u32,
    /// Those that diverged.
    pub diverged: u32,
    /// Median last kNN accuracy on validation.
    pub validation: Option<f64>,
    /// Median last kNN accuracy on test.
    pub test: Option<f64>,
    /// Median of the last median norms.
    pub norm: Option<f64>,
    /// Per level: median steps on test.
    pub steps: Vec<Option<f64>>,
    /// Per level: runs that stayed finite but did not reach it on test.
    pub censored: Vec<u32>,
    /// Per level: the standard's steps at this place of the grid over this variant's.
    pub same_rate: Vec<Option<f64>>,
}

/// Everything that a study found so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was studied.
    pub options: Options,
    /// `cpu`, `webgpu` or `wgpu`.
    pub device: String,
    /// The adapter's name.
    pub adapter: String,
    /// Finished runs.
    pub cells_done: u32,
    /// All runs.
    pub cells_planned: u32,
    /// The seeds whose whole grid is done; results are about these.
    pub seeds: Vec<u64>,
    /// Steps between two evaluations: no step count is finer.
    pub resolution: u32,
    /// Held-out samples that rates are chosen on.
    pub validation_samples: u32,
    /// Held-out samples that results are read off.
    pub test_samples: u32,
    /// The standard's strongest rate, which sets the goal.
    pub goal_rate: Option<f64>,
    /// The levels; empty until the first seed is done.
    pub levels: Vec<Level>,
    /// Variant by variant, level by level.
    pub outcomes: Vec<Outcome>,
    /// Variant by variant.
    pub finals: Vec<Final>,
    /// Variant by variant, rate by rate.
    pub grid: Vec<GridCell>,
    /// What a reader must know to read the numbers.
    pub remarks: Vec<String>,
    /// The runs with their curves.
    pub cells: Vec<Cell>,
}

/// What a report is made from.
pub struct Findings<'a> {
    /// The options.
    pub options: &'a Options,
    /// What they amount to.
    pub plan: &'a Plan,
    /// The finished runs, in the order of the plan.
    pub cells: &'a [Cell],
    /// Samples of the validation and the test half.
    pub halves: (usize, usize),
    /// Kind and name of the device.
    pub device: (&'a str, &'a str),
}

impl Findings<'_> {
    /// The report.
    pub fn report(&self) -> Report {
        let seeds = self.complete_seeds();
        let grid = self.grid(|cell| seeds.contains(&cell.seed));
        let goal = grid.first().filter(|_| !seeds.is_empty()).and_then(|standard| levels::strongest_rate(standard));
        let levels = goal.map_or_else(Vec::new, |goal| self.levels(&grid[0], goal));
        let mut report = Report {
            options: self.options.clone(),
            device: self.device.0.to_owned(),
            adapter: self.device.1.to_owned(),
            cells_done: self.cells.len() as u32,
            cells_planned: self.plan.cells() as u32,
            resolution: self.options.eval,
            validation_samples: self.halves.0 as u32,
            test_samples: self.halves.1 as u32,
            goal_rate: goal.map(|rate| self.plan.rate(0, rate)),
            outcomes: self.outcomes(&grid, &levels),
            finals: goal.map_or_else(Vec::new, |goal| self.finals(&grid, goal)),
            grid: self.grid_cells(&levels),
            remarks: Vec::new(),
            cells: self.cells.to_vec(),
            levels,
            seeds,
        };
        report.remarks = remarks(&report);
        report
    }

    fn complete_seeds(&self) -> Vec<u64> {
        let whole = self.plan.arms.len() * self.plan.rates.values().len();
        let done = |seed: u64| self.cells.iter().filter(|cell| cell.seed == seed).count();
        self.plan.seeds.iter().copied().filter(|seed| done(*seed) == whole).collect()
    }

    /// `[variant][rate]`: the runs that `keep` keeps, seed by seed.
    fn grid(&self, keep: impl Fn(&Cell) -> bool) -> Vec<Vec<Vec<&Cell>>> {
        let rates = self.plan.rates.values().len();
        let mut grid = vec![vec![Vec::new(); rates]; self.plan.arms.len()];
        for cell in self.cells.iter().filter(|cell| keep(cell)) {
            grid[cell.variant as usize][cell.rate as usize].push(cell);
        }
        grid
    }

    fn levels(&self, standard: &[Vec<&Cell>], goal: usize) -> Vec<Level> {
        let runs = &standard[goal];
        let at = |fraction: f64, half: Half| {
            let init = median(&runs.iter().map(|cell| cell.first(half)).collect::<Vec<_>>());
            levels::level(init, levels::median_last(runs, half), fraction)
        };
        let level = |&fraction: &f64| Level {
            fraction,
            validation: at(fraction, Half::Validation),
            test: at(fraction, Half::Test),
        };
        self.options.fractions.iter().map(level).collect()
    }

    fn outcomes(&self, grid: &[Vec<Vec<&Cell>>], levels: &[Level]) -> Vec<Outcome> {
        let variants = 0..if levels.is_empty() { 0 } else { grid.len() };
        variants.flat_map(|variant| levels.iter().map(move |level| self.outcome(grid, variant, level))).collect()
    }

    fn outcome(&self, grid: &[Vec<Vec<&Cell>>], variant: usize, level: &Level) -> Outcome {
        let resamples = self.options.resamples;
        let steps = |cells: &[&Cell]| levels::steps(cells, level.test, Half::Test);
        let best = levels::best_rate(&grid[variant], level.validation);
        let standard_best = levels::best_rate(&grid[0], level.validation);
        let own: &[&Cell] = best.map_or(&[], |rate| &grid[variant][rate]);
        let standard: &[&Cell] = standard_best.map_or(&[], |rate| &grid[0][rate]);
        let same: &[&Cell] = standard_best.map_or(&[], |rate| &grid[variant][rate]);
        let ratio = |own: &[&Cell]| Estimate::of_ratio(&steps(standard), &steps(own), resamples);
        let best_rate = ratio(own);
        let speed = millis(standard).zip(millis(own)).map(|(standard, own)| standard / own);
        let last = grid[variant].len() - 1;
        Outcome {
            variant: self.options.variants[variant].name.clone(),
            fraction: level.fraction,
            rate: best.map(|rate| self.plan.rate(variant, rate)),
            at_edge: last > 0 && best.is_some_and(|rate| rate == 0 || rate == last),
            steps: Estimate::of_median(&steps(own), resamples),
            runs: own.len() as u32,
            censored: censored(own, level.test),
            diverged: diverged(own),
            failed: failed(own, self.plan.arms[variant].dim),
            best_rate,
            same_rate: ratio(same),
            same_rate_missing: censored(same, level.test) + diverged(same),
            millis: millis(own),
            time_ratio: best_rate.value.zip(speed).map(|(ratio, speed)| ratio * speed),
        }
    }

    fn finals(&self, grid: &[Vec<Vec<&Cell>>], goal: usize) -> Vec<Final> {
        let last = |cells: &[&Cell]| cells.iter().map(|cell| cell.last(Half::Test)).collect::<Vec<f64>>();
        let standard = last(&grid[0][goal]);
        let row = |(variant, rates): (usize, &Vec<Vec<&Cell>>)| {
            let rate = levels::strongest_rate(rates);
            let own = rate.map_or_else(Vec::new, |rate| last(&rates[rate]));
            let gain = |indices: &[usize]| {
                let pick = |values: &[f64]| median(&indices.iter().map(|&i| values[i]).collect::<Vec<_>>());
                pick(&own) - pick(&standard)
            };
            let interval = intervals::interval(own.len(), self.options.resamples, BOOTSTRAP_SEED, gain);
            Final {
                variant: self.options.variants[variant].name.clone(),
                rate: rate.map(|rate| self.plan.rate(variant, rate)),
                knn: Estimate::of_median(&own, self.options.resamples),
                gain: Estimate::new(median(&own) - median(&standard), interval),
            }
        };
        grid.iter().enumerate().map(row).collect()
    }

    /// All finished runs, also those of seeds that are not complete.
    fn grid_cells(&self, levels: &[Level]) -> Vec<GridCell> {
        let grid = self.grid(|_| true);
        let finite = |x: f64| x.is_finite().then_some(x);
        let mut rows = Vec::new();
        for (variant, rates) in grid.iter().enumerate() {
            for (rate, cells) in rates.iter().enumerate() {
                let median_steps = |cells: &[&Cell], level: &Level| levels::median_steps(cells, level.test, Half::Test);
                let ratio = |level: &Level| median_steps(&grid[0][rate], level) / median_steps(cells, level);
                let norms: Vec<f64> =
                    cells.iter().filter_map(|cell| cell.curve.norm.last()).map(|norm| f64::from(*norm)).collect();
                rows.push(GridCell {
                    variant: self.options.variants[variant].name.clone(),
                    rate: self.plan.rate(variant, rate),
                    runs: cells.len() as u32,
                    diverged: diverged(cells),
                    validation: finite(levels::median_last(cells, Half::Validation)),
                    test: finite(levels::median_last(cells, Half::Test)),
                    norm: finite(median(&norms)),
                    steps: levels.iter().map(|level| finite(median_steps(cells, level))).collect(),
                    censored: levels.iter().map(|level| censored(cells, level.test)).collect(),
                    same_rate: levels.iter().map(|level| finite(ratio(level)).filter(|ratio| *ratio > 0.0)).collect(),
                });
            }
        }
        rows
    }
}

/// Runs that stayed finite but did not reach `level` on test.
fn censored(cells: &[&Cell], level: f64) -> u32 {
    cells.iter().filter(|cell| cell.diverged.is_none() && cell.steps_to(level, Half::Test).is_infinite()).count() as u32
}

fn diverged(cells: &[&Cell]) -> u32 {
    cells.iter().filter(|cell| cell.diverged.is_some()).count() as u32
}

/// Runs that stayed finite, but whose end is nothing to rank.
fn failed(cells: &[&Cell], dim: u32) -> u32 {
    let is_failed = |cell: &&&Cell| cell.diverged.is_none() && cell.standing(dim) != Standing::Fine;
    cells.iter().filter(is_failed).count() as u32
}

/// Median milliseconds of a step over runs that were timed.
fn millis(cells: &[&Cell]) -> Option<f64> {
    let times: Vec<f64> = cells.iter().map(|cell| f64::from(cell.millis)).filter(|millis| *millis > 0.0).collect();
    Some(median(&times)).filter(|millis| millis.is_finite())
}

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
fn remarks(report: &Report) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::super::Variant;
    use super::super::levels::tests::cell;
    use super::super::options::Rates;
    use super::*;

    const RATES: usize = 2;

    fn options(seeds: u64) -> Options {
        Options {
            variants: vec![Variant::new("standard", &[]), Variant::new("other", &["gradscale=1"])],
            rates: Rates::Absolute(vec![0.1, 0.2]),
            seeds: (0..seeds).collect(),
            fractions: vec![0.5],
            ..Options::default()
        }
    }

    /// The report on `curves[variant][rate](seed)`.
    fn report(seeds: u64, curve: impl Fn(usize, usize, u64) -> Cell) -> Report {
        let options = options(seeds);
        let plan = options.plan().unwrap();
        let make = |index: usize| {
            let (variant, rate, seed) = plan.at(index);
            let seed = plan.seeds[seed];
            Cell { variant: variant as u32, rate: rate as u32, seed, ..curve(variant, rate, seed) }
        };
        let cells: Vec<Cell> = (0..plan.cells()).map(make).collect();
        findings(&options, &plan, &cells).report()
    }

    fn findings<'a>(options: &'a Options, plan: &'a Plan, cells: &'a [Cell]) -> Findings<'a> {
        Findings { options, plan, cells, halves: (100, 100), device: ("cpu", "CPU") }
    }

    /// Rises from 0 in equal steps, reaching `end` at evaluation `at`, and stays.
    fn ramp(at: usize, end: f32) -> Cell {
        cell(&(0..9).map(|i| end * (i as f32 / at as f32).min(1.0)).collect::<Vec<_>>())
    }

    fn outcome(report: &Report, variant: usize) -> &Outcome {
        &report.outcomes[variant]
    }

    #[test]
    fn a_variant_that_is_only_a_rate_change_gains_at_the_same_rate_and_nothing_at_its_best() {
        // The standard needs 40 steps at rate 0 and 20 at rate 1 (to half of 0.8); the other one the reverse.
        let report = report(5, |variant, rate, _| ramp(if variant == rate { 8 } else { 4 }, 0.8));
        assert_eq!(report.levels[0].test, f64::from(0.4_f32));
        let other = outcome(&report, 1);
        assert_eq!((other.rate, other.best_rate.value, other.same_rate.value), (Some(0.1), Some(1.0), Some(0.5)));
        assert_eq!(outcome(&report, 0).rate, Some(0.2));
        assert_eq!(
            outcome(&report, 0).steps,
            Estimate { value: Some(20.0), low: Some(20.0), high: Some(20.0), has_interval: true }
        );
        // With two rates each is an edge.
        assert!(
            report.verdict().contains("the best rates of standard, other lie at the grid's edge"),
            "{}",
            report.verdict()
        );
        let slow_rate = report.grid.iter().find(|place| place.variant == "other" && place.rate == 0.1).unwrap();
        assert_eq!(slow_rate.same_rate, [Some(2.0)]);
    }

    /// The report on three rates of which the middle one is the best: 20 steps for the standard, `steps` for the other.
    fn settled(seeds: u64, at: usize, end: f32) -> Report {
        let options = Options { rates: Rates::Absolute(vec![0.1, 0.2, 0.4]), ..options(seeds) };
        let plan = options.plan().unwrap();
        let make = |index: usize| {
            let (variant, rate, seed) = plan.at(index);
            let mut run = ramp(
                if rate != 1 {
                    8
                } else if variant == 0 {
                    4
                } else {
                    at
                },
                0.8,
            );
            if variant == 1 {
                run.curve.test.extend([end]);
                run.curve.steps.extend([90]);
                run.curve.spread.extend([0.2]);
                run.curve.norm.extend([1.0]);
            }
            Cell { variant: variant as u32, rate: rate as u32, seed: plan.seeds[seed], ..run }
        };
        let cells: Vec<Cell> = (0..plan.cells()).map(make).collect();
        findings(&options, &plan, &cells).report()
    }

    #[test]
    fn fastest_is_said_only_above_one() {
        let faster = settled(5, 2, 0.8).verdict();
        assert!(faster.contains("the fastest variant is other: 2.00 times the speed of standard"), "{faster}");
        assert!(faster.ends_with("(95 % interval 2.00 to 2.00, all of it above 1)."), "{faster}");
        let slower = settled(5, 6, 0.8).verdict();
        assert!(
            slower.contains("no variant is faster; other comes nearest: 0.67") && !slower.contains("fastest"),
            "{slower}"
        );
        let same = settled(5, 4, 0.8).verdict();
        assert!(same.contains("no variant is faster") && same.contains("no sure difference"), "{same}");
    }

    #[test]
    fn few_seeds_have_no_interval_and_no_verdict() {
        for seeds in [1, 2] {
            let report = settled(seeds, 2, 0.8);
            let ratio = outcome(&report, 1).best_rate;
            assert_eq!((ratio.value, ratio.low, ratio.high, ratio.has_interval), (Some(2.0), None, None, false));
            assert_eq!(estimate::range(ratio, 2), "2.00");
            assert!(report.verdict().contains("fewer than 3 seeds"), "{}", report.verdict());
        }
    }

    #[test]
    fn a_variant_whose_runs_fail_in_the_end_is_not_ranked() {
        let report = settled(5, 2, -0.1);
        assert_eq!((outcome(&report, 1).failed, outcome(&report, 0).failed), (5, 0));
        assert!(report.verdict().starts_with("Not even to kNN"), "{}", report.verdict());
        assert!(
            report.remarks.iter().any(|remark| remark.starts_with("Most runs end collapsed")),
            "{:?}",
            report.remarks
        );
    }

    #[test]
    fn rates_are_chosen_on_validation_and_steps_reported_on_test() {
        let report = report(5, |variant, rate, _| {
            let mut run = ramp(4, 0.8);
            if variant == 1 {
                // Rate 0 looks fast on validation and is slow on test.
                run.curve.validation = ramp(if rate == 0 { 2 } else { 4 }, 0.8).curve.validation;
                run.curve.test = ramp(if rate == 0 { 8 } else { 4 }, 0.8).curve.test;
            }
            run
        });
        let other = outcome(&report, 1);
        assert_eq!((other.rate, other.steps.value, other.best_rate.value), (Some(0.1), Some(40.0), Some(0.5)));
    }

    #[test]
    fn a_minority_of_censored_runs_is_counted_and_a_majority_leaves_no_median() {
        // On validation all arrive; on test `late` seeds of the other variant don't.
        let with_late = |late: u64| {
            report(5, |variant, _, seed| {
                let mut run = ramp(4, 0.8);
                if variant == 1 && seed < late {
                    run.curve.test = vec![0.0; 9];
                }
                run
            })
        };
        let two = with_late(2);
        let other = outcome(&two, 1);
        assert_eq!((other.runs, other.censored, other.diverged), (5, 2, 0));
        assert_eq!((other.steps.value, other.steps.low, other.steps.high), (Some(20.0), Some(20.0), None));
        assert_eq!((other.best_rate.value, other.best_rate.low), (Some(1.0), Some(0.0)));
        let three = with_late(3);
        let other = outcome(&three, 1);
        assert_eq!((other.censored, other.steps.value, other.best_rate.value), (3, None, None));
        assert!(three.remarks.iter().any(|remark| remark.contains("no median: other at 0.5.")), "{:?}", three.remarks);
    }

    #[test]
    fn diverged_runs_are_counted_apart_and_never_make_a_rate_the_best() {
        let report = report(3, |variant, rate, _| match (variant, rate) {
            // Fast, then infinite.
            (1, 1) => Cell { diverged: Some(55), ..cell(&[0.0, 0.9, 0.9]) },
            _ => ramp(4, 0.8),
        });
        let other = outcome(&report, 1);
        assert_eq!((other.rate, other.diverged), (Some(0.1), 0));
        let place = report.grid.iter().find(|place| place.variant == "other" && place.rate == 0.2).unwrap();
        assert_eq!((place.diverged, place.censored[0], place.steps[0]), (3, 0, None));
    }

    #[test]
    fn a_variant_that_gets_nowhere_has_no_rate_and_the_remarks_say_so() {
        let report = report(3, |variant, _, _| if variant == 1 { cell(&[0.0; 9]) } else { ramp(4, 0.8) });
        let other = outcome(&report, 1);
        assert_eq!((other.rate, other.runs, other.steps), (None, 0, Estimate::default()));
        assert_eq!(other.best_rate, Estimate::default());
        assert!(
            report.remarks.iter().any(|remark| remark.starts_with("At no rate") && remark.ends_with("other at 0.5."))
        );
        assert!(report.verdict().starts_with("Not even to kNN"), "{}", report.verdict());
        // It still has a last accuracy, below the standard's.
        assert!((report.finals[1].gain.value.unwrap() + 0.8).abs() < 1e-6);
    }

    #[test]
    fn the_interval_is_paired_by_seed() {
        // Every seed differs, the other variant always takes half the steps.
        let report = report(4, |variant, _, seed| {
            let at = 2 * (seed as usize + 1);
            let steps = if variant == 0 { 2 * at } else { at };
            let reached = |i: usize| if i >= steps { 0.8 } else { 0.0 };
            cell(&(0..20).map(reached).collect::<Vec<_>>())
        });
        let ratio = outcome(&report, 1).best_rate;
        assert_eq!((ratio.value, ratio.low, ratio.high), (Some(2.0), Some(2.0), Some(2.0)));
    }

    #[test]
    fn time_counts_as_well_as_steps() {
        let report = report(3, |variant, _, _| Cell { millis: [2.0, 4.0][variant], ..ramp([8, 4][variant], 0.8) });
        let other = outcome(&report, 1);
        assert_eq!((other.best_rate.value, other.time_ratio, other.millis), (Some(2.0), Some(1.0), Some(4.0)));
    }

    #[test]
    fn a_report_before_the_end_is_about_whole_seeds_only() {
        let options = options(3);
        let plan = options.plan().unwrap();
        let make = |index: usize| {
            let (variant, rate, seed) = plan.at(index);
            Cell { variant: variant as u32, rate: rate as u32, seed: plan.seeds[seed], ..ramp(4, 0.8) }
        };
        let cells: Vec<Cell> = (0..=2 * RATES).map(make).collect();
        let early = findings(&options, &plan, &cells).report();
        assert_eq!((early.seeds.as_slice(), early.outcomes[0].runs, early.grid[0].runs), (&[0_u64][..], 1, 2));
        assert!(early.remarks[0].starts_with("Not finished: 5 of 12 runs"));
        assert_eq!(early.verdict(), "5 of 12 runs done; the answer comes with the last.");
        let none = findings(&options, &plan, &cells[..3]).report();
        assert!(none.levels.is_empty() && none.outcomes.is_empty() && none.grid[0].validation.is_some());
    }

    #[test]
    fn a_report_survives_json_bit_by_bit() {
        let report = report(3, |variant, rate, seed| ramp(2 + variant + rate + seed as usize, 0.7));
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap().cells, report.cells);
    }
}
