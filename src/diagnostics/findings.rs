//! From numbers to findings: each rule looks at the report and says what is wrong, why, and what helps.
//!
//! Sources of the rules: paper section 1 (gradients, growth, equilibrium), 3 (cut-initialization, GradScale), 4 (norm and
//! confidence), 6 (what really helps; guards). The words are in `super::words`, the thresholds in
//! `super::thresholds`.

use std::collections::HashSet;

use super::report::{Finding, Kind, Norms, Remedy, Report, Severity, Steps};
use super::thresholds::{
    ACCURACY_GAP, BUCKET, COMFORTABLE, COPIES, DECAYS, DENSITY, DENSITY_ROWS, FROZEN_SERIOUS, FROZEN_SHARE,
    GRADSCALE_NORM, LEAST_FACTOR, LEAST_ROWS, LOW_RANK, MOST_CUT, MOST_FACTOR, MOST_RATE, NOT_FINITE_SERIOUS, OPPOSITE,
    OVERSHOOT, RANK_FROM, SETTLED, UNEVEN,
};
use super::words;
use crate::config::standing::{is_collapsed, narrow_below};

type Rule = fn(&Report) -> Option<Finding>;
/// What holds however many rows there are.
const ROWS: [Rule; 5] = [unusable, not_finite, too_few, one_dimension, normalised];
/// What the directions say.
const DIRECTIONS: [Rule; 1] = [collapsed];
/// What the norms say; nothing where they are all 1.
const NORMS: [Rule; 8] = [
    frozen_by_norm,
    overshoot,
    low_learning_rate,
    gradscale_grows,
    gradscale_shrinks,
    uneven_norms,
    short_is_uncertain,
    dense_is_long,
];
/// What is said after that.
const LAST: [Rule; 4] = [zero_rows, copies, low_rank, opposite_pairs];

/// Applies all rules and writes the verdict.
pub fn conclude(report: &mut Report) {
    let has_norms = too_few(report).is_none() && normalised(report).is_none();
    let norms = NORMS.iter().filter(|_| has_norms);
    let rules = ROWS.iter().chain(&DIRECTIONS).chain(norms).chain(&LAST);
    report.findings = rules.filter_map(|rule| rule(report)).collect();
    report.findings.sort_by_key(|finding| finding.severity);
    // What helps against the graver finding needs not be said again.
    let mut given = HashSet::new();
    for finding in &mut report.findings {
        finding.remedies.retain(|remedy| given.insert(remedy.action.clone()));
    }
    report.healthy = report.findings.iter().all(|finding| finding.severity == Severity::Notice);
    if report.steps.as_ref().is_some_and(|steps| is_settled(report, steps)) {
        report.notes.push(words::settled());
    }
    report.verdict = words::verdict(report);
}

fn finding(kind: Kind, severity: Severity, (what, why): (String, String), remedies: Vec<Remedy>) -> Option<Finding> {
    Some(Finding { kind, severity, what, why, remedies })
}

fn unusable(report: &Report) -> Option<Finding> {
    let remedies = || vec![words::check_saving(report.out_of_range)];
    (report.rows.usable() == 0)
        .then(|| finding(Kind::Unusable, Severity::Serious, words::unusable(report), remedies()))?
}

fn not_finite(report: &Report) -> Option<Finding> {
    let count = report.rows.not_finite;
    if count == 0 || report.rows.usable() == 0 {
        return None;
    }
    let is_serious = count as f64 >= NOT_FINITE_SERIOUS * report.rows.total as f64;
    let severity = if is_serious { Severity::Serious } else { Severity::Warning };
    let by_range = report.out_of_range.too_large > 0;
    let remedy = if by_range { words::scale() } else { words::after_divergence() };
    finding(Kind::NotFinite, severity, words::not_finite(report), vec![remedy])
}

fn zero_rows(report: &Report) -> Option<Finding> {
    (report.rows.zero > 0 && report.rows.usable() > 0).then(|| {
        finding(Kind::ZeroRows, Severity::Warning, words::zero_rows(report), vec![words::check_dead_units()])
    })?
}

/// Too few rows, too few that differ, or too small a bank. Many rows on one point are a collapse.
fn too_few(report: &Report) -> Option<Finding> {
    let is_few = report.sampled < LEAST_ROWS && report.rows.usable() > 0 && !is_one_point(report);
    is_few.then(|| finding(Kind::TooFew, Severity::Serious, words::too_few(report), vec![words::more_rows(report)]))?
}

fn is_one_point(report: &Report) -> bool {
    report.different() == 1 && report.rows.usable() >= LEAST_ROWS
}

fn copies(report: &Report) -> Option<Finding> {
    let share = report.copies as f64 / report.rows.usable() as f64;
    let severity = if share < COPIES { Severity::Notice } else { Severity::Warning };
    // Where nearly all are copies, that was said.
    (report.copies > 0 && report.different() >= LEAST_ROWS)
        .then(|| finding(Kind::Copies, severity, words::copies(report), vec![words::check_duplicates()]))?
}

