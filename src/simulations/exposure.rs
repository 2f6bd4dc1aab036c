//! The norm of a free embedding counts how often it was trained. Ours; after [`crate::theory::growth`].
//!
//! n samples have two free embeddings each (two views, no network) of norm 1. Each step draws a batch of different
//! samples, with draw weights 1, 2, 4 and 8 for a quarter of the samples each, and follows the gradient of NT-Xent over
//! the batch's embeddings. Every gradient is tangent, so norms only grow, by as much as their embedding was pushed:
//!
//! ```text
//! r^(4-2p) = 1 + (2 - p) gamma^2 sum G^2        sum over the steps in which it was drawn, G: gradient on the sphere
//! ```
//!
//! The closed form is exact for p = 1, where its error checks the bookkeeping only. It takes the measured G; that G is
//! about as large for all, so that counting draws is enough, is a result. It needs steps large enough for embeddings to
//! find their places early: at a tenth of these rates with p = 1, norms grow by 1 percent only and their rank
//! correlation with the draws is about 0.8.

use serde::{Deserialize, Serialize};

use super::measure::{mean, short, verdict};
use super::simulation::{Progress, Simulation};
use crate::figure::{Axis, Figure, Role, Series};
use crate::metrics::stats::{spearman, standard_error};
use crate::rng::CounterRng;
use crate::theory::gradients;
use crate::theory::growth::norm_after_exposure;
use crate::theory::losses::Rows;
use crate::theory::vector::{add_scaled, norm, unit};

/// Settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Decides directions and batches.
    pub seed: u64,
    /// Samples, shared out evenly among the weights.
    pub samples: usize,
    /// Dimension d.
    pub dim: usize,
    /// Draw weights.
    pub weights: Vec<f64>,
    /// Samples of a batch.
    pub batch: usize,
    /// Temperature.
    pub tau: f64,
    /// Steps.
    pub steps: u32,
    /// GradScale's power and learning rate of each arm; powers below 2.
    pub arms: Vec<[f64; 2]>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 7,
            samples: 200,
            dim: 16,
            weights: vec![1.0, 2.0, 4.0, 8.0],
            batch: 32,
            tau: 0.5,
            steps: 3000,
            arms: vec![[0.0, 8.0], [1.0, 4.0]],
        }
    }
}

impl Options {
    /// Fewer samples and steps.
    pub fn quick() -> Options {
        Options { samples: 80, batch: 16, steps: 2000, arms: vec![[0.0, 4.0], [1.0, 2.0]], ..Options::default() }
    }

    fn weight(&self, sample: usize) -> f64 {
        self.weights[sample * self.weights.len() / self.samples]
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// One entry an arm.
    pub arms: Vec<Arm>,
}

/// One training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// GradScale's power p.
    pub power: f64,
    /// Learning rate.
    pub rate: f64,
    /// One row an embedding.
    pub embeddings: Vec<Embedding>,
    /// One row a draw weight.
    pub groups: Vec<Group>,
    /// Spearman's rank correlation of norm and draws over all embeddings.
    pub spearman: f64,
    /// Largest relative error of the closed form.
    pub error: f64,
}

/// One embedding at the end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// Its draw weight.
    pub weight: f64,
    /// How often it was drawn.
    pub exposures: u32,
    /// Its norm.
    pub norm: f64,
    /// The closed form's norm.
    pub predicted: f64,
}

/// The embeddings of one draw weight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The draw weight.
    pub weight: f64,
    /// Mean number of draws.
    pub exposures: f64,
    /// Mean norm.
    pub norm: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Mean of the closed form.
    pub predicted: f64,
}

/// Runs it.
pub fn run(options: &Options, progress: Progress<'_>) -> Option<Outcome> {
    let mut arms = Vec::new();
    let count = options.arms.len() as f64;
    for (index, [power, rate]) in options.arms.iter().enumerate() {
        let mut share = |within: f64| progress((index as f64 + within) / count);
        arms.push(train(options, *power, *rate, &mut share)?);
    }
    progress(1.0).then_some(Outcome { arms })
}

