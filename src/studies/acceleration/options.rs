//! What an acceleration study compares, and the check that turns it into runnable configurations.

use serde::{Deserialize, Serialize};

use crate::config::{ArmConfig, ArmId, ArmParam, Experiment};
use crate::studies::intervals;
use crate::studies::options_error::OptionsError;
use crate::studies::variant::{self, Variant};

/// The most runs that one study may have.
pub const MAX_CELLS: usize = 10_000;
/// The learning rates of a small study, as multiples of each variant's own.
pub const QUICK_RATES: [f64; 5] = [0.03, 0.1, 0.3, 1.0, 3.0];

/// A study's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The base experiment as the query string of a share link; its arm A is what the variants change.
    pub base: String,
    /// Names of the data files that stand in for the base experiment's data set; usually none.
    #[serde(default)]
    pub files: Vec<String>,
    /// What is compared. The first one is the standard that all others are measured against.
    pub variants: Vec<Variant>,
    /// The learning rates that every variant is trained with.
    pub rates: Rates,
    /// One run for each seed (of weights, batches and augmentation), variant and rate.
    pub seeds: Vec<u64>,
    /// Training steps of a run.
    pub steps: u32,
    /// Steps between two evaluations: the resolution of every step count.
    pub eval: u32,
    /// Levels, as shares of the way from the untrained to the best standard accuracy; 0 < f <= 1.
    pub fractions: Vec<f64>,
    /// Resamples of the bootstrap intervals.
    pub resamples: u32,
}

/// The learning-rate grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rates {
    /// Multiples of each variant's own `lr` (the base's unless its settings say otherwise).
    Factors(Vec<f64>),
    /// The rates themselves.
    Absolute(Vec<f64>),
}

impl Rates {
    /// The factors or the rates.
    pub fn values(&self) -> &[f64] {
        match self {
            Rates::Factors(values) | Rates::Absolute(values) => values,
        }
    }
}

/// The variants that the paper proposes, with the control.
pub fn standard_variants() -> Vec<Variant> {
    vec![
        Variant::new("standard", &[]),
        Variant::new("cut 3", &["cut=3"]),
        Variant::new("cut 9", &["cut=9"]),
        Variant::new("GradScale p=1", &["gradscale=1"]),
        Variant::new("GradScale p=2", &["gradscale=2"]),
        Variant::new("batch mean p=1 (control)", &["gradscale=1", "gradmode=batch"]),
    ]
}

impl Default for Options {
    /// SimCLR on digits, six variants, five rates half a decade apart, five seeds.
    fn default() -> Self {
        Options {
            base: String::new(),
            files: Vec::new(),
            variants: standard_variants(),
            rates: Rates::Factors(vec![0.1, 0.3, 1.0, 3.0, 10.0]),
            seeds: (7..12).collect(),
            steps: 300,
            eval: 5,
            fractions: vec![0.8, 0.9, 0.95],
            resamples: intervals::RESAMPLES,
        }
    }
}

impl Options {
    /// A study that a browser finishes on one core in about a minute: small networks, three seeds, and rates so far apart that
    /// none of its variants is best at the first or the last of them (a cut of 3 would be: it wants a tenth of the rate).
    pub fn quick() -> Options {
        let pick = |names: &[&str]| {
            standard_variants().into_iter().filter(|variant| names.contains(&variant.name.as_str())).collect()
        };
        Options {
            base: "a.batch=64&a.width=64".to_owned(),
            variants: pick(&["standard", "GradScale p=1", "batch mean p=1 (control)"]),
            rates: Rates::Factors(QUICK_RATES.to_vec()),
            seeds: (7..10).collect(),
            steps: 100,
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
        experiment.run.eval = self.eval;
        self.check_lists()?;
        self.check_numbers()?;
        let arms = variant::arms(&self.variants, &experiment)?;
        let plan = Plan { experiment, arms, rates: self.rates.clone(), seeds: self.seeds.clone() };
        plan.check_rates()?;
        match plan.cells() {
            0..=MAX_CELLS => Ok(plan),
            planned => Err(OptionsError::TooMany { planned, parts: "runs", most: MAX_CELLS, lists: "rates or seeds" }),
        }
    }

    fn check_lists(&self) -> Result<(), OptionsError> {
        variant::check_names(&self.variants)?;
        variant::check_seeds(&self.seeds)?;
        let empty = [("rates", self.rates.values().is_empty()), ("fractions", self.fractions.is_empty())];
        match empty.into_iter().find(|(_, empty)| *empty) {
            Some((list, _)) => Err(OptionsError::Empty(list)),
            None => Ok(()),
        }
    }

    fn check_numbers(&self) -> Result<(), OptionsError> {
        if self.steps == 0 {
            return Err(OptionsError::Zero("steps"));
        }
        if !(1..=self.steps).contains(&self.eval) {
            return Err(OptionsError::Eval { eval: self.eval, steps: self.steps });
        }
        if let Some(f) = self.fractions.iter().find(|f| !(f.is_finite() && **f > 0.0 && **f <= 1.0)) {
            return Err(OptionsError::Fraction(*f));
        }
        if !self.rates.values().iter().all(|rate| rate.is_finite() && *rate > 0.0) {
            return Err(OptionsError::RatesNotPositive);
        }
        if !self.rates.values().is_sorted_by(|a, b| a < b) {
            return Err(OptionsError::RatesNotRising);
        }
        if self.resamples == 0 {
            return Err(OptionsError::Zero("resamples"));
        }
        Ok(())
    }
}

/// Checked options: every configuration that is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The base experiment.
    pub experiment: Experiment,
    /// One configuration a variant; `lr` is the rate that factors multiply.
    pub arms: Vec<ArmConfig>,
    /// The grid.
    pub rates: Rates,
    /// The seeds.
    pub seeds: Vec<u64>,
}

