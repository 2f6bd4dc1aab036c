//! What the diagnostic found: plain data for the page, a JSON document, and (in [`super::html`]) a page of its own.
//!
//! What can't be measured is `None`, and `notes` say why.

use serde::{Deserialize, Serialize};

use super::gradient::Loss;
use super::thresholds::NORMALISED;
use crate::data::account::Account;
use crate::metrics::buckets::Bucket;
use crate::metrics::histogram::Histogram;
use crate::metrics::rows::RowCounts;

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The input's name.
    pub name: String,
    /// Rows.
    pub n: usize,
    /// Columns.
    pub d: usize,
    /// What was taken for what in the file; `None` for embeddings in memory.
    pub read: Option<Account>,
    /// What was assumed about training.
    pub training: Training,
    /// Rows that can and can't be measured.
    pub rows: RowCounts,
    /// Rows that are exact copies of an earlier one. Their norms count; they are compared with no other row.
    #[serde(default)]
    pub copies: usize,
    /// Values of the file that 32-bit floats can't hold.
    #[serde(default)]
    pub out_of_range: OutOfRange,
    /// Rows that were compared pair by pair.
    pub sampled: usize,
    /// What stands for a second view.
    pub positives: Positives,
    /// The lengths |z| of all rows that have one.
    pub norms: Option<Norms>,
    /// The lengths by class, in the order of the classes; empty without labels.
    #[serde(default)]
    pub classes: Vec<ClassNorms>,
    /// The shortest rows, shortest first.
    #[serde(default)]
    pub shortest: Vec<Sample>,
    /// The longest rows, longest first.
    #[serde(default)]
    pub longest: Vec<Sample>,
    /// How the length of a row's own gradient follows its norm.
    pub slope: Option<Slope>,
    /// How far one step turns a row.
    pub steps: Option<Steps>,
    /// Share of pairs with a negative cosine, 0..1.
    pub opposite_share: Option<f64>,
    /// kNN accuracy by norm.
    pub accuracy: Option<Accuracy>,
    /// Spearman's correlation of the norm with the angle to the 10th neighbour; negative when dense regions are long.
    pub density_correlation: Option<f64>,
    /// How the directions lie on the sphere.
    pub sphere: Option<Sphere>,
    /// What is wrong or worth knowing, the gravest first.
    pub findings: Vec<Finding>,
    /// No finding is graver than a notice.
    pub healthy: bool,
    /// The result in a sentence or two.
    pub verdict: String,
    /// How to read the numbers, and what could not be measured.
    pub notes: Vec<String>,
}

/// What was assumed about training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The loss.
    pub loss: Loss,
    /// Learning rate.
    pub lr: f64,
    /// GradScale power p.
    pub gradscale: f64,
    /// Weight layers whose cut multiplies in the output norm.
    pub layers: u32,
}

/// What stands for a second view of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Positives {
    /// Pairs that came with the embeddings.
    Pairs,
    /// Each row's nearest neighbour.
    Neighbours,
    /// Nothing: there are too few rows.
    None,
}

/// The distribution of |z|.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Norms {
    /// Mean.
    pub mean: f64,
    /// (q, quantile), from 0 (the smallest) to 1 (the largest).
    pub quantiles: Vec<(f64, f64)>,
    /// Bins of equal width.
    pub linear: Option<Histogram>,
    /// Bins of equal ratio.
    pub log: Option<Histogram>,
}

/// The lengths |z| of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassNorms {
    /// The class as the file calls it.
    pub class: String,
    /// Rows that have a length.
    pub count: usize,
    /// The 25 % quantile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// The 75 % quantile.
    pub upper: f64,
}

/// One row and its length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its number, from 0.
    pub row: usize,
    /// What the file calls it, if it has names.
    pub name: Option<String>,
    /// |z|.
    pub norm: f64,
    /// Its class as the file calls it, if there are labels.
    pub label: Option<String>,
}

/// Values that 32-bit floats can't hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfRange {
    /// Above 3.4e38: they count as infinite.
    pub too_large: u64,
    /// Under 1e-45: they count as zero.
    pub too_small: u64,
}

/// Log-log slope of the length of a row's own gradient against its norm, when only its norm is changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Mean over the rows that were rescaled.
    pub mean: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// What theory says: p - 1.
    pub expected: f64,
    /// Rows that were rescaled.
    pub rows: usize,
}

