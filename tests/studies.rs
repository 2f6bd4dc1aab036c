//! The acceleration study as a whole, on the CPU, with tiny networks.

use normscope::engine::device::Compute;
use normscope::studies::Checkpoint;
use normscope::studies::acceleration::runs::Study;
use normscope::studies::acceleration::{Cell, Options, Rates, Variant};
use normscope::studies::resumable::Resumable;

fn tiny() -> Options {
    Options {
        base: "a.batch=16&a.width=8&a.dim=4&a.warmup=0".to_owned(),
        variants: vec![
            Variant::new("standard", &[]),
            Variant::new("p=0", &["gradscale=0"]),
            Variant::new("p=1", &["gradscale=1"]),
        ],
        rates: Rates::Factors(vec![0.3, 1.0]),
        seeds: vec![3, 4],
        steps: 12,
        eval: 5,
        resamples: 50,
        ..Options::default()
    }
}

fn new(options: Options) -> Study {
    Study::new(options, None, Compute::cpu("test")).unwrap()
}

fn finish<S: Resumable>(mut study: S) -> S {
    pollster::block_on(async {
        while !study.is_done() {
            study.advance().await.unwrap();
        }
        study
    })
}

/// Everything but the time that it took.
fn timeless(cells: &[Cell]) -> Vec<Cell> {
    cells.iter().map(|cell| Cell { millis: 0.0, ..cell.clone() }).collect()
}

#[test]
fn all_runs_of_a_seed_start_from_the_same_weights_and_see_the_same_batches() {
    let study = finish(new(tiny()));
    assert_eq!(study.cells().len(), 12);
    let [first, second] = [&study.cells()[..6], &study.cells()[6..]];
    for cells in [first, second] {
        assert!(cells.iter().all(|cell| cell.weights_hash == cells[0].weights_hash));
        assert!(cells.iter().all(|cell| cell.batch_hash == cells[0].batch_hash && cell.seed == cells[0].seed));
        assert!(cells.iter().all(|cell| cell.curve.test[0] == cells[0].curve.test[0]));
    }
    assert_ne!(first[0].weights_hash, second[0].weights_hash);
    assert_ne!(first[0].batch_hash, second[0].batch_hash);
}

#[test]
fn a_run_is_evaluated_untrained_at_every_interval_and_at_its_end() {
    let study = finish(new(tiny()));
    for cell in study.cells() {
        assert_eq!(cell.curve.steps, [0, 5, 10, 12]);
        assert!(cell.millis > 0.0 && cell.loss.is_some() && cell.diverged.is_none());
        let in_range = |knn: &f32| (0.0..=1.0).contains(knn);
        assert!(cell.curve.validation.iter().chain(&cell.curve.test).all(in_range));
    }
    let report = study.report();
    assert_eq!((report.validation_samples, report.test_samples, report.resolution), (180, 180, 5));
}

#[test]
fn a_variant_that_changes_nothing_is_the_standard_and_one_that_does_is_not() {
    let study = finish(new(tiny()));
    let curve = |variant: u32| {
        let cell = study.cells().iter().find(|cell| cell.variant == variant && cell.rate == 1).unwrap();
        (cell.curve.clone(), cell.loss)
    };
    assert_eq!(curve(0), curve(1));
    assert_ne!(curve(0), curve(2));
    let report = study.report();
    let ratio = |variant: &str| report.outcomes.iter().find(|outcome| outcome.variant == variant).unwrap().best_rate;
    assert_eq!(ratio("p=0"), ratio("standard"));
}

#[test]
fn a_resumed_study_gives_the_same_result_and_repeats_nothing() {
    let whole = finish(new(tiny()));
    let mut half = new(tiny());
    pollster::block_on(async {
        // Into the middle of the sixth run.
        while half.cells().len() < 5 || half.progress().step == 0 {
            half.advance().await.unwrap();
        }
    });
    let text = serde_json::to_string(&half.save()).unwrap();
    let resumed = Study::resume(serde_json::from_str(&text).unwrap(), None, Compute::cpu("test")).unwrap();
    assert_eq!(resumed.cells(), half.cells());
    let resumed = finish(resumed);
    assert_eq!(timeless(resumed.cells()), timeless(whole.cells()));
    let without_time = |study: &Study| {
        let mut report = study.report();
        report.cells = timeless(&report.cells);
        for outcome in &mut report.outcomes {
            (outcome.millis, outcome.time_ratio) = (None, None);
        }
        report
    };
    assert_eq!(without_time(&resumed), without_time(&whole));
}

