//! The fuzzers' seeds that only a run can give: saved runs, recorded ones, messages. `scripts/fuzz.sh --seeds` writes them
//! afresh, which is due when a format has changed.

use std::collections::BTreeSet;
use std::path::Path;

use normscope::config::{Experiment, url};
use normscope::engine::checkpoint;
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::lab::Job;
use normscope::protocol::{Command, DataInfo, Event};
use normscope::simulations::Simulation;
use normscope::trace::{Trace, file, gzip, recording::Recording};

/// As small as a run can be.
const SMALL: &str = "data=latent&steps=4&eval=2&a.width=4&b.width=4&a.batch=2&b.batch=2&a.dim=2&b.dim=4";

fn experiment(more: &str) -> Experiment {
    url::decode(&format!("{SMALL}&{more}")).0
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new("fuzz/corpus").join(target);
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(name), bytes)).expect("a seed");
}

fn read(target: &str, name: &str) -> Vec<u8> {
    std::fs::read(Path::new("fuzz/corpus").join(target).join(name)).expect("a seed: scripts/fuzz.sh --seeds")
}

/// A run to its end: the session, and all that it said.
async fn run(experiment: Experiment) -> (Session, Vec<Event>) {
    let (mut session, mut events) = Session::start(Compute::cpu("for seeds"), experiment).await.expect("a session");
    events.extend(session.run(Command::Run(3)).await.expect("three steps"));
    (session, events)
}

/// The file, and its payload, to which the fuzzer gives a right checksum.
fn saved_runs(session: &Session, name: &str) {
    let saved = pollster::block_on(session.checkpoint()).expect("a checkpoint");
    write("checkpoint", name, &saved);
    write("checkpoint", &format!("{name}-payload"), &saved[normscope::sealed::HEAD..]);
}

/// The run on record, with a few of its points.
fn recorded(events: &[Event], mut data: DataInfo) -> Trace {
    const POINTS: usize = 8;
    data.labels.truncate(POINTS);
    let mut recording = Recording::new(2);
    recording.hear(&Event::Ready(Compute::cpu("for seeds").info));
    recording.hear(&Event::Data(data));
    for event in events {
        let mut event = event.clone();
        match &mut event {
            Event::Data(_) => continue,
            Event::Evaluated(told) => {
                told.directions.truncate(3 * POINTS);
                told.norms.truncate(POINTS);
            }
            _ => {}
        }
        recording.hear(&event);
    }
    recording.trace().expect("a trace")
}

/// One message of each kind.
fn messages(events: &[Event], experiment: &Experiment) {
    let mut kinds = BTreeSet::new();
    for event in events {
        let bytes = postcard::to_stdvec(event).expect("bytes");
        if kinds.insert(bytes[0]) && bytes.len() < 4096 {
            write("messages", &format!("event-{}", bytes[0]), &bytes);
        }
    }
    let commands = [Command::Start(experiment.clone()), Command::OpenFiles(vec![("a.bin".to_owned(), vec![1, 2, 3])])];
    for (index, command) in commands.iter().enumerate() {
        write("messages", &format!("command-{index}"), &postcard::to_stdvec(command).expect("bytes"));
    }
    let job = Job::Simulate { simulation: Simulation::ALL[0], seed: 1, quick: true };
    write("messages", "job", &postcard::to_stdvec(&job).expect("bytes"));
}

#[test]
#[ignore = "writes files: scripts/fuzz.sh --seeds"]
fn write_the_seeds() {
    for name in ["simclr", "byol"] {
        let experiment = experiment(&format!("method={name}"));
        let (session, events) = pollster::block_on(run(experiment.clone()));
        saved_runs(&session, name);
        let trace = recorded(&events, session.data_info());
        write("trace", &format!("{name}.trace"), &gzip::to_bytes(&trace).expect("a file"));
        write("trace", &format!("{name}-payload"), &file::pack(&trace));
        messages(&events, &experiment);
    }
}

#[test]
fn the_seeds_are_of_the_formats_of_today() {
    for name in ["simclr", "byol"] {
        assert_eq!(checkpoint::step(&read("checkpoint", name)).unwrap(), 3);
        assert_eq!(gzip::from_bytes(&read("trace", &format!("{name}.trace"))).map(|trace| trace.steps), Ok(3));
    }
    assert!(matches!(postcard::from_bytes(&read("messages", "command-0")), Ok(Command::Start(_))));
}
