//! Steps to a level, and medians over runs of which some never get there.
//!
//! A run that does not reach a level within its steps is *censored*: it counts as +infinity. So does a run that diverges,
//! even after it has passed the level: a rate that diverges in the end must not look good.

use super::cell::Cell;
use crate::metrics::stats::median;

/// Which half of the held-out samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Learning rates are chosen on it.
    Validation,
    /// Results are reported on it.
    Test,
}

impl Cell {
    /// The kNN curve on one half.
    pub fn knn(&self, half: Half) -> &[f32] {
        match half {
            Half::Validation => &self.curve.validation,
            Half::Test => &self.curve.test,
        }
    }

    /// kNN accuracy before training; NaN if the run holds nothing.
    pub fn first(&self, half: Half) -> f64 {
        self.knn(half).first().map_or(f64::NAN, |knn| f64::from(*knn))
    }

    /// kNN accuracy at the end, or at the last evaluation before divergence; NaN if the run holds nothing.
    pub fn last(&self, half: Half) -> f64 {
        self.knn(half).last().map_or(f64::NAN, |knn| f64::from(*knn))
    }

    /// Training steps until the first evaluation at or above `level`; infinite for censored and diverged runs.
    pub fn steps_to(&self, level: f64, half: Half) -> f64 {
        if self.diverged.is_some() {
            return f64::INFINITY;
        }
        let reached = self.knn(half).iter().position(|knn| f64::from(*knn) >= level);
        reached.and_then(|at| self.curve.steps.get(at)).map_or(f64::INFINITY, |step| f64::from(*step))
    }
}

/// `init + f * (goal - init)`.
pub fn level(init: f64, goal: f64, fraction: f64) -> f64 {
    init + fraction * (goal - init)
}

/// Median steps to `level` over `cells`.
pub fn median_steps(cells: &[&Cell], level: f64, half: Half) -> f64 {
    median(&steps(cells, level, half))
}

/// Steps to `level` of each cell.
pub fn steps(cells: &[&Cell], level: f64, half: Half) -> Vec<f64> {
    cells.iter().map(|cell| cell.steps_to(level, half)).collect()
}

/// Median of the last accuracies over `cells`.
pub fn median_last(cells: &[&Cell], half: Half) -> f64 {
    median(&cells.iter().map(|cell| cell.last(half)).collect::<Vec<_>>())
}

/// The place with the fewest median steps on validation; of equal ones that with the higher last accuracy, then the
/// smaller rate. `None` when at no place half of the runs get there.
pub fn best_rate(grid: &[Vec<&Cell>], level: f64) -> Option<usize> {
    let score =
        |cells: &Vec<&Cell>| (median_steps(cells, level, Half::Validation), -median_last(cells, Half::Validation));
    let scores: Vec<(f64, f64)> = grid.iter().map(score).collect();
    let order = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
    let best = (0..scores.len()).min_by(|&a, &b| order(&scores[a], &scores[b]))?;
    scores[best].0.is_finite().then_some(best)
}

/// The place with the highest median last validation accuracy among those where no more than half of the runs diverge;
/// of equal ones the smaller rate.
pub fn strongest_rate(grid: &[Vec<&Cell>]) -> Option<usize> {
    let score = |cells: &Vec<&Cell>| {
        let diverged = cells.iter().filter(|cell| cell.diverged.is_some()).count();
        let last = median_last(cells, Half::Validation);
        (2 * diverged <= cells.len() && last.is_finite()).then_some(last)
    };
    let mut best: Option<(usize, f64)> = None;
    for (at, score) in grid.iter().map(score).enumerate() {
        if let Some(score) = score
            && best.is_none_or(|(_, highest)| score > highest)
        {
            best = Some((at, score));
        }
    }
    best.map(|(at, _)| at)
}

/// Hand-made runs for tests.
#[cfg(test)]
pub mod tests {
    use super::super::cell::Curve;
    use super::*;

