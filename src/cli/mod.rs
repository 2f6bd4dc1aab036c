//! The native command line. It drives the same engine as the page.
//!
//! ```text
//! args        flags that commands share; the experiment and the device that they describe
//! study       running a study to its end, checkpoints
//! interrupt   Ctrl-C
//! failure     why the program ends early, exit codes
//! output      standard output, tables, progress bars, files
//! train       train both arms of an experiment once
//! compare     train both arms over several seeds, with intervals
//! accelerate  the acceleration study
//! anomaly     the anomaly study
//! bench       how fast this machine trains
//! simulate    one of the paper's simulations
//! diagnose    the norms of an embeddings file
//! export      an experiment as a PyTorch script
//! presets     the list of presets
//! examples    records what the page's rooms open with (scripts/examples.sh)
//! ```
//!
//! With `--out DIR` every command but `export` and `presets` writes files, each whole or not at all; docs/files.md says
//! what is in them.
//!
//! Exit codes: 0 done, 2 bad input (named, one line on standard error), 1 failure, 130 stopped by Ctrl-C. With `--json` standard output holds one
//! JSON document and nothing else.

mod accelerate;
mod anomaly;
mod args;
mod bench;
mod compare;
mod diagnose;
mod examples;
mod export;
mod failure;
mod interrupt;
mod output;
mod presets;
mod simulate;
mod study;
mod train;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

/// What embedding norms do to self-supervised learning.
#[derive(Parser)]
#[command(name = "normscope", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Train both arms of an experiment and print how they do.
    Train(train::TrainArgs),
    /// Train both arms of an experiment over several seeds and compare accuracy and steps, with intervals.
    Compare(compare::CompareArgs),
    /// The acceleration study: steps to the same accuracy, with a learning-rate grid for every variant.
    Accelerate(accelerate::AccelerateArgs),
    /// The anomaly study: how well norms and other scores tell unseen classes, noise and corruptions.
    Anomaly(anomaly::AnomalyArgs),
    /// Run one of the paper's simulations, measured against theory.
    Simulate(simulate::SimulateArgs),
    /// Say what the norms of an embeddings file do to training, and what helps.
    Diagnose(diagnose::DiagnoseArgs),
    /// Write an experiment as a program for elsewhere.
    Export(export::ExportArgs),
    /// Measure how fast this machine trains each model.
    Bench(bench::BenchArgs),
    /// Record the examples that the page's rooms open with.
    #[command(hide = true)]
    Examples(examples::ExamplesArgs),
    /// List the presets.
    Presets(presets::PresetsArgs),
}

/// Reads the program's arguments and carries out their command.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    interrupt::listen();
    let result = match cli.command {
        Subcommands::Train(args) => pollster::block_on(train::run(&args)),
        Subcommands::Compare(args) => pollster::block_on(compare::run(&args)),
        Subcommands::Accelerate(args) => pollster::block_on(accelerate::run(&args)),
        Subcommands::Anomaly(args) => pollster::block_on(anomaly::run(&args)),
        Subcommands::Bench(args) => pollster::block_on(bench::run(&args)),
        Subcommands::Examples(args) => pollster::block_on(examples::run(&args)),
        Subcommands::Simulate(args) => simulate::run(&args),
        Subcommands::Diagnose(args) => diagnose::run(&args),
        Subcommands::Export(args) => export::run(&args),
        Subcommands::Presets(args) => presets::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Help and version as clap writes them; of an error only what is wrong, in one line.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Nothing is left to do if even this can't be written.
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
    }
    let text = error.to_string();
    let problem: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    eprintln!("{}", problem.join(" "));
    ExitCode::from(2)
}
