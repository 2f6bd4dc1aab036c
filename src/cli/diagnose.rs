//! `normscope diagnose FILE`: what the norms of given embeddings do to training, and what helps. Files are read in chunks,
//! so they may be larger than the memory.
//!
//! With `--out DIR`: `diagnosis.json` (what `--json` prints), `diagnosis.html`, a page of its own, and the figures:
//! `norms.svg` and, where there are labels, `accuracy-by-norm.svg`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::RunArgs;
use super::failure::Failure;
use super::output;
use crate::data::tables::{TableError, Wanted, native};
use crate::diagnostics::file::diagnose_table;
use crate::diagnostics::gradient::Loss;
use crate::diagnostics::report::{Report, Severity};
use crate::diagnostics::tables::{NORMS_BY_CLASS, tables};
use crate::diagnostics::{DiagnoseError, Options};
use crate::lab::work::diagnosis;

/// Rows of each end that are printed.
const ENDS: usize = 5;

/// Flags of `diagnose`.
#[derive(Args)]
pub struct DiagnoseArgs {
    /// Embeddings, one a row: .npy, .npz, text in any dialect, JSON, .safetensors or .fvecs, also in .gz or .zip; - is standard input.
    file: PathBuf,
    /// The array that holds the embeddings, if FILE has several, e.g. `b_z` of a training's embeddings.npz.
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// The column (its name, or its number from 1) or the array that holds the labels, if its name does not say so.
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Labels in a file of their own; else those in FILE, if any.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// What the embeddings are trained with.
    #[arg(long, value_enum, default_value = "ntxent")]
    loss: LossName,
    /// Temperature of NT-Xent and DCL.
    #[arg(long, default_value_t = 0.5)]
    tau: f64,
    /// Learning rate.
    #[arg(long, default_value_t = 0.1)]
    lr: f64,
    /// GradScale power p.
    #[arg(long, default_value_t = 0.0)]
    gradscale: f64,
    /// Weight layers without normalisation between them.
    #[arg(long, default_value_t = 1)]
    layers: u32,
    /// Most rows that are compared pair by pair.
    #[arg(long, default_value_t = 4000)]
    bank: usize,
    /// Seed of their choice.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    #[command(flatten)]
    run: RunArgs,
}

/// The losses by name.
#[derive(Clone, Copy, ValueEnum)]
enum LossName {
    /// NT-Xent (SimCLR).
    Ntxent,
    /// DCL.
    Dcl,
    /// Minus the cosine (BYOL, SimSiam).
    Cosine,
}

/// Diagnoses, then prints and writes the report.
pub fn run(args: &DiagnoseArgs) -> Result<(), Failure> {
    const PARTS: f64 = 1000.0;
    let input = |error: &dyn std::fmt::Display| Failure::Input(error.to_string());
    if let Some(folder) = &args.run.out {
        output::make_folder(folder)?;
    }
    let labels_inside = args.label_column.clone().filter(|_| args.labels.is_none());
    let wanted = Wanted { array: args.array.clone(), labels: labels_inside };
    let mut table = native::open(&args.file, &wanted).map_err(|error| unopened(&error))?;
    if let Some(path) = &args.labels {
        let wanted = Wanted { array: None, labels: args.label_column.clone() };
        let labels = native::labels(path, table.samples(), &wanted).map_err(|error| input(&error))?;
        table.set_labels(&path.display().to_string(), labels).map_err(|error| input(&error))?;
    }
    let bar = output::progress_bar(&args.run, PARTS as u64, "‰");
    let result = diagnose_table(&mut table, &options(args), &mut |share| {
        bar.set_position((share * PARTS) as u64);
        true
    });
    bar.finish_and_clear();
    let report = result.map_err(|error| match error {
        DiagnoseError::Cancelled => Failure::Run(error.to_string()),
        _ => Failure::Input(error.to_string()),
    })?;
    if let Some(folder) = &args.run.out {
        output::write_file(&folder.join("diagnosis.json"), report.to_json().as_bytes())?;
        output::write_file(&folder.join("diagnosis.html"), report.to_html().as_bytes())?;
        output::write_figures(folder, &diagnosis::figures(&report))?;
    }
    if args.run.json {
        return output::say(&output::json(&report)?);
    }
    print(&report)
}

/// Why a file was not taken; here one may also say which array to take.
fn unopened(error: &TableError) -> Failure {
    Failure::Input(match error {
        TableError::NoEmbeddings { .. } => format!("{error} Or choose one with --array NAME."),
        _ => error.to_string(),
    })
}

fn options(args: &DiagnoseArgs) -> Options {
    let loss = match args.loss {
        LossName::Ntxent => Loss::NtXent { tau: args.tau },
        LossName::Dcl => Loss::Dcl { tau: args.tau },
        LossName::Cosine => Loss::Prediction,
    };
    Options {
        loss,
        lr: args.lr,
        gradscale: args.gradscale,
        layers: args.layers,
        bank: args.bank,
        seed: args.seed.into(),
    }
}

fn print(report: &Report) -> Result<(), Failure> {
    let read = report.read.as_ref().map(|read| format!("{}\n", read.line)).unwrap_or_default();
    output::say(&format!("{}: {read}\n{}\n", report.name, report.verdict))?;
    let rows: Vec<Vec<String>> =
        diagnosis::numbers(report).into_iter().map(|(name, value)| vec![name, value]).collect();
    output::say(&output::columns(&["measured", ""], &rows))?;
    for table in tables(report) {
        // The page and the JSON have all of both ends.
        let most = if table.name == NORMS_BY_CLASS { table.rows.len() } else { ENDS };
        let header: Vec<&str> = table.header.iter().map(String::as_str).collect();
        let rows = &table.rows[..most.min(table.rows.len())];
        output::say(&format!("\n{}\n{}", table.title, output::columns(&header, rows)))?;
        if !table.note.is_empty() {
            output::say(&table.note)?;
        }
    }
    for finding in &report.findings {
        let grave = match finding.severity {
            Severity::Serious => "Serious",
            Severity::Warning => "Warning",
            Severity::Notice => "Worth knowing",
        };
        output::say(&format!("\n{grave}: {}\n  {}", finding.what, finding.why))?;
        for remedy in &finding.remedies {
            output::say(&format!("  - {} {}", remedy.action, remedy.effect))?;
        }
    }
    output::say(&format!("\n{}", report.notes.join("\n")))
}
