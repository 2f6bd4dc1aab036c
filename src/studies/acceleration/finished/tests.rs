//! Reports on hand-made runs.

use super::*;
use crate::studies::acceleration::estimate;
use crate::studies::acceleration::levels::tests::cell;
use crate::studies::acceleration::options::Rates;
use crate::studies::variant::Variant;

const RATES: usize = 2;

fn options(seeds: u64) -> Options {
    Options {
        variants: vec![Variant::new("standard", &[]), Variant::new("other", &["gradscale=1"])],
        rates: Rates::Absolute(vec![0.1, 0.2]),
        seeds: (0..seeds).collect(),
        fractions: vec![0.5],
        ..Options::default()
    }
}

/// The report on `curves[variant][rate](seed)`.
fn report(seeds: u64, curve: impl Fn(usize, usize, u64) -> Cell) -> Report {
    let options = options(seeds);
    let plan = options.plan().unwrap();
    let make = |index: usize| {
        let (variant, rate, seed) = plan.at(index);
        let seed = plan.seeds[seed];
        Cell { variant: variant as u32, rate: rate as u32, seed, ..curve(variant, rate, seed) }
    };
    let cells: Vec<Cell> = (0..plan.cells()).map(make).collect();
    finished(&options, &plan, &cells).report()
}

fn finished<'a>(options: &'a Options, plan: &'a Plan, cells: &'a [Cell]) -> Finished<'a> {
    Finished { options, plan, cells, halves: (100, 100), device: ("cpu", "CPU") }
}

/// Rises from 0 in equal steps, reaching `end` at evaluation `at`, and stays.
fn ramp(at: usize, end: f32) -> Cell {
    cell(&(0..9).map(|i| end * (i as f32 / at as f32).min(1.0)).collect::<Vec<_>>())
}

fn outcome(report: &Report, variant: usize) -> &Outcome {
    &report.outcomes[variant]
}

#[test]
fn a_variant_that_is_only_a_rate_change_gains_at_the_same_rate_and_nothing_at_its_best() {
    // The standard needs 40 steps at rate 0 and 20 at rate 1 (to half of 0.8); the other one the reverse.
    let report = report(5, |variant, rate, _| ramp(if variant == rate { 8 } else { 4 }, 0.8));
    assert_eq!(report.levels[0].test, f64::from(0.4_f32));
    let other = outcome(&report, 1);
    assert_eq!((other.rate, other.best_rate.value, other.same_rate.value), (Some(0.1), Some(1.0), Some(0.5)));
    assert_eq!(outcome(&report, 0).rate, Some(0.2));
    assert_eq!(
        outcome(&report, 0).steps,
        Estimate { value: Some(20.0), low: Some(20.0), high: Some(20.0), has_interval: true }
    );
    // With two rates each is an edge.
    assert!(
        report.verdict().contains("the best rates of standard, other lie at the grid's edge"),
        "{}",
        report.verdict()
    );
    let slow_rate = report.grid.iter().find(|place| place.variant == "other" && place.rate == 0.1).unwrap();
    assert_eq!(slow_rate.same_rate, [Some(2.0)]);
}

/// The report on three rates of which the middle one is the best: 20 steps for the standard, `steps` for the other.
fn settled(seeds: u64, at: usize, end: f32) -> Report {
    let options = Options { rates: Rates::Absolute(vec![0.1, 0.2, 0.4]), ..options(seeds) };
    let plan = options.plan().unwrap();
    let make = |index: usize| {
        let (variant, rate, seed) = plan.at(index);
        let mut run = ramp(
            if rate != 1 {
                8
            } else if variant == 0 {
                4
            } else {
                at
            },
            0.8,
        );
        if variant == 1 {
            run.curve.test.extend([end]);
            run.curve.steps.extend([90]);
            run.curve.spread.extend([0.2]);
            run.curve.norm.extend([1.0]);
        }
        Cell { variant: variant as u32, rate: rate as u32, seed: plan.seeds[seed], ..run }
    };
    let cells: Vec<Cell> = (0..plan.cells()).map(make).collect();
    finished(&options, &plan, &cells).report()
}

#[test]
fn fastest_is_said_only_above_one() {
    let faster = settled(5, 2, 0.8).verdict();
    assert!(faster.contains("the fastest variant is other: 2.00 times the speed of standard"), "{faster}");
    assert!(faster.ends_with("(95 % interval 2.00 to 2.00, all of it above 1)."), "{faster}");
    let slower = settled(5, 6, 0.8).verdict();
    assert!(
        slower.contains("no variant is faster; other comes nearest: 0.67") && !slower.contains("fastest"),
        "{slower}"
    );
    let same = settled(5, 4, 0.8).verdict();
    assert!(same.contains("no variant is faster") && same.contains("no sure difference"), "{same}");
}

#[test]
fn few_seeds_have_no_interval_and_no_verdict() {
    for seeds in [1, 2] {
        let report = settled(seeds, 2, 0.8);
        let ratio = outcome(&report, 1).best_rate;
        assert_eq!((ratio.value, ratio.low, ratio.high, ratio.has_interval), (Some(2.0), None, None, false));
        assert_eq!(estimate::range(ratio, 2), "2.00");
        assert!(report.verdict().contains("fewer than 3 seeds"), "{}", report.verdict());
    }
}

#[test]
fn a_variant_whose_runs_fail_in_the_end_is_not_ranked() {
    let report = settled(5, 2, -0.1);
    assert_eq!((outcome(&report, 1).failed, outcome(&report, 0).failed), (5, 0));
    assert!(report.verdict().starts_with("Not even to kNN"), "{}", report.verdict());
    assert!(report.remarks.iter().any(|remark| remark.starts_with("Most runs end collapsed")), "{:?}", report.remarks);
}

