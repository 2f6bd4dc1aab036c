//! Ways to train that a study compares: a name, and what differs from the base experiment's arm A.

use serde::{Deserialize, Serialize};

use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmConfig, ArmId, ArmParam, Experiment, url};

/// Settings that a variant may not have, with the reason.
const REFUSED: &[(&str, &str)] = &[("batch", "all variants train on the same batches; set it in the base experiment.")];

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
    pub fn apply(&self, base: &ArmConfig) -> Result<ArmConfig, String> {
        let mut config = base.clone();
        for setting in &self.settings {
            let name = &self.name;
            let (key, value) = setting
                .split_once('=')
                .ok_or_else(|| format!("variant {name}: {setting}: must be key=value, e.g. gradscale=1."))?;
            if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| *refused == key) {
                return Err(format!("variant {name}: {setting}: {reason}"));
            }
            let param = ArmParam::find(key)
                .ok_or_else(|| format!("variant {name}: {setting}: is no setting. There are {}.", keys()))?;
            param
                .apply(&mut config, "", value)
                .map_err(|complaint| format!("variant {name}: {}: {}", complaint.input, complaint.problem))?;
        }
        Ok(config)
    }
}

fn keys() -> String {
    ARM_PARAMS.iter().map(|param| param.key).collect::<Vec<_>>().join(", ")
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
pub fn base(query: &str) -> Result<Experiment, String> {
    let (experiment, complaints) = url::decode(query);
    match complaints.first() {
        Some(complaint) => Err(format!("{}: {}", complaint.input, complaint.problem)),
        None => Ok(experiment),
    }
}

/// The arm that each variant makes of the base's arm A.
///
/// # Errors
/// Names the setting that is wrong, with what would be right.
pub fn arms(variants: &[Variant], base: &Experiment) -> Result<Vec<ArmConfig>, String> {
    variants.iter().map(|variant| variant.apply(base.arm(ArmId::A))).collect()
}

/// Refuses no variants, one without a name, and two of one name.
///
/// # Errors
/// Says which.
pub fn check_names(variants: &[Variant]) -> Result<(), String> {
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.trim()).collect();
    if names.is_empty() {
        return Err("variants: must not be empty.".to_owned());
    }
    if names.iter().any(|name| name.is_empty()) {
        return Err("variants: each needs a name.".to_owned());
    }
    match first_repeated(&names) {
        Some(twice) => Err(format!("variant {twice}: is given twice; names must differ.")),
        None => Ok(()),
    }
}

/// Refuses no seeds and one that is given twice.
///
/// # Errors
/// Says which.
pub fn check_seeds(seeds: &[u64]) -> Result<(), String> {
    if seeds.is_empty() {
        return Err("seeds: must not be empty.".to_owned());
    }
    match first_repeated(seeds) {
        Some(twice) => Err(format!("seed {twice}: is given twice; equal seeds are the same run.")),
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
