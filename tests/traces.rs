//! The recorded runs that the page ships are of the presets as they are now, whole, and small.

use normscope::config::{ArmId, PRESETS, Standing};
use normscope::trace::{gzip, subject};

#[test]
fn every_preset_has_its_recorded_run() {
    for preset in PRESETS {
        let path = format!("static/traces/{}.trace", preset.name);
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{path}: {error}; run scripts/traces.sh {}", preset.name));
        assert!(bytes.len() < 110_000, "{path}: {} bytes", bytes.len());
        let trace = gzip::from_bytes(&bytes).unwrap();
        let (recorded, complaints) = trace.experiment();
        assert_eq!(complaints, vec![], "{path}");
        assert_eq!(
            recorded,
            subject(&preset.experiment()),
            "{path} is of other settings; run scripts/traces.sh {}",
            preset.name
        );
        assert_eq!(trace.steps, recorded.run.steps);
        // The page opens with this one, within its 300 kB: three pictures, between which points move.
        let least = if preset.name == "norm-trap" { 3 } else { 5 };
        for track in &trace.arms {
            assert!(track.stopped.is_some() || track.losses.len() == trace.steps as usize);
            assert!(track.shots.len() >= least && track.shots[0].step == 0, "{path}: {}", track.shots.len());
            assert!(
                track.stopped.is_some() || track.shots.last().is_some_and(|shot| shot.step == trace.steps),
                "{path}"
            );
            assert_eq!(track.shots[0].len(), trace.data.labels.len());
        }
    }
}

#[test]
fn a_preset_whose_point_is_a_failure_says_so_on_its_card() {
    let mut failures = 0;
    for preset in PRESETS {
        let path = format!("static/traces/{}.trace", preset.name);
        let trace = gzip::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
        for id in ArmId::ALL {
            let names: &[&str] = match trace.standing(id) {
                Standing::Fine => continue,
                Standing::Diverged(_) => &["diverge"],
                Standing::RunsAway(_) => &["runs away", "run away", "ran away"],
                Standing::Collapsed | Standing::Narrow(_) => &["collapse"],
                Standing::BelowStart => &["below its start", "worse than untrained", "loses"],
            };
            failures += 1;
            let reason = preset.reason.to_lowercase();
            assert!(
                names.iter().any(|name| reason.contains(name)),
                "{}: arm {} {}, and its card says: {}",
                preset.name,
                id.letter(),
                trace.standing(id).failure().unwrap(),
                preset.reason
            );
        }
    }
    // BYOL without batch norm is there for that: both arms.
    assert!(failures >= 2);
}

#[test]
fn arms_of_other_presets_are_far_from_every_limit() {
    for preset in PRESETS.iter().filter(|preset| preset.name.contains("digits") || preset.name.contains("tuned")) {
        let trace = gzip::from_bytes(&std::fs::read(format!("static/traces/{}.trace", preset.name)).unwrap()).unwrap();
        for id in ArmId::ALL {
            assert_eq!(trace.standing(id), Standing::Fine, "{} {id:?}", preset.name);
        }
    }
}
