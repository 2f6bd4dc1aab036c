//! A query as an experiment, with a complaint for everything that can't be taken over.

use super::keys::{PLAIN_KEYS, read_choice};
use super::pairs::{shorten, unique_pairs};
use super::version::take_version;
use crate::config::arm::ArmId;
use crate::config::choices::{Choice, DataName, Method};
use crate::config::complaint::Complaint;
use crate::config::experiment::{Aspect, Experiment, Run};
use crate::config::params::ArmParam;
use crate::config::presets::{PRESETS, Preset};

/// Longest query string that is read, in bytes.
pub const MAX_QUERY: usize = 16 * 1024;

/// Reads a query string, with or without its leading `?`.
///
/// Never fails: what can't be read is left at its default and named in the second part.
pub fn decode(query: &str) -> (Experiment, Vec<Complaint>) {
    decode_onto(query, None)
}

/// As [`decode`], with a start other than the default: keys that are absent keep `start`'s values (unless the query
/// names a preset, a method or a data set, which bring their own defaults).
pub fn decode_onto(query: &str, start: Option<&Experiment>) -> (Experiment, Vec<Complaint>) {
    let mut complaints = Vec::new();
    let query = query.strip_prefix('?').unwrap_or(query);
    if query.len() > MAX_QUERY {
        complaints.push(Complaint {
            input: format!("a query string of {} bytes", query.len()),
            problem: format!("must be at most {MAX_QUERY} bytes."),
            used: "the defaults".to_owned(),
            harmless: false,
        });
        return (start.cloned().unwrap_or_default(), complaints);
    }
    let mut pairs = unique_pairs(query, &mut complaints);
    take_version(&mut pairs, &mut complaints);
    let mut experiment = starting_point(&pairs, start, &mut complaints);
    let mut unknown = Vec::new();
    for (key, text) in &pairs {
        match apply(&mut experiment, key, text) {
            Ok(true) => {}
            Ok(false) => unknown.push(format!("{}={}", shorten(key), shorten(text))),
            Err(complaint) => complaints.push(complaint),
        }
    }
    complaints.extend(left_out(&unknown));
    complaints.extend(settle_contradictions(&mut experiment, &pairs));
    (experiment, complaints)
}

/// The settings that are unknown, in one complaint, so that they leave room for other notices.
fn left_out(unknown: &[String]) -> Option<Complaint> {
    /// So many are named.
    const NAMED: usize = 4;
    /// A message stays readable whatever the input holds.
    const LETTERS: usize = 120;
    let more = unknown.len().saturating_sub(NAMED);
    let mut input = unknown.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if input.chars().count() > LETTERS {
        input = input.chars().take(LETTERS).chain(['…']).collect();
    }
    if more > 0 {
        input.push_str(&format!(" and {more} more"));
    }
    let problem = if unknown.len() == 1 {
        "is not a known setting and is left out."
    } else {
        "are not known settings and are left out."
    };
    (!unknown.is_empty()).then(|| Complaint { input, problem: problem.to_owned(), used: String::new(), harmless: true })
}

/// Preset, method and data set decide the defaults of everything else, so they are read first.
fn starting_point(
    pairs: &[(String, String)],
    start: Option<&Experiment>,
    complaints: &mut Vec<Complaint>,
) -> Experiment {
    let text = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str());
    let mut base = start.cloned().unwrap_or_default();
    if let Some(name) = text("preset") {
        match Preset::find(name) {
            Some(preset) => base = preset.experiment(),
            None => complaints.push(Complaint {
                input: format!("preset={}", shorten(name)),
                problem: format!("is not a preset. There are {}.", Preset::names()),
                used: base
                    .run
                    .preset
                    .clone()
                    .unwrap_or_else(|| format!("{} on {}", base.run.method.label(), base.run.data.label())),
                harmless: false,
            }),
        }
    }
    let method = choice_or(text("method"), "method", base.run.method, complaints);
    let data = choice_or(text("data"), "data", base.run.data, complaints);
    if method != base.run.method || data != base.run.data {
        base = rebase(&base, method, data);
    }
    base
}

fn choice_or<C: Choice>(text: Option<&str>, key: &str, default: C, complaints: &mut Vec<Complaint>) -> C {
    match text.map(read_choice) {
        None => default,
        Some(Ok(choice)) => choice,
        Some(Err(problem)) => {
            complaints.push(Complaint {
                input: format!("{key}={}", shorten(text.unwrap_or_default())),
                problem: problem.to_string(),
                used: default.key().to_owned(),
                harmless: false,
            });
            default
        }
    }
}

