//! Runs of the engine, for tests: experiments, sessions, losses.
#![allow(dead_code, reason = "no test uses all of it")]

use normscope::config::{ArmId, Experiment, url};
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::protocol::Event;

/// The experiment of a query, all of which is understood.
pub fn experiment(query: &str) -> Experiment {
    let (experiment, complaints) = url::decode(query);
    assert_eq!(complaints, vec![], "{query}");
    experiment
}

/// A session on the CPU, and what it says at first.
pub async fn start(experiment: &Experiment) -> (Session, Vec<Event>) {
    Session::start(Compute::cpu("for a test"), experiment.clone()).await.unwrap()
}

/// (step, loss) of an arm, as the evaluations told them.
pub fn losses(events: &[Event], arm: ArmId) -> Vec<(u32, f64)> {
    let of = |event: &Event| match event {
        Event::Evaluated(evaluation) if evaluation.arm == arm => evaluation.losses.clone(),
        _ => Vec::new(),
    };
    events.iter().flat_map(of).collect()
}
