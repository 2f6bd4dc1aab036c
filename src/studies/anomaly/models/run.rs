//! One model of an anomaly study: measured untrained, trained, then asked to tell outliers from known samples.
//!
//! Batch norm's statistics are those of training throughout: a batch of outliers that is normalised by its own statistics
//! looks like any other.

use super::inputs::Inputs;
use super::outputs::{outputs, scored};
use super::probe::{Known, Probe, accuracy};
use crate::config::Experiment;
use crate::data::Ood;
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::lab::GalleryItem;
use crate::metrics::auroc::{auroc_interval, roc};
use crate::metrics::bootstrap::Resampling;
use crate::metrics::{Embeddings, stats};
use crate::protocol::Picture;
use crate::studies::anomaly::cell::{Cell, Detail, Measured};
use crate::studies::anomaly::score::{Features, Score, Scored, of};
use crate::studies::error::StudyError;
use crate::studies::training::Training;

/// Steps between two looks at the losses.
const CHECK: u32 = 50;
/// Replicates of an interval over samples.
const REPLICATES: u32 = 200;
/// Points of a curve that is kept.
const CURVE: usize = 60;
/// Known samples in the gallery, and of each kind of outliers.
const SHOTS: (usize, usize) = (24, 8);
/// Share of a model's work that training is, about; for the progress bar.
const TRAINING_SHARE: f64 = 0.75;

/// A model that is not finished.
pub struct Run {
    training: Training,
    steps: u32,
    stage: Stage,
    /// Norms before training, per features: of known samples, then of each kind.
    untrained: Vec<[Vec<f64>; 2]>,
    cell: Cell,
}

/// What comes next.
enum Stage {
    Untrained,
    Training,
    /// Scoring: what samples are scored against, and the next kind.
    Scoring(Box<Scoring>),
    /// With everything that scoring needs, unless the model diverged.
    Done(Option<Box<Scoring>>),
}

struct Scoring {
    known: Known,
    next: usize,
}

impl Run {
    /// Builds arm A of `experiment`. `keep_detail` says whether what is drawn is kept as well.
    ///
    /// # Errors
    /// When a batch would be larger than what is left to train on.
    pub fn new(
        experiment: &Experiment,
        inputs: &Inputs,
        variant: usize,
        keep_detail: bool,
        compute: &Compute,
    ) -> Result<Run, StudyError> {
        let batch = experiment.run.arms[0].batch;
        if batch as usize > inputs.data.train.n() {
            return Err(StudyError::BatchOfKnown { batch, samples: inputs.data.train.n() });
        }
        let cell = Cell {
            variant: variant as u32,
            seed: experiment.run.seed,
            unseen: inputs.data.unseen_classes.clone(),
            knn: [f64::NAN; 2],
            loss: None,
            diverged: None,
            millis: 0.0,
            inside: inputs.test.n() as u32,
            norm: f64::NAN,
            alphas: [0.0; 2],
            measured: Vec::new(),
            detail: keep_detail.then(Detail::default),
        };
        let training = Training::new(experiment, &inputs.data, compute);
        let (steps, untrained) = (experiment.run.steps, Vec::new());
        Ok(Run { training, steps, stage: Stage::Untrained, untrained, cell })
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }

    /// Share of the model's work that is done, 0..1.
    pub fn share(&self, inputs: &Inputs) -> f64 {
        match &self.stage {
            Stage::Untrained => 0.0,
            Stage::Training => TRAINING_SHARE * f64::from(self.training.step()) / f64::from(self.steps),
            Stage::Scoring(scoring) => {
                TRAINING_SHARE + (1.0 - TRAINING_SHARE) * scoring.next as f64 / inputs.outliers.len() as f64
            }
            Stage::Done(_) => 1.0,
        }
    }

    /// The untrained model, a few training steps, or the scores of one kind.
    ///
    /// # Errors
    /// The device's message when a read fails.
    pub async fn advance(&mut self, inputs: &Inputs, compute: &Compute) -> Result<(), EngineError> {
        match &self.stage {
            Stage::Untrained => {
                self.measure_untrained(inputs, compute).await?;
                self.stage = Stage::Training;
            }
            Stage::Training if self.training.step() < self.steps => self.train(inputs, compute).await?,
            Stage::Training => self.begin_scoring(inputs, compute).await?,
            Stage::Scoring(scoring) if scoring.next == inputs.outliers.len() => self.end(inputs),
            Stage::Scoring(_) => self.score_next(inputs, compute).await?,
            Stage::Done(_) => {}
        }
        Ok(())
    }

    async fn measure_untrained(&mut self, inputs: &Inputs, compute: &Compute) -> Result<(), EngineError> {
        let (arm, len) = (&self.training.arm, inputs.len());
        let [(bank, d), _] = outputs(arm, inputs.bank_rows(), len, compute).await?;
        let test = outputs(arm, &inputs.test.inputs, len, compute).await?;
        self.cell.knn[0] = accuracy(&bank, &test[0].0, d, inputs);
        self.untrained.push(test.map(|(rows, d)| norms(&rows, d)));
        for (_, rows) in &inputs.outliers {
            let outputs = outputs(arm, rows, len, compute).await?;
            self.untrained.push(outputs.map(|(rows, d)| norms(&rows, d)));
        }
        Ok(())
    }

    async fn train(&mut self, inputs: &Inputs, compute: &Compute) -> Result<(), EngineError> {
        let next = (self.training.step() / CHECK + 1) * CHECK;
        self.training.advance(next.min(self.steps), &inputs.data, compute).await?;
        let step = self.training.step();
        if (step.is_multiple_of(CHECK) || step == self.steps) && !self.training.check().await? {
            self.stage = Stage::Done(None);
        }
        Ok(())
    }

