//! Steps until random pairs align, against their norm (Draganov et al. 2025, the simulation of the bounds, first part).
//!
//! n pairs of independent directions with norm rho minimise minus their mean cosine by plain gradient steps, both
//! points moving, until the mean cosine is 1 - 1e-3. Theory ([`crate::theory::convergence`]): steps go as rho^(2-p)
//! with GradScale's power p, so as rho^2 without it. The notebook's first step is not along the tangent
//! ([`FirstStep::Notebook`]); it is run both ways.

use serde::{Deserialize, Serialize};

use super::measure::{log_log_slope, mean, short, verdict};
use super::pairs::{FirstStep, Pairs, Rules};
use super::simulation::{Progress, Simulation};
use crate::figure::{Axis, Figure, Role, Series};
use crate::theory::convergence::Approach;

/// Settings; the default is the paper's, over two repetitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Decides the directions.
    pub seed: u64,
    /// Independent repetitions that are averaged.
    pub repetitions: u32,
    /// Pairs n.
    pub pairs: usize,
    /// Dimension d.
    pub dim: usize,
    /// Learning rate of the mean cosine; each pair sees rate/n.
    pub rate: f64,
    /// Stop when the mean cosine is at least 1 - tolerance.
    pub tolerance: f64,
    /// The norms, all positive.
    pub norms: Vec<f64>,
    /// GradScale's powers.
    pub powers: Vec<f64>,
    /// Steps after which a run counts as not converged.
    pub step_limit: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 7,
            repetitions: 2,
            pairs: 500,
            dim: 20,
            rate: 10.0,
            tolerance: 1e-3,
            norms: NOTEBOOK.iter().map(|(norm, _)| *norm).collect(),
            powers: vec![0.0, 1.0, 2.0],
            step_limit: 50_000,
        }
    }
}

impl Options {
    /// A hundred pairs with the same step per pair.
    pub fn quick() -> Options {
        Options { repetitions: 1, pairs: 100, rate: 2.0, ..Options::default() }
    }

    fn gamma(&self) -> f64 {
        self.rate / self.pairs as f64
    }

    /// Power and first step of each curve.
    fn curves(&self) -> Vec<(f64, FirstStep)> {
        let tangent = self.powers.iter().map(|power| (*power, FirstStep::Tangent));
        std::iter::once((0.0, FirstStep::Notebook)).chain(tangent).collect()
    }
}

/// Norm and steps as printed by the paper's notebook (norm 0 left out: it has no direction).
const NOTEBOOK: [(f64, u32); 13] = [
    (0.25, 6),
    (0.5, 24),
    (0.75, 54),
    (1.0, 96),
    (2.0, 385),
    (3.0, 869),
    (4.0, 1547),
    (5.0, 2416),
    (6.0, 3463),
    (7.0, 4737),
    (8.0, 6156),
    (9.0, 7822),
    (10.0, 9662),
];

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// One curve for the notebook's first step, then one a power.
    pub curves: Vec<Curve>,
    /// Largest relative deviation of the first curve's steps from the notebook's printed ones.
    pub deviation: f64,
    /// Deviation to expect: 1 percent for a thousand pairs, more for fewer, as 1/sqrt(pairs).
    pub expected_deviation: f64,
}

/// Steps against the norm for one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// GradScale's power p.
    pub power: f64,
    /// How the first step was taken.
    pub first_step: FirstStep,
    /// One row a norm.
    pub rows: Vec<Row>,
    /// Least-squares slope of ln(steps) against ln(norm); 2 - p in theory.
    pub slope: f64,
}

/// Steps at one norm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The norm.
    pub norm: f64,
    /// Steps of each repetition; none where the limit was reached.
    pub repetitions: Vec<Option<u32>>,
    /// Their mean; none when a repetition did not converge.
    pub steps: Option<f64>,
    /// What the flow predicts for the same start angles.
    pub predicted: f64,
}

