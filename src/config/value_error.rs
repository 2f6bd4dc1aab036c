//! What is wrong with the text of a setting.

use std::ops::RangeInclusive;

use super::choices::Choice;

/// Most control ids that `hide` takes.
pub(super) const MOST_IDS: usize = 64;

/// Why a setting can't take a text, and what would be right; the setting's name goes before it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValueError {
    /// No finite number, or one outside the limits.
    #[error("must be a number from {min} to {max}.")]
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// No whole number, or one outside the limits.
    #[error("must be a whole number from {min} to {max}.")]
    Whole {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
    },
    /// None of the names.
    #[error("must be one of {keys}.")]
    Name {
        /// The names, with commas between them.
        keys: String,
    },
    /// No switch.
    #[error("must be on or off.")]
    Flag,
    /// No list of control ids.
    #[error("must be a comma-separated list of at most {MOST_IDS} control ids (letters, digits, . - _).")]
    ControlIds,
    /// No name of a lesson.
    #[error("must be the name of a lesson (letters, digits, -).")]
    Lesson,
}

impl ValueError {
    /// Of a whole number that must lie within `range`.
    pub(super) fn whole<T: Copy + Into<u64>>(range: &RangeInclusive<T>) -> ValueError {
        ValueError::Whole { min: (*range.start()).into(), max: (*range.end()).into() }
    }

    /// Of a text that must be a key of `C`.
    pub(super) fn choice<C: Choice>() -> ValueError {
        ValueError::Name { keys: C::keys() }
    }
}
