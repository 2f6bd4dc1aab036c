//! Measures of embeddings: what the charts show and the files hold.
//!
//! Inputs are f32 rows, sums are f64, results are deterministic. One idea a file; the names are the contract's.

pub mod auroc;
pub mod bootstrap;
pub mod buckets;
pub mod density;
pub mod geometry;
pub mod histogram;
pub mod knn;
pub mod mahalanobis;
pub mod projection;
pub mod rows;
pub mod scores;
pub mod similarity;
pub mod stats;

use serde::{Deserialize, Serialize};

/// The names under which values appear on the page, in the API, on the command line and in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Training loss.
    Loss,
    /// Held-out kNN accuracy.
    Knn,
    /// Mean |z|.
    NormMean,
    /// 5 % quantile of |z|.
    NormQ05,
    /// Median |z|.
    NormQ50,
    /// 95 % quantile of |z|.
    NormQ95,
    /// Mean per-coordinate standard deviation of z/|z|.
    Spread,
    /// Effective rank of the embeddings.
    EffectiveRank,
    /// Mean squared distance between two views.
    Alignment,
    /// Log of the mean Gaussian potential.
    Uniformity,
    /// Share of positive pairs in opposite halves of the sphere.
    OppositeShare,
    /// Mean length of an embedding's gradient.
    GradNorm,
    /// Mean angle that one step turns an embedding by.
    AngularStep,
    /// AUROC of the norm.
    AurocNorm,
    /// AUROC of the largest cosine to the training set.
    AurocMaxcos,
    /// AUROC of the kNN similarity.
    AurocKnn,
    /// AUROC of norm times largest cosine.
    AurocCsi,
    /// AUROC of the Mahalanobis distance.
    AurocMahalanobis,
    /// Share of the spread that the drawn axes hold. Last: recorded runs keep a metric's place in this list.
    DrawnShare,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Metric; 19] = [
        Metric::Loss,
        Metric::Knn,
        Metric::NormMean,
        Metric::NormQ05,
        Metric::NormQ50,
        Metric::NormQ95,
        Metric::Spread,
        Metric::EffectiveRank,
        Metric::Alignment,
        Metric::Uniformity,
        Metric::OppositeShare,
        Metric::GradNorm,
        Metric::AngularStep,
        Metric::AurocNorm,
        Metric::AurocMaxcos,
        Metric::AurocKnn,
        Metric::AurocCsi,
        Metric::AurocMahalanobis,
        Metric::DrawnShare,
    ];

    /// The contract's name.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// A title for people.
    pub fn label(self) -> &'static str {
        self.row().1
    }

    /// What it says, in one sentence.
    pub fn help(self) -> &'static str {
        self.row().2
    }

    /// Looks a metric up by its name.
    pub fn parse(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// All names, comma-separated, for messages.
    pub fn names() -> String {
        Metric::ALL.map(Metric::name).join(", ")
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Metric::Loss => ("loss", "Loss", "Training loss of each step."),
            Metric::Knn => (
                "knn",
                "kNN accuracy",
                "Share of held-out samples whose class the 20 nearest training embeddings (by cosine) give.",
            ),
            Metric::NormMean => ("norm_mean", "Mean norm", "Mean length |z| of the held-out embeddings."),
            Metric::NormQ05 => ("norm_q05", "Norm, 5 %", "5 % of the embeddings are shorter than this."),
            Metric::NormQ50 => ("norm_q50", "Median norm", "Half of the embeddings are shorter than this."),
            Metric::NormQ95 => ("norm_q95", "Norm, 95 %", "5 % of the embeddings are longer than this."),
            Metric::Spread => (
                "spread",
                "Spread",
                "Mean standard deviation of the coordinates of z/|z|; near 0 all embeddings have collapsed to one point.",
            ),
            Metric::EffectiveRank => (
                "effective_rank",
                "Effective rank",
                "Directions that the embeddings really use (Roy and Vetterli 2007).",
            ),
            Metric::Alignment => {
                ("alignment", "Alignment", "Mean squared distance between two views on the sphere; smaller is better.")
            }
            Metric::Uniformity => (
                "uniformity",
                "Uniformity",
                "Log of the mean Gaussian potential between embeddings; more negative is more even.",
            ),
            Metric::OppositeShare => {
                ("opposite_share", "Opposite halves", "Share of positive pairs whose cosine is negative.")
            }
            Metric::GradNorm => (
                "grad_norm",
                "Gradient length",
                "Mean length of the loss's gradient with respect to one embedding, after GradScale.",
            ),
            Metric::AngularStep => (
                "angular_step",
                "Angular step",
                "Mean angle in radians by which one plain gradient step would turn an embedding: lr x gradient / |z|.",
            ),
            Metric::AurocNorm => ("auroc_norm", "AUROC, norm", "Unseen against held-out samples by the norm."),
            Metric::AurocMaxcos => {
                ("auroc_maxcos", "AUROC, max cosine", "Unseen against held-out by the largest cosine.")
            }
            Metric::AurocKnn => ("auroc_knn", "AUROC, kNN", "Unseen against held-out by the kNN similarity."),
            Metric::AurocCsi => ("auroc_csi", "AUROC, CSI", "Unseen against held-out by norm x largest cosine."),
            Metric::AurocMahalanobis => {
                ("auroc_mahalanobis", "AUROC, Mahalanobis", "Unseen against held-out by the Mahalanobis distance.")
            }
            Metric::DrawnShare => (
                "drawn_share",
                "Spread that is drawn",
                "Share of the spread of directions that the three drawn dimensions hold. Points that lie mostly in the others are drawn inside the sphere.",
            ),
        }
    }
}

