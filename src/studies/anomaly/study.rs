//! The study as a state machine: call [`Study::advance`] until [`Study::is_done`]; look at [`Study::report`] at any time.

use super::cell::{Cell, Checkpoint, Progress};
use super::inputs::Inputs;
use super::options::{Options, Plan};
use super::probe::{Placed, Probe};
use super::report::{Findings, Report};
use super::run::Run;
use crate::data::{Dataset, Kind};
use crate::engine::device::Compute;
use crate::engine::session;

/// An anomaly study under way.
pub struct Study {
    options: Options,
    plan: Plan,
    compute: Compute,
    files: Option<Dataset>,
    cells: Vec<Cell>,
    /// The inputs of the seed (by index) that is under way.
    inputs: (usize, Inputs),
    run: Option<Run>,
    /// The first variant's model of the first seed, with its inputs: for [`Study::place`].
    probe: Option<(Probe, Inputs)>,
}

impl Study {
    /// Checks the options and draws the first seed's inputs; `files` stands in for the experiment's data.
    ///
    /// # Errors
    /// Names the option that is wrong, with the remedy.
    pub fn new(options: Options, files: Option<Dataset>, compute: Compute) -> Result<Study, String> {
        Study::resume(Checkpoint { options, cells: Vec::new() }, files, compute)
    }

    /// Takes a study up again after its finished models.
    ///
    /// # Errors
    /// Names the option that is wrong, or the model that does not belong to these options.
    pub fn resume(checkpoint: Checkpoint, files: Option<Dataset>, compute: Compute) -> Result<Study, String> {
        let Checkpoint { options, cells } = checkpoint;
        let plan = options.plan()?;
        check_cells(&plan, &cells)?;
        let (_, group) = plan.at(cells.len().min(plan.cells() - 1));
        let inputs = (group, draw(&plan, &options, files.as_ref(), group)?);
        Ok(Study { options, plan, compute, files, cells, inputs, run: None, probe: None })
    }

    /// What is studied.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The finished models.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Whether every model is finished.
    pub fn is_done(&self) -> bool {
        self.cells.len() == self.plan.cells()
    }

    /// Does a little: builds a model, trains a few steps, or scores one kind of outliers. Nothing once all is done.
    ///
    /// # Errors
    /// In words, when the device fails or there is too little data.
    pub async fn advance(&mut self) -> Result<(), String> {
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
            if let Some(probe) = probe.filter(|_| is_first) {
                self.probe = Some((probe, draw(&self.plan, &self.options, self.files.as_ref(), 0)?));
            }
            self.compute.device.memory_cleanup();
        }
        Ok(())
    }

    fn start_run(&mut self) -> Result<(), String> {
        let next = self.cells.len();
        let (variant, group) = self.plan.at(next);
        if self.inputs.0 != group {
            self.inputs = (group, draw(&self.plan, &self.options, self.files.as_ref(), group)?);
        }
        // One seed is enough to draw; its curves and pictures are most of a report's bytes.
        let keep_detail = group == 0;
        let experiment = self.plan.experiment_of(next);
        self.run = Some(Run::new(&experiment, &self.inputs.1, variant, keep_detail, &self.compute)?);
        Ok(())
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

    /// What the finished models say.
    pub fn report(&self) -> Report {
        let device = (self.compute.info.kind.as_str(), self.compute.info.adapter.as_str());
        Findings { options: &self.options, plan: &self.plan, cells: &self.cells, device }.report()
    }

    /// What [`Study::resume`] needs.
    pub fn save(&self) -> Checkpoint {
        Checkpoint { options: self.options.clone(), cells: self.cells.clone() }
    }

    /// Shows one more input to the first variant's model of the first seed, scaled to the mean length of known ones so
    /// that its brightness is not what is judged. A grey picture `[height, width]` will do for coloured data.
    ///
    /// # Errors
    /// When there is no such model (yet), the input has another size, or the device fails.
    pub async fn place(&self, row: &[f32]) -> Result<Placed, String> {
        let (probe, inputs) = self.probe.as_ref().ok_or("There is no trained model to ask yet.")?;
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

fn draw(plan: &Plan, options: &Options, files: Option<&Dataset>, group: usize) -> Result<Inputs, String> {
    let experiment = plan.experiment_of(group * plan.arms.len());
    let data = files.cloned().unwrap_or_else(|| session::load(&experiment, None));
    Inputs::draw(&data, options, experiment.seed, group)
}

/// Finished models must be the plan's first ones, in its order.
fn check_cells(plan: &Plan, cells: &[Cell]) -> Result<(), String> {
    let remedy = "start the study afresh.";
    if cells.len() > plan.cells() {
        return Err(format!("checkpoint: holds {} models of {}; {remedy}", cells.len(), plan.cells()));
    }
    for (index, cell) in cells.iter().enumerate() {
        let (variant, seed) = plan.at(index);
        if (cell.variant as usize, cell.seed) != (variant, plan.seeds[seed]) {
            return Err(format!("checkpoint: model {index} is not the one that these options have there; {remedy}"));
        }
    }
    Ok(())
}
