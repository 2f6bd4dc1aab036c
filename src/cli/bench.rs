//! `normscope bench`: how fast this machine trains each model with each method, and how that grows with size.
//!
//! With `--out DIR`: `bench.json` (what `--json` prints) and `bench.csv`.

use clap::Args;
use serde_json::json;

use super::args::RunArgs;
use super::failure::Failure;
use super::output;
use crate::engine::bench::{self, Measured};
#[cfg(feature = "wgpu")]
use crate::render::timing::{self, FrameTime};
use crate::table::Table;

/// Flags of `bench`.
#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Two methods a model and no growth.
    #[arg(long)]
    quick: bool,
    /// Each dispatch of a step alone, on a GPU.
    #[cfg(feature = "wgpu")]
    #[arg(long)]
    kernels: bool,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    seconds: f64,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.05..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("must be a number of seconds from 0.05 to 600.".to_owned()),
    }
}

/// Measures and prints.
pub async fn run(args: &BenchArgs) -> Result<(), Failure> {
    if let Some(folder) = &args.run.out {
        output::make_folder(folder)?;
    }
    let compute = args.run.compute().await?;
    let cases = bench::cases(args.quick);
    #[cfg(feature = "wgpu")]
    if args.kernels {
        return kernels(&cases, &compute).await;
    }
    let bar = output::progress_bar(&args.run, cases.len() as u64, "measurements");
    let mut rows = Vec::new();
    for case in &cases {
        rows.push(bench::measure(case, args.seconds, &compute, &|| None).await?);
        bar.inc(1);
    }
    rows.push(bench::measure_classifier(args.seconds, &compute, &|| None).await?);
    bar.finish_and_clear();
    #[cfg(feature = "wgpu")]
    let frames = match compute.gpu() {
        Some(gpu) => timing::all(gpu, args.seconds.min(1.0)).await.map_err(Failure::Run)?,
        None => Vec::new(),
    };
    #[cfg(not(feature = "wgpu"))]
    let frames: Vec<()> = Vec::new();
    #[cfg(feature = "wgpu")]
    let limits = match compute.gpu() {
        Some(gpu) => Some(bench::limits::measure(gpu).await?),
        None => None,
    };
    #[cfg(not(feature = "wgpu"))]
    let limits: Option<()> = None;
    let document = json!({
        "limits": limits, "frames": frames, "device": compute.info.kind, "adapter": compute.info.adapter, "seconds": args.seconds, "measured": rows,
    });
    if let Some(folder) = &args.run.out {
        output::write_file(&folder.join("bench.json"), output::json(&document)?.as_bytes())?;
        output::write_csv(&folder.join("bench.csv"), &table(&rows))?;
    }
    if args.run.json {
        return output::say(&output::json(&document)?);
    }
    output::say(&format!("{}, one arm, {} s each\n", compute.info.adapter, args.seconds))?;
    let table = table(&rows);
    output::say(&output::columns(&table.header, &table.rows))?;
    #[cfg(feature = "wgpu")]
    if !frames.is_empty() {
        let row = |frame: &FrameTime| {
            vec![frame.points.to_string(), format!("{:.2}", frame.millis), format!("{:.2}", frame.update_millis)]
        };
        output::say(&format!("\nBoth spheres, {} x {} pixels each\n", timing::SIDE, timing::SIDE))?;
        let rows = frames.iter().map(row).collect::<Vec<_>>();
        output::say(&output::columns(&["points_each", "frame_ms", "new_places_ms"], &rows))?;
    }
    #[cfg(feature = "wgpu")]
    if let Some(limits) = limits {
        output::say(
            "\nThe device at most: dispatches that wait for each other, bytes copied, multiplications and additions\n",
        )?;
        let row = [limits.dispatch_micros, limits.submit_micros, limits.gigabytes_per_second, limits.gigaflops];
        let header = ["dispatch_us", "submit_us", "gigabytes_per_s", "gigaflops"];
        output::say(&output::columns(&header, &[row.map(|value| format!("{value:.1}")).to_vec()]))?;
    }
    Ok(())
}

/// What each dispatch of a step takes, model by model.
#[cfg(feature = "wgpu")]
async fn kernels(cases: &[crate::config::Experiment], compute: &crate::engine::device::Compute) -> Result<(), Failure> {
    use crate::config::choices::Choice;
    let mut all = Vec::new();
    for case in cases {
        let what = format!("{} {}", case.run.data.key(), case.run.method.key());
        all.push((what, bench::kernels(case, compute).await?));
    }
    all.push(("mnist supervised".to_owned(), bench::classifier_kernels(compute).await?));
    for (what, times) in all {
        let total: f64 = times.iter().map(|(_, _, millis)| millis).sum();
        output::say(&format!("{what}: {} dispatches, {total:.2} ms one by one\n", times.len()))?;
        let header = ["kernel", "groups", "ms"];
        let row = |(name, grid, millis): &(String, [u32; 3], f64)| {
            vec![name.clone(), grid.map(|side| side.to_string()).join("x"), format!("{millis:.3}")]
        };
        output::say(&output::columns(&header, &times.iter().map(row).collect::<Vec<_>>()))?;
    }
    Ok(())
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
