//! From finished runs to a report.
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

use super::cell::Cell;
use super::estimate::{BOOTSTRAP_SEED, Estimate};
use super::levels::{self, Half};
use super::options::{Options, Plan};
use super::report::{Final, GridCell, Level, Outcome, Report};
use super::words::remarks;
use crate::config::Standing;
use crate::metrics::stats::median;
use crate::studies::intervals;

/// What a report is made from.
pub struct Finished<'a> {
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

impl Finished<'_> {
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

#[cfg(test)]
mod tests;
