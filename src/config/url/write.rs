//! An experiment as a query: what differs from its preset, or from the defaults.

use super::keys::PLAIN_KEYS;
use super::read::rebase;
use super::version::VERSION;
use crate::config::arm::ArmId;
use crate::config::choices::Choice;
use crate::config::experiment::Experiment;
use crate::config::params::ARM_PARAMS;
use crate::config::presets::Preset;

/// Writes the shortest query string (no leading `?`) that [`decode`](super::decode) turns back into `experiment`.
pub fn encode(experiment: &Experiment) -> String {
    write(experiment, false)
}

/// As [`encode`] for what is kept in files: what a preset sets is written out, so that it means the same when the preset has
/// changed since.
pub fn encode_for_keeps(experiment: &Experiment) -> String {
    write(experiment, true)
}

fn write(experiment: &Experiment, in_full: bool) -> String {
    let preset = experiment.run.preset.as_deref().and_then(Preset::find);
    let start = preset.map(Preset::experiment).unwrap_or_default();
    // What a preset sets is what differs from this as well; without a preset there is nothing more to say.
    let plain = preset.filter(|_| in_full).map(|_| Experiment::default());
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(preset) = preset {
        query.append_pair("preset", preset.name);
    }
    if experiment.run.method != start.run.method
        || plain.as_ref().is_some_and(|plain| experiment.run.method != plain.run.method)
    {
        query.append_pair("method", experiment.run.method.key());
    }
    if experiment.run.data != start.run.data
        || plain.as_ref().is_some_and(|plain| experiment.run.data != plain.run.data)
    {
        query.append_pair("data", experiment.run.data.key());
    }
    let plain = plain.map(|plain| rebase(&plain, experiment.run.method, experiment.run.data));
    let base = if experiment.run.method != start.run.method || experiment.run.data != start.run.data {
        rebase(&start, experiment.run.method, experiment.run.data)
    } else {
        start
    };
    for key in PLAIN_KEYS {
        let value = (key.get)(experiment);
        if value != (key.get)(&base) || plain.as_ref().is_some_and(|plain| value != (key.get)(plain)) {
            query.append_pair(key.key, &value);
        }
    }
    for arm in ArmId::ALL {
        for param in ARM_PARAMS {
            let value = (param.get)(experiment.arm(arm));
            if value != (param.get)(base.arm(arm))
                || plain.as_ref().is_some_and(|plain| value != (param.get)(plain.arm(arm)))
            {
                query.append_pair(&format!("{}.{}", arm.key(), param.key), &value.to_string());
            }
        }
    }
    query.finish()
}

/// As [`encode`], with the version: what the page shows in its address and copies.
pub fn link(experiment: &Experiment) -> String {
    let query = encode(experiment);
    if query.is_empty() { query } else { format!("{query}&v={VERSION}") }
}
