//! What norms do to training: growth, the norm trap, GradScale's failures, collapse.

use normscope::metrics::stats;

use super::bench::{Bench, mean};

const SEEDS: [u64; 3] = [7, 8, 9];
/// Small and quick: 64 units, 64 samples a batch, digits.
const SMALL: &str = "a.width=64&a.batch=64";

fn bench(seed: u64, settings: &str) -> Bench {
    Bench::new(&format!("seed={seed}&{SMALL}&{settings}"))
}

/// Median held-out norm before and after `steps` steps.
fn norms(seed: u64, settings: &str, steps: u32) -> [f64; 2] {
    let mut bench = bench(seed, settings);
    let before = bench.norm();
    bench.train(steps);
    [before, bench.norm()]
}

#[test]
fn item_17_norms_grow_more_at_larger_rates_and_weight_decay_holds_them_down() {
    for seed in SEEDS {
        let with_batch_norm = ["0.01", "0.1", "1"].map(|lr| norms(seed, &format!("a.wd=0&a.lr={lr}"), 80));
        for [before, after] in with_batch_norm {
            assert!(after > 1.5 * before, "seed {seed}: {with_batch_norm:?}");
        }
        assert!(with_batch_norm.is_sorted_by(|a, b| 1.3 * a[1] < b[1]), "seed {seed}: {with_batch_norm:?}");
        // Without batch norm the rate decides much more; at small ones norms fall below the initial ones.
        let without = ["0.01", "0.1", "1"].map(|lr| norms(seed, &format!("a.bn=off&a.wd=0&a.lr={lr}"), 80)[1]);
        assert!(without.is_sorted_by(|a, b| 4.0 * a < *b), "seed {seed}: {without:?}");
        let [_, decayed] = norms(seed, "a.wd=0.01&a.lr=0.1", 80);
        assert!(decayed < 0.7 * with_batch_norm[1][1], "seed {seed}: {decayed} {with_batch_norm:?}");
    }
}

#[test]
fn item_18_weights_three_times_as_large_train_slower_until_the_rate_is_nine_times_as_large() {
    for seed in SEEDS {
        let late = |settings: &str| mean(&bench(seed, &format!("a.wd=0&{settings}")).train(80)[60..]);
        let standard = late("a.lr=0.03");
        let trapped = late("a.lr=0.03&a.cut=0.3333");
        let freed = late("a.lr=0.27&a.cut=0.3333");
        assert!(trapped > standard + 0.1, "seed {seed}: {standard} {trapped} {freed}");
        assert!((freed - standard).abs() < 0.4 * (trapped - standard), "seed {seed}: {standard} {trapped} {freed}");
    }
}

#[test]
fn item_20_gradscale_explodes_without_a_lower_rate_or_batch_norm() {
    for seed in SEEDS {
        let after = |settings: &str| {
            let mut bench = bench(seed, &format!("a.warmup=0&{settings}"));
            bench.train(100);
            (bench.norm(), bench.spread())
        };
        let (standard, _) = after("a.bn=off&a.lr=0.3");
        let (norm, spread) = after("a.bn=off&a.lr=0.3&a.gradscale=1");
        // Infinite and NaN norms have exploded as well.
        assert!(standard < 300.0 && (norm.is_nan() || norm > 3e3), "seed {seed}: {standard} {norm}");
        assert!(spread.is_nan() || spread < 0.01, "seed {seed}: {spread}");
        for remedy in ["a.bn=off&a.lr=0.03&a.gradscale=1", "a.lr=0.3&a.gradscale=1"] {
            let (norm, spread) = after(remedy);
            assert!(norm < 3e3 && spread > 0.15, "seed {seed}, {remedy}: {norm} {spread}");
        }
    }
}

#[test]
fn item_21_gradscale_slows_training_down_while_norms_are_below_one() {
    for seed in SEEDS {
        let loss = |settings: &str| {
            let mut bench = bench(seed, &format!("a.bn=off&a.lr=0.01&{settings}"));
            let mut losses = Vec::new();
            for _ in 0..6 {
                assert!(bench.norm_quantile(0.95) < 1.0, "seed {seed} {settings}: {}", bench.norm_quantile(0.95));
                losses.extend(bench.train(20));
            }
            mean(&losses[100..])
        };
        let (standard, scaled) = (loss("a.gradscale=0"), loss("a.gradscale=1"));
        assert!(scaled > standard + 0.15, "seed {seed}: {standard} {scaled}");
    }
}

/// Loss, spread and kNN accuracy of the held-out digits after training BYOL; the accuracy before as well.
struct Byol {
    loss: f64,
    spread: f64,
    knn: [f64; 2],
}

fn byol(seed: u64, settings: &str, steps: u32) -> Byol {
    let mut bench = bench(seed, &format!("method=byol&{settings}"));
    let before = bench.knn();
    let losses = bench.train(steps);
    let loss = mean(&losses[losses.len() - 10..]);
    Byol { loss, spread: bench.spread(), knn: [before, bench.knn()] }
}

#[test]
fn item_22_byol_collapses_without_batch_norm_while_its_loss_looks_perfect() {
    for seed in SEEDS {
        let Byol { loss, spread, knn: [before, after] } = byol(seed, "a.bn=off", 150);
        assert!(loss < -0.999 && spread < 0.005, "seed {seed}: loss {loss}, spread {spread}");
        assert!(after < before + 0.02, "seed {seed}: {before} {after}");
        let Byol { loss, spread, knn: [before, after] } = byol(seed, "a.bn=on", 150);
        assert!(loss > -0.97 && spread > 0.18, "seed {seed}: loss {loss}, spread {spread}");
        assert!(after > before + 0.03, "seed {seed}: {before} {after}");
    }
}

#[test]
fn item_25_an_embedding_does_not_depend_on_what_is_evaluated_beside_it() {
    // With the batch's own statistics, noise in the batch would change the norms of the digits beside it.
    let mut bench = bench(7, "");
    bench.train(30);
    let digits = &bench.data.test.inputs[..64 * 10];
    let noise: Vec<f32> = (0..64 * 50).map(|i| (i as f32 * 12.9898).sin()).collect();
    let alone = bench.embed(digits);
    let beside = bench.embed(&[digits, &noise].concat());
    for (a, b) in alone.iter().zip(&beside) {
        assert!((a - b).abs() < 1e-5 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn item_25_the_batch_mean_control_is_another_learning_rate() {
    // Without batch norm, evaluation sees the embeddings that training sees. One step with the batch's mean norm as the
    // factor, at a rate divided by it, is the standard's step; with each sample's own norm it is another.
    for seed in SEEDS {
        let one_step = |settings: &str| {
            let mut bench = bench(seed, &format!("a.bn=off&a.warmup=0&a.wd=0&{settings}"));
            let views = bench.views().tensor();
            let z = pollster::block_on(bench.arm.read_embeddings(&views)).unwrap();
            let norm = stats::mean(&bench.rows(&z).norms());
            bench.train(1);
            (norm, bench.embed(&bench.data.test.inputs))
        };
        let (norm, standard) = one_step("a.lr=0.1");
        let rate = 0.1 / norm;
        let (_, batch) = one_step(&format!("a.gradscale=1&a.gradmode=batch&a.lr={rate}"));
        let (_, sample) = one_step(&format!("a.gradscale=1&a.lr={rate}"));
        let far = |z: &[f32]| z.iter().zip(&standard).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
        assert!(far(&batch) < 0.02 * far(&sample), "seed {seed}: {:e} {:e}", far(&batch), far(&sample));
    }
}
