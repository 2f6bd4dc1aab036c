//! What the studies' commands share: their flags, and running a study to its end: a progress bar, a checkpoint after every
//! finished part, and taking up again.

use std::fmt::Display;
use std::path::Path;

use clap::Args;
use indicatif::ProgressBar;

use super::args::{self, ExperimentArgs, RunArgs};
use super::failure::Failure;
use super::{interrupt, output};
use crate::data::Dataset;
use crate::engine::device::Compute;
use crate::studies::Checkpoint;
use crate::studies::resumable::Resumable;
use crate::studies::variant::Variant;

/// Flags of every study.
#[derive(Args)]
pub struct StudyArgs {
    #[command(flatten)]
    pub experiment: ExperimentArgs,
    #[command(flatten)]
    pub run: RunArgs,
    /// A small study: small networks, few variants and rates, two or three seeds, 100 or 200 steps.
    #[arg(long)]
    pub quick: bool,
    /// What is compared, instead of the built-in list; the first one is the standard. Settings are relative to arm A.
    #[arg(long = "variant", value_name = "NAME[:KEY=VALUE,...]")]
    variants: Vec<String>,
    /// Number of seeds, from `--seed` on.
    #[arg(long, value_name = "N")]
    seeds: Option<u32>,
    /// Go on where the checkpoint in `--out` ends; without one, start.
    #[arg(long, requires = "out")]
    pub resume: bool,
}

impl StudyArgs {
    /// The seeds, from `first` on; so many where no flag says how many.
    pub fn seeds(&self, first: u64, usually: usize) -> Result<Vec<u64>, Failure> {
        args::seeds(first, self.seeds.unwrap_or(usually as u32))
    }

    /// What is compared; these where no flag names any. The study's plan checks their settings.
    pub fn variants_or(&self, usual: Vec<Variant>) -> Vec<Variant> {
        if self.variants.is_empty() { usual } else { self.variants.iter().map(|text| variant(text)).collect() }
    }
}

/// Reads `NAME[:KEY=VALUE,...]`.
fn variant(text: &str) -> Variant {
    let (name, settings) = text.split_once(':').unwrap_or((text, ""));
    let settings: Vec<&str> = settings.split(',').map(str::trim).filter(|setting| !setting.is_empty()).collect();
    Variant::new(name.trim(), &settings)
}

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
            study.advance().await.map_err(Failure::run)?;
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
        return S::new(options, files, compute).map_err(Failure::input);
    };
    let checkpoint: Checkpoint<S::Options, S::Cell> = output::read_json(path, "is no checkpoint")?;
    let wrong = |problem: &dyn Display| Failure::Input(format!("{}: {problem}", path.display()));
    if checkpoint.options != options {
        return Err(wrong(&"was made with other settings; repeat those, or take another --out."));
    }
    S::resume(checkpoint, files, compute).map_err(|error| wrong(&error))
}