fn train(options: &Options, power: f64, rate: f64, progress: Progress<'_>) -> Option<Arm> {
    let mut z = start(options);
    let mut exposures = vec![0_u32; z.len()];
    let mut squares = vec![0.0; z.len()];
    let mut rng = Simulation::Exposure.stream(options.seed, 1, 0);
    for step in 0..options.steps {
        if step % 64 == 0 && !progress(f64::from(step) / f64::from(options.steps)) {
            return None;
        }
        // Rows of the batch: first all first views, then all second views.
        let drawn = batch(options, &mut rng);
        let rows: Vec<usize> = drawn.iter().copied().chain(drawn.iter().map(|i| i + options.samples)).collect();
        let picked: Rows = rows.iter().map(|row| z[*row].clone()).collect();
        for ((row, old), gradient) in rows.iter().zip(&picked).zip(gradients::nt_xent(&picked, options.tau)) {
            let length = norm(old);
            add_scaled(&mut z[*row], -rate * gradients::gradscale(length, power), &gradient);
            exposures[*row] += 1;
            squares[*row] += (length * norm(&gradient)).powi(2);
        }
    }
    let one = |row: usize| Embedding {
        weight: options.weight(row % options.samples),
        exposures: exposures[row],
        norm: norm(&z[row]),
        predicted: norm_after_exposure(1.0, rate, power, squares[row]),
    };
    Some(Arm::new(options, power, rate, (0..z.len()).map(one).collect()))
}

/// Unit vectors, `[2n, d]`; row i + n is the second view of sample i.
fn start(options: &Options) -> Rows {
    let mut rng = Simulation::Exposure.stream(options.seed, 0, 0);
    let mut direction = || unit(&(0..options.dim).map(|_| f64::from(rng.normal())).collect::<Vec<f64>>());
    (0..2 * options.samples).map(|_| direction()).collect()
}

/// Different samples, drawn by weight one after the other.
fn batch(options: &Options, rng: &mut CounterRng) -> Vec<usize> {
    let weights: Vec<f64> = (0..options.samples).map(|sample| options.weight(sample)).collect();
    let total: f64 = weights.iter().sum();
    let mut drawn: Vec<usize> = Vec::with_capacity(options.batch);
    while drawn.len() < options.batch.min(options.samples) {
        let mut left = f64::from(rng.uniform()) * total;
        let hit = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        drawn.extend(hit.filter(|sample| !drawn.contains(sample)));
    }
    drawn
}

impl Arm {
    fn new(options: &Options, power: f64, rate: f64, embeddings: Vec<Embedding>) -> Arm {
        let column = |of: &dyn Fn(&Embedding) -> f64| embeddings.iter().map(of).collect::<Vec<f64>>();
        let spearman = spearman(&column(&|e| e.norm), &column(&|e| f64::from(e.exposures)));
        let error = column(&|e| (e.predicted / e.norm - 1.0).abs()).into_iter().fold(0.0, f64::max);
        let groups = options.weights.iter().map(|weight| Group::new(*weight, &embeddings)).collect();
        Arm { power, rate, embeddings, groups, spearman, error }
    }
}

impl Group {
    fn new(weight: f64, embeddings: &[Embedding]) -> Group {
        let members: Vec<&Embedding> = embeddings.iter().filter(|embedding| embedding.weight == weight).collect();
        let norms: Vec<f64> = members.iter().map(|member| member.norm).collect();
        Group {
            weight,
            exposures: mean(members.iter().map(|member| f64::from(member.exposures))),
            norm: mean(norms.iter().copied()),
            standard_error: standard_error(&norms),
            predicted: mean(members.iter().map(|member| member.predicted)),
        }
    }
}

impl Outcome {
    /// Norm against draws, one figure an arm.
    pub fn figure(&self) -> Vec<Figure> {
        self.arms.iter().map(Arm::figure).collect()
    }

