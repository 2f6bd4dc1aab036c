//! `normscope anomaly`: the anomaly study.
//!
//! With `--out DIR`: `anomaly.json` (what `--json` prints), `anomaly.csv` (every AUROC), `anomaly-gains.csv` (every
//! comparison), norms and ROC curves as SVG, and `anomaly.checkpoint.json`, which is complete after every model, whenever
//! the program is stopped.

use std::path::Path;

use clap::Args;

use super::args::RunArgs;
use super::failure::Failure;
use super::output;
use super::study::{Job, StudyArgs};
use crate::config::url;
use crate::data::{Dataset, Ood};
use crate::studies::anomaly::models::Study;
use crate::studies::anomaly::{Features, Options, Report, figures, table};
use crate::studies::variant::subject;
use crate::text::number;

const CHECKPOINT: &str = "anomaly.checkpoint.json";

/// Flags of `anomaly`.
#[derive(Args)]
pub struct AnomalyArgs {
    #[command(flatten)]
    study: StudyArgs,
    /// Classes that each seed holds out of training.
    #[arg(long, value_name = "N")]
    hold_out: Option<u32>,
    /// Kinds of outliers: unseen, mixup, blur, contrast, other, uniform, noise.
    #[arg(long, value_name = "LIST")]
    kinds: Option<String>,
    /// Outliers of each kind, at most.
    #[arg(long, value_name = "N")]
    samples: Option<u32>,
    /// Leave the outliers' input norms as they are.
    #[arg(long)]
    raw_norms: bool,
}

/// Runs the study, then prints and writes the report.
pub async fn run(args: &AnomalyArgs) -> Result<(), Failure> {
    let shared = &args.study;
    let report = study(options(args)?, shared.experiment.dataset()?, &shared.run, shared.resume).await?;
    if shared.run.json {
        return output::say(&output::json(&report)?);
    }
    print(&report)
}

fn options(args: &AnomalyArgs) -> Result<Options, Failure> {
    let shared = &args.study;
    let mut options = if shared.quick { Options::quick() } else { Options::default() };
    let experiment = shared.experiment.experiment_or(&options.base)?;
    options.seeds = shared.seeds(experiment.run.seed, options.seeds.len())?;
    if shared.experiment.mentions("steps") {
        options.steps = experiment.run.steps;
    }
    options.hold_out = args.hold_out.unwrap_or(options.hold_out);
    options.samples = args.samples.unwrap_or(options.samples);
    options.equalise = !args.raw_norms;
    if let Some(text) = &args.kinds {
        options.kinds = kinds(text)?;
    }
    options.variants = shared.variants_or(options.variants);
    options.base = url::encode_for_keeps(&experiment);
    options.files = shared.experiment.file_names();
    Ok(options)
}

fn kinds(text: &str) -> Result<Vec<Ood>, Failure> {
    let names = Ood::ALL.map(Ood::key).join(", ");
    let kind = |name: &str| {
        Ood::parse(name.trim()).ok_or_else(|| Failure::Input(format!("--kinds {}: there are {names}.", name.trim())))
    };
    text.split(',').map(kind).collect()
}

async fn study(options: Options, files: Option<Dataset>, args: &RunArgs, resume: bool) -> Result<Report, Failure> {
    options.plan().map_err(Failure::input)?;
    let job = Job::<Study> {
        options,
        files,
        resume,
        checkpoint: CHECKPOINT,
        bar: |study| (100 * u64::from(study.progress().cells), "% of a model"),
        show: |study, bar| {
            let progress = study.progress();
            bar.set_position((100.0 * progress.share() * f64::from(progress.cells)) as u64);
            bar.set_message(format!("({}, seed {})", progress.variant, progress.seed));
        },
    };
    let report = job.run(args).await?;
    if let Some(folder) = &args.out {
        write(&report, folder)?;
    }
    Ok(report)
}

fn write(report: &Report, folder: &Path) -> Result<(), Failure> {
    output::write_file(&folder.join("anomaly.json"), output::json(report)?.as_bytes())?;
    output::write_csv(&folder.join("anomaly.csv"), &table::areas(report))?;
    output::write_csv(&folder.join("anomaly-gains.csv"), &table::gains(report))?;
    output::write_figures(folder, &figures::figures(report))
}

/// The study for people: a table of scores and kinds for each variant and output, the gains, the remarks.
fn print(report: &Report) -> Result<(), Failure> {
    output::say(&format!(
        "{}, {}; {} models of {} steps",
        subject(&report.options.base, &report.options.files),
        report.adapter,
        report.cells_done,
        report.options.steps
    ))?;
    for models in &report.models {
        output::say(&format!(
            "{}: held-out kNN {:.4} -> {:.4} on known classes, |z| {}",
            models.variant,
            models.knn[0],
            models.knn[1],
            number(models.norm, 3)
        ))?;
    }
    for variant in &report.options.variants {
        for features in Features::ALL {
            output::say(&format!("\n{}, {}", variant.name, features.key()))?;
            let (header, rows) = table::matrix(report, &variant.name, features);
            let header: Vec<&str> = header.iter().map(String::as_str).collect();
            output::say(&output::columns(&header, &rows))?;
        }
    }
    let note = table::note(report);
    if !note.is_empty() {
        output::say(&format!("\n{note}"))?;
    }
    print_gains(report)?;
    output::say(&format!("\n{}", report.verdict()))?;
    for remark in &report.remarks {
        output::say(remark)?;
    }
    Ok(())
}

/// The comparisons, as means over kinds and for the first kind.
fn print_gains(report: &Report) -> Result<(), Failure> {
    output::say("\ngains in points of AUROC (100 x area)")?;
    let first = report.kinds.first().copied();
    let shown = report.gains.iter().filter(|gain| gain.kind.is_none() || gain.kind == first);
    let row = |gain: &crate::studies::anomaly::report::Gain| {
        vec![
            format!("{}, {}", gain.variant, gain.features.key()),
            gain.kind.map_or("all kinds", Ood::label).to_owned(),
            gain.score.label().to_owned(),
            table::against(gain, "standard's"),
            table::points(gain.points),
            format!("{:+.1} %", gain.percent),
        ]
    };
    let rows: Vec<Vec<String>> = shown.map(row).collect();
    output::say(&output::columns(&["models", "outliers", "score", "against", "points", "relative"], &rows))
}
