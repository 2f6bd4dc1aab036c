//! What is said of the rows as they came, and of how their directions lie.

use super::norms::gradscale;
use super::phrases::{Said, figures, other, percent, said};
use crate::diagnostics::gradient::Loss;
use crate::diagnostics::report::{OutOfRange, Remedy, Report, Sphere};
use crate::diagnostics::thresholds::LEAST_ROWS;
use crate::text::grouped;

/// "500 of 2,000 embeddings (25 %)".
fn share(part: usize, total: usize) -> String {
    format!("{} of {} embeddings ({})", grouped(part), grouped(total), percent(part as f64 / total as f64))
}

/// "1 value is", "2,000 values are".
fn are(count: u64) -> String {
    if count == 1 { "1 value is".to_owned() } else { format!("{} values are", grouped(count)) }
}

pub(in crate::diagnostics) fn unusable(report: &Report) -> Said {
    let (rows, OutOfRange { too_large, too_small }) = (report.rows, report.out_of_range);
    let total = grouped(rows.total);
    let what = match (too_large, too_small) {
        (0, 0) => format!(
            "None of the {total} embeddings can be measured: {} have NaN or infinite values, {} are zero or shorter than \
             10⁻³⁸.",
            grouped(rows.not_finite),
            grouped(rows.zero)
        ),
        (0, small) => format!(
            "None of the {total} embeddings can be measured: {} too small for 32-bit floats (under 10⁻⁴⁵).",
            are(small)
        ),
        (large, _) => format!(
            "None of the {total} embeddings can be measured: {} too large for 32-bit floats (over 3.4e38).",
            are(large)
        ),
    };
    said(what, "An embedding without a finite, positive length has no direction on the sphere.")
}

/// What helps when no row can be measured.
pub(in crate::diagnostics) fn check_saving(range: OutOfRange) -> Remedy {
    if range == OutOfRange::default() {
        return other(
            "Check how the embeddings were computed and saved.",
            "The diagnosis needs the un-normalised outputs.",
        );
    }
    scale()
}

/// For values that 32-bit floats can't hold.
pub(in crate::diagnostics) fn scale() -> Remedy {
    other(
        "Multiply all embeddings by one constant before saving, so that they lie near 1.",
        "Directions stay as they are, and norms keep their ratios.",
    )
}

pub(in crate::diagnostics) fn not_finite(report: &Report) -> Said {
    let bad = share(report.rows.not_finite, report.rows.total);
    if report.out_of_range.too_large > 0 {
        let large = are(report.out_of_range.too_large);
        let what = format!(
            "{bad} can't be measured: {large} above 3.4e38, which 32-bit floats can't hold (or NaN or infinite)."
        );
        return said(
            what,
            "Training computes with 32-bit floats, where such a value is infinite; the others were measured.",
        );
    }
    let what = format!("{bad} have NaN or infinite values.");
    said(what, "One such sample makes the loss of its whole batch NaN, and soon every weight.")
}

pub(in crate::diagnostics) fn after_divergence() -> Remedy {
    other(
        "Go back to the last good checkpoint and lower the learning rate or lengthen the warm-up; with GradScale, lower p.",
        "The norms stay finite.",
    )
}

pub(in crate::diagnostics) fn zero_rows(report: &Report) -> Said {
    let what = format!("{} are zero, or shorter than 10⁻³⁸.", share(report.rows.zero, report.rows.total));
    said(what, "A zero has no direction, so its cosine is undefined and its gradient unbounded or cut off.")
}

pub(in crate::diagnostics) fn check_dead_units() -> Remedy {
    other(
        "Look for dead units or empty inputs; save the embeddings before a final ReLU.",
        "Every sample gets a direction, and so a gradient.",
    )
}

pub(in crate::diagnostics) fn too_few(report: &Report) -> Said {
    let (usable, different) = (report.rows.usable() as u64, report.different() as u64);
    let count = |n: u64| if n == 1 { "1 embedding".to_owned() } else { format!("{} embeddings", grouped(n)) };
    let what = if different >= LEAST_ROWS as u64 {
        format!(
            "Only {} of {} may be compared, and at least {LEAST_ROWS} are needed: nothing but norms can be measured.",
            grouped(report.sampled),
            count(usable)
        )
    } else if usable >= LEAST_ROWS as u64 {
        format!(
            "Of {} only {} different, and at least {LEAST_ROWS} are needed: nothing can be measured.",
            count(usable),
            if different == 1 { "1 is".to_owned() } else { format!("{different} are") }
        )
    } else {
        let verb = if usable == 1 { "is" } else { "are" };
        format!("{} {verb} too few, at least {LEAST_ROWS} are needed: nothing can be measured.", count(usable))
    };
    said(what, "Gradients, neighbours, ranks and quantiles are those of many embeddings beside each other.")
}

