//! The engine as a whole, on the CPU: losses against the exact ones, gradients, norm control, training.

#[path = "common/runs.rs"]
mod runs;

use burn::tensor::{Device, Tensor, TensorData};
use normscope::config::{ArmId, DataName, GradMode, LossKind, Method};
use normscope::engine::device::Compute;
use normscope::engine::losses::{Contrastive, prediction_loss};
use normscope::engine::ops::grad_scale;
use normscope::engine::session::Session;
use normscope::metrics::Metric;
use normscope::protocol::{Command, Event};
use normscope::theory::losses::{self as exact, Rows};
use runs::experiment;

const N: usize = 4;
const DIM: usize = 3;

fn rows(seed: f64) -> Rows {
    (0..2 * N)
        .map(|i| (0..DIM).map(|k| ((i * DIM + k) as f64 * 1.7 + seed).sin() * (1.0 + i as f64)).collect())
        .collect()
}

fn tensor(rows: &Rows) -> Tensor<2> {
    let values: Vec<f32> = rows.iter().flatten().map(|v| *v as f32).collect();
    Tensor::from_data(TensorData::new(values, [rows.len(), DIM]), &Device::flex())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.inner().into_data().convert::<f64>().try_to_vec().unwrap()
}

/// Loss and gradient of the engine at `z`, with GradScale power `p`.
fn engine(z: &Rows, p: f64, loss: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<1>) -> (f64, Vec<f64>) {
    let leaf = tensor(z).autodiff().require_grad();
    let out = loss(leaf.clone(), grad_scale(&leaf, p, GradMode::Sample));
    let mut grads = out.backward();
    (values(out)[0], values(leaf.grad_remove(&mut grads).unwrap()))
}

fn check(z: &Rows, exact: impl Fn(&Rows) -> f64 + Copy, loss: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<1> + Copy) {
    let gradient = exact::numeric_gradient(exact, z, 1e-5);
    for p in [0.0, 1.0, 2.0] {
        let (value, scaled) = engine(z, p, loss);
        assert!((value - exact(z)).abs() < 1e-5, "{value} {}", exact(z));
        for (i, row) in gradient.iter().enumerate() {
            let norm = z[i].iter().map(|v| v * v).sum::<f64>().sqrt();
            for (k, g) in row.iter().enumerate() {
                let expected = g * norm.powf(p);
                let found = scaled[i * DIM + k];
                assert!((expected - found).abs() < 1e-4 * (1.0 + expected.abs()), "p {p} row {i}: {expected} {found}");
            }
        }
    }
}

#[test]
fn contrastive_losses_and_gradients_agree_with_the_exact_ones() {
    let z = rows(0.3);
    for tau in [0.1, 0.5, 2.0] {
        let build =
            move |kind| move |z: Tensor<2>, s: Tensor<2>| Contrastive::new(kind, tau, N, &Device::flex()).loss(z, s);
        check(&z, move |z| exact::nt_xent(z, tau), build(LossKind::NtXent));
        check(&z, move |z| exact::dcl(z, tau), build(LossKind::Dcl));
    }
}

#[test]
fn the_prediction_loss_agrees_and_no_gradient_reaches_the_target() {
    let (predictions, targets) = (rows(0.9), rows(2.0));
    check(&predictions, |z| exact::prediction(z, &targets), |z, s| prediction_loss(z, tensor(&targets), s));
    let target = tensor(&targets).autodiff().require_grad();
    let ones = Tensor::ones([2 * N, 1], &Device::flex());
    let loss = prediction_loss(tensor(&predictions).autodiff().require_grad(), target.clone(), ones);
    assert!(target.grad_remove(&mut loss.backward()).is_none());
}

/// Runs an experiment to its end; the session and everything it said.
fn run(query: &str) -> (Session, Vec<Event>) {
    pollster::block_on(async {
        let (mut session, mut events) = Session::start(Compute::cpu("test"), experiment(query)).await.unwrap();
        events.extend(session.run(Command::Play).await.unwrap());
        (session, events)
    })
}

fn losses(events: &[Event], id: ArmId) -> Vec<f64> {
    runs::losses(events, id).into_iter().map(|(_, loss)| loss).collect()
}