impl Plan {
    /// Number of runs.
    pub fn cells(&self) -> usize {
        self.arms.len() * self.rates.values().len() * self.seeds.len()
    }

    /// Variant, rate and seed (indices) of run `cell`. Seeds vary slowest, so that the first whole grid is there early.
    pub fn at(&self, cell: usize) -> (usize, usize, usize) {
        let rates = self.rates.values().len();
        (cell / rates % self.arms.len(), cell % rates, cell / rates / self.arms.len())
    }

    /// The learning rate of a variant at a place of the grid.
    pub fn rate(&self, variant: usize, rate: usize) -> f64 {
        match &self.rates {
            Rates::Factors(factors) => self.arms[variant].lr * factors[rate],
            Rates::Absolute(rates) => rates[rate],
        }
    }

    /// The experiment of run `cell`: arm A is what is trained.
    pub fn experiment_of(&self, cell: usize) -> Experiment {
        let (variant, rate, seed) = self.at(cell);
        let mut experiment = self.experiment.clone();
        experiment.run.seed = self.seeds[seed];
        experiment.run.arms[ArmId::A.index()] =
            ArmConfig { lr: self.rate(variant, rate), ..self.arms[variant].clone() };
        experiment
    }

    fn check_rates(&self) -> Result<(), OptionsError> {
        // The table has an `lr`: every experiment is trained with it.
        let Some(lr) = ArmParam::find("lr") else { return Ok(()) };
        for variant in 0..self.arms.len() {
            for rate in 0..self.rates.values().len() {
                let rate = self.rate(variant, rate);
                lr.read(&rate.to_string()).map_err(|problem| OptionsError::Rate { rate, problem })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studies::variant::first_repeated;

    #[test]
    fn the_defaults_and_the_quick_study_can_be_run() {
        assert_eq!(Options::default().plan().unwrap().cells(), 6 * 5 * 5);
        assert_eq!(Options::quick().plan().unwrap().cells(), 3 * 5 * 3);
    }

    #[test]
    fn every_run_has_its_own_place_and_the_first_seed_comes_first() {
        let plan = Options::quick().plan().unwrap();
        let places: Vec<_> = (0..plan.cells()).map(|cell| plan.at(cell)).collect();
        assert_eq!(first_repeated(&places), None);
        assert!(places[..15].iter().all(|place| place.2 == 0) && places[15].2 == 1);
        let experiment = plan.experiment_of(places.iter().position(|place| *place == (1, 4, 1)).unwrap());
        let arm = experiment.arm(ArmId::A);
        assert_eq!((experiment.run.seed, arm.gradscale, arm.batch), (8, 1.0, 64));
        assert!((arm.lr - 0.3).abs() < 1e-12);
    }

    #[test]
    fn factors_multiply_a_variants_own_rate_and_absolute_rates_do_not() {
        let variants = vec![Variant::new("a", &[]), Variant::new("b", &["lr=0.02"])];
        let options = Options { variants, rates: Rates::Factors(vec![1.0, 10.0]), ..Options::default() };
        assert_eq!(options.plan().unwrap().rate(1, 1), 0.2);
        let options = Options { rates: Rates::Absolute(vec![0.5]), ..options };
        assert_eq!(options.plan().unwrap().rate(1, 0), 0.5);
    }

    #[test]
    fn wrong_options_are_named_with_what_would_be_right() {
        let with = |change: fn(&mut Options)| {
            let mut options = Options::quick();
            change(&mut options);
            options.plan().unwrap_err().to_string()
        };
        let cases: [(&str, String); 14] = [
            ("a.lr=fast", with(|o| o.base = "a.lr=fast".into())),
            ("variants", with(|o| o.variants.clear())),
            ("GradScale p=1: is given twice", with(|o| o.variants[0].name = "GradScale p=1".into())),
            ("needs a name", with(|o| o.variants[0].name = " ".into())),
            ("speed=3: is no setting", with(|o| o.variants[1].settings = vec!["speed=3".into()])),
            ("cut=big: must be a number", with(|o| o.variants[1].settings = vec!["cut=big".into()])),
            ("batch=32: all variants", with(|o| o.variants[1].settings = vec!["batch=32".into()])),
            ("key=value", with(|o| o.variants[1].settings = vec!["cut".into()])),
            ("seed 7: is given twice", with(|o| o.seeds = vec![7, 7])),
            ("rates: must rise", with(|o| o.rates = Rates::Absolute(vec![0.3, 0.1]))),
            ("rates: must be finite", with(|o| o.rates = Rates::Absolute(vec![f64::NAN]))),
            ("learning rate 100", with(|o| o.rates = Rates::Factors(vec![1.0, 1000.0]))),
            ("eval=200", with(|o| o.eval = 200)),
            ("fraction 1.2", with(|o| o.fractions = vec![1.2])),
        ];
        for (expected, found) in cases {
            assert!(found.contains(expected), "{expected:?} in {found:?}");
        }
    }
}
