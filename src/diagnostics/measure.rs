//! From the norms and the bank to the numbers of the report.

use std::ops::ControlFlow;

use super::bank::Bank;
use super::error::DiagnoseError;
use super::gradient::{gradient, lengths};
use super::pass::Seen;
use super::report::{Accuracy, Norms, Positives, Report, Slope, Sphere, Steps};
use super::request::{About, Options, Progress};
use super::thresholds::{FROZEN, LEAST_ROWS};
use super::{samples, words};
use crate::config::standing::narrow_below;
use crate::metrics::buckets::{self, EQUAL_WIDTH, QUANTILES};
use crate::metrics::density::{self, NEIGHBOUR};
use crate::metrics::histogram::Histogram;
use crate::metrics::knn::K;
use crate::metrics::similarity::{Neighbour, dot, for_each_row, top_k};
use crate::metrics::{Embeddings, geometry, stats};
use crate::rng::{CounterRng, Domain};

/// The quantiles of norms and steps.
const SHOWN: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];
/// Bins of the norm histograms.
const BINS: usize = 40;
/// Pairs of a simulated batch.
const BATCH: usize = 128;
/// Pairs that alignment and uniformity are taken from.
const SPHERE_PAIRS: usize = 512;
/// Rows that the rank is taken from when there are more columns.
const RANK_ROWS: usize = 512;
/// Pairs of the batch in which norms are changed one by one, and how many rows are changed.
const SLOPE_PAIRS: usize = 32;
const SLOPE_ROWS: usize = 8;
/// Shares of the progress: neighbours, gradients; the rest is the sphere.
const NEIGHBOURS: f64 = 0.6;
const GRADIENTS: f64 = 0.3;

/// Fills in all that can be measured; notes say what can't.
pub(super) fn fill(
    report: &mut Report,
    seen: &Seen,
    about: About<'_>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<(), DiagnoseError> {
    let (bank, d) = (&seen.bank, report.d);
    report.norms = norms(&seen.lengths);
    report.sampled = bank.rows.len();
    let different = report.different();
    // Nothing can be said of norms that are all 1, nor from a handful of rows.
    let has_norms = !report.norms.as_ref().is_some_and(Norms::are_one);
    if let Some(norms) = report.norms.as_mut().filter(|_| !has_norms || different < LEAST_ROWS) {
        (norms.linear, norms.log) = (None, None);
    }
    if has_norms {
        samples::fill(report, seen, about);
    }
    if report.sampled < LEAST_ROWS {
        return Ok(());
    }
    if report.sampled < different {
        report.notes.push(words::sampled(report.sampled, report.rows.usable()));
    }
    // The bank holds whole rows.
    let Some(rows) = Embeddings::new(&bank.values, d).filter(|rows| rows.n() > 0) else { return Ok(()) };
    let unit = rows.unit();
    let near = neighbours(&unit, d, bank, &mut |done| progress(NEIGHBOURS * done))?;
    let bank_norms = rows.norms();
    report.accuracy = accuracy(&bank_norms, &near, bank, about, has_norms);
    note_labels(report, about);
    let (positives, pairs) = positives(bank, &near, about);
    report.positives = positives;
    report.notes.extend(words::positives(positives, about.pairs.is_some()));
    if positives == Positives::Pairs {
        report.opposite_share = Some(opposite_share(&unit, d, &pairs));
    }
    let pairs = shuffled(pairs, options.seed);
    if has_norms {
        report.notes.splice(0..0, words::general_notes(options));
        report.density_correlation =
            (near[0].len() >= NEIGHBOUR).then(|| density::norm_correlation(&bank_norms, &near)).and_then(finite);
        report.slope = slope(rows, &pairs, options);
        report.steps = steps(rows, &pairs, options, &mut |done| progress(NEIGHBOURS + GRADIENTS * done))?;
    }
    report.sphere = Some(sphere(rows, &unit, &pairs, report.accuracy.as_ref().map(|accuracy| accuracy.classes)));
    Ok(())
}

