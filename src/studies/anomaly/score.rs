//! The scores that are compared, and how they follow from features. Larger is more like the training data.
//!
//! None of them uses labels. The norm-aware combinations are sums of standard scores,
//!
//! ```text
//! s(cosine) + alpha s(ln |z|)            s(x) = (x - mean) / deviation over known validation samples
//! ```
//!
//! For samples whose log norm and similarity are independent Gaussians it is, up to scale, the log likelihood ratio of a
//! shift along both: that is why it is a sum, and why of the logarithm (norms are about log-normal). [`Score::Sum`] weighs
//! both alike (alpha = 1) and chooses nothing. [`Score::Tuned`] chooses alpha from [`ALPHAS`] on validation samples; 0 is
//! among them, so where the norm does not help it may be left out. [`Score::Joint`] takes the similarity from the encoder,
//! which keeps what the loss has no use for, and the norm from the embedding, on which the loss acts.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::metrics::Embeddings;
use crate::metrics::Metric;
use crate::metrics::auroc::auroc;
use crate::metrics::mahalanobis::{Mahalanobis, Rows};
use crate::metrics::scores::Scores;
use crate::metrics::similarity::{for_each_row, top_k};
use crate::metrics::stats;

/// Weights of the log norm that the combination may choose.
pub const ALPHAS: [f64; 6] = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0];

/// Which output of the model is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// The encoder's features h.
    Backbone,
    /// The projector's output: the embedding z.
    Projector,
}

impl Features {
    /// Both.
    pub const ALL: [Features; 2] = [Features::Projector, Features::Backbone];

    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Features::Backbone => "backbone",
            Features::Projector => "projector",
        }
    }
}

/// A score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// |z|.
    Norm,
    /// |z| relative to the neighbours' norms.
    LocalNorm,
    /// Largest cosine to the training set.
    MaxCosine,
    /// Mean of the 20 largest cosines.
    Knn,
    /// |z| times the largest cosine.
    Csi,
    /// Minus the squared Mahalanobis distance of z/|z| to one Gaussian.
    Mahalanobis,
    /// Largest cosine and log norm, equally weighted.
    Sum,
    /// Largest cosine and log norm, weighted on validation samples.
    Tuned,
    /// Largest cosine of the encoder's features and log norm of the embedding, equally weighted.
    Joint,
    /// Control: the norm before training.
    UntrainedNorm,
    /// Control: the norm of the input.
    InputNorm,
}

impl Score {
    /// Every score, in the order of tables.
    pub const ALL: [Score; 11] = [
        Score::Norm,
        Score::LocalNorm,
        Score::MaxCosine,
        Score::Knn,
        Score::Csi,
        Score::Mahalanobis,
        Score::Sum,
        Score::Tuned,
        Score::Joint,
        Score::UntrainedNorm,
        Score::InputNorm,
    ];

    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Score::Norm => "norm",
            Score::LocalNorm => "local_norm",
            Score::MaxCosine => "maxcos",
            Score::Knn => "knn",
            Score::Csi => "csi",
            Score::Mahalanobis => "mahalanobis",
            Score::Sum => "sum",
            Score::Tuned => "tuned",
            Score::Joint => "joint",
            Score::UntrainedNorm => "untrained_norm",
            Score::InputNorm => "input_norm",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Score::Norm => "Norm |z|",
            Score::LocalNorm => "Norm / neighbours' norm",
            Score::MaxCosine => "Max cosine",
            Score::Knn => "kNN (20)",
            Score::Csi => "CSI: norm × max cosine",
            Score::Mahalanobis => "Mahalanobis",
            Score::Sum => "Max cosine + norm",
            Score::Tuned => "Max cosine + norm, tuned",
            Score::Joint => "Encoder's max cosine + embedding's norm",
            Score::UntrainedNorm => "Untrained norm (control)",
            Score::InputNorm => "Input norm (control)",
        }
    }

    /// Whether it is a control: what a score must beat to owe anything to training.
    pub fn is_control(self) -> bool {
        matches!(self, Score::UntrainedNorm | Score::InputNorm)
    }

    /// The contract's metric, if it has a name for this score.
    pub fn metric(self) -> Option<Metric> {
        match self {
            Score::Norm => Some(Metric::AurocNorm),
            Score::MaxCosine => Some(Metric::AurocMaxcos),
            Score::Knn => Some(Metric::AurocKnn),
            Score::Csi => Some(Metric::AurocCsi),
            Score::Mahalanobis => Some(Metric::AurocMahalanobis),
            _ => None,
        }
    }
}

/// Scores of one set of samples under one representation, each `[n]`.
pub type Scored = Vec<(Score, Vec<f64>)>;

