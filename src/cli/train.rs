//! `normscope train`: both arms of an experiment, once.
//!
//! With `--out DIR`: `run.json` (what `--json` prints), `metrics.csv` (one row for each evaluation of each arm),
//! `embeddings.npz` (held-out embeddings of both arms), `model.safetensors` (both arms' parameters), `run.trace` (the run as
//! the page replays it) and the curves, `curve-*.svg`.

mod files;
mod outcome;
mod part;

use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::TypedValueParser;
use serde_json::{Value, json};

use self::outcome::Outcome;
use self::part::Part;
use super::args::{ExperimentArgs, RunArgs};
use super::failure::Failure;
use super::{interrupt, output};
use crate::config::{ARM_PARAMS, ArmId, DataName, Experiment, advice, url};
use crate::engine::session::Session;
use crate::metrics::Metric;
use crate::protocol::{Command, DeviceInfo, Event};
use crate::studies::variant::subject;
use crate::text::number;
use crate::trace::recording::Recording;
use crate::trace::{Trace, record, recorder};

/// Rows of each arm's table, about.
const TABLE_ROWS: usize = 10;

/// Flags of `train`.
#[derive(Args)]
pub struct TrainArgs {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    run: RunArgs,
    /// Evaluations of each arm whose points run.trace keeps, at most; denser at the beginning
    #[arg(long, default_value_t = recorder::MOST, value_parser = clap::value_parser!(u16).range(2..=1000).map(usize::from))]
    shots: usize,
    /// Evaluations of each arm whose metrics run.trace keeps, at most, evenly; without it, all
    #[arg(long)]
    evaluations: Option<u32>,
    /// Go on where the run in `--out` was stopped; without one, start
    #[arg(long, requires = "out")]
    resume: bool,
}

/// Trains, then prints and writes the result.
pub async fn run(args: &TrainArgs) -> Result<(), Failure> {
    let experiment = args.experiment.experiment()?;
    if let Some(folder) = &args.run.out {
        output::make_folder(folder)?;
    }
    let outcome = Box::pin(train(args, &experiment)).await?;
    let document = document(&outcome);
    if let Some(folder) = &args.run.out {
        files::write(folder, &outcome, &document).await?;
        // Complete: there is nothing to go on with.
        let _ = std::fs::remove_file(folder.join(part::NAME));
    }
    if args.run.json {
        return output::say(&output::json(&document)?);
    }
    print(&experiment, &outcome)
}

async fn train(args: &TrainArgs, experiment: &Experiment) -> Result<Outcome, Failure> {
    let compute = args.run.compute().await?;
    let info = compute.info.clone();
    if !args.run.json && !args.run.quiet {
        for one in advice(experiment, [None; 2]) {
            eprintln!("note: {}: {}", one.arm.key().to_uppercase(), one.text);
        }
    }
    let (mut session, mut events) = Session::start(compute, experiment.clone()).await?;
    let opened = open_files(args, experiment, &mut session).await?;
    if !opened.is_empty() {
        events = opened;
    }
    // Another run has other settings, or other files.
    let mut query = url::encode_for_keeps(experiment);
    if !args.experiment.file_names().is_empty() {
        query.push_str(&format!("&files={:016x}", session.data().fingerprint()));
    }
    let part = match args.run.out.as_deref().filter(|_| args.resume) {
        Some(folder) => Part::read(folder, &query)?,
        None => None,
    };
    let untrained = match part {
        Some(part) => {
            let again = session.resume(&part.checkpoint).await.map_err(|error| Failure::Input(error.to_string()))?;
            // Events that were written stay; an evaluation between two regular ones does not belong to the record.
            events = part.events;
            events.extend(
                again.into_iter().filter(|event| matches!(event, Event::Evaluated(told) if told.values.is_empty())),
            );
            part.untrained
        }
        None => features_knn(&mut session).await?,
    };
    let mut run = Run { args, query, session, events, untrained };
    run.train().await?;
    let Run { mut session, events, .. } = run;
    let trained = features_knn(&mut session).await?;
    let features = ArmId::ALL.map(|id| [untrained[id.index()], trained[id.index()]]);
    let subject = subject(&url::encode(experiment), &args.experiment.file_names());
    let trace = recorded(&session, &info, &events)?;
    let evaluations = args.evaluations.map_or(usize::MAX, |most| most as usize);
    Ok(Outcome { shots: args.shots, evaluations, session, trace, features, subject })
}

/// A run under way.
struct Run<'a> {
    args: &'a TrainArgs,
    query: String,
    session: Session,
    events: Vec<Event>,
    untrained: [f64; 2],
}

