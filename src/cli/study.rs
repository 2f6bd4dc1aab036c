//! Running a study to its end: a progress bar, a checkpoint after every finished part, and taking up again.

use std::path::Path;

use indicatif::ProgressBar;

use super::args::RunArgs;
use super::{Failure, interrupt, output};
use crate::data::Dataset;
use crate::engine::device::Compute;
use crate::studies::{Checkpoint, Resumable};

/// What to run, and how to show it.
pub struct Job<S: Resumable> {
    /// Checked options.
    pub options: S::Options,
    /// Stands in for the experiment's data.
    pub files: Option<Dataset>,
    /// Name of the checkpoint's file in `--out`.
    pub checkpoint: &'static str,
    /// Go on where the checkpoint ends.
    pub resume: bool,
    /// Length and unit of the progress bar.
    pub bar: fn(&S) -> (u64, &'static str),
    /// Moves the bar.
    pub show: fn(&S, &ProgressBar),
}

impl<S: Resumable> Job<S> {
    /// Runs the study.
    pub async fn run(self, args: &RunArgs) -> Result<S::Report, Failure> {
        if let Some(folder) = &args.out {
            output::make_folder(folder)?;
        }
        let compute = args.compute().await?;
        let Job { options, files, checkpoint, resume, bar, show } = self;
        let path = args.out.as_deref().map(|folder| folder.join(checkpoint));
        let mut study: S = open(options, files, path.as_deref().filter(|_| resume), compute)?;
        let (length, unit) = bar(&study);
        let bar = output::progress_bar(args, length, unit);
        let mut saved = None;
        while !study.is_done() {
            show(&study, &bar);
            study.advance().await.map_err(Failure::Run)?;
            if let Some(path) = path.as_deref().filter(|_| saved != Some(study.cells().len())) {
                saved = Some(study.cells().len());
                output::write_file(path, output::json(&study.save())?.as_bytes())?;
            }
            interrupt::check(|| match saved {
                Some(parts) => {
                    format!("stopped after {parts} complete {unit}. The same command with --resume goes on.")
                }
                None => "stopped. With --out it could go on.".to_owned(),
            })?;
        }
        bar.finish_and_clear();
        Ok(study.report())
    }
}

/// A new study, or the one whose checkpoint lies at `path`.
fn open<S: Resumable>(
    options: S::Options,
    files: Option<Dataset>,
    path: Option<&Path>,
    compute: Compute,
) -> Result<S, Failure> {
    let Some(path) = path.filter(|path| path.exists()) else {
        return S::new(options, files, compute).map_err(Failure::Input);
    };
    let checkpoint: Checkpoint<S::Options, S::Cell> = output::read_json(path, "is no checkpoint")?;
    let wrong = |problem: String| Failure::Input(format!("{}: {problem}", path.display()));
    if checkpoint.options != options {
        return Err(wrong("was made with other settings; repeat those, or take another --out.".to_owned()));
    }
    S::resume(checkpoint, files, compute).map_err(wrong)
}
