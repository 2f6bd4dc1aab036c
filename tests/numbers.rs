//! Numbers at their edges: whatever the settings and the data, an arm trains or says why it stopped, and nothing that the page
//! draws is infinite or no number.

use normscope::config::{ArmId, DataName, url};
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::protocol::{Command, Event};
use normscope::rng::{CounterRng, Domain};

const SMALL: &str = "steps=12&eval=4&a.batch=16&b.batch=16&a.width=8&b.width=8";

/// All events of a run; the session panics if it can't go on.
fn run(query: &str, files: Option<Vec<(String, Vec<u8>)>>) -> Vec<Event> {
    let (experiment, _) = url::decode(&format!("{query}&{SMALL}"));
    pollster::block_on(async {
        let (mut session, mut events) = Session::start(Compute::cpu("a test"), experiment.clone()).await.unwrap();
        if let Some(files) = files {
            events.extend(session.handle(Command::OpenFiles(files)).await.unwrap());
            let mut experiment = experiment;
            experiment.run.data = DataName::Files;
            events.extend(session.handle(Command::Set(experiment)).await.unwrap());
        }
        events.extend(session.run(Command::Play).await.unwrap());
        for (request, arm) in (0..).zip(ArmId::ALL) {
            events.extend(session.handle(Command::Inspect { arm, index: 0, request }).await.unwrap());
        }
        events
    })
}

/// Everything drawn is finite; each arm comes to its end or says why not.
fn sound(query: &str, events: &[Event]) {
    let mut last = [0; 2];
    for event in events {
        match event {
            Event::Evaluated(told) => {
                last[told.arm.index()] = told.step;
                assert!(told.directions.iter().all(|x| x.is_finite()), "{query}: a direction at step {}", told.step);
                assert!(told.norms.iter().all(|x| x.is_finite()), "{query}: a norm at step {}", told.step);
                assert!(told.losses.iter().all(|(_, x)| x.is_finite()), "{query}: a loss at step {}", told.step);
                for (metric, value) in &told.values {
                    assert!(value.is_finite(), "{query}: {} at step {}", metric.name(), told.step);
                }
            }
            Event::ArmStopped { arm, reason, .. } => {
                assert!(reason.contains("ower the learning rate"), "{query}: {reason}");
                last[arm.index()] = 12;
            }
            _ => {}
        }
    }
    assert_eq!(last, [12; 2], "{query}");
}

#[test]
fn extreme_settings_train_or_say_why_not() {
    for query in [
        "a.dim=1&b.dim=1",
        "a.batch=2&b.batch=2",
        "a.dim=1&b.batch=2&b.dim=1&a.batch=2",
        "a.lr=10&b.lr=10&b.bn=off",
        "a.tau=0.01&b.tau=10",
        "a.cut=64&b.cut=0.05",
        "a.cut=64&a.bn=off&b.cut=64&b.gradscale=3&b.bn=off",
        "a.gradscale=3&a.bn=off&b.gradscale=3&b.lr=10&b.bn=off",
        "a.gradscale=3&a.gradmode=batch&a.lr=10&b.wd=0.1&b.lr=10",
        "method=byol&a.bn=off&a.lr=10&b.ema=0&b.lr=10",
        "method=byol&a.dim=1&a.batch=2&b.ema=1",
        "method=simsiam&a.bn=off&a.lr=10&b.dim=1",
        "method=simsiam&a.batch=2&b.cut=64&b.bn=off",
        "a.loss=dcl&a.batch=2&b.loss=dcl&b.tau=0.01&b.lr=10",
        "a.opt=adamw&a.lr=10&b.opt=adamw&b.lr=10&b.wd=0.1",
        "data=latent&a.lr=10&a.bn=off&b.dim=1",
    ] {
        sound(query, &run(query, None));
    }
}

/// Two IDX files of `n` pictures of 8 x 8, made of `pixel(picture, place)`.
fn pictures(n: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<(String, Vec<u8>)> {
    let mut images = vec![0, 0, 8, 3, 0, 0, (n >> 8) as u8, n as u8, 0, 0, 0, 8, 0, 0, 0, 8];
    images.extend((0..n).flat_map(|picture| (0..64).map(move |place| (picture, place))).map(|(p, at)| pixel(p, at)));
    let mut labels = vec![0, 0, 8, 1, 0, 0, (n >> 8) as u8, n as u8];
    labels.extend((0..n).map(|picture| (picture % 3) as u8));
    vec![("images".to_owned(), images), ("labels".to_owned(), labels)]
}

#[test]
fn data_without_any_difference_trains_or_says_why_not() {
    for query in ["", "method=byol", "a.bn=off&b.bn=off&b.gradscale=2", "method=simsiam&a.batch=2&b.dim=1"] {
        for value in [0, 255] {
            let files = pictures(60, |_, _| value);
            sound(&format!("{query}, all pixels {value}"), &run(query, Some(files)));
        }
        sound(&format!("{query}, equal pictures"), &run(query, Some(pictures(60, |_, at| (at * 4) as u8))));
    }
}

#[test]
fn random_settings_within_their_limits_train_or_say_why_not() {
    use normscope::config::{ARM_PARAMS, Control};
    let mut rng = CounterRng::new(Domain::Probe, 2026, 0, 0, 0);
    for _ in 0..40 {
        let method = ["simclr", "byol", "simsiam"][rng.below(3) as usize];
        let mut query = format!("method={method}&data={}", ["digits", "latent"][rng.below(2) as usize]);
        for param in ARM_PARAMS.iter().filter(|param| !matches!(param.key, "batch" | "width")) {
            // Most at their limits, where trouble is.
            let value = match param.control {
                Control::Number { min, max, .. } => {
                    [min, max, 1.0_f64.clamp(min, max)][rng.below(3) as usize].to_string()
                }
                Control::Whole { min, max } => [min, max.min(64), 3.clamp(min, max)][rng.below(3) as usize].to_string(),
                Control::Choice(names) => names[rng.below(names.len() as u32) as usize].0.to_owned(),
                Control::Flag => ["on", "off"][rng.below(2) as usize].to_owned(),
            };
            query.push_str(&format!("&{}.{}={value}", ["a", "b"][rng.below(2) as usize], param.key));
        }
        sound(&query, &run(&query, None));
    }
}
