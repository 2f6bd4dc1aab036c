//! What norms say about samples, and the controls beside which that must be read: an untrained network, equal input
//! norms, other scores, several seeds.

use normscope::data::{Dataset, Ood, ood};
use normscope::metrics::auroc::auroc;
use normscope::metrics::buckets::{self, QUANTILES};
use normscope::metrics::knn::K;
use normscope::metrics::mahalanobis::{Mahalanobis, Rows};
use normscope::metrics::scores::Scores;
use normscope::metrics::similarity::neighbours_within;

use super::bench::{Bench, mean};

const SEEDS: [u64; 3] = [7, 8, 9];
const DIGITS: &str = "a.width=64&a.batch=64";
const SHAPES: &str = "data=shapes";

/// One value a quintile or a score.
type Five = [f64; 5];

/// The scores of [`aurocs`], in order; the first is the norm, the second the strongest simple rival.
const SCORES: &str = "norm, largest cosine, kNN, CSI, Mahalanobis";

/// Leave-one-out kNN accuracy of the training samples by quintile of their norm, shortest first.
fn accuracy_by_norm(bench: &Bench) -> Five {
    let z = bench.embed(&bench.data.train.inputs);
    let rows = bench.rows(&z);
    let neighbours = neighbours_within(&rows.unit(), rows.d(), K, |i, j| i == j);
    let right = buckets::leave_one_out(&neighbours, &bench.data.train.labels);
    let quintiles = buckets::quantiles(&rows.norms(), &right, QUANTILES);
    std::array::from_fn(|at| quintiles[at].accuracy.unwrap())
}

/// AUROC of each score for held-out samples against unseen classes, whose inputs get the norms of held-out inputs:
/// brightness must not pass for insight.
fn aurocs(bench: &Bench, seed: u64) -> Five {
    let data = &bench.data;
    let mut unseen = Ood::Unseen.draw(data, data.unseen.as_ref().unwrap().n(), seed).unwrap();
    ood::equalise(&mut unseen, &data.test, seed);
    let [bank, inside, outside] = [&data.train.inputs, &data.test.inputs, &unseen].map(|inputs| bench.embed(inputs));
    let bank = bench.rows(&bank);
    let fit = Mahalanobis::fit(bank, None, Rows::Unit).unwrap();
    let scores = |z: &[f32]| {
        let Scores { norm, max_cosine, knn, csi, .. } = Scores::of(bench.rows(z), bank);
        [norm, max_cosine, knn, csi, fit.scores(bench.rows(z))]
    };
    let (inside, outside) = (scores(&inside), scores(&outside));
    std::array::from_fn(|at| auroc(&inside[at], &outside[at]))
}

fn mean_of(runs: &[Five]) -> Five {
    std::array::from_fn(|at| mean(&runs.iter().map(|run| run[at]).collect::<Vec<_>>()))
}

/// [`accuracy_by_norm`] of a network after `steps` steps, for every seed.
fn accuracies(settings: &str, steps: u32) -> Vec<Five> {
    let one = |seed: u64| {
        let mut bench = Bench::new(&format!("seed={seed}&{settings}"));
        bench.train(steps);
        accuracy_by_norm(&bench)
    };
    SEEDS.into_iter().map(one).collect()
}

/// AUROCs on digits of five networks a seed, seed by seed: they never saw 0 and 1, 2 and 3, ... 8 and 9.
fn digits_aurocs(settings: &str, steps: u32) -> Vec<Five> {
    let one = |seed: u64, first: u16| {
        let data = Dataset::digits().hold_out(&[first, first + 1]);
        let mut bench = Bench::on(data, &format!("seed={seed}&{DIGITS}&{settings}"));
        bench.train(steps);
        aurocs(&bench, seed)
    };
    SEEDS.into_iter().flat_map(|seed| [0, 2, 4, 6, 8].map(|first| one(seed, first))).collect()
}

