//! What is said of the report as a whole: the verdict, and how to read the numbers.

use super::phrases::figures;
use crate::diagnostics::gradient::Loss;
use crate::diagnostics::report::{Kind, Positives, Report, Severity};
use crate::diagnostics::request::Options;
use crate::diagnostics::thresholds::FROZEN;

pub(in crate::diagnostics) fn verdict(report: &Report) -> String {
    let grave: Vec<_> = report.findings.iter().filter(|finding| finding.severity != Severity::Notice).collect();
    let Some(first) = grave.first() else {
        let Some(norms) = &report.norms else { return "There is nothing to measure.".to_owned() };
        let turning = report.steps.as_ref().map_or(String::new(), |steps| {
            format!(", and a step turns the median embedding by {} radians", figures(steps.quantile(0.5)))
        });
        return format!("Healthy: the median norm is {}{turning}.", figures(norms.quantile(0.5)));
    };
    let more = match grave.len() - 1 {
        0 => String::new(),
        1 => " There is one more finding to look at.".to_owned(),
        n => format!(" There are {n} more findings to look at."),
    };
    format!("{}{more}", headline(first.kind, first.severity))
}

/// A finding in a few words; the finding itself has the numbers, and what helps.
fn headline(kind: Kind, severity: Severity) -> &'static str {
    match kind {
        Kind::Unusable => "There is nothing that can be measured.",
        Kind::NotFinite => "Some embeddings are not finite.",
        Kind::ZeroRows => "Some embeddings are zero.",
        Kind::OneDimension => "One dimension leaves nothing to turn.",
        Kind::Normalised => "These embeddings look normalised: their norms are gone.",
        Kind::Collapsed => "Collapsed: all embeddings point the same way.",
        Kind::FrozenByNorm if severity == Severity::Serious => "Large norms hold most embeddings still.",
        Kind::FrozenByNorm => "Large norms hold some embeddings still.",
        Kind::LowLearningRate => "The learning rate is too low for some embeddings.",
        Kind::Overshoot => "Steps are too long for embeddings that are this short.",
        Kind::UnevenNorms => "Embeddings turn at very different speeds.",
        Kind::GradScaleShrinks => "GradScale slows training down here.",
        Kind::GradScaleGrows => "GradScale may let these norms run away.",
        Kind::LowRank => "Collapsed onto few dimensions.",
        Kind::TooFew => "Nothing about training can be measured: there are too few embeddings to compare.",
        Kind::Copies => "Many embeddings are exact copies of others.",
        // Notices are never the gravest of grave findings.
        Kind::OppositePairs | Kind::ShortIsUncertain | Kind::DenseIsLong => "",
    }
}

pub(in crate::diagnostics) fn general_notes(options: &Options) -> Vec<String> {
    let mut notes = vec![format!(
        "Steps are those of free embeddings: each moves by the learning rate times the gradient of its own loss terms. \
         Averaging over a batch divides them by the batch size, and shared weights multiply them by about the squared \
         length of the features, so read them as orders of magnitude. Frozen means under {} radians a step, more than \
         10,000 steps for a radian.",
        figures(FROZEN)
    )];
    if options.loss == Loss::Prediction {
        notes.push("The embeddings stand for the predictions as well as for their targets.".to_owned());
    }
    notes
}

pub(in crate::diagnostics) fn sampled(sampled: usize, of: usize) -> String {
    format!(
        "Norms are those of all {of} embeddings; pairs, neighbours and gradients are those of {sampled} drawn at random."
    )
}

pub(in crate::diagnostics) fn positives(positives: Positives, were_given: bool) -> Option<String> {
    let no_pairs =
        if were_given { "No pair is complete with two different views" } else { "There are no pairs of views" };
    match positives {
        Positives::Pairs => None,
        Positives::Neighbours => Some(format!(
            "{no_pairs}, so each embedding's nearest neighbour stands for its second view: gradients and alignment are \
             smaller than in training, and the share of opposite pairs can't be told."
        )),
        Positives::None => Some("No embedding has a second view: there are no gradients to measure.".to_owned()),
    }
}

pub(in crate::diagnostics) fn no_accuracy(has_labels: bool) -> String {
    let reason = if has_labels { "All labels are the same" } else { "There are no labels" };
    format!("{reason}, so there is no accuracy by norm.")
}

pub(in crate::diagnostics) fn settled() -> String {
    "Many embeddings hardly move because the loss hardly pulls at them: they already lie where it wants them."
        .to_owned()
}
