//! `normscope export pytorch`: one arm of an experiment as a script that trains it with PyTorch.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::args::ExperimentArgs;
use super::failure::Failure;
use super::output;
use crate::config::ArmId;
use crate::export::pytorch;

/// Flags of `export`.
#[derive(Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    format: Format,
}

#[derive(Subcommand)]
enum Format {
    /// A Python script that trains one arm at full size: ResNet-18 on CIFAR-10, on one GPU or several.
    Pytorch(PytorchArgs),
}

#[derive(Args)]
struct PytorchArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// The arm: a or b.
    #[arg(long, default_value = "b")]
    arm: String,
    /// The file to write; standard output without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the script.
pub fn run(args: &ExportArgs) -> Result<(), Failure> {
    let Format::Pytorch(args) = &args.format;
    let arm = ArmId::parse(&args.arm).ok_or_else(|| Failure::Input(format!("--arm {}: must be a or b.", args.arm)))?;
    if !args.experiment.file_names().is_empty() {
        return Err(Failure::Input("--files: the script trains on CIFAR-10; it can't take files along.".to_owned()));
    }
    let experiment = args.experiment.experiment()?;
    let script = pytorch::script(&experiment, arm, &args.experiment.permalink(&experiment));
    match &args.out {
        Some(path) => {
            output::write_file(path, script.as_bytes()).map_err(|error| Failure::Input(format!("--out {error}")))
        }
        None => output::say(script.trim_end()),
    }
}
