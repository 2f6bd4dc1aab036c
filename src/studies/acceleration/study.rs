//! The study as a state machine: call [`Study::advance`] until [`Study::is_done`]; look at [`Study::report`] at any time.
//!
//! One call is a few training steps, one evaluation or the start of a run, so a worker stays responsive and a page can
//! stop between any two. [`Study::save`] keeps finished runs; a run that was under way starts again.

use super::cell::{Cell, Checkpoint, Progress};
use super::options::{Options, Plan};
use super::report::{Findings, Report};
use super::run::{Run, SeedData};
use crate::data::Dataset;
use crate::engine::device::Compute;

/// An acceleration study under way.
pub struct Study {
    options: Options,
    plan: Plan,
    compute: Compute,
    files: Option<Dataset>,
    cells: Vec<Cell>,
    seed_data: SeedData,
    run: Option<Run>,
}

impl Study {
    /// Checks the options and loads the data.
    ///
    /// # Errors
    /// Names the option that is wrong, with the remedy.
    pub fn new(options: Options, files: Option<Dataset>, compute: Compute) -> Result<Study, String> {
        Study::resume(Checkpoint { options, cells: Vec::new() }, files, compute)
    }

    /// Takes a study up again after its finished runs; `files` stands in for the experiment's data.
    ///
    /// # Errors
    /// Names the option that is wrong, or the run that does not belong to these options.
    pub fn resume(checkpoint: Checkpoint, files: Option<Dataset>, compute: Compute) -> Result<Study, String> {
        let Checkpoint { options, mut cells } = checkpoint;
        let plan = options.plan()?;
        check_cells(&plan, &cells)?;
        for cell in &mut cells {
            // Text may change the last bit of an f64; the options say which rate it was.
            cell.lr = plan.rate(cell.variant as usize, cell.rate as usize);
        }
        let next = cells.len().min(plan.cells() - 1);
        let seed_data = SeedData::load(&plan.experiment_of(next), files.as_ref(), &compute)?;
        Ok(Study { options, plan, compute, files, cells, seed_data, run: None })
    }

    /// What is studied.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The finished runs.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Whether every run is finished.
    pub fn is_done(&self) -> bool {
        self.cells.len() == self.plan.cells()
    }

    /// Does a little: starts a run, trains a few steps, or evaluates. Nothing once the study is done.
    ///
    /// # Errors
    /// In words, when the device fails.
    pub async fn advance(&mut self) -> Result<(), String> {
        if self.is_done() {
            return Ok(());
        }
        let Some(run) = &mut self.run else {
            return self.start_run();
        };
        run.advance(&self.seed_data, &self.compute).await?;
        if run.is_done()
            && let Some(run) = self.run.take()
        {
            let (variant, rate, seed) = self.plan.at(self.cells.len());
            self.cells.push(run.finish(variant, rate, self.plan.seeds[seed]));
            self.compute.device.memory_cleanup();
        }
        Ok(())
    }

    fn start_run(&mut self) -> Result<(), String> {
        let experiment = self.plan.experiment_of(self.cells.len());
        if self.seed_data.seed != experiment.seed {
            self.seed_data = SeedData::load(&experiment, self.files.as_ref(), &self.compute)?;
        }
        self.run = Some(Run::new(&experiment, &self.seed_data, &self.compute));
        Ok(())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress {
            cells_done: self.cells.len() as u32,
            cells: self.plan.cells() as u32,
            steps: self.options.steps,
            ..Progress::default()
        };
        if let Some(run) = &self.run {
            let (variant, rate, seed) = self.plan.at(self.cells.len());
            progress.step = run.step();
            progress.variant.clone_from(&self.options.variants[variant].name);
            progress.lr = self.plan.rate(variant, rate);
            progress.seed = self.plan.seeds[seed];
        }
        progress
    }

    /// What the finished runs say.
    pub fn report(&self) -> Report {
        Findings {
            options: &self.options,
            plan: &self.plan,
            cells: &self.cells,
            halves: self.seed_data.halves(),
            device: (&self.compute.info.kind, &self.compute.info.adapter),
        }
        .report()
    }

    /// What [`Study::resume`] needs.
    pub fn save(&self) -> Checkpoint {
        Checkpoint { options: self.options.clone(), cells: self.cells.clone() }
    }
}

/// Finished runs must be the plan's first ones, in its order.
fn check_cells(plan: &Plan, cells: &[Cell]) -> Result<(), String> {
    let remedy = "start the study afresh.";
    if cells.len() > plan.cells() {
        return Err(format!("checkpoint: holds {} runs of {}; {remedy}", cells.len(), plan.cells()));
    }
    for (index, cell) in cells.iter().enumerate() {
        let (variant, rate, seed) = plan.at(index);
        if (cell.variant as usize, cell.rate as usize, cell.seed) != (variant, rate, plan.seeds[seed]) {
            return Err(format!("checkpoint: run {index} is not the one that these options have there; {remedy}"));
        }
    }
    Ok(())
}
