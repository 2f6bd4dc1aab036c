//! The recorded runs that the page ships are of the presets as they are now, whole, and small.

use normscope::config::PRESETS;
use normscope::trace::{file, subject};

#[test]
fn every_preset_has_its_recorded_run() {
    for preset in PRESETS {
        let path = format!("static/traces/{}.trace", preset.name);
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{path}: {error}; run scripts/traces.sh {}", preset.name));
        assert!(bytes.len() < 110_000, "{path}: {} bytes", bytes.len());
        let trace = file::from_bytes(&bytes).unwrap();
        let (recorded, complaints) = trace.experiment();
        assert_eq!(complaints, vec![], "{path}");
        assert_eq!(
            recorded,
            subject(&preset.experiment()),
            "{path} is of other settings; run scripts/traces.sh {}",
            preset.name
        );
        assert_eq!(trace.steps, recorded.steps);
        for track in &trace.arms {
            assert!(track.stopped.is_some() || track.losses.len() == trace.steps as usize);
            assert!(track.shots.len() >= 5 && track.shots[0].step == 0);
            assert_eq!(track.shots[0].len(), trace.data.labels.len());
        }
    }
}
