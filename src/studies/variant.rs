//! Ways to train that a study compares: a name, and what differs from the base experiment's arm A.

use serde::{Deserialize, Serialize};

use super::options_error::OptionsError;
use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmConfig, ArmId, ArmParam, Experiment, url};

/// Settings that all variants share, with the reason.
const SHARED: &[(&str, &str)] = &[("batch", "all variants train on the same batches; set it in the base experiment.")];

/// One way to train: a name, and what differs from the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// For tables and legends.
    pub name: String,
    /// `key=value` with the keys of [`ARM_PARAMS`].
    pub settings: Vec<String>,
}

impl Variant {
    /// A variant by name and settings.
    pub fn new(name: &str, settings: &[&str]) -> Variant {
        Variant { name: name.to_owned(), settings: settings.iter().map(|&text| text.to_owned()).collect() }
    }

    /// Every setting of `config` that differs from `base`, under `name`.
    pub fn difference(name: &str, base: &ArmConfig, config: &ArmConfig) -> Variant {
        let settings = ARM_PARAMS
            .iter()
            .filter(|param| (param.get)(base) != (param.get)(config))
            .map(|param| format!("{}={}", param.key, (param.get)(config)))
            .collect();
        Variant { name: name.to_owned(), settings }
    }

    /// The base with this variant's settings.
    ///
    /// # Errors
    /// Names the setting that is wrong, with what would be right.
    pub fn apply(&self, base: &ArmConfig) -> Result<ArmConfig, OptionsError> {
        let mut config = base.clone();
        for setting in &self.settings {
            let of = || (self.name.clone(), setting.clone());
            let Some((key, value)) = setting.split_once('=') else {
                let (variant, setting) = of();
                return Err(OptionsError::NoPair { variant, setting });
            };
            if let Some(&(_, reason)) = SHARED.iter().find(|(shared, _)| *shared == key) {
                let (variant, setting) = of();
                return Err(OptionsError::Shared { variant, setting, reason });
            }
            let Some(param) = ArmParam::find(key) else {
                let (variant, setting) = of();
                return Err(OptionsError::NoSetting { variant, setting });
            };
            param
                .apply(&mut config, "", value)
                .map_err(|complaint| OptionsError::Value { variant: self.name.clone(), complaint })?;
        }
        Ok(config)
    }
}

/// Method and data of a study for people: "SimCLR on Digits".
pub fn subject(base: &str, files: &[String]) -> String {
    let experiment = url::decode(base).0;
    let data = if files.is_empty() { experiment.run.data.label().to_owned() } else { files.join(", ") };
    format!("{} on {data}", experiment.run.method.label())
}

/// A study's base experiment.
///
/// # Errors
/// Names the setting that is wrong, with what would be right.
pub fn base(query: &str) -> Result<Experiment, OptionsError> {
    let (experiment, complaints) = url::decode(query);
    match complaints.into_iter().next() {
        Some(complaint) => Err(OptionsError::Base(complaint)),
        None => Ok(experiment),
    }
}

/// The arm that each variant makes of the base's arm A.
///
/// # Errors
/// Names the setting that is wrong, with what would be right.
pub fn arms(variants: &[Variant], base: &Experiment) -> Result<Vec<ArmConfig>, OptionsError> {
    variants.iter().map(|variant| variant.apply(base.arm(ArmId::A))).collect()
}

/// Refuses no variants, one without a name, and two of one name.
///
/// # Errors
/// Says which.
pub fn check_names(variants: &[Variant]) -> Result<(), OptionsError> {
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.trim()).collect();
    if names.is_empty() {
        return Err(OptionsError::Empty("variants"));
    }
    if names.iter().any(|name| name.is_empty()) {
        return Err(OptionsError::Unnamed);
    }
    match first_repeated(&names) {
        Some(twice) => Err(OptionsError::VariantTwice((*twice).to_owned())),
        None => Ok(()),
    }
}

/// Refuses no seeds and one that is given twice.
///
/// # Errors
/// Says which.
pub fn check_seeds(seeds: &[u64]) -> Result<(), OptionsError> {
    if seeds.is_empty() {
        return Err(OptionsError::Empty("seeds"));
    }
    match first_repeated(seeds) {
        Some(twice) => Err(OptionsError::SeedTwice(*twice)),
        None => Ok(()),
    }
}

/// The first item that was there before.
pub fn first_repeated<T: PartialEq>(items: &[T]) -> Option<&T> {
    items.iter().enumerate().find(|(at, item)| items[..*at].contains(item)).map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_two_arms_gives_the_second_back() {
        let base = Experiment::default();
        let variant = Variant::difference("B", base.arm(ArmId::A), base.arm(ArmId::B));
        assert_eq!(variant.settings, ["gradscale=1"]);
        assert_eq!(variant.apply(base.arm(ArmId::A)).unwrap(), *base.arm(ArmId::B));
    }
}
