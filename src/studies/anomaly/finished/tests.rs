//! Reports on hand-made models.

use super::*;
use crate::studies::anomaly::cell::Measured;
use crate::studies::variant::Variant;

/// A model whose norm has `norm` and whose other scores have `others` for every kind.
pub fn cell(variant: u32, seed: u64, norm: f64, others: f64) -> Cell {
    let mut measured = Vec::new();
    for features in Features::ALL {
        for score in Score::ALL {
            for kind in [Ood::Unseen, Ood::Noise] {
                let auroc = match score {
                    Score::Norm => norm as f32,
                    Score::UntrainedNorm => 0.5,
                    _ => others as f32,
                };
                measured.push(Measured { features, score, kind, auroc, low: auroc - 0.01, high: auroc + 0.01 });
            }
        }
    }
    Cell {
        variant,
        seed,
        unseen: vec!["8".to_owned()],
        knn: [0.5, 0.9],
        loss: Some(1.0),
        diverged: None,
        millis: 1.0,
        inside: 100,
        norm: 3.0,
        alphas: [0.5; 2],
        measured,
        detail: None,
    }
}

/// Two variants, three seeds: the norm's area falls by 0.1 from the first variant to the second.
pub(crate) fn report(done: usize) -> Report {
    let options = Options {
        variants: vec![Variant::new("standard", &[]), Variant::new("other", &["gradscale=1"])],
        seeds: vec![1, 2, 3],
        kinds: vec![Ood::Unseen, Ood::Blur, Ood::Noise],
        ..Options::default()
    };
    let plan = options.plan().unwrap();
    let of_seed = |(seed, norm): (u64, f64)| [(0, norm), (1, norm - 0.1)].map(|(v, n)| cell(v, seed, n, norm + 0.1));
    let all: Vec<Cell> = [(1, 0.7), (2, 0.8), (3, 0.75)].into_iter().flat_map(of_seed).collect();
    Finished { options: &options, plan: &plan, cells: &all[..done], device: ("cpu", "CPU") }.report()
}

#[test]
fn means_are_over_seeds_and_kinds_that_the_data_lacks_are_left_out() {
    let report = report(6);
    assert_eq!(report.kinds, [Ood::Unseen, Ood::Noise]);
    let row = report.row("standard", Features::Projector, Score::Norm, Some(Ood::Noise)).unwrap();
    assert!((row.auroc.estimate - 0.75).abs() < 1e-6);
    assert!(row.auroc.low >= 0.7 - 1e-6 && row.auroc.high <= 0.8 + 1e-6 && row.auroc.low < row.auroc.high);
    assert!(report.row("other", Features::Backbone, Score::Csi, None).is_some());
}

#[test]
fn gains_are_within_a_seed_in_points_and_in_percent_of_the_baseline() {
    let report = report(6);
    let gain =
        report.gain("standard", Features::Projector, Some(Ood::Unseen), Score::Norm, Some(Score::MaxCosine)).unwrap();
    // Each seed loses 10 points, so the interval has no width; 10 of 85 points are 11.8 percent.
    assert!((gain.points.estimate + 10.0).abs() < 1e-4 && (gain.points.high - gain.points.low).abs() < 1e-4);
    assert!((gain.percent + 10.0 / 0.85).abs() < 1e-4);
    let across = report.gain("other", Features::Projector, None, Score::Norm, None).unwrap();
    assert!((across.points.estimate + 10.0).abs() < 1e-4);
    assert!(report.gain("standard", Features::Projector, None, Score::Norm, None).is_none());
}

#[test]
fn one_seed_or_two_have_no_intervals_and_the_remarks_say_so() {
    for done in [2, 4] {
        let report = report(done);
        assert!(!report.over_seeds);
        assert!(report.rows.iter().all(|row| row.auroc.low.is_nan() && row.auroc.estimate.is_finite()));
        assert!(report.gains.iter().all(|gain| gain.points.low.is_nan() && gain.points.estimate.is_finite()));
        assert!(report.remarks.iter().any(|remark| remark.starts_with("Fewer than 3 seeds")));
        assert!(report.remarks.iter().any(|remark| remark.contains(&format!("{done} of 6 models"))));
        assert_eq!(report.verdict(), format!("{done} of 6 models done; the answer comes with the last."));
    }
}

#[test]
fn an_area_below_one_half_is_told_turned_round_and_a_control_counts_with_its_better_sign() {
    let mut report = report(6);
    let options = report.options.clone();
    for cell in &mut report.cells {
        for one in &mut cell.measured {
            if one.score == Score::Norm {
                (one.auroc, one.low, one.high) = (0.03, 0.02, 0.04);
            }
            if one.score == Score::UntrainedNorm {
                (one.auroc, one.low, one.high) = (0.08, 0.06, 0.1);
            }
        }
    }
    let plan = options.plan().unwrap();
    for done in [2, 6] {
        let found =
            Finished { options: &options, plan: &plan, cells: &report.cells[..done], device: ("cpu", "CPU") }.report();
        let row = found.row("standard", Features::Projector, Score::Norm, Some(Ood::Noise)).unwrap();
        assert!(row.below && !found.row("standard", Features::Projector, Score::Knn, None).unwrap().below);
        assert!(found.remarks.iter().any(|remark| remark.contains("0.03, turned round 0.97")), "{:?}", found.remarks);
        let gain = found
            .gain("standard", Features::Projector, Some(Ood::Noise), Score::Norm, Some(Score::UntrainedNorm))
            .unwrap();
        // 3 points against 92, not against 8.
        assert!(gain.turned && (gain.points.estimate + 89.0).abs() < 1e-3, "{gain:?}");
        let other = found.gain("standard", Features::Projector, None, Score::Norm, Some(Score::MaxCosine)).unwrap();
        assert!(!other.turned);
    }
}

#[test]
fn the_verdict_says_when_the_norm_is_not_the_best_score() {
    assert!(report(6).verdict().contains("not the best single score"), "{}", report(6).verdict());
    assert_eq!(report(0).verdict(), "Nothing is measured yet.");
}
