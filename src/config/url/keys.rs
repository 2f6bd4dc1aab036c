//! The plain keys of a query: how each is read and written.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::config::choices::Choice;
use crate::config::experiment::Experiment;
use crate::config::params;
use crate::config::value_error::{MOST_IDS, ValueError};

/// A plain (not per-arm) key: how to read and to write it.
pub(super) struct PlainKey {
    pub(super) key: &'static str,
    pub(super) set: fn(&mut Experiment, &str) -> Result<(), ValueError>,
    pub(super) get: fn(&Experiment) -> String,
}

macro_rules! named {
    ($key:literal, $part:ident.$field:ident) => {
        PlainKey {
            key: $key,
            set: |experiment, text| {
                experiment.$part.$field = read_choice(text)?;
                Ok(())
            },
            get: |experiment| experiment.$part.$field.key().to_owned(),
        }
    };
}

macro_rules! whole {
    ($key:literal, $part:ident.$field:ident, $range:expr) => {
        PlainKey {
            key: $key,
            set: |experiment, text| {
                experiment.$part.$field = read_whole(text, $range)?;
                Ok(())
            },
            get: |experiment| experiment.$part.$field.to_string(),
        }
    };
}

macro_rules! flag {
    ($key:literal, $part:ident.$field:ident) => {
        PlainKey {
            key: $key,
            set: |experiment, text| {
                experiment.$part.$field = params::read_flag(text)?;
                Ok(())
            },
            get: |experiment| String::from(if experiment.$part.$field { "1" } else { "0" }),
        }
    };
}

/// The plain keys that need no order among themselves; `preset`, `method` and `data` come before them.
pub(super) static PLAIN_KEYS: &[PlainKey] = &[
    named!("room", view.room),
    whole!("seed", run.seed, 0..=u64::from(u32::MAX)),
    named!("device", view.device),
    whole!("steps", run.steps, 1..=1_000_000),
    whole!("eval", run.eval, 1..=10_000),
    whole!("speed", view.speed, 0..=1_000),
    flag!("autoplay", view.autoplay),
    flag!("embed", view.embed),
    flag!("present", view.present),
    PlainKey {
        key: "at",
        set: |experiment, text| {
            experiment.view.at = Some(read_whole(text, 0..=1_000_000)?);
            Ok(())
        },
        get: |experiment| experiment.view.at.map(|step| step.to_string()).unwrap_or_default(),
    },
    named!("theme", view.theme),
    named!("shape", view.shape),
    named!("colour", view.colour),
    PlainKey {
        key: "hide",
        set: |experiment, text| {
            experiment.view.hide = read_ids(text)?;
            Ok(())
        },
        get: |experiment| experiment.view.hide.join(","),
    },
    flag!("lock", view.lock),
    PlainKey {
        key: "lesson",
        set: |experiment, text| {
            let id = text.trim();
            if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                return Err(ValueError::Lesson);
            }
            id.clone_into(&mut experiment.view.lesson);
            Ok(())
        },
        get: |experiment| experiment.view.lesson.clone(),
    },
];

pub(super) fn read_choice<C: Choice>(text: &str) -> Result<C, ValueError> {
    C::parse(text.trim()).ok_or_else(ValueError::choice::<C>)
}

fn read_whole<T: Copy + FromStr + Into<u64> + PartialOrd>(
    text: &str,
    range: RangeInclusive<T>,
) -> Result<T, ValueError> {
    text.trim().parse().ok().filter(|value| range.contains(value)).ok_or_else(|| ValueError::whole(&range))
}

fn read_ids(text: &str) -> Result<Vec<String>, ValueError> {
    let ids: Vec<String> = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let fits = |id: &String| id.len() <= 32 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if ids.len() <= MOST_IDS && ids.iter().all(fits) { Ok(ids) } else { Err(ValueError::ControlIds) }
}
