//! How two experiments train differently.

use super::arm::ArmId;
use super::choices::Choice;
use super::experiment::Experiment;
use super::params::{ARM_PARAMS, ArmParam};

/// What tells the arms of an experiment apart: (parameter, text in A, text in B).
pub fn between_arms(experiment: &Experiment) -> Vec<(&'static ArmParam, String, String)> {
    let text = |arm: ArmId, param: &ArmParam| (param.get)(experiment.arm(arm)).to_string();
    let used = ARM_PARAMS.iter().filter(|param| param.applies_to(experiment.run.method));
    used.map(|param| (param, text(ArmId::A, param), text(ArmId::B, param))).filter(|(_, a, b)| a != b).collect()
}

/// [`between_arms`] of one arm in words: `Learning rate = 0.1`.
pub fn told_apart(experiment: &Experiment, arm: ArmId) -> Vec<String> {
    let own = |(param, a, b): (&ArmParam, String, String)| {
        format!("{} = {}", param.label, if arm == ArmId::A { a } else { b })
    };
    between_arms(experiment).into_iter().map(own).collect()
}

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