#[test]
fn a_checkpoint_of_another_study_is_refused() {
    let mut study = new(tiny());
    pollster::block_on(async {
        while study.cells().len() < 2 {
            study.advance().await.unwrap();
        }
    });
    let Checkpoint { mut options, cells } = study.save();
    options.seeds = vec![4, 3];
    let refused = Study::resume(Checkpoint { options, cells }, None, Compute::cpu("test")).err().unwrap().to_string();
    assert!(refused.contains("run 0 is not the one"), "{refused}");
}

#[test]
fn one_call_does_little_and_progress_never_falls() {
    let mut study = new(Options { seeds: vec![3], ..tiny() });
    let mut share = 0.0;
    let mut calls = 0;
    pollster::block_on(async {
        while !study.is_done() {
            let before = study.progress();
            study.advance().await.unwrap();
            calls += 1;
            let after = study.progress();
            assert!(after.step <= before.step + 8 && after.cells_done <= before.cells_done + 1);
            assert!(after.share() >= share, "{before:?} {after:?}");
            share = after.share();
        }
    });
    // Six runs: each a start, four evaluations and three stretches of training at least.
    assert!(calls >= 6 * 8, "{calls}");
    assert_eq!(share, 1.0);
}

#[test]
fn a_run_that_diverges_is_stopped_counted_and_leaves_the_others_alone() {
    let explode = ["gradscale=3", "bn=off", "cut=0.05"];
    let options = Options {
        variants: vec![Variant::new("standard", &[]), Variant::new("explodes", &explode)],
        rates: Rates::Absolute(vec![10.0]),
        seeds: vec![3],
        steps: 40,
        ..tiny()
    };
    let study = finish(new(options));
    let [standard, exploded] = study.cells() else { panic!("two runs") };
    assert_eq!(standard.diverged, None);
    let step = exploded.diverged.unwrap();
    assert!(exploded.curve.steps.last().is_some_and(|last| *last <= step), "{step} {:?}", exploded.curve.steps);
    assert!(exploded.curve.test.iter().all(|knn| knn.is_finite()));
    let report = study.report();
    let outcome = report.outcomes.iter().find(|outcome| outcome.variant == "explodes").unwrap();
    assert_eq!((outcome.rate, outcome.same_rate_missing), (None, 1));
}

#[test]
fn other_data_sets_work_and_follow_the_seed() {
    let base = "data=latent&a.batch=16&a.width=8".to_owned();
    let study = finish(new(Options { base, steps: 4, eval: 4, ..tiny() }));
    assert_eq!(study.report().test_samples, 240);
    assert_ne!(study.cells()[0].curve.test[0], study.cells()[6].curve.test[0]);
}

#[test]
fn a_batch_that_the_data_cannot_fill_is_named() {
    // 1437 digits, and batches of at most 1024: only shapes or latents of other sizes could clash, so ask the table.
    let refused = Study::new(Options { base: "a.batch=4096".to_owned(), ..tiny() }, None, Compute::cpu("test"))
        .err()
        .unwrap()
        .to_string();
    assert!(refused.contains("a.batch=4096"), "{refused}");
}

mod anomalies {
    //! The anomaly study as a whole, with small networks.

    use super::finish;
    use normscope::data::Ood;
    use normscope::engine::device::Compute;
    use normscope::studies::Checkpoint;
    use normscope::studies::anomaly::models::Study;
    use normscope::studies::anomaly::{Features, Options, Score};
    use normscope::studies::resumable::Resumable;
    use normscope::studies::variant::Variant;

    fn tiny() -> Options {
        Options {
            base: "a.batch=64&a.width=32&a.warmup=0".to_owned(),
            variants: vec![Variant::new("standard", &[]), Variant::new("p=1", &["gradscale=1"])],
            seeds: vec![3, 4],
            steps: 60,
            samples: 120,
            ..Options::quick()
        }
    }

    fn new(options: Options) -> Study {
        Study::new(options, None, Compute::cpu("test")).unwrap()
    }