fn one_dimension(report: &Report) -> Option<Finding> {
    (report.d == 1 && report.rows.usable() > 0).then(|| {
        finding(Kind::OneDimension, Severity::Serious, words::one_dimension(), vec![words::more_dimensions()])
    })?
}

/// All norms are 1: the embeddings were normalised before they were saved, so norms say nothing.
fn normalised(report: &Report) -> Option<Finding> {
    let is_normalised = report.norms.as_ref().is_some_and(Norms::are_one) && too_few(report).is_none();
    is_normalised.then(|| finding(Kind::Normalised, Severity::Warning, words::normalised(), Vec::new()))?
}

/// All directions the same; needs two dimensions.
fn collapsed(report: &Report) -> Option<Finding> {
    let said = match report.sphere {
        _ if is_one_point(report) => words::all_the_same(report),
        Some(sphere) if is_collapsed(sphere.spread, u32::try_from(report.d).unwrap_or(u32::MAX)) => {
            words::collapsed(sphere)
        }
        _ => return None,
    };
    finding(Kind::Collapsed, Severity::Serious, said, words::against_collapse(report))
}

/// A handful of directions is a collapse; few of many are worth knowing.
fn low_rank(report: &Report) -> Option<Finding> {
    let sphere = report.sphere.filter(|_| collapsed(report).is_none())?;
    let possible = report.d.min(report.sampled.saturating_sub(1));
    let narrow = narrow_below(report.d, report.accuracy.as_ref().map(|accuracy| accuracy.classes));
    if let Some(rank) = sphere.direction_rank.filter(|rank| *rank < narrow) {
        let said = words::narrow(rank, possible);
        return finding(Kind::LowRank, Severity::Warning, said, words::against_narrow(report));
    }
    let is_low = possible >= RANK_FROM && sphere.effective_rank < LOW_RANK * possible as f64;
    is_low.then(|| {
        finding(Kind::LowRank, Severity::Notice, words::low_rank(sphere, possible), vec![words::raise_rank()])
    })?
}

fn frozen_by_norm(report: &Report) -> Option<Finding> {
    let (norms, steps) = (report.norms.as_ref()?, report.steps.as_ref()?);
    if steps.frozen_by_norm_share < FROZEN_SHARE {
        return None;
    }
    let severity = if steps.frozen_by_norm_share >= FROZEN_SERIOUS { Severity::Serious } else { Severity::Warning };
    finding(Kind::FrozenByNorm, severity, words::frozen_by_norm(norms, steps), against_long_norms(report, norms, steps))
}

/// Cut-initialization and a higher learning rate where the median is long; GradScale and weight decay in any case.
fn against_long_norms(report: &Report, norms: &Norms, steps: &Steps) -> Vec<Remedy> {
    let (training, median) = (report.training, norms.quantile(0.5));
    let mut remedies = Vec::new();
    if median > 1.0 {
        let c = cut(median, training.layers);
        remedies.extend(round_down(c.min(MOST_CUT)).map(|c| words::cut(c, training)));
        // With p above 2 long embeddings turn faster: then the rate is not the matter.
        let factor = equal_factor(c, training.gradscale);
        remedies.extend((factor > 1.0).then(|| other_rate(training.lr, factor)).flatten());
    }
    if training.gradscale < 1.0 {
        remedies.push(words::gradscale(median));
    }
    let lambda = weight_decay(training.lr, steps.gradient_rms).min(DECAYS[1]);
    remedies.extend((lambda >= DECAYS[0]).then(|| words::weight_decay(lambda)));
    remedies
}

/// Another learning rate in the direction of `factor` times this one: as far as one can go at once and no further. `None`
/// where that is hardly another one.
fn other_rate(lr: f64, factor: f64) -> Option<Remedy> {
    if factor > 1.0 {
        let factor = round_down(factor.min(MOST_FACTOR).min(MOST_RATE / lr))?;
        return Some(words::raise(lr * factor, factor));
    }
    let share = round_down(1.0 / factor.max(LEAST_FACTOR))?;
    Some(words::lower(lr / share, share))
}

/// The largest of a few round numbers that is no larger; `None` below 2. Our estimates are good for that.
fn round_down(factor: f64) -> Option<f64> {
    // A product of decimals may be a bit short of the round number that it stands for.
    [100.0, 10.0, 5.0, 3.0, 2.0].into_iter().find(|round| *round <= factor * (1.0 + 1e-9))
}

/// The c that brings the median norm near 1: a cut by c divides the output norm by c^layers.
pub fn cut(median: f64, layers: u32) -> f64 {
    median.powf(1.0 / f64::from(layers.max(1)))
}

