//! The study as a state machine: one call is a few training steps, one evaluation or the start of a run.

use super::run::{Run, SeedData};
use crate::data::Dataset;
use crate::engine::device::Compute;
use crate::studies::acceleration::cell::{Cell, Progress};
use crate::studies::acceleration::finished::Finished;
use crate::studies::acceleration::options::{Options, Plan};
use crate::studies::acceleration::report::Report;
use crate::studies::checkpoint::Checkpoint;
use crate::studies::error::StudyError;
use crate::studies::resumable::{Resumable, check_cells};

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

impl Resumable for Study {
    type Options = Options;
    type Cell = Cell;
    type Report = Report;

    fn resume(
        checkpoint: Checkpoint<Options, Cell>,
        files: Option<Dataset>,
        compute: Compute,
    ) -> Result<Study, StudyError> {
        let Checkpoint { options, mut cells } = checkpoint;
        let plan = options.plan()?;
        check_cells(&cells, plan.cells(), "run", |index, cell| {
            let (variant, rate, seed) = plan.at(index);
            (cell.variant as usize, cell.rate as usize, cell.seed) == (variant, rate, plan.seeds[seed])
        })?;
        for cell in &mut cells {
            // Text may change the last bit of an f64; the options say which rate it was.
            cell.lr = plan.rate(cell.variant as usize, cell.rate as usize);
        }
        let next = cells.len().min(plan.cells() - 1);
        let seed_data = SeedData::load(&plan.experiment_of(next), files.as_ref(), &compute)?;
        Ok(Study { options, plan, compute, files, cells, seed_data, run: None })
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

    fn report(&self) -> Report {
        Finished {
            options: &self.options,
            plan: &self.plan,
            cells: &self.cells,
            halves: self.seed_data.halves(),
            device: (self.compute.info.kind.key(), &self.compute.info.adapter),
        }
        .report()
    }
}

impl Study {
    fn start_run(&mut self) -> Result<(), StudyError> {
        let experiment = self.plan.experiment_of(self.cells.len());
        if self.seed_data.seed != experiment.run.seed {
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
}