/// Embeddings, borrowed: `z: [n, d]` row by row.
#[derive(Clone, Copy, Debug)]
pub struct Embeddings<'a> {
    z: &'a [f32],
    d: usize,
}

impl<'a> Embeddings<'a> {
    /// `None` when `z` is not made of whole rows of `d > 0` values.
    pub fn new(z: &'a [f32], d: usize) -> Option<Embeddings<'a>> {
        (d > 0 && z.len().is_multiple_of(d)).then_some(Embeddings { z, d })
    }

    /// As [`Embeddings::new`], for values that are whole rows by construction; anything else is no rows.
    pub fn or_empty(z: &'a [f32], d: usize) -> Embeddings<'a> {
        Embeddings::new(z, d).unwrap_or(Embeddings { z: &[], d: 1 })
    }

    /// No rows.
    pub fn empty() -> Embeddings<'static> {
        Embeddings { z: &[], d: 1 }
    }

    /// Rows.
    pub fn n(&self) -> usize {
        self.z.len() / self.d
    }

    /// Columns.
    pub fn d(&self) -> usize {
        self.d
    }

    /// All values, row by row, `[n d]`.
    pub fn values(&self) -> &'a [f32] {
        self.z
    }

    /// The rows.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f32> {
        self.z.chunks_exact(self.d)
    }

    /// |z| of each row, `[n]`.
    pub fn norms(&self) -> Vec<f32> {
        self.rows().map(|row| row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt() as f32).collect()
    }

    /// z/|z|, `[n, d]`; rows of norm 0 stay 0.
    pub fn unit(&self) -> Vec<f32> {
        let inverse = |norm: f32| if norm > 0.0 { 1.0 / norm } else { 0.0 };
        self.rows().zip(self.norms()).flat_map(|(row, norm)| row.iter().map(move |v| v * inverse(norm))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_metric() {
        for metric in Metric::ALL {
            assert_eq!(Metric::parse(metric.name()), Some(metric));
            assert!(!metric.label().is_empty() && metric.help().ends_with('.'));
        }
        assert_eq!(Metric::parse("accuracy"), None);
    }

    #[test]
    fn unit_rows_have_length_one_and_zero_stays_zero() {
        let z = Embeddings::new(&[3.0, 4.0, 0.0, 0.0], 2).unwrap();
        assert_eq!(z.norms(), [5.0, 0.0]);
        assert_eq!(z.unit(), [0.6, 0.8, 0.0, 0.0]);
        assert!(Embeddings::new(&[1.0; 3], 2).is_none() && Embeddings::new(&[], 0).is_none());
    }
}
