//! One arm of an experiment as a PyTorch script for readers who outgrow the browser.
//!
//! The script is a fixed text, `pytorch.py.in`; only the entries of its `CONFIG` dictionary are written here. Numbers and
//! switches come from [`ARM_PARAMS`]; every text becomes a Python string of printable ASCII on one line, so that no link
//! can be anything but a value. What the script computes is held against the engine by tests/pytorch.rs and
//! tests/python/pytorch_script.py.

use std::fmt::Write;

use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmId, Experiment, Value};

/// The script; [`SLOT`] stands where the entries of `CONFIG` go.
const TEMPLATE: &str = include_str!("pytorch.py.in");
const SLOT: &str = "@CONFIG@";

/// A Python script that trains `arm` of `experiment` with PyTorch. `link` opens the experiment in the browser; it is kept as
/// a value of `CONFIG`, whatever it holds.
pub fn script(experiment: &Experiment, arm: ArmId, link: &str) -> String {
    // Only the first slot is the template's own.
    TEMPLATE.replacen(SLOT, &config(experiment, arm, link), 1)
}

/// The entries of `CONFIG`, one a line.
fn config(experiment: &Experiment, arm: ArmId, link: &str) -> String {
    let preset = experiment.run.preset.as_deref().map_or_else(|| "None".to_owned(), string);
    let plain = [
        ("link", string(link), "The experiment in the browser"),
        ("preset", preset, "Where it started from"),
        ("arm", string(arm.key()), "Which of the experiment's two arms"),
        ("method", string(experiment.run.method.key()), "simclr, byol, simsiam"),
        ("data", string(experiment.run.data.key()), "In the browser; here it is CIFAR-10"),
        ("seed", experiment.run.seed.to_string(), "Weights, batches and views"),
        ("steps", experiment.run.steps.to_string(), "Length of the run, horizon of the cosine"),
    ];
    let settings = experiment.arm(arm);
    let of_arm = ARM_PARAMS.iter().map(|param| (param.key, literal((param.get)(settings)), param.label));
    let entries: Vec<String> = plain
        .into_iter()
        .chain(of_arm)
        .map(|(key, value, label)| format!("    \"{key}\": {value},  # {label}"))
        .collect();
    entries.join("\n")
}

/// A value as Python writes it.
fn literal(value: Value) -> String {
    match value {
        Value::Number(x) if x.is_finite() => format!("{x:?}"),
        // No control gives one; Python has no literal for it.
        Value::Number(_) => "None".to_owned(),
        Value::Whole(x) => x.to_string(),
        Value::Name(name) => string(name),
        Value::Flag(flag) => String::from(if flag { "True" } else { "False" }),
    }
}

/// A Python string literal in double quotes: printable ASCII on one line, whatever `text` holds.
fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            ' '..='~' => literal.push(c),
            // Writing to a String can't fail.
            _ => drop(write!(literal, "\\U{:08x}", u32::from(c))),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{PRESETS, Preset, url};
    use proptest::prelude::*;

    /// Reads a literal of [`string`] as Python does; gives the text and what comes after it.
    fn read(literal: &str) -> Option<(String, &str)> {
        let mut rest = literal.strip_prefix('"')?;
        let mut text = String::new();
        loop {
            let c = rest.chars().next()?;
            rest = &rest[c.len_utf8()..];
            match c {
                '"' => return Some((text, rest)),
                '\\' => match rest.chars().next()? {
                    'U' => {
                        text.push(char::from_u32(u32::from_str_radix(rest.get(1..9)?, 16).ok()?)?);
                        rest = &rest[9..];
                    }
                    escaped @ ('"' | '\\') => {
                        text.push(escaped);
                        rest = &rest[1..];
                    }
                    _ => return None,
                },
                _ => text.push(c),
            }
        }
    }

    /// The value of a line `    "key": value,  # label`.
    fn value<'a>(script: &'a str, key: &str) -> &'a str {
        let start = format!("    \"{key}\": ");
        script.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap()
    }

    /// What people and machines would try to get out of a string or into the template with.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            ".{0,12}",
            "[\"'\\\\\n\r\u{2028}\u{0}#{}@%-]{0,6}",
            Just(SLOT.to_owned()),
            Just("\"\"\"\nimport os\n".to_owned()),
            Just("\\".to_owned()),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_link_and_preset_stay_one_value_and_change_nothing_else(link in texts(), preset in texts()) {
            let named = |name: &str| {
                let mut experiment = Experiment::default();
                experiment.run.preset = Some(name.to_owned());
                experiment
            };
            let (plain, hostile) = (named(""), named(&preset));
            let (expected, found) = (script(&plain, ArmId::B, ""), script(&hostile, ArmId::B, &link));
            prop_assert_eq!(expected.split('\n').count(), found.split('\n').count());
            for (expected, found) in expected.split('\n').zip(found.split('\n')) {
                match [("link", &link), ("preset", &preset)].iter().find(|(key, _)| {
                    expected.starts_with(&format!("    \"{key}\": \"\","))
                }) {
                    Some((key, text)) => {
                        prop_assert!(found.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                        let literal = found.strip_prefix(&format!("    \"{key}\": ")).unwrap();
                        let (read, rest) = read(literal).unwrap();
                        prop_assert_eq!(&read, *text);
                        prop_assert_eq!(rest, expected.split_once(": \"\"").unwrap().1);
                    }
                    None => prop_assert_eq!(expected, found),
                }
            }
        }
    }

    #[test]
    fn the_script_holds_every_setting_of_the_chosen_arm() {
        let (experiment, _) =
            url::decode("preset=digits-byol&b.lr=1e-5&b.wd=0&b.cut=3&b.bn=off&b.opt=adamw&seed=11&steps=90");
        let script = script(&experiment, ArmId::B, "https://example.org/?x=1");
        let expected = [
            ("link", "\"https://example.org/?x=1\","),
            ("preset", "\"digits-byol\","),
            ("arm", "\"b\","),
            ("method", "\"byol\","),
            ("seed", "11,"),
            ("steps", "90,"),
            ("cut", "3.0,"),
            ("gradscale", "1.0,"),
            ("lr", "1e-5,"),
            ("wd", "0.0,"),
            ("opt", "\"adamw\","),
            ("bn", "False,"),
        ];
        for (key, literal) in expected {
            assert!(value(&script, key).starts_with(literal), "{key}: {}", value(&script, key));
        }
        assert!(ARM_PARAMS.iter().all(|param| !value(&script, param.key).is_empty()));
    }

    #[test]
    fn every_preset_and_arm_fills_the_one_slot() {
        assert_eq!(TEMPLATE.matches(SLOT).count(), 1);
        for preset in PRESETS.iter().map(Preset::experiment) {
            for arm in ArmId::ALL {
                let script = script(&preset, arm, "");
                assert!(!script.contains(SLOT));
                assert_eq!(script.lines().count(), TEMPLATE.lines().count() + 6 + ARM_PARAMS.len());
            }
        }
    }
}
