//! A run that was saved and resumed is the run that was never stopped; a step that is told is a step of the run; a change
//! while training is taken over at once.

#[path = "common/runs.rs"]
mod runs;

use normscope::config::{ArmId, Experiment};
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::metrics::Metric;
use normscope::protocol::{Command, Event, Level, Story};
use normscope::trace::recording::Recording;
use runs::start;
use safetensors::SafeTensors;

/// Small networks on real digits.
const SMALL: &str = "data=digits&eval=10&a.batch=16&b.batch=16&a.width=16&b.width=16";

fn experiment(query: &str) -> Experiment {
    let steps = if query.contains("steps=") { "" } else { "steps=40&" };
    runs::experiment(&format!("{steps}{SMALL}&{query}"))
}

/// (step, loss bits) of an arm.
fn losses(events: &[Event], arm: ArmId) -> Vec<(u32, u64)> {
    runs::losses(events, arm).into_iter().map(|(step, loss)| (step, loss.to_bits())).collect()
}

/// The bits of every picture of an arm that is on record, with its step.
fn pictures(events: &[Event], arm: ArmId) -> Vec<(u32, Vec<u32>)> {
    let of = |event: &Event| match event {
        Event::Evaluated(told) if told.arm == arm && !told.values.is_empty() => {
            Some((told.step, told.directions.iter().map(|x| x.to_bits()).collect()))
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn bits(session: &Session, arm: ArmId) -> Vec<u32> {
    session.latest(arm).unwrap().points.iter().map(|x| x.to_bits()).collect()
}

/// The first layer's weights of both arms.
async fn first_layers(session: &mut Session) -> [Vec<f32>; 2] {
    let events = session.run(Command::Model { request: 1 }).await.unwrap();
    let of = |event: &Event| match event {
        Event::Model { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    let bytes = events.iter().find_map(of).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    ArmId::ALL.map(|arm| {
        let weights = file.tensor(&format!("{}.encoder.0.weight", arm.key())).unwrap();
        weights.data().as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect()
    })
}

/// How far weights moved, as a share of their length.
fn change(before: &[f32], after: &[f32]) -> f32 {
    let length = |values: &mut dyn Iterator<Item = f32>| values.map(|x| x * x).sum::<f32>().sqrt();
    length(&mut before.iter().zip(after).map(|(a, b)| b - a)) / length(&mut before.iter().copied())
}

#[test]
fn a_resumed_run_is_bit_for_bit_the_one_that_never_stopped() {
    for query in [
        "method=simclr",
        "method=byol",
        "method=simclr&a.opt=adamw&a.lr=0.001&b.opt=adamw&b.lr=0.001",
        "method=byol&a.bn=off",
        "method=simclr&a.dim=8&b.dim=5",
    ] {
        let experiment = experiment(query);
        pollster::block_on(async {
            let (mut whole, _) = start(&experiment).await;
            let undisturbed = whole.run(Command::Play).await.unwrap();

            // Saved at a step that is no evaluation's, so that losses wait on the device.
            let (mut first, _) = start(&experiment).await;
            let mut events = first.run(Command::Run(10)).await.unwrap();
            first.handle(Command::Play).await.unwrap();
            for _ in 0..7 {
                events.extend(first.tick().await.unwrap());
            }
            let saved = first.checkpoint().await.unwrap();
            drop(first);

            // The other session is of another experiment altogether.
            let (mut second, _) = start(&Experiment::default()).await;
            let resumed = second.run(Command::Resume(saved)).await.unwrap();
            assert!(resumed.iter().any(|event| matches!(event, Event::Resumed { .. })));
            events.extend(resumed);
            assert_eq!(second.step(), 17);
            events.extend(second.run(Command::Play).await.unwrap());

            for arm in ArmId::ALL {
                assert_eq!(losses(&events, arm), losses(&undisturbed, arm), "{query}");
                assert_eq!(pictures(&events, arm), pictures(&undisturbed, arm), "{query}");
                assert_eq!(bits(&second, arm), bits(&whole, arm), "{query}");
                assert_eq!(second.batch_hash(arm), whole.batch_hash(arm));
            }
        });
    }
}

#[test]
fn damaged_and_foreign_saved_runs_are_refused_and_the_session_goes_on() {
    pollster::block_on(async {
        let (mut session, _) = start(&experiment("method=simclr")).await;
        let saved = session.checkpoint().await.unwrap();
        let mut flipped = saved.clone();
        let at = flipped.len() / 2;
        flipped[at] ^= 4;
        let mut newer = saved.clone();
        newer[4] = 99;
        for bytes in [b"nothing".to_vec(), saved[..saved.len() - 3].to_vec(), flipped, newer, Vec::new()] {
            let events = session.run(Command::Resume(bytes)).await.unwrap();
            let notice = events.iter().any(|event| matches!(event, Event::Notice { level: Level::Error, .. }));
            assert!(notice, "{events:?}");
            assert_eq!(session.step(), 0);
        }
        assert!(!losses(&session.run(Command::Run(10)).await.unwrap(), ArmId::A).is_empty());
    });
}

#[test]
fn a_told_step_is_a_step_of_the_run_and_its_numbers_agree_with_theory() {
    let experiment = experiment("method=simclr&b.gradscale=1");
    pollster::block_on(async {
        let (mut plain, _) = start(&experiment).await;
        let untold = plain.run(Command::Run(3)).await.unwrap();
        let (mut session, _) = start(&experiment).await;
        session.run(Command::Run(2)).await.unwrap();
        let events = session.run(Command::Story { arm: ArmId::B, request: 5 }).await.unwrap();
        let story = events
            .iter()
            .find_map(|event| match event {
                Event::Told { request: 5, story } => postcard::from_bytes::<Story>(story).ok(),
                _ => None,
            })
            .unwrap();
        assert_eq!((session.step(), story.step), (3, 2));
        assert_eq!(losses(&untold, ArmId::B).last(), losses(&events, ArmId::B).last());
        let (n, d) = (story.samples as usize, story.dim as usize);
        assert_eq!([story.before.len(), story.gradient.len(), story.after.len()], [2 * n * d; 3]);
        assert_eq!(story.pictures.len(), 3 * story.labels.len());
        assert_ne!(story.before, story.after);
        // The exact gradient of NT-Xent times |z|^p, to the accuracy of f32.
        let z: Vec<Vec<f64>> =
            story.before.chunks_exact(d).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();
        let exact = normscope::theory::gradients::nt_xent(&z, story.tau);
        let exact = normscope::theory::gradients::scaled(&exact, &z, story.gradscale);
        let largest = exact.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (found, expected) in story.gradient.iter().zip(exact.iter().flatten()) {
            assert!((f64::from(*found) - expected).abs() < 1e-4 * largest, "{found} {expected}");
        }
        // A completed run has no step left to tell.
        session.run(Command::Play).await.unwrap();
        let events = session.run(Command::Story { arm: ArmId::A, request: 6 }).await.unwrap();
        assert!(events.iter().any(|event| matches!(event, Event::Told { request: 6, story } if story.is_empty())));
    });
}

#[test]
fn a_change_while_training_goes_on_from_the_same_step_and_sizes_stay() {
    pollster::block_on(async {
        let before = experiment("method=simclr");
        let (mut session, _) = start(&before).await;
        session.run(Command::Run(10)).await.unwrap();
        let mut next = before.clone();
        next.run.arms[0].lr = 1e-5;
        next.run.arms[0].tau = 0.1;
        next.run.arms[1].width = 64;
        let events = session.run(Command::Adjust(next)).await.unwrap();
        assert!(!events.iter().any(|event| matches!(event, Event::Restarted { .. })));
        assert_eq!(session.step(), 10);
        assert_eq!((session.experiment().run.arms[0].lr, session.experiment().run.arms[1].width), (1e-5, 16));
        let before = first_layers(&mut session).await;
        let events = session.run(Command::Run(10)).await.unwrap();
        assert_eq!(losses(&events, ArmId::A).len(), 10);
        // With a ten-thousandth of the rate A's weights hardly move; B's go on as before.
        let after = first_layers(&mut session).await;
        let [a, b] = [0, 1].map(|arm| change(&before[arm], &after[arm]));
        assert!(a > 0.0 && a < 0.01 * b, "A's weights moved by {a} of their length, B's by {b}");
    });
}

#[test]
fn a_recording_of_the_events_gives_a_trace_with_every_loss_and_evaluation() {
    let experiment = experiment("method=byol");
    pollster::block_on(async {
        let (mut session, mut events) = start(&experiment).await;
        events.extend(session.run(Command::Play).await.unwrap());
        let mut recording = Recording::new(4);
        recording.hear(&Event::Ready(Compute::cpu("for a test").info));
        events.iter().for_each(|event| recording.hear(event));
        let trace = recording.trace().unwrap();
        assert_eq!((trace.steps, trace.batch_hash[0].clone()), (40, session.batch_hash(ArmId::A)));
        for track in &trace.arms {
            assert_eq!(track.losses.len(), 40);
            assert_eq!(
                track.series(Metric::Knn).iter().map(|(step, _)| *step).collect::<Vec<_>>(),
                [0.0, 10.0, 20.0, 30.0, 40.0]
            );
            assert!(track.shots.len() <= 4 && track.shots.last().unwrap().step == 40);
        }
        assert_eq!(trace.experiment().0.run.arms, experiment.run.arms);
    });
}

#[test]
fn a_run_at_constant_rates_may_become_longer_and_another_length_of_a_cosine_is_said() {
    pollster::block_on(async {
        let (mut whole, _) = start(&experiment("steps=60")).await;
        let all = whole.run(Command::Play).await.unwrap();
        // To its end at 40 steps, then told to go on to 60: the same losses, the same embeddings, bit for bit.
        let (mut longer, _) = start(&experiment("")).await;
        let mut events = longer.run(Command::Play).await.unwrap();
        let told = longer.run(Command::Set(experiment("steps=60"))).await.unwrap();
        assert!(
            told.iter().any(|event| matches!(event, Event::Resumed { experiment, .. } if experiment.run.steps == 60))
        );
        assert!(!told.iter().any(|event| matches!(event, Event::Restarted { .. })));
        events.extend(longer.run(Command::Play).await.unwrap());
        for arm in ArmId::ALL {
            assert_eq!(losses(&events, arm), losses(&all, arm));
            assert_eq!(bits(&longer, arm), bits(&whole, arm));
        }
        // A cosine's rates depend on the length, and so does a shorter run: both begin anew, and say why.
        for (query, next) in [("a.schedule=cosine", "a.schedule=cosine&steps=60"), ("", "steps=20")] {
            let (mut session, _) = start(&experiment(query)).await;
            session.run(Command::Play).await.unwrap();
            let told = session.run(Command::Set(experiment(next))).await.unwrap();
            assert!(told.iter().any(|event| matches!(event, Event::Restarted { .. })));
            let says = |event: &Event| matches!(event, Event::Notice { input, .. } if input == "steps");
            assert!(told.iter().any(says), "{next}: {told:?}");
        }
    });
}