fn series(events: &[Event], id: ArmId, metric: Metric) -> Vec<f64> {
    let of = |event: &Event| match event {
        Event::Evaluated(evaluation) if evaluation.arm == id => {
            evaluation.values.iter().find(|(name, _)| *name == metric).map(|(_, value)| *value)
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn every_method_learns_from_digits_and_none_collapses() {
    for method in ["simclr", "byol", "simsiam"] {
        let (_, events) = run(&format!("method={method}&steps=160&eval=40"));
        for id in ArmId::ALL {
            let losses = losses(&events, id);
            assert_eq!(losses.len(), 160);
            let (first, last) = (mean(&losses[..20]), mean(&losses[140..]));
            assert!(last < first - 0.2, "{method} {id:?}: {first} -> {last}");
            let knn = series(&events, id, Metric::Knn);
            assert!(knn[knn.len() - 1] > knn[0] + 0.02, "{method} {id:?}: {knn:?}");
            let spread = series(&events, id, Metric::Spread);
            assert!(*spread.last().unwrap() > 0.12, "{method} {id:?}: {spread:?}");
        }
    }
}

#[test]
fn the_other_encoders_train_as_well() {
    for query in
        ["data=latent&steps=30&eval=30", "data=shapes&steps=60&eval=60&a.batch=16&b.batch=16&a.width=16&b.width=16"]
    {
        let (session, events) = run(query);
        assert_eq!(session.step(), experiment(query).run.steps);
        for id in ArmId::ALL {
            let losses = losses(&events, id);
            let (first, last) = (mean(&losses[..10]), mean(&losses[losses.len() - 10..]));
            assert!(last < first - 0.05, "{query} {id:?}: the loss went from {first} to {last}");
        }
        assert_eq!(session.batch_hash(ArmId::A), session.batch_hash(ArmId::B));
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let query = "steps=12&eval=4";
    let (one, first) = run(query);
    let (two, second) = run(query);
    assert_eq!(losses(&first, ArmId::B), losses(&second, ArmId::B));
    assert_eq!(one.batch_hash(ArmId::A), two.batch_hash(ArmId::A));
    let (three, third) = run("steps=12&eval=4&seed=8");
    assert_ne!(losses(&first, ArmId::B), losses(&third, ArmId::B));
    assert_ne!(one.batch_hash(ArmId::A), three.batch_hash(ArmId::A));
}

#[test]
fn equal_arms_stay_equal_and_arms_that_differ_see_the_same_batches() {
    let (session, events) = run("steps=10&eval=5&b.gradscale=0");
    assert_eq!(losses(&events, ArmId::A), losses(&events, ArmId::B));
    assert_eq!(session.batch_hash(ArmId::A), session.batch_hash(ArmId::B));
    let (session, events) = run("steps=10&eval=5&b.gradscale=2&b.cut=3");
    assert_ne!(losses(&events, ArmId::A)[9], losses(&events, ArmId::B)[9]);
    assert_eq!(session.batch_hash(ArmId::A), session.batch_hash(ArmId::B));
    assert_eq!(session.arm(ArmId::A).weights_hash, session.arm(ArmId::B).weights_hash);
}

#[test]
fn grad_scale_leaves_the_first_loss_exactly_as_it_is() {
    let (_, events) = run("steps=1&eval=1&b.gradscale=2");
    assert_eq!(losses(&events, ArmId::A), losses(&events, ArmId::B));
}

#[test]
fn cutting_the_last_layer_divides_the_norms_and_nothing_else() {
    let (_, events) = run("steps=1&eval=1&b.gradscale=0&b.cut=4&b.cutlayers=last");
    let [a, b] = [ArmId::A, ArmId::B].map(|id| series(&events, id, Metric::NormQ50)[0]);
    assert!((a / b - 4.0).abs() < 1e-4, "{a} {b}");
    let [a, b] = [ArmId::A, ArmId::B].map(|id| series(&events, id, Metric::Knn)[0]);
    assert_eq!(a, b);
}

#[test]
fn an_arm_that_diverges_stops_and_the_other_goes_on() {
    let (session, events) = run("steps=60&eval=5&b.lr=10&b.bn=off&b.gradscale=3&b.warmup=0&b.cut=0.05");
    let stopped: Vec<_> = events.iter().filter(|event| matches!(event, Event::ArmStopped { .. })).collect();
    assert!(matches!(stopped[..], [Event::ArmStopped { arm: ArmId::B, .. }]), "{stopped:?}");
    assert_eq!(session.step(), 60);
    assert_eq!(losses(&events, ArmId::A).len(), 60);
}

#[test]
fn weight_decay_holds_norms_down() {
    let (_, events) = run("steps=60&eval=60&b.gradscale=0&b.wd=0.01");
    let [a, b] = [ArmId::A, ArmId::B].map(|id| *series(&events, id, Metric::NormQ50).last().unwrap());
    assert!(b < 0.8 * a, "{a} {b}");
}

#[test]
fn bad_files_leave_the_run_untouched() {
    pollster::block_on(async {
        let (mut session, _) = Session::start(Compute::cpu("test"), experiment("steps=20&eval=20")).await.unwrap();
        session.run(Command::Run(5)).await.unwrap();
        let before = session.batch_hash(ArmId::A);
        let files = vec![("broken.bin".to_owned(), vec![1, 2, 3])];
        let events = session.handle(Command::OpenFiles(files)).await.unwrap();
        assert!(
            events.iter().any(|event| matches!(event, Event::Notice { input, .. } if input.contains("broken.bin")))
        );
        assert_eq!((session.step(), session.batch_hash(ArmId::A)), (5, before));
        assert_eq!(session.experiment().run.data, DataName::Digits);
        assert_eq!(session.experiment().run.method, Method::SimClr);
    });
}

/// 120 noisy grey pictures as an IDX file, and labels of four classes.
fn pictures(labels: bool) -> Vec<(String, Vec<u8>)> {
    let head = |sizes: &[u8]| {
        [0, 0, 8, sizes.len() as u8]
            .into_iter()
            .chain(sizes.iter().flat_map(|size| [0, 0, 0, *size]))
            .collect::<Vec<u8>>()
    };
    let pixels = (0..120 * 64_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
    let mut files = vec![("train-images".to_owned(), head(&[120, 8, 8]).into_iter().chain(pixels).collect())];
    if labels {
        files.push(("train-labels".to_owned(), head(&[120]).into_iter().chain((0..120).map(|at| at % 4)).collect()));
    }
    files
}

#[test]
fn pictures_without_labels_train_and_have_no_knn() {
    let start = Session::start(Compute::cpu("test"), experiment("method=simclr&a.batch=16&b.batch=16"));
    let (mut session, _) = pollster::block_on(start).unwrap();
    let mut opened = |files| pollster::block_on(session.handle(Command::OpenFiles(files))).unwrap();
    let events = opened(pictures(false));
    let says = |part: &str| {
        events.iter().any(|event| matches!(event, Event::Notice { message, .. } if message.contains(part)))
    };
    assert!(says("have no labels") && says("no kNN accuracy"), "{events:?}");
    assert_eq!(series(&events, ArmId::A, Metric::Knn), [] as [f64; 0]);
    assert_eq!(series(&events, ArmId::A, Metric::NormQ50).len(), 1);
    assert_eq!(series(&opened(pictures(true)), ArmId::A, Metric::Knn).len(), 1);
    opened(pictures(false));
    let events = pollster::block_on(session.run(Command::Run(5))).unwrap();
    assert_eq!((losses(&events, ArmId::B).len(), session.step()), (5, 5));
    assert!(session.raw_knn().is_nan());
}

#[cfg(feature = "cli")]
#[test]
fn a_revived_session_without_its_files_asks_for_them_and_trains_nothing() {
    use normscope::protocol::{Level, Revival};

    let revive = |files, checkpoint| {
        let mut experiment = experiment("method=simclr&a.batch=16&b.batch=16");
        experiment.run.data = DataName::Files;
        let revival = Revival { experiment, files, checkpoint };
        pollster::block_on(Session::revive(Compute::cpu("test"), revival)).unwrap()
    };
    // The same files: the same run from its checkpoint.
    let (mut session, _) = revive(pictures(true), None);
    pollster::block_on(session.run(Command::Run(7))).unwrap();
    let checkpoint = pollster::block_on(session.checkpoint()).unwrap();
    let (again, _) = revive(pictures(true), Some(checkpoint.clone()));
    assert_eq!(
        (again.step(), again.data().train.n(), again.batch_hash(ArmId::A)),
        (7, 96, session.batch_hash(ArmId::A))
    );
    // Without them, or with others that can't be read: nothing, whatever is asked.
    for files in [Vec::new(), vec![("train-images".to_owned(), vec![0, 0, 8, 3, 9])]] {
        let (mut session, events) = revive(files, Some(checkpoint.clone()));
        let asks = |events: &[Event]| {
            let is_asking = |message: &str| message.contains("Open them again");
            events
                .iter()
                .any(|event| matches!(event, Event::Notice { level: Level::Error, message, .. } if is_asking(message)))
        };
        assert!(session.lacks_files() && asks(&events), "{events:?}");
        assert!(!events.iter().any(|event| matches!(event, Event::Resumed { .. } | Event::Evaluated(_))), "{events:?}");
        let info = session.data_info();
        assert_eq!((info.train, info.test, info.name.contains("not open")), (0, 0, true));
        for command in
            [Command::Play, Command::Run(3), Command::RunTo(7), Command::Model { request: 1 }, Command::Reset]
        {
            let events = pollster::block_on(session.run(command)).unwrap();
            assert!(asks(&events) && session.step() == 0 && !session.is_running(), "{events:?}");
        }
        pollster::block_on(session.handle(Command::Pause)).unwrap();
        // Opened again, it trains; and other data may be chosen instead.
        let opened = pollster::block_on(session.handle(Command::OpenFiles(pictures(true)))).unwrap();
        assert!(!asks(&opened) && !session.lacks_files());
        pollster::block_on(session.run(Command::Run(2))).unwrap();
        assert_eq!((session.step(), session.data().train.n()), (2, 96));
    }
    let (mut session, _) = revive(Vec::new(), None);
    pollster::block_on(session.handle(Command::Set(experiment("method=simclr")))).unwrap();
    pollster::block_on(session.run(Command::Run(1))).unwrap();
    assert_eq!((session.step(), session.data().name.as_str()), (1, "Digits"));
}
