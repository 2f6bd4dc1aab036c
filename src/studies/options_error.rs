//! What is wrong with the options of a study.

use crate::config::{ARM_PARAMS, Complaint, ValueError};

/// Why a study can't be planned: the option that is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptionsError {
    /// The base experiment's query has a setting that can't be taken.
    #[error("{}: {}", .0.input, .0.problem)]
    Base(Complaint),

    /// A list that may not be empty is.
    #[error("{0}: must not be empty.")]
    Empty(&'static str),
    /// A variant has no name.
    #[error("variants: each needs a name.")]
    Unnamed,
    /// Two variants have the same name.
    #[error("variant {0}: is given twice; names must differ.")]
    VariantTwice(String),
    /// A seed is given twice.
    #[error("seed {0}: is given twice; equal seeds are the same run.")]
    SeedTwice(u64),
    /// A kind of outliers is given twice.
    #[error("kind {0}: is given twice.")]
    KindTwice(&'static str),

    /// A variant's setting has no equals sign.
    #[error("variant {variant}: {setting}: must be key=value, e.g. gradscale=1.")]
    NoPair {
        /// The variant's name.
        variant: String,
        /// The setting.
        setting: String,
    },
    /// A variant's setting is one that all variants share.
    #[error("variant {variant}: {setting}: {reason}")]
    Shared {
        /// The variant's name.
        variant: String,
        /// The setting.
        setting: String,
        /// Why, and where to set it.
        reason: &'static str,
    },
    /// A variant's setting is not in the table of parameters.
    #[error("variant {variant}: {setting}: is no setting. There are {}.", keys())]
    NoSetting {
        /// The variant's name.
        variant: String,
        /// The setting.
        setting: String,
    },
    /// A variant's setting has a value that can't be taken.
    #[error("variant {variant}: {}: {}", .complaint.input, .complaint.problem)]
    Value {
        /// The variant's name.
        variant: String,
        /// The setting, and what would be right.
        complaint: Complaint,
    },

    /// A number is outside its limits.
    #[error("{name}={value}: must be from {low} to {high}.")]
    OutOfRange {
        /// The option.
        name: &'static str,
        /// Its value.
        value: u32,
        /// Smallest value.
        low: u32,
        /// Largest value.
        high: u32,
    },
    /// A number that must be positive is 0.
    #[error("{0}=0: must be at least 1.")]
    Zero(&'static str),
    /// The runs would never be evaluated, or only after their end.
    #[error("eval={eval}: must be from 1 to the run's {steps} steps.")]
    Eval {
        /// Steps between two evaluations.
        eval: u32,
        /// Steps of a run.
        steps: u32,
    },
    /// A level lies outside 0 (excluded) to 1.
    #[error("fraction {0}: must be above 0 and at most 1.")]
    Fraction(f64),
    /// A learning rate or a factor is not positive.
    #[error("rates: must be finite numbers above 0.")]
    RatesNotPositive,
    /// The learning rates are not in their order.
    #[error("rates: must rise from the first to the last.")]
    RatesNotRising,
    /// A variant would be trained with a learning rate outside the limits.
    #[error("learning rate {rate}: {problem}")]
    Rate {
        /// The rate.
        rate: f64,
        /// What would be right.
        problem: ValueError,
    },
    /// More parts than one study may have.
    #[error("{planned} {parts}: there may be {most} at most; take fewer {lists}.")]
    TooMany {
        /// Parts that the options amount to.
        planned: usize,
        /// `runs` or `models`.
        parts: &'static str,
        /// Parts that a study may have.
        most: usize,
        /// The lists that could be shorter.
        lists: &'static str,
    },
}

/// The keys of all settings.
fn keys() -> String {
    ARM_PARAMS.iter().map(|param| param.key).collect::<Vec<_>>().join(", ")
}
