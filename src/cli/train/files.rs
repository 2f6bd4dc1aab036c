//! The files of a training run (docs/files.md says what is in each).

use std::path::Path;

use serde_json::{Value, json};

use super::outcome::Outcome;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::config::choices::Choice;
use crate::config::{ArmId, arm_name, told_apart};
use crate::data::tables::ArmsFile;
use crate::figure::curves;
use crate::metrics::{Embeddings, Metric};
use crate::protocol::Frame;
use crate::render::scene::{self, Cloud};
use crate::render::svg;
use crate::text::number;
use crate::trace::{Shot, Trace, Track, gzip, record};

/// Writes all of them; `document` is what `--json` prints.
pub async fn write(folder: &Path, outcome: &Outcome, document: &Value) -> Result<(), Failure> {
    output::write_file(&folder.join("run.json"), output::json(document)?.as_bytes())?;
    output::write_csv(&folder.join("metrics.csv"), &record::table(&outcome.trace))?;
    output::write_file(&folder.join("embeddings.npz"), &embeddings(outcome)?)?;
    let mut trace = outcome.trace.clone();
    for track in &mut trace.arms {
        track.thin(outcome.shots);
        track.thin_evaluations(outcome.evaluations);
    }
    let bytes = gzip::to_bytes(&trace).map_err(|error| Failure::Run(format!("run.trace: {error}")))?;
    output::write_file(&folder.join("run.trace"), &bytes)?;
    output::write_file(&folder.join("spheres.svg"), spheres(&trace).as_bytes())?;
    let model = outcome.session.model_file().await?;
    output::write_file(&folder.join("model.safetensors"), &model)?;
    let curve = |id: ArmId, metric: Metric| {
        outcome.trace.arms[id.index()].series(metric).into_iter().map(|(step, value)| [step, value]).collect()
    };
    output::write_figures(folder, &curves::figures(&outcome.trace.experiment().0, curve))
}

/// The held-out embeddings of both arms as they were evaluated last; an arm that failed before has none.
fn embeddings(outcome: &Outcome) -> Result<Vec<u8>, Failure> {
    let session = &outcome.session;
    let table = |id: ArmId| {
        let latest = session.latest(id)?;
        Embeddings::new(&latest.points, latest.dim).map(|z| (id.key(), z))
    };
    let arms: Vec<(&str, Embeddings<'_>)> = ArmId::ALL.into_iter().filter_map(table).collect();
    let steps = outcome.trace.arms.each_ref().map(|track| track.evaluations.last().map(|(step, _)| *step));
    let metadata = json!({
        "query": outcome.trace.query, "seed": outcome.trace.experiment().0.run.seed, "data": session.data().name,
        "classes": session.data().classes,
        "split": "held-out", "steps": {"a": steps[0], "b": steps[1]},
    });
    ArmsFile { arms: &arms, labels: &session.point_labels(), metadata: &metadata.to_string() }
        .to_bytes()
        .map_err(|error| Failure::Run(format!("embeddings.npz: {error}")))
}

/// The last points of both arms, with their norms.
fn spheres(trace: &Trace) -> String {
    let shots: Vec<&Shot> = trace.arms.iter().filter_map(|track| track.shots.last()).collect();
    let norm_range = scene::common_range(shots.iter().map(|shot| shot.norm_range()));
    let clouds: Vec<Cloud> = shots
        .iter()
        .map(|shot| {
            let mut cloud = Cloud::with_labels(trace.data.labels.clone());
            cloud.update(&shot.directions(), &shot.norms(), 1.0);
            cloud
        })
        .collect();
    let frame = Frame { norm_range, ..Frame::still(480, 480) };
    let experiment = trace.experiment().0;
    let title = |(id, track): (ArmId, &Track)| {
        let last = |metric: Metric| track.series(metric).last().map_or(f64::NAN, |(_, value)| *value);
        let (knn, norm) = (100.0 * last(Metric::Knn), last(Metric::NormQ50));
        let step = track.shots.last().map_or(0, |shot| shot.step);
        let norm = number(norm, 2);
        vec![
            format!("step {step}, kNN {knn:.1} %, median |z| {norm}"),
            drawn(experiment.arm(id).dim, last(Metric::DrawnShare)),
        ]
    };
    let titles: Vec<Vec<String>> = ArmId::ALL.into_iter().zip(&trace.arms).map(title).collect();
    let part = |((arm, cloud), captions): ((ArmId, _), &Vec<String>)| svg::Part {
        frame,
        cloud,
        arm,
        name: arm_name(&experiment, arm),
        settings: told_apart(&experiment, arm),
        captions: captions.clone(),
    };
    let parts: Vec<svg::Part<'_>> = ArmId::ALL.into_iter().zip(&clouds).zip(&titles).map(part).collect();
    let run = &experiment.run;
    let sheet = svg::Sheet {
        parts: &parts,
        title: format!("{} on {}, seed {}", run.method.label(), run.data.label(), run.seed),
        classes: &trace.data.classes,
        source: format!("Normscope: {}, seed {}, {} steps", trace.query, run.seed, trace.steps),
    };
    svg::draw(&sheet, false)
}

/// How much of the embeddings a sphere shows.
fn drawn(dim: u32, share: f64) -> String {
    if dim <= 3 {
        return format!("all {dim} dimensions");
    }
    format!("3 of {dim} dimensions, {:.0} % of the spread", 100.0 * share)
}