    #[test]
    fn every_score_kind_and_output_is_measured_and_training_is_what_makes_the_norm_tell() {
        let study = finish(new(tiny()));
        let report = study.report();
        assert_eq!(report.kinds, Ood::ALL);
        for cell in &report.cells {
            // The joint score belongs to the encoder's features only.
            assert_eq!(cell.measured.len(), Ood::ALL.len() * (2 * Score::ALL.len() - 1));
            assert!(cell.knn[1] > cell.knn[0], "{:?}", cell.knn);
            assert!(cell.measured.iter().all(|one| (0.0_f32..=1.0).contains(&one.auroc) && one.low <= one.high));
        }
        let area =
            |score| report.row("standard", Features::Projector, score, Some(Ood::Unseen)).unwrap().auroc.estimate;
        assert!(area(Score::Norm) > 0.6, "{}", area(Score::Norm));
        assert!(area(Score::UntrainedNorm) < 0.55, "{}", area(Score::UntrainedNorm));
        assert!((area(Score::InputNorm) - 0.5).abs() < 0.1, "equalised: {}", area(Score::InputNorm));
        // Only the first seed is drawn.
        assert!(report.cells.iter().all(|cell| cell.detail.is_some() == (cell.seed == 3)));
        let gallery = &report.cells[0].detail.as_ref().unwrap().gallery;
        assert!(gallery.len() > 50 && gallery.is_sorted_by(|a, b| a.norm <= b.norm));
        assert!(report.verdict().contains("Unseen classes"));
    }

    #[test]
    fn a_study_that_was_interrupted_gives_the_same_results() {
        let whole = finish(new(tiny()));
        let mut half = new(tiny());
        pollster::block_on(async {
            while half.cells().is_empty() {
                half.advance().await.unwrap();
            }
        });
        let text = serde_json::to_string(&half.save()).unwrap();
        let again: Checkpoint<_, _> = serde_json::from_str(&text).unwrap();
        let resumed = finish(Study::resume(again, None, Compute::cpu("test")).unwrap());
        let areas = |study: &Study| study.report().rows.iter().map(|row| row.auroc.estimate).collect::<Vec<_>>();
        assert_eq!(areas(&resumed), areas(&whole));
        let other = Checkpoint { options: Options { seeds: vec![5, 6], ..tiny() }, cells: half.cells().to_vec() };
        assert!(Study::resume(other, None, Compute::cpu("test")).err().unwrap().to_string().contains("model 0"));
    }

    #[test]
    fn an_input_is_placed_among_known_samples() {
        let study = finish(new(Options { variants: tiny().variants[..1].to_vec(), seeds: vec![3], ..tiny() }));
        let known = normscope::data::Dataset::digits();
        // Seed 3 is the first, so 0 and 1 are held out: sample a class that is known.
        let at = known.test.labels.iter().position(|label| *label == 6).unwrap();
        let place = |row: &[f32]| pollster::block_on(study.place(row));
        let digit = place(known.test.row(at)).unwrap();
        assert_eq!(digit.neighbours.len(), 5);
        assert!(digit.norm > 0.0 && digit.neighbours[0].1 > 0.8, "{digit:?}");
        let mut rng = normscope::rng::CounterRng::new(normscope::rng::Domain::Probe, 1, 1, 1, 1);
        let noise: Vec<f32> = (0..64).map(|_| rng.uniform()).collect();
        let noise = place(&noise).unwrap();
        assert!(noise.combined_rank < digit.combined_rank, "{noise:?} {digit:?}");
        assert!(place(&[0.0; 3]).unwrap_err().to_string().contains("64 finite values"));
        assert!(place(&[f32::NAN; 64]).unwrap_err().to_string().contains("finite"));
        // A blank pad has no direction to scale, and does no harm.
        assert!(place(&[0.0; 64]).is_ok());
    }

    #[test]
    fn a_model_that_diverges_is_left_out_and_named() {
        let variants = vec![Variant::new("standard", &[]), Variant::new("wild", &["lr=10", "gradscale=2", "bn=off"])];
        let report = finish(new(Options { variants, seeds: vec![3], ..tiny() })).report();
        assert!(report.cells[1].diverged.is_some() && report.cells[1].measured.is_empty());
        assert!(report.remarks.iter().any(|remark| remark.contains("wild: 1 of 1 models diverged")));
        assert!(report.rows.iter().all(|row| row.variant == "standard"));
    }

    #[test]
    fn too_few_samples_and_too_large_batches_are_named() {
        let error = |options: Options| {
            let mut study = match Study::new(options, None, Compute::cpu("test")) {
                Ok(study) => study,
                Err(error) => return error.to_string(),
            };
            pollster::block_on(study.advance()).unwrap_err().to_string()
        };
        assert!(error(Options { base: "a.batch=1024".to_owned(), hold_out: 4, ..tiny() }).contains("a.batch=1024"));
        let blur = Options { kinds: vec![Ood::Blur], base: "data=latent".to_owned(), ..tiny() };
        assert!(error(blur).contains("blur"));
    }
}