/// Runs it.
pub fn run(options: &Options, progress: Progress<'_>) -> Option<Outcome> {
    let curves = options.curves();
    let expected = |power: f64, norm: f64| norm.powf(2.0 - power) + 0.1;
    let per_norm = |power: f64| options.norms.iter().map(|norm| expected(power, *norm)).sum::<f64>();
    let total: f64 = curves.iter().map(|(power, _)| per_norm(*power)).sum();
    let mut done = 0.0;
    let mut out = Vec::new();
    for (power, first_step) in curves {
        let mut rows = Vec::new();
        for (index, norm) in options.norms.iter().enumerate() {
            let part = expected(power, *norm);
            let mut share = |within: f64| progress(((done + part * within) / total).min(1.0));
            rows.push(row(options, power, first_step, index, &mut share)?);
            done += part;
        }
        let points: Vec<[f64; 2]> = rows.iter().filter_map(Row::point).collect();
        out.push(Curve { power, first_step, slope: log_log_slope(&points), rows });
    }
    let deviation = deviation(&out[0].rows);
    let pairs = options.pairs as f64 * f64::from(options.repetitions);
    let expected_deviation = 0.01 * (1000.0 / pairs).max(1.0).sqrt();
    progress(1.0).then_some(Outcome { curves: out, deviation, expected_deviation })
}

fn row(options: &Options, power: f64, first: FirstStep, index: usize, share: Progress<'_>) -> Option<Row> {
    let norm = options.norms[index];
    let (gamma, target) = (options.gamma(), 1.0 - options.tolerance);
    let approach = Approach { rho: norm, gamma, power };
    let rules = Rules { gamma, power, first, target, limit: options.step_limit };
    let (mut repetitions, mut predicted) = (Vec::new(), Vec::new());
    for repetition in 0..options.repetitions {
        let mut rng = Simulation::NormSweep.stream(options.seed, repetition, index as u32);
        let pairs = Pairs::independent(options.pairs, options.dim, norm, &mut rng);
        let flow = approach.steps_of_many(&pairs.angles(), target);
        let mut go_on = |step: u32| {
            let within = (f64::from(step) / flow.max(1.0)).min(1.0);
            share((f64::from(repetition) + within) / f64::from(options.repetitions))
        };
        repetitions.push(pairs.steps(rules, &mut go_on)?);
        predicted.push(flow);
    }
    let all: Option<Vec<f64>> = repetitions.iter().map(|steps| steps.map(f64::from)).collect();
    Some(Row { norm, repetitions, steps: all.map(mean), predicted: mean(predicted) })
}

/// Against the notebook, over the norms that it has.
fn deviation(rows: &[Row]) -> f64 {
    let printed = |norm: f64| NOTEBOOK.iter().find(|(known, _)| *known == norm).map(|(_, steps)| f64::from(*steps));
    let one = |row: &Row| Some((row.steps? / printed(row.norm)? - 1.0).abs());
    rows.iter().filter_map(one).fold(0.0, f64::max)
}

impl Row {
    fn point(&self) -> Option<[f64; 2]> {
        self.steps.map(|steps| [self.norm, steps])
    }
}

impl Outcome {
    /// Steps at norm 10 over steps at norm 1, for one power and tangent steps.
    pub fn ratio(&self, power: f64) -> Option<f64> {
        let curve = self.curve(power)?;
        let at = |norm: f64| curve.rows.iter().find(|row| row.norm == norm)?.steps;
        Some(at(10.0)? / at(1.0)?)
    }