    /// Group means, rank correlation, error of the closed form.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for arm in &self.arms {
            let p = short(arm.power);
            let groups = arm.groups.iter().map(|group| format!("{:.3} (weight {})", group.norm, short(group.weight)));
            let rising = arm.groups.is_sorted_by(|a, b| a.norm < b.norm);
            let order = if rising { "rise with the weight, as expected" } else { "do NOT rise with the weight" };
            lines.push(format!("Mean norms, p = {p}: {}; they {order}.", groups.collect::<Vec<_>>().join(", ")));
            lines.push(verdict(&format!("Spearman(norm, draws), p = {p}"), arm.spearman, 0.95, 1.0));
            let what = format!("Largest error of the closed form, p = {p} (percent)");
            lines.push(verdict(&what, 100.0 * arm.error, 0.0, 1.0));
        }
        lines
    }
}

impl Arm {
    fn figure(&self) -> Figure {
        let draws = |embedding: &Embedding| f64::from(embedding.exposures);
        let mut predicted: Vec<[f64; 2]> = self.groups.iter().map(|group| [group.exposures, group.predicted]).collect();
        predicted.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let series = |(index, group): (usize, &Group)| {
            let members = self.embeddings.iter().filter(|embedding| embedding.weight == group.weight);
            let points = members.map(|embedding| [draws(embedding), embedding.norm]);
            Series::marks(format!("draw weight {}", short(group.weight)), Role::Other(index as u8), points)
        };
        let mut all: Vec<Series> = self.groups.iter().enumerate().map(series).collect();
        all.push(Series::line("closed form, mean of each weight", Role::Predicted, predicted));
        Figure {
            name: format!("exposure-p{}", short(self.power)),
            title: format!("The norm counts draws (GradScale p = {})", short(self.power)),
            caption: "Free embeddings, no network: samples that are drawn more often end up longer.".to_owned(),
            x: Axis::linear("times drawn"),
            y: Axis::linear("norm"),
            series: all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_rank_as_draws_and_follow_the_closed_form() {
        // Spearman > 0.95 and closed form within 1 percent.
        for seed in [1, 2] {
            let outcome = run(&Options { seed, ..Options::default() }, &mut |_| true).unwrap();
            for arm in &outcome.arms {
                assert!(arm.groups.is_sorted_by(|a, b| a.norm < b.norm), "{:?}", arm.groups);
                assert!(arm.spearman > 0.95, "p = {}: {}", arm.power, arm.spearman);
                assert!(arm.error < 0.01, "p = {}: {}", arm.power, arm.error);
            }
        }
    }

    #[test]
    fn batches_hold_different_samples_drawn_by_weight() {
        let options = Options { samples: 8, batch: 2, ..Options::default() };
        let mut rng = CounterRng::new(crate::rng::Domain::Probe, 1, 0, 0, 0);
        let mut counts = [0_u32; 8];
        for _ in 0..4000 {
            let drawn = batch(&options, &mut rng);
            assert!(drawn.len() == 2 && drawn[0] != drawn[1]);
            drawn.iter().for_each(|sample| counts[*sample] += 1);
        }
        // Two draws without replacement from weights (1, 1, 2, 2, 4, 4, 8, 8)/30: the lightest is drawn with
        // probability 1/30 + sum over the others of w/30 * 1/(30 - w) = 0.07374; 295 of 4000, deviation 17, mean of two
        // 12.
        assert!((f64::from(counts[0] + counts[1]) / 2.0 - 295.0).abs() < 50.0, "{counts:?}");
        assert!(counts[7] > 4 * counts[0], "{counts:?}");
    }

    #[test]
    fn without_steps_every_norm_is_one() {
        let outcome = run(&Options { steps: 0, ..Options::quick() }, &mut |_| true).unwrap();
        assert!(outcome.arms[0].embeddings.iter().all(|embedding| (embedding.norm - 1.0).abs() < 1e-12));
    }
}