/// What queries are scored against: the training bank under one representation.
pub struct Reference {
    /// `[m, d]`.
    bank: Vec<f32>,
    d: usize,
    mahalanobis: Option<Mahalanobis>,
}

/// A fitted combination of a similarity and a log norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combination {
    /// Mean and deviation of the similarity over known samples.
    similarity: (f64, f64),
    /// Mean and deviation of the log norm over known samples.
    norm: (f64, f64),
    /// The weight of the log norm.
    pub alpha: f64,
}

impl Combination {
    /// Standardises by `known` (similarities, norms) and weighs both alike.
    pub fn equal(known: (&[f64], &[f64])) -> Combination {
        let logs: Vec<f64> = known.1.iter().map(|norm| norm.ln()).collect();
        Combination { similarity: moments(known.0), norm: moments(&logs), alpha: 1.0 }
    }

    /// Standardises by `known` and takes the weight that tells `known` from `outliers` best; of equal ones the smaller.
    ///
    /// Each side is (similarities, norms).
    pub fn tuned(known: (&[f64], &[f64]), outliers: (&[f64], &[f64])) -> Combination {
        let base = Combination::equal(known);
        let mut best = (base, f64::NEG_INFINITY);
        for alpha in ALPHAS {
            let tried = Combination { alpha, ..base };
            let area = auroc(&tried.scores(known.0, known.1), &tried.scores(outliers.0, outliers.1));
            if area > best.1 {
                best = (tried, area);
            }
        }
        best.0
    }

    /// The combined score of each sample, `[n]`.
    pub fn scores(&self, similarities: &[f64], norms: &[f64]) -> Vec<f64> {
        let standard = |value: f64, (mean, deviation): (f64, f64)| (value - mean) / deviation;
        similarities
            .iter()
            .zip(norms)
            .map(|(similarity, norm)| {
                standard(*similarity, self.similarity) + self.alpha * standard(norm.ln(), self.norm)
            })
            .collect()
    }
}

/// Mean and standard deviation of the finite values; the deviation is 1 where there is none.
fn moments(values: &[f64]) -> (f64, f64) {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = finite.len() as f64;
    let deviation = stats::standard_error(&finite) * n.sqrt();
    let mean = if n > 0.0 { finite.iter().sum::<f64>() / n } else { 0.0 };
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

impl Reference {
    /// Fits what needs fitting on `bank: [m, d]`.
    pub fn new(bank: Vec<f32>, d: usize) -> Reference {
        let mahalanobis = Embeddings::new(&bank, d).and_then(|bank| Mahalanobis::fit(bank, None, Rows::Unit));
        Reference { bank, d, mahalanobis }
    }

    /// The `count` bank rows with the largest cosines to `row: [d]`: index and cosine, nearest first.
    pub fn nearest(&self, row: &[f32], count: usize) -> Vec<(usize, f32)> {
        let Some(query) = Embeddings::new(row, self.d) else { return Vec::new() };
        let mut nearest = Vec::new();
        let _ = for_each_row(&query.unit(), &self.bank().unit(), self.d, |_, cosines| {
            nearest = top_k(cosines, count, |_| false).into_iter().map(|near| (near.index, near.similarity)).collect();
            ControlFlow::Break(())
        });
        nearest
    }

    fn bank(&self) -> Embeddings<'_> {
        Embeddings::or_empty(&self.bank, self.d)
    }

    /// The scores of `samples: [n, d]` that need nothing but this representation.
    pub fn score(&self, samples: &[f32]) -> Scored {
        let rows = Embeddings::or_empty(samples, self.d);
        let scores = Scores::of(rows, self.bank());
        let mahalanobis = match &self.mahalanobis {
            Some(fitted) => fitted.scores(rows),
            None => vec![f64::NAN; rows.n()],
        };
        vec![
            (Score::Norm, scores.norm),
            (Score::LocalNorm, scores.local_norm),
            (Score::MaxCosine, scores.max_cosine),
            (Score::Knn, scores.knn),
            (Score::Csi, scores.csi),
            (Score::Mahalanobis, mahalanobis),
        ]
    }
}

/// The combinations of one model, fitted once. Pairs of scores are in the order of [`Features::ALL`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combinations {
    equal: [Combination; 2],
    tuned: [Combination; 2],
    joint: Combination,
}

impl Combinations {
    /// Fits all on known validation samples and stand-in outliers.
    pub fn fit(known: &[Scored; 2], outliers: &[Scored; 2]) -> Combinations {
        let pair = |scored: &Scored| (of(scored, Score::MaxCosine), of(scored, Score::Norm));
        let [known, outliers] = [known, outliers].map(|side| [pair(&side[0]), pair(&side[1])]);
        Combinations {
            equal: [0, 1].map(|at: usize| Combination::equal((&known[at].0, &known[at].1))),
            tuned: [0, 1]
                .map(|at: usize| Combination::tuned((&known[at].0, &known[at].1), (&outliers[at].0, &outliers[at].1))),
            joint: Combination::equal((&known[1].0, &known[0].1)),
        }
    }

