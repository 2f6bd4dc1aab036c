//! What is said of norms, of steps, and of what the norms do to training.

use super::phrases::{Said, figures, other, percent, said};
use crate::diagnostics::report::{Norms, Remedy, RemedyKind, Steps, Training};
use crate::diagnostics::thresholds::OVERSHOOT;

pub(in crate::diagnostics) fn frozen_by_norm(norms: &Norms, steps: &Steps) -> Said {
    let what = format!(
        "{} of the embeddings are frozen by their norms (median norm {}): at norm 1 they would turn, but as they are, a \
         step turns them by less than {} radians.",
        percent(steps.frozen_by_norm_share),
        figures(norms.quantile(0.5)),
        figures(steps.frozen_below)
    );
    said(
        what,
        "The gradient is as long as 1/|z| and turns z by its length over |z|, so the time to converge grows with |z|².",
    )
}

pub(in crate::diagnostics) fn cut(c: f64, training: Training) -> Remedy {
    let layers = match training.layers {
        1 => "layer".to_owned(),
        layers => format!("{layers} layers"),
    };
    Remedy {
        kind: RemedyKind::CutInitialization,
        amount: Some(c),
        action: format!(
            "Restart with cut-initialization by about {}: divide the weights of the last {layers} by it once, before training.",
            figures(c)
        ),
        effect: "If this is how training starts, norms start shorter. A cut by c acts like c² times the learning rate for SGD \
                 without biases (c times for Adam), so against a tuned learning rate nothing is gained, and larger cuts need a \
                 lower rate."
            .to_owned(),
    }
}

/// "twice", "three times".
fn times(factor: f64) -> String {
    match factor {
        2.0 => "twice".to_owned(),
        3.0 => "three times".to_owned(),
        5.0 => "five times".to_owned(),
        10.0 => "ten times".to_owned(),
        other => format!("{} times", figures(other)),
    }
}

pub(in crate::diagnostics) fn raise(lr: f64, factor: f64) -> Remedy {
    Remedy {
        kind: RemedyKind::LearningRate,
        amount: Some(lr),
        action: format!("Raise the learning rate to about {} what it is ({}), then look again.", times(factor), figures(lr)),
        effect: "Embeddings turn faster. Not more at once: ten times a usual rate still learned in our runs with batch norm, a \
                 hundred times learned far less, and without batch norm both ended below the untrained network."
            .to_owned(),
    }
}

pub(in crate::diagnostics) fn lower(lr: f64, share: f64) -> Remedy {
    let part = match share {
        2.0 => "half".to_owned(),
        3.0 => "a third".to_owned(),
        5.0 => "a fifth".to_owned(),
        10.0 => "a tenth".to_owned(),
        100.0 => "a hundredth".to_owned(),
        other => format!("a {}th", figures(other)),
    };
    Remedy {
        kind: RemedyKind::LearningRate,
        amount: Some(lr),
        action: format!("Lower the learning rate to about {part} of what it is ({}), then look again.", figures(lr)),
        effect: "Steps follow the sphere instead of leaving it, and norms stop jumping.".to_owned(),
    }
}

pub(in crate::diagnostics) fn gradscale(median: f64) -> Remedy {
    let now = if median < 1.0 { " With norms under 1, as here, it slows training down." } else { "" };
    Remedy {
        kind: RemedyKind::GradScale,
        amount: Some(1.0),
        action: "Use GradScale with p = 1: multiply each embedding's gradient by |z|.".to_owned(),
        effect: format!(
            "The gradient's length no longer depends on the norm and the time to converge grows with |z| instead of \
             |z|².{now} Guards: it multiplies by |z| < 1 while norms are under 1, and it diverges without batch norm in \
             the hidden layers or a long warm-up and a lower learning rate."
        ),
    }
}

pub(in crate::diagnostics) fn weight_decay(lambda: f64) -> Remedy {
    Remedy {
        kind: RemedyKind::WeightDecay,
        amount: Some(lambda),
        action: format!("Or add weight decay, of the order of {}, for shorter norms.", order(lambda)),
        effect: "Growth and decay balance at |z|⁴ = lr G² / (2 λ) for free embeddings and scale-invariant weights. \
                 Reaching the balance takes of the order of 1 / (lr λ) steps; too much decay shrinks features."
            .to_owned(),
    }
}

/// The nearest power of ten.
fn order(value: f64) -> String {
    let power = value.log10().round();
    if power >= -4.0 { format!("{:.*}", (-power).max(0.0) as usize, 10_f64.powf(power)) } else { format!("1e{power}") }
}