#[test]
fn rates_are_chosen_on_validation_and_steps_reported_on_test() {
    let report = report(5, |variant, rate, _| {
        let mut run = ramp(4, 0.8);
        if variant == 1 {
            // Rate 0 looks fast on validation and is slow on test.
            run.curve.validation = ramp(if rate == 0 { 2 } else { 4 }, 0.8).curve.validation;
            run.curve.test = ramp(if rate == 0 { 8 } else { 4 }, 0.8).curve.test;
        }
        run
    });
    let other = outcome(&report, 1);
    assert_eq!((other.rate, other.steps.value, other.best_rate.value), (Some(0.1), Some(40.0), Some(0.5)));
}

#[test]
fn a_minority_of_censored_runs_is_counted_and_a_majority_leaves_no_median() {
    // On validation all arrive; on test `late` seeds of the other variant don't.
    let with_late = |late: u64| {
        report(5, |variant, _, seed| {
            let mut run = ramp(4, 0.8);
            if variant == 1 && seed < late {
                run.curve.test = vec![0.0; 9];
            }
            run
        })
    };
    let two = with_late(2);
    let other = outcome(&two, 1);
    assert_eq!((other.runs, other.censored, other.diverged), (5, 2, 0));
    assert_eq!((other.steps.value, other.steps.low, other.steps.high), (Some(20.0), Some(20.0), None));
    assert_eq!((other.best_rate.value, other.best_rate.low), (Some(1.0), Some(0.0)));
    let three = with_late(3);
    let other = outcome(&three, 1);
    assert_eq!((other.censored, other.steps.value, other.best_rate.value), (3, None, None));
    assert!(three.remarks.iter().any(|remark| remark.contains("no median: other at 0.5.")), "{:?}", three.remarks);
}

#[test]
fn diverged_runs_are_counted_apart_and_never_make_a_rate_the_best() {
    let report = report(3, |variant, rate, _| match (variant, rate) {
        // Fast, then infinite.
        (1, 1) => Cell { diverged: Some(55), ..cell(&[0.0, 0.9, 0.9]) },
        _ => ramp(4, 0.8),
    });
    let other = outcome(&report, 1);
    assert_eq!((other.rate, other.diverged), (Some(0.1), 0));
    let place = report.grid.iter().find(|place| place.variant == "other" && place.rate == 0.2).unwrap();
    assert_eq!((place.diverged, place.censored[0], place.steps[0]), (3, 0, None));
}

#[test]
fn a_variant_that_gets_nowhere_has_no_rate_and_the_remarks_say_so() {
    let report = report(3, |variant, _, _| if variant == 1 { cell(&[0.0; 9]) } else { ramp(4, 0.8) });
    let other = outcome(&report, 1);
    assert_eq!((other.rate, other.runs, other.steps), (None, 0, Estimate::default()));
    assert_eq!(other.best_rate, Estimate::default());
    assert!(report.remarks.iter().any(|remark| remark.starts_with("At no rate") && remark.ends_with("other at 0.5.")));
    assert!(report.verdict().starts_with("Not even to kNN"), "{}", report.verdict());
    // It still has a last accuracy, below the standard's.
    assert!((report.finals[1].gain.value.unwrap() + 0.8).abs() < 1e-6);
}

#[test]
fn the_interval_is_paired_by_seed() {
    // Every seed differs, the other variant always takes half the steps.
    let report = report(4, |variant, _, seed| {
        let at = 2 * (seed as usize + 1);
        let steps = if variant == 0 { 2 * at } else { at };
        let reached = |i: usize| if i >= steps { 0.8 } else { 0.0 };
        cell(&(0..20).map(reached).collect::<Vec<_>>())
    });
    let ratio = outcome(&report, 1).best_rate;
    assert_eq!((ratio.value, ratio.low, ratio.high), (Some(2.0), Some(2.0), Some(2.0)));
}

#[test]
fn time_counts_as_well_as_steps() {
    let report = report(3, |variant, _, _| Cell { millis: [2.0, 4.0][variant], ..ramp([8, 4][variant], 0.8) });
    let other = outcome(&report, 1);
    assert_eq!((other.best_rate.value, other.time_ratio, other.millis), (Some(2.0), Some(1.0), Some(4.0)));
}

#[test]
fn a_report_before_the_end_is_about_whole_seeds_only() {
    let options = options(3);
    let plan = options.plan().unwrap();
    let make = |index: usize| {
        let (variant, rate, seed) = plan.at(index);
        Cell { variant: variant as u32, rate: rate as u32, seed: plan.seeds[seed], ..ramp(4, 0.8) }
    };
    let cells: Vec<Cell> = (0..=2 * RATES).map(make).collect();
    let early = finished(&options, &plan, &cells).report();
    assert_eq!((early.seeds.as_slice(), early.outcomes[0].runs, early.grid[0].runs), (&[0_u64][..], 1, 2));
    assert!(early.remarks[0].starts_with("Not finished: 5 of 12 runs"));
    assert_eq!(early.verdict(), "5 of 12 runs done; the answer comes with the last.");
    let none = finished(&options, &plan, &cells[..3]).report();
    assert!(none.levels.is_empty() && none.outcomes.is_empty() && none.grid[0].validation.is_some());
}

#[test]
fn a_report_survives_json_bit_by_bit() {
    let report = report(3, |variant, rate, seed| ramp(2 + variant + rate + seed as usize, 0.7));
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap().cells, report.cells);
}
