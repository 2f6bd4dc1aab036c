//! `normscope accelerate`: the acceleration study, and what `compare` shares with it.
//!
//! With `--out DIR`: `acceleration.json` (what `--json` prints), `acceleration.csv` (variants x levels),
//! `acceleration-grid.csv` (variants x rates x levels), `acceleration-curves.csv` (every evaluation), the
//! figures (`acceleration-*.svg`), and `acceleration.checkpoint.json`, which is complete after every run, whenever the
//! program is stopped.

use std::path::Path;

use clap::Args;

use super::args::{self, RunArgs};
use super::failure::Failure;
use super::output;
use super::study::{Job, StudyArgs};
use crate::config::url;
use crate::data::Dataset;
use crate::studies::acceleration::runs::Study;
use crate::studies::acceleration::{Options, Rates, Report, estimate, figures, table};
use crate::studies::variant::subject;
use crate::table::plain;

const CHECKPOINT: &str = "acceleration.checkpoint.json";

/// Flags of `accelerate`.
#[derive(Args)]
pub struct AccelerateArgs {
    #[command(flatten)]
    study: StudyArgs,
    /// Learning rates, with commas between them.
    #[arg(long, value_name = "LIST", conflicts_with = "factors")]
    rates: Option<String>,
    /// Learning rates as multiples of each variant's own.
    #[arg(long, value_name = "LIST")]
    factors: Option<String>,
    /// Steps between two evaluations: the resolution of every step count.
    #[arg(long, value_name = "N")]
    eval: Option<u32>,
    /// Levels, as shares of the way from the untrained to the best standard accuracy.
    #[arg(long, value_name = "LIST")]
    fractions: Option<String>,
}

/// Runs the study, then prints and writes the report.
pub async fn run(args: &AccelerateArgs) -> Result<(), Failure> {
    let shared = &args.study;
    let report = study(options(args)?, shared.experiment.dataset()?, &shared.run, shared.resume).await?;
    if shared.run.json {
        return output::say(&output::json(&report)?);
    }
    print(&report)
}

fn options(args: &AccelerateArgs) -> Result<Options, Failure> {
    let shared = &args.study;
    let mut options = if shared.quick { Options::quick() } else { Options::default() };
    let experiment = shared.experiment.experiment_or(&options.base)?;
    options.seeds = shared.seeds(experiment.run.seed, options.seeds.len())?;
    if shared.experiment.mentions("steps") {
        options.steps = experiment.run.steps;
    }
    if shared.experiment.mentions("eval") {
        options.eval = experiment.run.eval;
    }
    options.eval = args.eval.unwrap_or(options.eval);
    if let Some(text) = &args.rates {
        options.rates = Rates::Absolute(args::numbers("--rates", text)?);
    }
    if let Some(text) = &args.factors {
        options.rates = Rates::Factors(args::numbers("--factors", text)?);
    }
    if let Some(text) = &args.fractions {
        options.fractions = args::numbers("--fractions", text)?;
    }
    options.variants = shared.variants_or(options.variants);
    options.base = url::encode_for_keeps(&experiment);
    options.files = shared.experiment.file_names();
    Ok(options)
}

/// Runs a study to its end with a progress bar, a checkpoint after every run, and its files.
pub async fn study(options: Options, files: Option<Dataset>, args: &RunArgs, resume: bool) -> Result<Report, Failure> {
    options.plan().map_err(Failure::input)?;
    let job = Job::<Study> {
        options,
        files,
        resume,
        checkpoint: CHECKPOINT,
        bar: |study| (study.progress().cells.into(), "runs"),
        show: |study, bar| {
            let progress = study.progress();
            bar.set_position(progress.cells_done.into());
            bar.set_message(format!("({}, lr {})", progress.variant, plain(Some(progress.lr))));
        },
    };
    let report = job.run(args).await?;
    if let Some(folder) = &args.out {
        write(&report, folder)?;
    }
    Ok(report)
}

fn write(report: &Report, folder: &Path) -> Result<(), Failure> {
    output::write_file(&folder.join("acceleration.json"), output::json(report)?.as_bytes())?;
    output::write_csv(&folder.join("acceleration.csv"), &table::outcomes(report))?;
    output::write_csv(&folder.join("acceleration-grid.csv"), &table::grid(report))?;
    output::write_csv(&folder.join("acceleration-curves.csv"), &table::curves(report))?;
    output::write_figures(folder, &figures::figures(report))
}

/// The study for people: a table for each level, the final accuracies, the remarks.
fn print(report: &Report) -> Result<(), Failure> {
    print_head(report)?;
    for level in &report.levels {
        output::say(&format!("\nsteps to kNN {:.4} (level {})", level.test, level.fraction))?;
        output::say(&output::columns(&table::LEVEL_HEADER, &table::level_rows(report, level.fraction)))?;
        output::say(&table::level_note(report, level.fraction))?;
    }
    print_finals(report)?;
    print_remarks(report)
}

/// What was compared, where, with which seeds.
pub fn print_head(report: &Report) -> Result<(), Failure> {
    output::say(&format!(
        "{}, {}; {} runs of {} steps, seeds {:?}",
        subject(&report.options.base, &report.options.files),
        report.adapter,
        report.cells_done,
        report.options.steps,
        report.seeds
    ))
}

/// Where the variants end.
pub fn print_finals(report: &Report) -> Result<(), Failure> {
    if report.finals.is_empty() {
        return Ok(());
    }
    output::say("\nkNN accuracy at the end, each at its strongest rate")?;
    let rows: Vec<Vec<String>> = report
        .finals
        .iter()
        .map(|end| {
            vec![end.variant.clone(), plain(end.rate), estimate::range(end.knn, 4), estimate::range(end.gain, 4)]
        })
        .collect();
    output::say(&output::columns(&["variant", "lr", "knn", "gain"], &rows))
}

/// The result in words, and what one must know to read the numbers.
pub fn print_remarks(report: &Report) -> Result<(), Failure> {
    output::say(&format!("\n{}", report.verdict()))?;
    for remark in &report.remarks {
        output::say(remark)?;
    }
    Ok(())
}
