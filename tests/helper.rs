//! An arm that trains elsewhere is the arm that trains here, bit for bit: from the start, from the middle of a run, through saving,
//! changing settings and taking a step apart.

#[path = "common/runs.rs"]
mod runs;

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use normscope::config::{ArmId, Experiment};
use normscope::engine::helper::{Helper, Host, Reply, Task};
use normscope::engine::session::Session;
use normscope::protocol::{Command, Event, Story};
use safetensors::SafeTensors;

const SMALL: &str = "data=digits&steps=40&eval=10&a.batch=16&b.batch=16&a.width=16&b.width=16";

/// A helper in this very thread. Messages are bytes, as they are between workers.
#[derive(Default)]
struct Near {
    host: RefCell<Host>,
    tasks: RefCell<Vec<String>>,
}

impl Helper for Near {
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply> {
        let bytes = postcard::to_stdvec(task).unwrap();
        let task: Task = postcard::from_bytes(&bytes).unwrap();
        let name = format!("{task:?}").split(['(', ' ']).next().unwrap().to_owned();
        self.tasks.borrow_mut().push(name);
        let reply = pollster::block_on(self.host.borrow_mut().work(task));
        let (told, answer) = oneshot::channel();
        let bytes = postcard::to_stdvec(&reply).unwrap();
        told.send(postcard::from_bytes(&bytes).unwrap()).unwrap();
        answer
    }
}

/// A helper whose evaluations lack the last value of the points.
#[derive(Default)]
struct Short(Near);

impl Helper for Short {
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply> {
        let reply = match self.0.send(task).try_recv().unwrap().unwrap() {
            Reply::Snapshot(mut snapshot) => {
                snapshot.points.pop();
                Reply::Snapshot(snapshot)
            }
            other => other,
        };
        let (told, answer) = oneshot::channel();
        told.send(reply).unwrap();
        answer
    }
}

fn experiment(query: &str) -> Experiment {
    runs::experiment(&format!("{SMALL}&{query}"))
}

async fn start(experiment: &Experiment) -> Session {
    runs::start(experiment).await.0
}

/// Everything that an arm's evaluations told, bit for bit.
fn told(events: &[Event]) -> Vec<(ArmId, u32, Vec<u64>, Vec<u32>)> {
    let of = |event: &Event| match event {
        Event::Evaluated(one) => {
            let losses = one.losses.iter().map(|(_, loss)| loss.to_bits()).collect();
            Some((one.arm, one.step, losses, one.norms.iter().map(|norm| norm.to_bits()).collect()))
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

/// The tensors of the model file that was told.
fn weights(events: &[Event]) -> Vec<(String, Vec<u8>)> {
    let of = |event: &Event| match event {
        Event::Model { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    let bytes = events.iter().find_map(of).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut all: Vec<_> = file.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect();
    all.sort();
    assert!(all.len() > 10);
    all
}

#[test]
fn an_arm_that_trains_elsewhere_gives_the_same_numbers() {
    for query in
        ["method=simclr", "method=byol", "method=simclr&b.gradscale=1&a.opt=adamw&a.lr=0.001&b.opt=adamw&b.lr=0.001"]
    {
        let experiment = experiment(query);
        pollster::block_on(async {
            let mut here = start(&experiment).await;
            let alone = here.run(Command::Play).await.unwrap();

            let helper = Rc::new(Near::default());
            let mut there = start(&experiment).await;
            assert!(there.take_help(helper.clone()).await);
            let helped = there.run(Command::Play).await.unwrap();
            assert_eq!(told(&alone), told(&helped), "{query}");
            assert_eq!(here.batch_hash(ArmId::B), there.batch_hash(ArmId::B));
            assert_eq!(helper.tasks.borrow().iter().filter(|task| *task == "Train").count(), 40);

            // Its parameters come back when somebody asks for them.
            let [mut here, mut there] = [here, there];
            let model = Command::Model { request: 1 };
            let [here, there] = [here.run(model.clone()).await.unwrap(), there.run(model).await.unwrap()];
            assert!(weights(&here) == weights(&there), "{query}");
        });
    }
}

#[test]
fn help_may_come_in_the_middle_and_runs_are_saved_and_resumed_with_it() {
    let experiment = experiment("method=byol");
    pollster::block_on(async {
        let mut whole = start(&experiment).await;
        let alone = whole.run(Command::Play).await.unwrap();

        let mut first = start(&experiment).await;
        let mut events = first.run(Command::Run(7)).await.unwrap();
        first.take_help(Rc::new(Near::default())).await;
        events.extend(first.run(Command::Run(6)).await.unwrap());
        let saved = first.checkpoint().await.unwrap();
        let mut second = start(&experiment).await;
        second.take_help(Rc::new(Near::default())).await;
        second.handle(Command::Resume(saved)).await.unwrap();
        let rest = second.run(Command::Play).await.unwrap();
        let last = |events: &[Event]| told(events).split_off(told(events).len() - 2);
        assert_eq!(last(&alone), last(&rest));
        // Every loss on the way is that of the run that nobody helped.
        let losses = |events: &[Event], arm: ArmId| -> Vec<u64> {
            told(events).into_iter().filter(|one| one.0 == arm).flat_map(|one| one.2).collect()
        };
        for arm in ArmId::ALL {
            let so_far = losses(&events, arm);
            assert_eq!(so_far.len(), 13);
            assert_eq!(so_far, losses(&alone, arm)[..13]);
        }

        // A reset begins again, with help.
        second.handle(Command::Reset).await.unwrap();
        let again = second.run(Command::Play).await.unwrap();
        assert_eq!(last(&alone), last(&again));
    });
}

#[test]
fn changed_settings_and_a_step_in_slow_motion_reach_the_helper() {
    let experiment = experiment("method=simclr");
    let mut changed = experiment.clone();
    changed.run.arms.iter_mut().for_each(|arm| arm.lr *= 0.5);
    pollster::block_on(async {
        let mut sessions = [start(&experiment).await, start(&experiment).await];
        sessions[1].take_help(Rc::new(Near::default())).await;
        let mut all = Vec::new();
        for session in &mut sessions {
            let mut events = session.run(Command::Run(5)).await.unwrap();
            session.handle(Command::Adjust(changed.clone())).await.unwrap();
            events.extend(session.run(Command::Run(4)).await.unwrap());
            let story = session.run(Command::Story { arm: ArmId::B, request: 1 }).await.unwrap();
            let of = |event: &Event| match event {
                Event::Told { story, .. } => postcard::from_bytes::<Story>(story).ok(),
                _ => None,
            };
            let story = story.iter().find_map(of).unwrap();
            assert_ne!(story.before, story.after);
            events.extend(session.run(Command::Play).await.unwrap());
            all.push((told(&events), story));
        }
        assert!(all[0] == all[1]);
    });
}

#[test]
fn an_evaluation_that_lacks_values_ends_the_run_and_says_which() {
    let experiment = experiment("method=simclr");
    pollster::block_on(async {
        let mut session = start(&experiment).await;
        let wanted = session.latest(ArmId::B).unwrap().points.len();
        session.take_help(Rc::new(Short::default())).await;
        let error = session.run(Command::Play).await.unwrap_err();
        assert_eq!(session.step(), 10);
        let counts = format!("{} of the {wanted} values of the points' embeddings came", wanted - 1);
        assert!(error.to_string().starts_with(&counts), "{error}");
    });
}
