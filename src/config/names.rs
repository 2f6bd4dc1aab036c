//! What an arm is called: by what its settings are, so that a name never contradicts them.
//!
//! ```text
//! as the method's and the data's standard    Standard
//! GradScale p = 1, the other arm without     Norm-decoupled
//! else, what tells it from the other arm     Cut weights, No batch norm, Rate 0.03, ...
//! both arms alike                            no name
//! ```

use super::arm::{ArmConfig, ArmId};
use super::choices::{Choice, CutLayers, GradMode, Method, OptimizerKind};
use super::experiment::Experiment;
use super::params::{ARM_PARAMS, ArmParam, Value};

/// Parameters by which an arm is called, those that say most first, each with a word that goes before its value.
const WORDS: [(&str, &str); 17] = [
    ("gradscale", "GradScale p="),
    ("gradmode", ""),
    ("cut", ""),
    ("bn", ""),
    ("cutlayers", "Cut"),
    ("wd", "Decay"),
    ("tau", "Temperature"),
    ("lr", "Rate"),
    ("loss", "Loss"),
    ("opt", "Optimizer"),
    ("ema", "EMA"),
    ("dim", "Dimension"),
    ("batch", "Batch"),
    ("width", "Width"),
    ("warmup", "Warm-up"),
    ("schedule", ""),
    ("momentum", "Momentum"),
];

/// The arm's name, of at most 16 letters; empty where both arms are alike. It says what is true of this arm and not of the
/// other one.
pub fn arm_name(experiment: &Experiment, arm: ArmId) -> String {
    let method = experiment.run.method;
    let (own, other) = (experiment.arm(arm), experiment.arm(if arm == ArmId::A { ArmId::B } else { ArmId::A }));
    let standard = ArmConfig::standard(method, experiment.run.data);
    let params = || WORDS.iter().filter_map(|(key, word)| ArmParam::find(key).map(|param| (param, *word)));
    let differs = |param: &ArmParam, from: &ArmConfig| differs(param, method, own, from);
    if ARM_PARAMS.iter().all(|param| !differs(param, other)) {
        return String::new();
    }
    if ARM_PARAMS.iter().all(|param| !differs(param, &standard)) {
        return "Standard".to_owned();
    }
    let told = || params().filter(|(param, _)| differs(param, other));
    // What was set is a better name than what was left as it is.
    let named = told().find(|(param, _)| differs(param, &standard)).or_else(|| told().next());
    named.map_or_else(String::new, |(param, word)| name(param, word, own, other))
}

/// "A: Standard", for legends; the letter alone where there is no name.
pub fn arm_label(experiment: &Experiment, arm: ArmId) -> String {
    let name = arm_name(experiment, arm);
    match name.as_str() {
        "" => arm.letter().to_owned(),
        _ => format!("{}: {name}", arm.letter()),
    }
}

/// Whether a parameter is another one in two arms, and has an effect in one of them.
fn differs(param: &ArmParam, method: Method, one: &ArmConfig, two: &ArmConfig) -> bool {
    let counts = |arm: &ArmConfig| match param.key {
        "cutlayers" => arm.cut != 1.0,
        "gradmode" => arm.gradscale != 0.0,
        "momentum" => arm.optimizer == OptimizerKind::Sgd,
        _ => true,
    };
    param.applies_to(method) && (param.get)(one) != (param.get)(two) && counts(one) && counts(two)
}

fn name(param: &ArmParam, word: &str, own: &ArmConfig, other: &ArmConfig) -> String {
    match param.key {
        "gradscale" if own.gradscale == 0.0 => "No GradScale".to_owned(),
        // The gradient's length no longer depends on |z|, sample by sample.
        "gradscale" if own.gradscale == 1.0 && other.gradscale == 0.0 && own.grad_mode == GradMode::Sample => {
            "Norm-decoupled".to_owned()
        }
        "gradmode" if own.grad_mode == GradMode::Batch => "Batch-mean norm".to_owned(),
        "gradmode" => "Norm per sample".to_owned(),
        "cut" if own.cut == 1.0 => "Usual weights".to_owned(),
        "cut" if own.cut_layers != CutLayers::All || own.cut > 1.0 && other.cut > 1.0 => valued("Cut", own.cut),
        "cut" if own.cut > 1.0 => "Cut weights".to_owned(),
        "cut" if other.cut < 1.0 => valued("Cut", own.cut),
        "cut" => "Enlarged weights".to_owned(),
        "bn" => String::from(if own.bn { "With batch norm" } else { "No batch norm" }),
        "schedule" => format!("{} rate", own.schedule.label()),
        "gradscale" => format!("{word}{}", shortened(own.gradscale)),
        _ => match (param.get)(own) {
            Value::Number(value) => valued(word, value),
            value => format!("{word} {value}"),
        },
    }
}

fn valued(word: &str, value: f64) -> String {
    format!("{word} {}", shortened(value))
}

