//! One declarative table of every per-arm hyper-parameter: key, label, help, range, how to read and write it.
//!
//! The URL codec, the page's controls, the chips that say how the arms differ, and the command line's flags all walk
//! [`ARM_PARAMS`]; nothing else lists the parameters.

use super::arm::ArmConfig;
use super::choices::{Choice, CutLayers, GradMode, LossKind, Method, OptimizerKind, Schedule};
use super::complaint::Complaint;
use super::value_error::ValueError;

/// A parameter's value in a form that fits every parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Number(f64),
    /// A whole number.
    Whole(u32),
    /// A named alternative (its key).
    Name(&'static str),
    /// On or off.
    Flag(bool),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Number(x) if *x != 0.0 && x.abs() < 1e-3 => write!(f, "{x:e}"),
            Value::Number(x) => write!(f, "{x}"),
            Value::Whole(x) => write!(f, "{x}"),
            Value::Name(name) => write!(f, "{name}"),
            Value::Flag(flag) => write!(f, "{}", if *flag { "on" } else { "off" }),
        }
    }
}

/// The kind of control that a parameter needs, with its limits (both ends included).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// A real number; `log` asks for a logarithmic slider.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Whether equal slider distances are equal ratios.
        log: bool,
    },
    /// A whole number.
    Whole {
        /// Smallest value.
        min: u32,
        /// Largest value.
        max: u32,
    },
    /// One of several names: (key, label) pairs.
    Choice(&'static [(&'static str, &'static str)]),
    /// A switch.
    Flag,
}

/// One row of the table.
pub struct ArmParam {
    /// Name in URLs (after `a.` or `b.`), files and flags.
    pub key: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// One sentence for a tooltip and for `--help`.
    pub help: &'static str,
    /// The kind of control and its limits.
    pub control: Control,
    /// The methods that it has an effect on.
    pub methods: &'static [Method],
    /// Reads the value.
    pub get: fn(&ArmConfig) -> Value,
    /// Writes the value; the caller has checked kind and limits.
    set: fn(&mut ArmConfig, Value),
}

const ALL: &[Method] = &[Method::SimClr, Method::Byol, Method::SimSiam];

macro_rules! number {
    ($key:literal, $label:literal, $field:ident, $min:literal..=$max:literal, log $log:literal, $methods:expr, $help:literal) => {
        ArmParam {
            key: $key,
            label: $label,
            help: $help,
            control: Control::Number { min: $min, max: $max, log: $log },
            methods: $methods,
            get: |arm| Value::Number(arm.$field),
            set: |arm, value| {
                if let Value::Number(x) = value {
                    arm.$field = x;
                }
            },
        }
    };
}

macro_rules! whole {
    ($key:literal, $label:literal, $field:ident, $min:literal..=$max:literal, $help:literal) => {
        ArmParam {
            key: $key,
            label: $label,
            help: $help,
            control: Control::Whole { min: $min, max: $max },
            methods: ALL,
            get: |arm| Value::Whole(arm.$field),
            set: |arm, value| {
                if let Value::Whole(x) = value {
                    arm.$field = x;
                }
            },
        }
    };
}

macro_rules! named {
    ($key:literal, $label:literal, $field:ident, $kind:ty, $names:expr, $methods:expr, $help:literal) => {
        ArmParam {
            key: $key,
            label: $label,
            help: $help,
            control: Control::Choice($names),
            methods: $methods,
            get: |arm| Value::Name(arm.$field.key()),
            set: |arm, value| {
                if let Value::Name(name) = value
                    && let Some(choice) = <$kind>::parse(name)
                {
                    arm.$field = choice;
                }
            },
        }
    };
}

