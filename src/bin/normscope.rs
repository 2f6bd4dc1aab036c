//! The native command line. It drives the same engine as the page.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use normscope::config::choices::Choice;
use normscope::config::{ARM_PARAMS, ArmId, Complaint, DeviceChoice, Experiment, PRESETS, Preset, url};
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::metrics::Metric;
use normscope::protocol::{Command, Event};
use serde_json::{Value, json};

/// What embedding norms do to self-supervised learning.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Train both arms of an experiment and print how they do.
    Train(TrainArgs),
    /// List the presets.
    Presets {
        /// One JSON document instead of a table.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct TrainArgs {
    /// A preset (see `normscope presets`).
    #[arg(long)]
    preset: Option<String>,
    /// A share link of the page, or only its query string.
    #[arg(long)]
    url: Option<String>,
    /// Single settings with the names of the URL, e.g. `--set method=byol --set b.gradscale=2`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The seed of data, weights, batches and augmentations.
    #[arg(long)]
    seed: Option<u32>,
    /// Training steps.
    #[arg(long)]
    steps: Option<u32>,
    /// cpu or wgpu.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// One JSON document on standard output and nothing else.
    #[arg(long)]
    json: bool,
    /// No progress bar.
    #[arg(long)]
    quiet: bool,
}

/// Why the program ends early: bad input (exit code 2) or a failure (1).
enum Failure {
    Input(String),
    Run(String),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Subcommands::Train(args) => pollster::block_on(train(&args)),
        Subcommands::Presets { json } => {
            presets(json);
            Ok(())
        }
    };
    let (code, message) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Input(message)) => (2, message),
        Err(Failure::Run(message)) => (1, message),
    };
    eprintln!("error: {message}");
    ExitCode::from(code)
}

fn presets(json: bool) {
    if json {
        let all: Vec<Value> = PRESETS
            .iter()
            .map(|preset| json!({"name": preset.name, "title": preset.title, "reason": preset.reason}))
            .collect();
        println!("{}", Value::Array(all));
        return;
    }
    for preset in PRESETS {
        println!("{:<16} {}", preset.name, preset.reason);
    }
}

/// The experiment that the flags describe; flags win over `--set`, which wins over `--url` and `--preset`.
fn experiment(args: &TrainArgs) -> Result<Experiment, Failure> {
    let mut query: Vec<String> = args.preset.iter().map(|name| format!("preset={name}")).collect();
    query.extend(args.url.iter().map(|link| url::query_of(link).to_owned()).filter(|part| !part.is_empty()));
    let complain = |complaints: Vec<Complaint>| match complaints.first() {
        Some(complaint) => Err(Failure::Input(format!("{}: {}", complaint.input, complaint.problem))),
        None => Ok(()),
    };
    if let Some(name) = &args.preset
        && Preset::find(name).is_none()
    {
        return Err(Failure::Input(format!("--preset {name}: there are {}.", Preset::names())));
    }
    let (start, complaints) = url::decode(&query.join("&"));
    complain(complaints)?;
    let mut settings = args.set.clone();
    settings.extend(args.seed.map(|seed| format!("seed={seed}")));
    settings.extend(args.steps.map(|steps| format!("steps={steps}")));
    let (experiment, complaints) = url::decode_onto(&settings.join("&"), Some(&start));
    complain(complaints)?;
    Ok(experiment)
}

async fn compute(name: &str) -> Result<Compute, Failure> {
    match name {
        "cpu" => Ok(Compute::find(DeviceChoice::Cpu).await),
        "wgpu" => {
            let compute = Compute::find(DeviceChoice::WebGpu).await;
            if compute.info.kind == "cpu" {
                return Err(Failure::Run(format!("--device wgpu: {}", compute.info.reason)));
            }
            Ok(compute)
        }
        _ => Err(Failure::Input(format!("--device {name}: must be cpu or wgpu."))),
    }
}

