//! `normscope bench`: how fast this machine trains each model with each method, and how that grows with size.
//!
//! With `--out DIR`: `bench.json` (what `--json` prints) and `bench.csv`.

#[cfg_attr(not(feature = "wgpu"), path = "bench/no_gpu.rs")]
mod gpu;

use clap::Args;
use serde_json::json;

use self::gpu::{Device, GpuArgs};
use super::args::RunArgs;
use super::failure::Failure;
use super::output;
use crate::engine::bench::{self, Measured};
use crate::table::Table;

/// Flags of `bench`.
#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Two methods a model and no growth.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    gpu: GpuArgs,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    seconds: f64,
}

/// `--seconds` is out of range.
#[derive(Debug, thiserror::Error)]
#[error("must be a number of seconds from 0.05 to 600.")]
struct SecondsError;

fn seconds(text: &str) -> Result<f64, SecondsError> {
    text.parse().ok().filter(|seconds| (0.05..=600.0).contains(seconds)).ok_or(SecondsError)
}

/// Measures, writes and prints.
pub async fn run(args: &BenchArgs) -> Result<(), Failure> {
    if let Some(folder) = &args.run.out {
        output::make_folder(folder)?;
    }
    let compute = args.run.compute().await?;
    let cases = bench::cases(args.quick);
    if args.gpu.print_kernels(&cases, &compute).await? {
        return Ok(());
    }
    let bar = output::progress_bar(&args.run, cases.len() as u64, "measurements");
    let mut rows = Vec::new();
    for case in &cases {
        rows.push(bench::measure(case, args.seconds, &compute, &|| None).await?);
        bar.inc(1);
    }
    rows.push(bench::measure_classifier(args.seconds, &compute, &|| None).await?);
    bar.finish_and_clear();
    let device = Device::measure(&compute, args.seconds.min(1.0)).await?;
    let document = json!({
        "limits": device.limits, "frames": device.frames, "device": compute.info.kind, "adapter": compute.info.adapter,
        "seconds": args.seconds, "measured": rows,
    });
    let table = table(&rows);
    if let Some(folder) = &args.run.out {
        output::write_file(&folder.join("bench.json"), output::json(&document)?.as_bytes())?;
        output::write_csv(&folder.join("bench.csv"), &table)?;
    }
    if args.run.json {
        return output::say(&output::json(&document)?);
    }
    output::say(&format!("{}, one arm, {} s each\n", compute.info.adapter, args.seconds))?;
    output::say(&output::columns(&table.header, &table.rows))?;
    device.print()
}

fn table(rows: &[Measured]) -> Table {
    let header = vec![
        "data",
        "method",
        "batch",
        "width",
        "dim",
        "steps_per_s",
        "images_per_s",
        "data_ms",
        "first_step_ms",
        "parameters",
    ];
    let row = |row: &Measured| [row.cells(), vec![row.parameters.to_string()]].concat();
    Table { header, rows: rows.iter().map(row).collect() }
}