/// What helps depends on why there are too few.
pub(in crate::diagnostics) fn more_rows(report: &Report) -> Remedy {
    if report.different() >= LEAST_ROWS {
        return other("Compare more rows (--bank 4000).", "Neighbours and gradients can be measured.");
    }
    if report.rows.usable() >= LEAST_ROWS {
        return other(
            "Look whether the inputs repeat, or the network gives the same for all of them.",
            "Different inputs get different embeddings.",
        );
    }
    other("Save the embeddings of a few hundred samples or more.", "A few hundred show all that is measured here.")
}

pub(in crate::diagnostics) fn copies(report: &Report) -> Said {
    let what = format!("{} are exact copies of an earlier one.", share(report.copies, report.rows.usable()));
    said(
        what,
        "Equal rows would be each other's nearest neighbours and vote for their own labels, so only the first of them is \
         compared with others. Norms are those of all.",
    )
}

pub(in crate::diagnostics) fn check_duplicates() -> Remedy {
    other(
        "Look for files that were read twice, and for samples that are in training and test.",
        "Accuracy is that of new samples.",
    )
}

pub(in crate::diagnostics) fn one_dimension() -> Said {
    let what = "The embeddings have one dimension.".to_owned();
    said(what, "Their direction is only a sign, so the cosine is 1 or -1 and every gradient on the sphere is 0.")
}

pub(in crate::diagnostics) fn more_dimensions() -> Remedy {
    other("Use at least two dimensions, usually 64 to 2048.", "Embeddings can turn.")
}

pub(in crate::diagnostics) fn collapsed(sphere: Sphere) -> Said {
    let what = format!(
        "The embeddings have collapsed: their spread is {}, where even directions would have {}.",
        figures(sphere.spread),
        figures(sphere.even_spread)
    );
    said(what, "All samples point the same way, so the loss looks perfect and the embeddings say nothing.")
}

pub(in crate::diagnostics) fn all_the_same(report: &Report) -> Said {
    let what = format!("The embeddings have collapsed: all {} are the same.", grouped(report.rows.usable()));
    said(what, "All samples lie on one point, so the loss looks perfect and the embeddings say nothing.")
}

pub(in crate::diagnostics) fn against_collapse(report: &Report) -> Vec<Remedy> {
    match report.training.loss {
        Loss::Prediction => {
            vec![keep_predictor(), gradscale(report.norms.as_ref().map_or(f64::NAN, |norms| norms.quantile(0.5)))]
        }
        Loss::NtXent { .. } | Loss::Dcl { .. } => vec![other(
            "Check that negatives are other samples, lower the temperature, and lower the learning rate.",
            "Negatives push the embeddings apart again.",
        )],
    }
}

fn keep_predictor() -> Remedy {
    other(
        "Check the stop-gradient and the predictor, and put batch norm into the hidden layers.",
        "Without batch norm, prediction losses collapse at almost any learning rate; with it they do not.",
    )
}

/// `rank` is that of the directions.
pub(in crate::diagnostics) fn narrow(rank: f64, possible: usize) -> Said {
    let what = format!(
        "The embeddings have collapsed onto few dimensions: they use about {} of {possible} (effective rank of z/|z|).",
        figures(rank)
    );
    said(what, "Samples that differ in other ways look the same. Only data of two or three classes need no more.")
}

/// What helps against few dimensions.
pub(in crate::diagnostics) fn against_narrow(report: &Report) -> Vec<Remedy> {
    match report.training.loss {
        Loss::Prediction => vec![keep_predictor(), raise_rank()],
        Loss::NtXent { .. } | Loss::Dcl { .. } => vec![raise_rank()],
    }
}

pub(in crate::diagnostics) fn low_rank(sphere: Sphere, possible: usize) -> Said {
    let what = format!(
        "The embeddings use about {} directions of {possible} (effective rank).",
        figures(sphere.effective_rank)
    );
    said(what, "Unused directions carry no information; fine if there are as few classes, a loss if there are many.")
}

pub(in crate::diagnostics) fn raise_rank() -> Remedy {
    other(
        "Try a larger batch, a lower temperature or a deeper projector.",
        "More directions are used, if the data have more.",
    )
}

pub(in crate::diagnostics) fn normalised() -> Said {
    let what = "Every embedding has length 1: they were normalised before they were saved.".to_owned();
    said(
        what,
        "What norms do to training, and what they say of a sample, can't be seen any more. Save the embeddings as the \
         network gives them, before they are divided by their length.",
    )
}
