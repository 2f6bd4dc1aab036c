//! How an arm stands: the one place that decides whether its curves may be raced, ranked or called healthy.
//!
//! ```text
//! Diverged    its loss stopped being finite
//! RunsAway    the median norm is over 1,000, and over 1,000 times what it began with
//! Collapsed   the spread is under a tenth of 1/sqrt(d), and under half of what it began with
//! Narrow      the effective rank is under a third of what dimension and classes allow (at most nine), and under half of what it
//!             began with
//! BelowStart  kNN accuracy is more than a point below the untrained network's
//! Fine        none of these
//! ```
//!
//! Used by the race line, the words over the spheres, the spoken summary, the presets' test, the diagnosis, the studies'
//! verdicts and the command line. The limits were read off the presets' recorded runs: arms that learn have norms up to 36
//! and end with at least 0.7 of the even spread, arms that fail 1e10 or 0.002. Networks without batch norm *begin* with 0.09
//! to 0.17 of it, so a narrow beginning is not yet a collapse. Effective ranks of arms that learn were 6.6 or more in 16 to 128
//! dimensions (digits and shapes, all steps), and 2.7 in three; collapsed ones 1.3 and 2.6 in 16.

use crate::text::number;

/// Spread, as a share of the even spread 1/sqrt(d), below which all embeddings point the same way.
pub const COLLAPSED: f64 = 0.1;
/// Effective rank, as a share of the directions that one may expect, below which embeddings lie in a few directions.
const NARROW: f64 = 1.0 / 3.0;
/// Most directions that are expected, whatever the dimension: as many as ten classes need.
const EXPECTED: usize = 9;
/// Median norm from which an arm may be running away, and the growth since its start that it takes.
const RUNAWAY: f64 = 1e3;
/// A loss of kNN accuracy that is more than the noise of a few hundred held-out samples.
const LOST: f64 = 0.01;

/// How an arm stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Its numbers may be compared.
    Fine,
    /// It stopped being finite at this step.
    Diverged(u32),
    /// Its norms run away; the last median.
    RunsAway(f64),
    /// All embeddings point the same way.
    Collapsed,
    /// The embeddings use a few directions only; the last effective rank.
    Narrow(f64),
    /// kNN accuracy is lower than before training.
    BelowStart,
}

/// What an arm has shown: (step, value) of each evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Held-out kNN accuracy, 0..1.
    pub knn: Vec<(f64, f64)>,
    /// Spread of the directions.
    pub spread: Vec<(f64, f64)>,
    /// Effective rank.
    pub rank: Vec<(f64, f64)>,
    /// Classes of the data; 0 where that is not known.
    pub classes: usize,
    /// Median |z|.
    pub norm: Vec<(f64, f64)>,
    /// The step at which it stopped early.
    pub stopped: Option<u32>,
    /// Embedding dimension.
    pub dim: u32,
}

impl Seen {
    /// How the arm stands at its last evaluation.
    pub fn standing(&self) -> Standing {
        if let Some(step) = self.stopped {
            return Standing::Diverged(step);
        }
        if let Some((_, last)) = ends(&self.norm).filter(|(first, last)| *last > RUNAWAY && *last > RUNAWAY * first) {
            return Standing::RunsAway(last);
        }
        if ends(&self.spread).is_some_and(|(first, last)| is_collapsed(last, self.dim) && last < 0.5 * first) {
            return Standing::Collapsed;
        }
        let narrow = narrow_below(self.dim as usize, Some(self.classes));
        if let Some((_, last)) = ends(&self.rank).filter(|(first, last)| *last < narrow && *last < 0.5 * first) {
            return Standing::Narrow(last);
        }
        match ends(&self.knn) {
            Some((first, last)) if last < first - LOST => Standing::BelowStart,
            _ => Standing::Fine,
        }
    }

    /// How far kNN accuracy has risen above the untrained network's, in points of accuracy.
    pub fn rise(&self) -> f64 {
        ends(&self.knn).map_or(0.0, |(first, last)| last - first)
    }
}

impl Standing {
    /// What happened to the arm, to follow its name: "ran away (median norm 1.3e10)". `None` where it is fine.
    pub fn failure(self) -> Option<String> {
        match self {
            Standing::Fine => None,
            Standing::Diverged(step) => Some(format!("diverged at step {step}")),
            Standing::RunsAway(norm) => Some(format!("ran away (median norm {})", number(norm, 0))),
            Standing::Collapsed => Some("collapsed".to_owned()),
            Standing::Narrow(rank) => {
                Some(format!("collapsed onto few dimensions (effective rank {})", number(rank, 1)))
            }
            Standing::BelowStart => Some("is below its start".to_owned()),
        }
    }
}

