//! What an anomaly study measures, and the check that turns it into runnable configurations.

use serde::{Deserialize, Serialize};

use crate::config::{ArmConfig, ArmId, Experiment};
use crate::data::Ood;
use crate::studies::options_error::OptionsError;
use crate::studies::variant::{self, Variant};

/// The most models that one study may train.
pub const MAX_CELLS: usize = 1000;

/// A study's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The base experiment as the query string of a share link; its arm A is what the variants change.
    pub base: String,
    /// Names of the data files that stand in for the base experiment's data set; usually none.
    #[serde(default)]
    pub files: Vec<String>,
    /// What is compared. The first one is the standard.
    pub variants: Vec<Variant>,
    /// One model for each seed and variant.
    pub seeds: Vec<u64>,
    /// Training steps.
    pub steps: u32,
    /// Classes that are held out of training (for data without unseen classes of its own). The i-th seed holds out the
    /// i-th group of so many classes, so that no pair of classes decides the result.
    pub hold_out: u32,
    /// The kinds of outliers; kinds that a data set does not have are left out.
    pub kinds: Vec<Ood>,
    /// Outliers of each kind, and known held-out samples, at most.
    pub samples: u32,
    /// Give outliers the input norms of known samples.
    pub equalise: bool,
}

impl Default for Options {
    /// SimCLR on digits, standard and norm-decoupled, five seeds that hold out each class once.
    fn default() -> Self {
        Options {
            base: String::new(),
            files: Vec::new(),
            variants: vec![
                Variant::new("standard", &[]),
                Variant::new("GradScale p=1", &["gradscale=1"]),
                Variant::new("cut 3", &["cut=3"]),
                Variant::new("weight decay 0.001", &["wd=0.001"]),
            ],
            seeds: (7..12).collect(),
            steps: 600,
            hold_out: 2,
            kinds: Ood::ALL.to_vec(),
            samples: 400,
            equalise: true,
        }
    }
}

impl Options {
    /// A study that a browser finishes on one core in well under a minute: two variants, two seeds.
    pub fn quick() -> Options {
        Options {
            base: "a.batch=64&a.width=64".to_owned(),
            variants: Options::default().variants.into_iter().take(2).collect(),
            seeds: vec![7, 8],
            steps: 200,
            samples: 200,
            ..Options::default()
        }
    }

    /// Checks everything and works out what is trained.
    ///
    /// # Errors
    /// Names the first setting that is wrong, with what would be right.
    pub fn plan(&self) -> Result<Plan, OptionsError> {
        let mut experiment = variant::base(&self.base)?;
        experiment.run.steps = self.steps;
        variant::check_names(&self.variants)?;
        variant::check_seeds(&self.seeds)?;
        self.check_numbers()?;
        let arms = variant::arms(&self.variants, &experiment)?;
        let plan = Plan { experiment, arms, seeds: self.seeds.clone() };
        match plan.cells() {
            0..=MAX_CELLS => Ok(plan),
            planned => {
                Err(OptionsError::TooMany { planned, parts: "models", most: MAX_CELLS, lists: "variants or seeds" })
            }
        }
    }

    fn check_numbers(&self) -> Result<(), OptionsError> {
        if self.kinds.is_empty() {
            return Err(OptionsError::Empty("kinds"));
        }
        if let Some(twice) = variant::first_repeated(&self.kinds) {
            return Err(OptionsError::KindTwice(twice.key()));
        }
        let ranges = [
            ("steps", self.steps, 1, 1_000_000),
            ("hold-out", self.hold_out, 1, 64),
            ("samples", self.samples, 10, 100_000),
        ];
        match ranges.into_iter().find(|(_, value, low, high)| !(low..=high).contains(&value)) {
            Some((name, value, low, high)) => Err(OptionsError::OutOfRange { name, value, low, high }),
            None => Ok(()),
        }
    }
}

/// Checked options: every configuration that is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The base experiment.
    pub experiment: Experiment,
    /// One configuration a variant.
    pub arms: Vec<ArmConfig>,
    /// The seeds.
    pub seeds: Vec<u64>,
}

impl Plan {
    /// Number of models.
    pub fn cells(&self) -> usize {
        self.arms.len() * self.seeds.len()
    }

    /// Variant and seed (indices) of model `cell`. Seeds vary slowest, so that all variants of one seed are there early.
    pub fn at(&self, cell: usize) -> (usize, usize) {
        (cell % self.arms.len(), cell / self.arms.len())
    }

    /// The experiment of model `cell`: arm A is what is trained.
    pub fn experiment_of(&self, cell: usize) -> Experiment {
        let (variant, seed) = self.at(cell);
        let mut experiment = self.experiment.clone();
        experiment.run.seed = self.seeds[seed];
        experiment.run.arms[ArmId::A.index()] = self.arms[variant].clone();
        experiment
    }
}

/// The classes that the `group`-th seed holds out, of `classes` in all: `count` of them, going round.
pub fn held_out(classes: usize, count: u32, group: usize) -> Vec<u16> {
    let count = (count as usize).min(classes.saturating_sub(2));
    (0..count).map(|at| ((group * count + at) % classes) as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_and_the_quick_study_can_be_run() {
        assert_eq!(Options::default().plan().unwrap().cells(), 20);
        assert_eq!(Options::quick().plan().unwrap().cells(), 4);
    }

    #[test]
    fn five_seeds_hold_out_each_of_ten_classes_once() {
        let mut all: Vec<u16> = (0..5).flat_map(|group| held_out(10, 2, group)).collect();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        assert_eq!(held_out(10, 3, 3), [9, 0, 1]);
        assert_eq!(held_out(3, 5, 0), [0]);
        assert_eq!(held_out(2, 1, 0), [] as [u16; 0]);
    }

    #[test]
    fn wrong_options_are_named_with_what_would_be_right() {
        let with = |change: fn(&mut Options)| {
            let mut options = Options::quick();
            change(&mut options);
            options.plan().unwrap_err().to_string()
        };
        let cases: [(&str, String); 7] = [
            ("a.lr=fast", with(|o| o.base = "a.lr=fast".into())),
            ("variants", with(|o| o.variants.clear())),
            ("seed 7: is given twice", with(|o| o.seeds = vec![7, 7])),
            ("kinds: must not be empty", with(|o| o.kinds.clear())),
            ("kind noise: is given twice", with(|o| o.kinds = vec![Ood::Noise, Ood::Noise])),
            ("samples=3: must be from 10", with(|o| o.samples = 3)),
            ("hold-out=0", with(|o| o.hold_out = 0)),
        ];
        for (expected, found) in cases {
            assert!(found.contains(expected), "{expected:?} in {found:?}");
        }
    }
}