/// A number in at most seven letters.
fn shortened(value: f64) -> String {
    let text = value.to_string();
    match text.len() {
        0..8 => text,
        _ if value >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PRESETS, url};
    use super::*;

    /// Every state that the page offers: the presets and what the lessons set.
    fn states() -> Vec<(String, Experiment)> {
        let lessons: serde_json::Value = serde_json::from_str(include_str!("../../static/lessons.json")).unwrap();
        let mut queries = Vec::new();
        for lesson in lessons["lessons"].as_array().unwrap() {
            let pages = lesson["pages"].as_array().unwrap().iter();
            queries.extend([lesson].into_iter().chain(pages).filter_map(|one| one["query"].as_str()));
        }
        assert!(queries.len() > 20, "only {}", queries.len());
        let lessons = queries.into_iter().map(|query| (query.to_owned(), url::decode(query).0));
        PRESETS.iter().map(|preset| (preset.name.to_owned(), preset.experiment())).chain(lessons).collect()
    }

    /// Whether what a name says is so.
    fn is_true(name: &str, experiment: &Experiment, own: &ArmConfig, other: &ArmConfig) -> bool {
        let value = || name.split(' ').next_back().unwrap().parse::<f64>().unwrap();
        let near = |found: f64| (value() - found).abs() <= 0.1 * found.abs();
        match name {
            "" => own == other,
            "Standard" => *own == ArmConfig::standard(experiment.run.method, experiment.run.data),
            "Norm-decoupled" => own.gradscale == 1.0 && other.gradscale == 0.0 && own.grad_mode == GradMode::Sample,
            "No GradScale" => own.gradscale == 0.0 && other.gradscale != 0.0,
            "Batch-mean norm" => own.grad_mode == GradMode::Batch && own.gradscale > 0.0,
            "Norm per sample" => own.grad_mode == GradMode::Sample && own.gradscale > 0.0,
            "Usual weights" => own.cut == 1.0 && other.cut != 1.0,
            "Cut weights" => own.cut > 1.0 && other.cut <= 1.0,
            "Enlarged weights" => own.cut < 1.0 && other.cut >= 1.0,
            "No batch norm" => !own.bn && other.bn,
            "With batch norm" => own.bn && !other.bn,
            _ if name.starts_with("GradScale p=") => name == format!("GradScale p={}", own.gradscale),
            _ if name.starts_with("Rate ") => near(own.lr) && own.lr != other.lr,
            _ if name.starts_with("Temperature ") => near(own.tau) && own.tau != other.tau,
            _ if name.starts_with("Decay ") => near(own.wd) && own.wd != other.wd,
            _ => panic!("the test does not know {name}"),
        }
    }

    #[test]
    fn no_name_contradicts_the_settings_of_any_preset_or_lesson() {
        for (what, experiment) in states() {
            for (arm, rival) in [(ArmId::A, ArmId::B), (ArmId::B, ArmId::A)] {
                let name = arm_name(&experiment, arm);
                assert!(is_true(&name, &experiment, experiment.arm(arm), experiment.arm(rival)), "{what}: {name}");
                assert!(name.chars().count() <= 16, "{what}: {name} is too long for a phone");
                assert!(name.is_empty() || name != arm_name(&experiment, rival), "{what}: {name} twice");
            }
        }
    }

    #[test]
    fn names_say_what_tells_the_arms_apart() {
        let names = |query: &str| ArmId::ALL.map(|arm| arm_name(&url::decode(query).0, arm)).join(" / ");
        assert_eq!(names(""), "Standard / Norm-decoupled");
        assert_eq!(names("method=byol&a.bn=off&b.gradscale=0"), "No batch norm / Standard");
        assert_eq!(names("method=byol&a.bn=off&b.bn=off"), "No GradScale / Norm-decoupled");
        assert_eq!(names("a.cut=0.3333&b.gradscale=0&a.lr=0.03&b.lr=0.03"), "Enlarged weights / Usual weights");
        assert_eq!(names("a.lr=0.09&b.lr=0.01&b.cut=3&b.gradscale=0"), "Rate 0.09 / Cut weights");
        assert_eq!(names("a.gradscale=1&a.gradmode=batch"), "Batch-mean norm / Norm per sample");
        assert_eq!(names("b.gradscale=2"), "Standard / GradScale p=2");
        assert_eq!(names("b.gradscale=1&b.gradmode=batch"), "Standard / GradScale p=1");
        assert_eq!(names("a.gradscale=1"), " / ");
        // A setting without effect does not count as a difference.
        assert_eq!(names("b.gradscale=0&b.gradmode=batch&b.cutlayers=last"), " / ");
        assert_eq!(arm_label(&url::decode("").0, ArmId::B), "B: Norm-decoupled");
        assert_eq!(arm_label(&url::decode("a.gradscale=1").0, ArmId::B), "B");
    }

    #[test]
    fn whatever_is_set_the_names_are_short_and_tell_the_arms_apart() {
        let values = |param: &ArmParam| match param.control {
            super::super::Control::Number { min, max, .. } => {
                [min, max, 0.123_456_789 * max + min].map(|x| x.to_string()).to_vec()
            }
            super::super::Control::Whole { min, max } => [min, max].map(|x| x.to_string()).to_vec(),
            super::super::Control::Choice(names) => names.iter().map(|(key, _)| (*key).to_owned()).collect(),
            super::super::Control::Flag => vec!["on".to_owned(), "off".to_owned()],
        };
        for method in Method::ALL {
            for param in ARM_PARAMS.iter().filter(|param| param.applies_to(*method)) {
                for value in values(param) {
                    for rest in ["", "cut=2&", "gradscale=2&", "bn=off&"] {
                        let both =
                            rest.split_terminator('&').map(|one| format!("a.{one}&b.{one}&")).collect::<String>();
                        let query = format!("method={}&b.gradscale=0&{both}b.{}={value}", method.key(), param.key);
                        let experiment = url::decode(&query).0;
                        let [a, b] = ArmId::ALL.map(|arm| arm_name(&experiment, arm));
                        assert!(a.chars().count() <= 16 && b.chars().count() <= 16, "{query}: {a} / {b}");
                        assert!(a != b || a.is_empty(), "{query}: {a} twice");
                        assert!(!a.ends_with(' ') && !b.ends_with(' '), "{query}: {a} / {b}");
                        assert_eq!(a.is_empty(), b.is_empty(), "{query}: {a} / {b}");
                    }
                }
            }
        }
        assert!(WORDS.iter().all(|(key, _)| ArmParam::find(key).is_some()));
        assert_eq!(WORDS.len(), ARM_PARAMS.len());
    }
}
