//! A report in sentences: the answer, and what a reader must know to read the numbers.

use super::report::{Report, Row};
use super::score::{Features, Score};
use crate::data::Ood;
use crate::studies::intervals::FEWEST;

/// Areas clearly below 0.5 that remarks name one by one.
const NAMED: usize = 4;

impl Report {
    /// The result in words: how good the norm is for the first kind, what is better, and what the norm adds. There is none
    /// before the last model.
    pub fn verdict(&self) -> String {
        let standard = &self.options.variants[0].name;
        if self.cells_done < self.cells_planned && !self.cells.is_empty() {
            return format!(
                "{} of {} models done; the answer comes with the last.",
                self.cells_done, self.cells_planned
            );
        }
        let (Some(kind), features) = (self.kinds.first().copied(), Features::Projector) else {
            return "Nothing is measured yet.".to_owned();
        };
        let row = |score: Score| self.row(standard, features, score, Some(kind));
        let area = |score: Score| row(score).map_or(f64::NAN, |row| row.auroc.estimate);
        let told = |score: Score| match row(score).filter(|row| row.below) {
            Some(row) => format!("{:.3} (turned round {:.3})", row.auroc.estimate, 1.0 - row.auroc.estimate),
            None => format!("{:.3}", area(score)),
        };
        let candidates = [Score::Norm, Score::MaxCosine, Score::Knn, Score::Csi, Score::Mahalanobis];
        let best = candidates.into_iter().max_by(|a, b| area(*a).total_cmp(&area(*b))).unwrap_or(Score::Norm);
        let lead = if best == Score::Norm {
            "No other single score does better.".to_owned()
        } else {
            format!("The norm is not the best single score: {} has {:.3}.", best.label(), area(best))
        };
        let gain = self.gain(standard, features, Some(kind), Score::Sum, Some(Score::MaxCosine));
        let adds = gain.map_or_else(String::new, |gain| {
            format!(
                " Max cosine with the norm added has {:.3}, {:+.1} points against max cosine alone.",
                area(Score::Sum),
                gain.points.estimate
            )
        });
        format!(
            "{}, {standard} model: the norm has an AUROC of {}, the untrained network's norm {}. {lead}{adds}",
            kind.label(),
            told(Score::Norm),
            told(Score::UntrainedNorm)
        )
    }
}

/// The areas that are clearly below chance, the first ones by name.
fn turned_round(report: &Report) -> Option<String> {
    let below: Vec<&Row> = report.rows.iter().filter(|row| row.below && row.kind.is_some()).collect();
    let name = |row: &&Row| {
        let kind = row.kind.map_or("", Ood::label);
        let area = row.auroc.estimate;
        format!("{}, {}, {kind}: {area:.2}, turned round {:.2}", row.score.label(), row.features.key(), 1.0 - area)
    };
    let named: Vec<String> = below.iter().take(NAMED).map(name).collect();
    let more = match below.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more, marked with ↓"),
    };
    (!named.is_empty()).then(|| {
        format!(
            "Clearly below 0.5, so that the score tells outliers with its sign turned: {}{more}. Gains over controls count the \
             control with the better of both signs.",
            named.join("; ")
        )
    })
}

/// What a reader must know to read the numbers.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.cells_done < report.cells_planned {
        remarks.push(format!("Not finished: {} of {} models.", report.cells_done, report.cells_planned));
    }
    if report.cells.is_empty() {
        return remarks;
    }
    for models in report.models.iter().filter(|models| models.diverged > 0) {
        remarks.push(format!(
            "{}: {} of {} models diverged and are left out.",
            models.variant, models.diverged, models.models
        ));
    }
    for models in report.models.iter().filter(|models| models.knn[1] < models.knn[0] + 0.02) {
        remarks.push(format!(
            "{}: training hardly improves held-out accuracy ({:.1} % to {:.1} %), so its scores say little.",
            models.variant,
            100.0 * models.knn[0],
            100.0 * models.knn[1]
        ));
    }
    remarks.push(if report.over_seeds {
        "Intervals are 95 % bootstraps over seeds; each seed holds out other classes.".to_owned()
    } else {
        format!("Fewer than {FEWEST} seeds: there are no intervals, and other seeds may say something else.")
    });
    remarks.extend(turned_round(report));
    remarks.push(if report.options.equalise {
        "Outliers have the input norms of known samples, and batch norm its training statistics.".to_owned()
    } else {
        "Input norms are not equalised: a score may only see how bright a picture is.".to_owned()
    });
    remarks.push(
        "No score uses labels. The tuned combination chooses the norm's weight on validation samples with shuffled \
         quarters, the others choose nothing."
            .to_owned(),
    );
    remarks
}
