//! From a snapshot of an arm to the contract's metrics, the points to draw, and what one point's tooltip says.

use super::inputs::Snapshot;
use crate::config::{ArmConfig, ArmId};
use crate::data::{Dataset, Kind};
use crate::metrics::knn::{Knn, share_of_right};
use crate::metrics::projection::StableProjection;
use crate::metrics::{Embeddings, Metric, geometry, stats};
use crate::protocol::{Evaluation, Neighbour, Picture};

/// Neighbours in a tooltip.
const TOOLTIP_NEIGHBOURS: usize = 5;

/// What stays of the last evaluation, for tooltips, files and the page API.
pub struct Latest {
    /// Dimension of the embeddings.
    pub dim: usize,
    /// Held-out embeddings, `[n, dim]`.
    pub points: Vec<f32>,
    /// Their norms, `[n]`.
    pub norms: Vec<f32>,
    /// The contract's metrics.
    pub values: Vec<(Metric, f64)>,
    /// The axes that the points were projected on, `[dim, 3]` row by row.
    pub axes: Vec<f32>,
    knn: Knn,
}

/// Why an arm can't go on, with what helps; `None` when all is finite.
pub fn failure(snapshot: &Snapshot, config: &ArmConfig) -> Option<String> {
    let bad_loss = snapshot.losses.iter().find(|(_, loss)| !loss.is_finite());
    let bad_point = snapshot.points.iter().any(|value| !value.is_finite());
    let what = match (bad_loss, bad_point) {
        (Some((step, loss)), _) => format!("The loss became {loss} at step {step}."),
        (None, true) => format!("The embeddings became infinite by step {}.", snapshot.step),
        (None, false) => return None,
    };
    let help = if config.gradscale > 0.0 {
        "GradScale multiplies gradients by a power of |z|, which feeds back on growing norms: lower the learning rate, lengthen \
         the warm-up, lower p, or turn batch norm on."
    } else {
        "Lower the learning rate, lengthen the warm-up, or turn batch norm on."
    };
    Some(format!("{what} {help}"))
}

/// Metrics and points of a snapshot, drawn along axes that follow the last ones.
pub fn evaluate(
    id: ArmId,
    snapshot: Snapshot,
    data: &Dataset,
    projection: &mut StableProjection,
) -> (Latest, Evaluation) {
    let n = snapshot.n_points;
    let dim = snapshot.points.len() / n.max(1);
    let bank_labels = &data.train.labels[..snapshot.n_bank];
    let labels = &data.test.labels[..n];
    let knn = Knn::new(Embeddings::or_empty(&snapshot.bank, dim), bank_labels);
    let points = Embeddings::or_empty(&snapshot.points, dim);
    let norms = points.norms();
    let pairs = geometry::pairs(Embeddings::or_empty(&snapshot.probe, dim));
    let (grad_norm, angular_step) = gradients(&snapshot, dim);
    let accuracy = match &snapshot.classes {
        _ if !data.has_classes() => f64::NAN,
        Some(classes) => share_of_right(classes, labels),
        None => knn.accuracy(points, labels),
    };
    let mut values = vec![
        (Metric::Knn, accuracy),
        (Metric::NormMean, stats::mean(&norms)),
        (Metric::NormQ05, stats::quantile(&norms, 0.05)),
        (Metric::NormQ50, stats::quantile(&norms, 0.5)),
        (Metric::NormQ95, stats::quantile(&norms, 0.95)),
        (Metric::Spread, geometry::spread(points)),
        (Metric::EffectiveRank, geometry::effective_rank(points)),
        (Metric::Alignment, pairs.alignment),
        (Metric::Uniformity, pairs.uniformity),
        (Metric::OppositeShare, pairs.opposite_share),
        (Metric::GradNorm, grad_norm),
        (Metric::AngularStep, angular_step),
    ];
    if let Some((_, loss)) = snapshot.losses.last() {
        values.insert(0, (Metric::Loss, *loss));
    }
    let directions = projection.project(points);
    values.push((Metric::DrawnShare, projection.share(points)));
    values.retain(|(_, value)| value.is_finite());
    let evaluation = Evaluation {
        arm: id,
        step: snapshot.step,
        values: values.clone(),
        directions,
        norms: norms.clone(),
        losses: snapshot.losses,
    };
    (Latest { dim, points: snapshot.points, norms, values, axes: projection.axes(dim), knn }, evaluation)
}