    /// A run evaluated every 10 steps with the same curve on both halves.
    pub fn cell(knn: &[f32]) -> Cell {
        let n = knn.len();
        Cell {
            variant: 0,
            rate: 0,
            seed: 0,
            lr: 0.1,
            curve: Curve {
                steps: (0..n as u32).map(|i| 10 * i).collect(),
                validation: knn.to_vec(),
                test: knn.to_vec(),
                norm: vec![1.0; n],
                spread: vec![0.2; n],
            },
            loss: Some(1.0),
            diverged: None,
            millis: 2.0,
            weights_hash: String::new(),
            batch_hash: String::new(),
        }
    }

    #[test]
    fn the_first_evaluation_at_the_level_counts_also_if_the_curve_falls_again() {
        let run = cell(&[0.25, 0.5, 0.75, 0.5, 1.0]);
        assert_eq!(run.steps_to(0.75, Half::Test), 20.0);
        assert_eq!(run.steps_to(0.76, Half::Test), 40.0);
        assert_eq!(run.steps_to(0.1, Half::Test), 0.0);
        assert_eq!((run.first(Half::Validation), run.last(Half::Validation)), (0.25, 1.0));
    }

    #[test]
    fn a_run_that_never_arrives_or_diverges_later_counts_as_infinite() {
        let run = cell(&[0.25, 0.5]);
        assert_eq!(run.steps_to(0.75, Half::Test), f64::INFINITY);
        let diverged = Cell { diverged: Some(17), ..cell(&[0.25, 1.0]) };
        assert_eq!(diverged.steps_to(0.75, Half::Test), f64::INFINITY);
    }

    #[test]
    fn the_halves_are_read_separately() {
        let mut run = cell(&[0.0, 0.0, 1.0]);
        run.curve.validation = vec![0.0, 1.0, 1.0];
        assert_eq!((run.steps_to(0.5, Half::Validation), run.steps_to(0.5, Half::Test)), (10.0, 20.0));
    }

    #[test]
    fn the_best_rate_is_the_one_with_the_fewest_median_steps_and_censored_runs_pull_it_up() {
        let (slow, fast, never) = (cell(&[0.0, 0.0, 0.9]), cell(&[0.0, 0.9, 0.9]), cell(&[0.0, 0.1, 0.1]));
        // Median of (10, inf, inf) is inf: one lucky run does not make a rate the best.
        let grid = vec![vec![&slow, &slow, &slow], vec![&fast, &never, &never], vec![&slow, &fast, &slow]];
        assert_eq!(best_rate(&grid, 0.5), Some(0));
        let grid = vec![vec![&slow, &slow, &slow], vec![&fast, &fast, &never]];
        assert_eq!(best_rate(&grid, 0.5), Some(1));
        assert_eq!(best_rate(&[vec![&never, &never, &fast]], 0.5), None);
        assert_eq!(best_rate(&[], 0.5), None);
    }

    #[test]
    fn equally_fast_rates_are_told_apart_by_their_end() {
        let (lower, higher) = (cell(&[0.0, 0.9, 0.8]), cell(&[0.0, 0.9, 0.95]));
        assert_eq!(best_rate(&[vec![&lower], vec![&higher]], 0.5), Some(1));
        assert_eq!(best_rate(&[vec![&higher], vec![&higher]], 0.5), Some(0));
    }

    #[test]
    fn the_strongest_rate_ends_highest_and_mostly_finite() {
        let (good, better) = (cell(&[0.0, 0.8]), cell(&[0.0, 0.9]));
        let diverged = Cell { diverged: Some(15), ..cell(&[0.0, 1.0]) };
        assert_eq!(strongest_rate(&[vec![&good], vec![&better], vec![&diverged]]), Some(1));
        assert_eq!(strongest_rate(&[vec![&better, &diverged, &diverged]]), None);
    }

    #[test]
    fn a_level_lies_between_the_untrained_and_the_goal() {
        assert!((level(0.5, 0.9, 0.75) - 0.8).abs() < 1e-12);
    }
}