/// Whether directions with this spread all point the same way. With one dimension they can't.
pub fn is_collapsed(spread: f64, dim: u32) -> bool {
    dim > 1 && spread * f64::from(dim).sqrt() < COLLAPSED
}

/// The effective rank below which embeddings lie in a few directions. Classes that lie apart need one direction less than
/// there are classes; without classes (none known, or one) as many are expected as ten need.
pub fn narrow_below(dim: usize, classes: Option<usize>) -> f64 {
    let needed = classes.filter(|classes| *classes > 1).map_or(EXPECTED, |classes| classes - 1);
    NARROW * dim.min(needed).min(EXPECTED) as f64
}

/// The first and the last value.
fn ends(series: &[(f64, f64)]) -> Option<(f64, f64)> {
    Some((series.first()?.1, series.last()?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(at, value)| (10.0 * at as f64, *value)).collect()
    }

    fn standing(knn: &[f64], share: &[f64], norm: &[f64]) -> Standing {
        let spread: Vec<f64> = share.iter().map(|share| share / 4.0).collect();
        Seen { knn: series(knn), spread: series(&spread), norm: series(norm), dim: 16, ..Seen::default() }.standing()
    }

    #[test]
    fn the_recorded_presets_stand_as_they_were_seen() {
        // First and last values of SimCLR and BYOL on digits, BYOL without batch norm (A, B), BYOL on shapes (B).
        assert_eq!(standing(&[0.767, 0.969], &[0.789, 0.989], &[1.57, 8.21]), Standing::Fine);
        assert_eq!(standing(&[0.767, 0.939], &[0.789, 0.935], &[1.57, 31.3]), Standing::Fine);
        assert_eq!(standing(&[0.85, 0.736], &[0.169, 0.002], &[0.198, 32.5]), Standing::Collapsed);
        assert_eq!(standing(&[0.85, 0.744], &[0.169, 0.007], &[0.198, 8.55]), Standing::Collapsed);
        assert_eq!(standing(&[0.154, 0.108], &[0.779, 0.118], &[2.82, 1.333e10]), Standing::RunsAway(1.333e10));
    }

    #[test]
    fn a_narrow_beginning_is_no_collapse_and_a_lower_end_is_no_success() {
        assert_eq!(standing(&[0.8, 0.82], &[0.09, 0.08], &[0.2, 0.4]), Standing::Fine);
        assert_eq!(standing(&[0.8, 0.76], &[0.09, 0.89], &[0.2, 0.4]), Standing::BelowStart);
        assert_eq!(standing(&[0.8, 0.795], &[0.5, 0.89], &[0.2, 0.4]), Standing::Fine);
        // Norms that are large at the start, as after a cut below 1, or grow from almost nothing do not run away.
        assert_eq!(standing(&[0.8, 0.9], &[0.5, 0.9], &[2e5, 3e5]), Standing::Fine);
        assert_eq!(standing(&[0.8, 0.9], &[0.5, 0.9], &[0.002, 5.0]), Standing::Fine);
    }

    #[test]
    fn a_run_that_shows_nothing_yet_is_fine_and_a_stopped_one_diverged() {
        assert_eq!(Seen::default().standing(), Standing::Fine);
        assert_eq!(standing(&[0.7], &[0.02], &[1e9]), Standing::Fine);
        assert_eq!(Seen { stopped: Some(40), ..Seen::default() }.standing(), Standing::Diverged(40));
        assert_eq!(Standing::RunsAway(13_325_643_776.0).failure().unwrap(), "ran away (median norm 1.3e10)");
        assert!(is_collapsed(0.02, 16) && !is_collapsed(0.03, 16) && !is_collapsed(0.0, 1));
    }

    #[test]
    fn a_few_directions_of_many_are_a_collapse_unless_as_few_are_needed() {
        let at = |rank: &[f64], dim: u32, classes: usize| {
            Seen { rank: series(rank), dim, classes, ..Seen::default() }.standing()
        };
        assert_eq!(at(&[40.1, 1.6], 64, 10), Standing::Narrow(1.6));
        assert_eq!(at(&[40.1, 1.6], 64, 0), Standing::Narrow(1.6));
        assert_eq!(at(&[40.1, 1.6], 64, 2), Standing::Fine);
        // The lowest that presets reached while they learned: shapes, and three dimensions.
        assert_eq!(at(&[12.9, 6.6], 16, 4), Standing::Fine);
        assert_eq!(at(&[2.97, 2.73], 3, 0), Standing::Fine);
        // A narrow beginning.
        assert_eq!(at(&[2.0, 1.6], 64, 10), Standing::Fine);
        assert!(Standing::Narrow(1.57).failure().unwrap().contains("effective rank 1.6"));
    }
}
