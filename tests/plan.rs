//! Training steps in our own WGSL: against their twins through burn on the CPU, and saved and resumed. Needs an adapter, a
//! software one will do: where there is none the tests say so. The page's self-test runs the same comparisons in the browser.

mod common;
#[path = "common/runs.rs"]
mod runs;

use normscope::config::{ArmId, Experiment, url};
use normscope::engine::device::Compute;
use normscope::engine::selftest::{finite_differences, steps};
use normscope::engine::session::Session;
use normscope::protocol::{Command, Event, Story};
use runs::losses;

/// A process has one GPU device, so all is one test.
#[test]
fn a_plan_agrees_with_burn_and_can_be_saved_and_resumed() {
    let Some((compute, _)) = common::gpu("training steps in WGSL against their CPU twins") else { return };
    println!("on {}", compute.info.adapter);
    pollster::block_on(agrees(&compute));
    pollster::block_on(tells_a_step(&compute));
    for query in ["method=simclr&a.opt=adamw&a.lr=0.001", "method=byol"] {
        pollster::block_on(resumes(&compute, query));
    }
}

async fn agrees(compute: &Compute) {
    let mut checks = steps::run(compute).await.unwrap();
    checks.extend(finite_differences::run(compute).await.unwrap());
    for check in &checks {
        println!("{:.2e}  {}", check.error, check.name);
    }
    let bad: Vec<_> = checks.iter().filter(|check| check.error > check.tolerance).collect();
    assert!(checks.len() > 50 && bad.is_empty(), "{bad:#?}");
}

/// A step in slow motion shows the embeddings before and after it, as on the CPU.
async fn tells_a_step(compute: &Compute) {
    let (experiment, _) = url::decode("data=digits&steps=20&eval=5&a.batch=16&b.batch=16&a.width=16&b.width=16");
    let mut stories = Vec::new();
    for compute in [compute.clone(), Compute::cpu("the twin")] {
        let (mut session, _) = Session::start(compute, experiment.clone()).await.unwrap();
        session.run(Command::Run(3)).await.unwrap();
        let told = session.run(Command::Story { arm: ArmId::B, request: 1 }).await.unwrap();
        let of = |event: &Event| match event {
            Event::Told { story, .. } => postcard::from_bytes::<Story>(story).ok(),
            _ => None,
        };
        stories.push(told.iter().find_map(of).unwrap());
    }
    let close = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3);
    assert_ne!(stories[0].before, stories[0].after);
    assert!(close(&stories[0].before, &stories[1].before) && close(&stories[0].after, &stories[1].after));
    assert!(close(&stories[0].gradient, &stories[1].gradient));
}

async fn resumes(compute: &Compute, query: &str) {
    let small = "data=digits&steps=20&eval=5&a.batch=16&b.batch=16&a.width=16&b.width=16";
    let (experiment, complaints) = url::decode(&format!("{small}&{query}"));
    assert_eq!(complaints, vec![]);
    let (mut whole, _) = Session::start(compute.clone(), experiment.clone()).await.unwrap();
    let undisturbed = whole.run(Command::Play).await.unwrap();

    let (mut first, _) = Session::start(compute.clone(), experiment).await.unwrap();
    let mut events = first.run(Command::Run(5)).await.unwrap();
    first.handle(Command::Play).await.unwrap();
    for _ in 0..3 {
        // No evaluation is due: losses wait on the GPU.
        events.extend(first.tick().await.unwrap());
    }
    let saved = first.checkpoint().await.unwrap();
    let (mut second, _) = Session::start(compute.clone(), Experiment::default()).await.unwrap();
    events.extend(second.run(Command::Resume(saved)).await.unwrap());
    events.extend(second.run(Command::Play).await.unwrap());
    for arm in ArmId::ALL {
        let (whole, pieces) = (losses(&undisturbed, arm), losses(&events, arm));
        assert_eq!(whole.len(), 20, "{query}: {whole:?}");
        assert_eq!(pieces.len(), 20, "{query}: {pieces:?}");
        for ((step, a), (same, b)) in whole.iter().zip(&pieces) {
            assert!(step == same && (a - b).abs() <= 1e-5 * a.abs(), "{query}, step {step}: {a} {b}");
        }
    }
}
