//! What links mean, and that they survive.

use proptest::prelude::*;

use super::*;
use crate::config::choices::Choice;
use crate::config::{
    ARM_PARAMS, ColourBy, Complaint, Control, DataName, Experiment, Method, PRESETS, Preset, Shape, Value,
};

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
        read("method=byol&data=digits&a.lr=0.05&b.gradscale=2&b.cut=9&seed=3&steps=250&colour=norm&shape=sphere&v=1"),
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
    let plain = (0..3_usize, 0..3_usize, any::<u32>(), any::<[bool; 6]>(), 1..5000_u32, 0..=names.len());
    (plain, arms).prop_map(move |((method, data, seed, flags, steps, preset), draws)| {
        let mut experiment = match names.get(preset) {
            Some(name) => Preset::find(name).unwrap().experiment(),
            None => Experiment::base(Method::ALL[method], DataName::ALL[data]),
        };
        experiment.run.seed = u64::from(seed);
        experiment.run.steps = steps;
        [experiment.view.autoplay, experiment.view.embed, experiment.view.lock] = [flags[0], flags[1], flags[2]];
        experiment.view.present = flags[4];
        experiment.view.at = flags[5].then_some(steps / 2);
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