/// AUROCs of shapes against their four unseen classes, for every seed.
fn shapes_aurocs(settings: &str, steps: u32) -> Vec<Five> {
    let one = |seed: u64| {
        let mut bench = Bench::new(&format!("seed={seed}&{SHAPES}&{settings}"));
        bench.train(steps);
        aurocs(&bench, seed)
    };
    SEEDS.into_iter().map(one).collect()
}

/// How much better the longest fifth is classified than the shortest.
fn rise(accuracy: &Five) -> f64 {
    accuracy[4] - accuracy[0]
}

#[test]
fn item_23_long_digits_are_classified_better_after_training_and_not_before() {
    let trained = accuracies(DIGITS, 150);
    assert!(trained.iter().all(|run| rise(run) > 0.06), "{trained:?}");
    let average = mean_of(&trained);
    assert!(average.is_sorted() && average[4] > 0.95 && rise(&average) > 0.1, "{average:?}");
    let untrained = mean_of(&accuracies(&format!("{DIGITS}&a.bn=off"), 0));
    assert!(rise(&untrained).abs() < 0.1 && !untrained.is_sorted(), "{untrained:?}");
}

#[test]
fn item_23_long_shapes_are_classified_better_after_training_and_not_before() {
    // One seed: convolutions take long. The other seeds are in the documented experiment.
    let mut bench = Bench::new("seed=7&data=shapes&a.width=32&a.batch=64");
    let untrained = accuracy_by_norm(&bench);
    assert!(rise(&untrained).abs() < 0.08, "{untrained:?}");
    bench.train(400);
    let trained = accuracy_by_norm(&bench);
    assert!(rise(&trained) > 0.2, "{trained:?}");
}

#[test]
fn item_24_norms_tell_unseen_digits_apart_after_training_only_and_are_not_the_best_score() {
    let untrained = mean_of(&digits_aurocs("a.bn=off", 0));
    assert!((untrained[0] - 0.5).abs() < 0.1, "{SCORES}: {untrained:?}");
    let trained = digits_aurocs("", 120);
    // Single networks can fail (0.35 was seen); a seed's five together do not.
    assert!(trained.chunks(5).all(|runs| mean_of(runs)[0] > 0.62), "{SCORES}: {trained:?}");
    let average = mean_of(&trained);
    assert!(average[0] > 0.7 && average[0] > untrained[0] + 0.15, "{SCORES}: {untrained:?} {average:?}");
    assert!(average[1] > average[0] + 0.03, "{SCORES}: {average:?}");
}

/// Mean, lowest and highest of each of the five over all networks.
fn print(what: &str, runs: &[Five]) {
    let row = |values: Five| values.map(|value| format!("{value:.3}")).join(" ");
    let fold = |pick: fn(f64, f64) -> f64| -> Five {
        std::array::from_fn(|at| runs.iter().map(|run| run[at]).reduce(pick).unwrap())
    };
    let [low, high] = [fold(f64::min), fold(f64::max)].map(row);
    println!("{what}: {} (lowest {low}, highest {high}, {} networks)", row(mean_of(runs)), runs.len());
}

#[test]
#[ignore = "a documented experiment: prints the tables of docs/checklist.md"]
fn items_23_and_24_tables() {
    println!("AUROC: {SCORES}");
    for (batch_norm, settings) in [("on", "a.bn=on"), ("off", "a.bn=off&a.lr=0.01")] {
        for steps in [0, 300, 600] {
            let what = format!("digits, batch norm {batch_norm}, {steps} steps");
            print(&format!("accuracy by norm, {what}"), &accuracies(&format!("{DIGITS}&{settings}"), steps));
            print(&format!("AUROC, {what}"), &digits_aurocs(settings, steps));
        }
    }
    for (batch_norm, steps) in [("off", 0), ("on", 0), ("on", 300), ("on", 600)] {
        let what = format!("shapes, batch norm {batch_norm}, {steps} steps");
        print(&format!("accuracy by norm, {what}"), &accuracies(&format!("{SHAPES}&a.bn={batch_norm}"), steps));
        print(&format!("AUROC, {what}"), &shapes_aurocs(&format!("a.bn={batch_norm}"), steps));
    }
}
