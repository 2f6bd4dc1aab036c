//! How two experiments train differently.

use super::arm::ArmId;
use super::choices::Choice;
use super::experiment::Experiment;
use super::params::ARM_PARAMS;

/// How `after` trains differently from `before`: (name, before, after), per-arm settings as `b.lr`.
pub fn differences(before: &Experiment, after: &Experiment) -> Vec<(String, String, String)> {
    let mut all = vec![
        ("method".to_owned(), before.run.method.key().to_owned(), after.run.method.key().to_owned()),
        ("data".to_owned(), before.run.data.key().to_owned(), after.run.data.key().to_owned()),
        ("seed".to_owned(), before.run.seed.to_string(), after.run.seed.to_string()),
        ("steps".to_owned(), before.run.steps.to_string(), after.run.steps.to_string()),
    ];
    for arm in ArmId::ALL {
        for param in ARM_PARAMS.iter().filter(|param| param.applies_to(after.run.method)) {
            let text = |experiment: &Experiment| (param.get)(experiment.arm(arm)).to_string();
            all.push((format!("{}.{}", arm.key(), param.key), text(before), text(after)));
        }
    }
    all.retain(|(_, old, new)| old != new);
    all
}
