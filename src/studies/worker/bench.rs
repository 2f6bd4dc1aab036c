//! How fast a device trains and draws, as an answer for the page.

use crate::config::DeviceChoice;
use crate::engine::bench::{Counts, Measured, PerStep, cases, measure, measure_classifier};
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::lab::{Answer, JobEvent, Sheet};
use crate::render::gpu::ShaderError;
use crate::render::timing::{self, FrameTime};
use crate::studies::answers::csv;
use crate::table::Table;
use crate::text::grouped;

/// Seconds of each measurement of a benchmark.
const BENCH_SECONDS: f64 = 0.8;

/// Why a device could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The engine can't train on it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// It can't draw.
    #[error(transparent)]
    Shaders(#[from] ShaderError),
}

/// What the host counts of the device's work, and what it knows of its limits.
pub type Host = fn() -> (Option<Counts>, String);

/// Measures one case after the other; `host` gives what has been counted so far, and the adapter's limits in words.
///
/// # Errors
/// A [`BenchError`] with the device's message.
pub async fn bench(
    host: Host,
    quick: bool,
    device: DeviceChoice,
    say: &mut dyn FnMut(JobEvent),
    turn: &impl AsyncFn(),
) -> Result<Answer, BenchError> {
    let compute = Compute::find(device).await;
    let cases = cases(quick);
    let mut rows = Vec::new();
    // On the CPU the page draws, and measures itself.
    let frames = match compute.gpu() {
        Some(gpu) => timing::all(gpu, BENCH_SECONDS / 2.0).await?,
        None => Vec::new(),
    };
    // On the CPU there is nothing to count.
    let counts = || if compute.gpu().is_some() { host().0 } else { None };
    for (index, case) in cases.iter().enumerate() {
        rows.push(measure(case, BENCH_SECONDS, &compute, &counts).await?);
        say(JobEvent::Progress((index + 1) as f64 / cases.len() as f64));
        say(JobEvent::Update(answer(&compute, &rows, &frames, &host().1)));
        turn().await;
    }
    rows.push(measure_classifier(BENCH_SECONDS, &compute, &counts).await?);
    Ok(answer(&compute, &rows, &frames, &host().1))
}

fn answer(compute: &Compute, rows: &[Measured], frames: &[FrameTime], limits: &str) -> Answer {
    Answer {
        numbers: numbers(compute, frames, limits),
        sheets: vec![sheet(rows)],
        json: serde_json::to_string_pretty(rows).unwrap_or_default(),
        ..Answer::default()
    }
}

/// The columns.
const NAMES: [&str; 16] = [
    "Data",
    "Method",
    "Batch",
    "Width",
    "Dim",
    "Steps/s",
    "Images/s",
    "Views, ms",
    "First step, ms",
    "Dispatches",
    "Submits",
    "Bind groups",
    "Read-backs",
    "Buffers",
    "GPU, MB",
    "Heap, MB",
];

/// What was measured; a cell is empty where nothing was counted.
fn sheet(rows: &[Measured]) -> Sheet {
    let counted = |row: &Measured, part: fn(&PerStep) -> f64| {
        row.per_step.as_ref().map_or_else(String::new, |step| format!("{:.1}", part(step)))
    };
    let megabytes = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.0}"));
    let cells = |row: &Measured| {
        let counts = [
            counted(row, |step| step.dispatches),
            counted(row, |step| step.submits),
            counted(row, |step| step.bind_groups),
            counted(row, |step| step.read_backs),
            counted(row, |step| step.buffers),
            megabytes(row.gpu_megabytes),
            megabytes(row.heap_megabytes),
        ];
        [row.cells(), counts.to_vec()].concat()
    };
    let table = Table { header: NAMES.to_vec(), rows: rows.iter().map(cells).collect() };
    Sheet {
        name: "bench".to_owned(),
        title: "One arm; counts are per training step".to_owned(),
        header: NAMES.map(str::to_owned).to_vec(),
        csv: csv(&table),
        rows: table.rows,
        ..Sheet::default()
    }
}

/// The device, how long it takes for frames, and its limits: name and value.
fn numbers(compute: &Compute, frames: &[FrameTime], limits: &str) -> Vec<(String, String)> {
    let mut numbers = vec![
        ("Device".to_owned(), compute.info.kind.key().to_owned()),
        ("Adapter".to_owned(), compute.info.adapter.clone()),
    ];
    for frame in frames {
        let points = grouped(frame.points);
        numbers.push((format!("Frame, 2 × {points} points"), format!("{:.1} ms", frame.millis)));
    }
    if !limits.is_empty() {
        numbers.push(("Limits".to_owned(), limits.to_owned()));
    }
    numbers
}