    /// The weights of the norm that were chosen.
    pub fn alphas(&self) -> [f64; 2] {
        self.tuned.map(|tuned| tuned.alpha)
    }

    /// Adds the combined scores of a set of samples; the joint one goes with the encoder's features.
    pub fn add(&self, scored: &mut [Scored; 2]) {
        let embedding_norms = of(&scored[0], Score::Norm);
        for (at, scored) in scored.iter_mut().enumerate() {
            let (cosine, norm) = (of(scored, Score::MaxCosine), of(scored, Score::Norm));
            scored.push((Score::Sum, self.equal[at].scores(&cosine, &norm)));
            scored.push((Score::Tuned, self.tuned[at].scores(&cosine, &norm)));
            if Features::ALL[at] == Features::Backbone {
                scored.push((Score::Joint, self.joint.scores(&cosine, &embedding_norms)));
            }
        }
    }
}

/// The values of one score; empty when it is not among them.
pub fn of(scored: &Scored, score: Score) -> Vec<f64> {
    scored.iter().find(|(own, _)| *own == score).map_or_else(Vec::new, |(_, values)| values.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{CounterRng, Domain};

    fn draws(n: usize, mean: f64, key: u32) -> Vec<f64> {
        let mut rng = CounterRng::new(Domain::Probe, 31, key, 0, 0);
        (0..n).map(|_| mean + f64::from(rng.normal())).collect()
    }

    fn exp(values: Vec<f64>) -> Vec<f64> {
        values.into_iter().map(f64::exp).collect()
    }

    #[test]
    fn keys_are_unique() {
        for (at, score) in Score::ALL.iter().enumerate() {
            assert!(Score::ALL[..at].iter().all(|other| other.key() != score.key() && other.label() != score.label()));
        }
    }

    #[test]
    fn a_norm_that_says_nothing_gets_no_weight_and_one_that_says_all_gets_the_most() {
        let known = (draws(400, 0.0, 1), exp(draws(400, 0.0, 2)));
        let far = (draws(400, -2.0, 3), exp(draws(400, 0.0, 4)));
        let short = (draws(400, 0.0, 5), exp(draws(400, -2.0, 6)));
        let fit =
            |outliers: &(Vec<f64>, Vec<f64>)| Combination::tuned((&known.0, &known.1), (&outliers.0, &outliers.1));
        assert!(fit(&far).alpha <= 0.25, "{:?}", fit(&far));
        assert!(fit(&short).alpha >= 2.0, "{:?}", fit(&short));
    }

    #[test]
    fn equal_evidence_in_both_is_combined_better_than_either() {
        let known = (draws(500, 0.0, 1), exp(draws(500, 0.0, 2)));
        let both = (draws(500, -1.0, 3), exp(draws(500, -1.0, 4)));
        let fitted = Combination::tuned((&known.0, &known.1), (&both.0, &both.1));
        let area = auroc(&fitted.scores(&known.0, &known.1), &fitted.scores(&both.0, &both.1));
        assert!(area > auroc(&known.0, &both.0) + 0.05 && area > auroc(&known.1, &both.1) + 0.05);
    }

    #[test]
    fn short_and_far_rows_score_below_the_bank() {
        let mut rng = CounterRng::new(Domain::Probe, 32, 0, 0, 0);
        let mut around = |centre: [f32; 2], n: usize| -> Vec<f32> {
            (0..n).flat_map(|_| centre.map(|c| c + 0.1 * rng.normal())).collect()
        };
        let bank = around([3.0, 0.0], 60);
        let both = |reference: &Reference, rows: &[f32]| [reference.score(rows), reference.score(rows)];
        let reference = Reference::new(bank, 2);
        let (mut known, stand_in) =
            (both(&reference, &around([3.0, 0.0], 30)), both(&reference, &around([0.0, 1.0], 30)));
        let mut outside = both(&reference, &around([0.5, 1.0], 30));
        let combinations = Combinations::fit(&known, &stand_in);
        combinations.add(&mut known);
        combinations.add(&mut outside);
        for (inside, outside) in known.iter().zip(&outside) {
            for (score, values) in inside {
                assert!(auroc(values, &of(outside, *score)) > 0.95, "{score:?}");
            }
        }
        assert_eq!((known[0].len(), known[1].len()), (8, 9));
        assert_eq!(reference.nearest(&[3.0, 0.0], 3).len(), 3);
    }
}