pub(in crate::diagnostics) fn low_learning_rate(share: f64, training: Training) -> Said {
    let what = format!(
        "{} of the embeddings are frozen although their norms are not the reason: the learning rate {} is too low for them.",
        percent(share),
        figures(training.lr)
    );
    said(what, "Even at norm 1 a step would turn them by less than 0.0001 radians.")
}

pub(in crate::diagnostics) fn overshoot(step: f64) -> Said {
    let what = format!(
        "Steps overshoot: the median embedding moves by {} times its own length in one step (over {} is too much).",
        figures(step),
        figures(OVERSHOOT)
    );
    said(what, "Steps are tangents, so a long one leaves the sphere: norms jump up, |z|² by lr² |g|², and stay up.")
}

pub(in crate::diagnostics) fn warm_up() -> Remedy {
    other("Or lengthen the warm-up.", "Norms grow to the learning rate's scale before it is at its peak.")
}

pub(in crate::diagnostics) fn uneven_norms(norms: &Norms, speeds: f64) -> Said {
    let what = format!(
        "Norms are uneven: from {} (5 % quantile) to {} (95 %), so short embeddings turn about {} times as fast as long ones.",
        figures(norms.quantile(0.05)),
        figures(norms.quantile(0.95)),
        figures(speeds)
    );
    said(what, "No single learning rate fits both: it is too high for the short ones or too low for the long ones.")
}

pub(in crate::diagnostics) fn even_out() -> Remedy {
    other(
        "Or use weight decay, which pulls all norms towards the same equilibrium.",
        "Norms even out; their order, which says how familiar a sample is, stays.",
    )
}

pub(in crate::diagnostics) fn gradscale_shrinks(median: f64, p: f64) -> Said {
    let what =
        format!("The median norm is {}, so GradScale with p = {} shrinks gradients.", figures(median), figures(p));
    said(
        what,
        "GradScale multiplies by |z| to the power p, which is less than 1 for norms under 1: training is slower than without it.",
    )
}

pub(in crate::diagnostics) fn wait_with_gradscale() -> Remedy {
    other("Or turn GradScale off until norms have grown past 1.", "Gradients keep their full length.")
}

pub(in crate::diagnostics) fn gradscale_grows(long: f64, p: f64) -> Said {
    let what = format!("Norms are large (95 % quantile {}) under GradScale with p = {}.", figures(long), figures(p));
    said(what, "Long embeddings get long gradients, which make them longer: without batch norm the norms can run away.")
}

pub(in crate::diagnostics) fn guard_gradscale() -> Remedy {
    other(
        "Watch the norms; put batch norm into hidden layers, lower the learning rate, lengthen the warm-up, or lower p.",
        "The feedback stays below the runaway point.",
    )
}

pub(in crate::diagnostics) fn opposite_pairs(share: f64) -> Said {
    let what = format!("{} of the pairs lie in opposite halves of the sphere (negative cosine).", percent(share));
    said(what, "The gradient sin(phi) / |z| vanishes for exactly opposite views as well, so such pairs start slowly.")
}

pub(in crate::diagnostics) fn leave_opposite_alone() -> Remedy {
    other(
        "Nothing: it passes, unless most pairs are opposite.",
        "The delay grows only with the logarithm of how opposite they are; the norm matters more.",
    )
}

pub(in crate::diagnostics) fn short_is_uncertain(low: f64, high: f64) -> Said {
    let what = format!(
        "Short embeddings are classified worse: kNN accuracy {} in the shortest fifth, {} in the longest.",
        figures(low),
        figures(high)
    );
    said(what, "Norms grow with every consistent gradient, so they count how familiar a sample is.")
}

pub(in crate::diagnostics) fn use_as_confidence() -> Remedy {
    other(
        "Use the norm as a measure of confidence, and look at the shortest samples first.",
        "Mislabelled, rare or odd samples are more frequent there. Compare with max-cosine and kNN scores: they are often better.",
    )
}

pub(in crate::diagnostics) fn dense_is_long(correlation: f64) -> Said {
    let what = format!(
        "Embeddings in dense regions are longer (rank correlation of norm and distance to the 10th neighbour {}).",
        figures(correlation)
    );
    said(what, "Dense regions are pulled the same way more often, so norms grow there; rare samples stay short.")
}

pub(in crate::diagnostics) fn mind_rare_samples() -> Remedy {
    other(
        "Nothing by itself; if rare classes matter, sample them more often.",
        "Norms follow how often a sample is seen.",
    )
}
