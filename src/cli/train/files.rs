//! The files of a training run (docs/files.md says what is in each).

use std::path::Path;

use serde_json::{Value, json};

use super::{Outcome, metrics, series};
use crate::cli::{Failure, output};
use crate::config::{ArmId, Experiment, arm_label, url};
use crate::data::tables::ArmsFile;
use crate::engine::weights;
use crate::figure::scale::number;
use crate::figure::{Figure, curves};
use crate::metrics::{Embeddings, Metric};
use crate::protocol::{DeviceInfo, Event, Frame};
use crate::render::scene::{self, Cloud};
use crate::render::svg;
use crate::trace::tape::Tape;
use crate::trace::{self, Shot, Trace, Track};

/// Writes all of them; `document` is what `--json` prints.
pub async fn write(folder: &Path, experiment: &Experiment, outcome: &Outcome, document: &Value) -> Result<(), Failure> {
    output::write_file(&folder.join("run.json"), output::json(document)?.as_bytes())?;
    output::write_csv(&folder.join("metrics.csv"), &metrics(&outcome.events))?;
    output::write_file(&folder.join("embeddings.npz"), &embeddings(experiment, outcome)?)?;
    let trace = recorded(outcome)?;
    let bytes = trace::file::to_bytes(&trace).map_err(|error| Failure::Run(format!("run.trace: {error}")))?;
    output::write_file(&folder.join("run.trace"), &bytes)?;
    output::write_file(&folder.join("spheres.svg"), spheres(&trace).as_bytes())?;
    let model = weights::file(&outcome.session).await.map_err(Failure::Run)?;
    output::write_file(&folder.join("model.safetensors"), &model)?;
    output::write_figures(folder, &figures(experiment, &outcome.events))
}

/// The held-out embeddings of both arms as they were evaluated last; an arm that failed before has none.
fn embeddings(experiment: &Experiment, outcome: &Outcome) -> Result<Vec<u8>, Failure> {
    let session = &outcome.session;
    let table = |id: ArmId| {
        let latest = session.latest(id)?;
        Embeddings::new(&latest.points, latest.dim).map(|z| (id.key(), z))
    };
    let arms: Vec<(&str, Embeddings<'_>)> = ArmId::ALL.into_iter().filter_map(table).collect();
    let steps = ArmId::ALL.map(|id| series(&outcome.events, id).last().map(|row| row["step"].clone()));
    let metadata = json!({
        "query": url::encode(experiment), "seed": experiment.seed, "data": session.data().name, "classes": session.data().classes,
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
        let (label, norm) = (arm_label(&experiment, id), number(norm, 2));
        vec![
            format!("{label} at step {step}, kNN {knn:.1} %, median |z| {norm}"),
            drawn(experiment.arm(id).dim, last(Metric::DrawnShare)),
        ]
    };
    let titles: Vec<Vec<String>> = ArmId::ALL.into_iter().zip(&trace.arms).map(title).collect();
    let part = |(cloud, captions): (_, &Vec<String>)| svg::Part { frame, cloud, captions: captions.clone() };
    let parts: Vec<svg::Part<'_>> = clouds.iter().zip(&titles).map(part).collect();
    svg::draw(&parts, &format!("Normscope: {}, seed {}, {} steps", trace.query, experiment.seed, trace.steps), false)
}

/// How much of the embeddings a sphere shows.
fn drawn(dim: u32, share: f64) -> String {
    if dim <= 3 {
        return format!("all {dim} dimensions");
    }
    format!("3 of {dim} dimensions, {:.0} % of the spread", 100.0 * share)
}

/// The run as the page replays it.
fn recorded(outcome: &Outcome) -> Result<Trace, Failure> {
    let mut tape = Tape::new(usize::MAX);
    tape.hear(&Event::Ready(DeviceInfo {
        kind: outcome.device.clone(),
        adapter: outcome.adapter.clone(),
        ..DeviceInfo::default()
    }));
    tape.hear(&Event::Data(outcome.session.data_info()));
    outcome.events.iter().for_each(|event| tape.hear(event));
    let mut trace = tape.trace().ok_or_else(|| Failure::Run("run.trace: there is no run".to_owned()))?;
    trace.arms.iter_mut().for_each(|track| track.thin(outcome.shots));
    Ok(trace)
}

/// The run's curves; the loss at every step, all else at every evaluation.
fn figures(experiment: &Experiment, events: &[Event]) -> Vec<Figure> {
    curves::figures(experiment, |id, metric| {
        let evaluations = events.iter().filter_map(|event| match event {
            Event::Evaluated(evaluation) if evaluation.arm == id => Some(evaluation),
            _ => None,
        });
        match metric {
            Metric::Loss => evaluations
                .flat_map(|evaluation| evaluation.losses.iter().map(|(step, loss)| [f64::from(*step), *loss]))
                .collect(),
            _ => evaluations
                .filter_map(|evaluation| {
                    let value = evaluation.values.iter().find(|(measured, _)| *measured == metric)?.1;
                    Some([f64::from(evaluation.step), value])
                })
                .collect(),
        }
    })
}
