//! Figures of an anomaly study: the norms of known samples and outliers, and the ROC curves of the scores.

use super::cell::Detail;
use super::report::Report;
use super::score::{Features, Score};
use crate::data::Ood;
use crate::figure::{Axis, Figure, Role, Series};

/// Bins of the norm figure.
const BINS: usize = 24;
/// The scores whose curves are drawn; the control is the formula-like (dashed) one.
const DRAWN: [Score; 6] = [Score::Norm, Score::MaxCosine, Score::Knn, Score::Csi, Score::Mahalanobis, Score::Sum];

/// For each kind and output of the standard model: norms and ROC curves. Names end in `-KIND-FEATURES`.
pub fn figures(report: &Report) -> Vec<Figure> {
    let Some(detail) = report.cells.iter().find_map(|cell| cell.detail.as_ref()) else { return Vec::new() };
    let mut figures = Vec::new();
    for features in Features::ALL {
        for kind in &report.kinds {
            figures.extend(norms(detail, features, *kind));
            figures.extend(curves(report, detail, features, *kind));
        }
    }
    figures
}

/// Share of samples by norm, known and outliers, in the same bins.
fn norms(detail: &Detail, features: Features, kind: Ood) -> Option<Figure> {
    let of = |kind: Option<Ood>| {
        let found = detail.norms.iter().find(|(own, which, _)| (*own, *which) == (features, kind));
        found.map(|(.., norms)| norms.as_slice()).filter(|norms| !norms.is_empty())
    };
    let (known, outliers) = (of(None)?, of(Some(kind))?);
    let both = || known.iter().chain(outliers).copied();
    let (low, high) = both().fold((f32::INFINITY, 0.0_f32), |(low, high), norm| (low.min(norm), high.max(norm)));
    let width = f64::from(high - low).max(f64::EPSILON) / BINS as f64;
    let share = |norms: &[f32]| -> Vec<[f64; 2]> {
        let mut counts = [0.0; BINS];
        for norm in norms {
            counts[((f64::from(norm - low) / width) as usize).min(BINS - 1)] += 100.0 / norms.len() as f64;
        }
        let middle = |at: usize| f64::from(low) + (at as f64 + 0.5) * width;
        counts.iter().enumerate().map(|(at, share)| [middle(at), *share]).collect()
    };
    Some(Figure {
        name: format!("anomaly-norms-{}-{}", kind.key(), features.key()),
        title: format!("Norms: known against {}", kind.label().to_lowercase()),
        caption:
            "Held-out samples of known classes and outliers, one seed. The further left the outliers lie, the better \
                  the norm tells them."
                .to_owned(),
        x: Axis::linear("|z|"),
        y: Axis::linear("samples, %"),
        series: vec![
            Series::line("known", Role::A, share(known)),
            Series::line(kind.label(), Role::B, share(outliers)),
        ],
    })
}

fn curves(report: &Report, detail: &Detail, features: Features, kind: Ood) -> Option<Figure> {
    let standard = report.options.variants.first()?.name.as_str();
    let curve = |score: Score| {
        let found = detail.curves.iter().find(|(f, s, k, _)| (*f, *s, *k) == (features, score, kind));
        found.map(|(.., points)| points.iter().map(|point| point.map(f64::from)).collect::<Vec<_>>())
    };
    let label = |score: Score| {
        let area = report.row(standard, features, score, Some(kind)).map_or(f64::NAN, |row| row.auroc.estimate);
        format!("{} {area:.3}", score.label())
    };
    let drawn = DRAWN.into_iter().enumerate();
    let mut series: Vec<Series> = drawn
        .filter_map(|(at, score)| Some(Series::line(label(score), Role::Other(at as u8), curve(score)?)))
        .collect();
    let control = curve(Score::UntrainedNorm)?;
    series.push(Series::line(label(Score::UntrainedNorm), Role::Predicted, control));
    Some(Figure {
        name: format!("anomaly-roc-{}-{}", kind.key(), features.key()),
        title: format!("ROC: {}", kind.label().to_lowercase()),
        caption:
            "Curves of one seed; the numbers are AUROCs (mean over seeds). A score that knows nothing runs along the \
                  diagonal."
                .to_owned(),
        x: Axis::linear("outliers taken for known"),
        y: Axis::linear("known taken for known"),
        series,
    })
}

#[cfg(test)]
mod tests {
    use super::super::finished::tests::report;
    use super::*;

    #[test]
    fn norms_are_shares_that_add_up_and_curves_have_their_area() {
        let mut report = report(6);
        let known: Vec<f32> = (0..50).map(|i| 2.0 + 0.02 * i as f32).collect();
        let outside: Vec<f32> = (0..40).map(|i| 1.0 + 0.03 * i as f32).collect();
        let features = Features::Projector;
        let line = vec![[0.0, 0.0], [0.2, 0.9], [1.0, 1.0]];
        report.cells[0].detail = Some(Detail {
            norms: vec![(features, None, known), (features, Some(Ood::Unseen), outside)],
            curves: Score::ALL.map(|score| (features, score, Ood::Unseen, line.clone())).to_vec(),
            gallery: Vec::new(),
        });
        let figures = figures(&report);
        assert_eq!(figures.len(), 2);
        for series in &figures[0].series {
            let total: f64 = series.points.iter().map(|point| point[1]).sum();
            assert!((total - 100.0).abs() < 1e-6, "{total}");
        }
        assert_eq!(figures[1].series.len(), DRAWN.len() + 1);
        assert!(figures[1].series[0].label.ends_with("0.750"));
    }

    #[test]
    fn without_detail_there_is_nothing_to_draw() {
        assert!(figures(&report(2)).is_empty());
    }
}