/// The same experiment with another method or data set: the arms take over that combination's defaults, the norm
/// control (cut, GradScale) stays as it is.
pub fn rebase(experiment: &Experiment, method: Method, data: DataName) -> Experiment {
    let fresh = Experiment::base(method, data);
    let run = Run { method, data, arms: fresh.run.arms, preset: None, ..experiment.run.clone() };
    let mut next = Experiment { run, view: experiment.view.clone() };
    for (arm, old) in next.run.arms.iter_mut().zip(&experiment.run.arms) {
        arm.cut = old.cut;
        arm.cut_layers = old.cut_layers;
        arm.gradscale = old.gradscale;
        arm.grad_mode = old.grad_mode;
    }
    next
}

/// Whether the key is known.
fn apply(experiment: &mut Experiment, key: &str, text: &str) -> Result<bool, Complaint> {
    if matches!(key, "preset" | "method" | "data") {
        return Ok(true);
    }
    if let Some(plain) = PLAIN_KEYS.iter().find(|plain| plain.key == key) {
        return (plain.set)(experiment, text).map(|()| true).map_err(|problem| Complaint {
            input: format!("{key}={}", shorten(text)),
            problem: problem.to_string(),
            used: (plain.get)(experiment),
            harmless: false,
        });
    }
    if let Some((prefix, name)) = key.split_once('.')
        && let Some(arm) = ArmId::ALL.into_iter().find(|arm| arm.key() == prefix)
        && let Some(param) = ArmParam::find(name)
    {
        return param
            .apply(&mut experiment.run.arms[arm.index()], &format!("{prefix}."), &shorten(text))
            .map(|()| true);
    }
    Ok(false)
}

/// Values that are fine one by one but not together.
fn settle_contradictions(experiment: &mut Experiment, pairs: &[(String, String)]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if experiment.run.data == DataName::Files {
        experiment.run.data = DataName::Digits;
        complaints.push(Complaint {
            input: "data=files".to_owned(),
            problem: "can't be linked to: a link has no access to files. Open them on the page instead.".to_owned(),
            used: "digits".to_owned(),
            harmless: false,
        });
    }
    let steps = experiment.run.steps;
    if let Some(at) = experiment.view.at.filter(|at| *at > steps) {
        complaints.push(Complaint {
            input: format!("at={at}"),
            problem: format!("is after the run of {steps} steps."),
            used: steps.to_string(),
            harmless: false,
        });
        experiment.view.at = Some(steps);
    }
    for arm in ArmId::ALL {
        let config = &mut experiment.run.arms[arm.index()];
        // A short run keeps its default warm-up, which may be longer: only a warm-up that is given can contradict it.
        let given = pairs.iter().any(|(key, _)| *key == format!("{}.warmup", arm.key()));
        if given && config.warmup > steps {
            complaints.push(Complaint {
                input: format!("{}.warmup={}", arm.key(), config.warmup),
                problem: format!("is longer than the run of {steps} steps."),
                used: steps.to_string(),
                harmless: false,
            });
            config.warmup = steps;
        }
    }
    complaints
}

/// A preset is a query that names none.
impl Preset {
    /// The experiment that the preset stands for.
    pub fn experiment(&self) -> Experiment {
        let (mut experiment, _) = decode(self.query);
        experiment.run.preset = Some(self.name.to_owned());
        experiment
    }

    /// The preset that an experiment is, whatever it looks like and wherever it runs.
    pub fn matching(experiment: &Experiment) -> Option<&'static Preset> {
        // A lesson has a state of its own.
        let plain = |experiment: &Experiment| Experiment {
            run: Run { preset: None, ..experiment.run.clone() },
            view: experiment.view.only(&[Aspect::Lesson]),
        };
        let wanted = plain(experiment);
        PRESETS.iter().find(|preset| plain(&preset.experiment()) == wanted)
    }
}

/// The query part of a pasted link; a bare query string is returned as it is.
pub fn query_of(link: &str) -> &str {
    let before_fragment = link.split('#').next().unwrap_or_default();
    match before_fragment.split_once('?') {
        Some((_, query)) => query,
        None if before_fragment.contains("://") => "",
        None => before_fragment,
    }
}
