//! `normscope compare`: both arms of an experiment at their own settings, over several seeds.
//!
//! It is an acceleration study of two variants and one rate each: no rate is tuned, so a faster arm may owe that to its
//! rate alone. `accelerate` tells.

use clap::Args;

use super::accelerate;
use super::args::{self, ExperimentArgs, RunArgs};
use super::failure::Failure;
use super::output;
use crate::config::{ArmId, url};
use crate::studies::acceleration::{Options, Rates, Report, Variant, estimate};

/// Flags of `compare`.
#[derive(Args)]
pub struct CompareArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    run: RunArgs,
    /// Number of seeds, from `--seed` on.
    #[arg(long, value_name = "N", default_value_t = 5)]
    seeds: u32,
    /// Go on where the comparison in `--out` was stopped; without one, start.
    #[arg(long, requires = "out")]
    resume: bool,
}

/// Runs the comparison, then prints and writes the report.
pub async fn run(args: &CompareArgs) -> Result<(), Failure> {
    let experiment = args.experiment.experiment()?;
    let standard = experiment.arm(ArmId::A);
    let options = Options {
        base: url::encode_for_keeps(&experiment),
        files: args.experiment.file_names(),
        variants: vec![Variant::new("A", &[]), Variant::difference("B", standard, experiment.arm(ArmId::B))],
        rates: Rates::Factors(vec![1.0]),
        seeds: args::seeds(experiment.run.seed, args.seeds)?,
        steps: experiment.run.steps,
        eval: experiment.run.eval.min(experiment.run.steps),
        ..Options::default()
    };
    let report = accelerate::study(options, args.experiment.dataset()?, &args.run, args.resume).await?;
    if args.run.json {
        return output::say(&output::json(&report)?);
    }
    print(&report)
}

fn print(report: &Report) -> Result<(), Failure> {
    accelerate::print_head(report)?;
    for variant in report.options.variants.iter().filter(|variant| !variant.settings.is_empty()) {
        output::say(&format!("{} differs by {}", variant.name, variant.settings.join(" ")))?;
    }
    let row = |outcome: &crate::studies::acceleration::Outcome| {
        vec![
            outcome.fraction.to_string(),
            outcome.variant.clone(),
            estimate::range(outcome.steps, 0),
            format!("{}/{}", outcome.censored + outcome.diverged, outcome.runs),
            estimate::range(outcome.best_rate, 2),
        ]
    };
    let rows: Vec<Vec<String>> = report.outcomes.iter().map(row).collect();
    output::say("\nsteps to a share of A's way from untrained to trained")?;
    output::say(&output::columns(&["level", "arm", "steps", "missed", "times as fast as A"], &rows))?;
    accelerate::print_finals(report)?;
    accelerate::print_remarks(report)
}