/// Every per-arm parameter, in the order in which the page shows them: norm control first.
pub static ARM_PARAMS: &[ArmParam] = &[
    number!("cut", "Cut-initialization c", cut, 0.05..=64.0, log true, ALL,
        "Divide the initial weights by c once, before training. Smaller weights give smaller norms and larger steps; below 1 enlarges them."),
    named!(
        "cutlayers",
        "Cut which layers",
        cut_layers,
        CutLayers,
        &[("all", "All"), ("encoder", "Encoder"), ("projector", "Projector"), ("last", "Last")],
        ALL,
        "The layers that cut-initialization divides."
    ),
    number!("gradscale", "GradScale power p", gradscale, 0.0..=3.0, log false, ALL,
        "Multiply each embedding's gradient by |z| to the power p on the way back; the forward pass is untouched. p = 1 removes the norm from the gradient."),
    named!(
        "gradmode",
        "GradScale norm",
        grad_mode,
        GradMode,
        &[("sample", "Sample"), ("batch", "Batch mean")],
        ALL,
        "Scale by each sample's own norm, or by the batch's mean norm: the control that shows what is only a learning-rate change."
    ),
    number!("lr", "Learning rate", lr, 1e-5..=10.0, log true, ALL, "Peak learning rate."),
    number!("wd", "Weight decay", wd, 0.0..=0.1, log false, ALL, "L2 for SGD, decoupled for AdamW. It holds norms down."),
    number!("momentum", "Momentum", momentum, 0.0..=0.999, log false, ALL, "SGD momentum (AdamW uses 0.9 and 0.999)."),
    named!(
        "opt",
        "Optimizer",
        optimizer,
        OptimizerKind,
        &[("sgd", "SGD"), ("adamw", "AdamW")],
        ALL,
        "SGD with momentum, or AdamW."
    ),
    whole!("warmup", "Warm-up steps", warmup, 0..=10_000, "The learning rate rises linearly over this many steps."),
    named!(
        "schedule",
        "Schedule",
        schedule,
        Schedule,
        &[("constant", "Constant"), ("cosine", "Cosine")],
        ALL,
        "The learning rate after warm-up."
    ),
    whole!(
        "dim",
        "Embedding dimension",
        dim,
        1..=512,
        "Size d of the projector's output. Three is drawn as it is, more through PCA."
    ),
    whole!(
        "batch",
        "Batch size",
        batch,
        2..=1024,
        "Samples per step; each gives two views. Both arms see the same batches only with the same size."
    ),
    whole!(
        "width",
        "Hidden width",
        width,
        4..=1024,
        "Hidden units of the encoder (channels of its last convolution) and the projector."
    ),
    number!("tau", "Temperature", tau, 0.01..=10.0, log true, &[Method::SimClr], "NT-Xent temperature."),
    named!(
        "loss",
        "Loss",
        loss,
        LossKind,
        &[("ntxent", "NT-Xent"), ("dcl", "DCL")],
        &[Method::SimClr],
        "NT-Xent, or its decoupled variant without the positive in the denominator."
    ),
    number!("ema", "EMA decay", ema, 0.0..=1.0, log false, &[Method::Byol], "How much of the target network stays at each step."),
    ArmParam {
        key: "bn",
        label: "Batch norm",
        help: "Batch normalisation in hidden layers. Without it BYOL and SimSiam tend to collapse.",
        control: Control::Flag,
        methods: ALL,
        get: |arm| Value::Flag(arm.bn),
        set: |arm, value| {
            if let Value::Flag(flag) = value {
                arm.bn = flag;
            }
        },
    },
];