    /// The curve with tangent steps for a power.
    pub fn curve(&self, power: f64) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.power == power && curve.first_step == FirstStep::Tangent)
    }

    /// Steps against norm, both logarithmic.
    pub fn figure(&self) -> Vec<Figure> {
        let mut series = Vec::new();
        for (index, curve) in self.curves.iter().filter(|curve| curve.first_step == FirstStep::Tangent).enumerate() {
            let name = format!("GradScale p = {}", short(curve.power));
            let name = if curve.power == 0.0 { "no GradScale".to_owned() } else { name };
            let predicted = curve.rows.iter().map(|row| [row.norm, row.predicted]);
            series.push(Series::line(format!("{name}, predicted"), Role::PredictedFor(index as u8), predicted));
            let role = if index == 0 { Role::Measured } else { Role::Other(index as u8) };
            series.push(Series::marks(name, role, curve.rows.iter().filter_map(Row::point)));
        }
        vec![Figure {
            name: "norm-sweep".to_owned(),
            title: "Steps until random pairs align".to_owned(),
            caption: "Twice the norm takes four times the steps. GradScale makes it twice (p = 1) or as many (p = 2)."
                .to_owned(),
            x: Axis::log("norm of the embeddings"),
            y: Axis::log("steps"),
            series,
        }]
    }

    /// The slopes, the ratio, and the comparison with the notebook.
    pub fn summary(&self) -> Vec<String> {
        let slope = |curve: &Curve| {
            let (what, expected) = (
                format!("With p = {} the steps grow as a power of the norm; its exponent", short(curve.power)),
                2.0 - curve.power,
            );
            verdict(&what, curve.slope, expected - 0.02, expected + 0.02)
        };
        let mut lines: Vec<String> =
            self.curves.iter().filter(|curve| curve.first_step == FirstStep::Tangent).map(slope).collect();
        if let Some(ratio) = self.ratio(0.0) {
            lines.push(verdict("Steps at norm 10 over steps at norm 1", ratio, 98.0, 102.0));
        }
        let against = "Largest deviation of the steps from those that the paper's notebook printed (percent)";
        lines.push(verdict(against, 100.0 * self.deviation, 0.0, 100.0 * self.expected_deviation));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(curve: &Curve) -> Vec<f64> {
        curve.rows.iter().map(|row| row.steps.expect("converged")).collect()
    }

    #[test]
    fn steps_are_those_of_the_papers_notebook() {
        // The notebook's printed steps, within 1 percent; slope 2 and ratio 100 are the theory's.
        let outcome = run(&Options::default(), &mut |_| true).unwrap();
        let notebook = steps(&outcome.curves[0]);
        let expected = [6., 24., 54., 96., 385., 869., 1547., 2416., 3463., 4737., 6156., 7822., 9662.];
        for (steps, expected) in notebook.iter().zip(expected) {
            assert!((steps / expected - 1.0).abs() <= 0.01, "{steps} against {expected}; all: {notebook:?}");
        }
        assert!((outcome.curve(0.0).unwrap().slope - 2.0).abs() < 0.02, "{:?}", outcome.curves[1].slope);
        assert!((outcome.ratio(0.0).unwrap() - 100.0).abs() < 2.0);
        assert!(outcome.summary().iter().all(|line| line.contains(", as expected")), "{:#?}", outcome.summary());
    }

    #[test]
    fn gradscale_flattens_the_slope_to_one_and_to_zero() {
        // 96/290/967 and 96/96/96 at norms 1, 3, 10 in numpy.
        let options = Options { norms: vec![1.0, 3.0, 10.0], repetitions: 1, ..Options::default() };
        let outcome = run(&options, &mut |_| true).unwrap();
        for (power, slope, expected) in [(1.0, 1.0, [96.5, 290.0, 967.0]), (2.0, 0.0, [96.5; 3])] {
            let curve = outcome.curve(power).unwrap();
            assert!((curve.slope - slope).abs() < 0.02, "p = {power}: {}", curve.slope);
            for (steps, expected) in steps(curve).iter().zip(expected) {
                assert!((steps / expected - 1.0).abs() < 0.02, "p = {power}: {steps} against {expected}");
            }
        }
    }

    #[test]
    fn the_flow_predicts_the_steps_of_the_same_pairs() {
        let outcome = run(&Options::quick(), &mut |_| true).unwrap();
        for row in outcome.curves.iter().skip(1).flat_map(|curve| &curve.rows).filter(|row| row.predicted > 50.0) {
            assert!((row.steps.unwrap() / row.predicted - 1.0).abs() < 0.02, "{row:?}");
        }
    }

    #[test]
    fn a_run_beyond_the_limit_is_said_not_to_have_converged() {
        let outcome = run(&Options { step_limit: 100, ..Options::quick() }, &mut |_| true).unwrap();
        assert_eq!(outcome.curves[1].rows[12].steps, None);
        assert_eq!(outcome.ratio(0.0), None);
    }
}