/// The class that kNN gives each point of a snapshot.
pub fn classes(snapshot: &Snapshot, data: &Dataset) -> Vec<u16> {
    if let Some(classes) = &snapshot.classes {
        return classes.clone();
    }
    let dim = snapshot.points.len() / snapshot.n_points.max(1);
    let knn = Knn::new(Embeddings::or_empty(&snapshot.bank, dim), &data.train.labels[..snapshot.n_bank]);
    Embeddings::or_empty(&snapshot.points, dim).rows().map(|point| knn.classify_one(point)).collect()
}

/// kNN accuracy of the first `points` held-out samples as they are, against the first `bank` training samples.
pub fn raw_knn(data: &Dataset, bank: usize, points: usize) -> f64 {
    let len = data.kind.len();
    held_out_knn(data, &data.train.inputs[..bank * len], &data.test.inputs[..points * len], [bank, points])
}

/// kNN accuracy on what stands for the first held-out samples, `points: [n, width]`, against what stands for the first
/// training samples, `bank: [m, width]`, both flat. NaN where the data have no classes.
pub fn held_out_knn(data: &Dataset, bank: &[f32], points: &[f32], [m, n]: [usize; 2]) -> f64 {
    if !data.has_classes() {
        return f64::NAN;
    }
    let width = points.len() / n.max(1);
    let knn = Knn::new(Embeddings::or_empty(bank, width), &data.train.labels[..m]);
    knn.accuracy(Embeddings::or_empty(points, width), &data.test.labels[..n])
}

/// Mean gradient length, and mean angle lr |g| / |z| of one plain step.
fn gradients(snapshot: &Snapshot, dim: usize) -> (f64, f64) {
    let lengths = Embeddings::or_empty(&snapshot.probe_gradients, dim).norms();
    let norms = Embeddings::or_empty(&snapshot.probe_outputs, dim).norms();
    let angles: Vec<f32> = lengths
        .iter()
        .zip(&norms)
        .filter(|(_, norm)| **norm > 0.0)
        .map(|(length, norm)| (snapshot.lr as f32 * length / norm).atan())
        .collect();
    (stats::mean(&lengths), stats::mean(&angles))
}

/// The kNN's class for held-out point `index` and its nearest training samples.
pub fn neighbours(latest: &Latest, data: &Dataset, index: usize) -> (u16, Vec<Neighbour>) {
    let query = &latest.points[index * latest.dim..(index + 1) * latest.dim];
    let nearest = latest.knn.nearest(query, crate::metrics::knn::K);
    let described = nearest
        .iter()
        .take(TOOLTIP_NEIGHBOURS)
        .map(|neighbour| Neighbour {
            index: neighbour.index as u32,
            label: data.train.labels[neighbour.index],
            similarity: neighbour.similarity,
            picture: picture(data, data.train.row(neighbour.index)),
        })
        .collect();
    (latest.knn.classify(&nearest), described)
}

/// Width and height of the data's pictures.
pub fn image_size(data: &Dataset) -> Option<(u32, u32)> {
    match data.kind {
        Kind::Image { height, width, .. } => Some((width as u32, height as u32)),
        Kind::Vector { .. } => None,
    }
}

/// A sample as a small picture; `None` for vectors.
pub fn picture(data: &Dataset, row: &[f32]) -> Option<Picture> {
    Picture::of(&data.kind, row)
}