impl ArmParam {
    /// Looks a parameter up by its key.
    pub fn find(key: &str) -> Option<&'static ArmParam> {
        ARM_PARAMS.iter().find(|param| param.key == key)
    }

    /// Reads `text` as a value of this parameter.
    ///
    /// # Errors
    /// A [`ValueError`] when the text is of another kind, not finite or out of range.
    pub fn read(&self, text: &str) -> Result<Value, ValueError> {
        match self.control {
            Control::Number { min, max, .. } => match read_number(text) {
                Some(x) if (min..=max).contains(&x) => Ok(Value::Number(x)),
                _ => Err(ValueError::Number { min, max }),
            },
            Control::Whole { min, max } => match text.trim().parse::<u32>() {
                Ok(x) if (min..=max).contains(&x) => Ok(Value::Whole(x)),
                _ => Err(ValueError::whole(&(min..=max))),
            },
            Control::Choice(names) => names
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(text.trim()))
                .map(|(key, _)| Value::Name(key))
                .ok_or_else(|| ValueError::Name {
                    keys: names.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", "),
                }),
            Control::Flag => read_flag(text).map(Value::Flag),
        }
    }

    /// Reads `text` and writes it into `arm`.
    ///
    /// # Errors
    /// A [`Complaint`] that names the input; `arm` is untouched then.
    pub fn apply(&self, arm: &mut ArmConfig, prefix: &str, text: &str) -> Result<(), Complaint> {
        match self.read(text) {
            Ok(value) => {
                (self.set)(arm, value);
                Ok(())
            }
            Err(problem) => Err(Complaint {
                input: format!("{prefix}{}={text}", self.key),
                problem: problem.to_string(),
                used: (self.get)(arm).to_string(),
                harmless: false,
            }),
        }
    }

    /// Whether the parameter has an effect on `method`.
    pub fn applies_to(&self, method: Method) -> bool {
        self.methods.contains(&method)
    }
}

/// Reads a number as people type it: with a decimal point or a decimal comma, with a hyphen or a minus sign. `None` where it
/// can't be read as a finite number; a text with both a comma and a point can't, since either could group thousands.
pub fn read_number(text: &str) -> Option<f64> {
    let text = text.trim().replace('\u{2212}', "-");
    let text = match (text.matches(',').count(), text.contains('.')) {
        (1, false) => text.replace(',', "."),
        _ => text,
    };
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// Reads a switch: on/off, true/false, 1/0, yes/no.
///
/// # Errors
/// [`ValueError::Flag`] for any other text.
pub fn read_flag(text: &str) -> Result<bool, ValueError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" | "" => Ok(true),
        "0" | "false" | "off" | "no" => Ok(false),
        _ => Err(ValueError::Flag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DataName, Experiment};

    #[test]
    fn every_default_lies_within_its_own_limits() {
        for method in Method::ALL {
            for data in DataName::ALL {
                for arm in Experiment::base(*method, *data).run.arms {
                    for param in ARM_PARAMS {
                        let value = (param.get)(&arm);
                        assert_eq!(param.read(&value.to_string()), Ok(value), "{}", param.key);
                    }
                }
            }
        }
    }

    #[test]
    fn keys_are_unique_and_choices_can_be_written() {
        for (i, param) in ARM_PARAMS.iter().enumerate() {
            assert!(ARM_PARAMS[..i].iter().all(|other| other.key != param.key), "{} twice", param.key);
            if let Control::Choice(names) = param.control {
                let mut arm = Experiment::default().run.arms[0].clone();
                for (key, _) in names {
                    param.apply(&mut arm, "a.", key).unwrap();
                    assert_eq!((param.get)(&arm), Value::Name(key));
                }
            }
        }
    }

    #[test]
    fn a_decimal_comma_and_a_minus_sign_are_understood() {
        for (text, expected) in
            [("0,05", 0.05), (" 0.05 ", 0.05), ("1e-3", 1e-3), ("\u{2212}2,5", -2.5), (",5", 0.5), ("3", 3.0)]
        {
            assert_eq!(read_number(text), Some(expected), "{text}");
        }
        let mut arm = Experiment::default().run.arms[0].clone();
        ArmParam::find("lr").unwrap().apply(&mut arm, "a.", "0,05").unwrap();
        assert_eq!(arm.lr, 0.05);
    }

    #[test]
    fn a_number_that_is_not_finite_or_out_of_range_is_refused_and_nothing_changes() {
        let lr = ArmParam::find("lr").unwrap();
        let mut arm = Experiment::default().run.arms[0].clone();
        let before = arm.clone();
        for text in ["NaN", "inf", "-1", "1e9", "fast", "", "0,05,1", "1.000,5", ","] {
            let complaint = lr.apply(&mut arm, "a.", text).unwrap_err();
            assert!(complaint.to_string().contains("a.lr"), "{complaint}");
            assert_eq!(arm, before);
        }
    }
}