    async fn begin_scoring(&mut self, inputs: &Inputs, compute: &Compute) -> Result<(), EngineError> {
        let Some(mut known) = Known::of(&self.training.arm, inputs, compute).await? else {
            self.training.diverged = Some(self.training.step());
            self.stage = Stage::Done(None);
            return Ok(());
        };
        self.cell.alphas = known.combinations.alphas();
        for (at, scored) in known.scores.iter_mut().enumerate() {
            self.add_controls(scored, at, 0, &inputs.test.inputs, inputs.len());
            self.keep_norms(at, None, &of(scored, Score::Norm));
        }
        self.cell.norm = stats::median(&of(&known.scores[0], Score::Norm));
        self.cell.knn[1] = known.knn;
        self.stage = Stage::Scoring(Box::new(Scoring { known, next: 0 }));
        Ok(())
    }

    /// The untrained norm and the input norm of set `set` (0: known, then kind by kind).
    fn add_controls(&self, scored: &mut Scored, features: usize, set: usize, rows: &[f32], len: usize) {
        // Rounded: inputs that all have one norm must not be told apart by their rounding errors.
        let length = |row: &[f32]| {
            let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
            (1e4 * norm).round() / 1e4
        };
        scored.push((Score::UntrainedNorm, self.untrained[set][features].clone()));
        scored.push((Score::InputNorm, rows.chunks_exact(len).map(length).collect()));
    }

    async fn score_next(&mut self, inputs: &Inputs, compute: &Compute) -> Result<(), EngineError> {
        let Stage::Scoring(scoring) = &self.stage else { return Ok(()) };
        let next = scoring.next;
        let (kind, rows) = &inputs.outliers[next];
        let mut scored = scored(&self.training.arm, &scoring.known.references, inputs.len(), rows, compute).await?;
        scoring.known.combinations.add(&mut scored);
        for (at, scored) in scored.iter_mut().enumerate() {
            self.add_controls(scored, at, next + 1, rows, inputs.len());
            self.keep_norms(at, Some(*kind), &of(scored, Score::Norm));
        }
        self.compare(*kind, &scored);
        self.keep_shots(Some(*kind), rows, &of(&scored[0], Score::Norm), inputs);
        if let Stage::Scoring(scoring) = &mut self.stage {
            scoring.next += 1;
        }
        Ok(())
    }

    /// The area of every score for one kind.
    fn compare(&mut self, kind: Ood, scored: &[Scored; 2]) {
        let Stage::Scoring(scoring) = &self.stage else { return };
        for (at, features) in Features::ALL.into_iter().enumerate() {
            for (score, outside) in &scored[at] {
                let inside = of(&scoring.known.scores[at], *score);
                let resampling = Resampling { replicates: REPLICATES, ..Resampling::default() };
                let area = auroc_interval(&inside, outside, resampling);
                let [auroc, low, high] = [area.estimate, area.low, area.high].map(|value| value as f32);
                self.cell.measured.push(Measured { features, score: *score, kind, auroc, low, high });
                if let Some(detail) = &mut self.cell.detail {
                    detail.curves.push((features, *score, kind, thinned(&inside, outside)));
                }
            }
        }
    }

    fn keep_norms(&mut self, features: usize, kind: Option<Ood>, norms: &[f64]) {
        if let Some(detail) = &mut self.cell.detail {
            let norms = norms.iter().map(|norm| *norm as f32).collect();
            detail.norms.push((Features::ALL[features], kind, norms));
        }
    }

    /// A few samples for the gallery, evenly by index.
    fn keep_shots(&mut self, kind: Option<Ood>, rows: &[f32], norms: &[f64], inputs: &Inputs) {
        let (Some(detail), n) = (&mut self.cell.detail, norms.len()) else { return };
        let count = if kind.is_none() { SHOTS.0 } else { SHOTS.1 }.min(n);
        let len = inputs.len();
        for at in (0..count).map(|i| i * n / count) {
            if let Some(picture) = Picture::of(&inputs.data.kind, &rows[at * len..(at + 1) * len]) {
                detail.gallery.push(GalleryItem { picture, norm: norms[at] as f32, kind });
            }
        }
    }

    fn end(&mut self, inputs: &Inputs) {
        let Stage::Scoring(scoring) = std::mem::replace(&mut self.stage, Stage::Done(None)) else { return };
        self.keep_shots(None, &inputs.test.inputs, &of(&scoring.known.scores[0], Score::Norm), inputs);
        if let Some(detail) = &mut self.cell.detail {
            detail.gallery.sort_by(|a, b| a.norm.total_cmp(&b.norm));
        }
        self.stage = Stage::Done(Some(scoring));
    }

    /// The record, and the model to ask about more inputs (none if it diverged).
    pub fn finish(mut self) -> (Cell, Option<Probe>) {
        self.cell.loss = self.training.loss;
        self.cell.diverged = self.training.diverged;
        self.cell.millis = self.training.millis();
        let probe = match self.stage {
            Stage::Done(Some(scoring)) => Some(Probe::new(self.training.arm, scoring.known)),
            _ => None,
        };
        (self.cell, probe)
    }
}

fn norms(rows: &[f32], d: usize) -> Vec<f64> {
    Embeddings::or_empty(rows, d).norms().into_iter().map(f64::from).collect()
}

/// About [`CURVE`] points of the ROC curve, with both ends.
fn thinned(inside: &[f64], outside: &[f64]) -> Vec<[f32; 2]> {
    let curve = roc(inside, outside);
    let every = curve.len().div_ceil(CURVE).max(1);
    let last = curve.len().saturating_sub(1);
    let kept = curve.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last);
    kept.map(|(_, point)| [point.false_positive_rate as f32, point.true_positive_rate as f32]).collect()
}