/// The angle that one plain gradient step turns each row by, in radians: atan(lr |g| / |z|).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// (q, quantile).
    pub quantiles: Vec<(f64, f64)>,
    /// Rows below this angle count as frozen.
    pub frozen_below: f64,
    /// Share of frozen rows, 0..1.
    pub frozen_share: f64,
    /// Share of rows that are frozen but would not be at norm 1.
    pub frozen_by_norm_share: f64,
    /// Median of |z| |g| before GradScale: the gradient at norm 1, sin(phi) for the prediction loss.
    pub gradient_at_norm_one: f64,
    /// Root mean square of the same: G in the equilibrium of weight decay.
    pub gradient_rms: f64,
    /// Rows that were measured.
    pub rows: usize,
}

/// Leave-one-out kNN accuracy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Of all sampled rows, 0..1.
    pub all: f64,
    /// By norm, intervals of equal width.
    pub equal_width: Vec<Bucket>,
    /// By norm, about equally many rows each.
    pub quantiles: Vec<Bucket>,
    /// Classes that occur.
    pub classes: usize,
}

/// How the directions lie on the sphere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sphere {
    /// Mean standard deviation of the coordinates of z/|z|.
    pub spread: f64,
    /// The spread of directions that are even on the sphere, 1/sqrt(d).
    pub even_spread: f64,
    /// Directions that the embeddings really use.
    pub effective_rank: f64,
    /// The same of z/|z|, where the rank is low: few long rows can make it so. Null where it isn't low.
    #[serde(default)]
    pub direction_rank: Option<f64>,
    /// Mean squared distance of the pairs on the sphere.
    pub alignment: Option<f64>,
    /// Log of the mean Gaussian potential.
    pub uniformity: Option<f64>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Training can't go on like this.
    Serious,
    /// Training is slower or worse than it has to be.
    Warning,
    /// Worth knowing.
    Notice,
}

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No row can be measured.
    Unusable,
    /// Rows with NaN or infinite values.
    NotFinite,
    /// Rows of zeros.
    ZeroRows,
    /// One dimension only.
    OneDimension,
    /// All norms are 1.
    Normalised,
    /// All directions are the same.
    Collapsed,
    /// Few directions are used; a warning where they are a handful.
    LowRank,
    /// Too few rows, or too few that differ, to compare.
    TooFew,
    /// Rows that are exact copies of others.
    Copies,
    /// Large norms stop the rows from turning.
    FrozenByNorm,
    /// The learning rate stops the rows from turning.
    LowLearningRate,
    /// One step turns a row too far.
    Overshoot,
    /// Rows turn at very different speeds because of their norms.
    UnevenNorms,
    /// GradScale shrinks gradients of norms below 1.
    GradScaleShrinks,
    /// GradScale feeds back on large norms.
    GradScaleGrows,
    /// Positive pairs in opposite halves of the sphere.
    OppositePairs,
    /// Short rows are classified wrongly more often.
    ShortIsUncertain,
    /// Rows in dense regions are longer.
    DenseIsLong,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// How grave it is.
    pub severity: Severity,
    /// What was measured.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What helps, the best first.
    pub remedies: Vec<Remedy>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    /// Which means.
    pub kind: RemedyKind,
    /// Its computed size: c, the learning rate, lambda or p.
    pub amount: Option<f64>,
    /// What to do.
    pub action: String,
    /// What to expect of it.
    pub effect: String,
}

/// The means of the paper, and others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyKind {
    /// Divide all weights by c before training.
    CutInitialization,
    /// Multiply each row's gradient by |z|^p.
    GradScale,
    /// Let norms shrink.
    WeightDecay,
    /// Another learning rate.
    LearningRate,
    /// Something else.
    Other,
}

impl Report {
    /// The report as a JSON document; what could not be measured is null.
    pub fn to_json(&self) -> String {
        // Plain data with string keys: serialising can't fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Rows that can be measured, copies left out.
    pub fn different(&self) -> usize {
        self.rows.usable().saturating_sub(self.copies)
    }

    /// The finding of a kind, if there is one.
    pub fn finding(&self, kind: Kind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == kind)
    }
}

impl Norms {
    /// Whether all norms are 1: the embeddings were normalised.
    pub(super) fn are_one(&self) -> bool {
        [0.0, 1.0].iter().all(|q| (self.quantile(*q) - 1.0).abs() < NORMALISED)
    }

    /// The quantile that was taken at `q`; NaN for another q.
    pub fn quantile(&self, q: f64) -> f64 {
        at(&self.quantiles, q)
    }
}

impl Steps {
    /// The quantile that was taken at `q`; NaN for another q.
    pub fn quantile(&self, q: f64) -> f64 {
        at(&self.quantiles, q)
    }
}

fn at(quantiles: &[(f64, f64)], q: f64) -> f64 {
    quantiles.iter().find(|(of, _)| *of == q).map_or(f64::NAN, |(_, value)| *value)
}