/// The learning rate, as a multiple, that does what a cut by c does: c^2 for SGD, and c^(2-p) under GradScale.
pub fn equal_factor(c: f64, gradscale: f64) -> f64 {
    c.powf(2.0 - gradscale)
}

/// The lambda whose equilibrium r^4 = gamma G^2 / (2 lambda) is r = 1.
pub fn weight_decay(lr: f64, gradient_rms: f64) -> f64 {
    lr * gradient_rms * gradient_rms / 2.0
}

/// Frozen rows that norm 1 would not help, though there is a gradient.
fn low_learning_rate(report: &Report) -> Option<Finding> {
    let (norms, steps) = (report.norms.as_ref()?, report.steps.as_ref()?);
    let by_rate = steps.frozen_share - steps.frozen_by_norm_share;
    if by_rate < FROZEN_SHARE || steps.gradient_at_norm_one < SETTLED {
        return None;
    }
    let power = 2.0 - report.training.gradscale;
    let lr = COMFORTABLE * norms.quantile(0.5).powf(power) / steps.gradient_at_norm_one;
    let remedies = other_rate(report.training.lr, lr / report.training.lr).into_iter().collect();
    finding(Kind::LowLearningRate, Severity::Warning, words::low_learning_rate(by_rate, report.training), remedies)
}

/// Frozen rows that have hardly any gradient: they are where the loss wants them.
fn is_settled(report: &Report, steps: &Steps) -> bool {
    report.d > 1
        && steps.frozen_share - steps.frozen_by_norm_share >= FROZEN_SHARE
        && steps.gradient_at_norm_one < SETTLED
        && collapsed(report).is_none()
}

fn overshoot(report: &Report) -> Option<Finding> {
    let step = report.steps.as_ref()?.quantile(0.5).tan();
    if step <= OVERSHOOT {
        return None;
    }
    let factor = COMFORTABLE / step;
    let remedies = other_rate(report.training.lr, factor).into_iter().chain([words::warm_up()]).collect();
    finding(Kind::Overshoot, Severity::Warning, words::overshoot(step), remedies)
}

fn uneven_norms(report: &Report) -> Option<Finding> {
    let norms = report.norms.as_ref()?;
    let ratio = norms.quantile(0.95) / norms.quantile(0.05);
    let speeds = ratio.powf(2.0 - report.training.gradscale);
    let remedies = || vec![words::gradscale(norms.quantile(0.5)), words::even_out()];
    (speeds > UNEVEN)
        .then(|| finding(Kind::UnevenNorms, Severity::Warning, words::uneven_norms(norms, speeds), remedies()))?
}

fn gradscale_shrinks(report: &Report) -> Option<Finding> {
    let (median, p) = (report.norms.as_ref()?.quantile(0.5), report.training.gradscale);
    let faster = || other_rate(report.training.lr, median.powf(-p));
    let remedies = || faster().into_iter().chain([words::wait_with_gradscale()]).collect();
    (p > 0.0 && median < 1.0)
        .then(|| finding(Kind::GradScaleShrinks, Severity::Warning, words::gradscale_shrinks(median, p), remedies()))?
}

fn gradscale_grows(report: &Report) -> Option<Finding> {
    let (long, p) = (report.norms.as_ref()?.quantile(0.95), report.training.gradscale);
    (p >= 1.0 && long > GRADSCALE_NORM).then(|| {
        let remedies = vec![words::guard_gradscale()];
        finding(Kind::GradScaleGrows, Severity::Warning, words::gradscale_grows(long, p), remedies)
    })?
}

fn opposite_pairs(report: &Report) -> Option<Finding> {
    let share = report.opposite_share.filter(|share| *share > OPPOSITE)?;
    finding(Kind::OppositePairs, Severity::Notice, words::opposite_pairs(share), vec![words::leave_opposite_alone()])
}

/// The shortest fifth is classified worse than the longest, by more than two standard errors.
fn short_is_uncertain(report: &Report) -> Option<Finding> {
    let buckets = &report.accuracy.as_ref()?.quantiles;
    let (short, long) = (buckets.first()?, buckets.last()?);
    let (low, high) = (short.accuracy?, long.accuracy?);
    let variance = |p: f64, n: usize| p * (1.0 - p) / n as f64;
    let error = (variance(low, short.count) + variance(high, long.count)).sqrt();
    let is_large = short.count.min(long.count) >= BUCKET && high - low > ACCURACY_GAP && high - low > 2.0 * error;
    is_large.then(|| {
        let remedies = vec![words::use_as_confidence()];
        finding(Kind::ShortIsUncertain, Severity::Notice, words::short_is_uncertain(low, high), remedies)
    })?
}

fn dense_is_long(report: &Report) -> Option<Finding> {
    let correlation = report.density_correlation.filter(|r| *r < DENSITY && report.sampled >= DENSITY_ROWS)?;
    finding(Kind::DenseIsLong, Severity::Notice, words::dense_is_long(correlation), vec![words::mind_rare_samples()])
}
