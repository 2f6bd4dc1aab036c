//! The study as a state machine: one call builds a model, trains it a few steps, or scores one kind of outliers.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::probe::{Known, Probe};
use super::run::Run;
use crate::config::ArmId;
use crate::data::{Dataset, Kind};
use crate::engine::arm::Arm;
use crate::engine::device::Compute;
use crate::engine::saved::SavedArm;
use crate::engine::session;
use crate::lab::Placed;
use crate::studies::anomaly::cell::{Cell, Progress};
use crate::studies::anomaly::finished::Finished;
use crate::studies::anomaly::options::{Options, Plan};
use crate::studies::anomaly::report::Report;
use crate::studies::checkpoint::Checkpoint;
use crate::studies::error::StudyError;
use crate::studies::resumable::{Resumable, check_cells};

/// The model that a study answers [`Study::place`] with, to be asked later without training it again. What it is scored against
/// follows from the options and the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What was studied.
    pub options: Options,
    /// The first variant's model of the first seed.
    pub arm: SavedArm,
}

/// An anomaly study under way.
pub struct Study {
    options: Options,
    plan: Plan,
    compute: Compute,
    files: Option<Dataset>,
    cells: Vec<Cell>,
    /// The inputs of the seed (by index) that is under way.
    inputs: (usize, Rc<Inputs>),
    run: Option<Run>,
    /// The first variant's model of the first seed, with its inputs: for [`Study::place`].
    probe: Option<(Probe, Rc<Inputs>)>,
}

impl Resumable for Study {
    type Options = Options;
    type Cell = Cell;
    type Report = Report;

    fn resume(
        checkpoint: Checkpoint<Options, Cell>,
        files: Option<Dataset>,
        compute: Compute,
    ) -> Result<Study, StudyError> {
        let Checkpoint { options, cells } = checkpoint;
        let plan = options.plan()?;
        check_cells(&cells, plan.cells(), "model", |index, cell| {
            let (variant, seed) = plan.at(index);
            (cell.variant as usize, cell.seed) == (variant, plan.seeds[seed])
        })?;
        let (_, group) = plan.at(cells.len().min(plan.cells() - 1));
        let inputs = (group, draw(&plan, &options, files.as_ref(), group, &compute)?);
        Ok(Study { options, plan, compute, files, cells, inputs, run: None, probe: None })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn cells(&self) -> &[Cell] {
        &self.cells
    }

    fn planned(&self) -> usize {
        self.plan.cells()
    }

    fn share(&self) -> f64 {
        self.progress().share()
    }

    async fn advance(&mut self) -> Result<(), StudyError> {
        if self.is_done() {
            return Ok(());
        }
        let Some(run) = &mut self.run else {
            return self.start_run();
        };
        run.advance(&self.inputs.1, &self.compute).await?;
        if run.is_done()
            && let Some(run) = self.run.take()
        {
            let is_first = self.cells.is_empty();
            let (cell, probe) = run.finish();
            self.cells.push(cell);
            if is_first {
                self.probe = probe.map(|probe| (probe, Rc::clone(&self.inputs.1)));
            }
            self.compute.device.memory_cleanup();
        }
        Ok(())
    }

    fn report(&self) -> Report {
        let device = (self.compute.info.kind.key(), self.compute.info.adapter.as_str());
        Finished { options: &self.options, plan: &self.plan, cells: &self.cells, device }.report()
    }
}

impl Study {
    fn start_run(&mut self) -> Result<(), StudyError> {
        let next = self.cells.len();
        let (variant, group) = self.plan.at(next);
        if self.inputs.0 != group {
            self.inputs = (group, draw(&self.plan, &self.options, self.files.as_ref(), group, &self.compute)?);
        }
        // One seed is enough to draw; its curves and pictures are most of a report's bytes.
        let keep_detail = group == 0;
        let experiment = self.plan.experiment_of(next);
        self.run = Some(Run::new(&experiment, &self.inputs.1, variant, keep_detail, &self.compute)?);
        Ok(())
    }

    /// Whether [`Study::place`] has a model to ask.
    pub fn has_model(&self) -> bool {
        self.probe.is_some()
    }

    /// The model that [`Study::place`] asks; `None` when there is none.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn keep(&self) -> Result<Option<Kept>, StudyError> {
        let Some((probe, _)) = &self.probe else { return Ok(None) };
        let arm = probe.arm().save().await?.without_training();
        Ok(Some(Kept { options: self.options.clone(), arm }))
    }

    /// A study without finished models that places inputs with a kept one.
    ///
    /// # Errors
    /// When the options are wrong, the model belongs to another network or gives no finite outputs, or the device fails.
    pub async fn recall(kept: Kept, compute: Compute) -> Result<Study, StudyError> {
        let mut study = Study::new(kept.options, None, compute)?;
        let inputs = Rc::clone(&study.inputs.1);
        let mut arm = Arm::new(ArmId::A, &study.plan.experiment_of(0), &inputs.data, &study.compute);
        arm.load(&kept.arm)?;
        let known = Known::of(&arm, &inputs, &study.compute).await?.ok_or(StudyError::NoModel)?;
        study.probe = Some((Probe::new(arm, known), inputs));
        Ok(study)
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let mut progress =
            Progress { cells_done: self.cells.len() as u32, cells: self.plan.cells() as u32, ..Progress::default() };
        if let Some(run) = &self.run {
            let (variant, seed) = self.plan.at(self.cells.len());
            progress.share = run.share(&self.inputs.1);
            progress.variant.clone_from(&self.options.variants[variant].name);
            progress.seed = self.plan.seeds[seed];
        }
        progress
    }

    /// Shows one more input to the first variant's model of the first seed, scaled to the mean length of known ones so
    /// that its brightness is not what is judged. A grey picture `[height, width]` fits coloured data as well.
    ///
    /// # Errors
    /// [`StudyError::NoModel`] before the first model is trained, [`StudyError::Input`] for an input of another size,
    /// [`StudyError::Engine`] when the device fails.
    pub async fn place(&self, row: &[f32]) -> Result<Placed, StudyError> {
        let (probe, inputs) = self.probe.as_ref().ok_or(StudyError::NoModel)?;
        let mut row = row.to_vec();
        if let Kind::Image { channels: 3, height, width } = inputs.data.kind
            && row.len() == height * width
        {
            row = row.repeat(3);
        }
        let length = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
        let known = (0..inputs.test.n()).map(|at| length(inputs.test.row(at))).sum::<f32>() / inputs.test.n() as f32;
        let own = length(&row);
        if self.options.equalise && own > 0.0 {
            row.iter_mut().for_each(|v| *v *= known / own);
        }
        probe.place(&row, inputs, &self.compute).await
    }
}

fn draw(
    plan: &Plan,
    options: &Options,
    files: Option<&Dataset>,
    group: usize,
    compute: &Compute,
) -> Result<Rc<Inputs>, StudyError> {
    let experiment = plan.experiment_of(group * plan.arms.len());
    let data = files.cloned().map_or_else(|| session::load(&experiment, None), Ok)?;
    Inputs::draw(&data, options, experiment.run.seed, group, compute).map(Rc::new)
}
