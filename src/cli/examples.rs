//! `normscope examples`: records what the page's rooms open with, by the code that does the rooms' own jobs. `scripts/examples.sh`
//! calls it.

use std::path::PathBuf;

use clap::Args;
use web_time::Instant;

use super::failure::Failure;
use super::output;
use crate::config::{ArmId, DeviceChoice, Preset, arm_name, url};
use crate::diagnostics;
use crate::engine::arm::upload_rows;
use crate::engine::device::Compute;
use crate::engine::samples::Samples;
use crate::engine::session;
use crate::lab::Answer;
use crate::lab::example::{Example, gzip};
use crate::lab::work::diagnosis::of_rows;
use crate::studies::resumable::Resumable;
use crate::studies::training::Training;
use crate::studies::variant::{Variant, subject};
use crate::studies::{acceleration, anomaly, answers};

/// The arm that is diagnosed, and the preset that it belongs to.
const DIAGNOSED: (&str, ArmId) = ("norm-trap", ArmId::A);

/// Flags of `examples`.
#[derive(Args)]
pub struct ExamplesArgs {
    /// anomalies, experiments, diagnostics; all of them without any.
    names: Vec<String>,
    /// Writes NAME.example into this folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Today, as YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    day: String,
}

/// Records the examples and writes their files.
pub async fn run(args: &ExamplesArgs) -> Result<(), Failure> {
    output::make_folder(&args.out)?;
    let all = ["anomalies", "experiments", "diagnostics"];
    if let Some(name) = args.names.iter().find(|name| !all.contains(&name.as_str())) {
        return Err(Failure::Input(format!("{name}: there are {}.", all.join(", "))));
    }
    for name in all.into_iter().filter(|name| args.names.is_empty() || args.names.iter().any(|one| one == name)) {
        let begun = Instant::now();
        let example = match name {
            "anomalies" => anomalies().await,
            "experiments" => experiments().await,
            _ => diagnosis().await,
        }?;
        // The documents to keep are many times as large as what is shown.
        let answer = Answer { json: String::new(), html: String::new(), ..example.answer };
        let (made_by, day) = (format!("normscope {}", env!("CARGO_PKG_VERSION")), args.day.clone());
        let example = Example { answer, made_by, day, seconds: begun.elapsed().as_secs_f64(), ..example };
        let bytes = gzip::to_bytes(&example).map_err(Failure::run)?;
        output::write_file(&args.out.join(format!("{name}.example")), &bytes)?;
        output::say(&format!("{name}: {} bytes; {}; {:.0} s", bytes.len(), example.about, example.seconds))?;
        output::say(&example.answer.verdict)?;
    }
    Ok(())
}

/// Brings a study to its end, on the CPU.
async fn finish<S: Resumable>(options: S::Options) -> Result<S, Failure> {
    let mut study = S::new(options, None, Compute::find(DeviceChoice::Cpu).await).map_err(Failure::run)?;
    while !study.is_done() {
        study.advance().await.map_err(Failure::run)?;
    }
    Ok(study)
}

/// So many seeds that there are intervals; networks as small as the room's.
async fn anomalies() -> Result<Example, Failure> {
    let options = anomaly::Options { seeds: (7..12).collect(), steps: 600, ..anomaly::Options::quick() };
    let about = about(&options.base, options.seeds.len(), options.steps);
    let settings = output::json(&options)?;
    let study: anomaly::models::Study = finish(options).await?;
    let kept = study.keep().await.map_err(Failure::run)?;
    let model = kept.map(|kept| postcard::to_stdvec(&kept)).transpose().map_err(Failure::run)?.unwrap_or_default();
    Ok(Example {
        about,
        settings,
        model,
        answer: answers::of_anomaly(&study.report(), Vec::new()),
        ..Example::default()
    })
}

/// The study of docs/results.md whose grid is wide enough: no best rate lies at its edge.
async fn experiments() -> Result<Example, Failure> {
    let options = acceleration::Options {
        base: "method=byol&a.width=64".to_owned(),
        variants: vec![
            Variant::new("standard", &[]),
            Variant::new("GradScale p=1", &["gradscale=1"]),
            Variant::new("batch mean p=1 (control)", &["gradscale=1", "gradmode=batch"]),
        ],
        rates: acceleration::Rates::Factors(vec![0.03, 0.1, 0.3, 1.0, 3.0, 10.0]),
        seeds: (20..30).collect(),
        steps: 400,
        eval: 10,
        ..acceleration::Options::default()
    };
    let about = about(&options.base, options.seeds.len(), options.steps);
    let settings = output::json(&options)?;
    let study: acceleration::runs::Study = finish(options).await?;
    Ok(Example { about, settings, answer: answers::of_acceleration(&study.report(), Vec::new()), ..Example::default() })
}

/// An arm of a preset after its last step.
async fn diagnosis() -> Result<Example, Failure> {
    let (name, id) = DIAGNOSED;
    let preset = Preset::find(name).ok_or_else(|| Failure::Run(format!("there is no preset {name}")))?;
    let experiment = preset.experiment();
    // What is trained alone is arm A.
    let mut alone = experiment.clone();
    alone.run.arms[ArmId::A.index()] = experiment.arm(id).clone();
    let compute = Compute::find(DeviceChoice::Cpu).await;
    let samples = Samples::new(session::load(&experiment, None)?, &compute);
    let mut training = Training::new(&alone, &samples, &compute);
    while training.step() < experiment.run.steps {
        training.advance(experiment.run.steps, &samples, &compute).await?;
    }
    let held_out = &samples.test;
    let rows = upload_rows(&held_out.inputs, held_out.n(), &compute.device);
    let z = training.arm.read_embeddings(&rows).await?;
    let options = diagnostics::Options::of_arm(experiment.run.method, experiment.arm(id));
    let about = format!(
        "arm {} ({}) of the preset {} after {} steps",
        id.letter(),
        arm_name(&experiment, id),
        preset.title,
        experiment.run.steps
    );
    let d = z.len() / held_out.n();
    let answer = of_rows(&about, &z, d, &held_out.labels, &options, &mut |_| true).map_err(Failure::run)?;
    Ok(Example { about, answer, settings: url::encode(&experiment), ..Example::default() })
}

/// "SimCLR on Digits, 5 seeds, 600 steps each"
fn about(base: &str, seeds: usize, steps: u32) -> String {
    format!("{}, {seeds} seeds, {steps} steps each", subject(base, &[]))
}
