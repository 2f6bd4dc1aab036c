//! The URL codec: an [`Experiment`] as a short query string and back.
//!
//! [`encode`] writes only what differs from the preset (or from the defaults of the method and data); [`decode`] reads
//! any query string, keeps everything that is valid and returns a [`Complaint`] for everything that is not.
//! Plain keys belong to the experiment, `a.` and `b.` prefix the keys of [`ARM_PARAMS`].

use std::ops::RangeInclusive;
use std::str::FromStr;

use super::arm::ArmId;
use super::choices::{Choice, DataName, Method};
use super::complaint::Complaint;
use super::experiment::{Aspect, Experiment, Run};
use super::params::{self, ARM_PARAMS, ArmParam};
use super::presets::{PRESETS, Preset};
use super::value_error::{MOST_IDS, ValueError};

/// Version of the links that this program writes. A key's name, meaning or default may only change with it, and with a
/// line in `modern` that keeps older links true.
pub const VERSION: u32 = 1;
/// Longest query string that is read, in bytes.
pub const MAX_QUERY: usize = 16 * 1024;

/// A plain (not per-arm) key: how to read and to write it.
struct PlainKey {
    key: &'static str,
    set: fn(&mut Experiment, &str) -> Result<(), ValueError>,
    get: fn(&Experiment) -> String,
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
static PLAIN_KEYS: &[PlainKey] = &[
    named!("room", view.room),
    whole!("seed", run.seed, 0..=u64::from(u32::MAX)),
    named!("device", view.device),
    whole!("steps", run.steps, 1..=1_000_000),
    whole!("eval", run.eval, 1..=10_000),
    whole!("speed", view.speed, 0..=1_000),
    flag!("autoplay", view.autoplay),
    flag!("embed", view.embed),
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

fn read_choice<C: Choice>(text: &str) -> Result<C, ValueError> {
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

/// Splits the query and undoes what mail and chat programs do to it; of a key that comes twice the first counts.
fn unique_pairs(query: &str, complaints: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (key, text) in split(query, complaints) {
        match pairs.iter().find(|(known, _)| *known == key) {
            Some((_, first)) if *first == text => {}
            Some((_, first)) => complaints.push(Complaint {
                input: format!("{}={}", shorten(&key), shorten(&text)),
                problem: "is given twice with different values.".to_owned(),
                used: shorten(first),
                harmless: false,
            }),
            None => pairs.push((key, text)),
        }
    }
    pairs
}

/// The pairs of a query as it was meant: without what others have added or encoded once more.
fn split(query: &str, complaints: &mut Vec<Complaint>) -> Vec<(String, String)> {
    let raw = |query: &str| -> Vec<(String, String)> {
        let known = |(key, text): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            // `&` written as in HTML, a second question mark, capitals.
            let key = key.trim().trim_start_matches('?');
            let key = key.strip_prefix("amp;").unwrap_or(key).to_ascii_lowercase();
            (key, text.into_owned())
        };
        form_urlencoded::parse(query.as_bytes())
            .map(known)
            .filter(|(key, text)| !(key.is_empty() && text.is_empty()))
            .collect()
    };
    let mut pairs = raw(query);
    // The whole query was encoded once more: `preset%3Dbyol-tuned%26seed%3D3`.
    if let [(key, text)] = pairs.as_slice()
        && text.is_empty()
        && key.contains('=')
    {
        pairs = raw(key);
    }
    // Quoted-printable mail writes `=` as `=3D`.
    if !pairs.is_empty() && pairs.iter().all(|(_, text)| text.starts_with("3D")) {
        pairs.iter_mut().for_each(|(_, text)| *text = text[2..].to_owned());
    }
    pairs.retain(|(key, _)| !is_tracking(key));
    if let Some((key, text)) = pairs.last_mut() {
        // No value ends with anything else; a sentence goes on after a link, a bracket closes round it.
        let own = if key == "hide" { "-_." } else { "-" };
        let clean = text.trim_end().trim_end_matches(|c: char| !c.is_alphanumeric() && !own.contains(c));
        if !clean.is_empty() && clean.len() < text.trim_end().len() {
            complaints.push(Complaint {
                input: format!("{}={}", shorten(key), shorten(text)),
                problem: "ends with a sign that is no part of the link.".to_owned(),
                used: shorten(clean),
                harmless: true,
            });
            *text = clean.to_owned();
        }
    }
    pairs
}

/// Whether a key is what newsletters, networks and messengers add to count clicks: nobody meant it for this page.
fn is_tracking(key: &str) -> bool {
    const PREFIXES: [&str; 5] = ["utm_", "mc_", "_hs", "pk_", "mtm_"];
    const KEYS: [&str; 12] =
        ["_ga", "_gl", "igshid", "igsh", "ref", "ref_src", "ref_url", "s", "si", "lang", "mkt_tok", "gad_source"];
    PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || key.ends_with("clid") || KEYS.contains(&key)
}

/// What nobody here knows, in one sentence, so that it pushes out no other notice.
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

/// Takes the version out of the pairs and brings the rest up to date; a link without one is of version 1.
fn take_version(pairs: &mut Vec<(String, String)>, complaints: &mut Vec<Complaint>) {
    let Some(at) = pairs.iter().position(|(key, _)| key == "v") else { return modern(1, pairs) };
    let (_, text) = pairs.remove(at);
    match text.trim().parse::<u32>() {
        Ok(version) if (1..=VERSION).contains(&version) => modern(version, pairs),
        Ok(version) if version > VERSION => complaints.push(Complaint {
            input: format!("v={version}"),
            problem: format!(
                "was written by a newer Normscope (this one reads links up to version {VERSION}). What this one does not know \
                 is left out; reload the page to get the newest."
            ),
            used: String::new(),
            harmless: false,
        }),
        _ => complaints.push(Complaint {
            input: format!("v={}", shorten(&text)),
            problem: format!("must be a version number from 1 to {VERSION}."),
            used: VERSION.to_string(),
            harmless: false,
        }),
    }
}

/// Turns the keys of a link of `version` into those of [`VERSION`]. Old names of things that outside pages have linked to
/// are understood for good.
fn modern(_version: u32, pairs: &mut [(String, String)]) {
    for (key, _) in pairs {
        if let Some((_, now)) = RENAMED.iter().find(|(old, _)| old == key) {
            (*now).clone_into(key);
        }
    }
}

/// Spellings that links have been written with: (old, now).
static RENAMED: &[(&str, &str)] = &[("color", "colour"), ("dataset", "data")];

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
    for arm in ArmId::ALL {
        let config = &mut experiment.run.arms[arm.index()];
        // A default warm-up that is longer than a short run is nobody's contradiction.
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

/// Keeps messages readable whatever the input holds.
fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(48).collect();
    if text.chars().count() > 48 { format!("{clean}…") } else { clean }
}

/// Writes the shortest query string (no leading `?`) that [`decode`] turns back into `experiment`.
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

/// The query part of a pasted link; a bare query string is returned as it is.
pub fn query_of(link: &str) -> &str {
    let before_fragment = link.split('#').next().unwrap_or_default();
    match before_fragment.split_once('?') {
        Some((_, query)) => query,
        None if before_fragment.contains("://") => "",
        None => before_fragment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::params::{Control, Value};
    use crate::config::{ColourBy, Shape};
    use proptest::prelude::*;

    #[test]
    fn what_is_kept_names_every_setting_of_its_preset() {
        for preset in PRESETS {
            let mut experiment = preset.experiment();
            experiment.run.arms[1].lr = 0.0123;
            let kept = encode_for_keeps(&experiment);
            assert_eq!(decode(&kept), (experiment.clone(), vec![]), "{kept}");
            // Without the preset's name it says the same: nothing hangs on what the name stands for.
            let (_, rest) = kept.split_once('&').unwrap();
            let (found, _) = decode(rest);
            assert_eq!(
                (found.run.arms, found.run.method, found.run.data),
                (experiment.run.arms, experiment.run.method, experiment.run.data),
                "{kept}"
            );
        }
        assert_eq!(encode_for_keeps(&Experiment::default()), "");
    }

    /// Links of version 1 that are out in the world; they must mean the same for ever.
    #[test]
    fn links_of_version_1_keep_their_meaning() {
        let read = |query: &str| {
            let (experiment, complaints) = decode(query);
            assert_eq!(complaints, vec![], "{query}");
            experiment
        };
        let plain =
            read("method=byol&data=digits&a.lr=0.05&b.gradscale=2&b.cut=9&seed=3&steps=250&colour=norm&shape=sphere");
        assert_eq!((plain.run.method, plain.run.data), (Method::Byol, DataName::Digits));
        assert_eq!((plain.run.arms[0].lr, plain.run.arms[1].gradscale, plain.run.arms[1].cut), (0.05, 2.0, 9.0));
        assert_eq!(
            (plain.run.seed, plain.run.steps, plain.view.colour, plain.view.shape),
            (3, 250, ColourBy::Norm, Shape::Sphere)
        );
        assert_eq!(
            read(
                "method=byol&data=digits&a.lr=0.05&b.gradscale=2&b.cut=9&seed=3&steps=250&colour=norm&shape=sphere&v=1"
            ),
            plain
        );
        assert_eq!(
            read("method=byol&dataset=digits&a.lr=0.05&b.gradscale=2&b.cut=9&seed=3&steps=250&color=norm&shape=sphere"),
            plain
        );
        assert!(!read("preset=byol-collapse&embed=1&hide=charts,legend&lock=1").run.arms[0].bn);
    }

    #[test]
    fn a_link_of_a_newer_version_is_explained_and_what_is_known_of_it_counts() {
        let (experiment, complaints) = decode("seed=9&v=7&warp=3");
        assert_eq!(experiment.run.seed, 9);
        let inputs: Vec<&str> = complaints.iter().map(|one| one.input.as_str()).collect();
        assert_eq!(inputs, ["v=7", "warp=3"]);
        assert!(complaints[0].problem.contains("newer"));
        assert_eq!(decode("seed=9&v=x").1.len(), 1);
        assert_eq!(link(&Experiment::default()), "");
        let mut experiment = Experiment::default();
        experiment.run.seed = 9;
        assert_eq!(link(&experiment), "seed=9&v=1");
    }

    /// Any experiment that the page can be in.
    fn experiments() -> impl Strategy<Value = Experiment> {
        let names = Preset::all_names();
        let arms = proptest::collection::vec((any::<bool>(), 0.0..=1.0_f64), 2 * ARM_PARAMS.len());
        let plain = (0..3_usize, 0..3_usize, any::<u32>(), any::<[bool; 4]>(), 1..5000_u32, 0..=names.len());
        (plain, arms).prop_map(move |((method, data, seed, flags, steps, preset), draws)| {
            let mut experiment = match names.get(preset) {
                Some(name) => Preset::find(name).unwrap().experiment(),
                None => Experiment::base(Method::ALL[method], DataName::ALL[data]),
            };
            experiment.run.seed = u64::from(seed);
            experiment.run.steps = steps;
            [experiment.view.autoplay, experiment.view.embed, experiment.view.lock] = [flags[0], flags[1], flags[2]];
            if flags[3] {
                experiment.view.hide = vec!["transport".into(), "a.lr".into()];
            }
            for (i, (change, position)) in draws.into_iter().enumerate() {
                let param = &ARM_PARAMS[i % ARM_PARAMS.len()];
                let arm = &mut experiment.run.arms[i / ARM_PARAMS.len()];
                if change {
                    param.apply(arm, "", &value_at(param.control, position).to_string()).unwrap();
                }
            }
            for arm in &mut experiment.run.arms {
                arm.warmup = arm.warmup.min(steps);
            }
            experiment
        })
    }

    fn value_at(control: Control, position: f64) -> Value {
        match control {
            Control::Number { min, max, .. } => Value::Number((min + position * (max - min)).clamp(min, max)),
            Control::Whole { min, max } => Value::Whole(min + (position * f64::from(max - min)) as u32),
            Control::Choice(names) => Value::Name(names[(position * (names.len() - 1) as f64) as usize].0),
            Control::Flag => Value::Flag(position > 0.5),
        }
    }

    proptest! {
        #[test]
        fn any_experiment_survives_the_url(experiment in experiments()) {
            let query = encode(&experiment);
            let (back, complaints) = decode(&query);
            prop_assert_eq!(complaints, vec![]);
            prop_assert_eq!(back, experiment);
        }

        #[test]
        fn any_text_is_read_without_a_panic_and_what_it_gives_can_be_linked(query in ".{0,200}") {
            let (experiment, _) = decode(&query);
            prop_assert_eq!(decode(&encode(&experiment)).0, experiment);
        }

        #[test]
        fn hostile_values_leave_the_defaults(key in "(a|b)\\.(lr|wd|cut|gradscale|dim|batch|tau)", value in "(NaN|-?inf|-[0-9]+\\.[1-9]|[0-9]{12}|[a-z<>&]{1,9}|)") {
            let (experiment, complaints) = decode(&form_urlencoded::Serializer::new(String::new()).append_pair(&key, &value).finish());
            prop_assert_eq!(experiment, Experiment::default());
            // A sign after the value may be complained about as well.
            let wrong: Vec<&Complaint> = complaints.iter().filter(|one| !one.harmless).collect();
            prop_assert_eq!(wrong.len(), 1);
            prop_assert!(complaints.iter().all(|one| one.input.starts_with(&key)));
        }
    }

    #[test]
    fn the_default_experiment_is_an_empty_query() {
        assert_eq!(encode(&Experiment::default()), "");
        assert_eq!(decode(""), (Experiment::default(), vec![]));
    }

    #[test]
    fn unknown_wrong_and_contradictory_values_are_named_and_the_rest_is_kept() {
        let (experiment, complaints) =
            decode("?method=byol&lerningrate=3&a.lr=NaN&seed=12&seed=13&a.warmup=5000&room=attic&b.cut=3");
        let inputs: Vec<&str> = complaints.iter().map(|c| c.input.as_str()).collect();
        assert_eq!(inputs, ["seed=13", "a.lr=NaN", "room=attic", "lerningrate=3", "a.warmup=5000"]);
        assert_eq!(experiment.run.method, Method::Byol);
        assert_eq!(experiment.run.seed, 12);
        assert_eq!(experiment.run.arms[1].cut, 3.0);
        assert_eq!(experiment.run.arms[0].warmup, experiment.run.steps);
    }

    /// What mail and chat programs do to a link, and what it means all the same.
    #[test]
    fn a_link_survives_mail_and_chat() {
        let plain = decode("preset=byol-tuned&b.lr=0.05").0;
        for silent in [
            "preset=byol-tuned&amp;b.lr=0.05",
            "preset=byol-tuned&b.lr=0.05&utm_source=news&utm_medium=mail&fbclid=IwAR0",
            "gclid=x&preset=byol-tuned&b.lr=0.05&ref=chat",
            "preset%3Dbyol-tuned%26b.lr%3D0.05",
            "preset=3Dbyol-tuned&b.lr=3D0.05",
            "??preset=byol-tuned&B.LR=0.05",
            "preset=byol-tuned&b.lr=0,05",
            "preset=byol-tuned&b.lr=0.05&",
        ] {
            assert_eq!(decode(silent), (plain.clone(), vec![]), "{silent}");
        }
        for end in [".", ")", ">", "/", ",", ";", ":", "'", "\"", "]", "%3E", "%E2%80%9D", ").", "*"] {
            let (read, complaints) = decode(&format!("preset=byol-tuned&b.lr=0.05{end}"));
            assert_eq!(read, plain, "{end}");
            assert!(
                complaints.len() == 1 && complaints[0].harmless && complaints[0].used == "0.05",
                "{end}: {complaints:?}"
            );
        }
        assert_eq!(decode("preset=byol-tuned)&utm_source=x").0, decode("preset=byol-tuned").0);
        let (_, complaints) = decode("warp=1&speed=fast&foo=2&bar=3&baz=4&quux=5");
        assert_eq!(complaints.len(), 2);
        assert_eq!(complaints[1].input, "warp=1, foo=2, bar=3, baz=4 and 1 more");
    }

    #[test]
    fn a_pasted_link_gives_its_query() {
        assert_eq!(query_of("https://example.org/x?seed=3#top"), "seed=3");
        assert_eq!(query_of("seed=3&a.cut=2"), "seed=3&a.cut=2");
        assert_eq!(query_of("https://example.org/"), "");
    }
}