/// Share of the pairs (rows of `unit: [n, d]`) that lie in opposite halves of the sphere.
fn opposite_share(unit: &[f32], d: usize, pairs: &[(usize, usize)]) -> f64 {
    let row = |i: usize| &unit[i * d..(i + 1) * d];
    let opposite = pairs.iter().filter(|(i, j)| dot(row(*i), row(*j)) < 0.0).count();
    opposite as f64 / pairs.len() as f64
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// `lengths` has NaN for a row without one.
fn norms(lengths: &[f32]) -> Option<Norms> {
    let mut sorted: Vec<f32> = lengths.iter().copied().filter(|length| !length.is_nan()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    (!sorted.is_empty()).then(|| Norms {
        mean: stats::mean(&sorted),
        quantiles: SHOWN.map(|q| (q, stats::quantile_sorted(&sorted, q))).to_vec(),
        linear: Histogram::linear(&sorted, BINS),
        log: Histogram::log(&sorted, BINS),
    })
}

/// The nearest rows of each sampled row, without itself and its other view.
fn neighbours(
    unit: &[f32],
    d: usize,
    bank: &Bank,
    progress: Progress<'_>,
) -> Result<Vec<Vec<Neighbour>>, DiagnoseError> {
    let m = bank.rows.len();
    let mut near = Vec::with_capacity(m);
    let flow = for_each_row(unit, unit, d, |i, cosines| {
        near.push(top_k(cosines, K, |j| j == i || bank.is_pair(i, j)));
        let go_on = i % 64 != 0 || progress(i as f64 / m as f64);
        if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if flow.is_break() { Err(DiagnoseError::Cancelled) } else { Ok(near) }
}

/// By norm only where norms say something.
fn accuracy(norms: &[f32], near: &[Vec<Neighbour>], bank: &Bank, about: About<'_>, by_norm: bool) -> Option<Accuracy> {
    let labels: Vec<u16> =
        bank.rows.iter().map(|row| about.labels.map(|labels| labels[*row])).collect::<Option<_>>()?;
    let mut classes = labels.clone();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        return None;
    }
    let right = buckets::leave_one_out(near, &labels);
    Some(Accuracy {
        all: right.iter().filter(|right| **right).count() as f64 / right.len() as f64,
        equal_width: if by_norm { buckets::equal_width(norms, &right, EQUAL_WIDTH) } else { Vec::new() },
        quantiles: if by_norm { buckets::quantiles(norms, &right, QUANTILES) } else { Vec::new() },
        classes: classes.len(),
    })
}

fn note_labels(report: &mut Report, about: About<'_>) {
    if report.accuracy.is_none() {
        report.notes.push(words::no_accuracy(about.labels.is_some()));
    }
}

/// Disjoint pairs of rows of the bank: those that came with the rows, else each row with its nearest free neighbour.
fn positives(bank: &Bank, near: &[Vec<Neighbour>], about: About<'_>) -> (Positives, Vec<(usize, usize)>) {
    let m = bank.rows.len();
    if about.pairs.is_some() {
        let given = disjoint(m, |i, free| bank.partners[i].filter(|j| free[*j]));
        if !given.is_empty() {
            return (Positives::Pairs, given);
        }
    }
    let nearest = disjoint(m, |i, free| near[i].iter().map(|near| near.index).find(|j| free[*j]));
    (if nearest.is_empty() { Positives::None } else { Positives::Neighbours }, nearest)
}

/// Pairs each free row with the free row that `partner` names.
fn disjoint(m: usize, partner: impl Fn(usize, &[bool]) -> Option<usize>) -> Vec<(usize, usize)> {
    let mut free = vec![true; m];
    let mut pairs = Vec::new();
    for i in 0..m {
        if free[i]
            && let Some(j) = partner(i, &free).filter(|j| *j != i)
        {
            (free[i], free[j]) = (false, false);
            pairs.push((i, j));
        }
    }
    pairs
}

/// Pairs in random order: rows often come sorted by class, and batches do not.
fn shuffled(mut pairs: Vec<(usize, usize)>, seed: u64) -> Vec<(usize, usize)> {
    CounterRng::new(Domain::Sample, seed, 0, 0, 1).shuffle(&mut pairs);
    pairs
}

/// Rows of two views: `values: [2n, d]`.
struct Views {
    values: Vec<f32>,
    d: usize,
}

impl Views {
    fn borrow(&self) -> Embeddings<'_> {
        // Whole rows by construction.
        Embeddings::or_empty(&self.values, self.d)
    }

    fn as_f64(&self) -> Vec<f64> {
        self.values.iter().map(|value| f64::from(*value)).collect()
    }
}

/// All first views, then all second ones.
fn two_views(values: &[f32], d: usize, pairs: &[(usize, usize)]) -> Views {
    let row = |i: usize| &values[i * d..(i + 1) * d];
    let order = pairs.iter().map(|pair| pair.0).chain(pairs.iter().map(|pair| pair.1));
    Views { values: order.flat_map(row).copied().collect(), d }
}

/// Rescales single rows of one batch and follows the length of their own gradient.
fn slope(rows: Embeddings<'_>, pairs: &[(usize, usize)], options: &Options) -> Option<Slope> {
    let d = rows.d();
    let views = two_views(rows.values(), d, &pairs[..pairs.len().min(SLOPE_PAIRS)]);
    let z = views.as_f64();
    let factors: Vec<f64> = (-4..=4).map(|half| 10_f64.powf(f64::from(half) / 2.0)).collect();
    let slopes: Vec<f64> = (0..(z.len() / d).min(SLOPE_ROWS))
        .map(|row| {
            let log_length = |factor: &f64| {
                let mut z = z.clone();
                z[row * d..(row + 1) * d].iter_mut().for_each(|value| *value *= factor);
                lengths(&z, d, options.loss, options.gradscale)[row].ln()
            };
            let y: Vec<f64> = factors.iter().map(log_length).collect();
            stats::slope(&factors.iter().map(|factor| factor.ln()).collect::<Vec<_>>(), &y)
        })
        // A row whose gradient is 0 has no slope.
        .filter(|slope| slope.is_finite())
        .collect();
    let count = slopes.len();
    (count > 0).then(|| Slope {
        mean: slopes.iter().sum::<f64>() / count as f64,
        min: slopes.iter().copied().fold(f64::INFINITY, f64::min),
        max: slopes.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        expected: options.gradscale - 1.0,
        rows: count,
    })
}

/// Simulated batches: gradients of all paired rows.
fn steps(
    rows: Embeddings<'_>,
    pairs: &[(usize, usize)],
    options: &Options,
    progress: Progress<'_>,
) -> Result<Option<Steps>, DiagnoseError> {
    let d = rows.d();
    let batches = pairs.len().div_ceil(BATCH);
    let (mut angles, mut at_one, mut by_norm) = (Vec::new(), Vec::new(), 0);
    for (index, batch) in pairs.chunks(pairs.len().div_ceil(batches.max(1)).max(1)).enumerate() {
        let views = two_views(rows.values(), d, batch);
        let norms = views.borrow().norms();
        let gradient = gradient(&views.as_f64(), d, options.loss);
        for (gradient, norm) in gradient.chunks_exact(d).zip(norms) {
            let (norm, length) = (f64::from(norm), gradient.iter().map(|v| v * v).sum::<f64>().sqrt());
            let angle = (options.lr * length * norm.powf(options.gradscale) / norm).atan();
            by_norm += usize::from(angle < FROZEN && (options.lr * length * norm).atan() >= FROZEN);
            angles.push(angle);
            at_one.push(length * norm);
        }
        if !progress(index as f64 / batches as f64) {
            return Err(DiagnoseError::Cancelled);
        }
    }
    let count = angles.len();
    if count == 0 || angles.iter().chain(&at_one).any(|value| !value.is_finite()) {
        return Ok(None);
    }
    let frozen = angles.iter().filter(|angle| **angle < FROZEN).count();
    angles.sort_unstable_by(f64::total_cmp);
    at_one.sort_unstable_by(f64::total_cmp);
    Ok(Some(Steps {
        quantiles: SHOWN.map(|q| (q, stats::quantile_sorted(&angles, q))).to_vec(),
        frozen_below: FROZEN,
        frozen_share: frozen as f64 / count as f64,
        frozen_by_norm_share: by_norm as f64 / count as f64,
        gradient_at_norm_one: stats::quantile_sorted(&at_one, 0.5),
        gradient_rms: (at_one.iter().map(|length| length * length).sum::<f64>() / count as f64).sqrt(),
        rows: count,
    }))
}

fn sphere(rows: Embeddings<'_>, unit: &[f32], pairs: &[(usize, usize)], classes: Option<usize>) -> Sphere {
    let (n, d) = (rows.n(), rows.d());
    let ranked = if d > RANK_ROWS { n.min(RANK_ROWS) } else { n };
    let rank_rows = Embeddings::or_empty(&rows.values()[..ranked * d], d);
    let effective_rank = geometry::effective_rank(rank_rows);
    let is_low = effective_rank < narrow_below(d, classes);
    let directions = || geometry::effective_rank(Embeddings::or_empty(&unit[..ranked * d], d));
    let views = two_views(unit, d, &pairs[..pairs.len().min(SPHERE_PAIRS)]);
    let measured = geometry::pairs(views.borrow());
    // Neighbours are closer than the rows are on average, so only half of each pair speaks for the whole.
    let alone = Embeddings::new(&views.values[..views.values.len() / 2 / (2 * d) * (2 * d)], d);
    let uniformity = alone.map_or(f64::NAN, |rows| geometry::pairs(rows).uniformity);
    Sphere {
        spread: geometry::spread(rows),
        even_spread: 1.0 / (d as f64).sqrt(),
        effective_rank,
        direction_rank: is_low.then(directions),
        alignment: finite(measured.alignment),
        uniformity: finite(uniformity),
    }
}