impl Run<'_> {
    /// To its end, saved every few seconds and when it is stopped.
    async fn train(&mut self) -> Result<(), Failure> {
        const EVERY: Duration = Duration::from_secs(2);
        let steps = self.session.experiment().run.steps;
        if self.session.step() < steps {
            self.events.extend(self.session.handle(Command::Play).await?);
        }
        let bar = output::progress_bar(&self.args.run, steps.into(), "steps");
        let mut saved = Instant::now();
        while self.session.is_running() {
            self.events.extend(self.session.tick().await?);
            let step = self.session.step();
            bar.set_position(step.into());
            if interrupt::is_asked() || saved.elapsed() > EVERY {
                let kept = self.save().await?;
                saved = Instant::now();
                let help = if kept { "The same command with --resume goes on." } else { "With --out it could go on." };
                interrupt::check(|| format!("stopped at step {step} of {steps}. {help}"))?;
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Writes what is needed to go on, where there is a folder for it; whether there is.
    async fn save(&mut self) -> Result<bool, Failure> {
        let Some(folder) = &self.args.run.out else { return Ok(false) };
        let checkpoint = self.session.checkpoint().await?;
        let events = std::mem::take(&mut self.events);
        let part = Part { query: self.query.clone(), checkpoint, events, untrained: self.untrained };
        let written = part.write(folder);
        self.events = part.events;
        written.map(|()| true)
    }
}

/// Puts the data of `--files` in the place of the built-in one; the settings stay as the flags say.
async fn open_files(args: &TrainArgs, experiment: &Experiment, session: &mut Session) -> Result<Vec<Event>, Failure> {
    // Read once more by the session, but here what is wrong with them has an exit code.
    if args.experiment.dataset()?.is_none() {
        return Ok(Vec::new());
    }
    let mut events = session.handle(Command::OpenFiles(args.experiment.file_contents()?)).await?;
    let mut experiment = experiment.clone();
    experiment.run.data = DataName::Files;
    events.extend(session.handle(Command::Set(experiment)).await?);
    // Only what comes after the last restart belongs to this run.
    let restart = events.iter().rposition(|event| matches!(event, Event::Restarted { .. })).unwrap_or_default();
    Ok(events.split_off(restart))
}

/// kNN accuracy on both arms' encoder features; NaN for an arm that has stopped.
async fn features_knn(session: &mut Session) -> Result<[f64; 2], Failure> {
    let mut accuracies = [f64::NAN; 2];
    for id in ArmId::ALL {
        if !session.is_stopped(id) {
            accuracies[id.index()] = session.features_knn(id).await?;
        }
    }
    Ok(accuracies)
}

/// What `run.json` holds of every run, and what only this command knows: accuracies of raw inputs and encoder features.
fn document(outcome: &Outcome) -> Value {
    let mut document = record::document(&outcome.trace);
    document["subject"] = json!(outcome.subject);
    // What was taken for what, and what was left out of the files.
    document["notes"] = json!(outcome.session.data().notes);
    document["knn_raw"] = json!(outcome.session.raw_knn());
    for (at, [untrained, trained]) in outcome.features.into_iter().enumerate() {
        document["arms"][at]["knn_features"] = json!({"untrained": untrained, "trained": trained});
    }
    document
}

/// The run as the page replays it, with every evaluation's points.
fn recorded(session: &Session, info: &DeviceInfo, events: &[Event]) -> Result<Trace, Failure> {
    let mut recording = Recording::new(usize::MAX);
    recording.hear(&Event::Ready(info.clone()));
    recording.hear(&Event::Data(session.data_info()));
    events.iter().for_each(|event| recording.hear(event));
    recording.trace().ok_or_else(|| Failure::Run("run.trace: there is no run".to_owned()))
}

fn print(experiment: &Experiment, outcome: &Outcome) -> Result<(), Failure> {
    output::say(&format!("{}, {}", outcome.subject, outcome.trace.adapter))?;
    for id in ArmId::ALL {
        print_arm(experiment, &outcome.trace, id)?;
    }
    let ([[a0, a1], [b0, b1]], raw) = (outcome.features, outcome.session.raw_knn());
    if !outcome.session.data().has_classes() {
        output::say("\nheld-out kNN: none, for there are no classes")?;
        return batch_hashes(outcome);
    }
    output::say(&format!(
        "\nheld-out kNN: raw inputs {raw:.4}, encoder features {a0:.4} -> {a1:.4} (A), {b0:.4} -> {b1:.4} (B)"
    ))?;
    batch_hashes(outcome)
}

fn batch_hashes(outcome: &Outcome) -> Result<(), Failure> {
    let [a, b] = &outcome.trace.batch_hash;
    output::say(&format!("batch hash: A {a}, B {b}"))
}

/// About ten evaluations of an arm as a table, and how it stands at the end.
fn print_arm(experiment: &Experiment, trace: &Trace, id: ArmId) -> Result<(), Failure> {
    let settings: Vec<String> =
        ARM_PARAMS.iter().map(|param| format!("{}={}", param.key, (param.get)(experiment.arm(id)))).collect();
    output::say(&format!("\n{}: {}", id.key(), settings.join(" ")))?;
    let track = &trace.arms[id.index()];
    let all = &track.evaluations;
    let every = all.len().div_ceil(TABLE_ROWS).max(1);
    let shown = all.iter().enumerate().filter(|(at, _)| at % every == 0 || at + 1 == all.len());
    let shown = shown.map(|(_, evaluation)| evaluation);
    let row = |(step, values): &(u32, Vec<(Metric, f32)>)| {
        // What was not measured (a loss before the first step, kNN without classes) is not there.
        let text = |metric: Metric, write: &dyn Fn(f64) -> String| {
            let measured = values.iter().find(|(own, _)| *own == metric);
            measured.map_or_else(|| "-".to_owned(), |(_, value)| write(f64::from(*value)))
        };
        let four = |value: f64| format!("{value:.4}");
        vec![
            step.to_string(),
            text(Metric::Loss, &four),
            text(Metric::Knn, &four),
            text(Metric::NormQ50, &|value| number(value, 3)),
            text(Metric::Spread, &four),
            text(Metric::EffectiveRank, &|value| format!("{value:.2}")),
            text(Metric::AngularStep, &|value| format!("{value:.1e}")),
        ]
    };
    let rows: Vec<Vec<String>> = shown.map(row).collect();
    output::say(&output::columns(&["step", "loss", "knn", "norm", "spread", "rank", "angle"], &rows))?;
    match (&track.stopped, trace.standing(id).failure()) {
        (Some((_, reason)), _) => output::say(&format!("stopped: {reason}")),
        (None, Some(how)) => output::say(&format!("failed: this arm {how}")),
        (None, None) => Ok(()),
    }
}