async fn train(args: &TrainArgs) -> Result<(), Failure> {
    let experiment = experiment(args)?;
    let compute = compute(&args.device).await?;
    let device = compute.info.clone();
    let (mut session, mut events) = Session::start(compute, experiment.clone()).await.map_err(Failure::Run)?;
    let raw = session.raw_knn();
    let untrained = ArmId::ALL.map(|id| features_knn(&session, id));
    events.extend(session.handle(Command::Play).await.map_err(Failure::Run)?);
    let bar = if args.quiet || args.json { ProgressBar::hidden() } else { ProgressBar::new(experiment.steps.into()) };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} steps, {eta} left") {
        bar.set_style(style);
    }
    while session.is_running() {
        events.extend(session.tick().await.map_err(Failure::Run)?);
        bar.set_position(session.step().into());
    }
    bar.finish_and_clear();
    let trained = ArmId::ALL.map(|id| features_knn(&session, id));
    if args.json {
        let arms: Vec<Value> = ArmId::ALL
            .iter()
            .map(|&id| {
                json!({
                    "arm": id.key(), "batch_hash": session.batch_hash(id), "series": series(&events, id),
                    "stopped": stop_reason(&events, id),
                    "knn_features": {"untrained": untrained[id.index()], "trained": trained[id.index()]},
                })
            })
            .collect();
        println!(
            "{}",
            json!({
                "query": url::encode(&experiment), "device": device.kind, "adapter": device.adapter,
                "steps": session.step(), "knn_raw": raw, "arms": arms,
            })
        );
        return Ok(());
    }
    report(&experiment, &events, &device.adapter);
    println!(
        "held-out kNN: raw inputs {raw:.4}, encoder features {:.4} -> {:.4} (A), {:.4} -> {:.4} (B)",
        untrained[0], trained[0], untrained[1], trained[1]
    );
    println!("batch hash: A {}, B {}", session.batch_hash(ArmId::A), session.batch_hash(ArmId::B));
    Ok(())
}

fn features_knn(session: &Session, id: ArmId) -> f64 {
    session.latest(id).map_or(f64::NAN, |latest| latest.knn_features)
}

fn stop_reason(events: &[Event], id: ArmId) -> Option<&str> {
    events.iter().find_map(|event| match event {
        Event::ArmStopped { arm, reason, .. } if *arm == id => Some(reason.as_str()),
        _ => None,
    })
}

/// The evaluations of one arm, step by step.
fn series(events: &[Event], id: ArmId) -> Vec<Value> {
    let row = |event: &Event| match event {
        Event::Evaluated(evaluation) if evaluation.arm == id => {
            let mut row = json!({"step": evaluation.step});
            for (metric, value) in &evaluation.values {
                row[metric.name()] = json!(value);
            }
            Some(row)
        }
        _ => None,
    };
    events.iter().filter_map(row).collect()
}

/// About ten evaluations of each arm as a table.
fn report(experiment: &Experiment, events: &[Event], adapter: &str) {
    println!("{} on {}, {adapter}", experiment.method.label(), experiment.data.label());
    for id in ArmId::ALL {
        let settings: Vec<String> =
            ARM_PARAMS.iter().map(|param| format!("{}={}", param.key, (param.get)(experiment.arm(id)))).collect();
        println!("\n{}: {}", id.key(), settings.join(" "));
        println!("{:>7} {:>9} {:>7} {:>9} {:>7} {:>8} {:>8}", "step", "loss", "knn", "norm", "spread", "rank", "angle");
        let rows = series(events, id);
        let every = rows.len().div_ceil(10).max(1);
        for (at, row) in rows.iter().enumerate() {
            if at % every != 0 && at + 1 != rows.len() {
                continue;
            }
            let value = |metric: Metric| row[metric.name()].as_f64().unwrap_or(f64::NAN);
            println!(
                "{:>7} {:>9.4} {:>7.4} {:>9.3} {:>7.4} {:>8.2} {:>8.1e}",
                row["step"].as_u64().unwrap_or_default(),
                value(Metric::Loss),
                value(Metric::Knn),
                value(Metric::NormQ50),
                value(Metric::Spread),
                value(Metric::EffectiveRank),
                value(Metric::AngularStep)
            );
        }
        if let Some(reason) = stop_reason(events, id) {
            println!("stopped: {reason}");
        }
    }
    println!();
}
